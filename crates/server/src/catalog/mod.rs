//! The catalog: accounts and credentials, in `catalog.db`, shared by the server and the command line.
//!
//! Both write to it while the other runs; SQLite keeps them apart, and [`Catalog::authenticate`] sees at once what the
//! other changed. No transaction spans the catalog and the store. Keys are kept here and used in `auth`.

mod account;
mod authenticate;
mod check;
mod client;
mod credential;
mod database;
mod documents;
mod error;
mod expiry;
mod grant;
mod jwt;
mod login;
mod message;
mod narrowing;
mod password;
mod pingback;
mod resources;
mod schema;
mod secret;
mod session;
mod shorturl;
mod signing_key;
mod site;
mod snapshot;
mod token;
mod walk;
mod warehouse_key;
mod webhook_secret;
mod workspace_key;

pub use account::Account;
pub(crate) use authenticate::VerifiedToken;
pub use check::problems;
pub use client::{Client, ClientRequest, NewClient};
use credential::scopes_of;
pub use credential::{AuthError, Credential, RateLimit, Scope, join_scopes, parse_scopes, sorted_scopes};
pub use database::Catalog;
pub use documents::{Document, DocumentsPut, DocumentsSize, FormField};
pub use error::CatalogError;
pub use expiry::{ExpiryError, parse_expiry};
pub use grant::{AccessForm, GRANTS_MAX, GrantError, GrantRequest, Granted};
pub use jwt::{ForeignKeys, JwtOrigin, JwtStatement};
pub use login::{EMAIL_BYTES_MAX, Login, LoginRequest, NAME_BYTES_MAX, normal_email};
pub use message::{
    KnownIdentity, Message, MessageEntry, MessagePage, NewPublication, PUBLICATIONS_MAX, Publication,
    Republished,
};
pub use narrowing::{NARROWING_IDS_MAX, Narrowing};
pub use password::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordHash};
pub use pingback::{
    AttemptNote, AttemptOutcome, DuePingback, DuePingbacks, InFlight, NewPingback, Pingback, PingbackAttempt,
    PingbackFilter, PingbackState,
};
pub use resources::{
    PipeResource, RESOURCES_MAX, Resources, data_sources, is_data_source, is_pipe_name, known_data_sources,
};
pub use secret::{SecretHash, hash_of, random_id};
pub use session::{
    NewSession, SESSION_PREFIX, SESSIONS_MAX, Session, SessionLifetimes, SessionTokens, SignInError,
};
pub use shorturl::{FollowedShorturl, SHORTURL_TOKEN_LENGTH, Shorturl, ShorturlPage, shorturl_token};
pub use signing_key::{KeyMaterial, SIGNING_KEYS_MAX, SigningKey};
pub use site::{NewSite, SITE_NAME_BYTES_MAX, Site, SiteNumber};
pub use snapshot::{
    FoundSnapshot, Initiated, KeptJson, PendingSnapshot, SNAPSHOT_BYTES_MAX, Snapshot, SnapshotFilter,
    SnapshotPage, SnapshotState, Unpacking,
};
pub use token::{NewToken, Token, TokenRequest, TokenState};
pub use walk::Page;
pub use warehouse_key::{NewWarehouseKey, WAREHOUSE_PIPES, WarehouseKey, warehouse_resources};
pub use webhook_secret::{NewWebhookSecret, WEBHOOK_SECRETS_MAX, WebhookSecret};
pub use workspace_key::{WORKSPACE_KEYS_MAX, WorkspaceKey, WorkspaceKeyKind};

#[cfg(test)]
mod tests;
