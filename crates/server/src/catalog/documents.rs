//! Documents: few, long-lived records that rows point at by number. The newest version of each is kept, as the JSON
//! object that it is exported as; a deletion is a version without one.

use std::collections::HashMap;

use tallyhouse_model::{AccountId, Micros, TableId};

use super::{Catalog, CatalogError};

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, within its account and table.
    pub id: u64,
    /// Its version: the greater one wins, on a tie the later arrival.
    pub version: Micros,
    /// The record as a JSON object; `None` where it is deleted.
    pub body: Option<String>,
}

/// What the forms of an account know of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormField {
    /// The account has no forms at all.
    NoForms,
    /// It has forms, and none has this field.
    Unknown,
    /// A field, by its type and its options: values and what they are called.
    Known {
        /// `field_type` of the form.
        field_type: String,
        /// Labels by values.
        labels: HashMap<String, String>,
    },
}

impl Catalog {
    /// Takes documents in, all or none of them, in this order. They are on disk when this returns.
    pub fn put_documents(
        &self,
        _account: AccountId,
        _table: TableId,
        _documents: &[Document],
    ) -> Result<(), CatalogError> {
        unimplemented!("being written")
    }

    /// Documents of a table in the order of their numbers, from behind one on; deletions among them if asked for.
    pub fn documents(
        &self,
        _account: AccountId,
        _table: TableId,
        _after: Option<u64>,
        _limit: usize,
        _deletions: bool,
    ) -> Result<Vec<Document>, CatalogError> {
        unimplemented!("being written")
    }

    /// The JSON objects of those of these documents that there are.
    pub fn documents_of(
        &self,
        _account: AccountId,
        _table: TableId,
        _ids: &[u64],
    ) -> Result<HashMap<u64, String>, CatalogError> {
        unimplemented!("being written")
    }

    /// What is known of a field of a form.
    pub fn form_field(&self, _account: AccountId, _field_id: u64) -> Result<FormField, CatalogError> {
        unimplemented!("being written")
    }
}
