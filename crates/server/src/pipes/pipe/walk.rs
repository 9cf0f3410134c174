//! The way through an answer: the places that come next, of one page, from the first to the last or the other way round.

use std::ops::Range;

use crate::pipes::answer::Page;

/// A walk over the rows of a page, a chunk at a time.
pub struct Walk {
    /// Rows of all pages.
    total: u64,
    /// Rows of the page, counted in the direction of the walk.
    page: Range<u64>,
    /// The next one.
    next: u64,
    is_descending: bool,
}

impl Walk {
    /// A walk that begins at the first row of a page; when it is descending, pages count from the last row.
    pub fn new(total: u64, page: Page, is_descending: bool) -> Self {
        let first = page.offset.min(total);
        let end = first.saturating_add(page.limit.unwrap_or(u64::MAX)).min(total);
        Self { total, page: first..end, next: first, is_descending }
    }

    /// Rows on the page.
    pub fn rows(&self) -> u64 {
        self.page.end - self.page.start
    }

    /// Rows on all pages.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether chunks have to be turned round.
    pub fn is_descending(&self) -> bool {
        self.is_descending
    }

    /// The places of the next chunk, ascending; `None` behind the last.
    pub fn next_places(&mut self, rows_max: u64) -> Option<Range<u64>> {
        let places = self.next..self.page.end.min(self.next.saturating_add(rows_max));
        self.next = places.end;
        match (places.is_empty(), self.is_descending) {
            (true, _) => None,
            (false, false) => Some(places),
            (false, true) => Some(self.total - places.end..self.total - places.start),
        }
    }

    /// Back to the first row of the page.
    pub fn rewind(&mut self) {
        self.next = self.page.start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(offset: u64, limit: Option<u64>, is_descending: bool) -> Vec<Range<u64>> {
        let mut walk = Walk::new(10, Page { offset, limit }, is_descending);
        let mut all = || std::iter::from_fn(|| walk.next_places(4)).collect::<Vec<_>>();
        let first = all();
        assert!(all().is_empty());
        walk.rewind();
        assert_eq!(std::iter::from_fn(|| walk.next_places(4)).collect::<Vec<_>>(), first);
        assert_eq!(first.iter().map(|places| places.end - places.start).sum::<u64>(), walk.rows());
        first
    }

    #[test]
    fn a_page_is_walked_over_in_chunks() {
        assert_eq!(places(0, None, false), [0..4, 4..8, 8..10]);
        assert_eq!(places(3, Some(5), false), [3..7, 7..8]);
        assert_eq!(places(9, Some(u64::MAX), false), std::slice::from_ref(&(9..10)));
        for (offset, limit) in [(10, None), (u64::MAX, Some(u64::MAX)), (0, Some(0))] {
            assert!(places(offset, limit, false).is_empty() && places(offset, limit, true).is_empty());
        }
    }

    #[test]
    fn backwards_pages_begin_at_the_last_row() {
        assert_eq!(places(0, None, true), [6..10, 2..6, 0..2]);
        assert_eq!(places(3, Some(5), true), [3..7, 2..3]);
    }
}
