//! Identity providers of the operator: whose keys are believed, and for whom.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tallyhouse_server::catalog::{AuthError, Narrowing, Scope};
use tallyhouse_server::config::{Config, IssuerConfig};

use super::rig::{NOW, NOW_S, Rig, VIEWS, a_day_later, now};

const ISSUER: &str = "https://login.example.com/";

/// A key pair of an identity provider.
pub struct ProviderKey {
    id: &'static str,
    private: Vec<u8>,
    pub jwk: Value,
}

impl ProviderKey {
    pub fn new(id: &'static str) -> Self {
        let private = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let public = Ed25519KeyPair::from_pkcs8(private.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(public.public_key().as_ref());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": id, "use": "sig" });
        Self { id, private: private.as_ref().to_vec(), jwk }
    }

    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &EncodingKey::from_ed_der(&self.private)).unwrap()
    }
}

pub fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": ["other", "tallyhouse"], "sub": "viewer", "exp": NOW_S + 600, "tenant": "harbour" })
}

pub fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

pub fn write_keys(path: &Path, keys: &[&Value]) {
    std::fs::write(path, json!({ "keys": keys }).to_string()).unwrap();
}

fn issuer(file: &Path) -> IssuerConfig {
    IssuerConfig {
        issuer: ISSUER.to_owned(),
        audience: "tallyhouse".to_owned(),
        jwks_file: Some(file.to_owned()),
        jwks_url: None,
        account: None,
        account_claim: Some("tenant".to_owned()),
        scopes: vec![Scope::Read],
    }
}

fn config(issuers: Vec<IssuerConfig>) -> Config {
    let mut config = Config::default();
    config.jwt.issuers = issuers;
    config
}

/// A server that believes a provider with one key, and the file of its keys.
pub fn rig_and_key() -> (Rig, ProviderKey, PathBuf) {
    let mut rig = Rig::new();
    let (key, file) = (ProviderKey::new("one"), rig.folder.path().join("keys.json"));
    write_keys(&file, &[&key.jwk]);
    rig.restart(config(vec![issuer(&file)]));
    (rig, key, file)
}

#[tokio::test]
async fn a_token_of_the_provider_reads_the_account_it_names() {
    let (rig, key, _) = rig_and_key();
    let token = key.sign(&claims());
    for _ in 0..2 {
        let credential = rig.credential(&token, now).unwrap();
        assert_eq!((credential.account, &credential.scopes[..]), (rig.account, &[Scope::Read][..]));
        assert_eq!(rig.get(VIEWS, &format!("Bearer {token}")).await.status, 200);
    }
    assert!(!rig.is_valid(&token, a_day_later), "it expires, remembered or not");
}

#[tokio::test]
async fn a_provider_can_be_for_one_account_whatever_its_tokens_say() {
    let (mut rig, key, file) = rig_and_key();
    let fixed = IssuerConfig { account: Some("harbour".to_owned()), account_claim: None, ..issuer(&file) };
    rig.restart(config(vec![fixed]));
    let credential = rig.credential(&key.sign(&changed("tenant", json!("birch"))), now).unwrap();
    assert_eq!(credential.account, rig.account);
}

#[tokio::test]
async fn wrong_audience_issuer_times_or_account_are_refused() {
    let (rig, key, _) = rig_and_key();
    let no_audience = json!({ "iss": ISSUER, "exp": NOW_S + 600, "tenant": "harbour" });
    let no_expiry = json!({ "iss": ISSUER, "aud": "tallyhouse", "tenant": "harbour" });
    assert!(rig.is_valid(&key.sign(&changed("aud", json!("tallyhouse"))), now));
    for claims in [
        changed("aud", json!("other")),
        changed("aud", json!([])),
        changed("aud", json!({ "tallyhouse": true })),
        no_audience,
        no_expiry,
        changed("iss", json!("https://login.example.com")),
        changed("iss", json!([ISSUER])),
        changed("iss", json!("tallyhouse")),
        changed("exp", json!(NOW_S - 60)),
        changed("nbf", json!(NOW_S + 60)),
        changed("tenant", json!("birch")),
        changed("tenant", json!("")),
        changed("tenant", json!(["harbour"])),
        changed("content_ids", json!("all")),
        changed("content_ids", json!(["+7"])),
        changed("content_ids", json!([""])),
        changed("content_ids", json!([-1])),
        changed("content_ids", json!([9_223_372_036_854_775_808_u64])),
        changed("channel_ids", json!(["9223372036854775808"])),
        changed("channel_ids", json!(vec![1; 257])),
    ] {
        let token = key.sign(&claims);
        assert!(!rig.is_valid(&token, now), "{claims}");
        assert_eq!(rig.get(VIEWS, &token).await.status, 401, "{claims}");
    }
}

