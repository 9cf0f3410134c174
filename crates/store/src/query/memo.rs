//! What is remembered of answered questions: partial answers of parts and of slices of them, and whole answers that cannot be
//! put together from such.
//!
//! A part never changes, and of its rows only ever more are dead. So its number and how many of its rows are dead name what
//! an answer was made from, and nothing has to be forgotten when rows come or go: what is out of date is not asked for any
//! more and gives way to what is.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tallyhouse_model::{AccountId, Filter, Point, SeriesQuery, TableId};

use super::partial::{Fold, Partial};

/// Bytes that are assumed for finding an entry.
const ENTRY_BYTES: u64 = 256;

/// A question as far as a partial answer depends on it: all but the range.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Whose rows.
    pub account: AccountId,
    /// Which.
    pub table: TableId,
    /// And what has to hold.
    pub filters: Vec<Filter>,
    /// What is found out about them.
    pub fold: Fold,
}

/// Rows that a partial answer is about: all of an account in a part, or in a slice of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stretch {
    /// The part.
    pub part: u64,
    /// The slice, or all of them.
    pub slice: Option<u32>,
    /// How many of the rows are dead.
    pub dead: u64,
}

/// Which rows an answer was made from: the parts that could have any, each with how many dead rows it had.
pub type Sources = Vec<(u64, u64)>;

type Partials = Cache<(Arc<Question>, Stretch), Arc<Partial>, Weight>;
type Answers = Cache<(Arc<SeriesQuery>, Sources), Arc<Vec<(Point, u64)>>, Weight>;

/// Remembers answers, in so many bytes at most; what was not asked for lately gives way.
pub struct Memo {
    partials: Partials,
    answers: Answers,
}

#[derive(Clone)]
struct Weight;

impl Weighter<(Arc<Question>, Stretch), Arc<Partial>> for Weight {
    fn weight(&self, _: &(Arc<Question>, Stretch), partial: &Arc<Partial>) -> u64 {
        ENTRY_BYTES + partial.bytes()
    }
}

impl Weighter<(Arc<SeriesQuery>, Sources), Arc<Vec<(Point, u64)>>> for Weight {
    fn weight(&self, (_, sources): &(Arc<SeriesQuery>, Sources), values: &Arc<Vec<(Point, u64)>>) -> u64 {
        let texts = values.iter().map(|(point, _)| match point {
            Point::Text(text) => text.len(),
            _ => 0,
        });
        let bytes = size_of_val(sources.as_slice()) + size_of_val(values.as_slice()) + texts.sum::<usize>();
        ENTRY_BYTES + bytes as u64
    }
}

impl Memo {
    /// Remembers up to so many bytes, three quarters of them partial answers; nothing with 0.
    pub fn new(bytes_max: u64) -> Self {
        let answers_bytes = bytes_max / 4;
        let entries = |bytes: u64| usize::try_from(bytes / (16 * ENTRY_BYTES)).unwrap_or(usize::MAX).max(64);
        let partials_bytes = bytes_max - answers_bytes;
        Self {
            partials: Cache::with_weighter(entries(partials_bytes), partials_bytes, Weight),
            answers: Cache::with_weighter(entries(answers_bytes), answers_bytes, Weight),
        }
    }

    /// What is known about a stretch.
    pub fn partial(&self, question: &Arc<Question>, stretch: &Stretch) -> Option<Arc<Partial>> {
        self.partials.get(&(Arc::clone(question), stretch.clone()))
    }

    /// Remembers what was found out about a stretch.
    pub fn remember_partial(&self, question: &Arc<Question>, stretch: Stretch, partial: Arc<Partial>) {
        self.partials.insert((Arc::clone(question), stretch), partial);
    }

    /// The answer to a question, if it was made from these.
    pub fn answer(&self, key: &(Arc<SeriesQuery>, Sources)) -> Option<Arc<Vec<(Point, u64)>>> {
        self.answers.get(key)
    }

    /// Remembers a whole answer.
    pub fn remember_answer(&self, key: (Arc<SeriesQuery>, Sources), values: Arc<Vec<(Point, u64)>>) {
        self.answers.insert(key, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(filter: u64) -> Arc<Question> {
        let filters = vec![Filter::IntegerIn(2, vec![filter])];
        Arc::new(Question { account: AccountId(1), table: TableId::Reports, filters, fold: Fold::RowsPer(3) })
    }

    fn stretch(part: u64, dead: u64) -> Stretch {
        Stretch { part, slice: None, dead }
    }

    #[test]
    fn what_is_remembered_belongs_to_its_question_and_rows() {
        let memo = Memo::new(1 << 20);
        memo.remember_partial(&question(1), stretch(7, 0), Arc::new(Partial::Rows(5)));
        assert!(matches!(memo.partial(&question(1), &stretch(7, 0)).as_deref(), Some(Partial::Rows(5))));
        let others = [(2, stretch(7, 0)), (1, stretch(8, 0)), (1, stretch(7, 1))];
        assert!(others.iter().all(|(filter, stretch)| memo.partial(&question(*filter), stretch).is_none()));
        let slice = Stretch { slice: Some(0), ..stretch(7, 0) };
        assert!(memo.partial(&question(1), &slice).is_none());
    }

    #[test]
    fn memory_is_bounded_whatever_is_asked() {
        let (bytes_max, partial_bytes) = (1 << 20, 40_000);
        let memo = Memo::new(bytes_max);
        for filter in 0..1_000 {
            let list = vec![0u32; partial_bytes / 4].into();
            memo.remember_partial(&question(filter), stretch(filter, 0), Arc::new(Partial::List(list)));
            assert!(memo.partials.weight() <= bytes_max);
        }
        assert!(memo.partials.weight() >= 4 * partial_bytes as u64, "something is remembered");
    }

    #[test]
    fn with_no_bytes_nothing_is_remembered() {
        let memo = Memo::new(0);
        memo.remember_partial(&question(1), stretch(7, 0), Arc::new(Partial::Rows(5)));
        assert!(memo.partial(&question(1), &stretch(7, 0)).is_none());
    }
}
