//! Workspace JWTs: statements of an account's owner about who may read which of its pipes, signed with the secret of an
//! admin token, or with a warehouse key. They give single resources and never a scope.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use serde_json::Value;
use tallyhouse_model::Micros;

use super::claims::{BadClaim, Claims};
use super::cryptography;
use super::refusal::Refusal;
use super::workspace_scope::{resources_of, scopes_of};
use crate::catalog::{
    Catalog, CatalogError, JwtOrigin, JwtStatement, Narrowing, RateLimit, Resources, WORKSPACE_KEYS_MAX,
    WorkspaceKey, WorkspaceKeyKind, hash_of, warehouse_resources,
};

/// The claim that tells such a JWT from others: the name of the account.
pub(super) const WORKSPACE_ID: &str = "workspace_id";

/// Reads workspace JWTs.
pub(super) struct WorkspaceJwts {
    catalog: Arc<Catalog>,
}

/// Signs claims as whoever has the secret would.
pub fn sign_workspace_jwt(key: &WorkspaceKey, claims: &Value) -> Result<String, CatalogError> {
    cryptography::install();
    let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(&key.hmac_key))
        .map_err(|error| CatalogError::Damaged(format!("the key {} does not sign: {error}", key.id)))
}

impl WorkspaceJwts {
    pub(super) fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog }
    }

    /// What a token states, if a key of the account that it names signed it. `exp` counts to the second, since the
    /// contract of these tokens knows no leeway; `nbf` is the clock of whoever made it, so leeway counts there.
    pub(super) fn statement(
        &self,
        token: &str,
        header: &Header,
        unverified: &Claims,
        leeway: Micros,
        now: Micros,
    ) -> Result<JwtStatement, Refusal> {
        let account_name =
            unverified.text(WORKSPACE_ID).ok_or(Refusal::Because("its workspace_id is no text"))?;
        let (key, claims) = self.verified(token, header, account_name, now)?;
        let (not_before, _) = claims.times(leeway)?;
        let (_, expires_at) = claims.times(0)?;
        Ok(JwtStatement {
            scopes: Vec::new(),
            narrowing: Narrowing::default(),
            resources: resources(&key, &claims)?,
            limit: limit_of(token, &claims)?,
            not_before,
            expires_at: key.expires_at.map_or(expires_at, |at| at.min(expires_at)),
            origin: JwtOrigin::Workspace { key_id: key.id },
            account_name: key.account_name,
        })
    }

    /// The key that signed a token, and its claims.
    fn verified(
        &self,
        token: &str,
        header: &Header,
        account_name: &str,
        now: Micros,
    ) -> Result<(WorkspaceKey, Claims), Refusal> {
        let keys = match &header.kid {
            Some(id) => self.catalog.workspace_key(id)?.into_iter().collect(),
            None => self.catalog.workspace_keys(account_name, now)?,
        };
        if keys.len() > WORKSPACE_KEYS_MAX {
            return Err(Refusal::Because("it has no kid, and its account more than 64 admin tokens"));
        }
        keys.into_iter()
            .filter(|key| key.account_name == account_name)
            .find_map(|key| Some((claims_signed_by(&key, token)?, key)))
            .map(|(claims, key)| (key, claims))
            .ok_or(Refusal::Because(
                "no admin token and no warehouse key of its account signed it with HS256, or not the one of its kid",
            ))
    }
}

/// The claims of a token that this key signed. The key is the hash of the secret, which is what HMAC makes of the secret
/// itself (see `WorkspaceKey`).
fn claims_signed_by(key: &WorkspaceKey, token: &str) -> Option<Claims> {
    Claims::verified(token, &DecodingKey::from_secret(&key.hmac_key), Algorithm::HS256)
}

fn resources(key: &WorkspaceKey, claims: &Claims) -> Result<Resources, BadClaim> {
    match key.kind {
        WorkspaceKeyKind::AdminToken => {
            scopes_of(claims.value("scopes")).and_then(resources_of).map_err(BadClaim)
        }
        WorkspaceKeyKind::WarehouseKey => Ok(warehouse_resources()),
    }
}

