//! What people are called. An answer can name all users of an account, and to look tens of thousands of documents up each
//! time would take longer than to count what they did; so the names of an account are remembered until a user changes.

use std::collections::HashMap;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use serde::Deserialize;
use tallyhouse_model::{AccountId, TableId};

use crate::catalog::{Catalog, CatalogError};

/// Bytes of remembered names, of all accounts together. Users of an account whose documents take more are looked up anew.
const BYTES_MAX: u64 = 64 << 20;

/// Documents that are read at once.
const PAGE: usize = 1_000;

/// Bytes that are assumed for a user beside their names.
const USER_BYTES: u64 = 96;

/// What somebody is called, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Name {
    /// The first name.
    pub first_name: Option<Box<str>>,
    /// The last name.
    pub last_name: Option<Box<str>>,
}

/// Users of an account by their numbers.
pub type Users = HashMap<u64, Name>;

/// Users as they were after so many changes.
#[derive(Clone)]
struct Known {
    changes: u64,
    bytes: u64,
    users: Arc<Users>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<AccountId, Known> for Weight {
    fn weight(&self, _: &AccountId, known: &Known) -> u64 {
        known.bytes
    }
}

/// The names that are remembered.
pub struct Names(Cache<AccountId, Known, Weight>);

impl Default for Names {
    fn default() -> Self {
        // One shard, or a large account would not fit into its share.
        let mut options = OptionsBuilder::new();
        let options = options.estimated_items_capacity(64).weight_capacity(BYTES_MAX).shards(1).build();
        let options = options.expect("capacities are given");
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self(Cache::with_options(options, Weight, hasher, lifecycle))
    }
}

impl Names {
    /// Those of these users that are known, and maybe more. Blocks.
    pub fn of(&self, catalog: &Catalog, account: AccountId, ids: &[u64]) -> Result<Arc<Users>, CatalogError> {
        // Read before the documents: what changes in between is noticed the next time.
        let changes = catalog.document_changes(account, TableId::Users)?;
        if let Some(known) = self.0.get(&account).filter(|known| known.changes == changes) {
            return Ok(known.users);
        }
        let size = catalog.documents_size(account, TableId::Users)?;
        let bytes = size.bytes + size.documents * USER_BYTES;
        if bytes > BYTES_MAX / 2 {
            return Ok(Arc::new(looked_up(catalog, account, ids)?));
        }
        let users = Arc::new(all(catalog, account)?);
        self.0.insert(account, Known { changes, bytes, users: Arc::clone(&users) });
        Ok(users)
    }
}

fn looked_up(catalog: &Catalog, account: AccountId, ids: &[u64]) -> Result<Users, CatalogError> {
    let mut users = Users::with_capacity(ids.len());
    for ids in ids.chunks(PAGE) {
        for (id, body) in catalog.documents_of(account, TableId::Users, ids)? {
            users.insert(id, name(id, &body)?);
        }
    }
    Ok(users)
}

fn all(catalog: &Catalog, account: AccountId) -> Result<Users, CatalogError> {
    let (mut users, mut last) = (Users::new(), None);
    loop {
        let page = catalog.documents(account, TableId::Users, last, PAGE, false)?;
        let Some(document) = page.last() else { return Ok(users) };
        last = Some(document.id);
        for document in &page {
            users.insert(document.id, name(document.id, document.body.as_deref().unwrap_or("{}"))?);
        }
    }
}

fn name(id: u64, body: &str) -> Result<Name, CatalogError> {
    serde_json::from_str(body).map_err(|_| CatalogError::Damaged(format!("user {id} is no JSON object")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Document;

    fn user(id: u64, version: i64, first_name: &str) -> Document {
        let body = format!(r#"{{"user_id":{id},"first_name":"{first_name}","last_name":null}}"#);
        Document { id, version, body: Some(body) }
    }

    #[test]
    fn names_are_remembered_until_a_user_changes() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let [one, other] = ["one", "other"].map(|name| catalog.create_account(name, 1).unwrap().id);
        let names = Names::default();
        assert!(names.of(&catalog, one, &[7]).unwrap().is_empty());
        catalog.put_documents(one, TableId::Users, &[user(7, 1, "Red"), user(8, 1, "Blue")]).unwrap();
        let users = names.of(&catalog, one, &[7]).unwrap();
        assert_eq!(users[&7], Name { first_name: Some("Red".into()), last_name: None });
        assert!(Arc::ptr_eq(&users, &names.of(&catalog, one, &[8]).unwrap()));
        assert!(names.of(&catalog, other, &[7]).unwrap().is_empty());
        // Another program changes the file.
        let command_line = Catalog::open(folder.path()).unwrap();
        let deletion = Document { id: 8, version: 2, body: None };
        command_line.put_documents(one, TableId::Users, &[user(7, 2, "Green"), deletion]).unwrap();
        let users = names.of(&catalog, one, &[7, 8]).unwrap();
        assert_eq!((users.len(), users[&7].first_name.as_deref()), (1, Some("Green")));
    }

    #[test]
    fn users_of_a_huge_account_are_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("one", 1).unwrap().id;
        catalog.put_documents(account, TableId::Users, &[user(7, 1, "Red"), user(8, 1, "Blue")]).unwrap();
        let users = looked_up(&catalog, account, &[8, 9]).unwrap();
        assert_eq!((users.len(), users[&8].first_name.as_deref()), (1, Some("Blue")));
    }
}
