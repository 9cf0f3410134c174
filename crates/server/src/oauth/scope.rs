//! The scopes a client asks for: ours, and the vendor's, which all mean that it wants to read.

use crate::catalog::{Scope, sorted_scopes};

use super::error::OauthError;

/// Words at most.
const WORDS_MAX: usize = 64;

/// Reads the parameter `scope`: words with spaces or commas between. `None` when it asks for nothing in particular.
pub(super) fn requested(text: Option<&str>) -> Result<Option<Vec<Scope>>, OauthError> {
    let words = text.unwrap_or_default().split([' ', ',', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    // The vendor has words of its own (broadcaster, openid, email, offline_access), and clients send them.
    let scopes: Vec<_> = words.map(|word| word.parse().unwrap_or(Scope::Read)).take(WORDS_MAX + 1).collect();
    if scopes.len() > WORDS_MAX {
        return Err(OauthError::InvalidScope);
    }
    Ok((!scopes.is_empty()).then(|| sorted_scopes(scopes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<Scope>> {
        requested(Some(text)).unwrap()
    }

    #[test]
    fn our_words_are_themselves_and_all_others_mean_read() {
        assert_eq!(read("append"), Some(vec![Scope::Append]));
        assert_eq!(read("broadcaster, openid email"), Some(vec![Scope::Read]));
        assert_eq!(read("offline_access append,append"), Some(vec![Scope::Read, Scope::Append]));
    }

    #[test]
    fn nothing_asked_is_nothing_in_particular() {
        assert_eq!(requested(None).unwrap(), None);
        assert_eq!(read(" , "), None);
    }

    #[test]
    fn words_are_bounded() {
        assert!(requested(Some(&"read ".repeat(WORDS_MAX))).is_ok());
        assert!(requested(Some(&"read ".repeat(WORDS_MAX + 1))).is_err());
    }
}
