//! Which addresses may be connected to: public ones, and those of networks that the operator allowed.
//!
//! What is public follows the special-purpose registries of IANA (RFC 6890 and what came after it): an address that is
//! reserved for anything but reaching one machine of the internet is refused, whatever form it is written in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Networks that pingbacks may go to although they are not public. A setting, which is a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Networks(Vec<Range>);

/// All addresses whose first bits are these; of v4 or of v6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: IpAddr,
    bits: u8,
}

/// What of v4 is no public address of one machine.
const RESERVED_V4: [(Ipv4Addr, u8); 15] = [
    // This network; loopback; link-local; addresses of private networks; carrier-grade NAT.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Protocol assignments, documentation, 6to4 relays, benchmarks.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast; reserved, with broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Outside of this nothing of v6 is a public address of one machine.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What within it is none either: protocol assignments (Teredo, ORCHID …), documentation, and 6to4, which would lead
/// to a v4 address.
const RESERVED_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// How networks that speak v6 alone reach v4 addresses, which stand in the last 32 bits (RFC 6052).
const NAT64: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

impl Networks {
    /// Reads a list such as `127.0.0.0/8, fd00::/8`; what is wrong with it, if it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|one| parse_range(one.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this address may be connected to.
    pub fn allow(&self, address: IpAddr) -> bool {
        // What is v4 in the clothes of v6 is judged as what it is.
        let plain = address.to_canonical();
        self.0.iter().any(|range| range.holds(plain)) || is_public(plain)
    }
}

impl TryFrom<String> for Networks {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Networks::parse(&text)
    }
}

impl From<Networks> for String {
    fn from(networks: Networks) -> Self {
        let texts: Vec<String> =
            networks.0.iter().map(|range| format!("{}/{}", range.first, range.bits)).collect();
        texts.join(", ")
    }
}

impl Range {
    fn holds(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => is_in_v4(address, (first, self.bits)),
            (IpAddr::V6(first), IpAddr::V6(address)) => is_in_v6(address, (first, self.bits)),
            _ => false,
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) if is_in_v6(address, NAT64) => is_public_v4(last_32_bits(address)),
        IpAddr::V6(address) => {
            is_in_v6(address, GLOBAL_V6) && !RESERVED_V6.iter().any(|range| is_in_v6(address, *range))
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !RESERVED_V4.iter().any(|range| is_in_v4(address, *range))
}

fn last_32_bits(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

fn is_in_v4(address: Ipv4Addr, (first, bits): (Ipv4Addr, u8)) -> bool {
    // A shift by all bits is none at all, so it has to be asked for.
    let differing = (address.to_bits() ^ first.to_bits()).checked_shr(32 - u32::from(bits));
    differing.unwrap_or(0) == 0
}

fn is_in_v6(address: Ipv6Addr, (first, bits): (Ipv6Addr, u8)) -> bool {
    let differing = (address.to_bits() ^ first.to_bits()).checked_shr(128 - u32::from(bits));
    differing.unwrap_or(0) == 0
}

/// Bits in front of a v4 address that is written as a v6 one (`::ffff:10.0.0.0`).
const MAPPED_BITS: u8 = 96;

fn parse_range(text: &str) -> Result<Range, String> {
    let malformed =
        || format!("{text:?} is no network; write an address and how many of its bits count, as 10.1.0.0/16");
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().map_err(|_| malformed())?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => width,
        Some(bits) => whole_number(bits).filter(|bits| *bits <= width).ok_or_else(malformed)?,
    };
    let first = address.to_canonical();
    let bits = match (address, first) {
        (IpAddr::V6(_), IpAddr::V4(_)) => bits.checked_sub(MAPPED_BITS).ok_or_else(malformed)?,
        _ => bits,
    };
    let range = Range { first, bits };
    // 10.1.2.3/16 may be meant as one address or as 10.1.0.0/16: better ask than open too much.
    if range.has_bits_behind() {
        return Err(format!("the network {text:?} has bits set behind those that count"));
    }
    Ok(range)
}

impl Range {
    fn has_bits_behind(self) -> bool {
        match self.first {
            IpAddr::V4(first) => first.to_bits().checked_shl(u32::from(self.bits)).unwrap_or(0) != 0,
            IpAddr::V6(first) => first.to_bits().checked_shl(u32::from(self.bits)).unwrap_or(0) != 0,
        }
    }
}

/// Digits alone: no sign, no spaces.
fn whole_number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests;
