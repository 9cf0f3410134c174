//! A key set in a file, read again when the file changes.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::issuer::Keys;
use super::key_set::{KEY_SET_BYTES_MAX, KeySet};
use crate::config::JwtConfig;

/// A key set in a file.
pub(super) struct KeyFile {
    path: PathBuf,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    stamp: Option<Stamp>,
    keys: Keys,
}

/// What tells whether a file is another one: inode, length, and the time of its last change in seconds and
/// nanoseconds, which only the system sets.
type Stamp = (u64, u64, i64, i64);

impl KeyFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, read: Mutex::default() }
    }

    /// The keys as the file has them now. Where it cannot be read any more, those it had before.
    pub(super) fn keys(&self) -> Keys {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = std::fs::metadata(&self.path).map(|metadata| stamp_of(&metadata)).ok();
        // A set that was never read has the generation 0.
        if read.stamp != stamp || read.keys.1 == 0 {
            read.stamp = stamp;
            read.keys.1 += 1;
            match key_set_of(&self.path) {
                Ok(set) => read.keys.0 = Arc::new(set),
                Err(problem) => {
                    tracing::warn!(file = %self.path.display(), %problem, "no keys of an issuer of tokens");
                }
            }
        }
        read.keys.clone()
    }
}

/// A setting names a file that has no keys. The operator has to correct one of them.
#[derive(Debug, thiserror::Error)]
#[error("the jwks_file {path} of the issuer {issuer:?} of [[jwt.issuers]] cannot be used: {problem}")]
pub struct KeyFileError {
    issuer: String,
    path: PathBuf,
    problem: io::Error,
}

/// Whether the files of all identity providers have keys, as they have to when a server starts. Later on, a file that
/// cannot be used leaves the keys that it had before.
pub fn check_key_files(config: &JwtConfig) -> Result<(), KeyFileError> {
    for issuer in &config.issuers {
        if let Some(path) = &issuer.jwks_file {
            let wrong = |problem| KeyFileError { issuer: issuer.issuer.clone(), path: path.clone(), problem };
            key_set_of(path).map_err(wrong)?;
        }
    }
    Ok(())
}

fn key_set_of(path: &Path) -> io::Result<KeySet> {
    let mut json = Vec::new();
    File::open(path)?.take(KEY_SET_BYTES_MAX).read_to_end(&mut json)?;
    KeySet::parse(&json).map_err(io::Error::other)
}

fn stamp_of(metadata: &Metadata) -> Stamp {
    (metadata.ino(), metadata.len(), metadata.ctime(), metadata.ctime_nsec())
}
