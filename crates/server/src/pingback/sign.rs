//! What proves to a receiver who sent a pingback: the signatures of Standard Webhooks (standardwebhooks.com), version 1.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What secrets begin with; the bytes follow in base64.
const SECRET_PREFIX: &str = "whsec_";

/// Random bytes of a secret; the specification asks for 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// The secret that a site shares with its receivers.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// A secret of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As receivers are told it.
    pub fn text(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret")
    }
}

/// The header `webhook-signature`: a signature for each secret, so that receivers can change theirs at any time while two
/// are in use. `None` without any.
pub fn signatures(secrets: &[SigningSecret], id: &str, timestamp_s: i64, body: &str) -> Option<String> {
    let signed: Vec<String> =
        secrets.iter().map(|secret| format!("v1,{}", signature(secret, id, timestamp_s, body))).collect();
    (!signed.is_empty()).then(|| signed.join(" "))
}

fn signature(secret: &SigningSecret, id: &str, timestamp_s: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret.0);
    STANDARD.encode(hmac::sign(&key, format!("{id}.{timestamp_s}.{body}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that implementations of Standard Webhooks are published with.
    const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP_S: i64 = 1_614_265_330;
    const BODY: &str = r#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_published_example_has_its_published_signature() {
        let secret = SigningSecret::new(STANDARD.decode(SECRET).unwrap());
        assert_eq!(secret.text(), format!("whsec_{SECRET}"));
        let signed = |secrets: &[SigningSecret]| signatures(secrets, ID, TIMESTAMP_S, BODY);
        assert_eq!(signed(std::slice::from_ref(&secret)).as_deref(), Some(SIGNATURE));
        assert_eq!(signed(&[]), None);
        let other = SigningSecret::new(vec![7; SECRET_BYTES]);
        let both = signed(&[other.clone(), secret]).unwrap();
        assert!(
            both.ends_with(&format!(" {SIGNATURE}")) && both.starts_with(&signed(&[other]).unwrap()),
            "{both}"
        );
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", SigningSecret::new(vec![7; 32])), "SigningSecret");
    }
}
