//! Named tests for the cases that are easy to get wrong, each with the expected answers written out.
//!
//! Every story is told once per [`Placement`]: what a row's neighbours are stored in must not matter.

mod plays;
mod ranges;
mod spans;
mod versions;

use std::collections::BTreeMap;

use tallyhouse_model::tables::plays as columns;
use tallyhouse_model::{Belongs, By, ColumnIndex, Names, Point, TableId, render_record_time};

use crate::pair::{ACCOUNT, Pair};
use crate::questions::{Answer, Probe, Question};
use crate::rows::{Record, Value};

/// Where rows are by the time the next ones arrive.
#[derive(Debug, Clone, Copy)]
enum Placement {
    /// In memory parts.
    Memory,
    /// Each arrival in disk parts of its own.
    Disk,
    /// Every second arrival in memory on top of the others on disk.
    Mixed,
    /// In as few disk parts as can be.
    Compacted,
    /// In disk parts, having passed no log.
    Imported,
    /// In memory parts, read back from the log.
    Replayed,
}

const PLACEMENTS: [Placement; 6] = [
    Placement::Memory,
    Placement::Disk,
    Placement::Mixed,
    Placement::Compacted,
    Placement::Imported,
    Placement::Replayed,
];

/// A pair whose rows go where they are told to.
struct Story {
    pair: Pair,
    placement: Placement,
    arrivals: usize,
}

/// Tells a story once per placement.
fn everywhere(tell: impl Fn(&mut Story)) {
    for placement in PLACEMENTS {
        let mut story = Story { pair: Pair::new(), placement, arrivals: 0 };
        // Shown only when the story fails; names where.
        println!("placement: {placement:?}");
        tell(&mut story);
        story.pair.finish();
    }
}

impl Story {
    /// Sends records as one batch, puts them in their place and compares everything with the model.
    fn send(&mut self, records: impl IntoIterator<Item = impl Into<Record>>) {
        let records: Vec<Record> = records.into_iter().map(Into::into).collect();
        self.arrivals += 1;
        match self.placement {
            Placement::Imported => self.pair.import(ACCOUNT, &records),
            _ => self.pair.ingest(ACCOUNT, &records),
        };
        self.settle();
        self.pair.compare(ACCOUNT, &Probe::everything());
    }

    fn settle(&mut self) {
        match self.placement {
            Placement::Memory | Placement::Imported => {}
            Placement::Disk => self.pair.flush(),
            Placement::Mixed if self.arrivals % 2 == 1 => self.pair.flush(),
            Placement::Mixed => {}
            Placement::Compacted => {
                self.pair.flush();
                self.pair.compact_fully();
            }
            Placement::Replayed => {
                self.pair.crash();
            }
        }
    }

    /// The number of plays that start at each instant.
    fn play_starts(&self) -> BTreeMap<String, u64> {
        let question = Question::Export { account: ACCOUNT, table: TableId::Plays };
        let Answer::Export { rows, .. } = self.pair.ask(&question) else {
            panic!("an export is answered by rows")
        };
        let mut starts = BTreeMap::new();
        for row in &rows {
            let Value::Time(Some(start)) = row[columns::STARTED_AT] else { panic!("a play starts somewhen") };
            *starts.entry(render_record_time(start)).or_default() += 1;
        }
        starts
    }

    /// The number of plays per value of a column. "" is absent: no test here sends empty texts.
    fn plays_by(&self, column: ColumnIndex) -> BTreeMap<String, u64> {
        let text = |point| match point {
            Point::Absent => String::new(),
            Point::Text(text) => text,
            Point::Integer(integer) => integer.to_string(),
            Point::Time(time) => panic!("{time} is no value"),
        };
        let by = By::Column(column, Names::default());
        let question = Probe::everything().series(ACCOUNT, TableId::Plays, Belongs::StartsIn, by);
        let Answer::Series(counts) = self.pair.ask(&question) else {
            panic!("a series is answered by numbers")
        };
        counts.into_iter().map(|(point, count)| (text(point), count)).collect()
    }

    fn countries_of_plays(&self) -> BTreeMap<String, u64> {
        self.plays_by(columns::COUNTRY)
    }
}

/// A map written out.
fn counts<const N: usize>(pairs: [(&str, u64); N]) -> BTreeMap<String, u64> {
    pairs.map(|(text, count)| (text.to_owned(), count)).into()
}
