//! The period of a request and the zone its answer is written in.

use tallyhouse_model::{Range, Zone};

/// `date_time_from` and `date_time_to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// From the one to just before the other.
    pub range: Range,
    /// The offset of `date_time_from`, or the default zone. Buckets begin and times are shown in it.
    pub zone: Zone,
}
