//! Which texts stand on a page when all of them are sorted, without sorting all of them.

use std::cell::RefCell;
use std::cmp::Ordering;

use crate::damage::Damage;
use crate::dictionary::{Dictionary, DictionaryStrings};
use crate::query::id_set::IdSet;
use crate::query::limits::TEXTS_AT_ONCE;
use crate::{QueryError, Stop};

/// A text by its first bytes, which mostly suffice to sort it.
#[derive(Clone, Copy)]
struct Candidate {
    prefix: u128,
    id: u32,
}

/// The ids of a page: `limit` of them behind the first `offset`, sorted by the bytes of their texts.
pub fn page_of(
    ids: &IdSet,
    dictionary: &Dictionary,
    offset: u64,
    limit: usize,
    stop: &Stop,
) -> Result<Vec<u32>, QueryError> {
    if offset >= ids.count() || limit == 0 {
        return Ok(Vec::new());
    }
    let strings = dictionary.strings()?;
    let mut candidates = Vec::with_capacity(ids.count() as usize);
    for (at, id) in ids.iter().enumerate() {
        if at % TEXTS_AT_ONCE == 0 {
            stop.check()?;
        }
        let id = id as u32;
        candidates.push(Candidate { prefix: strings.with(id, prefix_of)?, id });
    }
    let order = Order { strings, damage: RefCell::new(None) };
    let mut page = candidates.as_mut_slice();
    let offset = offset as usize;
    if offset > 0 {
        page.select_nth_unstable_by(offset, |a, b| order.compare(a, b));
        page = &mut page[offset..];
    }
    if limit < page.len() {
        page.select_nth_unstable_by(limit, |a, b| order.compare(a, b));
        page = &mut page[..limit];
    }
    page.sort_unstable_by(|a, b| order.compare(a, b));
    match order.damage.into_inner() {
        Some(damage) => Err(damage.into()),
        None => Ok(page.iter().map(|candidate| candidate.id).collect()),
    }
}

/// The first bytes, so that comparing numbers compares texts; short ones are filled up with zeros.
fn prefix_of(text: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(bytes.len());
    bytes[..length].copy_from_slice(&text[..length]);
    u128::from_be_bytes(bytes)
}

struct Order<'a> {
    strings: DictionaryStrings<'a>,
    /// A comparison cannot fail, so what went wrong is told afterwards.
    damage: RefCell<Option<Damage>>,
}

impl Order<'_> {
    fn compare(&self, a: &Candidate, b: &Candidate) -> Ordering {
        a.prefix.cmp(&b.prefix).then_with(|| self.text(a.id).cmp(&self.text(b.id)))
    }

    /// Copied, since one that is not flushed yet may move; only needed where the first bytes are the same.
    fn text(&self, id: u32) -> Vec<u8> {
        self.strings.with(id, <[u8]>::to_vec).unwrap_or_else(|damage| {
            self.damage.borrow_mut().get_or_insert(damage);
            Vec::new()
        })
    }
}
