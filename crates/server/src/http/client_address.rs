//! The address of who asks: that of the connection, or what the proxy in front says where the settings name its header.

use std::net::{IpAddr, SocketAddr};

use axum::http::{Extensions, HeaderMap};

/// The other end of the connection that a request came by: an extension of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// The address of a client. Where a header is named, the last address of that counts, which is the one that the proxy
/// itself added: what stands before it came from outside. Nothing where that is no address; the proxy's own address is
/// never taken for that of a client.
pub fn client_address(headers: &HeaderMap, extensions: &Extensions, header: &str) -> Option<IpAddr> {
    if header.is_empty() {
        return extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
    }
    let last = headers.get_all(header).iter().next_back()?.to_str().ok()?;
    address_of(last.rsplit(',').next().unwrap_or_default().trim())
}

/// An address, with or without a port.
fn address_of(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = text.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn address(header: &str, values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(value).unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(Peer("[::ffff:10.0.0.1]:99".parse().unwrap()));
        client_address(&headers, &extensions, header).map(|address| address.to_string())
    }

    #[test]
    fn the_address_is_that_of_the_connection_unless_a_header_is_named() {
        assert_eq!(address("", &["192.0.2.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(client_address(&HeaderMap::new(), &Extensions::new(), ""), None);
    }

    #[test]
    fn of_a_named_header_the_last_address_counts() {
        for (values, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["203.0.113.9, 192.0.2.1"], Some("192.0.2.1")),
            (&["203.0.113.9", "203.0.113.8,192.0.2.1"], Some("192.0.2.1")),
            (&["192.0.2.1:4711"], Some("192.0.2.1")),
            (&["2001:db8::1"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["[2001:db8::1]:4711"], Some("2001:db8::1")),
            (&["::ffff:192.0.2.1"], Some("192.0.2.1")),
            (&["192.0.2.1, unknown"], None),
            (&["192.0.2.1,"], None),
            (&[""], None),
            (&[], None),
        ] {
            assert_eq!(address("X-Forwarded-For", values).as_deref(), expected, "{values:?}");
        }
    }
}
