//! Little-endian bytes with a checksum at the end: how everything that is not a column is written.
//!
//! Used for log bodies, part headers and dead rows. A reader never trusts a length before it has seen the bytes.

use bytemuck::Pod;
use xxhash_rust::xxh3::xxh3_64;

/// The bytes are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the checksum or a length does not match")]
pub struct BadFrame;

/// Collects values; [`finish`](Self::finish) adds the checksum.
#[derive(Default)]
pub struct FrameWriter(Vec<u8>);

impl FrameWriter {
    /// Adds one number.
    pub fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// Adds a list of plain values behind its length.
    pub fn list<T: Pod>(&mut self, values: &[T]) {
        self.number(values.len() as u64);
        self.0.extend_from_slice(bytemuck::cast_slice(values));
    }

    /// The bytes with their checksum.
    pub fn finish(mut self) -> Vec<u8> {
        let checksum = xxh3_64(&self.0);
        self.number(checksum);
        self.0
    }
}

/// Reads what a [`FrameWriter`] wrote, in the same order.
pub struct FrameReader<'a>(&'a [u8]);

impl<'a> FrameReader<'a> {
    /// Compares the checksum.
    pub fn new(bytes: &'a [u8]) -> Result<Self, BadFrame> {
        let (body, checksum) = bytes.split_last_chunk::<8>().ok_or(BadFrame)?;
        if xxh3_64(body) == u64::from_le_bytes(*checksum) { Ok(Self(body)) } else { Err(BadFrame) }
    }

    /// The next number.
    pub fn number(&mut self) -> Result<u64, BadFrame> {
        let (number, rest) = self.0.split_first_chunk::<8>().ok_or(BadFrame)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    /// The next list.
    pub fn list<T: Pod>(&mut self) -> Result<Vec<T>, BadFrame> {
        let count = usize::try_from(self.number()?).map_err(|_| BadFrame)?;
        let bytes = count.checked_mul(size_of::<T>()).ok_or(BadFrame)?;
        let (list, rest) = self.0.split_at_checked(bytes).ok_or(BadFrame)?;
        self.0 = rest;
        Ok(bytemuck::pod_collect_to_vec(list))
    }

    /// Nothing may be left.
    pub fn end(self) -> Result<(), BadFrame> {
        if self.0.is_empty() { Ok(()) } else { Err(BadFrame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = FrameWriter::default();
        writer.number(7);
        writer.list(&[1u16, 2, 3]);
        writer.list::<i64>(&[]);
        let bytes = writer.finish();
        let mut reader = FrameReader::new(&bytes).unwrap();
        assert_eq!(reader.number(), Ok(7));
        assert_eq!(reader.list::<u16>(), Ok(vec![1, 2, 3]));
        assert_eq!(reader.list::<i64>(), Ok(vec![]));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let mut writer = FrameWriter::default();
        writer.list(b"rows");
        let bytes = writer.finish();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(FrameReader::new(&flipped).is_err(), "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert!(FrameReader::new(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
