//! Data folders as the operating system sees them: copying one as a `kill -9` would leave it, listing its files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that goes away with the value.
pub fn new_folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a temporary folder")
}

/// Copies a data folder that may be in use: what another process would find had this one been killed just now,
/// given that the operating system keeps what was written.
///
/// A store may flush and compact whenever it likes, and a copy file by file is not an instant. So the folder is read
/// again until two readings agree: what did not change between them existed like this at the end of the first.
///
/// Closing a file drops this process's POSIX locks on it, SQLite's too. That is harmless here: no other process looks
/// at the folder, and within a process SQLite does not rely on them.
pub fn killed_copy(folder: &Path) -> TempDir {
    let mut contents = read_all(folder);
    for _ in 0..10_000 {
        let again = read_all(folder);
        match again {
            Some(again) if contents.as_ref() == Some(&again) => return write_all(&again),
            again => contents = again,
        }
    }
    panic!("{} never stands still", folder.display());
}

/// The same for a folder that nobody uses.
pub fn copy(folder: &Path) -> TempDir {
    write_all(&read_all(folder).expect("nobody removes files meanwhile"))
}

/// All files below a folder, relative to it, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).expect("it was found below").to_path_buf());
            }
        }
    }
    files.sort();
    files
}

/// All folders below a folder, relative to it: empty ones have a meaning too.
fn folders_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                found.push(entry.path().strip_prefix(folder).expect("it was found below").to_path_buf());
                waiting.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[derive(PartialEq)]
struct Contents {
    folders: Vec<PathBuf>,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

/// `None` when a file went away while it was read.
fn read_all(folder: &Path) -> Option<Contents> {
    let folders = folders_below(folder);
    let mut files = BTreeMap::new();
    for file in files_below(folder) {
        let bytes = fs::read(folder.join(&file)).ok()?;
        files.insert(file, bytes);
    }
    Some(Contents { folders, files })
}

fn write_all(contents: &Contents) -> TempDir {
    let target = new_folder();
    for folder in &contents.folders {
        fs::create_dir_all(target.path().join(folder)).expect("a folder can be made");
    }
    for (file, bytes) in &contents.files {
        fs::write(target.path().join(file), bytes).expect("a file can be written");
    }
    target
}
