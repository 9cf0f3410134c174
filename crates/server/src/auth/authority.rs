//! Checks tokens of every kind.

use std::sync::Arc;

use jsonwebtoken::decode_header;
use jsonwebtoken::jwk::JwkSet;
use tallyhouse_model::{Micros, SECOND};

use super::attempts::Attempts;
use super::claims::Claims;
use super::cryptography;
use super::issuer::Issuer;
use super::own_jwt::{OwnJwt, OwnJwts};
use super::own_keys;
use super::password_gate::PasswordGate;
use super::rates::Rates;
use super::refusal::Refusal;
use super::workspace_jwt::{WORKSPACE_ID, WorkspaceJwts};
use crate::catalog::{
    AuthError, Catalog, CatalogError, Client, Credential, Granted, JwtStatement, SecretHash, VerifiedToken,
    hash_of,
};
use crate::config::{Config, OauthConfig};
use crate::http::AppState;

/// Bytes of a JWT at most; longer ones are not even hashed.
pub const JWT_BYTES_MAX: usize = 8 * 1024;

/// Whoever decides about tokens. One for all requests.
pub struct Authority {
    catalog: Arc<Catalog>,
    own: OwnJwts,
    issuers: Vec<Issuer>,
    workspaces: WorkspaceJwts,
    leeway: Micros,
    /// Lifetimes of what is handed out.
    pub oauth: OauthConfig,
    /// How often those with a limit asked in this second.
    pub rates: Rates,
    /// How often signing in has failed lately.
    pub attempts: Attempts,
    /// Who may have passwords compared.
    pub passwords: PasswordGate,
}

/// Checks the secret of a request, whatever kind of token it is, as of now. Takes microseconds where the token was seen
/// before and nothing has changed since; may read the catalog otherwise. Never waits for an identity provider.
pub fn authenticate(state: &AppState, secret: &str) -> Result<Credential, AuthError> {
    state.authority.authenticate(secret, (state.clock)())
}

/// Checks the access token of a session as of now; it is good for what its caller says, and for nothing else. May read
/// the catalog.
pub fn authenticate_session(state: &AppState, secret: &str) -> Result<Credential, AuthError> {
    state.catalog.authenticate_session(secret, (state.clock)())
}

impl Authority {
    /// Decides by these settings. Keys of identity providers that come from a URL begin to be fetched.
    pub fn new(catalog: Arc<Catalog>, config: &Config) -> Self {
        cryptography::install();
        let leeway = Micros::from(config.jwt.leeway_s) * SECOND;
        let issuers = config.jwt.issuers.iter().enumerate();
        Self {
            own: OwnJwts::new(Arc::clone(&catalog), config),
            issuers: issuers.map(|(place, config)| Issuer::new(place, config.clone())).collect(),
            workspaces: WorkspaceJwts::new(Arc::clone(&catalog)),
            catalog,
            leeway,
            oauth: config.oauth.clone(),
            rates: Rates::default(),
            attempts: Attempts::default(),
            passwords: PasswordGate::default(),
        }
    }

    /// Checks a secret at this time.
    pub fn authenticate(&self, secret: &str, now: Micros) -> Result<Credential, AuthError> {
        if is_jwt(secret) {
            self.authenticate_jwt(secret, now)
        } else {
            self.catalog.authenticate(secret, now)
        }
    }

    fn authenticate_jwt(&self, token: &str, now: Micros) -> Result<Credential, AuthError> {
        if token.len() > JWT_BYTES_MAX {
            return Err(Refusal::Because("it is longer than 8 KiB").logged(None, None));
        }
        let hash = hash_of(token);
        let remembered = self.catalog.remembered(&hash)?.filter(|token| {
            token.keys.is_none_or(|keys| {
                self.issuers.get(keys.issuer).is_some_and(|issuer| issuer.generation(now) == keys.generation)
            })
        });
        let checked = match remembered {
            Some(token) => timely(token, now),
            None => self.checked(hash, token, now),
        };
        checked.map_err(|refusal| {
            let issuer = issuer_of(token);
            refusal.logged(decode_header(token).ok().as_ref(), issuer.as_deref())
        })
    }

    /// Checks a token that was not seen before, or not since something has changed.
    fn checked(&self, hash: SecretHash, token: &str, now: Micros) -> Result<Credential, Refusal> {
        let admitted = self.catalog.admit(hash, self.statement(token, now)?)?;
        let gone = "its account, client, grant or key is gone, or it was revoked";
        timely(admitted.ok_or(Refusal::Because(gone))?, now)
    }

    /// What a token states. Its signature is good; of its times only that they are there was checked.
    fn statement(&self, token: &str, now: Micros) -> Result<JwtStatement, Refusal> {
        let header = decode_header(token)
            .map_err(|_| Refusal::Because("its header cannot be read, or names an unknown algorithm"))?;
        // Extensions that have to be understood, of which we understand none.
        if header.crit.is_some() {
            return Err(Refusal::Because("its header has crit"));
        }
        let claims = Claims::unverified(token).ok_or(Refusal::Because("its claims cannot be read"))?;
        // Whom it is from only decides whose keys it is checked with, so it need not be believed yet.
        match claims.text("iss") {
            Some(issuer) if self.own.issuer() == issuer => {
                return self.own.statement(token, &header, self.leeway);
            }
            Some(issuer) => {
                if let Some(issuer) = self.issuers.iter().find(|known| known.name() == issuer) {
                    return issuer.statement(token, &header, self.leeway, now);
                }
            }
            None => {}
        }
        if claims.value(WORKSPACE_ID).is_some() {
            return self.workspaces.statement(token, &header, &claims, self.leeway, now);
        }
        Err(Refusal::Because(
            "its iss is neither jwt.issuer nor one of [[jwt.issuers]], and it has no workspace_id",
        ))
    }

    /// Makes the JWT of a grant.
    pub fn sign(&self, client: &Client, granted: &Granted, now: Micros) -> Result<String, CatalogError> {
        self.own.sign(client, granted, self.oauth.access_token_s, now)
    }

    /// What this server's own JWT is about, expired or not; `None` when it is not one. For its revocation.
    pub fn own_jwt(&self, token: &str) -> Result<Option<OwnJwt>, CatalogError> {
        if !is_jwt(token) || token.len() > JWT_BYTES_MAX {
            return Ok(None);
        }
        let Ok(header) = decode_header(token) else { return Ok(None) };
        self.own.read(token, &header)
    }

    /// The public halves of the keys that this server's JWTs are checked with.
    pub fn public_keys(&self) -> Result<JwkSet, CatalogError> {
        own_keys::public_keys(&self.catalog)
    }
}

/// Whose a token says it is. Not to be believed: it only tells who could confirm it.
fn issuer_of(token: &str) -> Option<String> {
    Claims::unverified(token).and_then(|claims| Some(claims.text("iss")?.to_owned()))
}

/// What a token proves, if this is the time.
fn timely(token: VerifiedToken, now: Micros) -> Result<Credential, Refusal> {
    if token.is_valid_at(now) {
        Ok(token.credential)
    } else if now < token.not_before {
        Err(Refusal::Because("its nbf is to come"))
    } else {
        Err(Refusal::Because("its exp has passed"))
    }
}

/// Three parts with dots between, which no other token has.
pub(super) fn is_jwt(secret: &str) -> bool {
    secret.bytes().filter(|byte| *byte == b'.').count() == 2
}
