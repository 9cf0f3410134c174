//! URLs that browsers may be sent to: which texts are one, where texts have some, and how they stand in a header.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use axum::http::HeaderValue;

/// Bytes of a URL at most.
pub const WEB_URL_BYTES_MAX: usize = 2_048;

/// What a URL begins with, in any case.
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// What may stand around a URL in a text and is not part of it, though it could be.
const AROUND: [char; 6] = ['<', '>', '"', '`', '«', '»'];

/// What ends a sentence and not a URL.
const BEHIND: &[char] = &[
    '.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '…', '”', '“', '„', '’', '‘', '›', '‹', '。', '、',
    '，', '！', '？', '；', '：', '」', '』', '）', '】', '》',
];

/// What belongs to a URL only where what opens it does as well.
const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// What is wrong with a URL that somebody may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// It is too long.
    #[error("has more than {WEB_URL_BYTES_MAX} bytes")]
    TooLong,
    /// It has characters that stand in no URL.
    #[error("has spaces or control characters")]
    Characters,
    /// It is none of the web.
    #[error("has to begin with http:// or https://")]
    Scheme,
    /// It leads to nobody.
    #[error("has no host")]
    NoHost,
}

/// Says what is wrong with a URL that somebody may be sent to: it has to be one of the web, with a host, without spaces
/// and control characters.
pub fn check_web_url(url: &str) -> Result<(), WebUrlError> {
    if url.len() > WEB_URL_BYTES_MAX {
        return Err(WebUrlError::TooLong);
    }
    if url.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err(WebUrlError::Characters);
    }
    let rest = after_scheme(url).ok_or(WebUrlError::Scheme)?;
    // Browsers take a backslash for a slash.
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if is_host_with_port(host) { Ok(()) } else { Err(WebUrlError::NoHost) }
}

/// The first different URLs of a text in their order, at most so many. Takes as long as the text is, whatever it says.
pub fn urls_in(text: &str, urls_max: usize) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = text;
    while urls.len() < urls_max {
        let Some(start) = start_of_url(rest) else { break };
        let behind = &rest[start..];
        let end =
            behind.find(|char: char| char.is_whitespace() || char.is_control() || AROUND.contains(&char));
        let stretch = &behind[..end.unwrap_or(behind.len())];
        let url = without_punctuation(stretch);
        if check_web_url(url).is_ok() && !urls.contains(&url) {
            urls.push(url);
        }
        rest = &behind[stretch.len()..];
    }
    urls
}

/// The URL as the value of a header: what is not ASCII is percent-encoded, which is what browsers make of it anyway.
pub fn location_of(url: &str) -> HeaderValue {
    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
    }
    HeaderValue::from_str(&encoded).expect("visible ASCII is the value of a header")
}

fn after_scheme(url: &str) -> Option<&str> {
    SCHEMES.iter().find_map(|scheme| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

fn is_host_with_port(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(bracketed) => {
            let Some((address, port)) = bracketed.split_once(']') else { return false };
            if address.parse::<Ipv6Addr>().is_err() {
                return false;
            }
            ("v6", port)
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.len() <= 5;
    !name.is_empty() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// Where the first URL of a text begins: at a scheme that is not the end of another word.
fn start_of_url(text: &str) -> Option<usize> {
    let mut before = ' ';
    text.char_indices().find_map(|(at, char)| {
        let starts = !before.is_alphanumeric() && after_scheme(&text[at..]).is_some();
        before = char;
        starts.then_some(at)
    })
}

/// Takes away what belongs to the sentence around a URL: a mark at its end, or a bracket that closes more than is open.
/// Brackets are counted once, since what is taken away opens none.
fn without_punctuation(stretch: &str) -> &str {
    let mut closing_only = BRACKETS.map(|(open, close)| {
        (close, stretch.matches(close).count().saturating_sub(stretch.matches(open).count()))
    });
    stretch.trim_end_matches(|last: char| {
        match closing_only.iter_mut().find(|(close, left)| *close == last && *left > 0) {
            Some((_, left)) => {
                *left -= 1;
                true
            }
            None => BEHIND.contains(&last),
        }
    })
}

#[cfg(test)]
mod tests;