#[tokio::test]
async fn other_keys_and_algorithms_are_refused() {
    let (rig, key, _) = rig_and_key();
    let impostor = ProviderKey { id: "one", ..ProviderKey::new("two") };
    assert!(!rig.is_valid(&impostor.sign(&claims()), now));
    assert!(!rig.is_valid(&ProviderKey::new("two").sign(&claims()), now), "an unknown kid");
    let public = URL_SAFE_NO_PAD.decode(key.jwk["x"].as_str().unwrap()).unwrap();
    for secret in [public, key.jwk.to_string().into_bytes()] {
        let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
        let forged = encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
        assert!(!rig.is_valid(&forged, now));
    }
}

#[tokio::test]
async fn a_shared_secret_in_a_key_set_is_never_used() {
    let (rig, key, file) = rig_and_key();
    let secret = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode("shared"), "kid": "oct", "alg": "HS256" });
    write_keys(&file, &[&secret, &key.jwk]);
    let header = Header { kid: Some("oct".to_owned()), ..Header::new(Algorithm::HS256) };
    let forged = encode(&header, &claims(), &EncodingKey::from_secret(b"shared")).unwrap();
    assert!(!rig.is_valid(&forged, now));
    assert!(rig.is_valid(&key.sign(&claims()), now), "the other key of the set is used");
}

#[tokio::test]
async fn claims_confine_what_a_token_sees() {
    let (rig, key, _) = rig_and_key();
    let mut claims = changed("content_ids", json!([7, "112342345"]));
    claims["channel_ids"] = json!([]);
    let narrowing = rig.credential(&key.sign(&claims), now).unwrap().narrowing;
    let expected = Narrowing { content_ids: Some(vec![7, 112_342_345]), channel_ids: Some(vec![]) };
    assert_eq!(narrowing, expected);
}

#[test]
fn an_empty_list_reads_nothing_and_256_ids_are_the_most() {
    let (rig, key, _) = rig_and_key();
    let mut claims = changed("content_ids", json!(vec![i64::MAX; 200]));
    claims["channel_ids"] = json!(vec![7; 56]);
    assert!(rig.is_valid(&key.sign(&claims), now));
    claims["channel_ids"] = json!(vec![7; 57]);
    assert!(!rig.is_valid(&key.sign(&claims), now));
    let nothing = rig.credential(&key.sign(&changed("content_ids", json!([]))), now).unwrap().narrowing;
    assert!(!nothing.is_everything() && nothing.content_ids == Some(Vec::new()));
}

