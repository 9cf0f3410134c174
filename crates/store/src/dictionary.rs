//! Dictionaries: string ↔ dense id, one per account and namespace.
//!
//! Ids begin at 1; 0 stands for absent. Entries that a flush has written live in two append-only files (`.strings`
//! holds the bytes, `.entries` where each ends and its hash); later ones live in memory and are made again from the
//! log after a crash. How many entries count is in `store.db`; bytes beyond that are from a flush that did not
//! commit and get overwritten. The stored hash doubles as a checksum: a string that does not match is never given out.

mod file;
mod index;
mod open;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tallyhouse_model::AccountId;

use crate::damage::Damage;

pub use file::FlushedLength;
pub use open::{Dictionary, DictionaryStrings};

/// All dictionaries of a store, opened when they are first asked for.
pub struct Dictionaries {
    folder: PathBuf,
    seed: u64,
    open: RwLock<HashMap<(AccountId, &'static str), Arc<Dictionary>>>,
    flushed: RwLock<HashMap<(AccountId, String), FlushedLength>>,
}

impl Dictionaries {
    /// The dictionaries in this folder, with the lengths that `store.db` vouches for.
    pub fn new(folder: &Path, seed: u64, flushed: HashMap<(AccountId, String), FlushedLength>) -> Self {
        Self { folder: folder.to_path_buf(), seed, open: RwLock::default(), flushed: RwLock::new(flushed) }
    }

    /// The dictionary of an account and namespace.
    pub fn of(&self, account: AccountId, namespace: &'static str) -> Arc<Dictionary> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(dictionary) = open.get(&(account, namespace)) {
            return Arc::clone(dictionary);
        }
        drop(open);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let flushed = self.flushed.read().unwrap_or_else(PoisonError::into_inner);
        let length = flushed.get(&(account, namespace.to_owned())).copied().unwrap_or_default();
        let dictionary = open.entry((account, namespace)).or_insert_with(|| {
            Arc::new(Dictionary::new(self.folder.join(account.0.to_string()), namespace, self.seed, length))
        });
        Arc::clone(dictionary)
    }

    /// Every dictionary with entries that are in memory only.
    pub fn unflushed(&self) -> Vec<(AccountId, &'static str, Arc<Dictionary>)> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.iter()
            .filter(|(_, dictionary)| dictionary.has_unflushed())
            .map(|((account, namespace), dictionary)| (*account, *namespace, Arc::clone(dictionary)))
            .collect()
    }

    /// Reads every dictionary that `store.db` vouches for; answers files, bytes and what is wrong.
    pub fn check_all(&self) -> (u64, u64, Vec<Damage>) {
        let flushed = self.flushed.read().unwrap_or_else(PoisonError::into_inner);
        let (mut files, mut bytes, mut damages) = (0, 0, Vec::new());
        for ((account, namespace), length) in &*flushed {
            let folder = self.folder.join(account.0.to_string());
            files += 2;
            bytes += length.bytes + u64::from(length.entries) * 16;
            damages.extend(file::check(&folder, namespace, self.seed, *length));
            damages.extend(index::check(&folder, namespace).err());
        }
        (files, bytes, damages)
    }
}
