//! The header `Range: objects=0-99`: some of the items of a list, and where they are in it.

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// Items of a page at most, whatever is asked for (documented).
const ITEMS_MAX: u64 = 100;

/// Items of a page of a resource when no range is asked for (documented).
const ITEMS_DEFAULT: u64 = 60;

/// The first item that is asked for, and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemRange {
    first: u64,
    last: u64,
}

/// The items of an answer out of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// Their places in the list.
    pub places: Range<u64>,
    /// The header that says so; none where it is all of them and nobody asked.
    pub content_range: Option<String>,
    /// Whether a range was asked for, so that the status is 206.
    pub is_partial: bool,
}

impl ItemRange {
    /// The range of these headers. Whatever is not `objects=FIRST-LAST` or `objects=FIRST-` asks for none, as HTTP has it
    /// for ranges that a server does not understand.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::RANGE)?.to_str().ok()?;
        let (first, last) = text.trim().strip_prefix("objects=")?.split_once('-')?;
        let first = number(first)?;
        let last = if last.trim().is_empty() { u64::MAX } else { number(last)? };
        (first <= last).then(|| Self { first, last: last.min(first.saturating_add(ITEMS_MAX - 1)) })
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

impl Items {
    /// Of a list that is complete unless a range is asked for.
    pub fn of_all(asked: Option<ItemRange>, name: &str, total: u64) -> Self {
        match asked {
            None => Self { places: 0..total, content_range: None, is_partial: false },
            Some(range) => Self::of_range(range, name, total, true),
        }
    }

    /// Of a list that is always paged.
    pub fn of_page(asked: Option<ItemRange>, name: &str, total: u64) -> Self {
        let range = asked.unwrap_or(ItemRange { first: 0, last: ITEMS_DEFAULT - 1 });
        Self::of_range(range, name, total, asked.is_some())
    }

    fn of_range(range: ItemRange, name: &str, total: u64, is_partial: bool) -> Self {
        let (first, end) = (range.first.min(total), range.last.saturating_add(1).min(total));
        let shown = if first < end { format!("{first}-{}", end - 1) } else { "*".to_owned() };
        Self { places: first..end, content_range: Some(format!("{name} {shown}/{total}")), is_partial }
    }

    /// Those of a list in memory.
    pub fn of_rows<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        rows.truncate(self.places.end as usize);
        rows.drain(..self.places.start as usize);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<ItemRange> {
        ItemRange::of(&HeaderMap::from_iter([(header::RANGE, text.parse().unwrap())]))
    }

    fn content_range(text: &str, total: u64) -> String {
        Items::of_all(asked(text), "reports", total).content_range.unwrap()
    }

    #[test]
    fn the_header_says_which_items_of_how_many() {
        assert_eq!(content_range("objects=0-99", 233), "reports 0-99/233");
        assert_eq!(content_range("objects=0-0", 25), "reports 0-0/25");
        assert_eq!(content_range("objects=200-299", 233), "reports 200-232/233");
        assert_eq!(content_range("objects=0-99", 0), "reports */0");
        assert_eq!(content_range("objects=5-9", 5), "reports */5");
    }

    #[test]
    fn there_are_never_more_than_a_hundred() {
        for text in ["objects=10-5000", "objects=10-", "objects= 10 - 18446744073709551615"] {
            let items = Items::of_all(asked(text), "reports", 1_000);
            assert_eq!(items.places, 10..110, "{text}");
        }
        assert_eq!(content_range("objects=18446744073709551615-", 3), "reports */3");
    }

    #[test]
    fn other_ranges_are_passed_over() {
        for text in
            ["bytes=0-99", "objects", "objects=", "objects=5", "objects=5-4", "objects=-5", "objects=a-b"]
        {
            assert_eq!(asked(text), None, "{text}");
        }
        let all = Items::of_all(None, "reports", 1_000);
        assert_eq!(all, Items { places: 0..1_000, content_range: None, is_partial: false });
    }

    #[test]
    fn resources_have_pages_of_sixty_by_default() {
        let page = Items::of_page(None, "forms", 233);
        assert_eq!((page.places, page.is_partial), (0..60, false));
        assert_eq!(page.content_range.as_deref(), Some("forms 0-59/233"));
        let page = Items::of_page(asked("objects=100-199"), "forms", 233);
        assert_eq!((page.places, page.is_partial), (100..200, true));
    }
}
