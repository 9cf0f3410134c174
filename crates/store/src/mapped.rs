//! Files that never change, mapped into memory, with a checksum per page that is compared at first touch.
//!
//! Everything else in the crate reads immutable files through this type, so a flipped bit is an error wherever it
//! is met. Unsafe code of the crate is only here and where Arrow is told to skip validation (`part/disk.rs`).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_buffer::Buffer;
use memmap2::Mmap;
use xxhash_rust::xxh3::xxh3_64;

use crate::damage::Damage;

/// Bytes that share a checksum. Large enough that checksums are a ten-thousandth of the file, small enough that a
/// key lookup on a cold file reads little.
pub const PAGE_BYTES: usize = 1 << 16;

/// An immutable file in memory.
pub struct MappedFile {
    path: PathBuf,
    buffer: Buffer,
    checksums: Vec<u64>,
    /// A bit per page: its checksum was compared.
    checked: Vec<AtomicU64>,
}

impl MappedFile {
    /// Maps a file that has to have as many pages as there are checksums and this many bytes.
    pub fn open(path: &Path, bytes: u64, checksums: Vec<u64>) -> Result<Self, Damage> {
        let buffer = map(path).map_err(|error| Damage::new(path, error.to_string()))?;
        if buffer.len() as u64 != bytes {
            return Err(Damage::new(path, format!("has {} bytes instead of {bytes}", buffer.len())));
        }
        if checksums.len() != buffer.len().div_ceil(PAGE_BYTES) {
            return Err(Damage::new(path, "the number of checksums does not match the size"));
        }
        let checked = (0..checksums.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { path: path.to_path_buf(), buffer, checksums, checked })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All of it, unchecked: callers [`touch`](Self::touch) what they read.
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// Compares the checksums of the pages that hold these bytes, each once.
    #[inline]
    pub fn touch(&self, start: usize, bytes: usize) -> Result<(), Damage> {
        if bytes == 0 {
            return Ok(());
        }
        for page in start / PAGE_BYTES..=(start + bytes - 1) / PAGE_BYTES {
            let word = &self.checked[page / 64];
            if word.load(Ordering::Relaxed) & (1 << (page % 64)) == 0 {
                self.check_page(page)?;
                word.fetch_or(1 << (page % 64), Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// As [`touch`](Self::touch), for a slice of this file.
    #[inline]
    pub fn touch_slice(&self, slice: &[u8]) -> Result<(), Damage> {
        if slice.is_empty() {
            return Ok(());
        }
        let start = slice.as_ptr() as usize - self.buffer.as_ptr() as usize;
        debug_assert!(start + slice.len() <= self.buffer.len());
        self.touch(start, slice.len())
    }

    /// Compares every page again and names the first that differs.
    pub fn check_all(&self) -> Result<(), Damage> {
        (0..self.checksums.len()).try_for_each(|page| self.check_page(page))
    }

    #[cold]
    fn check_page(&self, page: usize) -> Result<(), Damage> {
        let start = page * PAGE_BYTES;
        let end = (start + PAGE_BYTES).min(self.buffer.len());
        if xxh3_64(&self.buffer[start..end]) == self.checksums[page] {
            return Ok(());
        }
        Err(Damage::new(&self.path, format!("bytes {start} to {end} do not match their checksum")))
    }
}

/// Maps a file whole. An empty file is an empty buffer.
#[expect(unsafe_code, reason = "mapping a file is unsafe because another process could change it underneath")]
pub fn map(path: &Path) -> std::io::Result<Buffer> {
    let file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(Buffer::from_vec(Vec::<u8>::new()));
    }
    // SAFETY: files in the data folder belong to this process (it holds the lock) and are never written to once
    // they are named by the database; dictionary files only grow beyond what is mapped.
    let mmap = unsafe { Mmap::map(&file)? };
    let pointer =
        std::ptr::NonNull::new(mmap.as_ptr().cast_mut()).expect("a mapping is never at address zero");
    let bytes = mmap.len();
    // SAFETY: the pointer and length are those of the mapping, which the buffer keeps alive.
    Ok(unsafe { Buffer::from_custom_allocation(pointer, bytes, Arc::new(mmap)) })
}
