//! Watches the operator's file: reads it again when it has changed, and keeps what it has when that fails.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tallyhouse_model::{Micros, SECOND};

use super::database::Stamp;
use super::{GeoDatabase, GeoError};

/// How long the file is taken as unchanged after it was looked at.
const CHECK_INTERVAL: Micros = 5 * SECOND;

/// How a file is read.
type Read = fn(&Path) -> Result<GeoDatabase, GeoError>;

/// A file and what was last read from it.
#[derive(Debug)]
pub struct GeoFile {
    path: PathBuf,
    current: RwLock<Arc<GeoDatabase>>,
    watch: Mutex<Watch>,
}

#[derive(Debug)]
struct Watch {
    /// When the file was looked at last.
    checked_at: Option<Micros>,
    /// The file that was read last, or that was found to be none.
    seen: Stamp,
    /// A failure has been logged and no success has followed.
    is_failing: bool,
}

impl GeoFile {
    /// Reads the file for the first time.
    pub fn open(path: &Path) -> Result<Self, GeoError> {
        // Taken first, so that a change while it is read is a change later.
        let seen = Stamp::of(path).map_err(|source| GeoError::Read { path: path.into(), source })?;
        let database = GeoDatabase::read(path)?;
        Ok(Self {
            path: path.into(),
            current: RwLock::new(Arc::new(database)),
            watch: Mutex::new(Watch { checked_at: None, seen, is_failing: false }),
        })
    }

    /// The newest content that could be read. Looks at the file first, unless that was done a moment before; while one
    /// caller reads it again, the others get what there was.
    pub fn database(&self, now: Micros) -> Arc<GeoDatabase> {
        self.database_by(now, GeoDatabase::read)
    }

    /// The same with another way of reading, which tests let fail.
    pub(super) fn database_by(&self, now: Micros, read: Read) -> Arc<GeoDatabase> {
        if let Ok(mut watch) = self.watch.try_lock() {
            let is_due = |at: Micros| now.abs_diff(at) >= CHECK_INTERVAL.unsigned_abs();
            if watch.checked_at.is_none_or(is_due) {
                watch.checked_at = Some(now);
                self.check(&mut watch, read);
            }
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn check(&self, watch: &mut Watch, read: Read) {
        match self.read_if_changed(watch, read) {
            Ok(None) => {}
            Ok(Some(database)) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(database);
                watch.is_failing = false;
            }
            Err(error) => {
                if !watch.is_failing {
                    tracing::warn!(%error, "geo.database cannot be read again; what was read before stays in use");
                }
                watch.is_failing = true;
            }
        }
    }

    fn read_if_changed(&self, watch: &mut Watch, read: Read) -> Result<Option<GeoDatabase>, GeoError> {
        let stamp =
            Stamp::of(&self.path).map_err(|source| GeoError::Read { path: self.path.clone(), source })?;
        if stamp == watch.seen {
            return Ok(None);
        }
        let database = read(&self.path);
        // What could not be read for lack of files or memory is tried again; what is no database stays none.
        if !matches!(database, Err(GeoError::Read { .. })) {
            watch.seen = stamp;
        }
        database.map(Some)
    }
}
