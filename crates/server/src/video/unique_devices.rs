//! `unique-devices`: different devices, or browsers, that watched.

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{Belongs, Measure, TableId};

use super::dimension::DimensionColumns;
use super::metric::Metric;

/// A device counts once in every period, bucket and category in which one of its segments is present; the categories
/// are those of the segment itself.
pub static UNIQUE_DEVICES: Metric = Metric {
    word: "unique-devices",
    table: TableId::ViewSegments,
    belongs: Belongs::Present,
    measure: Measure::Distinct(view_segments::CLIENT_ID),
    dimensions: DimensionColumns::OF_SEGMENTS,
};
