//! Where pingbacks go to: what can be told from the text of a URI alone.
//!
//! Programs differ in what they make of unusual URIs, which is how forbidden addresses get past checks. So everything that
//! anybody could read in two ways is refused, and what is left is sent to exactly as it stands.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::uri::PathAndQuery;

use super::Networks;

/// Bytes of a URI at most.
const URI_BYTES_MAX: usize = 2_048;

/// Bytes of a name and of a part of it at most (RFC 1035, 2.3.4).
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// A URI taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it is https.
    pub is_encrypted: bool,
    /// Which machine.
    pub host: Host,
    /// Its port, named or not.
    pub port: u16,
    /// What is asked for there, from the first slash.
    pub path: PathAndQuery,
}

/// The machine that a URI names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// By a name, in lower case.
    Name(String),
    /// By its address.
    Address(IpAddr),
}

/// Refuses what can never be told anything: another scheme than http and https, no host, a literal address that is not
/// allowed, and whatever could be read in two ways. Says what is wrong with it. The target (scheme, host, port) otherwise.
pub fn check_uri(uri: &str, networks: &Networks) -> Result<String, String> {
    let endpoint = Endpoint::parse(uri)?;
    match endpoint.host {
        Host::Address(address) if !networks.allow(address) => {
            Err(format!("the address {address} is not public, and not one that this server may send to"))
        }
        _ => Ok(endpoint.target()),
    }
}

impl Endpoint {
    /// Takes a URI apart, whatever address it names. Says what is wrong with it, if it is none.
    pub fn parse(uri: &str) -> Result<Self, String> {
        if uri.len() > URI_BYTES_MAX {
            return Err(format!("it is longer than {URI_BYTES_MAX} bytes"));
        }
        check_characters(uri)?;
        let (scheme, rest) = uri.split_once("://").ok_or("it does not begin with http:// or https://")?;
        let is_encrypted = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err("it does not begin with http:// or https://".to_owned()),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = split_port(authority)?;
        Ok(Self {
            is_encrypted,
            host: parse_host(host)?,
            port: port.unwrap_or(if is_encrypted { 443 } else { 80 }),
            path: parse_path(path)?,
        })
    }

    /// Scheme, host and port: what is alive or dead as a whole.
    pub fn target(&self) -> String {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }

    /// What the header `Host` says: without the port where that follows from the scheme.
    pub fn host_header(&self) -> String {
        match (self.is_encrypted, self.port) {
            (false, 80) | (true, 443) => self.host.to_string(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => formatter.write_str(name),
            Host::Address(IpAddr::V4(address)) => write!(formatter, "{address}"),
            Host::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
        }
    }
}

/// Visible ASCII alone, less what programs drop, turn around or take for an end.
fn check_characters(uri: &str) -> Result<(), String> {
    let forbidden = |character: char| !character.is_ascii_graphic() || "\"#<>\\^`{|}".contains(character);
    match uri.chars().find(|character| forbidden(*character)) {
        Some('#') => Err("it has a fragment".to_owned()),
        Some(character) => {
            Err(format!("the character {character:?} has to be percent-encoded, and cannot stand in a host"))
        }
        None => Ok(()),
    }
}

/// The host, and the port if there is one.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    if authority.contains('@') {
        return Err("it names a user".to_owned());
    }
    // The colons of a v6 address stand before its bracket.
    let colon = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
    let Some(colon) = colon else { return Ok((authority, None)) };
    let port = &authority[colon + 1..];
    let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    let port = is_plain.then(|| port.parse().ok()).flatten();
    Ok((&authority[..colon], Some(port.ok_or("its port is not a number from 1 to 65535")?)))
}

fn parse_host(host: &str) -> Result<Host, String> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|address| address.parse::<Ipv6Addr>().ok());
        return address
            .map(|address| Host::Address(address.into()))
            .ok_or_else(|| "what is in brackets is no v6 address".to_owned());
    }
    if host.is_empty() {
        return Err("it has no host".to_owned());
    }
    let last = host.rsplit('.').next().unwrap_or(host);
    if is_like_a_number(last) {
        // Else some would read 127.1, 0177.0.0.1 or 2130706433 as an address, and others as a name.
        let address = host.parse::<Ipv4Addr>();
        return address
            .map(|address| Host::Address(address.into()))
            .map_err(|_| "its host ends in a number and is not an address of four plain numbers".to_owned());
    }
    check_name(host)?;
    Ok(Host::Name(host.to_ascii_lowercase()))
}

/// Whether programs may take a name that ends in this for an address: decimal, octal, or hexadecimal.
fn is_like_a_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name.len() > NAME_BYTES_MAX {
        return Err(format!("its host is longer than {NAME_BYTES_MAX} bytes"));
    }
    for label in name.split('.') {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=LABEL_BYTES_MAX).contains(&label.len()) || !label.bytes().all(is_plain) {
            return Err("its host is no name of letters, digits, '-' and '_' with single dots between them"
                .to_owned());
        }
    }
    Ok(())
}

fn parse_path(path: &str) -> Result<PathAndQuery, String> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    PathAndQuery::try_from(path).map_err(|_| "its path is none".to_owned())
}

#[cfg(test)]
mod tests;
