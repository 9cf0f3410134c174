//! The login of the demo: to sign in with, as an app would.

use tallyhouse_model::TableId;

use crate::catalog::{Account, Catalog, CatalogError, LoginRequest, PasswordHash, random_id};
use crate::clock;
use crate::reports::Name;

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
            let found = catalog.documents_of(account.id, TableId::Users, &[USER])?;
            let name: Name =
                found.get(&USER).map(|user| serde_json::from_str(user)).transpose()?.unwrap_or_default();
            let request = LoginRequest {
                account: account.id,
                email: EMAIL.to_owned(),
                password: hash,
                user_id: Some(USER),
                first_name: name.first_name.map(String::from),
                last_name: name.last_name.map(String::from),
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
    use crate::catalog::Document;

    #[test]
    fn each_start_has_its_own_password_for_the_same_login() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("acme", 1).unwrap();
        let body = r#"{"user_id":1,"first_name":"Dolba","last_name":"Fendax"}"#.to_owned();
        let user = Document { id: USER, version: 1, body: Some(body) };
        catalog.put_documents(account.id, TableId::Users, &[user]).unwrap();
        let first = renew_password(&catalog, &account).unwrap();
        let second = renew_password(&catalog, &account).unwrap();
        let (login, hash) = catalog.login_of_email(EMAIL).unwrap().unwrap();
        assert_eq!(login.account, account.id);
        assert!(hash.is_of(&second) && !hash.is_of(&first));
        assert_eq!(catalog.logins().unwrap().len(), 1);
        let names = [login.first_name.as_deref(), login.last_name.as_deref()];
        assert_eq!(names, [Some("Dolba"), Some("Fendax")], "those of the user that it is");
    }
}
