//! What user agents said, remembered within bounds and shared by all requests.
//!
//! Each shard has a young and an old table. New agents go to the young one; when that is full it becomes the old one,
//! whose agents are forgotten unless they are asked for, which makes them young again. So what is in use stays.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher as _;

use super::Agent;

/// Shards, so that requests seldom wait for each other.
const SHARDS: usize = 16;

/// Bytes that are remembered at most, in both tables of all shards.
const BYTES_MAX: usize = 16 << 20;

/// Bytes of an entry beyond its texts, roughly. They bound the number of entries, to some 60,000.
const ENTRY_BYTES: usize = 128;

/// Bytes of one table.
const TABLE_BYTES_MAX: usize = BYTES_MAX / SHARDS / 2;

/// Remembers agents.
#[derive(Debug, Default)]
pub struct AgentMemory {
    hasher: DefaultHashBuilder,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    young: HashTable<Entry>,
    young_bytes: usize,
    old: HashTable<Entry>,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    text: Box<str>,
    agent: Arc<Agent>,
}

impl AgentMemory {
    /// What this text said, if that is remembered.
    pub fn get(&self, text: &str) -> Option<Arc<Agent>> {
        let hash = self.hasher.hash_one(text);
        let mut shard = self.shard(hash);
        if let Some(entry) = shard.young.find(hash, |entry| *entry.text == *text) {
            return Some(Arc::clone(&entry.agent));
        }
        let (entry, _) = shard.old.find_entry(hash, |entry| *entry.text == *text).ok()?.remove();
        let agent = Arc::clone(&entry.agent);
        shard.insert(entry);
        Some(agent)
    }

    /// Remembers what a text said.
    pub fn put(&self, text: &str, agent: Arc<Agent>) {
        let hash = self.hasher.hash_one(text);
        let mut shard = self.shard(hash);
        // Another request may have asked for the same agent meanwhile.
        if shard.young.find(hash, |entry| *entry.text == *text).is_none() {
            shard.insert(Entry { hash, text: text.into(), agent });
        }
    }

    fn shard(&self, hash: u64) -> std::sync::MutexGuard<'_, Shard> {
        // Bits from the middle: tables use those at both ends.
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        // A panic in between loses an entry at worst.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn insert(&mut self, entry: Entry) {
        let bytes = entry.text.len() + entry.agent.device_info.len() + ENTRY_BYTES;
        if self.young_bytes + bytes > TABLE_BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert_unique(entry.hash, entry, |entry| entry.hash);
    }
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::DeviceClass;

    use super::*;

    fn agent(text: &str) -> Arc<Agent> {
        Arc::new(Agent { device: DeviceClass::Other, device_info: text.into() })
    }

    fn bytes(memory: &AgentMemory) -> usize {
        let table = |table: &HashTable<Entry>| -> usize {
            table.iter().map(|entry| entry.text.len() + entry.agent.device_info.len() + ENTRY_BYTES).sum()
        };
        let shards = memory.shards.iter().map(|shard| shard.lock().unwrap());
        shards.map(|shard| table(&shard.young) + table(&shard.old)).sum()
    }

    #[test]
    fn what_was_put_is_got() {
        let memory = AgentMemory::default();
        memory.put("a", agent("one"));
        memory.put("b", agent("two"));
        assert_eq!(memory.get("a"), Some(agent("one")));
        assert_eq!(memory.get("b"), Some(agent("two")));
        assert_eq!(memory.get("c"), None);
    }

    #[test]
    fn memory_is_bounded_and_what_is_asked_for_again_and_again_stays() {
        let memory = AgentMemory::default();
        memory.put("in use", agent("kept"));
        for index in 0..40_000 {
            memory.put(&format!("{index:01000}"), agent("once"));
            assert_eq!(memory.get("in use"), Some(agent("kept")), "{index}");
        }
        assert!(bytes(&memory) <= BYTES_MAX, "{}", bytes(&memory));
        assert_eq!(memory.get(&format!("{:01000}", 0)), None);
        assert!(memory.get(&format!("{:01000}", 39_999)).is_some());
    }
}
