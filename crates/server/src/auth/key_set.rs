//! The public keys of an identity provider, as a JSON Web Key Set (RFC 7517) lists them.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Bytes of a set at most.
pub(super) const KEY_SET_BYTES_MAX: u64 = 256 * 1024;

/// Keys of a set that are taken; providers have two or three.
const KEYS_MAX: usize = 64;

/// The keys of a set that tokens can be checked with.
#[derive(Default)]
pub(super) struct KeySet(Vec<PublicKey>);

/// A key that signatures are checked with, and the only algorithm it is for.
#[derive(Clone)]
pub(super) struct PublicKey {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// A set is not JSON, or has no key that can be used.
#[derive(Debug, thiserror::Error)]
#[error("it is no JSON Web Key Set with a usable public key")]
pub(super) struct NoKeySet;

#[derive(Deserialize)]
struct KeySetBody {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set. Keys that are not for signatures, secret, or unknown are passed over.
    pub(super) fn parse(json: &[u8]) -> Result<Self, NoKeySet> {
        let body: KeySetBody = serde_json::from_slice(json).map_err(|_| NoKeySet)?;
        let keys = body.keys.into_iter().filter_map(PublicKey::of).take(KEYS_MAX);
        let keys: Vec<_> = keys.collect();
        if keys.is_empty() { Err(NoKeySet) } else { Ok(Self(keys)) }
    }

    /// The key of a token: the one with its `kid`. A token without one has to be of the only key.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&PublicKey> {
        match (id, self.0.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl PublicKey {
    fn of(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let verifies =
            jwk.common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !for_signatures || !verifies {
            return None;
        }
        let algorithm = algorithm_of(&jwk)?;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        (key.family() == algorithm.family()).then_some(Self { id: jwk.common.key_id, algorithm, key })
    }
}

/// What the key says, else what its type is mostly used for. Never one with a shared secret: whoever can read the set
/// could sign with it.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    let by_type = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Algorithm::ES256,
            EllipticCurve::P384 => Algorithm::ES384,
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let Some(said) = jwk.common.key_algorithm else { return Some(by_type) };
    let said = Algorithm::try_from(said).ok()?;
    let fits = said == by_type || (said.family() == AlgorithmFamily::Rsa && by_type == Algorithm::RS256);
    fits.then_some(said)
}

#[cfg(test)]
mod tests;
