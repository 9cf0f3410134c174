//! Logins: what people sign in with. Not to be mixed up with the people that the data is about, who are documents.

use rusqlite::{OptionalExtension as _, Row, Transaction, TransactionBehavior};
use tallyhouse_model::{AccountId, Micros};

use super::account::account_id;
use super::secret::random_uuid;
use super::{Catalog, CatalogError, Narrowing, PasswordHash, Scope};

/// Bytes of an address at most (RFC 5321, 4.5.3.1).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Bytes of a first or last name at most.
pub const NAME_BYTES_MAX: usize = 128;

/// What a new login shall be.
#[derive(Clone)]
pub struct LoginRequest {
    /// Whose data.
    pub account: AccountId,
    /// The address to sign in with, in any case.
    pub email: String,
    /// The password.
    pub password: PasswordHash,
    /// Which of the people in the data it is, where that is known.
    pub user_id: Option<u64>,
    /// Its first name.
    pub first_name: Option<String>,
    /// Its last name.
    pub last_name: Option<String>,
    /// The only channels it sees; `None` for all.
    pub channel_ids: Option<Vec<u64>>,
}

/// A login as the catalog shows it: without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The order they were made in.
    pub(super) number: i64,
    /// Its public id.
    pub uuid: String,
    /// The address to sign in with, as [`normal_email`] makes it. Unique over all accounts.
    pub email: String,
    /// Whose data.
    pub account: AccountId,
    /// The name of that account.
    pub account_name: String,
    /// Which of the people in the data it is, where that is known.
    pub user_id: Option<u64>,
    /// Its first name.
    pub first_name: Option<String>,
    /// Its last name.
    pub last_name: Option<String>,
    /// What part of the account it sees: all of it, or some channels.
    pub narrowing: Narrowing,
    /// When it was made.
    pub created_at: Micros,
    /// When it was disabled, if it is.
    pub disabled_at: Option<Micros>,
}

/// The columns of a login, for [`login_of`].
pub(super) const COLUMNS: &str =
    "logins.number, logins.uuid, email, logins.account, accounts.name, user_id, first_name,
    last_name, NULL AS content_ids, channel_ids, logins.created_at, disabled_at";

/// An address as logins have it: without spaces around, in lower case.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

impl Catalog {
    /// Makes a login.
    pub fn create_login(&self, request: &LoginRequest, now: Micros) -> Result<Login, CatalogError> {
        let narrowing = Narrowing { content_ids: None, channel_ids: request.channel_ids.clone() };
        narrowing.check(&[Scope::Read])?;
        let account_name = self
            .account_name(request.account)?
            .ok_or_else(|| CatalogError::Damaged(format!("there is no account {}", request.account.0)))?;
        let mut login = Login {
            number: 0,
            uuid: random_uuid()?,
            email: checked_email(&request.email)?,
            account: request.account,
            account_name,
            user_id: request.user_id,
            first_name: checked_name(request.first_name.clone())?,
            last_name: checked_name(request.last_name.clone())?,
            narrowing,
            created_at: now,
            disabled_at: None,
        };
        login.number = self.insert_login(&login, &request.password)?;
        Ok(login)
    }

    fn insert_login(&self, login: &Login, password: &PasswordHash) -> Result<i64, CatalogError> {
        let user_id =
            login.user_id.map(|id| i64::try_from(id).map_err(|_| CatalogError::UserId(id))).transpose()?;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = transaction
            .query_row("SELECT 1 FROM logins WHERE email = ?1", [&login.email], |_| Ok(()))
            .optional()?;
        if taken.is_some() {
            return Err(CatalogError::LoginExists(login.email.clone()));
        }
        transaction.execute(
            "INSERT INTO logins
                 (uuid, email, account, password, user_id, first_name, last_name, channel_ids, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                &login.uuid,
                &login.email,
                login.account.0,
                &password.0,
                user_id,
                &login.first_name,
                &login.last_name,
                login.narrowing.to_columns().1,
                login.created_at,
            ),
        )?;
        let number = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(number)
    }

