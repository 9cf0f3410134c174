//! What a snapshot found, as it is kept: JSON in a zstd frame with a checksum.

use std::io::{Cursor, Read as _};

use serde::de::IgnoredAny;
use zstd::bulk::Compressor;
use zstd::stream::read::Decoder;
use zstd::zstd_safe::get_frame_content_size;

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

/// The JSON of a snapshot as it is kept. It is unpacked while it is sent, so that an answer of any size takes little memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptJson {
    frame: Vec<u8>,
    bytes: u64,
}

/// A [`KeptJson`] that is being unpacked.
pub struct Unpacking {
    decoder: Decoder<'static, Cursor<Vec<u8>>>,
    bytes_left: u64,
}

impl KeptJson {
    /// What was kept, or what is wrong with it as far as can be told without unpacking it.
    pub(super) fn of(frame: Vec<u8>) -> Result<Self, String> {
        let bytes = get_frame_content_size(&frame).map_err(|_| "it is no zstd frame".to_owned())?;
        match bytes {
            Some(bytes) if bytes <= SNAPSHOT_BYTES_MAX as u64 => Ok(Self { frame, bytes }),
            _ => Err(format!("it does not say that it has at most {SNAPSHOT_BYTES_MAX} bytes")),
        }
    }

    /// How many bytes the JSON has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All of the JSON, or what is wrong with it.
    pub fn json(self) -> Result<Vec<u8>, String> {
        let bytes = usize::try_from(self.bytes).map_err(|error| error.to_string())?;
        self.unpack()?.next(bytes)
    }

    /// Begins to unpack it.
    pub fn unpack(self) -> Result<Unpacking, String> {
        let decoder = Decoder::with_buffer(Cursor::new(self.frame)).map_err(|error| error.to_string())?;
        Ok(Unpacking { decoder, bytes_left: self.bytes })
    }
}

#[cfg(test)]
impl KeptJson {
    /// JSON as it would be kept.
    pub fn holding(json: &[u8]) -> Self {
        Self::of(compressed(json).unwrap()).unwrap()
    }

    /// The same, with a checksum that is not its own.
    pub fn with_a_wrong_checksum(json: &[u8]) -> Self {
        let mut kept = Self::holding(json);
        *kept.frame.last_mut().unwrap() ^= 1;
        kept
    }
}

impl Unpacking {
    /// How many bytes of the JSON are still to come.
    pub fn bytes_left(&self) -> u64 {
        self.bytes_left
    }

    /// The next bytes of the JSON, at most so many, or what is wrong with it. With the last ones the checksum is compared.
    pub fn next(&mut self, bytes_max: usize) -> Result<Vec<u8>, String> {
        let wanted = self.bytes_left.min(bytes_max as u64);
        let mut bytes = Vec::with_capacity(wanted as usize);
        let read = self.decoder.by_ref().take(wanted).read_to_end(&mut bytes);
        read.map_err(|error| error.to_string())?;
        if (bytes.len() as u64) < wanted {
            return Err("it ends too early".to_owned());
        }
        self.bytes_left -= wanted;
        if self.bytes_left == 0 {
            self.check_end()?;
        }
        Ok(bytes)
    }

    /// Nothing more comes, which the decoder only tells after it has compared the checksum.
    fn check_end(&mut self) -> Result<(), String> {
        match self.decoder.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err("it goes on behind its end".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What is wrong with a body that was kept; nothing where it can be answered.
pub fn problem_of(body: &[u8]) -> Option<String> {
    match KeptJson::of(body.to_vec()).and_then(KeptJson::json) {
        Ok(json) => serde_json::from_slice::<IgnoredAny>(&json).err().map(|error| error.to_string()),
        Err(problem) => Some(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(body: &[u8]) -> Result<Vec<u8>, String> {
        KeptJson::of(body.to_vec())?.json()
    }

    #[test]
    fn a_body_is_unpacked_a_piece_at_a_time() {
        let json: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let kept = KeptJson::of(compressed(&json).unwrap()).unwrap();
        assert_eq!(kept.bytes(), json.len() as u64);
        let (mut unpacking, mut pieces) = (kept.unpack().unwrap(), Vec::new());
        while unpacking.bytes_left() > 0 {
            let piece = unpacking.next(30_000).unwrap();
            assert!((1..=30_000).contains(&piece.len()));
            pieces.extend(piece);
        }
        assert_eq!(pieces, json);
    }

    #[test]
    fn a_body_comes_back_and_a_flipped_bit_is_found() {
        let json = serde_json::to_vec(&vec!["somebody"; 1_000]).unwrap();
        let body = compressed(&json).unwrap();
        assert!(body.len() < json.len() / 10);
        assert_eq!(unpacked(&body).unwrap(), json);
        assert_eq!(problem_of(&body), None);
        for byte in 0..body.len() {
            for bit in 0..8 {
                let mut damaged = body.clone();
                damaged[byte] ^= 1 << bit;
                assert!(unpacked(&damaged).map_or(true, |found| found == json), "byte {byte}, bit {bit}");
            }
        }
        assert!(problem_of(&body[..body.len() - 1]).is_some());
        assert!(problem_of(b"").is_some());
        assert!(problem_of(&compressed(b"{").unwrap()).is_some());
    }
}
