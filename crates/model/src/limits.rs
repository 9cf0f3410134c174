//! Every bound that more than one crate has to agree on. A bound of a single component stands next to it.

use crate::{DAY, Micros};

/// Rows per block: the unit of scratch memory, checksums and parallel work. 2^16, so that a row number splits
/// into block and offset by a shift.
pub const BLOCK_ROWS: usize = 1 << 16;

/// Rows of one part on disk at most. Four million keep a compaction's working memory (8 bytes a row for the merge
/// order, 8 for the key index) under 70 MB.
pub const PART_ROWS_MAX: usize = 4_000_000;

/// Rows in the log at most; recovery replays them all before the server is ready.
pub const LOG_ROWS_MAX: usize = 500_000;

/// Rows in memory parts that start a flush. Below half of [`LOG_ROWS_MAX`], so that as many again may arrive
/// while the flush runs.
pub const FLUSH_ROWS: usize = 200_000;

/// Bytes of a text in a record, unless its field says otherwise.
pub const TEXT_BYTES_MAX: usize = 1_024;

/// The earliest time a record may carry: 1990-01-01T00:00:00Z.
pub const RECORD_TIME_MIN: Micros = 631_152_000_000_000;

/// The greatest offset from UTC, east or west, in seconds: 23:59, as ISO 8601 has it. The calendar library would take
/// up to 25:59.
pub const UTC_OFFSET_SECONDS_MAX: i32 = 23 * 3_600 + 59 * 60;

/// How far past the time of receipt a record's times may lie.
pub const RECORD_TIME_AHEAD_MAX: Micros = DAY;

/// How far past the time of receipt an `updated_at` may lie: a version further ahead would win for too long.
pub const VERSION_AHEAD_MAX: Micros = DAY;

/// Bytes of the texts of one column in one batch at most; offsets are 32 bits wide.
pub const BATCH_TEXT_BYTES_MAX: usize = 1 << 30;

const _: () = assert!(FLUSH_ROWS * 2 < LOG_ROWS_MAX);
const _: () = assert!(PART_ROWS_MAX <= u32::MAX as usize);
