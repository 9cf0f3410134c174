//! Sessions: what a login is given when somebody signs in. A session is a pair of tokens, an access token and a refresh
//! token; the catalog knows both by their hashes only, and each renewal replaces both.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use tallyhouse_model::Micros;

use super::login::{COLUMNS, login_of};
use super::secret::{SecretHash, hash_of, random_hex, random_uuid};
use super::{Catalog, CatalogError, Login, PasswordHash};

/// What access tokens begin with, as the vendor's do. No other credential does.
pub const SESSION_PREFIX: &str = "smt_";

/// Sessions of a login at most; the one that was renewed least recently gives way.
pub const SESSIONS_MAX: u32 = 100;

/// Random bytes of either token: 256 bits.
const TOKEN_BYTES: usize = 32;

/// Bytes of a token at most that is looked up at all.
const TOKEN_BYTES_MAX: usize = 256;

/// How long the tokens of a session live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetimes {
    /// The access token.
    pub access: Micros,
    /// The refresh token.
    pub refresh: Micros,
}

/// A session as the catalog knows it: without its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    number: i64,
    /// Its public id, which renewals leave as it is.
    pub uuid: String,
    /// The app that it was made for, as it names itself.
    pub app_bundle_id: Option<String>,
    /// From when on the access token is not accepted any more.
    pub expires_at: Micros,
    /// From when on the refresh token is not accepted any more.
    pub refresh_expires_at: Micros,
    /// Who signed in.
    pub login: Login,
}

/// The only copy of the tokens of a session.
pub struct SessionTokens {
    /// What requests have to carry.
    pub access_token: String,
    /// What renews the session.
    pub refresh_token: String,
}

/// A session that was just made or renewed.
pub struct NewSession {
    /// What the catalog keeps.
    pub session: Session,
    /// What the client gets.
    pub tokens: SessionTokens,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The login has changed since its password was looked at. Sign in again.
    #[error("the user was deleted, disabled or got another password meanwhile")]
    Changed,
    /// The catalog cannot be used.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl From<rusqlite::Error> for SignInError {
    fn from(error: rusqlite::Error) -> Self {
        SignInError::Catalog(error.into())
    }
}

impl Catalog {
    /// Makes a session for a login whose password was found to be this one.
    pub fn create_session(
        &self,
        login: Login,
        password: &PasswordHash,
        app_bundle_id: Option<String>,
        lifetimes: SessionLifetimes,
        now: Micros,
    ) -> Result<NewSession, SignInError> {
        let (tokens, uuid) = (SessionTokens::new()?, random_uuid()?);
        let (expires_at, refresh_expires_at) = lifetimes.ends(now);
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let stands = transaction
            .query_row(
                "SELECT 1 FROM logins WHERE number = ?1 AND password = ?2 AND disabled_at IS NULL",
                (login.number, &password.0),
                |_| Ok(()),
            )
            .optional()?;
        stands.ok_or(SignInError::Changed)?;
        transaction
            .execute("DELETE FROM sessions WHERE refresh_expires_at <= ?1 AND expires_at <= ?1", [now])?;
        let [access_hash, refresh_hash] = tokens.hashes();
        transaction.execute(
            "INSERT INTO sessions (uuid, login, access_hash, refresh_hash, app_bundle_id, renewed_at, expires_at,
                 refresh_expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (&uuid, login.number, access_hash, refresh_hash, &app_bundle_id, now, expires_at, refresh_expires_at),
        )?;
        let number = transaction.last_insert_rowid();
        make_room(&transaction, login.number)?;
        transaction.commit()?;
        let session = Session { number, uuid, app_bundle_id, expires_at, refresh_expires_at, login };
        Ok(NewSession { session, tokens })
    }

    /// The session with this access token, be it expired or not.
    pub fn session_of_access_token(&self, token: &str) -> Result<Option<Session>, CatalogError> {
        look_up(&self.verifier().connection, "access_hash", token)
    }

    /// The session with this refresh token, be it expired or not.
    pub fn session_of_refresh_token(&self, token: &str) -> Result<Option<Session>, CatalogError> {
        look_up(&self.verifier().connection, "refresh_hash", token)
    }

