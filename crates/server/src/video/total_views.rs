//! `total-views`: plays, counted where their first segment starts.

use tallyhouse_model::{Belongs, Measure, TableId};

use super::dimension::DimensionColumns;
use super::metric::Metric;

/// A play counts once, with the time and categories of its first segment over all stored data.
pub static TOTAL_VIEWS: Metric = Metric {
    word: "total-views",
    table: TableId::Plays,
    belongs: Belongs::StartsIn,
    measure: Measure::Rows,
    dimensions: DimensionColumns::OF_PLAYS,
};
