//! Parameters become valid, typed values. Every bad or missing one is reported, not only the first.

mod reader;
mod series;
mod sweep;
mod viewers;
mod views;

pub use series::SeriesParams;
pub use sweep::{SweepParams, SweepSummaryParams};
pub use viewers::ViewersParams;
pub use views::ViewsParams;

use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::{Micros, Range, SECOND, Zone};

/// 2200-01-01T00:00:00Z. No record is this late, so a period that ends in the year 9999 needs no buckets after it.
const RECORDED_TIME_MAX: Micros = 7_258_118_400_000_000;

/// `date_time_from` and `date_time_to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// From the one to just before the other; empty when they are equal or run backwards.
    pub range: Range,
    /// The offset of `date_time_from`, or the default zone. Buckets begin and times are shown in it.
    pub zone: Zone,
}

impl Period {
    /// What of it can hold records.
    pub fn recorded_range(&self) -> Range {
        let Range { from, to } = self.range;
        Range { from: from.max(RECORD_TIME_MIN), to: to.min(RECORDED_TIME_MAX) }
    }

    /// What a clock on the wall would say has passed: a day is 24 hours, also where daylight saving begins or ends.
    fn wall_clock_length(&self) -> Micros {
        let shown = |at| at + Micros::from(self.zone.offset_seconds_at(at)) * SECOND;
        shown(self.range.to) - shown(self.range.from)
    }
}

#[cfg(test)]
mod tests;
