//! What the rows of one batch were told about their addresses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::{GeoDatabase, Place};

/// How many places are remembered; then all are forgotten at once. To find an entry takes less than to read it, and
/// many addresses share one.
const REMEMBERED_MAX: usize = 4_096;

/// Looks addresses up in one state of the file.
#[derive(Debug)]
pub struct Places {
    database: Arc<GeoDatabase>,
    remembered: HashMap<usize, Arc<Place>>,
}

impl Places {
    /// Nothing remembered yet.
    pub fn new(database: Arc<GeoDatabase>) -> Self {
        Self { database, remembered: HashMap::new() }
    }

    /// Where an address is; `None` when the file does not know it.
    pub fn find(&mut self, ip: IpAddr) -> Option<Arc<Place>> {
        let entry = self.database.find(ip)?;
        if let Some(place) = self.remembered.get(&entry.offset) {
            return Some(Arc::clone(place));
        }
        let place = Arc::new(entry.place());
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        self.remembered.insert(entry.offset, Arc::clone(&place));
        Some(place)
    }
}
