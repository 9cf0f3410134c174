//! Key sets as providers publish them. `signatures.json` has keys and tokens that another library made, one for each
//! algorithm.

use serde_json::{Value, json};

use super::super::claims::Claims;
use super::super::cryptography;
use super::*;

fn signatures() -> Vec<(Value, String)> {
    let all: Vec<Value> = serde_json::from_str(include_str!("signatures.json")).unwrap();
    all.into_iter().map(|one| (one["jwk"].clone(), one["token"].as_str().unwrap().to_owned())).collect()
}

fn set(keys: &[Value]) -> Result<KeySet, NoKeySet> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

fn subject(key: &PublicKey, token: &str) -> Option<String> {
    Claims::verified(token, &key.key, key.algorithm).and_then(|claims| Some(claims.text("sub")?.to_owned()))
}

#[test]
fn signatures_of_other_libraries_are_understood_and_fit_only_their_own_key_and_algorithm() {
    cryptography::install();
    let all = signatures();
    assert_eq!(all.len(), 8);
    for (jwk, _) in &all {
        let keys = set(std::slice::from_ref(jwk)).unwrap();
        let key = keys.find(Some("k")).unwrap();
        let own = format!("{:?}", key.algorithm);
        let accepted: Vec<_> = all.iter().filter_map(|(_, token)| subject(key, token)).collect();
        assert_eq!(accepted, [own]);
    }
}

#[test]
fn a_changed_signature_does_not_fit() {
    cryptography::install();
    for (jwk, token) in signatures() {
        let keys = set(&[jwk]).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { "B" } else { "A" };
        let changed = format!("{message}.{first}{}", &signature[1..]);
        assert_eq!(subject(keys.find(None).unwrap(), &changed), None);
    }
}

#[test]
fn what_a_key_does_not_say_follows_from_its_type() {
    let (mut rsa, _) = signatures().swap_remove(0);
    rsa.as_object_mut().unwrap().remove("alg");
    assert_eq!(set(&[rsa.clone()]).unwrap().find(None).unwrap().algorithm, Algorithm::RS256);
    for (name, value) in [
        ("use", json!("enc")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("alg", json!("RSA-OAEP")),
        ("alg", json!("none")),
        ("key_ops", json!(["encrypt"])),
        ("kty", json!("EC")),
        ("n", json!("!")),
    ] {
        let mut other = rsa.clone();
        other[name] = value;
        assert!(set(&[other]).is_err(), "{name}");
    }
}

#[test]
fn keys_that_are_not_understood_do_not_spoil_the_others() {
    let (good, _) = signatures().swap_remove(6);
    let odd =
        [json!({ "kty": "new" }), json!(7), json!({ "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" })];
    let keys = set(&[&odd[..], std::slice::from_ref(&good)].concat()).unwrap();
    assert!(keys.find(Some("k")).is_some() && keys.find(None).is_some());
    assert!(set(&odd).is_err() && set(&[]).is_err());
    for text in ["", "[]", "{}", "{\"keys\":{}}"] {
        assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_token_without_kid_has_to_be_of_the_only_key() {
    let all = signatures();
    let keys = set(&[all[0].0.clone(), all[6].0.clone()]).unwrap();
    assert!(keys.find(None).is_none() && keys.find(Some("other")).is_none());
}

#[test]
fn a_set_is_bounded() {
    let (key, _) = signatures().swap_remove(6);
    assert_eq!(set(&vec![key; KEYS_MAX + 10]).unwrap().0.len(), KEYS_MAX);
}
