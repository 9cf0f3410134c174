//! How a page of a list is got to: from the nearer end. SQLite walks over what it passes over, so that the pages in the
//! middle take longest, and those at the end no longer than the first.

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Entries to pass over.
    pub offset: u64,
    /// Entries at most.
    pub limit: u64,
    /// Whether the latest come first.
    pub descending: bool,
}

/// How to get to a page: from which end of the list, and over how many entries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walk {
    /// Whether to begin with the last entry.
    pub(super) from_last: bool,
    /// Entries to walk over.
    pub(super) pass_over: i64,
    /// Entries to take then.
    pub(super) take: i64,
    /// Whether what is taken is the page back to front.
    pub(super) is_reversed: bool,
}

impl Walk {
    /// The shorter way to a page of a list of this length; nothing where the page is behind its end.
    pub(super) fn to(page: Page, total: u64) -> Option<Self> {
        let before = page.offset;
        let left = total.checked_sub(before).filter(|left| *left > 0)?;
        let take = page.limit.min(left);
        let behind = left - take;
        let is_reversed = behind < before;
        Some(Self {
            from_last: page.descending != is_reversed,
            pass_over: sql_number(before.min(behind)),
            take: sql_number(take),
            is_reversed,
        })
    }

    /// What was taken, in the order of the page.
    pub(super) fn in_order<T>(&self, mut taken: Vec<T>) -> Vec<T> {
        if self.is_reversed {
            taken.reverse();
        }
        taken
    }
}

fn sql_number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
