//! Who looks at demos. Nobody of them exists: addresses are of the domains and networks that are set aside for examples.

use std::fmt::Write as _;

use tallyhouse_model::render_uuid;

use super::{IdOf, id_of};

/// Domains for examples (RFC 2606).
const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

/// Networks for examples (RFC 5737), without their last number.
const NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];

/// Visitors of one company.
const COLLEAGUES: u64 = 6;

/// What is told of the visitor in a session. Its memory is used again for the next.
#[derive(Debug, Default)]
pub struct VisitorTexts {
    /// What recognises them.
    pub key: String,
    /// Their e-mail address.
    pub email: String,
    /// The address of their connection.
    pub address: String,
    /// Instead of a name.
    pub name: String,
    /// Where they work.
    pub company: String,
}

impl VisitorTexts {
    /// Fills in what belongs to the visitor of this number.
    pub fn set(&mut self, seed: u64, visitor: u64) {
        let Self { key, email, address, name, company } = self;
        *key = render_uuid(&id_of(IdOf::Visitor, seed, visitor));
        for text in [&mut *email, address, name, company] {
            text.clear();
        }
        let domain = DOMAINS[(visitor % 3) as usize];
        let (network, host) = (NETWORKS[(visitor / 254 % 3) as usize], visitor % 254 + 1);
        write!(email, "visitor-{visitor}@{domain}")
            .and_then(|()| write!(address, "{network}.{host}"))
            .and_then(|()| write!(name, "Visitor {visitor}"))
            .and_then(|()| write!(company, "Example Ltd {}", visitor / COLLEAGUES + 1))
            .expect("writing to a string never fails");
    }
}
