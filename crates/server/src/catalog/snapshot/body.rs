//! What a snapshot found, as it is kept: JSON in a zstd frame with a checksum.

use std::io::Read as _;

use serde::de::IgnoredAny;
use zstd::bulk::Compressor;
use zstd::stream::read::Decoder;

use crate::catalog::CatalogError;

/// Bytes of the JSON of a snapshot at most. Whoever makes one stays below it.
pub const SNAPSHOT_BYTES_MAX: usize = 256 << 20;

/// zstd's own default: people's names and links shrink to about a fifth.
const LEVEL: i32 = 3;

/// The JSON as it is kept.
pub fn compressed(json: &[u8]) -> Result<Vec<u8>, CatalogError> {
    let unwritable = |error| CatalogError::Damaged(format!("a snapshot cannot be compressed: {error}"));
    let mut compressor = Compressor::new(LEVEL).map_err(unwritable)?;
    compressor.include_checksum(true).map_err(unwritable)?;
    compressor.compress(json).map_err(unwritable)
}

/// The JSON that was kept, or what is wrong with it.
pub fn json_of(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut json = Vec::new();
    let decoder = Decoder::with_buffer(body).map_err(|error| error.to_string())?;
    decoder.take(SNAPSHOT_BYTES_MAX as u64 + 1).read_to_end(&mut json).map_err(|error| error.to_string())?;
    if json.len() > SNAPSHOT_BYTES_MAX {
        return Err(format!("it has more than {SNAPSHOT_BYTES_MAX} bytes"));
    }
    Ok(json)
}

/// What is wrong with a body that was kept; nothing where it can be answered.
pub fn problem_of(body: &[u8]) -> Option<String> {
    match json_of(body) {
        Ok(json) => serde_json::from_slice::<IgnoredAny>(&json).err().map(|error| error.to_string()),
        Err(problem) => Some(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_and_a_flipped_bit_is_found() {
        let json = serde_json::to_vec(&vec!["somebody"; 1_000]).unwrap();
        let body = compressed(&json).unwrap();
        assert!(body.len() < json.len() / 10);
        assert_eq!(json_of(&body).unwrap(), json);
        assert_eq!(problem_of(&body), None);
        for byte in 0..body.len() {
            for bit in 0..8 {
                let mut damaged = body.clone();
                damaged[byte] ^= 1 << bit;
                assert!(json_of(&damaged).map_or(true, |found| found == json), "byte {byte}, bit {bit}");
            }
        }
        assert!(problem_of(&body[..body.len() - 1]).is_some());
        assert!(problem_of(b"").is_some());
        assert!(problem_of(&compressed(b"{").unwrap()).is_some());
    }
}
