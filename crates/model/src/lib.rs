//! The words of Tallyhouse: tables and columns, rows, queries, periods and zones, limits.
//!
//! Everything here is plain data and arithmetic. This crate does no I/O, reads no clock and knows no HTTP,
//! so the engine and every API family can share it without sharing anything else.
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | account | a tenant; every row and every query belongs to exactly one |
//! | record | what an operator sends: one JSON object, CSV line or Parquet row |
//! | table | where rows of one kind live |
//! | row | one fact: an account, a key, a version, a time and columns |
//! | key | 16 bytes that name a row within its account and table |
//! | version | microseconds; of two rows with one key the greater version lives, on a tie the later arrival |
//! | deletion | a version without a row; it stays, so that an older row that arrives late stays dead |
//! | segment | a stretch of watching, cut at play, pause and seek (the API calls the row a *View*) |
//! | play | one player session on one content; derived from its segments |
//! | owner, owned row | an owned row (an image of a report) came with its owner, has its key, and goes when that is replaced or deleted |
//! | document | a record that is kept whole as JSON, such as a user or a form: few, looked up by their number |
//! | home | where the records of a table are kept: rows in the store, documents in the catalog |
//! | part | immutable, sorted, columnar rows, in memory or in a file |
//! | block | a fixed number of consecutive rows of a part |
//! | log | accepted batches that are not in a part on disk yet |
//! | dictionary | string ↔ dense id, one per account and namespace |
//! | dead row | a row that was replaced or deleted; it stays in its part until that part is rewritten |
//! | fold, partial | the answer of one part, and how those merge |
//! | memo | what is remembered of answers, by the parts it was made from and how many of their rows are dead |
//! | snapshot | in the store, the parts and dead rows that a reader sees; in the sharing family, how people had reacted to a message, frozen |
//! | catalog | accounts, credentials, documents, and what sites have: everything that is not rows |
//! | login | what a person signs in with; on the command line a user. The users in the data are documents |
//! | site | who asks the sharing family: a name, keys, and an account whose rows count |
//! | message | what a site publishes on social networks; made of parts (texts and URLs, nothing of the store's) |
//! | publication | a message on one social network (its provider) on behalf of one user; an identity is what a user is there |
//! | reaction | a record of what somebody did with a message: a like, a comment, a retweet or a referral |
//! | short URL | a short address that leads to another one, of a message or by itself |
//! | referral | that somebody came to a target: a record for each who followed a short URL (a click), or a reaction that tells of it |
//! | pingback | the POST that tells a site that its snapshot is finished |
//! | target | of a referral, the URL that it led to; of a pingback, the scheme, host and port that it goes to |
//! | job | what the server does without being asked |
//! | family | one of the four APIs |

mod account;
mod batch;
mod device;
mod digest;
pub mod limits;
mod period;
mod query;
mod record_time;
mod table;
pub mod tables;
mod uuid;

pub use account::AccountId;
pub use batch::{ABSENT_INTEGER, ABSENT_TIME, Batch, Cell, OwnedRows, Texts, Values};
pub use device::DeviceClass;
pub use digest::{KeyDigest, integer_of_key, key_of_integer, key_of_row, key_of_text};
pub use period::{Unit, Zone};
pub use query::{
    Aggregate, AggregateQuery, Belongs, By, Filter, GroupOrder, GroupsQuery, Measure, Names, Point, Range,
    RowsQuery, SeriesQuery, SweepMeasure, SweepQuery, SweepRow, Together,
};
pub use record_time::{
    RecordTimeError, parse_record_time, parse_utc_nanoseconds, parse_utc_record_time, render_record_time,
};
pub use table::{Column, ColumnIndex, ColumnKind, Derivation, DictionaryValues, Home, Table, TableId};
pub use uuid::{parse_uuid, render_uuid};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// One second in [`Micros`].
pub const SECOND: Micros = 1_000_000;
/// One hour in [`Micros`].
pub const HOUR: Micros = 3_600 * SECOND;
/// One day of 24 hours in [`Micros`].
pub const DAY: Micros = 24 * HOUR;

/// The 16 bytes that name a row within its account and table: a UUID, or a digest of whatever names it.
pub type Key = [u8; 16];
