//! What the documents that rows point at are called.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use tallyhouse_model::{AccountId, TableId};
use tallyhouse_store::QueryError;

use crate::catalog::{Catalog, CatalogError};

/// Documents that are asked for at once.
pub const DOCUMENTS_MAX: usize = 500;

/// Those of these documents that there are, as far as they are asked for by `T`. At most [`DOCUMENTS_MAX`].
pub fn find<T: DeserializeOwned>(
    catalog: &Catalog,
    account: AccountId,
    table: TableId,
    ids: &[u64],
) -> Result<HashMap<u64, T>, QueryError> {
    debug_assert!(ids.len() <= DOCUMENTS_MAX, "documents are asked for in chunks");
    let found = catalog.documents_of(account, table, ids);
    let found = found.map_err(unread)?;
    let parse = |(id, body): (u64, String)| match serde_json::from_str(&body) {
        Ok(document) => Ok((id, document)),
        Err(error) => Err(QueryError::Damaged(format!("the document {id} of {table:?}: {error}"))),
    };
    found.into_iter().map(parse).collect()
}

/// Why documents could not be read, as the store would say it, for answers that have begun. A catalog that cannot be read is
/// as damaged as a part of the store: both are for the operator.
pub fn unread(error: CatalogError) -> QueryError {
    if error.is_busy() {
        tracing::warn!(%error, "the catalog is busy");
        return QueryError::Cancelled;
    }
    QueryError::Damaged(error.to_string())
}
