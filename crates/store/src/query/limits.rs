//! What queries keep in memory at most. Debug builds, which is what tests are, have limits that a handful of rows
//! reaches, so that the code behind each of them is tested with everything else.

const SMALL: bool = cfg!(debug_assertions);

/// Bytes of the sets with a bit per id that a distinct count per point may take; what is beyond goes into a hash set.
pub const DENSE_BYTES_MAX: u64 = if SMALL { 2 } else { 64 << 20 };

/// Rows that start in one window of a sweep or slice of a group, unless more start in the same microsecond.
pub const WINDOW_ROWS: u64 = if SMALL { 8 } else { 131_072 };

/// Rows of groups whose places are kept, unless a single window has more.
pub const PLACES_MAX: u64 = if SMALL { 4 } else { 65_536 };

/// Rows of groups that are read at once.
pub const BATCH_ROWS: usize = if SMALL { 2 } else { 4_096 };

/// Texts of a dictionary that are looked at before it is let go for a moment: whoever adds to it waits meanwhile.
pub const TEXTS_AT_ONCE: usize = if SMALL { 2 } else { 65_536 };

/// Groups and values that are remembered together for distinct counts of groups: some 200 MB of them.
pub const PAIRS_MAX: usize = if SMALL { 512 } else { 12_000_000 };

/// Rows of one instant that are sorted by what they are named by.
pub const INSTANT_ROWS_MAX: usize = if SMALL { 24 } else { 262_144 };

/// Groups that are sorted by what they stand for, with a copy of it; more of them are sorted by ranks.
pub const NAMES_AT_ONCE: usize = if SMALL { 3 } else { 1_024 };

/// Rows of a part whose partial answer is remembered by itself, where only some of the part are in a range. Divides a block.
pub const MEMO_ROWS: u32 = if SMALL { 4 } else { 65_536 };

/// Rows that are folded on the thread that asks: for fewer it is not worth to wake others.
pub const ROWS_ALONE_MAX: u64 = if SMALL { 8 } else { 131_072 };

/// Rows whose values are kept at once on each processor, 4 bytes each, to count different ones per group.
pub const PAIR_ROWS_MAX: u64 = if SMALL { 16 } else { 16 << 20 };

/// How often all rows are read for that at most; where there would be more spans of groups, each has more rows.
pub const PAIR_SPANS_MAX: u64 = if SMALL { 8 } else { 64 };

/// Buckets of a series that are looked at one after the other. More is an error.
pub const BUCKETS_MAX: i64 = 2_000_000;

/// Buckets of a series that have rows. More is an error: they would take as much memory as an account may.
pub const SLOTS_MAX: usize = if SMALL { 1_500 } else { 2_000_000 };
