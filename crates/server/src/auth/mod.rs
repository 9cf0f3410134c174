//! Who is asking: the one way in for every kind of token, and everything about JWTs.
//!
//! A request's secret is a static token, an access token that an OAuth client was given, a JWT that this server signed,
//! or one of an identity provider that the operator named. All four end in the same `Credential`. Tokens that are no
//! JWTs, and everything that is kept, are the catalog's; the endpoints that hand tokens out are in `oauth`.

mod authority;
mod claims;
mod cryptography;
mod issuer;
mod key_file;
mod key_set;
mod key_url;
mod own_jwt;
mod own_keys;
mod refusal;

pub use authority::{Authority, authenticate};
pub use key_file::{KeyFileError, check_key_files};
pub use own_jwt::OwnJwt;
pub use own_keys::rotate;
