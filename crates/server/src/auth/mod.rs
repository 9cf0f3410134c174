//! Who is asking: the one way in for every kind of token, and everything about JWTs.
//!
//! A request's secret is a static token, an access token that an OAuth client was given, a JWT that this server signed,
//! one of an identity provider that the operator named, or one that an account's owner signed. All of them end in the same `Credential`. Tokens that are no
//! JWTs, and everything that is kept, are the catalog's; the endpoints that hand tokens out are in `oauth` and `reports`.
//! What bounds asking and guessing is here as well: `rates`, `attempts` to sign in, and the `password_gate`.

mod attempts;
mod authority;
mod claims;
mod cryptography;
mod issuer;
mod key_file;
mod key_set;
mod key_url;
mod own_jwt;
mod own_keys;
mod password_gate;
mod rates;
mod refusal;
mod workspace_jwt;
mod workspace_scope;

pub use attempts::{Attempted, Attempts, TooSoon};
pub use authority::{Authority, JWT_BYTES_MAX, authenticate, authenticate_session};
pub use key_file::{KeyFileError, check_key_files};
pub use own_jwt::OwnJwt;
pub use own_keys::rotate;
pub use password_gate::{Busy, PasswordGate, PasswordPlace};
pub use rates::{Rate, RateKey, Rates};
pub use workspace_jwt::{per_second_of, sign_workspace_jwt};
pub use workspace_scope::{WorkspaceScope, resources_of};
