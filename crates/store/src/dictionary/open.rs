//! One dictionary in use: flushed entries from their files, later ones from memory.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::file::{self, FlushedEntries, FlushedLength};
use super::index;
use crate::damage::Damage;
use crate::hash_index::HashIndex;

/// A dictionary. Readers and the writer share it; entries are only ever added.
pub struct Dictionary {
    folder: PathBuf,
    namespace: &'static str,
    seed: u64,
    state: RwLock<State>,
}

struct State {
    /// What `store.db` vouches for.
    flushed_length: FlushedLength,
    /// The files, mapped at first use.
    flushed: Option<FlushedEntries>,
    /// Strings of later entries: all bytes, and where each ends.
    tail_bytes: Vec<u8>,
    tail_ends: Vec<usize>,
    tail_hashes: Vec<u64>,
    /// What finds strings; made at the first one that is looked for, since readers need none of it.
    lookup: Option<Lookup>,
    /// How many entries were flushed when the index file could last not be made anew.
    index_failed_at: u32,
}

struct Lookup {
    /// Finds the first `indexed` entries, from a file.
    index: Option<HashIndex>,
    indexed: u32,
    /// Ids of all entries beyond those.
    recent: HashTable<u32>,
}

impl Dictionary {
    /// A dictionary of which this much is on disk.
    pub(super) fn new(
        folder: PathBuf,
        namespace: &'static str,
        seed: u64,
        flushed_length: FlushedLength,
    ) -> Self {
        let state = State {
            flushed_length,
            flushed: None,
            tail_bytes: Vec::new(),
            tail_ends: Vec::new(),
            tail_hashes: Vec::new(),
            lookup: None,
            index_failed_at: 0,
        };
        Self { folder, namespace, seed, state: RwLock::new(state) }
    }

