//! The targets at the head of the list: most referrals first, and of equal ones by their text; without a target last.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Serialize;

use super::writer::BodyWriter;

#[derive(Serialize)]
struct Entry<'a> {
    target: Option<&'a str>,
    num_referrals: u64,
}

/// A target, by its place in the list: most referrals first, then by text, without one last.
type Ranked = (Reverse<u64>, bool, Option<String>);

/// The first targets of all that were added.
pub struct Top {
    count: u64,
    entries_max: usize,
    /// The last of those that are kept is at hand.
    kept: BinaryHeap<Ranked>,
}

impl Top {
    /// None yet, of which so many are to be kept.
    pub fn new(entries_max: usize) -> Self {
        Self { count: 0, entries_max, kept: BinaryHeap::new() }
    }

    /// Adds a target, or what has none.
    pub fn add(&mut self, num_referrals: u64, target: Option<String>) {
        self.count += 1;
        self.kept.push((Reverse(num_referrals), target.is_none(), target));
        if self.kept.len() > self.entries_max {
            self.kept.pop();
        }
    }

    /// Counts targets that are not among those that are shown.
    pub fn add_unseen(&mut self, targets: u64) {
        self.count += targets;
    }

    /// Writes the list.
    pub fn write(self, body: &mut BodyWriter) {
        body.begin_list(self.count);
        for (Reverse(num_referrals), _, target) in self.kept.into_sorted_vec() {
            if !body.entry(&Entry { target: target.as_deref(), num_referrals }) {
                break;
            }
        }
        body.end_list();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::publication_snapshots::writer::Bounds;

    fn list(entries_max: usize, added: &[(u64, Option<&str>)]) -> String {
        let mut top = Top::new(entries_max);
        added.iter().for_each(|(rows, target)| top.add(*rows, target.map(str::to_owned)));
        let mut body = BodyWriter::new(Bounds { entries: entries_max, bytes: 1_000, groups: 1 });
        top.write(&mut body);
        String::from_utf8(body.into_json()).unwrap()
    }

    #[test]
    fn the_targets_of_most_referrals_are_kept_and_all_are_counted() {
        let added = [(2, Some("b")), (2, None), (9, Some("z")), (2, Some("a")), (1, Some("c"))];
        let entry = |target: &str, rows| format!(r#"{{"target":{target},"num_referrals":{rows}}}"#);
        let all =
            [entry("\"z\"", 9), entry("\"a\"", 2), entry("\"b\"", 2), entry("null", 2), entry("\"c\"", 1)];
        for entries_max in 0..=6 {
            let shown = all[..entries_max.min(5)].join(",");
            assert_eq!(list(entries_max, &added), format!(r#"{{"count":5,"entries":[{shown}]}}"#));
        }
    }
}