#[tokio::test]
async fn a_file_that_changes_is_read_again_and_a_broken_one_is_not_believed_over_the_last() {
    let (rig, old, file) = rig_and_key();
    let new = ProviderKey::new("two");
    let (old_token, new_token) = (old.sign(&claims()), new.sign(&claims()));
    assert!(rig.is_valid(&old_token, now) && !rig.is_valid(&new_token, now));
    write_keys(&file, &[&old.jwk, &new.jwk]);
    assert!(rig.is_valid(&old_token, now) && rig.is_valid(&new_token, now));
    std::fs::write(&file, "not a key set").unwrap();
    assert!(rig.is_valid(&old_token, now) && rig.is_valid(&new_token, now));
    std::fs::remove_file(&file).unwrap();
    assert!(rig.is_valid(&old_token, now) && rig.is_valid(&new_token, now));
    write_keys(&file, &[&new.jwk]);
    assert!(!rig.is_valid(&old_token, now), "a key that is gone is not believed, remembered or not");
    assert!(rig.is_valid(&new_token, now));
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_read_when_it_is() {
    let (rig, key, file) = rig_and_key();
    std::fs::remove_file(&file).unwrap();
    let mut other = Rig::new();
    other.restart(config(vec![issuer(&file)]));
    let token = key.sign(&claims());
    assert!(!other.is_valid(&token, now));
    write_keys(&file, &[&key.jwk]);
    assert!(other.is_valid(&token, now));
    drop(rig);
}

#[tokio::test]
async fn several_providers_are_told_apart_by_their_issuer() {
    let (mut rig, one, file) = rig_and_key();
    let other_file = rig.folder.path().join("other.json");
    let two = ProviderKey::new("one");
    write_keys(&other_file, &[&two.jwk]);
    let other = IssuerConfig {
        issuer: "https://other.example.com/".to_owned(),
        scopes: vec![Scope::Read, Scope::Append],
        ..issuer(&other_file)
    };
    rig.restart(config(vec![issuer(&file), other]));
    let of_other = changed("iss", json!("https://other.example.com/"));
    assert!(!rig.credential(&one.sign(&claims()), now).unwrap().may(Scope::Append));
    assert!(rig.credential(&two.sign(&of_other), now).unwrap().may(Scope::Append));
    assert!(!rig.is_valid(&two.sign(&claims()), now) && !rig.is_valid(&one.sign(&of_other), now));
}

/// Answers every request with what is in the file, until the test ends.
fn serve_file(path: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let body = std::fs::read(&path).unwrap();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        }
    });
    url
}

/// Asks until the keys are no longer being fetched, which the answer says.
fn settled(rig: &Rig, token: &str, clock: super::rig::Clock) -> bool {
    loop {
        match rig.credential(token, clock) {
            Ok(_) => return true,
            Err(AuthError::Invalid) => return false,
            Err(AuthError::Unavailable(_)) => std::thread::yield_now(),
            Err(AuthError::Missing) => panic!("a token was sent"),
        }
    }
}

#[tokio::test]
async fn keys_from_a_url_are_fetched_again_for_an_unknown_kid_but_not_at_every_request() {
    let (mut rig, old, file) = rig_and_key();
    let from_url =
        IssuerConfig { jwks_file: None, jwks_url: Some(serve_file(file.clone())), ..issuer(&file) };
    rig.restart(config(vec![from_url]));
    fn soon() -> i64 {
        NOW + 29_000_000
    }
    fn later() -> i64 {
        NOW + 30_000_000
    }
    let new = ProviderKey::new("two");
    assert!(settled(&rig, &old.sign(&claims()), now));
    assert!(!settled(&rig, &new.sign(&claims()), now));
    write_keys(&file, &[&old.jwk, &new.jwk]);
    assert!(!settled(&rig, &new.sign(&claims()), soon), "anybody can send unknown keys");
    assert!(settled(&rig, &new.sign(&claims()), later));
    std::fs::write(&file, "not a key set").unwrap();
    assert!(
        settled(&rig, &old.sign(&claims()), || NOW + 301_000_000),
        "the keys of the last good answer stay"
    );
}

#[tokio::test]
async fn while_keys_are_being_fetched_the_client_is_asked_to_come_again() {
    let (mut rig, key, file) = rig_and_key();
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", silent.local_addr().unwrap());
    rig.restart(config(vec![IssuerConfig { jwks_file: None, jwks_url: Some(url), ..issuer(&file) }]));
    let reply = rig.get(VIEWS, &key.sign(&claims())).await;
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(reply.headers.contains_key("retry-after"));
    assert!(reply.body["errors"][0]["detail"].is_string());
}
