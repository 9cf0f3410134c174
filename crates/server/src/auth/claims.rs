//! The claims of a JWT, read with care: one of the wrong type is an error, never as if it were absent.

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};
use tallyhouse_model::{Micros, SECOND};

use crate::catalog::{NARROWING_IDS_MAX, Narrowing};

/// Times beyond this (the year 5138) are taken for it, so that arithmetic on them never overflows.
const TIME_S_MAX: f64 = 1e11;

/// The claims of a JWT.
pub(super) struct Claims(Map<String, Value>);

/// A claim that has to be there is not, or one has the wrong type; which, for the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadClaim(pub(super) &'static str);

impl Claims {
    /// The claims of a token whose signature fits this key. Only this one algorithm is accepted, whatever the header
    /// says. Times, issuer and audience are not looked at yet.
    pub(super) fn verified(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Option<Self> {
        let mut validation = Validation::new(algorithm);
        // That library reads the system's clock; we are handed the time.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        decode(token, key, &validation).ok().map(|decoded| Claims(decoded.claims))
    }

    /// The claims of a token that may be anybody's.
    pub(super) fn unverified(token: &str) -> Option<Self> {
        insecure_decode_claims(token).ok().map(Claims)
    }

    /// A claim that is a text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A claim, whatever it is.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// From when until when it is accepted. `exp` is required.
    pub(super) fn times(&self, leeway: Micros) -> Result<(Micros, Micros), BadClaim> {
        let not_before = self.time("nbf")?.map_or(Micros::MIN, |at| at - leeway);
        let expires_at = self.time("exp")?.ok_or(BadClaim("it has no exp"))? + leeway;
        Ok((not_before, expires_at))
    }

    /// Whether it was made for this audience, possibly among others.
    pub(super) fn has_audience(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(many)) => many.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// To what it is confined, by as many ids as any credential can be.
    pub(super) fn narrowing(&self) -> Result<Narrowing, BadClaim> {
        let narrowing =
            Narrowing { content_ids: self.ids("content_ids")?, channel_ids: self.ids("channel_ids")? };
        if narrowing.ids() > NARROWING_IDS_MAX {
            return Err(BadClaim("content_ids and channel_ids are more than 256 together"));
        }
        Ok(narrowing)
    }

    fn time(&self, name: &str) -> Result<Option<Micros>, BadClaim> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(seconds) if seconds >= 0.0 => {
                    // In range: at most 1e17, and a fraction of a microsecond does not matter.
                    Ok(Some((seconds.min(TIME_S_MAX) * SECOND as f64) as Micros))
                }
                _ => Err(BadClaim("its exp or nbf is no number from 0 on")),
            },
        }
    }

    /// A list of numbers up to 2^63 - 1, which may be written as texts of digits.
    fn ids(&self, name: &str) -> Result<Option<Vec<u64>>, BadClaim> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let id = |value: &Value| match value {
            Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
            value => value.as_u64(),
        };
        let id = |value: &Value| id(value).filter(|id| i64::try_from(*id).is_ok());
        let ids: Option<Vec<u64>> = value.as_array().and_then(|values| values.iter().map(id).collect());
        ids.map(Some).ok_or(BadClaim("its content_ids or channel_ids are no list of numbers up to 2^63 - 1"))
    }
}
