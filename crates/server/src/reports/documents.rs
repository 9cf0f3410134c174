//! What the documents that rows point at are called.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use tallyhouse_model::{AccountId, TableId};
use tallyhouse_store::QueryError;

use crate::catalog::Catalog;

/// Documents that are asked for at once.
pub const DOCUMENTS_MAX: usize = 500;

/// Those of these documents that there are, as far as they are asked for by `T`. At most [`DOCUMENTS_MAX`]. A catalog that
/// cannot be read is as damaged as a part of the store: both are for the operator, and end an answer that has begun.
pub fn find<T: DeserializeOwned>(
    catalog: &Catalog,
    account: AccountId,
    table: TableId,
    ids: &[u64],
) -> Result<HashMap<u64, T>, QueryError> {
    debug_assert!(ids.len() <= DOCUMENTS_MAX, "documents are asked for in chunks");
    let found = catalog.documents_of(account, table, ids);
    let found = found.map_err(|error| QueryError::Damaged(error.to_string()))?;
    let parse = |(id, body): (u64, String)| match serde_json::from_str(&body) {
        Ok(document) => Ok((id, document)),
        Err(error) => Err(QueryError::Damaged(format!("the document {id} of {table:?}: {error}"))),
    };
    found.into_iter().map(parse).collect()
}
