//! Which page of a list is asked for, and how lists say which page they are.

use serde::Serialize;

use super::SharingError;
use super::asked::param;
use crate::catalog::Page;
use crate::http::query_string::QueryString;

/// Entries of a page where nothing else is asked for.
const ENTRIES_DEFAULT: u64 = 250;

/// Entries of a page at most; more are not refused, but not given either.
const ENTRIES_MAX: u64 = 500;

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

/// A page of a list as answers have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct List<E> {
    pagination: Pagination,
    count: usize,
    entries: Vec<E>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Pagination {
    current_page: u64,
    total_pages: u64,
    entries_per_page: u64,
    total_entries: u64,
    order: Order,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Order {
    field: &'static str,
    direction: &'static str,
}

impl Paging {
    /// What the parameters say.
    pub fn of(query: &QueryString) -> Result<Self, SharingError> {
        let page = number(query, "page")?.unwrap_or(1);
        let entries_per_page = number(query, "entries_per_page")?.unwrap_or(ENTRIES_DEFAULT).min(ENTRIES_MAX);
        let descending = match param(query, "order_direction") {
            None => false,
            Some(direction) if direction.eq_ignore_ascii_case("asc") => false,
            Some(direction) if direction.eq_ignore_ascii_case("desc") => true,
            Some(_) => return Err(SharingError::Invalid("order_direction has to be asc or desc".to_owned())),
        };
        Ok(Self { page, entries_per_page, descending })
    }

    /// The same for the catalog. No list is as long as the farthest offset.
    pub fn page(self) -> Page {
        let offset = (self.page - 1).saturating_mul(self.entries_per_page).min(i64::MAX.unsigned_abs());
        Page { offset, limit: self.entries_per_page, descending: self.descending }
    }

    /// The entries of this page of a list with so many in all.
    pub fn list<E: Serialize>(self, entries: Vec<E>, total: u64) -> List<E> {
        let direction = if self.descending { "desc" } else { "asc" };
        let pagination = Pagination {
            current_page: self.page,
            total_pages: total.div_ceil(self.entries_per_page).max(1),
            entries_per_page: self.entries_per_page,
            total_entries: total,
            order: Order { field: "date_creation", direction },
        };
        List { pagination, count: entries.len(), entries }
    }
}

/// A parameter that is a whole number from 1 on; digits that are more than fit are as good as the largest number.
fn number(query: &QueryString, name: &str) -> Result<Option<u64>, SharingError> {
    let Some(text) = param(query, name) else { return Ok(None) };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse().unwrap_or(u64::MAX) {
        number @ 1.. if is_number => Ok(Some(number)),
        _ => Err(SharingError::Invalid(format!("{name} has to be a whole number from 1 on"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(query: &str) -> Result<(u64, u64, bool), SharingError> {
        let query = QueryString::of(&format!("/x?{query}").parse().unwrap());
        Paging::of(&query).map(|paging| (paging.page, paging.entries_per_page, paging.descending))
    }

    #[test]
    fn what_is_absent_or_empty_has_a_default() {
        assert_eq!(paging(""), Ok((1, 250, false)));
        assert_eq!(paging("page=&entries_per_page=&order_direction="), Ok((1, 250, false)));
    }

    #[test]
    fn pages_are_at_most_as_long_as_documented() {
        assert_eq!(paging("page=3&entries_per_page=500&order_direction=DESC"), Ok((3, 500, true)));
        assert_eq!(paging("entries_per_page=501&order_direction=Asc"), Ok((1, 500, false)));
        assert_eq!(paging("entries_per_page=99999999999999999999999"), Ok((1, 500, false)));
    }

    #[test]
    fn what_is_no_number_or_direction_is_refused() {
        for query in [
            "page=0",
            "page=-1",
            "page=1.0",
            "page=a",
            "page=%2B1",
            "entries_per_page=0",
            "order_direction=up",
        ] {
            assert!(matches!(paging(query), Err(SharingError::Invalid(_))), "{query}");
        }
    }

    #[test]
    fn a_list_says_which_page_it_is() {
        let paging = Paging { page: 2, entries_per_page: 2, descending: true };
        assert_eq!(paging.page(), Page { offset: 2, limit: 2, descending: true });
        assert_eq!(
            serde_json::to_string(&paging.list(vec!["c"], 3)).unwrap(),
            r#"{"pagination":{"current_page":2,"total_pages":2,"entries_per_page":2,"total_entries":3,"order":{"field":"date_creation","direction":"desc"}},"count":1,"entries":["c"]}"#
        );
        let empty = Paging { page: 1, ..paging }.list(Vec::<u8>::new(), 0);
        assert_eq!(empty.pagination.total_pages, 1);
    }

    #[test]
    fn the_farthest_page_is_still_a_place_in_a_list() {
        let paging = Paging { page: u64::MAX, entries_per_page: 500, descending: false };
        assert_eq!(paging.page().offset, i64::MAX.unsigned_abs());
    }
}