    /// Appends the id of each string to `ids`, making entries for new ones; 0 for absent ones.
    pub fn intern_all<'a>(
        &self,
        strings: impl Iterator<Item = Option<&'a [u8]>>,
        ids: &mut Vec<u64>,
    ) -> Result<(), Damage> {
        let mut state = self.write();
        self.open_files(&mut state)?;
        self.open_lookup(&mut state)?;
        for string in strings {
            ids.push(match string {
                Some(string) => u64::from(self.intern(&mut state, string)?),
                None => 0,
            });
        }
        Ok(())
    }

    /// The id of a string, if it has one.
    pub fn id(&self, string: &[u8]) -> Result<Option<u32>, Damage> {
        let hash = xxh3_64_with_seed(string, self.seed);
        let state = self.read();
        if state.flushed.is_some() && state.lookup.is_some() {
            return state.find(hash, string);
        }
        drop(state);
        let mut state = self.write();
        self.open_files(&mut state)?;
        self.open_lookup(&mut state)?;
        state.find(hash, string)
    }

    /// A view for reading strings by id.
    pub fn reader(&self) -> Result<DictionaryReader<'_>, Damage> {
        let state = self.read();
        if state.flushed.is_some() || state.flushed_length.entries == 0 {
            return Ok(DictionaryReader(state));
        }
        drop(state);
        self.open_files(&mut self.write())?;
        Ok(DictionaryReader(self.read()))
    }

    /// The same for whoever takes long: it keeps nobody from adding entries.
    pub fn strings(&self) -> Result<DictionaryStrings<'_>, Damage> {
        let state = self.read();
        let flushed = match state.flushed.clone() {
            Some(flushed) => flushed,
            None => {
                drop(state);
                let mut state = self.write();
                self.open_files(&mut state)?;
                state.flushed.clone().expect("they were just opened")
            }
        };
        Ok(DictionaryStrings { dictionary: self, flushed })
    }

    /// Whether entries are in memory only.
    pub(super) fn has_unflushed(&self) -> bool {
        !self.read().tail_ends.is_empty()
    }

    /// Writes the entries that are in memory only to the files and waits until they are on disk. They count once
    /// the length that is answered is in `store.db`; tell with [`flushed`](Self::flushed).
    pub fn flush(&self) -> std::io::Result<FlushedLength> {
        // Copied, so that nobody who adds entries waits for the disk.
        let (length, bytes, ends) = {
            let state = self.read();
            (state.flushed_length, state.tail_bytes.clone(), state.tail_ends.clone())
        };
        let starts = std::iter::once(&0).chain(&ends);
        let strings = starts.zip(&ends).map(|(start, end)| &bytes[*start..*end]);
        file::append(&self.folder, self.namespace, length, self.seed, strings)
    }

    /// Takes over what a flush has written: memory is freed, and now and then the index file is made anew.
    pub fn flushed(&self, length: FlushedLength) -> Result<(), Damage> {
        let mut state = self.write();
        let entries = (length.entries - state.flushed_length.entries) as usize;
        let bytes = (length.bytes - state.flushed_length.bytes) as usize;
        state.flushed = Some(FlushedEntries::open(&self.folder, self.namespace, self.seed, length)?);
        state.flushed_length = length;
        state.tail_bytes.drain(..bytes);
        state.tail_ends.drain(..entries);
        state.tail_ends.iter_mut().for_each(|end| *end -= bytes);
        state.tail_hashes.drain(..entries);
        drop(state);
        self.renew_index()
    }

    fn intern(&self, state: &mut State, string: &[u8]) -> Result<u32, Damage> {
        let hash = xxh3_64_with_seed(string, self.seed);
        if let Some(id) = state.find(hash, string)? {
            return Ok(id);
        }
        state.tail_bytes.extend_from_slice(string);
        state.tail_ends.push(state.tail_bytes.len());
        state.tail_hashes.push(hash);
        let id = state.count();
        let State { lookup, flushed, tail_hashes, .. } = state;
        let lookup = lookup.as_mut().expect("the caller opened it");
        let hash_of = |id: &u32| hash_of_id(flushed.as_ref(), tail_hashes, *id);
        lookup.recent.insert_unique(hash, id, hash_of);
        Ok(id)
    }

    fn open_files(&self, state: &mut State) -> Result<(), Damage> {
        if state.flushed.is_none() {
            let files = FlushedEntries::open(&self.folder, self.namespace, self.seed, state.flushed_length)?;
            state.flushed = Some(files);
        }
        Ok(())
    }

    fn open_lookup(&self, state: &mut State) -> Result<(), Damage> {
        if state.lookup.is_some() {
            return Ok(());
        }
        let index = index::open(&self.folder, self.namespace, self.seed, state.flushed_length.entries);
        state.set_lookup(index)
    }

    /// Once a fifth of the flushed entries is not in the index file (so that memory stays bounded by that, and
    /// rewriting costs each entry about five times), writes a new one, while the dictionary goes on being used. A
    /// failure only costs memory, and is tried again a fifth later.
    fn renew_index(&self) -> Result<(), Damage> {
        let Some(files) = self.files_to_index() else { return Ok(()) };
        if let Err(error) = index::write(&self.folder, self.namespace, self.seed, &files) {
            tracing::warn!(namespace = self.namespace, %error, "the dictionary's index file could not be written");
            self.write().index_failed_at = files.count();
            return Ok(());
        }
        let index = index::open(&self.folder, self.namespace, self.seed, files.count());
        self.write().set_lookup(index)
    }

    /// The flushed entries, if too many of them are not in the index file.
    fn files_to_index(&self) -> Option<FlushedEntries> {
        let state = self.read();
        let (lookup, flushed) = (state.lookup.as_ref()?, state.flushed_length.entries);
        let indexed = lookup.indexed.max(state.index_failed_at);
        let is_due = flushed - indexed >= index::RENEW_ENTRIES_MIN.max(flushed / 5);
        if is_due { state.flushed.clone() } else { None }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&self) -> u32 {
        self.flushed_length.entries + u32::try_from(self.tail_ends.len()).expect("ids have 32 bits")
    }

    fn tail_string(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.tail_ends[at - 1] };
        &self.tail_bytes[start..self.tail_ends[at]]
    }

    fn string(&self, id: u32) -> Result<&[u8], Damage> {
        let position = id.checked_sub(1).filter(|_| id <= self.count());
        let position =
            position.ok_or_else(|| Damage::in_database(format!("there is no dictionary entry {id}")))?;
        match position.checked_sub(self.flushed_length.entries) {
            Some(tail) => Ok(self.tail_string(tail as usize)),
            None => self.flushed.as_ref().expect("whoever reads opened the files").string(position),
        }
    }

    fn find(&self, hash: u64, string: &[u8]) -> Result<Option<u32>, Damage> {
        let lookup = self.lookup.as_ref().expect("the caller opened it");
        let hash_of = |id: u32| hash_of_id(self.flushed.as_ref(), &self.tail_hashes, id);
        let mut damage = None;
        let recent = lookup.recent.find(hash, |id| {
            hash_of(*id) == hash
                && self.string(*id).map_or_else(
                    |error| {
                        damage = Some(error);
                        true
                    },
                    |found| found == string,
                )
        });
        if let Some(damage) = damage {
            return Err(damage);
        }
        if let Some(id) = recent {
            return Ok(Some(*id));
        }
        let Some(index) = &lookup.index else { return Ok(None) };
        let mut id = None;
        index.find(hash, |position| {
            if self.string(position + 1)? == string {
                id = Some(position + 1);
            }
            Ok(id.is_some())
        })?;
        Ok(id)
    }

    /// Entries that are found by the hash in their file are compared with it first: one with a flipped bit would not
    /// be found, and its string would get a second id.
    fn set_lookup(&mut self, index: Option<HashIndex>) -> Result<(), Damage> {
        let indexed = index.as_ref().map_or(0, |index| index.count() as u32);
        let mut recent = HashTable::with_capacity((self.count() - indexed) as usize);
        let hash_of = |id: &u32| hash_of_id(self.flushed.as_ref(), &self.tail_hashes, *id);
        for id in indexed + 1..=self.count() {
            self.string(id)?;
            recent.insert_unique(hash_of(&id), id, hash_of);
        }
        self.lookup = Some(Lookup { index, indexed, recent });
        Ok(())
    }
}

