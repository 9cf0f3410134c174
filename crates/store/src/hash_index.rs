//! An immutable map from 64-bit hashes to numbers: what finds a row by its key and a dictionary id by its string.
//!
//! Bytes: a header of 32 (magic, count, buckets, filter blocks), the filter, the directory, the entries; all
//! little-endian. See `docs/FORMAT.md`.
//!
//! 1. The *filter* is a blocked Bloom filter: a hash picks one block of 32 bytes and one bit in each of its eight
//!    words. It turns away 99 of 100 hashes that are not there for one cache miss. It may be left out.
//! 2. The *directory* says where each bucket's entries begin; a bucket holds eight entries on average.
//! 3. An *entry* is the low half of the hash and the number. Whoever asks compares the full key or string.
//!
//! Hashes are seeded with a secret of the store, so nobody outside can fill one bucket.

use std::io::{self, Write};
use std::path::Path;

use arrow_buffer::{Buffer, ScalarBuffer};

use crate::damage::Damage;
use crate::mapped::MappedFile;

const MAGIC: u64 = u64::from_le_bytes(*b"tallyhx1");
const HEADER_BYTES: usize = 32;
const BUCKET_ENTRIES: usize = 8;
const FILTER_BITS_PER_KEY: usize = 12;
const FILTER_WORDS: usize = 8;

/// Entries that are placed per pass over the hashes: bounds the builder's memory to 8 MB whatever the count.
const PASS_ENTRIES: usize = 1 << 20;

/// Odd multipliers that spread a hash over the eight words of a filter block.
const SALTS: [u32; FILTER_WORDS] =
    [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1, 0xd3a2_646d, 0xfd70_46c5, 0xb55a_4f09];

/// An index in memory, or in a mapped file.
pub struct HashIndex {
    file: Option<MappedFile>,
    filter: ScalarBuffer<u32>,
    directory: ScalarBuffer<u32>,
    entries: ScalarBuffer<u32>,
}

impl HashIndex {
    /// Builds an index in memory that maps each hash to its position.
    pub fn in_memory(hashes: &[u64]) -> HashIndex {
        let mut bytes = Vec::new();
        write_hash_index(hashes.len(), |at| hashes[at], true, &mut bytes)
            .expect("writing to memory cannot fail");
        Self::from_buffer(Buffer::from_vec(bytes), None, Path::new("memory")).expect("it was just written")
    }

    /// Reads an index out of a mapped file. The filter is compared with its checksums here, since it is asked about
    /// nearly every key; the rest when it is read.
    pub fn in_file(file: MappedFile) -> Result<HashIndex, Damage> {
        file.touch(0, HEADER_BYTES.min(file.buffer().len()))?;
        let (buffer, path) = (file.buffer().clone(), file.path().to_path_buf());
        let index = Self::from_buffer(buffer, None, &path)?;
        file.touch_slice(bytemuck::cast_slice(&index.filter))?;
        Ok(HashIndex { file: Some(file), ..index })
    }

    /// How many hashes it holds.
    pub fn count(&self) -> usize {
        self.entries.len() / 2
    }

