//! The reports family: `/api/v4`, analytics of reports from the field, of who read them and of who was alerted to them.

mod auth;
mod authorization;
mod error;
mod names;
mod session;
mod session_body;
mod session_json;

pub use self::auth::authenticate;
pub use self::error::{ReportsError, method_not_allowed, not_found};
pub use self::names::{Name, Names, Users};
pub use self::session::routes as session_routes;
