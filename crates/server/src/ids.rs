//! Where ids come from. Tests bring their own.

use tallyhouse_model::Key;

use crate::catalog::CatalogError;

/// Makes an id that nothing else has: the 16 bytes of a random UUID.
pub type Ids = fn() -> Result<Key, CatalogError>;

/// A random UUID (version 4 of RFC 9562).
pub fn random() -> Result<Key, CatalogError> {
    let mut key = Key::default();
    getrandom::fill(&mut key).map_err(CatalogError::Random)?;
    key[6] = key[6] & 0x0f | 0x40;
    key[8] = key[8] & 0x3f | 0x80;
    Ok(key)
}
