//! Writes the JSON of a snapshot piece by piece: lists that say how long they are and show as much as there is room for.

use serde::Serialize;

use crate::catalog::SNAPSHOT_BYTES_MAX;

/// Entries of a list at most.
const LIST_ENTRIES_MAX: usize = 100_000;

/// Bytes of all lists together after which nothing is added to any.
const LISTS_BYTES_MAX: usize = 64 << 20;

/// Different targets that are counted at once: with 60 bytes each they take some 120 MB meanwhile.
const GROUPS_MAX: usize = 2_000_000;

const _: () = assert!(LISTS_BYTES_MAX * 2 < SNAPSHOT_BYTES_MAX, "there is room for what is around the lists");

/// What bounds a body. Tests have smaller bounds.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Entries of a list at most.
    pub entries: usize,
    /// Bytes after which no list gets longer.
    pub bytes: usize,
    /// Different targets that are counted at once.
    pub groups: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { entries: LIST_ENTRIES_MAX, bytes: LISTS_BYTES_MAX, groups: GROUPS_MAX }
    }
}

/// JSON that is being written.
pub struct BodyWriter {
    json: Vec<u8>,
    bounds: Bounds,
    /// Entries so far of each list that is open, the innermost last.
    open: Vec<usize>,
}

impl BodyWriter {
    /// Nothing yet.
    pub fn new(bounds: Bounds) -> Self {
        Self { json: Vec::new(), bounds, open: Vec::new() }
    }

    /// What bounds it.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Text that is part of JSON.
    pub fn raw(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    /// A value as JSON.
    pub fn value(&mut self, value: &impl Serialize) {
        serde_json::to_writer(&mut self.json, value).expect("writing to memory does not fail");
    }

    /// Begins a list of so many entries, whether or not it shows all of them.
    pub fn begin_list(&mut self, count: u64) {
        self.raw("{\"count\":");
        self.value(&count);
        self.raw(",\"entries\":[");
        self.open.push(0);
    }

    /// Begins an entry of the innermost list.
    pub fn begin_entry(&mut self) {
        let entries = self.open.last_mut().expect("entries are in lists");
        *entries += 1;
        if *entries > 1 {
            self.raw(",");
        }
    }

    /// Adds an entry to the innermost list, unless there is no room for it. Whether there was.
    pub fn entry(&mut self, value: &impl Serialize) -> bool {
        let entries = *self.open.last().expect("entries are in lists");
        if entries >= self.bounds.entries || !self.has_room() {
            return false;
        }
        self.begin_entry();
        self.value(value);
        true
    }

    /// Entries that the innermost list may still get, unless the bytes end before.
    pub fn entries_max(&self) -> usize {
        if self.has_room() { self.bounds.entries } else { 0 }
    }

    /// Whether another entry may be added to any list.
    pub fn has_room(&self) -> bool {
        self.json.len() < self.bounds.bytes
    }

    /// Ends the innermost list.
    pub fn end_list(&mut self) {
        self.open.pop().expect("a list was begun");
        self.raw("]}");
    }

    /// What was written.
    pub fn into_json(self) -> Vec<u8> {
        debug_assert!(self.open.is_empty(), "all lists were ended");
        self.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_shows_no_more_than_there_is_room_for_and_says_how_long_it_is() {
        for (bounds, text) in [
            (Bounds { entries: 9, bytes: 99, groups: 1 }, r#"{"count":3,"entries":["a","b","c"]}"#),
            (Bounds { entries: 2, bytes: 99, groups: 1 }, r#"{"count":3,"entries":["a","b"]}"#),
            (Bounds { entries: 9, bytes: 24, groups: 1 }, r#"{"count":3,"entries":["a"]}"#),
            (Bounds { entries: 9, bytes: 3, groups: 1 }, r#"{"count":3,"entries":[]}"#),
        ] {
            let mut body = BodyWriter::new(bounds);
            body.begin_list(3);
            ["a", "b", "c"].into_iter().all(|entry| body.entry(&entry));
            body.end_list();
            assert_eq!(String::from_utf8(body.into_json()).unwrap(), text);
        }
    }
}
