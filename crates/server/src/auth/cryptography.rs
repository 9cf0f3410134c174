//! The signatures of JWTs, by the library that TLS uses already; `jsonwebtoken` brings none unless asked to, and would
//! bring a second one.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaPublicKeyComponents, UnparsedPublicKey};
use ring::{hmac, pkcs8};

/// Installs the signatures for the process; once more does nothing. Call it before anything is signed or checked.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only where somebody else has installed one, which then serves as well.
        let _ = PROVIDER.install_default();
    });
}

/// No key is derived from another one, and no fingerprint made, so those functions are not needed.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// A new secret for HS256: as long as its hash.
pub(super) fn new_hmac_secret() -> Option<Vec<u8>> {
    let mut secret = vec![0; 32];
    getrandom::fill(&mut secret).ok()?;
    Some(secret)
}

/// A new key pair: the secret half in PKCS #8, the public half as JWKs have it.
pub(super) fn new_pair(algorithm: Algorithm) -> Option<(Vec<u8>, Vec<u8>)> {
    let random = SystemRandom::new();
    let private = match algorithm {
        Algorithm::EdDSA => Ed25519KeyPair::generate_pkcs8(&random),
        Algorithm::ES256 => {
            EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &random)
        }
        _ => return None,
    };
    let private: pkcs8::Document = private.ok()?;
    let pair = Pair::of(algorithm, private.as_ref()).ok()?;
    Some((private.as_ref().to_vec(), pair.public()))
}

enum Pair {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
}

impl Pair {
    fn of(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self> {
        match algorithm {
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8);
                pair.map(Pair::Ed).map_err(|_| ErrorKind::InvalidEddsaKey.into())
            }
            Algorithm::ES256 => {
                let signing = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair = EcdsaKeyPair::from_pkcs8(signing, pkcs8, &SystemRandom::new());
                pair.map(Pair::Ec).map_err(|_| ErrorKind::InvalidEcdsaKey.into())
            }
            _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
        }
    }

    fn public(&self) -> Vec<u8> {
        use ring::signature::KeyPair as _;
        match self {
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
        }
    }
}

struct RingSigner {
    algorithm: Algorithm,
    key: SigningSecret,
}

enum SigningSecret {
    Hmac(hmac::Key),
    Pair(Pair),
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let secret = match algorithm {
        Algorithm::HS256 => SigningSecret::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())),
        _ => SigningSecret::Pair(Pair::of(*algorithm, key.as_bytes())?),
    };
    Ok(Box::new(RingSigner { algorithm: *algorithm, key: secret }))
}

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        match &self.key {
            SigningSecret::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            SigningSecret::Pair(Pair::Ed(pair)) => Ok(pair.sign(message).as_ref().to_vec()),
            SigningSecret::Pair(Pair::Ec(pair)) => {
                let signed = pair.sign(&SystemRandom::new(), message).map_err(|_| Error::new())?;
                Ok(signed.as_ref().to_vec())
            }
        }
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    // Without this, somebody could sign with HMAC and take the public key for its secret.
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signed: &Vec<u8>) -> std::result::Result<(), Error> {
        let good = match (self.key.kind(), self.algorithm.family()) {
            (DecodingKeyKind::SecretOrDer(secret), AlgorithmFamily::Hmac) => match self.algorithm {
                Algorithm::HS256 => hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), message, signed),
                _ => Err(ring::error::Unspecified),
            },
            (DecodingKeyKind::SecretOrDer(public), AlgorithmFamily::Ec | AlgorithmFamily::Ed) => {
                match plain_parameters(self.algorithm) {
                    Some(parameters) => UnparsedPublicKey::new(parameters, public).verify(message, signed),
                    None => Err(ring::error::Unspecified),
                }
            }
            (DecodingKeyKind::RsaModulusExponent { n, e }, AlgorithmFamily::Rsa) => {
                match rsa_parameters(self.algorithm) {
                    Some(parameters) => RsaPublicKeyComponents { n, e }.verify(parameters, message, signed),
                    None => Err(ring::error::Unspecified),
                }
            }
            _ => Err(ring::error::Unspecified),
        };
        good.map_err(|_| Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn plain_parameters(algorithm: Algorithm) -> Option<&'static dyn signature::VerificationAlgorithm> {
    match algorithm {
        Algorithm::EdDSA => Some(&signature::ED25519),
        Algorithm::ES256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
        _ => None,
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static signature::RsaParameters> {
    match algorithm {
        Algorithm::RS256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}
