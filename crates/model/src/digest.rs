//! Keys of rows that are not named by a UUID: 128 bits of SHA-256 over what names them.
//!
//! A cryptographic digest, because the text comes from outside: two names that could be made to collide would
//! silently replace each other's rows. It is the same in every store, so row order survives export and import.

use sha2::{Digest, Sha256};

use crate::Key;

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

    /// The first 16 bytes of the digest.
    pub fn finish(self) -> Key {
        let digest = self.0.finalize();
        let mut key = Key::default();
        key.copy_from_slice(&digest[..16]);
        key
    }
}

/// The key of a row that is named by one text.
pub fn key_of_text(text: &str) -> Key {
    KeyDigest::new().text(text.as_bytes()).finish()
}
