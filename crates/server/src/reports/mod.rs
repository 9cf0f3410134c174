//! The reports family: `/api/v4`, analytics of reports from the field, of who read them and of who was alerted to them.
//!
//! | file | what it does |
//! |---|---|
//! | `routes` | which URL goes to which answer |
//! | `auth`, `authorization`, `session…` | who is asking, and signing in |
//! | `respond` | the frame of every read: credential, place, answer, headers |
//! | `params`, `fields`, `item_range` | what was asked, as valid values |
//! | `reader` | the only way to the store: the credential's account and channels |
//! | `channel` | whether there is such a channel |
//! | `analytics/` | a file per endpoint |
//! | `resource` | forms and states of reports as documents |
//! | `documents`, `names` | what states and users are called |
//! | `list`, `time_text` | how answers are written |

mod analytics;
mod auth;
mod authorization;
mod channel;
mod documents;
mod error;
mod fields;
mod item_range;
mod list;
mod names;
mod params;
mod reader;
mod request;
mod resource;
mod respond;
mod routes;
mod session;
mod session_body;
mod session_json;
mod time_text;

pub use self::auth::authenticate;
pub use self::error::{ReportsError, not_found};
pub use self::names::{Name, UserLookup, UserNames, Users};
pub use self::routes::routes;
