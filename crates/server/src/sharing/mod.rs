//! The sharing family: messages, the short URLs in them, and snapshots of what people did with them.
//!
//! | file | what it does |
//! |---|---|
//! | `routes` | which URL goes to which answer |
//! | `auth` | which site is asking: HTTP Basic, and the label of the host |
//! | `respond` | the frame of every request: site, body, place, answer, headers |
//! | `asked` | what handlers get of a request |
//! | `envelope`, `texts_body`, `error` | how answers and errors are written |
//! | `paging` | which page of a list |
//! | `reader` | the only way to the store |

mod asked;
mod auth;
mod envelope;
mod error;
mod messages;
mod paging;
mod reader;
mod respond;
mod routes;
mod shorturls;
mod snapshots;
mod texts_body;

pub use self::error::SharingError;
pub use self::routes::routes;
