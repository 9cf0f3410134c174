//! `authenticated-viewers`: different people that watched, as far as the operator says who they are.

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{Belongs, Measure, TableId};

use super::dimension::DimensionColumns;
use super::metric::Metric;

/// Counted like devices; identifiers are opaque, so two that differ in case are two. Segments without one count
/// nowhere.
pub static AUTHENTICATED_VIEWERS: Metric = Metric {
    word: "authenticated-viewers",
    table: TableId::ViewSegments,
    belongs: Belongs::Present,
    measure: Measure::Distinct(view_segments::VIEWER_IDENTIFIER),
    dimensions: DimensionColumns::OF_SEGMENTS,
};
