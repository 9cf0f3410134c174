//! Why a JWT is not accepted. Whoever sent it is not told; the operator is, in the log at `debug`.

use jsonwebtoken::Header;

use super::claims::BadClaim;
use crate::catalog::{AuthError, CatalogError};

/// Characters of a header or claim that the log gets at most; anybody can send any.
const LOGGED_MAX: usize = 128;

/// Why a JWT is not accepted.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is wrong, and how.
    Because(&'static str),
    /// It cannot be checked now.
    Unavailable(String),
}

impl Refusal {
    /// Writes down why, with nothing of the token but whose it says it is, and makes an answer of it.
    pub(super) fn logged(self, header: Option<&Header>, issuer: Option<&str>) -> AuthError {
        match self {
            Refusal::Because(reason) => {
                let kid = header.and_then(|header| header.kid.as_deref()).map(beginning);
                tracing::debug!(reason, ?kid, iss = ?issuer.map(beginning), "a JWT is refused");
                AuthError::Invalid
            }
            Refusal::Unavailable(problem) => AuthError::Unavailable(problem),
        }
    }
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(LOGGED_MAX).map_or(text, |(end, _)| &text[..end])
}

impl From<CatalogError> for Refusal {
    fn from(error: CatalogError) -> Self {
        Refusal::Unavailable(error.to_string())
    }
}

impl From<BadClaim> for Refusal {
    fn from(BadClaim(reason): BadClaim) -> Self {
        Refusal::Because(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_the_log_gets_the_beginning() {
        assert_eq!(beginning("short"), "short");
        assert_eq!(beginning(&"ő".repeat(500)), "ő".repeat(LOGGED_MAX));
    }
}
