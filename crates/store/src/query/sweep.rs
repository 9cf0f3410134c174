//! Sweeps.

use tallyhouse_model::SweepQuery;

use crate::dictionary::Dictionaries;
use crate::part::PartView;
use crate::{QueryError, Stop, SweepAnswer};

/// Follows rows through time.
pub fn sweep(
    _views: &[PartView],
    _dictionaries: &Dictionaries,
    _query: &SweepQuery,
    _stop: &Stop,
) -> Result<SweepAnswer, QueryError> {
    todo!()
}
