//! The files of one dictionary: appended to by a flush, mapped by readers.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use arrow_buffer::{Buffer, ScalarBuffer};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::damage::Damage;
use crate::mapped;

/// How much of a dictionary's files counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FlushedLength {
    /// Entries.
    pub entries: u32,
    /// Bytes of their strings.
    pub bytes: u64,
}

/// Two numbers per entry: where its string ends in the `.strings` file, and its seeded hash.
const ENTRY_NUMBERS: usize = 2;

/// The flushed entries of a dictionary. Clones share the mapped files.
#[derive(Clone)]
pub struct FlushedEntries {
    strings_path: PathBuf,
    seed: u64,
    strings: Buffer,
    entries: ScalarBuffer<u64>,
}

impl FlushedEntries {
    /// Maps the files, which have to be at least as long as the length says.
    pub fn open(folder: &Path, namespace: &str, seed: u64, length: FlushedLength) -> Result<Self, Damage> {
        let (strings_path, entries_path) = paths(folder, namespace);
        let entry_bytes = length.entries as usize * ENTRY_NUMBERS * 8;
        Ok(Self {
            strings: map_prefix(&strings_path, length.bytes as usize)?,
            entries: ScalarBuffer::new(
                map_prefix(&entries_path, entry_bytes)?,
                0,
                length.entries as usize * ENTRY_NUMBERS,
            ),
            strings_path,
            seed,
        })
    }

    /// How many.
    pub fn count(&self) -> u32 {
        (self.entries.len() / ENTRY_NUMBERS) as u32
    }

    /// The hash of an entry, unchecked: whoever trusts it reads the string next.
    pub fn hash(&self, position: u32) -> u64 {
        self.entries[position as usize * ENTRY_NUMBERS + 1]
    }

    /// The string of an entry, compared with its hash.
    pub fn string(&self, position: u32) -> Result<&[u8], Damage> {
        let at = position as usize * ENTRY_NUMBERS;
        let start = if at == 0 { 0 } else { self.entries[at - ENTRY_NUMBERS] };
        self.strings
            .get(start as usize..self.entries[at] as usize)
            .filter(|string| xxh3_64_with_seed(string, self.seed) == self.entries[at + 1])
            .ok_or_else(|| {
                Damage::new(&self.strings_path, format!("entry {} does not match its hash", position + 1))
            })
    }
}

/// Writes strings behind the ones that count, and waits until they are on disk.
pub fn append<'a>(
    folder: &Path,
    namespace: &str,
    from: FlushedLength,
    seed: u64,
    strings: impl Iterator<Item = &'a [u8]>,
) -> std::io::Result<FlushedLength> {
    let (strings_path, entries_path) = paths(folder, namespace);
    fs::create_dir_all(folder)?;
    let (mut bytes, mut entries) = (Vec::new(), Vec::new());
    for string in strings {
        bytes.extend_from_slice(string);
        entries.push(from.bytes + bytes.len() as u64);
        entries.push(xxh3_64_with_seed(string, seed));
    }
    let entry_offset = u64::from(from.entries) * ENTRY_NUMBERS as u64 * 8;
    for (path, offset, data) in [
        (strings_path, from.bytes, bytes.as_slice()),
        (entries_path, entry_offset, bytemuck::cast_slice(&entries)),
    ] {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.write_all_at(data, offset)?;
        file.sync_data()?;
    }
    if from.entries == 0 {
        // The files, and perhaps their folder, are new: their names have to be on disk too.
        for folder in [Some(folder), folder.parent()].into_iter().flatten() {
            File::open(folder)?.sync_all()?;
        }
    }
    let added = u32::try_from(entries.len() / ENTRY_NUMBERS).expect("ids have 32 bits");
    Ok(FlushedLength { entries: from.entries + added, bytes: from.bytes + bytes.len() as u64 })
}

/// Reads every entry that counts and compares its hash. Where they differ, either file may be the wrong one, so
/// both are named.
pub fn check(folder: &Path, namespace: &str, seed: u64, length: FlushedLength) -> Vec<Damage> {
    let (strings_path, entries_path) = paths(folder, namespace);
    let flushed = match FlushedEntries::open(folder, namespace, seed, length) {
        Ok(flushed) => flushed,
        Err(damage) => return vec![damage],
    };
    let problem = (0..flushed.count())
        .find(|position| flushed.string(*position).is_err())
        .map(|position| format!("entry {} and its hash do not match", position + 1));
    let last =
        flushed.count().checked_sub(1).map_or(0, |last| flushed.entries[last as usize * ENTRY_NUMBERS]);
    let length_problem =
        (last != length.bytes).then(|| format!("the strings end at {last} instead of {}", length.bytes));
    let problem = problem.or(length_problem);
    problem.map_or(Vec::new(), |problem| {
        [strings_path, entries_path].map(|path| Damage::new(&path, &problem)).into()
    })
}

fn paths(folder: &Path, namespace: &str) -> (PathBuf, PathBuf) {
    (folder.join(format!("{namespace}.strings")), folder.join(format!("{namespace}.entries")))
}

fn map_prefix(path: &Path, bytes: usize) -> Result<Buffer, Damage> {
    if bytes == 0 {
        return Ok(Buffer::from_vec(Vec::<u64>::new()));
    }
    let buffer = mapped::map(path).map_err(|error| Damage::new(path, error.to_string()))?;
    if buffer.len() < bytes {
        return Err(Damage::new(path, format!("has {} bytes instead of {bytes}", buffer.len())));
    }
    Ok(buffer.slice_with_length(0, bytes))
}
