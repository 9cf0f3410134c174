//! The login of the demo: to sign in with, as an app would.

use crate::catalog::{Account, Catalog, CatalogError, LoginRequest, PasswordHash, random_id};
use crate::clock;

/// What it signs in with.
pub(super) const EMAIL: &str = "demo@example.com";

/// Which of the made-up users it is. There is one by this number in all sample data.
const USER: u64 = 1;

/// A new password for the login of the demo, which is made where there is none; the one that an earlier start printed is no
/// longer good.
pub(super) fn renew_password(catalog: &Catalog, account: &Account) -> anyhow::Result<String> {
    let password = random_id()?;
    let hash = PasswordHash::new(&password)?;
    match catalog.set_password(EMAIL, &hash) {
        Err(CatalogError::NoSuchLogin(_)) => {
            let request = LoginRequest {
                account: account.id,
                email: EMAIL.to_owned(),
                password: hash,
                user_id: Some(USER),
                first_name: None,
                last_name: None,
                channel_ids: None,
            };
            catalog.create_login(&request, clock::now())?;
        }
        changed => changed?,
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_start_has_its_own_password_for_the_same_login() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("acme", 1).unwrap();
        let first = renew_password(&catalog, &account).unwrap();
        let second = renew_password(&catalog, &account).unwrap();
        let (login, hash) = catalog.login_of_email(EMAIL).unwrap().unwrap();
        assert_eq!(login.account, account.id);
        assert!(hash.is_of(&second) && !hash.is_of(&first));
        assert_eq!(catalog.logins().unwrap().len(), 1);
    }
}
