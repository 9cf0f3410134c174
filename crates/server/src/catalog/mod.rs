//! The catalog: accounts and credentials, in `catalog.db`, shared by the server and the command line.
//!
//! Both write to it while the other runs; SQLite keeps them apart, and [`Catalog::authenticate`] sees at once what the
//! other changed. No transaction spans the catalog and the store.

mod account;
mod authenticate;
mod credential;
mod database;
mod error;
mod expiry;
mod token;

pub use account::Account;
pub use credential::{AuthError, Credential, Narrowing, Scope};
pub use database::Catalog;
pub use error::CatalogError;
pub use expiry::{ExpiryError, parse_expiry};
pub use token::{NewToken, Token, TokenRequest, TokenState};

#[cfg(test)]
mod tests;
