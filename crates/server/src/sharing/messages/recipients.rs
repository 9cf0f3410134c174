//! On whose behalf a message is published, and where.

use serde::Deserialize;
use tallyhouse_model::{KeyDigest, render_uuid};

use crate::catalog::{Catalog, KnownIdentity, NewPublication, SiteNumber};
use crate::sharing::SharingError;
use crate::sharing::members::{self, Member, wrong};

/// Bytes of the token of a user or an identity.
const TOKEN_BYTES_MAX: usize = 128;

/// Bytes of the name of a social network.
const PROVIDER_BYTES_MAX: usize = 64;

/// Social networks of one request.
const PROVIDERS_MAX: usize = 50;

const FOR_USER: &str = "request.sharing_message.publish_for_user";
const FOR_IDENTITY: &str = "request.sharing_message.publish_for_identity";

/// On whose behalf a message is published.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PublishFor {
    /// A user, in each of these social networks, of which there is one at least and none twice.
    User(String, Vec<String>),
    /// An identity, which is in one social network.
    Identity(String),
}

#[derive(Deserialize)]
struct ForUser<'a> {
    #[serde(borrow, default)]
    user_token: Member<'a>,
    #[serde(borrow, default)]
    providers: Member<'a>,
}

#[derive(Deserialize)]
struct ForIdentity<'a> {
    #[serde(borrow, default)]
    identity_token: Member<'a>,
}

impl PublishFor {
    /// What these members say, of which there has to be one.
    pub(super) fn of(for_user: Member<'_>, for_identity: Member<'_>) -> Result<Self, SharingError> {
        let for_user: Option<ForUser<'_>> = members::object(for_user, FOR_USER)?;
        let for_identity: Option<ForIdentity<'_>> = members::object(for_identity, FOR_IDENTITY)?;
        match (for_user, for_identity) {
            (Some(_), Some(_)) => Err(wrong(FOR_USER, format_args!("and {FOR_IDENTITY} cannot be combined"))),
            (None, None) => Err(wrong(FOR_USER, format_args!("or {FOR_IDENTITY} is missing"))),
            (Some(for_user), None) => {
                let path = format!("{FOR_USER}.user_token");
                let user_token = members::token(for_user.user_token, &path, TOKEN_BYTES_MAX)?;
                Ok(PublishFor::User(user_token, providers(for_user.providers)?))
            }
            (None, Some(for_identity)) => {
                let path = format!("{FOR_IDENTITY}.identity_token");
                members::token(for_identity.identity_token, &path, TOKEN_BYTES_MAX).map(PublishFor::Identity)
            }
        }
    }
}

/// The different ones of a list.
fn providers(member: Member<'_>) -> Result<Vec<String>, SharingError> {
    let path = format!("{FOR_USER}.providers");
    let mut providers: Vec<String> = Vec::new();
    for (at, entry) in members::list::<PROVIDERS_MAX>(member, &path)?.into_iter().enumerate() {
        let provider = members::token(Some(entry), &format!("{path}[{at}]"), PROVIDER_BYTES_MAX)?;
        if !providers.contains(&provider) {
            providers.push(provider);
        }
    }
    if providers.is_empty() {
        return Err(wrong(&path, "is missing"));
    }
    Ok(providers)
}

/// The publications to make, each with short URLs for these.
pub(super) fn recipients(
    catalog: &Catalog,
    site: SiteNumber,
    publish_for: PublishFor,
    urls: &[String],
) -> Result<Vec<NewPublication>, SharingError> {
    match publish_for {
        PublishFor::User(user_token, providers) => {
            let publications = providers.into_iter().map(|provider| NewPublication {
                identity_token: identity_of(site, &user_token, &provider),
                provider: Some(provider),
                user_token: Some(user_token.clone()),
                shorturls: urls.to_vec(),
            });
            Ok(publications.collect())
        }
        PublishFor::Identity(identity_token) => {
            let (provider, user_token) = match catalog.identity(site, &identity_token)? {
                Some(KnownIdentity { provider, user_token }) => (Some(provider), user_token),
                None => (None, None),
            };
            Ok(vec![NewPublication { provider, user_token, identity_token, shorturls: urls.to_vec() }])
        }
    }
}

