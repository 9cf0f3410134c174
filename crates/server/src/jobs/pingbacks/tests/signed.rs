//! Signatures, as receivers verify them, and connections that are encrypted.

use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use tallyhouse_model::SECOND;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::super::*;
use super::rig::{BODY, Got, NOW, Receiver, Rig, Settings, converse};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Verifies as the specification tells receivers to: from the text of the secret alone.
fn verifies(got: &Got, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let [id, timestamp, signatures] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| got.header(name).unwrap());
    let signed = format!("{id}.{timestamp}.{}", got.body);
    signatures
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .any(|signature| hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok())
}

#[tokio::test]
async fn pingbacks_of_a_site_with_secrets_are_signed_with_each_until_it_expires() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let create = |rig: &Rig, until| rig.catalog.create_webhook_secret("acme", until, rig.now()).unwrap();
    rig.queue("unsigned", &receiver.uri());
    rig.settle().await;
    let first = create(&rig, NOW).secret.text();
    rig.queue("first", &receiver.uri());
    rig.settle().await;
    let second = create(&rig, NOW + DAY);
    rig.set(NOW + DAY - SECOND);
    rig.queue("both", &receiver.uri());
    rig.settle().await;
    rig.set(NOW + DAY);
    rig.queue("second", &receiver.uri());
    rig.settle().await;
    rig.catalog.revoke_webhook_secret(&second.listed.id, rig.now()).unwrap();
    rig.queue("revoked", &receiver.uri());
    rig.settle().await;
    let (got, second) = (receiver.got(), second.secret.text());
    let verified: Vec<_> =
        got[1..4].iter().map(|got| (verifies(got, &first), verifies(got, &second))).collect();
    assert_eq!(verified, [(true, false), (true, true), (false, true)]);
    assert_eq!(got[2].header("webhook-timestamp").unwrap(), ((NOW + DAY) / SECOND - 1).to_string());
    for unsigned in [&got[0], &got[4]] {
        assert!(
            unsigned.header("webhook-signature").is_none() && unsigned.header("webhook-timestamp").is_none()
        );
        assert!(unsigned.header("webhook-id").is_some());
    }
}

#[tokio::test]
async fn each_attempt_is_signed_anew_at_its_time() {
    let broken = "HTTP/1.1 500 Internal Server Error\r\n\r\n";
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[broken, OK]));
    let secret = rig.catalog.create_webhook_secret("acme", NOW, NOW).unwrap().secret.text();
    rig.queue("1", &receiver.uri());
    rig.settle().await;
    rig.next().await;
    let got = receiver.got();
    assert!(got.len() == 2 && got.iter().all(|got| verifies(got, &secret)));
    assert_ne!(got[0].header("webhook-timestamp"), got[1].header("webhook-timestamp"));
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
}

/// Speaks with who trusts the test's authority, whose certificate says that this is `receiver.example`.
fn converse_encrypted(stream: TcpStream, answers: &[String], got: &Mutex<Vec<Got>>) {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("receiver.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("receiver_key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let connection = ServerConnection::new(Arc::new(config)).unwrap();
    converse(StreamOwned::new(connection, stream), answers, got);
}

#[tokio::test]
async fn an_encrypted_receiver_has_to_prove_its_name() {
    let receiver = Receiver::listening(&[OK], converse_encrypted);
    let mut trusting = RootCertStore::empty();
    trusting.add(CertificateDer::from_pem_slice(include_bytes!("authority.pem")).unwrap()).unwrap();
    for (name, roots, is_proven) in [
        ("receiver.example", trusting.clone(), true),
        ("other.example", trusting, false),
        ("receiver.example", roots(), false),
    ] {
        let mut rig = Rig::with(Settings { networks: "127.0.0.1", roots, ..Settings::default() });
        rig.network.name(name, &[&["127.0.0.1"]]);
        let id = rig.queue("1", &format!("https://{name}:{}/hook", receiver.address.port()));
        rig.settle().await;
        let (state, told) = rig.told(&id);
        if is_proven {
            assert_eq!((state, told), ("delivered", vec!["200".to_owned()]));
        } else {
            assert!(state == "waiting" && told[0].contains("no encrypted connection"), "{told:?}");
        }
    }
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!((got[0].body.as_str(), got[0].line.as_str()), (BODY, "POST /hook HTTP/1.1"));
}
