//! Passwords: bounded, and kept as argon2id strings only.
//!
//! Hashing one takes tens of milliseconds and 19 MiB by intent, so callers bound how many do it at the same time.

use argon2::password_hash::phc;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use super::CatalogError;

/// Characters of a password at least (NIST SP 800-63B, 5.1.1.1).
pub const PASSWORD_CHARS_MIN: usize = 8;

/// Bytes of a password at most. Nobody types more, and hashing megabytes would be work for the asking.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// Bytes of the salt, as RFC 9106 recommends.
const SALT_BYTES: usize = 16;

/// A hash like those of [`PasswordHash::new`], of a password that nobody has. Comparing with it takes as long as
/// comparing with a real one.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiBub2JvZHkncw$YSBoYXNoIHRoYXQgbm8gcGFzc3dvcmQgd2lsbCBoaXQ";

/// What is kept of a password: an argon2id string with its parameters and salt.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PasswordHash(pub(super) String);

impl PasswordHash {
    /// Hashes a new password with a salt of its own. The parameters are the defaults of the library: 19 MiB, two passes,
    /// one lane, which is what OWASP recommends. Slow.
    pub fn new(password: &str) -> Result<Self, CatalogError> {
        if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
            return Err(CatalogError::Password);
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(CatalogError::Random)?;
        let hash: phc::PasswordHash =
            Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(|error| CatalogError::Damaged(format!("a password cannot be hashed: {error}")))?;
        Ok(Self(hash.to_string()))
    }

    /// Stands in where there is no login: comparing with it is as much work, and never succeeds.
    pub fn of_nobody() -> Self {
        Self(NOBODYS.to_owned())
    }

    /// Whether this is the password. Slow, whatever comes of it.
    pub fn is_of(&self, password: &str) -> bool {
        let is_same = Argon2::default().verify_password(password.as_bytes(), self.0.as_str()).is_ok();
        is_same && self.0 != NOBODYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_password_alone_and_no_two_are_the_same() {
        let hashes = [(); 2].map(|()| PasswordHash::new("quiet harbour").unwrap());
        assert!(hashes[0].0 != hashes[1].0);
        assert!(hashes.iter().all(|hash| hash.is_of("quiet harbour") && !hash.is_of("quiet harbour ")));
        assert!(hashes[0].0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hashes[0].0);
    }

    #[test]
    fn nobodys_hash_is_as_much_work_as_a_real_one() {
        let real = PasswordHash::new("quiet harbour").unwrap();
        let [real, nobodys] =
            [&real.0, &PasswordHash::of_nobody().0].map(|text| phc::PasswordHash::new(text).unwrap());
        assert_eq!((real.algorithm, real.version), (nobodys.algorithm, nobodys.version));
        assert_eq!(real.params, nobodys.params);
        assert_eq!(real.salt.unwrap().len(), nobodys.salt.unwrap().len());
        assert_eq!(real.hash.unwrap().len(), nobodys.hash.unwrap().len());
        assert!(!PasswordHash::of_nobody().is_of("quiet harbour"));
    }

    #[test]
    fn passwords_have_8_characters_and_1024_bytes_at_most() {
        for password in ["", "1234567", "ééééééé", &"a".repeat(1_025)] {
            assert!(matches!(PasswordHash::new(password), Err(CatalogError::Password)), "{password:?}");
        }
        for password in ["éééééééé", &"a".repeat(1_024)] {
            assert!(PasswordHash::new(password).unwrap().is_of(password));
        }
    }
}
