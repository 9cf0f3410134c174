//! Which site is asking: HTTP Basic with its keys, and the label of the host where that names one.

use axum::http::{HeaderMap, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SharingError;
use crate::catalog::Site;
use crate::http::AppState;

/// The site of a request: that of its keys, which the host may name and no other. Reads the catalog, so it blocks.
pub fn authenticate(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Result<Site, SharingError> {
    let (public_key, private_key) = keys_of(headers).ok_or(SharingError::BadCredentials)?;
    let site = state.catalog.site_of_keys(&public_key, &private_key)?;
    let site = site.ok_or(SharingError::BadCredentials)?;
    // Proxies and old clients may send more than one; each that names a site has to name this one.
    let sent = headers.get_all(header::HOST).iter().filter_map(|host| host.to_str().ok());
    for host in sent.chain(uri.host()) {
        let Some(label) = label_of(host).filter(|label| *label != site.name) else { continue };
        if state.catalog.site_by_name(&label)?.is_some() {
            return Err(SharingError::OtherSite);
        }
    }
    Ok(site)
}

/// The keys of a `Basic` header. Of two such headers none is believed: whoever is between the client and us may have
/// looked at the other one.
fn keys_of(headers: &HeaderMap) -> Option<(String, String)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, encoded) = value.to_str().ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (public_key, private_key) = decoded.split_once(':')?;
    Some((public_key.to_owned(), private_key.to_owned()))
}

/// The first label of a host that has at least two, in lower case: what may be the name of a site. That of an address
/// never is, since names begin with a letter; one in brackets has no label.
fn label_of(host: &str) -> Option<String> {
    let name = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let (label, _) = name.split_once('.')?;
    label.starts_with(|first: char| first.is_ascii_alphabetic()).then(|| label.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn keys(values: &[&str]) -> Option<(String, String)> {
        let value = |value: &&str| (header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        keys_of(&values.iter().map(value).collect())
    }

    #[test]
    fn keys_are_in_one_basic_header() {
        let pair = |public: &str, private: &str| Some((public.to_owned(), private.to_owned()));
        for scheme in ["Basic", "basic", " BASIC "] {
            assert_eq!(keys(&[&format!("{scheme} YTpi")]), pair("a", "b"), "{scheme}");
        }
        assert_eq!(keys(&["Basic YTpiOmM="]), pair("a", "b:c"));
        assert_eq!(keys(&["Basic Og=="]), pair("", ""));
        for wrong in
            ["", "Basic", "Basic ", "YTpi", "Bearer YTpi", "Basic YTpi!", "Basic YWI=", "Basic //46/w=="]
        {
            assert_eq!(keys(&[wrong]), None, "{wrong:?}");
        }
        assert_eq!(keys(&[]), None);
        assert_eq!(keys(&["Basic YTpi", "Basic YTpi"]), None);
    }

    #[test]
    fn a_host_of_two_labels_may_name_a_site() {
        for (host, label) in [
            ("demo.api.example.com", Some("demo")),
            ("Demo.API.localhost:8686", Some("demo")),
            ("demo.localhost.", Some("demo")),
            ("demo.", None),
            ("demo", None),
            ("localhost:8686", None),
            ("127.0.0.1:8686", None),
            ("[::1]:8686", None),
            ("[::ffff:10.0.0.1]", None),
            (".demo.example.com", None),
            ("", None),
        ] {
            assert_eq!(label_of(host).as_deref(), label, "{host}");
        }
    }
}
