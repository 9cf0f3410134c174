//! What people are called. An answer can name all users of an account, and to look tens of thousands of documents up each
//! time would take longer than to count what they did; so the names of an account are remembered until a user changes.

use std::collections::HashMap;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle, GuardResult};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use serde::Deserialize;
use tallyhouse_model::{AccountId, TableId};

use crate::catalog::{Catalog, CatalogError};

/// Bytes of remembered names, of all accounts together. Users of an account whose documents take more than half of it are
/// looked up anew.
const BYTES_MAX: u64 = 64 << 20;

/// Documents that are read at once.
const PAGE: usize = 500;

/// Bytes that are assumed for a user beside their names, and for an account beside its users.
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

/// How one answer finds out what users are called, however many pieces it is sent in.
pub enum UserLookup {
    /// All of the account, as they were when the answer began.
    All(Arc<Users>),
    /// There are too many: those who are asked for are read each time, and are as they are then.
    Anew(Arc<Catalog>, AccountId),
}

/// Users as they were after so many changes.
#[derive(Clone)]
struct Known {
    changes: u64,
    bytes: u64,
    /// Nothing where there are too many.
    users: Option<Arc<Users>>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<AccountId, Known> for Weight {
    fn weight(&self, _: &AccountId, known: &Known) -> u64 {
        known.bytes
    }
}

/// The names that are remembered.
pub struct UserNames {
    accounts: Cache<AccountId, Known, Weight>,
    account_bytes_max: u64,
}

impl Default for UserNames {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl UserNames {
    /// Remembers names of about so many bytes.
    pub fn new(bytes_max: u64) -> Self {
        // One shard, or a large account would not fit into its share.
        let mut options = OptionsBuilder::new();
        let options = options.estimated_items_capacity(64).weight_capacity(bytes_max).shards(1).build();
        let options = options.expect("capacities are given");
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        let accounts = Cache::with_options(options, Weight, hasher, lifecycle);
        Self { accounts, account_bytes_max: bytes_max / 2 }
    }

    /// How an answer that begins now names users of this account. Blocks.
    pub fn lookup(&self, catalog: &Arc<Catalog>, account: AccountId) -> Result<UserLookup, CatalogError> {
        // Read before the documents: what changes in between is noticed the next time.
        let changes = catalog.document_changes(account, TableId::Users)?;
        Ok(match self.known(catalog, account, changes)?.users {
            Some(users) => UserLookup::All(users),
            None => UserLookup::Anew(Arc::clone(catalog), account),
        })
    }

    /// Users as they are after so many changes or more. One caller at a time reads those of an account; others wait and
    /// share them.
    fn known(&self, catalog: &Catalog, account: AccountId, changes: u64) -> Result<Known, CatalogError> {
        loop {
            match self.accounts.get_value_or_guard(&account, None) {
                GuardResult::Value(known) if known.changes >= changes => return Ok(known),
                // Only what is too old, or two callers could drive out what the other has just read.
                GuardResult::Value(_) => {
                    self.accounts.remove_if(&account, |known| known.changes < changes);
                }
                GuardResult::Guard(guard) => {
                    let known = self.read(catalog, account, changes)?;
                    // It is not taken in where there is no room for it.
                    let _not_kept = guard.insert(known.clone());
                    return Ok(known);
                }
                // There is no limit to the waiting.
                GuardResult::Timeout => {}
            }
        }
    }

    fn read(&self, catalog: &Catalog, account: AccountId, changes: u64) -> Result<Known, CatalogError> {
        let size = catalog.documents_size(account, TableId::Users)?;
        let bytes = USER_BYTES + size.bytes + size.documents * USER_BYTES;
        if bytes > self.account_bytes_max {
            return Ok(Known { changes, bytes: USER_BYTES, users: None });
        }
        Ok(Known { changes, bytes, users: Some(Arc::new(all(catalog, account)?)) })
    }
}

impl UserLookup {
    /// Those of these users that are known, and maybe more. Blocks.
    pub fn of(&self, ids: &[u64]) -> Result<Arc<Users>, CatalogError> {
        match self {
            UserLookup::All(users) => Ok(Arc::clone(users)),
            UserLookup::Anew(catalog, account) => looked_up(catalog, *account, ids).map(Arc::new),
        }
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

    struct Rig {
        folder: tempfile::TempDir,
        catalog: Arc<Catalog>,
        accounts: [AccountId; 2],
    }

    /// A catalog with two accounts; the first one has two users.
    fn rig() -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let accounts = ["one", "other"].map(|name| catalog.create_account(name, 1).unwrap().id);
        let rig = Rig { folder, catalog, accounts };
        rig.put(&[user(7, 1, "Red"), user(8, 1, "Blue")]);
        rig
    }

