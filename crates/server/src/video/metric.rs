//! What tells one counted metric from another. Each metric is a value of this type in a file of its own.

use tallyhouse_model::{Belongs, Measure, TableId};

use super::dimension::DimensionColumns;

/// A metric that answers Series under `/{word}/…`.
#[derive(Debug)]
pub struct Metric {
    /// The first word of its paths.
    pub word: &'static str,
    /// The rows it counts over.
    pub table: TableId,
    /// When such a row belongs to a period.
    pub belongs: Belongs,
    /// What is counted.
    pub measure: Measure,
    /// Where the table has the dimensions.
    pub dimensions: DimensionColumns,
}
