//! Answering typed queries over the parts of a table.
//!
//! `filter.rs` turns conditions into sets of numbers, `select.rs` finds the rows of a part, `fold.rs` folds them part by part
//! with what `memo.rs` remembers, `merge.rs` puts the rows of all parts in order, `page.rs` turns them back into values.

mod aggregate;
mod boundaries;
mod calendar;
mod contains;
mod crew;
mod distinct;
mod filter;
mod fold;
mod groups;
mod id_set;
mod instant;
mod limits;
mod memo;
mod merge;
mod page;
mod pairs;
mod partial;
mod points;
mod rows;
mod scan;
mod select;
mod series;
mod sweep;
mod windows;

pub use aggregate::Aggregates;
pub use groups::{GroupRows, Groups};
pub use memo::Memo;
pub use page::deletions_as_rows;
pub use rows::{any, export, rows};
pub use scan::RowScan;
pub use series::series;
pub use sweep::sweep;

use crate::QueryError;
use crate::damage::Damage;

impl From<Damage> for QueryError {
    fn from(damage: Damage) -> Self {
        QueryError::Damaged(damage.to_string())
    }
}