    impl Rig {
        fn put(&self, users: &[Document]) {
            self.catalog.put_documents(self.accounts[0], TableId::Users, users).unwrap();
        }

        fn lookup(&self, names: &UserNames) -> UserLookup {
            names.lookup(&self.catalog, self.accounts[0]).unwrap()
        }
    }

    fn first_name(lookup: &UserLookup, id: u64) -> Option<Box<str>> {
        lookup.of(&[id]).unwrap()[&id].first_name.clone()
    }

    #[test]
    fn names_are_remembered_until_a_user_changes() {
        let rig = rig();
        let names = UserNames::default();
        let lookup = rig.lookup(&names);
        let users = lookup.of(&[7]).unwrap();
        assert_eq!(users[&7], Name { first_name: Some("Red".into()), last_name: None });
        assert!(Arc::ptr_eq(&users, &rig.lookup(&names).of(&[8]).unwrap()));
        assert!(names.lookup(&rig.catalog, rig.accounts[1]).unwrap().of(&[7]).unwrap().is_empty());
        // Another program changes the file.
        let command_line = Catalog::open(rig.folder.path()).unwrap();
        let deletion = Document { id: 8, version: 2, body: None };
        command_line
            .put_documents(rig.accounts[0], TableId::Users, &[user(7, 2, "Green"), deletion])
            .unwrap();
        let users = rig.lookup(&names).of(&[7, 8]).unwrap();
        assert_eq!((users.len(), users[&7].first_name.as_deref()), (1, Some("Green")));
        // An answer that has begun goes on as it was.
        assert_eq!(first_name(&lookup, 7).as_deref(), Some("Red"));
        assert_eq!(first_name(&lookup, 8).as_deref(), Some("Blue"));
    }

    #[test]
    fn answers_that_begin_together_share_what_one_of_them_reads() {
        let rig = rig();
        let users: Vec<_> = (0..5_000).map(|id| user(id, 2, "Grey")).collect();
        let (names, barrier) = (UserNames::default(), std::sync::Barrier::new(4));
        for version in 3..6 {
            rig.put(&users);
            rig.put(&[user(7, version, &version.to_string())]);
            let begin = || {
                barrier.wait();
                rig.lookup(&names).of(&[7]).unwrap()
            };
            let begun = std::thread::scope(|scope| {
                [(); 4].map(|()| scope.spawn(begin)).map(|thread| thread.join().unwrap())
            });
            assert!(begun.iter().all(|users| Arc::ptr_eq(users, &begun[0])));
            assert_eq!(begun[0][&7].first_name, Some(version.to_string().into()));
        }
    }

    #[test]
    fn users_of_a_huge_account_are_looked_up_and_that_is_remembered() {
        let rig = rig();
        let size = rig.catalog.documents_size(rig.accounts[0], TableId::Users).unwrap();
        let bytes = size.bytes + 3 * USER_BYTES;
        assert!(matches!(rig.lookup(&UserNames::new(2 * bytes)), UserLookup::All(_)));
        let names = UserNames::new(2 * bytes - 1);
        let lookup = rig.lookup(&names);
        assert!(matches!(lookup, UserLookup::Anew(..)));
        let users = lookup.of(&[8, 9]).unwrap();
        assert_eq!((users.len(), users[&8].first_name.as_deref()), (1, Some("Blue")));
        let known = names.accounts.get(&rig.accounts[0]).unwrap();
        assert!(known.users.is_none() && known.changes == 1);
        rig.put(&[user(8, 2, "Green")]);
        assert_eq!(first_name(&lookup, 8).as_deref(), Some("Green"));
    }

    #[test]
    fn a_user_that_cannot_be_read_is_an_error_where_it_is_asked_for() {
        let rig = rig();
        rig.put(&[Document { id: 9, version: 1, body: Some("[".to_owned()) }]);
        let names = UserNames::default();
        for _ in 0..2 {
            assert!(names.lookup(&rig.catalog, rig.accounts[0]).is_err(), "nobody waits for what failed");
        }
        let lookup = rig.lookup(&UserNames::new(0));
        assert_eq!(first_name(&lookup, 7).as_deref(), Some("Red"));
        assert!(matches!(lookup.of(&[9]), Err(CatalogError::Damaged(_))));
    }
}