/// The identity of a user in a social network: of the same two always the same UUID, and in no other site. Its version is 8
/// (of RFC 9562: made in a way of one's own).
pub fn identity_of(site: SiteNumber, user_token: &str, provider: &str) -> String {
    let digest = KeyDigest::new().integer(site.0.cast_unsigned());
    let mut key = digest.text(user_token.as_bytes()).text(provider.as_bytes()).finish();
    key[6] = key[6] & 0x0f | 0x80;
    key[8] = key[8] & 0x3f | 0x80;
    render_uuid(&key)
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn publish_for(user: Option<&str>, identity: Option<&str>) -> Result<PublishFor, String> {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let (user, identity) = (user.map(raw), identity.map(raw));
        PublishFor::of(user.as_deref(), identity.as_deref()).map_err(|error| error.to_string())
    }

    #[test]
    fn providers_count_once_in_their_order() {
        let sent = r#"{"user_token":"u","providers":["twitter","facebook","twitter"],"more":1}"#;
        let providers = ["twitter", "facebook"].map(str::to_owned).to_vec();
        assert_eq!(publish_for(Some(sent), None), Ok(PublishFor::User("u".to_owned(), providers)));
        let sent = r#"{"identity_token":"i"}"#;
        assert_eq!(publish_for(Some("[]"), Some(sent)), Ok(PublishFor::Identity("i".to_owned())));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = |count: usize| format!(r#"{{"user_token":"{}","providers":["a"]}}"#, "x".repeat(count));
        let many = |count: usize| format!(r#"{{"user_token":"u","providers":{:?}}}"#, vec!["a"; count]);
        assert!(publish_for(Some(&long(128)), None).is_ok() && publish_for(Some(&many(50)), None).is_ok());
        for (user, problem) in [
            ("{}", ".user_token is missing"),
            ("[1]", " has to be an object"),
            (r#"{"user_token":7,"providers":["a"]}"#, ".user_token has to be a string"),
            (r#"{"user_token":"","providers":["a"]}"#, ".user_token is missing"),
            (r#"{"user_token":"a\nb","providers":["a"]}"#, ".user_token has control characters"),
            (&long(129), ".user_token has more than 128 bytes"),
            (r#"{"user_token":"u"}"#, ".providers is missing"),
            (r#"{"user_token":"u","providers":[]}"#, ".providers is missing"),
            (r#"{"user_token":"u","providers":"facebook"}"#, ".providers has to be a list"),
            (r#"{"user_token":"u","providers":["a",""]}"#, ".providers[1] is missing"),
            (r#"{"user_token":"u","providers":[1]}"#, ".providers[0] has to be a string"),
            (&many(51), ".providers has more than 50 entries"),
        ] {
            assert_eq!(publish_for(Some(user), None), Err(format!("{FOR_USER}{problem}")));
        }
        let missing = format!("{FOR_IDENTITY}.identity_token is missing");
        assert_eq!(publish_for(None, Some("{}")), Err(missing));
        assert_eq!(publish_for(None, None), Err(format!("{FOR_USER} or {FOR_IDENTITY} is missing")));
        let both = publish_for(Some("{}"), Some("{}"));
        assert_eq!(both, Err(format!("{FOR_USER} and {FOR_IDENTITY} cannot be combined")));
    }

    #[test]
    fn the_identity_of_a_user_in_a_social_network_is_always_the_same() {
        let identity = identity_of(SiteNumber(1), "u", "facebook");
        assert_eq!(identity, identity_of(SiteNumber(1), "u", "facebook"));
        for other in [(2, "u", "facebook"), (1, "v", "facebook"), (1, "u", "twitter"), (1, "uf", "acebook")] {
            assert_ne!(identity, identity_of(SiteNumber(other.0), other.1, other.2));
        }
        assert_eq!((identity.len(), &identity[14..15]), (36, "8"));
    }
}
