//! The settings of tokens: how long those of OAuth clients and of sessions live, and whose JWTs are accepted.

use std::net::IpAddr;
use std::path::PathBuf;

use axum::http::Uri;
use serde::{Deserialize, Serialize};

use crate::catalog::Scope;

/// Settings of tokens that OAuth clients fetch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OauthConfig {
    /// Seconds that an access token lives, be it a JWT or not.
    pub access_token_s: u32,
    /// Seconds that a refresh token lives.
    pub refresh_token_s: u32,
}

impl Default for OauthConfig {
    fn default() -> Self {
        Self { access_token_s: 86_400, refresh_token_s: 30 * 86_400 }
    }
}

/// Settings of the sessions of those who sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// Seconds that an access token lives.
    pub access_token_s: u32,
    /// Seconds that a refresh token lives.
    pub refresh_token_s: u32,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self { access_token_s: 30 * 86_400, refresh_token_s: 90 * 86_400 }
    }
}

/// Settings of JWTs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JwtConfig {
    /// What new tokens of this server are signed with.
    pub algorithm: JwtAlgorithm,
    /// The `iss` of this server's tokens.
    pub issuer: String,
    /// The `aud` of this server's tokens, which is then demanded of them; empty for none.
    pub audience: String,
    /// Seconds that the clocks of those who issue and check tokens may differ.
    pub leeway_s: u32,
    /// Identity providers whose tokens are accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<IssuerConfig>,
}

impl Default for JwtConfig {
    fn default() -> Self {
        Self {
            algorithm: JwtAlgorithm::default(),
            issuer: "tallyhouse".to_owned(),
            audience: String::new(),
            leeway_s: 30,
            issuers: Vec::new(),
        }
    }
}

/// What tokens are signed with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum JwtAlgorithm {
    /// Ed25519: a key pair; small and quick.
    #[default]
    #[serde(rename = "EdDSA")]
    #[value(name = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256 with SHA-256: a key pair, for clients that know nothing newer.
    #[serde(rename = "ES256")]
    #[value(name = "ES256")]
    Es256,
    /// HMAC with SHA-256: one secret, so that nobody but this server can check tokens.
    #[serde(rename = "HS256")]
    #[value(name = "HS256")]
    Hs256,
}

impl JwtAlgorithm {
    /// The one with this registered name.
    pub fn of_name(name: &str) -> Option<Self> {
        [JwtAlgorithm::EdDsa, JwtAlgorithm::Es256, JwtAlgorithm::Hs256]
            .into_iter()
            .find(|known| known.name() == name)
    }

    /// Its registered name, the `alg` of tokens.
    pub fn name(self) -> &'static str {
        match self {
            JwtAlgorithm::EdDsa => "EdDSA",
            JwtAlgorithm::Es256 => "ES256",
            JwtAlgorithm::Hs256 => "HS256",
        }
    }
}

/// An identity provider whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// What has to be among the `aud` of its tokens.
    pub audience: String,
    /// The file with its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_file: Option<PathBuf>,
    /// The URL of its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// The name of the account that its tokens are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The claim that names the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_claim: Option<String>,
    /// What its tokens may do.
    #[serde(default = "only_read")]
    pub scopes: Vec<Scope>,
}

fn only_read() -> Vec<Scope> {
    vec![Scope::Read]
}

impl JwtConfig {
    /// The first thing that is wrong with the identity providers, with the name of the one.
    pub(super) fn problem(&self) -> Option<(String, &'static str)> {
        let mut names = Vec::new();
        for issuer in &self.issuers {
            let taken = names.contains(&issuer.issuer.as_str());
            let taken = taken.then_some("there is another one with this issuer");
            let own = issuer.issuer == self.issuer;
            let own =
                own.then_some("jwt.issuer, the iss of this server's own tokens, is the same; change one");
            if let Some(problem) = issuer.problem().or(own).or(taken) {
                return Some((issuer.issuer.clone(), problem));
            }
            names.push(&issuer.issuer);
        }
        None
    }
}

impl IssuerConfig {
    fn problem(&self) -> Option<&'static str> {
        if self.issuer.is_empty() || self.audience.is_empty() {
            return Some("issuer and audience are required, or its tokens for others would be accepted");
        }
        if self.scopes.is_empty() {
            return Some("scopes must have at least one of read, append and admin");
        }
        match (&self.account, &self.account_claim) {
            (Some(_), None) | (None, Some(_)) => {}
            _ => return Some("set one of account and account_claim"),
        }
        match (&self.jwks_file, &self.jwks_url) {
            (Some(_), None) => None,
            (None, Some(url)) if is_trustworthy(url) => None,
            (None, Some(_)) => Some("jwks_url must begin with https://, or with http:// on this machine"),
            _ => Some("set one of jwks_file and jwks_url"),
        }
    }
}

/// Whoever can change the keys on their way can make tokens.
fn is_trustworthy(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_here,
        _ => false,
    }
}
