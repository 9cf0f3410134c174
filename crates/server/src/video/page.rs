//! Which page is asked for, and where it lies in the whole list.

/// Rows of a page when `_limit` is not given (documented).
pub const LIMIT_DEFAULT: usize = 10;

/// Rows of a page at most (documented).
pub const LIMIT_MAX: usize = 10_000;

/// A page: `_page` and `_limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its number, from 1.
    pub number: u64,
    /// Its rows at most, 1 to [`LIMIT_MAX`].
    pub limit: usize,
}

impl Page {
    /// The page when nothing is asked for.
    pub const DEFAULT: Page = Page { number: 1, limit: LIMIT_DEFAULT };

    /// Rows before this page.
    pub fn offset(&self) -> u64 {
        (self.number - 1).saturating_mul(self.limit as u64)
    }

    /// The number of the last page of a list; of an empty one, page 1.
    pub fn last(&self, count: u64) -> u64 {
        count.div_ceil(self.limit as u64).max(1)
    }

    /// The page behind this one, unless this is the last or lies beyond it.
    pub fn next(&self, count: u64) -> Option<u64> {
        (self.number < self.last(count)).then(|| self.number + 1)
    }

    /// The page before this one; from beyond the last page, the last one. None where the list is empty.
    pub fn prev(&self, count: u64) -> Option<u64> {
        (self.number > 1 && count > 0).then(|| (self.number - 1).min(self.last(count)))
    }

    /// The rows of this page out of all.
    pub fn cut<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        let start = usize::try_from(self.offset()).unwrap_or(usize::MAX).min(rows.len());
        rows.drain(..start);
        rows.truncate(self.limit);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64, limit: usize) -> Page {
        Page { number, limit }
    }

    #[test]
    fn the_last_page_may_be_short() {
        assert_eq!(page(1, 10).last(20), 2);
        assert_eq!(page(1, 10).last(21), 3);
        assert_eq!(page(3, 10).cut((0..21).collect()), [20]);
        assert_eq!(page(2, 10).offset(), 10);
    }

    #[test]
    fn prev_and_next_stay_within_the_list() {
        assert_eq!((page(1, 1).prev(3), page(1, 1).next(3)), (None, Some(2)));
        assert_eq!((page(2, 1).prev(3), page(2, 1).next(3)), (Some(1), Some(3)));
        assert_eq!((page(3, 1).prev(3), page(3, 1).next(3)), (Some(2), None));
        assert_eq!((page(99, 1).prev(3), page(99, 1).next(3)), (Some(3), None));
    }

    #[test]
    fn an_empty_list_has_one_page_and_no_neighbours() {
        assert_eq!(page(1, 10).last(0), 1);
        assert_eq!((page(5, 10).prev(0), page(5, 10).next(0)), (None, None));
    }

    #[test]
    fn no_page_number_overflows() {
        let far = page(u64::MAX, LIMIT_MAX);
        assert_eq!(far.offset(), u64::MAX);
        assert!(far.cut(vec![1, 2]).is_empty());
        assert_eq!((far.prev(5), far.next(5)), (Some(1), None));
    }
}