    /// All logins, disabled ones included, in the order they were made.
    pub fn logins(&self) -> Result<Vec<Login>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM logins JOIN accounts ON accounts.id = logins.account ORDER BY logins.number"
        ))?;
        statement.query_and_then([], login_of)?.collect()
    }

    /// The login with this address and its password; disabled ones, too. Waits for nobody who changes something.
    pub fn login_of_email(&self, email: &str) -> Result<Option<(Login, PasswordHash)>, CatalogError> {
        let verifier = self.verifier();
        let mut statement = verifier.connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, password FROM logins JOIN accounts ON accounts.id = logins.account WHERE email = ?1"
        ))?;
        let mut found = statement.query_and_then([normal_email(email)], |row| {
            Ok((login_of(row)?, PasswordHash(row.get("password")?)))
        })?;
        found.next().transpose()
    }

    /// Gives a login another password, and ends its sessions.
    pub fn set_password(&self, email: &str, password: &PasswordHash) -> Result<(), CatalogError> {
        self.change_login(email, |transaction, number| {
            transaction.execute("UPDATE logins SET password = ?2 WHERE number = ?1", (number, &password.0))
        })
    }

    /// Disables a login and ends its sessions; once more changes nothing.
    pub fn disable_login(&self, email: &str, now: Micros) -> Result<(), CatalogError> {
        self.change_login(email, |transaction, number| {
            transaction.execute(
                "UPDATE logins SET disabled_at = coalesce(disabled_at, ?2) WHERE number = ?1",
                (number, now),
            )
        })
    }

    /// Lets a login that was disabled sign in again; nothing changes where it was not.
    pub fn enable_login(&self, email: &str) -> Result<(), CatalogError> {
        let email = normal_email(email);
        let found = self.lock().execute("UPDATE logins SET disabled_at = NULL WHERE email = ?1", [&email])?;
        if found == 0 { Err(CatalogError::NoSuchLogin(email)) } else { Ok(()) }
    }

    /// Deletes a login with its sessions and all that was kept of it.
    pub fn delete_login(&self, email: &str) -> Result<(), CatalogError> {
        self.change_login(email, |transaction, number| {
            transaction.execute("DELETE FROM logins WHERE number = ?1", [number])
        })
    }

    /// Ends the sessions of a login and changes it, in one transaction.
    fn change_login(
        &self,
        email: &str,
        change: impl FnOnce(&Transaction<'_>, i64) -> rusqlite::Result<usize>,
    ) -> Result<(), CatalogError> {
        let email = normal_email(email);
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number: Option<i64> = transaction
            .query_row("SELECT number FROM logins WHERE email = ?1", [&email], |row| row.get(0))
            .optional()?;
        let Some(number) = number else { return Err(CatalogError::NoSuchLogin(email)) };
        transaction.execute("DELETE FROM sessions WHERE login = ?1", [number])?;
        change(&transaction, number)?;
        transaction.commit()?;
        Ok(())
    }
}

/// A login from a row of [`COLUMNS`].
pub(super) fn login_of(row: &Row<'_>) -> Result<Login, CatalogError> {
    let user_id: Option<i64> = row.get("user_id")?;
    let user_id = user_id.map(u64::try_from).transpose();
    Ok(Login {
        number: row.get(0)?,
        uuid: row.get(1)?,
        email: row.get(2)?,
        account: account_id(row.get(3)?)?,
        account_name: row.get(4)?,
        user_id: user_id.map_err(|_| CatalogError::Damaged("a login has a negative user_id".to_owned()))?,
        first_name: row.get(6)?,
        last_name: row.get(7)?,
        narrowing: Narrowing::of_row(row)?,
        created_at: row.get(10)?,
        disabled_at: row.get(11)?,
    })
}

fn checked_email(text: &str) -> Result<String, CatalogError> {
    let email = normal_email(text);
    let is_plain = !email.contains(|character: char| character.is_whitespace() || character.is_control());
    let has_halves = email
        .split_once('@')
        .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty() && !right.contains('@'));
    if is_plain && has_halves && email.len() <= EMAIL_BYTES_MAX {
        Ok(email)
    } else {
        Err(CatalogError::Email)
    }
}

fn checked_name(name: Option<String>) -> Result<Option<String>, CatalogError> {
    let is_good =
        |name: &String| (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains(char::is_control);
    if name.as_ref().is_none_or(is_good) { Ok(name) } else { Err(CatalogError::PersonName) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_halves_and_nothing_that_a_line_could_not_show() {
        for (given, email) in
            [("a@b", "a@b"), (" Owl@Example.COM\n", "owl@example.com"), ("ÉA+x@y.z", "éa+x@y.z")]
        {
            assert_eq!(checked_email(given).unwrap(), email);
        }
        let long = format!("{}@b", "a".repeat(253));
        for given in ["", "@", "a@", "@b", "a", "a@b@c", "a b@c", "a@b\u{7}c", &long] {
            assert!(matches!(checked_email(given), Err(CatalogError::Email)), "{given:?}");
        }
    }
}
