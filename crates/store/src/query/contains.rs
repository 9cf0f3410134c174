//! Which texts of a dictionary contain a part, without regard to case.
//!
//! Case is folded by lower-casing every character on its own, so that whether a text matches does not depend on what
//! stands around the part. Nearly all identifiers are ASCII, for which that is a byte operation.

use memchr::memmem::Finder;

use super::id_set::IdSet;
use super::limits::TEXTS_AT_ONCE;
use crate::dictionary::Dictionary;
use crate::{QueryError, Stop};

/// The ids of all texts that contain the part.
pub fn ids_containing(dictionary: &Dictionary, part: &str, stop: &Stop) -> Result<IdSet, QueryError> {
    let part = lowered(part);
    let is_ascii = part.is_ascii();
    let finder = Finder::new(part.as_bytes());
    let count = dictionary.reader()?.count();
    let (mut ids, mut scratch) = (IdSet::up_to(u64::from(count)), Vec::new());
    for first in (1..=count).step_by(TEXTS_AT_ONCE) {
        stop.check()?;
        let reader = dictionary.reader()?;
        for id in first..=count.min(first + (TEXTS_AT_ONCE as u32 - 1)) {
            let text = reader.string(id)?;
            let contains = if text.is_ascii() {
                scratch.clear();
                scratch.extend_from_slice(text);
                scratch.make_ascii_lowercase();
                is_ascii && finder.find(&scratch).is_some()
            } else {
                finder.find(lowered(reader.text(id)?).as_bytes()).is_some()
            };
            if contains {
                ids.insert(u64::from(id));
            }
        }
    }
    Ok(ids)
}

fn lowered(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
