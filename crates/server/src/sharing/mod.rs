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
//! | `messages`, `shorturls`, `snapshots` | a file per thing that a site has: making, listing, reading and deleting it |
//! | `members` | members of JSON bodies, named in errors |
//! | `publication`, `referrals` | how publications are shown, and how often short URLs were followed |
//! | `snapshot_body` | what a snapshot finds, out of reactions and referrals |
//! | `snapshot_json` | how a snapshot is shown, and what a pingback says of it |
//! | `reader` | the only way to read rows |
//! | `redirect` | following short URLs; `redirect/clicks` writes who does, the only rows that the family writes |
//! | `web_url` | which URLs may be followed, and which are in a text |

mod asked;
mod auth;
mod envelope;
mod error;
mod members;
mod messages;
mod paging;
mod publication;
mod reader;
mod redirect;
mod referrals;
mod respond;
mod routes;
mod shorturls;
mod snapshot_body;
mod snapshot_json;
mod snapshots;
mod texts_body;
mod web_url;

pub use self::error::SharingError;
pub(crate) use self::messages::identity_of;
pub(crate) use self::publication::shorturl_prefix;
pub(crate) use self::reader::Reader;
pub use self::redirect::Clicks;
pub use self::routes::routes;
pub(crate) use self::snapshot_body::{Bounds, Wording, publication_snapshots};
pub(crate) use self::snapshot_json::pingback_body;
