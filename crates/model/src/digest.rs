//! Keys of rows that are not named by a UUID: 128 bits of SHA-256 over what names them.
//!
//! A cryptographic digest, because the text comes from outside: two names that could be made to collide would
//! silently replace each other's rows. It is the same in every store, so row order survives export and import.

use sha2::{Digest, Sha256};

use crate::{Cell, Key, Table, parse_uuid};

/// Builds a [`Key`] out of several values; each is framed by its length, so no two lists of values look alike.
#[derive(Clone, Default)]
pub struct KeyDigest(Sha256);

impl KeyDigest {
    /// A digest of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(mut self, text: &[u8]) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    /// Adds a number.
    pub fn integer(mut self, integer: u64) -> Self {
        self.0.update(8u64.to_le_bytes());
        self.0.update(integer.to_le_bytes());
        self
    }

    /// Adds a value of a column: a time and a number as its bits, a text as it is.
    pub fn cell(self, cell: Cell<'_>) -> Self {
        match cell {
            Cell::Text(text) => self.text(text.as_bytes()),
            Cell::Time(time) => self.integer(time.cast_unsigned()),
            Cell::Integer(integer) => self.integer(integer),
            Cell::Choice(choice) => self.integer(choice.into()),
            Cell::Id(id) => self.text(&id),
            Cell::Flag(flag) => self.integer(flag.into()),
            Cell::Absent => unreachable!("what names a row is never absent"),
        }
    }

    /// The first 16 bytes of the digest.
    pub fn finish(self) -> Key {
        let digest = self.0.finalize();
        let mut key = Key::default();
        key.copy_from_slice(&digest[..16]);
        key
    }
}

/// The byte of a UUID that holds its variant, and what its first two bits are in every digest of a text. UUIDs as they are
/// made today never have both set: RFC 9562 keeps that variant for old ones of one vendor and for the future.
const VARIANT_BYTE: usize = 8;
const VARIANT_OF_DIGESTS: u8 = 0b1100_0000;

/// The key of a row that is named by one text: a UUID in lower case with hyphens is its own key, so that rows are
/// sorted by it, and every other text has 126 bits of its digest.
///
/// Digests and UUIDs never meet, or one could be made out of the other: two bits tell them apart. A UUID that has the
/// bits of digests is a text like any other.
pub fn key_of_text(text: &str) -> Key {
    let is_canonical = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match parse_uuid(text).filter(|_| is_canonical) {
        Some(uuid) if uuid[VARIANT_BYTE] & VARIANT_OF_DIGESTS != VARIANT_OF_DIGESTS => uuid,
        _ => {
            let mut key = KeyDigest::new().text(text.as_bytes()).finish();
            key[VARIANT_BYTE] |= VARIANT_OF_DIGESTS;
            key
        }
    }
}

/// The key of a row that is named by a number: the number itself, its most significant byte first and behind eight zeros, so
/// that rows are sorted by it.
pub fn key_of_integer(integer: u64) -> Key {
    u128::from(integer).to_be_bytes()
}

/// The number that a key was made of by [`key_of_integer`].
pub fn integer_of_key(key: &Key) -> u64 {
    u64::from_be_bytes(key[8..].try_into().expect("a key has 16 bytes"))
}

/// The key of a row with these cells, one per column of the table: what was sent where the table names no
/// [`identity`](Table::identity), the key of its text where that is one text, else a digest of all of it.
pub fn key_of_row(table: &Table, cells: &[Cell<'_>]) -> Key {
    match (table.identity, cells[Table::KEY]) {
        ([], Cell::Id(key)) => key,
        ([], other) => unreachable!("the key of {} was sent, but is {other:?}", table.name),
        ([column], _) if let Cell::Text(text) = cells[*column] => key_of_text(text),
        (columns, _) => {
            columns.iter().fold(KeyDigest::new(), |digest, column| digest.cell(cells[*column])).finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render_uuid;
    use crate::tables::{DEMO_CHANGES, DEMO_SESSIONS, VIEW_SEGMENTS, demo_changes};

    const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn a_uuid_in_lower_case_is_its_own_key() {
        for uuid in [UUID, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-bfff-ffffffffffff"] {
            assert_eq!(render_uuid(&key_of_text(uuid)), uuid);
        }
    }

    #[test]
    fn other_texts_have_keys_that_no_uuid_has() {
        let upper = UUID.to_uppercase();
        let odd = "0f8fad5b-d9cb-469f-c165-70867728950e";
        let texts = ["", "a", "5", &upper, &UUID.replace('-', ""), &format!("{{{UUID}}}"), odd];
        let mut keys: Vec<Key> = texts.iter().map(|text| key_of_text(text)).collect();
        for key in &keys {
            assert_eq!(key[8] & 0b1100_0000, 0b1100_0000);
            let as_text = render_uuid(key);
            assert_ne!(key_of_text(&as_text), *key, "a digest that is written as a UUID names another row");
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), texts.len());
    }

    #[test]
    fn what_was_sent_is_the_key_where_nothing_else_names_the_row() {
        let mut cells = vec![Cell::Absent; VIEW_SEGMENTS.columns.len()];
        cells[Table::KEY] = Cell::Id([7; 16]);
        assert_eq!(key_of_row(&VIEW_SEGMENTS, &cells), [7; 16]);
        let mut cells = vec![Cell::Absent; DEMO_SESSIONS.columns.len()];
        cells[crate::tables::demo_sessions::SESSION_ID] = Cell::Text(UUID);
        assert_eq!(key_of_row(&DEMO_SESSIONS, &cells), parse_uuid(UUID).unwrap());
    }

    #[test]
    fn every_part_of_what_names_a_row_counts() {
        let key = |kind: &str, id: &str, at: i64, change: &str| {
            let mut cells = vec![Cell::Absent; DEMO_CHANGES.columns.len()];
            cells[demo_changes::ENTITY_TYPE] = Cell::Text(kind);
            cells[demo_changes::ENTITY_ID] = Cell::Text(id);
            cells[demo_changes::CHANGED_AT] = Cell::Time(at);
            cells[demo_changes::CHANGE_TYPE] = Cell::Text(change);
            key_of_row(&DEMO_CHANGES, &cells)
        };
        let mut keys = vec![
            key("link", "5", 1, "created"),
            key("replay", "5", 1, "created"),
            key("link", "51", 1, "created"),
            key("link", "5", 2, "created"),
            key("link", "5", 1, "deleted"),
            key("lin", "k5", 1, "created"),
        ];
        assert_eq!(keys[0], key("link", "5", 1, "created"));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 6);
    }
}