    /// Gives a session new tokens, for one of those that it has now; that one and the other are worth nothing from now
    /// on. `None` where it was renewed or ended meanwhile.
    pub fn renew_session(
        &self,
        mut session: Session,
        token: &str,
        lifetimes: SessionLifetimes,
        now: Micros,
    ) -> Result<Option<NewSession>, CatalogError> {
        let tokens = SessionTokens::new()?;
        let [access_hash, refresh_hash] = tokens.hashes();
        (session.expires_at, session.refresh_expires_at) = lifetimes.ends(now);
        let renewed = self.lock().execute(
            "UPDATE sessions SET access_hash = ?3, refresh_hash = ?4, renewed_at = ?5, expires_at = ?6,
                 refresh_expires_at = ?7
             WHERE number = ?1 AND (access_hash = ?2 OR refresh_hash = ?2)",
            (
                session.number,
                hash_of(token),
                access_hash,
                refresh_hash,
                now,
                session.expires_at,
                session.refresh_expires_at,
            ),
        )?;
        Ok((renewed == 1).then_some(NewSession { session, tokens }))
    }

    /// Ends a session.
    pub fn end_session(&self, session: &Session) -> Result<(), CatalogError> {
        self.lock().execute("DELETE FROM sessions WHERE number = ?1", [session.number])?;
        Ok(())
    }
}

impl SessionLifetimes {
    fn ends(self, now: Micros) -> (Micros, Micros) {
        (now.saturating_add(self.access), now.saturating_add(self.refresh))
    }
}

impl SessionTokens {
    fn new() -> Result<Self, CatalogError> {
        Ok(Self {
            access_token: format!("{SESSION_PREFIX}{}", random_hex::<TOKEN_BYTES>()?),
            refresh_token: random_hex::<TOKEN_BYTES>()?,
        })
    }

    fn hashes(&self) -> [SecretHash; 2] {
        [hash_of(&self.access_token), hash_of(&self.refresh_token)]
    }
}

fn look_up(connection: &Connection, column: &str, token: &str) -> Result<Option<Session>, CatalogError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, sessions.number AS session_number, sessions.uuid AS session_uuid, app_bundle_id, expires_at,
             refresh_expires_at
         FROM sessions JOIN logins ON logins.number = login JOIN accounts ON accounts.id = logins.account
         WHERE {column} = ?1 AND disabled_at IS NULL"
    ))?;
    let mut found = statement.query_and_then([hash_of(token)], |row| {
        Ok(Session {
            number: row.get("session_number")?,
            uuid: row.get("session_uuid")?,
            app_bundle_id: row.get("app_bundle_id")?,
            expires_at: row.get("expires_at")?,
            refresh_expires_at: row.get("refresh_expires_at")?,
            login: login_of(row)?,
        })
    })?;
    found.next().transpose()
}

