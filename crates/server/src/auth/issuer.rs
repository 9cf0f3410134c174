//! An identity provider of the operator, whose JWTs are accepted.

use std::sync::Arc;

use jsonwebtoken::Header;
use tallyhouse_model::Micros;

use super::claims::Claims;
use super::key_file::KeyFile;
use super::key_set::KeySet;
use super::key_url::KeyUrl;
use super::refusal::Refusal;
use crate::catalog::{ForeignKeys, JwtOrigin, JwtStatement, Resources};
use crate::config::IssuerConfig;

/// An identity provider.
pub(super) struct Issuer {
    place: usize,
    config: IssuerConfig,
    source: KeySource,
}

/// Where its keys come from.
enum KeySource {
    File(KeyFile),
    Url(KeyUrl),
    /// The settings name neither, which reading them refuses.
    Nowhere,
}

/// Keys, and a number that grows when they change.
pub(super) type Keys = (Arc<KeySet>, u64);

impl Issuer {
    pub(super) fn new(place: usize, config: IssuerConfig) -> Self {
        let source = match (&config.jwks_file, &config.jwks_url) {
            (Some(path), _) => KeySource::File(KeyFile::new(path.clone())),
            (None, Some(url)) => KeySource::Url(KeyUrl::new(url.clone())),
            (None, None) => KeySource::Nowhere,
        };
        Self { place, config, source }
    }

    /// The `iss` of its tokens.
    pub(super) fn name(&self) -> &str {
        &self.config.issuer
    }

    /// Of its keys as they are now.
    pub(super) fn generation(&self, now: Micros) -> u64 {
        self.keys(now).1
    }

    /// What a token states, if this provider signed it for us.
    pub(super) fn statement(
        &self,
        token: &str,
        header: &Header,
        leeway: Micros,
        now: Micros,
    ) -> Result<JwtStatement, Refusal> {
        let (keys, generation) = self.keys(now);
        let Some(key) = keys.find(header.kid.as_deref()) else {
            return Err(self.unknown_key(generation, now));
        };
        let claims = Claims::verified(token, &key.key, key.algorithm)
            .filter(|claims| claims.text("iss") == Some(self.name()))
            .ok_or(Refusal::Because("its signature or its algorithm is not that of the key"))?;
        if !claims.has_audience(&self.config.audience) {
            return Err(Refusal::Because("the audience of its issuer's settings is not among its aud"));
        }
        let account_name =
            self.account_name(&claims).ok_or(Refusal::Because("it has no account_claim that is a text"))?;
        let (not_before, expires_at) = claims.times(leeway)?;
        Ok(JwtStatement {
            account_name: account_name.to_owned(),
            scopes: self.config.scopes.clone(),
            narrowing: claims.narrowing()?,
            resources: Resources::default(),
            limit: None,
            not_before,
            expires_at,
            origin: JwtOrigin::Foreign(ForeignKeys { issuer: self.place, generation }),
        })
    }

    fn account_name<'a>(&'a self, claims: &'a Claims) -> Option<&'a str> {
        match (&self.config.account, &self.config.account_claim) {
            (Some(name), None) => Some(name),
            (None, Some(claim)) => claims.text(claim),
            _ => None,
        }
    }

    fn keys(&self, now: Micros) -> Keys {
        match &self.source {
            KeySource::File(file) => file.keys(),
            KeySource::Url(url) => url.keys(now),
            KeySource::Nowhere => Keys::default(),
        }
    }

    /// The provider may have other keys than those of this generation; where they are being fetched, or have just come, the
    /// client should ask again.
    fn unknown_key(&self, generation: u64, now: Micros) -> Refusal {
        match &self.source {
            KeySource::Url(url) if url.look_for_new(generation, now) => {
                Refusal::Unavailable(format!("the keys of {} are being fetched", self.name()))
            }
            _ => Refusal::Because(
                "its kid is not among the keys of its issuer, or it has none and there are several",
            ),
        }
    }
}
