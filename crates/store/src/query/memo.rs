//! What is remembered of answered questions: partial answers of parts and of slices of them, and whole answers that cannot be
//! put together from such.
//!
//! A part never changes, and of its rows only ever more are dead. So its number and how many of its rows are dead name what
//! an answer was made from, and nothing has to be forgotten when rows come or go: what is out of date is not asked for any
//! more and gives way to what is.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tallyhouse_model::{AccountId, By, Filter, Point, SeriesQuery, TableId};

use super::partial::{Fold, Partial};

/// Bytes that are assumed for finding an entry.
const ENTRY_BYTES: u64 = 256;

/// Bytes of a question at most that anything is remembered of: long lists of ids are rarely asked for twice.
const QUESTION_BYTES_MAX: u64 = 16 << 10;

/// Bytes of the memo in one shard at least. An entry has to fit into one, and they are only there so that readers on
/// several processors do not wait for each other.
const SHARD_BYTES_MIN: u64 = 16 << 20;

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
    fn weight(&self, (question, _): &(Arc<Question>, Stretch), partial: &Arc<Partial>) -> u64 {
        ENTRY_BYTES + filter_bytes(&question.filters) + partial.bytes()
    }
}

impl Weighter<(Arc<SeriesQuery>, Sources), Arc<Vec<(Point, u64)>>> for Weight {
    fn weight(&self, (query, sources): &(Arc<SeriesQuery>, Sources), values: &Arc<Vec<(Point, u64)>>) -> u64 {
        answer_bytes(query, sources, values)
    }
}

/// What an entry of a whole answer takes, roughly.
fn answer_bytes(query: &SeriesQuery, sources: &Sources, values: &[(Point, u64)]) -> u64 {
    let texts = values.iter().map(|(point, _)| match point {
        Point::Text(text) => text.len(),
        _ => 0,
    });
    let bytes = size_of_val(sources.as_slice()) + size_of_val(values) + texts.sum::<usize>();
    ENTRY_BYTES + query_bytes(query) + bytes as u64
}

fn query_bytes(query: &SeriesQuery) -> u64 {
    let By::Column(_, names) = &query.by else { return filter_bytes(&query.filters) };
    let renamed = names.renamed.iter().map(|(from, to)| from.len() + to.len() + TEXT_BYTES);
    filter_bytes(&query.filters)
        + (names.absent.iter().map(String::len).sum::<usize>() + renamed.sum::<usize>()) as u64
}

/// What a text takes beside its bytes.
const TEXT_BYTES: usize = 32;

fn filter_bytes(filters: &[Filter]) -> u64 {
    let bytes_of = |filter: &Filter| match filter {
        Filter::ChoiceIn(_, words) => size_of_val(words.as_slice()),
        Filter::IntegerIn(_, integers) => size_of_val(integers.as_slice()),
        Filter::TextIn(_, texts) => texts.iter().map(|text| text.len() + TEXT_BYTES).sum(),
        Filter::TextContains(_, text) => text.len(),
        Filter::FlagIs(..) | Filter::TimeIn(..) => 0,
    };
    filters.iter().map(|filter| (size_of_val(filter) + bytes_of(filter)) as u64).sum()
}

impl Memo {
    /// Remembers up to so many bytes, three quarters of them partial answers; nothing with 0.
    pub fn new(bytes_max: u64) -> Self {
        let answers_bytes = bytes_max / 4;
        Self { partials: cache(bytes_max - answers_bytes), answers: cache(answers_bytes) }
    }

    /// What is known about a stretch.
    pub fn partial(&self, question: &Arc<Question>, stretch: &Stretch) -> Option<Arc<Partial>> {
        self.partials.get(&(Arc::clone(question), stretch.clone()))
    }

    /// Remembers what was found out about a stretch.
    pub fn remember_partial(&self, question: &Arc<Question>, stretch: Stretch, partial: Arc<Partial>) {
        if filter_bytes(&question.filters) <= QUESTION_BYTES_MAX {
            self.partials.insert((Arc::clone(question), stretch), partial);
        }
    }

    /// The answer to a question, if it was made from these.
    pub fn answer(&self, key: &(Arc<SeriesQuery>, Sources)) -> Option<Arc<Vec<(Point, u64)>>> {
        self.answers.get(key)
    }

    /// Remembers a copy of a whole answer, unless it is a large part of what there is room for.
    pub fn remember_answer(&self, key: (Arc<SeriesQuery>, Sources), values: &[(Point, u64)]) {
        let fits = answer_bytes(&key.0, &key.1, values) <= self.answers.capacity() / 8;
        if fits && query_bytes(&key.0) <= QUESTION_BYTES_MAX {
            self.answers.insert(key, Arc::new(values.to_vec()));
        }
    }
}

/// An empty cache for so many bytes.
fn cache<K: Eq + Hash, V: Clone>(bytes_max: u64) -> Cache<K, V, Weight>
where
    Weight: Weighter<K, V>,
{
    let entries = usize::try_from(bytes_max / (16 * ENTRY_BYTES)).unwrap_or(usize::MAX).max(64);
    let shards = usize::try_from(bytes_max / SHARD_BYTES_MIN).unwrap_or(usize::MAX).clamp(1, 16);
    let mut options = OptionsBuilder::new();
    // Shards are a power of two; rounded down, so that each has its least bytes.
    let options =
        options.shards(1 << shards.ilog2()).estimated_items_capacity(entries).weight_capacity(bytes_max);
    let options = options.build().expect("both capacities are given");
    Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default())
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

    /// Lists of ids are from outside, and keys have copies of them.
    #[test]
    fn questions_count_as_well_and_long_ones_are_not_remembered() {
        let memo = Memo::new(1 << 20);
        let question = |ids: u64, first: u64| {
            let filters = vec![Filter::IntegerIn(2, (first..first + ids).collect())];
            Arc::new(Question { account: AccountId(1), table: TableId::Reports, filters, fold: Fold::Rows })
        };
        for first in 0..1_000 {
            memo.remember_partial(&question(1_000, first), stretch(1, 0), Arc::new(Partial::Rows(5)));
        }
        assert!(memo.partials.weight() <= 1 << 20 && memo.partials.len() < 100);
        memo.remember_partial(&question(10_000, 0), stretch(1, 0), Arc::new(Partial::Rows(5)));
        assert!(memo.partial(&question(10_000, 0), &stretch(1, 0)).is_none());
    }

    #[test]
    fn a_large_partial_answer_fits_the_default_room() {
        let memo = Memo::new(crate::store::MEMO_BYTES_MAX);
        let list = vec![0u32; 2 << 20].into();
        memo.remember_partial(&question(1), stretch(7, 0), Arc::new(Partial::List(list)));
        assert!(memo.partial(&question(1), &stretch(7, 0)).is_some());
    }

    #[test]
    fn with_no_bytes_nothing_is_remembered() {
        let memo = Memo::new(0);
        memo.remember_partial(&question(1), stretch(7, 0), Arc::new(Partial::Rows(5)));
        assert!(memo.partial(&question(1), &stretch(7, 0)).is_none());
    }
}
