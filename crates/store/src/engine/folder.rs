//! The data folder: its lock, its sub-folders, and what does not belong there.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
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

/// What only its owner may list, read and write. Rows hold what is known of people.
const PRIVATE_MODE: u32 = 0o700;

/// Makes a data folder for its owner alone, where there is none, and the folders above it as usual. One that is there
/// is left as it is: its operator may have given others access on purpose.
pub fn make(data: &Path) -> io::Result<()> {
    if let Some(above) = data.parent() {
        fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(PRIVATE_MODE).create(data) {
        Err(_) if data.is_dir() => Ok(()),
        made => made,
    }
}

/// Makes the folder and takes its lock, which ends with the file.
pub fn lock(data: &Path) -> Result<File, OpenError> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |source| OpenError::Io { path, source }
    };
    make(data).map_err(at(data))?;
    for folder in [parts_folder(data), dictionaries_folder(data)] {
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_data_folder_is_its_owners_alone_and_one_that_is_there_stays_as_it_is() {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("above/data");
        drop(lock(&data).unwrap());
        assert_eq!(mode(&data), 0o700);
        fs::set_permissions(&data, fs::Permissions::from_mode(0o750)).unwrap();
        drop(lock(&data).unwrap());
        assert_eq!(mode(&data), 0o750);
    }

    #[test]
    fn folders_above_are_made_like_all_others() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("usual")).unwrap();
        make(&parent.path().join("above/data")).unwrap();
        assert_eq!(mode(&parent.path().join("above")), mode(&parent.path().join("usual")));
    }

    #[test]
    fn a_file_in_the_place_of_the_data_folder_is_an_error() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(make(&file).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