    /// Calls `found` with the number of each entry that may belong to this hash, until it answers true; answers
    /// whether it did.
    #[inline]
    pub fn find(
        &self,
        hash: u64,
        mut found: impl FnMut(u32) -> Result<bool, Damage>,
    ) -> Result<bool, Damage> {
        if self.entries.is_empty() {
            return Ok(false);
        }
        let bucket = bucket_of(hash, self.directory.len() - 1);
        self.touch(&self.directory[bucket..bucket + 2])?;
        let (start, end) = (self.directory[bucket] as usize * 2, self.directory[bucket + 1] as usize * 2);
        let entries = &self.entries[start..end];
        self.touch(entries)?;
        for entry in entries.chunks_exact(2) {
            if entry[0] == hash as u32 && found(entry[1])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether it is worth asking for this hash: false for all but one of a hundred that are not there.
    #[inline]
    pub fn may_contain(&self, hash: u64) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        let start = filter_block_of(hash, self.filter.len() / FILTER_WORDS) * FILTER_WORDS;
        let block = &self.filter[start..start + FILTER_WORDS];
        block.iter().zip(filter_mask(hash)).fold(true, |all, (word, bit)| all & (word & bit != 0))
    }

    #[inline]
    fn touch(&self, words: &[u32]) -> Result<(), Damage> {
        match &self.file {
            Some(file) => file.touch_slice(bytemuck::cast_slice(words)),
            None => Ok(()),
        }
    }

    fn from_buffer(buffer: Buffer, file: Option<MappedFile>, path: &Path) -> Result<HashIndex, Damage> {
        let wrong = || Damage::new(path, "is not a hash index");
        let header: &[u64; HEADER_BYTES / 8] = buffer
            .get(..HEADER_BYTES)
            .and_then(|header| bytemuck::try_cast_slice(header).ok())
            .and_then(|header| header.try_into().ok())
            .ok_or_else(wrong)?;
        let [magic, count, buckets, filter_blocks] = *header;
        if magic != MAGIC || count > u64::from(u32::MAX) || buckets == 0 {
            return Err(wrong());
        }
        let (count, buckets, filter_blocks) = (count as usize, buckets as usize, filter_blocks as usize);
        let directory_start = HEADER_BYTES + filter_blocks * FILTER_WORDS * 4;
        let entries_start = directory_start + (buckets + 1) * 4;
        if buffer.len() != entries_start + count * 8 {
            return Err(wrong());
        }
        Ok(HashIndex {
            file,
            filter: ScalarBuffer::new(buffer.clone(), HEADER_BYTES / 4, filter_blocks * FILTER_WORDS),
            directory: ScalarBuffer::new(buffer.clone(), directory_start / 4, buckets + 1),
            entries: ScalarBuffer::new(buffer, entries_start / 4, count * 2),
        })
    }
}

/// Writes an index that maps `hash_at(position)` to the position, for all positions below `count`.
pub fn write_hash_index(
    count: usize,
    hash_at: impl Fn(usize) -> u64,
    filtered: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let buckets = (count / BUCKET_ENTRIES).max(1);
    let filter_blocks = if filtered { (count * FILTER_BITS_PER_KEY).div_ceil(32 * FILTER_WORDS) } else { 0 };
    let header: [u64; HEADER_BYTES / 8] = [MAGIC, count as u64, buckets as u64, filter_blocks as u64];
    out.write_all(bytemuck::cast_slice(&header))?;

    let mut filter = vec![[0u32; FILTER_WORDS]; filter_blocks];
    let mut directory = vec![0u32; buckets + 1];
    for position in 0..count {
        let hash = hash_at(position);
        directory[bucket_of(hash, buckets) + 1] += 1;
        if filtered {
            let block = &mut filter[filter_block_of(hash, filter_blocks)];
            block.iter_mut().zip(filter_mask(hash)).for_each(|(word, bit)| *word |= bit);
        }
    }
    for bucket in 0..buckets {
        directory[bucket + 1] += directory[bucket];
    }
    out.write_all(bytemuck::cast_slice(&filter))?;
    out.write_all(bytemuck::cast_slice(&directory))?;
    write_entries(&directory, count, hash_at, out)
}

/// Writes the entries bucket by bucket: each pass takes the next run of buckets with at most [`PASS_ENTRIES`]
/// entries (one bucket at least) and picks their hashes out of all.
fn write_entries(
    directory: &[u32],
    count: usize,
    hash_at: impl Fn(usize) -> u64,
    out: &mut impl Write,
) -> io::Result<()> {
    let buckets = directory.len() - 1;
    let mut first = 0;
    while first < buckets {
        let base = directory[first] as usize;
        let fits = directory.partition_point(|start| *start as usize <= base + PASS_ENTRIES);
        let last = (fits - 1).clamp(first + 1, buckets);
        let mut entries = vec![[0u32; 2]; directory[last] as usize - base];
        let mut next: Vec<u32> = directory[first..last].to_vec();
        for position in 0..count {
            let hash = hash_at(position);
            let bucket = bucket_of(hash, buckets);
            if (first..last).contains(&bucket) {
                let place = &mut next[bucket - first];
                entries[*place as usize - base] = [hash as u32, position as u32];
                *place += 1;
            }
        }
        out.write_all(bytemuck::cast_slice(&entries))?;
        first = last;
    }
    Ok(())
}

#[inline]
fn bucket_of(hash: u64, buckets: usize) -> usize {
    (((hash >> 32) * buckets as u64) >> 32) as usize
}

#[inline]
fn filter_block_of(hash: u64, blocks: usize) -> usize {
    ((u64::from(hash as u32) * blocks as u64) >> 32) as usize
}

#[inline]
fn filter_mask(hash: u64) -> [u32; FILTER_WORDS] {
    let high = (hash >> 32) as u32;
    SALTS.map(|salt| 1 << (high.wrapping_mul(salt) >> 27))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    fn hashes(count: u64) -> Vec<u64> {
        (0..count).map(|n| xxh3_64(&n.to_le_bytes())).collect()
    }

    fn positions(index: &HashIndex, hash: u64) -> Vec<u32> {
        let mut positions = Vec::new();
        let stopped = index
            .find(hash, |position| {
                positions.push(position);
                Ok(false)
            })
            .unwrap();
        assert!(!stopped);
        positions
    }

    #[test]
    fn every_hash_is_found_at_its_position_and_others_are_not() {
        for count in [0, 1, 7, 9, 5_000] {
            let hashes = hashes(count);
            let index = HashIndex::in_memory(&hashes);
            for (position, hash) in hashes.iter().enumerate() {
                assert_eq!(positions(&index, *hash), [position as u32]);
            }
            let strangers =
                (count..count + 1_000).filter(|n| !positions(&index, xxh3_64(&n.to_le_bytes())).is_empty());
            assert_eq!(strangers.count(), 0);
        }
    }

    #[test]
    fn more_than_one_pass_and_equal_hashes_keep_every_entry() {
        let count = PASS_ENTRIES * 2 + 17;
        let mut bytes = Vec::new();
        // Every hash stands for three positions.
        let hash_at = |position: usize| xxh3_64(&(position as u64 / 3).to_le_bytes());
        write_hash_index(count, hash_at, false, &mut bytes).unwrap();
        let index = HashIndex::from_buffer(Buffer::from_vec(bytes), None, Path::new("test")).unwrap();
        for position in (0..count).step_by(1_001) {
            let first = position as u32 / 3 * 3;
            let mut found = positions(&index, hash_at(position));
            found.sort_unstable();
            assert_eq!(found, (first..(first + 3).min(count as u32)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_filter_turns_strangers_away() {
        let index = HashIndex::in_memory(&hashes(50_000));
        let passed = (50_000..150_000u64).filter(|n| index.may_contain(xxh3_64(&n.to_le_bytes()))).count();
        assert!(passed < 1_500, "{passed} of 100,000 strangers passed");
    }
}
