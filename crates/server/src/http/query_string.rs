//! The query parameters of a request as they were sent, decoded; and the way back into a link.

use axum::extract::Query;
use axum::http::Uri;

/// Decoded query parameters in the order they were sent, legal or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryString(Vec<(String, String)>);

impl QueryString {
    /// Those of a URI. Bytes that are not UTF-8 become replacement characters: no number, time or word has one, and as
    /// part of a viewer's identifier they find only what was stored with that very character.
    pub fn of(uri: &Uri) -> Self {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        Self(pairs.map(|Query(pairs)| pairs).unwrap_or_default())
    }

    /// All parameters.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All values sent under a name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs().filter(move |(sent, _)| *sent == name).map(|(_, value)| value)
    }
}

/// Appends a text to a query, percent-encoding all but the unreserved characters of RFC 3986. So `+` becomes `%2B`:
/// a bare one would be read as a space.
pub fn percent_encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_keep_their_order() {
        let uri: Uri = "/views?b=1%2B2&a=x+y&b=&flag&a=%C3%A9".parse().unwrap();
        let query = QueryString::of(&uri);
        let pairs: Vec<_> = query.pairs().collect();
        assert_eq!(pairs, [("b", "1+2"), ("a", "x y"), ("b", ""), ("flag", ""), ("a", "é")]);
        assert_eq!(query.values("b").collect::<Vec<_>>(), ["1+2", ""]);
    }

    #[test]
    fn bytes_that_are_not_utf_8_become_replacement_characters() {
        let query = QueryString::of(&"/viewers?viewer_identifier=a%FFb".parse().unwrap());
        assert_eq!(query.pairs().collect::<Vec<_>>(), [("viewer_identifier", "a\u{fffd}b")]);
    }

    #[test]
    fn a_url_without_parameters_has_none() {
        assert_eq!(QueryString::of(&"/views".parse().unwrap()), QueryString::default());
        assert_eq!(QueryString::of(&"/views?".parse().unwrap()), QueryString::default());
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let text = "2018-07-16T19:20:30+01:00 &=%?#é/\u{0}";
        let mut encoded = String::from("/v?x=");
        percent_encode(text, &mut encoded);
        assert_eq!(encoded, "/v?x=2018-07-16T19%3A20%3A30%2B01%3A00%20%26%3D%25%3F%23%C3%A9%2F%00");
        assert_eq!(QueryString::of(&encoded.parse().unwrap()).values("x").collect::<Vec<_>>(), [text]);
    }
}
