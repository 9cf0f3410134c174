//! Telling others: which addresses may be told anything, how it is sent and signed, and when it is tried again.

mod address;
mod uri;

pub use self::address::Networks;
pub use self::uri::check_uri;