/// Lets the sessions of a login that were renewed least recently give way.
fn make_room(connection: &Connection, login: i64) -> Result<(), CatalogError> {
    connection
        .prepare_cached(
            "DELETE FROM sessions WHERE number IN (SELECT number FROM sessions
                 WHERE login = ?1 ORDER BY renewed_at DESC, number DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute((login, SESSIONS_MAX))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::LoginRequest;
    use super::*;

    const LIFETIMES: SessionLifetimes = SessionLifetimes { access: 100, refresh: 300 };

    /// A catalog with a login; comparing passwords is not what these tests are about.
    fn fixture() -> (tempfile::TempDir, Catalog, Login) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("harbour", 1).unwrap().id;
        let login = catalog.create_login(&request(account, "owl@example.com"), 1).unwrap();
        (folder, catalog, login)
    }

    fn request(account: tallyhouse_model::AccountId, email: &str) -> LoginRequest {
        LoginRequest {
            account,
            email: email.to_owned(),
            password: PasswordHash::of_nobody(),
            user_id: Some(i64::MAX as u64),
            first_name: None,
            last_name: None,
            channel_ids: None,
        }
    }

    fn session(catalog: &Catalog, login: &Login, now: Micros) -> NewSession {
        let password = PasswordHash::of_nobody();
        catalog.create_session(login.clone(), &password, None, LIFETIMES, now).unwrap()
    }

    fn count(catalog: &Catalog) -> i64 {
        catalog.lock().query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn of_too_many_sessions_the_one_renewed_least_recently_gives_way() {
        let (_folder, catalog, login) = fixture();
        let other = catalog.create_login(&request(login.account, "heron@example.com"), 1).unwrap();
        let others = session(&catalog, &other, 1);
        let (first, second) = (session(&catalog, &login, 1), session(&catalog, &login, 2));
        let token = first.tokens.access_token.clone();
        let renewed = catalog.renew_session(first.session, &token, LIFETIMES, 3).unwrap().unwrap();
        for _ in 0..SESSIONS_MAX - 1 {
            session(&catalog, &login, 4);
        }
        assert_eq!(count(&catalog), i64::from(SESSIONS_MAX) + 1);
        let stands = |new: &NewSession| catalog.authenticate_session(&new.tokens.access_token, 5).is_ok();
        assert!(stands(&renewed) && stands(&others) && !stands(&second));
    }

    #[test]
    fn sessions_of_which_both_tokens_have_expired_are_forgotten() {
        let (_folder, catalog, login) = fixture();
        let old = session(&catalog, &login, 0);
        session(&catalog, &login, 299);
        assert!(catalog.session_of_refresh_token(&old.tokens.refresh_token).unwrap().is_some());
        session(&catalog, &login, 300);
        assert_eq!(count(&catalog), 2);
        assert!(catalog.session_of_refresh_token(&old.tokens.refresh_token).unwrap().is_none());
    }

    #[test]
    fn a_login_that_changed_while_its_password_was_compared_gets_no_session() {
        let (_folder, catalog, login) = fixture();
        let old = PasswordHash::of_nobody();
        let refused = || {
            let made = catalog.create_session(login.clone(), &old, None, LIFETIMES, 1);
            matches!(made, Err(SignInError::Changed))
        };
        assert!(!refused());
        catalog.disable_login(&login.email, 1).unwrap();
        assert!(refused());
        catalog.enable_login(&login.email).unwrap();
        assert!(!refused());
        catalog.set_password(&login.email, &PasswordHash("another".to_owned())).unwrap();
        assert!(refused());
        catalog.delete_login(&login.email).unwrap();
        assert!(refused() && count(&catalog) == 0);
    }

    #[test]
    fn a_session_is_renewed_once_by_a_token() {
        let (_folder, catalog, login) = fixture();
        let NewSession { session, tokens } = session(&catalog, &login, 1);
        let renew = |token: &str| catalog.renew_session(session.clone(), token, LIFETIMES, 2).unwrap();
        assert!(renew("other").is_none());
        let renewed = renew(&tokens.refresh_token).unwrap();
        assert!(renew(&tokens.refresh_token).is_none() && renew(&tokens.access_token).is_none());
        catalog.end_session(&renewed.session).unwrap();
        assert!(renew(&renewed.tokens.access_token).is_none());
    }

    #[test]
    fn an_address_is_one_login_of_one_account_in_any_case() {
        let (_folder, catalog, login) = fixture();
        let other = catalog.create_account("birch", 1).unwrap().id;
        let again = catalog.create_login(&request(other, " Owl@EXAMPLE.com"), 1);
        assert!(matches!(again, Err(CatalogError::LoginExists(email)) if email == login.email));
        let (found, _) = catalog.login_of_email("OWL@example.com ").unwrap().unwrap();
        assert_eq!((&found, found.user_id), (&login, Some(i64::MAX as u64)));
        assert!(catalog.login_of_email("heron@example.com").unwrap().is_none());
        let wrong = LoginRequest { user_id: Some(1 << 63), ..request(other, "heron@example.com") };
        assert!(matches!(catalog.create_login(&wrong, 1), Err(CatalogError::UserId(_))));
        let wrong =
            LoginRequest { first_name: Some("a\nb".to_owned()), ..request(other, "heron@example.com") };
        assert!(matches!(catalog.create_login(&wrong, 1), Err(CatalogError::PersonName)));
    }
}
