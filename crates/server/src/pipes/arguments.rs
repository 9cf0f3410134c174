//! What is passed to a pipe: the pairs of query string and form, and which rows of the answer are wanted.

use axum::http::Uri;

use super::answer::Page;
use super::error::PipesError;

/// The pairs of the query string, as they were sent, then those of the form.
pub fn sent(uri: &Uri, form: &[u8]) -> Vec<(String, String)> {
    let query = uri.query().unwrap_or_default().as_bytes();
    form_urlencoded::parse(query).into_owned().chain(form_urlencoded::parse(form).into_owned()).collect()
}

/// Whether SQL over the answer was asked for.
pub fn has_sql(arguments: &[(String, String)]) -> bool {
    arguments.iter().any(|(name, value)| name == "q" && !value.is_empty())
}

/// Which rows are wanted: all of them, unless it says otherwise. An empty text is as good as none.
pub fn page(arguments: &[(String, String)]) -> Result<Page, PipesError> {
    Ok(Page { offset: number(arguments, "offset")?.unwrap_or(0), limit: number(arguments, "limit")? })
}

/// The text under this name: of several the last one, as with the parameters of pipes; an empty one is as good as none.
pub fn last<'a>(arguments: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let sent = arguments.iter().rfind(|(sent, _)| sent == name);
    sent.map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
}

/// The number under this name.
fn number(arguments: &[(String, String)], name: &'static str) -> Result<Option<u64>, PipesError> {
    let Some(text) = last(arguments, name) else { return Ok(None) };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.map(Some).ok_or_else(|| PipesError::parameter(name, "is not a whole number from 0 on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(query: &str, form: &str) -> Vec<(String, String)> {
        sent(&format!("/v0/pipes/a.json?{query}").parse().unwrap(), form.as_bytes())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_form_comes_behind_the_query_string_and_both_are_decoded() {
        let sent = arguments("a=1+2&b=%C3%A9", "a=3&c=x%20y");
        assert_eq!(sent, pairs(&[("a", "1 2"), ("b", "é"), ("a", "3"), ("c", "x y")]));
        assert!(sent.len() == 4 && arguments("", "").is_empty());
    }

    #[test]
    fn a_page_is_two_whole_numbers_and_everything_without_them() {
        let asked = |query| page(&arguments(query, "")).map(|page| (page.offset, page.limit));
        for (query, wanted) in [
            ("", (0, None)),
            ("limit=&offset=", (0, None)),
            ("limit=0", (0, Some(0))),
            ("limit=10000&offset=20000", (20_000, Some(10_000))),
            ("limit=5&limit=6", (0, Some(6))),
            ("limit=5&limit=", (0, None)),
            ("offset=18446744073709551615", (u64::MAX, None)),
        ] {
            assert_eq!(asked(query).unwrap(), wanted, "{query}");
        }
    }

    #[test]
    fn a_bad_limit_or_offset_is_named() {
        for value in ["-1", "1.5", "ten", "%2B1", "1e3", "18446744073709551616", "1&NAME=x", "+1"] {
            for name in ["limit", "offset"] {
                let refused = page(&arguments(&format!("{name}={}", value.replace("NAME", name)), ""));
                let message = refused.unwrap_err().to_string();
                assert!(message.starts_with(&format!("{name}: ")), "{value}: {message}");
            }
        }
    }

    #[test]
    fn sql_is_noticed_wherever_it_is_sent_unless_it_is_empty() {
        assert!(has_sql(&arguments("q=SELECT+1", "")) && has_sql(&arguments("", "q=x")));
        assert!(!has_sql(&arguments("q=&query=x", "Q=x")));
    }
}
