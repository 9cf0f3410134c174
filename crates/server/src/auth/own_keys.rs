//! The keys that this server signs with: made when the first is needed, replaced by `tallyhouse key rotate` or when
//! another algorithm is set, and published.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use tallyhouse_model::{Micros, SECOND};

use super::cryptography::{new_hmac_secret, new_pair};
use crate::catalog::{Catalog, CatalogError, KeyMaterial, SigningKey};
use crate::config::{Config, JwtAlgorithm};

/// Makes a new key the one that signs. What the old one signed stays valid. Where another process does the same at the
/// same time, one of both keys is made. Without an algorithm, the new key is for that of the old one, and the first of all
/// for that of the settings.
pub fn rotate(
    catalog: &Catalog,
    algorithm: Option<JwtAlgorithm>,
    config: &Config,
    now: Micros,
) -> Result<SigningKey, CatalogError> {
    let current = catalog.current_signing_key()?;
    let of_current = || current.as_ref().and_then(|key| JwtAlgorithm::of_name(&key.algorithm));
    let algorithm = algorithm.or_else(of_current).unwrap_or(config.jwt.algorithm);
    replace(catalog, current.as_ref(), algorithm, token_life(config), now)
}

/// How long a token is accepted at most after it was signed, by these settings.
pub(super) fn token_life(config: &Config) -> Micros {
    (Micros::from(config.oauth.access_token_s) + Micros::from(config.jwt.leeway_s)) * SECOND
}

fn replace(
    catalog: &Catalog,
    replaced: Option<&SigningKey>,
    algorithm: JwtAlgorithm,
    token_life: Micros,
    now: Micros,
) -> Result<SigningKey, CatalogError> {
    let material = new_material(algorithm)?;
    catalog.replace_signing_key(replaced.map(|key| key.id.as_str()), material, token_life, now)
}

/// The key that signs, of this algorithm; made where there is none.
pub(super) fn signing(
    catalog: &Catalog,
    algorithm: JwtAlgorithm,
    token_life: Micros,
    now: Micros,
) -> Result<SigningKey, CatalogError> {
    match catalog.current_signing_key()? {
        Some(key) if key.algorithm == algorithm.name() => Ok(key),
        other => replace(catalog, other.as_ref(), algorithm, token_life, now),
    }
}

/// The secret half of a key, ready to sign.
pub(super) fn encoding_key(key: &SigningKey) -> Result<(Algorithm, EncodingKey), CatalogError> {
    let algorithm = algorithm_of(key)?;
    let private = key.private.as_deref().ok_or_else(|| damaged(key))?;
    let encoding = match algorithm {
        Algorithm::EdDSA => EncodingKey::from_ed_der(private),
        Algorithm::ES256 => EncodingKey::from_ec_der(private),
        _ => EncodingKey::from_secret(private),
    };
    Ok((algorithm, encoding))
}

/// What a key's signatures are checked with, and the only algorithm it is for.
pub(super) fn decoding_key(key: &SigningKey) -> Result<(Algorithm, DecodingKey), CatalogError> {
    let algorithm = algorithm_of(key)?;
    let half = if algorithm == Algorithm::HS256 { &key.private } else { &key.public };
    let half = half.as_deref().ok_or_else(|| damaged(key))?;
    let decoding = match algorithm {
        Algorithm::EdDSA => DecodingKey::from_ed_der(half),
        Algorithm::ES256 => DecodingKey::from_ec_der(half),
        _ => DecodingKey::from_secret(half),
    };
    Ok((algorithm, decoding))
}

/// The public halves of all keys that are not retired. A key without one is never shown.
pub(super) fn public_keys(catalog: &Catalog) -> Result<JwkSet, CatalogError> {
    let keys = catalog.signing_keys()?;
    let shown = keys.iter().filter(|key| key.retired_at.is_none() && key.public.is_some());
    Ok(JwkSet { keys: shown.map(jwk_of).collect::<Result<_, _>>()? })
}

fn jwk_of(key: &SigningKey) -> Result<Jwk, CatalogError> {
    let (algorithm, decoding) = decoding_key(key)?;
    let mut jwk = Jwk::from_decoding_key(&decoding, Some(algorithm)).map_err(|_| damaged(key))?;
    jwk.common.key_id = Some(key.id.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(jwk)
}

fn new_material(algorithm: JwtAlgorithm) -> Result<KeyMaterial, CatalogError> {
    let (private, public) = match algorithm {
        JwtAlgorithm::Hs256 => (new_hmac_secret().ok_or(CatalogError::NoKey)?, None),
        JwtAlgorithm::EdDsa => pair(Algorithm::EdDSA)?,
        JwtAlgorithm::Es256 => pair(Algorithm::ES256)?,
    };
    Ok(KeyMaterial { algorithm: algorithm.name(), private, public })
}

fn pair(algorithm: Algorithm) -> Result<(Vec<u8>, Option<Vec<u8>>), CatalogError> {
    let (private, public) = new_pair(algorithm).ok_or(CatalogError::NoKey)?;
    Ok((private, Some(public)))
}

fn algorithm_of(key: &SigningKey) -> Result<Algorithm, CatalogError> {
    match key.algorithm.as_str() {
        "EdDSA" => Ok(Algorithm::EdDSA),
        "ES256" => Ok(Algorithm::ES256),
        "HS256" => Ok(Algorithm::HS256),
        _ => Err(damaged(key)),
    }
}

fn damaged(key: &SigningKey) -> CatalogError {
    CatalogError::Damaged(format!("the signing key {} cannot be used for {}", key.id, key.algorithm))
}
