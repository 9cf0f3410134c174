//! JWTs of this server: signs them and reads them back.

use std::sync::Arc;

use jsonwebtoken::{Header, encode};
use serde::Serialize;
use tallyhouse_model::{Micros, SECOND};

use super::claims::Claims;
use super::own_keys::{decoding_key, encoding_key, signing, token_life};
use super::refusal::Refusal;
use crate::catalog::{
    Catalog, CatalogError, Client, Granted, JwtOrigin, JwtStatement, Resources, join_scopes, parse_scopes,
    random_id,
};
use crate::config::{Config, JwtAlgorithm};

/// Signs and reads the server's own JWTs.
pub(super) struct OwnJwts {
    catalog: Arc<Catalog>,
    issuer: String,
    /// Empty for none.
    audience: String,
    algorithm: JwtAlgorithm,
    token_life: Micros,
}

/// What a JWT of this server is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnJwt {
    /// Its own id.
    pub id: String,
    /// What it was made from.
    pub grant_id: String,
    /// Whom it was made for.
    pub client_id: String,
    /// From when on it is not accepted.
    pub expires_at: Micros,
}

/// The claims of the server's own JWTs. Times are seconds since 1970.
#[derive(Serialize)]
struct OwnClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    account: &'a str,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_ids: &'a Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_ids: &'a Option<Vec<u64>>,
}

impl OwnJwts {
    pub(super) fn new(catalog: Arc<Catalog>, config: &Config) -> Self {
        let jwt = &config.jwt;
        let (issuer, audience) = (jwt.issuer.clone(), jwt.audience.clone());
        Self { catalog, issuer, audience, algorithm: jwt.algorithm, token_life: token_life(config) }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Makes the JWT of a grant.
    pub(super) fn sign(
        &self,
        client: &Client,
        granted: &Granted,
        lifetime_s: u32,
        now: Micros,
    ) -> Result<String, CatalogError> {
        let key = signing(&self.catalog, self.algorithm, self.token_life, now)?;
        let (algorithm, encoding) = encoding_key(&key)?;
        let header = Header { kid: Some(key.id.clone()), ..Header::new(algorithm) };
        let iat = now.div_euclid(SECOND);
        let claims = OwnClaims {
            iss: &self.issuer,
            sub: &client.id,
            aud: &self.audience,
            iat,
            exp: iat.saturating_add(i64::from(lifetime_s)),
            jti: random_id()?,
            sid: &granted.grant_id,
            account: &client.account_name,
            scope: join_scopes(&granted.scopes),
            content_ids: &client.narrowing.content_ids,
            channel_ids: &client.narrowing.channel_ids,
        };
        encode(&header, &claims, &encoding).map_err(|error| {
            CatalogError::Damaged(format!("the signing key {} does not sign: {error}", key.id))
        })
    }

    /// What a token states, if we signed it.
    pub(super) fn statement(
        &self,
        token: &str,
        header: &Header,
        leeway: Micros,
    ) -> Result<JwtStatement, Refusal> {
        let (key_id, claims) = self.verified(token, header)?.ok_or(Refusal::Because(
            "its kid is no key of ours or a retired one, or its signature is wrong",
        ))?;
        if !self.audience.is_empty() && !claims.has_audience(&self.audience) {
            return Err(Refusal::Because("jwt.audience is not among its aud"));
        }
        let missing = "one of sub, jti, sid, account and scope is missing or wrong";
        let text = |name| claims.text(name).map(str::to_owned).ok_or(Refusal::Because(missing));
        let (not_before, expires_at) = claims.times(leeway)?;
        Ok(JwtStatement {
            account_name: text("account")?,
            scopes: parse_scopes(&text("scope")?).map_err(|_| Refusal::Because(missing))?,
            narrowing: claims.narrowing()?,
            resources: Resources::default(),
            limit: None,
            not_before,
            expires_at,
            origin: JwtOrigin::Own {
                key_id,
                jwt_id: text("jti")?,
                grant_id: text("sid")?,
                client_id: text("sub")?,
            },
        })
    }

    /// What a token is about, if we signed it, whether it expired or not.
    pub(super) fn read(&self, token: &str, header: &Header) -> Result<Option<OwnJwt>, CatalogError> {
        let Some((_, claims)) = self.verified(token, header)? else { return Ok(None) };
        let text = |name| claims.text(name).map(str::to_owned);
        let about = || {
            let (_, expires_at) = claims.times(0).ok()?;
            Some(OwnJwt { id: text("jti")?, grant_id: text("sid")?, client_id: text("sub")?, expires_at })
        };
        Ok(about())
    }

    /// The id of the key that signed a token, and its claims; `None` when no key of ours did.
    fn verified(&self, token: &str, header: &Header) -> Result<Option<(String, Claims)>, CatalogError> {
        let Some(key_id) = &header.kid else { return Ok(None) };
        let Some(key) = self.catalog.signing_key(key_id)? else { return Ok(None) };
        let (algorithm, decoding) = decoding_key(&key)?;
        let claims = Claims::verified(token, &decoding, algorithm);
        let claims = claims.filter(|claims| claims.text("iss") == Some(self.issuer.as_str()));
        Ok(claims.map(|claims| (key.id, claims)))
    }
}