/// `limits.rps`. Requests are counted by the claim `name`, as the vendor does, else by the token itself.
fn limit_of(token: &str, claims: &Claims) -> Result<Option<RateLimit>, BadClaim> {
    let Some(per_second) = per_second_of(claims.value("limits")).map_err(BadClaim)? else { return Ok(None) };
    Ok(Some(RateLimit { per_second, name: hash_of(claims.text("name").unwrap_or(token)) }))
}

/// Reads `limits`: an object with `rps`, a whole number from 1 on; either may be absent.
pub fn per_second_of(limits: Option<&Value>) -> Result<Option<u32>, &'static str> {
    let rps = match limits {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(limits)) => limits.get("rps"),
        Some(_) => return Err("limits is no object"),
    };
    match rps {
        None | Some(Value::Null) => Ok(None),
        Some(rps) => {
            let number = whole(rps).filter(|rps| *rps > 0);
            number.map(Some).ok_or("limits.rps is no whole number from 1 on")
        }
    }
}

/// A number without a fraction, be it written as `10` or as `10.0`.
fn whole(number: &Value) -> Option<u32> {
    let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
    // Every u32 is a float of 64 bits without loss.
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_secret_signs_the_hash_verifies_and_the_other_way_round() {
        cryptography::install();
        let claims = json!({ "workspace_id": "acme", "exp": 1 });
        for secret in [format!("tally_{}", "5a".repeat(32)), format!("rprswh_{}", "5a".repeat(32))] {
            assert!(secret.len() > 64, "HMAC-SHA-256 only replaces keys that are longer than a block");
            let key = WorkspaceKey {
                id: "tok_1".to_owned(),
                account_name: "acme".to_owned(),
                hmac_key: hash_of(&secret),
                expires_at: None,
                kind: WorkspaceKeyKind::AdminToken,
            };
            let plain =
                (EncodingKey::from_secret(secret.as_bytes()), DecodingKey::from_secret(secret.as_bytes()));
            let by_owner = encode(&Header::new(Algorithm::HS256), &claims, &plain.0).unwrap();
            assert!(claims_signed_by(&key, &by_owner).is_some());
            assert!(claims_signed_by(&key, &format!("{by_owner}A")).is_none());
            let by_server = sign_workspace_jwt(&key, &claims).unwrap();
            assert!(Claims::verified(&by_server, &plain.1, Algorithm::HS256).is_some());
        }
    }

    #[test]
    fn a_token_that_another_program_made_with_the_secret_is_verified_with_its_hash() {
        cryptography::install();
        // By Python's `hmac` and `base64`, with the secret itself.
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ3b3Jrc3BhY2VfaWQiOiJhY21lIiwiZXhwIjoxfQ.\
                     sgTGS4ttspCubXu2ttBIhEhjV3_pptimpkA0-QWUpBA";
        let hash = hash_of(&format!("tally_{}", "5a".repeat(32)));
        let claims = Claims::verified(token, &DecodingKey::from_secret(&hash), Algorithm::HS256).unwrap();
        assert_eq!(claims.text(WORKSPACE_ID), Some("acme"));
        let other = hash_of(&format!("tally_{}", "5b".repeat(32)));
        assert!(Claims::verified(token, &DecodingKey::from_secret(&other), Algorithm::HS256).is_none());
    }

    #[test]
    fn a_limit_is_a_whole_number_from_1_on() {
        for ten in [json!(10), json!(10.0)] {
            assert_eq!(per_second_of(Some(&json!({ "rps": ten }))), Ok(Some(10)));
        }
        assert_eq!(per_second_of(Some(&json!({ "rps": u32::MAX }))), Ok(Some(u32::MAX)));
        for none in [None, Some(json!(null)), Some(json!({})), Some(json!({ "rps": null }))] {
            assert_eq!(per_second_of(none.as_ref()), Ok(None));
        }
        for wrong in [
            json!({ "rps": 0 }),
            json!({ "rps": 1.5 }),
            json!({ "rps": "10" }),
            json!({ "rps": -1 }),
            json!({ "rps": 4_294_967_296_u64 }),
            json!({ "rps": true }),
            json!(10),
        ] {
            assert!(per_second_of(Some(&wrong)).is_err(), "{wrong}");
        }
    }
}
