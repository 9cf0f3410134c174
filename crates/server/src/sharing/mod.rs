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
//! | `messages` | publishing messages, once and again, listing, reading and deleting them |
//! | `shorturls` | making short URLs, listing, reading and deleting them |
//! | `snapshots`, `snapshot_body` | asking for snapshots, listing, reading and deleting them; how they are shown |
//! | `found`, `publication_snapshots` | what a snapshot finds, for `jobs` that makes it; out of reactions and referrals |
//! | `reader` | the only way to read rows |
//! | `members` | members of JSON bodies, named in errors |
//! | `publication`, `referrals` | how publications are shown, and how often short URLs were followed |
//! | `redirect` | following short URLs; `redirect/clicks` writes who does, the only rows that the family writes |
//! | `web_url` | which URLs may be followed, and which are in a text |

mod asked;
mod auth;
mod envelope;
mod error;
mod found;
mod members;
mod messages;
mod paging;
mod publication;
mod publication_snapshots;
mod reader;
mod redirect;
mod referrals;
mod respond;
mod routes;
mod shorturls;
mod snapshot_body;
mod snapshots;
mod texts_body;
mod web_url;

pub use self::error::SharingError;
pub(crate) use self::found::Found;
pub(crate) use self::messages::identity_of;
pub use self::redirect::Clicks;
pub use self::routes::routes;
