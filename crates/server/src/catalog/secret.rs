//! Secrets: made from random bytes, kept as their hash, compared without telling by the time how much was right.

use std::fmt::Write as _;
use std::hint::black_box;

use sha2::{Digest as _, Sha256};
use tallyhouse_model::render_uuid;

use super::CatalogError;

/// The SHA-256 of a secret. Secrets have 122 random bits and more, so it needs no salt and no slowness: nobody can try
/// them all, however fast.
pub type SecretHash = [u8; 32];

/// What the catalog keeps of a secret.
pub fn hash_of(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two hashes are the same, in the same time wherever they differ.
pub(super) fn is_same(left: &SecretHash, right: &SecretHash) -> bool {
    let difference = left.iter().zip(right).fold(0, |seen, (left, right)| seen | (left ^ right));
    black_box(difference) == 0
}

/// A random text that nothing else has for an id.
pub fn random_id() -> Result<String, CatalogError> {
    random_hex::<16>()
}

/// A random UUID (version 4 of RFC 9562).
pub(super) fn random_uuid() -> Result<String, CatalogError> {
    crate::ids::random().map(|key| render_uuid(&key))
}

/// So many random bytes, as hexadecimal digits.
pub(super) fn random_hex<const BYTES: usize>() -> Result<String, CatalogError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(CatalogError::Random)?;
    let mut text = String::with_capacity(2 * BYTES);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes everything");
    }
    Ok(text)
}
