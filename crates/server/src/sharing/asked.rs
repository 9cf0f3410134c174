//! What handlers get of a request whose site is known, and what all of them read from it in the same way.

use tallyhouse_model::Micros;

use super::SharingError;
use super::reader::Reader;
use crate::catalog::Site;
use crate::http::AppState;
use crate::http::query_string::QueryString;

/// How URLs of the family end.
pub(super) const SUFFIX: &str = ".json";

/// A request whose site is known. Handlers get it on a thread that may block.
pub struct Asked<'a> {
    /// What every handler can reach.
    pub state: &'a AppState,
    /// Who is asking.
    pub site: &'a Site,
    /// What its account has in the store.
    pub reader: &'a Reader,
    /// The path of the URL.
    pub path: &'a str,
    /// Its parameters.
    pub query: &'a QueryString,
    /// Its body, empty where there is none.
    pub body: &'a [u8],
    /// The time of the answer.
    pub now: Micros,
}

impl Asked<'_> {
    /// What the URL names: its last segment without `.json`, as it was sent.
    pub fn token(&self) -> &str {
        let segment = self.path.rsplit('/').next().unwrap_or_default();
        segment.strip_suffix(SUFFIX).unwrap_or(segment)
    }

    /// A parameter that is there and not empty; of several the last.
    pub fn param(&self, name: &str) -> Option<&str> {
        param(self.query, name)
    }

    /// Refuses to delete anything without `confirm_deletion=true`.
    pub fn check_deletion_is_confirmed(&self) -> Result<(), SharingError> {
        match self.param("confirm_deletion") {
            Some(word) if word == "1" || word.eq_ignore_ascii_case("true") => Ok(()),
            _ => Err(SharingError::Invalid("nothing is deleted without confirm_deletion=true".to_owned())),
        }
    }

    /// A time as this answer shows it.
    pub fn date(&self, time: Micros) -> String {
        super::envelope::date_text(time, &self.state.config.sharing.zone)
    }
}

/// A parameter that is there and not empty; of several the last, as the vendor's language takes them.
pub(super) fn param<'q>(query: &'q QueryString, name: &str) -> Option<&'q str> {
    query.pairs().filter(|(sent, value)| *sent == name && !value.is_empty()).last().map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_parameters_the_last_that_is_not_empty_counts() {
        let query = QueryString::of(&"/x?a=1&a=2&a=&b=".parse().unwrap());
        assert_eq!((param(&query, "a"), param(&query, "b"), param(&query, "c")), (Some("2"), None, None));
    }
}
