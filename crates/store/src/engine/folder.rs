//! The data folder: its lock, its sub-folders, and what does not belong there.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::OpenError;

/// Where parts are.
pub fn parts_folder(data: &Path) -> PathBuf {
    data.join("parts")
}

/// Where dictionaries are.
pub fn dictionaries_folder(data: &Path) -> PathBuf {
    data.join("dictionaries")
}

/// Waits until the names in a folder are on disk.
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes the folder and takes its lock, which ends with the file.
pub fn lock(data: &Path) -> Result<File, OpenError> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |source| OpenError::Io { path, source }
    };
    for folder in [data.to_path_buf(), parts_folder(data), dictionaries_folder(data)] {
        fs::create_dir_all(&folder).map_err(at(&folder))?;
    }
    sync(data).map_err(at(data))?;
    let path = data.join("LOCK");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(data.to_path_buf())),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Deletes temporary files and moves files that no live part owns to `orphaned/`; answers where they are now.
pub fn set_aside(data: &Path, known: &HashSet<String>) -> io::Result<Vec<PathBuf>> {
    let mut orphaned = Vec::new();
    for entry in fs::read_dir(parts_folder(data))? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().ends_with(".tmp") {
            fs::remove_file(entry.path())?;
        } else if !known.contains(name.to_string_lossy().as_ref()) {
            let folder = data.join("orphaned");
            fs::create_dir_all(&folder)?;
            let target = free_name(&folder, &name.to_string_lossy());
            fs::rename(entry.path(), &target)?;
            orphaned.push(target);
        }
    }
    if !orphaned.is_empty() {
        sync(&parts_folder(data))?;
    }
    Ok(orphaned)
}

/// The name itself, or with the first number behind it that is free: numbers of parts come again after a crash, and
/// nothing that was set aside is ever replaced.
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let numbered = (1..).map(|number| folder.join(format!("{name}.{number}")));
    let mut names = std::iter::once(folder.join(name)).chain(numbered);
    names.find(|path| !path.exists()).expect("there are more numbers than files")
}
