//! Writing a file and taking the checksum of each of its pages on the way.

use std::io::{self, Write};

use xxhash_rust::xxh3::xxh3_64;

use crate::mapped::PAGE_BYTES;

/// Passes bytes on and keeps the checksum of every [`PAGE_BYTES`] of them.
pub struct ChecksumWriter<W> {
    inner: W,
    page: Vec<u8>,
    bytes: u64,
    checksums: Vec<u64>,
}

impl<W: Write> ChecksumWriter<W> {
    /// Writes to `inner`, from the start of the file.
    pub fn new(inner: W) -> Self {
        Self { inner, page: Vec::with_capacity(PAGE_BYTES), bytes: 0, checksums: Vec::new() }
    }

    /// The writer, how many bytes it got, and the checksum of each page.
    pub fn finish(mut self) -> (W, u64, Vec<u64>) {
        if !self.page.is_empty() {
            self.checksums.push(xxh3_64(&self.page));
        }
        (self.inner, self.bytes, self.checksums)
    }
}

impl<W: Write> Write for ChecksumWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        let mut rest = &bytes[..written];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PAGE_BYTES - self.page.len()));
            self.page.extend_from_slice(now);
            rest = later;
            if self.page.len() == PAGE_BYTES {
                self.checksums.push(xxh3_64(&self.page));
                self.page.clear();
            }
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_checksums_of_the_whole() {
        let bytes: Vec<u8> = (0..PAGE_BYTES * 2 + 100).map(|n| (n % 251) as u8).collect();
        let mut writer = ChecksumWriter::new(Vec::new());
        for piece in bytes.chunks(4_099) {
            writer.write_all(piece).unwrap();
        }
        let (written, count, checksums) = writer.finish();
        assert_eq!(written, bytes);
        assert_eq!(count, bytes.len() as u64);
        assert_eq!(checksums, bytes.chunks(PAGE_BYTES).map(xxh3_64).collect::<Vec<_>>());
    }
}
