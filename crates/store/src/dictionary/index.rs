//! The index file of a dictionary: finds the id of a string without a table in memory.
//!
//! It is a shortcut only: a missing, outdated or damaged file is passed over, and what it would have covered is
//! read from the entries. The bytes are a hash index (see `hash_index.rs`) behind its page checksums.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::file::FlushedEntries;
use crate::checksummed::ChecksumWriter;
use crate::damage::Damage;
use crate::frame::{FrameReader, FrameWriter};
use crate::hash_index::{HashIndex, write_hash_index};
use crate::mapped::MappedFile;

/// Below this, an index file is not worth its bytes: a table of as many entries takes about a megabyte.
pub const RENEW_ENTRIES_MIN: u32 = 1 << 16;

/// Opens the index file, unless it is missing, damaged, of another seed or covers more than what counts.
pub fn open(folder: &Path, namespace: &str, seed: u64, flushed_entries: u32) -> Option<HashIndex> {
    let (index_path, seal_path) = paths(folder, namespace);
    let seal = fs::read(seal_path).ok()?;
    let mut reader = FrameReader::new(&seal).ok()?;
    let (written_seed, bytes) = (reader.number().ok()?, reader.number().ok()?);
    let checksums = reader.list::<u64>().ok()?;
    if written_seed != seed {
        return None;
    }
    let file = MappedFile::open(&index_path, bytes, checksums).ok()?;
    // Later lookups must not fail on what could be made again, so all of it is compared now.
    file.check_all().ok()?;
    let index = HashIndex::in_file(file).ok()?;
    (index.count() <= flushed_entries as usize).then_some(index)
}

/// Compares the index file, if there is one, with its checksums. Damage costs time only, but it is damage.
pub fn check(folder: &Path, namespace: &str) -> Result<(), Damage> {
    let (index_path, seal_path) = paths(folder, namespace);
    let Ok(seal) = fs::read(&seal_path) else { return Ok(()) };
    let read = FrameReader::new(&seal).and_then(|mut reader| {
        reader.number()?;
        Ok((reader.number()?, reader.list::<u64>()?))
    });
    let (bytes, checksums) = read.map_err(|error| Damage::new(&seal_path, error.to_string()))?;
    MappedFile::open(&index_path, bytes, checksums)?.check_all()
}

/// Writes a new index file over all flushed entries in place of the old one. The seal goes last; between the two
/// renames the pair does not match and is passed over.
pub fn write(folder: &Path, namespace: &str, seed: u64, entries: &FlushedEntries) -> std::io::Result<()> {
    // An entry with a flipped bit would not be found in the new index, and its string would get a second id.
    for position in 0..entries.count() {
        entries.string(position).map_err(std::io::Error::other)?;
    }
    let (index_path, seal_path) = paths(folder, namespace);
    let temporary = index_path.with_extension("index.tmp");
    let mut out = ChecksumWriter::new(BufWriter::new(File::create(&temporary)?));
    write_hash_index(entries.count() as usize, |at| entries.hash(at as u32), false, &mut out)?;
    let (mut file, bytes, checksums) = out.finish();
    file.flush()?;
    file.get_ref().sync_data()?;
    fs::rename(&temporary, &index_path)?;

    let mut seal = FrameWriter::default();
    seal.number(seed);
    seal.number(bytes);
    seal.list(&checksums);
    let temporary = seal_path.with_extension("seal.tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(&seal.finish())?;
    file.sync_data()?;
    fs::rename(&temporary, &seal_path)
}

fn paths(folder: &Path, namespace: &str) -> (PathBuf, PathBuf) {
    (folder.join(format!("{namespace}.index")), folder.join(format!("{namespace}.seal")))
}