fn hash_of_id(flushed: Option<&FlushedEntries>, tail_hashes: &[u64], id: u32) -> u64 {
    let flushed_count = flushed.map_or(0, FlushedEntries::count);
    match (id - 1).checked_sub(flushed_count) {
        Some(tail) => tail_hashes[tail as usize],
        None => flushed.expect("there are flushed entries").hash(id - 1),
    }
}

/// Reads strings by id; those that were flushed when it was made without a lock.
pub struct DictionaryStrings<'a> {
    dictionary: &'a Dictionary,
    flushed: FlushedEntries,
}

impl DictionaryStrings<'_> {
    /// Hands over the string of an id above 0.
    pub fn with<T>(&self, id: u32, take: impl FnOnce(&[u8]) -> T) -> Result<T, Damage> {
        match id.checked_sub(1) {
            Some(position) if position < self.flushed.count() => Ok(take(self.flushed.string(position)?)),
            _ => Ok(take(self.dictionary.read().string(id)?)),
        }
    }
}

/// Reads strings by id. Holds the dictionary open for reading, so it should not live long.
pub struct DictionaryReader<'a>(RwLockReadGuard<'a, State>);

impl DictionaryReader<'_> {
    /// The string of an id above 0.
    pub fn string(&self, id: u32) -> Result<&[u8], Damage> {
        self.0.string(id)
    }

    /// The text of an id above 0.
    pub fn text(&self, id: u32) -> Result<&str, Damage> {
        std::str::from_utf8(self.string(id)?)
            .map_err(|_| Damage::in_database(format!("dictionary entry {id} is not a text")))
    }

    /// The number of an id above 0.
    pub fn integer(&self, id: u32) -> Result<u64, Damage> {
        let bytes = self.string(id)?.try_into();
        bytes
            .map(u64::from_le_bytes)
            .map_err(|_| Damage::in_database(format!("dictionary entry {id} is not a number")))
    }

    /// How many entries there are; ids go up to this.
    pub fn count(&self) -> u32 {
        self.0.count()
    }
}
