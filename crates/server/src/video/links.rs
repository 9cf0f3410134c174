//! The `pagination` object: the count of all rows and links to other pages.
//!
//! A link is the path without `/v1` and every parameter of the request, encoded; public clients put the version in
//! front themselves.

use axum::http::Uri;

use super::page::Page;
use crate::http::given_time::mend_plus;
use crate::http::query_string::{QueryString, percent_encode};

/// Parameters that never appear in a link: the page, which each link sets, and secrets.
const LEFT_OUT: [&str; 4] = ["_page", "_limit", "token", "access_token"];

/// A request's own URL, out of which links to its pages are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    base: String,
}

impl Links {
    /// Of a request to this URI (inside `/v1`, or with the bare path) with these parameters.
    pub fn of(uri: &Uri, query: &QueryString) -> Self {
        let mut base = format!("{}?", uri.path());
        for (name, value) in query.pairs().filter(|(name, _)| !LEFT_OUT.contains(name)) {
            let mended = if name.starts_with("date_time_") { mend_plus(value) } else { None };
            percent_encode(name, &mut base);
            base.push('=');
            percent_encode(mended.as_deref().unwrap_or(value), &mut base);
            base.push('&');
        }
        Self { base }
    }

    /// The link to a page.
    fn href(&self, number: u64, limit: usize) -> String {
        format!("{}_page={number}&_limit={limit}", self.base)
    }

    /// Writes the object `pagination` of a page out of `count` rows.
    pub fn write(&self, page: Page, count: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(format!(r#"{{"count":{count}"#).as_bytes());
        for (name, number) in [
            ("first", Some(1)),
            ("last", Some(page.last(count))),
            ("next", page.next(count)),
            ("prev", page.prev(count)),
            ("self", Some(page.number)),
        ] {
            out.extend_from_slice(format!(r#","{name}":"#).as_bytes());
            match number {
                None => out.extend_from_slice(b"null"),
                Some(number) => {
                    out.extend_from_slice(br#"{"href":"#);
                    serde_json::to_writer(&mut *out, &self.href(number, page.limit))
                        .expect("writing to memory does not fail");
                    out.push(b'}');
                }
            }
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pagination(uri: &str, page: Page, count: u64) -> serde_json::Value {
        let uri: Uri = uri.parse().unwrap();
        let mut out = Vec::new();
        Links::of(&uri, &QueryString::of(&uri)).write(page, count, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_links_are_those_of_the_documented_example() {
        assert_eq!(
            pagination("/views?_limit=1", Page { number: 1, limit: 1 }, 10),
            serde_json::json!({
                "count": 10,
                "first": {"href": "/views?_page=1&_limit=1"},
                "last": {"href": "/views?_page=10&_limit=1"},
                "next": {"href": "/views?_page=2&_limit=1"},
                "prev": null,
                "self": {"href": "/views?_page=1&_limit=1"}
            })
        );
    }

    #[test]
    fn links_carry_all_parameters_encoded() {
        let uri =
            "/total-views/live/day?date_time_from=2018-07-16T19:20:30%2B01:00&content_id=1,2&x=a%26b&_page=3";
        let links = pagination(uri, Page { number: 3, limit: 10 }, 35);
        let base =
            "/total-views/live/day?date_time_from=2018-07-16T19%3A20%3A30%2B01%3A00&content_id=1%2C2&x=a%26b";
        assert_eq!(links["self"]["href"], format!("{base}&_page=3&_limit=10"));
        assert_eq!(links["prev"]["href"], format!("{base}&_page=2&_limit=10"));
        assert_eq!(links["next"]["href"], format!("{base}&_page=4&_limit=10"));
        assert_eq!(links["last"]["href"], format!("{base}&_page=4&_limit=10"));
    }

    #[test]
    fn a_plus_sign_sent_bare_comes_back_encoded() {
        let links = pagination("/views?date_time_from=2018-07-16T19:20:30+01:00", Page::DEFAULT, 0);
        assert_eq!(
            links["self"]["href"],
            "/views?date_time_from=2018-07-16T19%3A20%3A30%2B01%3A00&_page=1&_limit=10"
        );
    }

    #[test]
    fn secrets_stay_out_of_links() {
        let links = pagination("/views?token=s3cret&a=1&access_token=s3cret", Page::DEFAULT, 0);
        assert_eq!(links["self"]["href"], "/views?a=1&_page=1&_limit=10");
    }

    #[test]
    fn last_of_an_empty_list_is_page_1() {
        let links = pagination("/views", Page { number: 4, limit: 10 }, 0);
        assert_eq!(links["last"]["href"], "/views?_page=1&_limit=10");
        assert_eq!(links["self"]["href"], "/views?_page=4&_limit=10");
        assert!(links["prev"].is_null() && links["next"].is_null());
    }
}
