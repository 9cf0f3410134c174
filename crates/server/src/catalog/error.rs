//! What can go wrong with the catalog, by what the operator has to do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why something could not be done with the catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is none in the data folder. Make one, or name the right folder.
    #[error(
        "there is no catalog in the data folder {0}; make one with `tallyhouse account create NAME --data {0}`, or name \
         the right folder with --data"
    )]
    Absent(PathBuf),
    /// A later release wrote it. Use that release.
    #[error("catalog.db has format {found}, this program knows up to {known}; use a newer release")]
    NewerFormat {
        /// The format on disk.
        found: u32,
        /// The newest format this program reads.
        known: u32,
    },
    /// `catalog.db` is a database of something else. Name the right folder.
    #[error("{0} is not a catalog of tallyhouse; name the right folder with --data")]
    Foreign(PathBuf),
    /// The data folder cannot be made.
    #[error("the data folder {path} cannot be made")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// And why.
        source: std::io::Error,
    },
    /// The file cannot be made or kept from others. Repair its rights or owner.
    #[error("{path} cannot be made, or made private to its owner")]
    File {
        /// Which one.
        path: PathBuf,
        /// And why.
        source: std::io::Error,
    },
    /// The name of an account breaks the rules. Choose another.
    #[error("an account's name is 1 to 64 letters a to z, digits, '_' and '-', unlike {0:?}")]
    AccountName(String),
    /// The name of an account is taken. Choose another, or use that account.
    #[error("there is an account named {0} already")]
    AccountExists(String),
    /// No account has this name.
    #[error(
        "no account is named {0:?}; `tallyhouse account list` shows all, `tallyhouse account create` makes one"
    )]
    NoSuchAccount(String),
    /// No token has this id.
    #[error("no token has the id {0:?}; `tallyhouse token list` shows all")]
    NoSuchToken(String),
    /// No client has this id.
    #[error("no client has the id {0:?}; `tallyhouse client list` shows all")]
    NoSuchClient(String),
    /// No signing key has this id.
    #[error("no signing key has the id {0:?}; `tallyhouse key list` shows all")]
    NoSuchKey(String),
    /// The key signs new tokens. Rotate first.
    #[error("the key {0:?} signs new tokens; replace it first with `tallyhouse key rotate`")]
    KeyInUse(String),
    /// There are many keys that tokens which have not expired are checked with. Wait for these, or retire some.
    #[error(
        "there are {0} signing keys already, and tokens of all of them may still be in use; wait until those of the \
         oldest expire, or retire it with `tallyhouse key retire`"
    )]
    TooManyKeys(u32),
    /// Contents and channels only bound what is read. Correct the request.
    #[error("what is confined to contents or channels can only have the scope read")]
    NarrowedScope,
    /// Too many contents and channels. Correct the request.
    #[error("{0} contents and channels are more than the {max} that fit", max = super::NARROWING_IDS_MAX)]
    NarrowingTooLong(usize),
    /// What is confined to contents or channels sees those alone. Correct the request.
    #[error("what is confined to contents or channels can have neither pipes nor data sources to append to")]
    NarrowedResources,
    /// Too many pipes and data sources. Correct the request.
    #[error("{0} pipes and data sources are more than the {max} that fit", max = super::RESOURCES_MAX)]
    TooManyResources(usize),
    /// No pipe can be named like this. Correct the request.
    #[error("{0:?} is no name of a pipe: 1 to 128 letters, digits and '_', no digit at the start")]
    PipeName(String),
    /// No data source is named like this. Correct the request.
    #[error("there is no data source {0:?}; known are: {known}", known = super::known_data_sources())]
    NoSuchDataSource(String),
    /// No warehouse key has this id.
    #[error("no warehouse key has the id {0:?}; `tallyhouse warehouse-key list` shows all")]
    NoSuchWarehouseKey(String),
    /// The name of a site breaks the rules. Choose another.
    #[error(
        "a site's name is 1 to {max} letters a to z, digits and '-', begins with a letter, does not end with '-', and is not api, www or \
         localhost, unlike {0:?}",
        max = super::SITE_NAME_BYTES_MAX
    )]
    SiteName(String),
    /// The name of a site is taken. Choose another.
    #[error("there is a site named {0} already, of this account or another")]
    SiteExists(String),
    /// No site has this name.
    #[error("no site is named {0:?}; `tallyhouse site list` shows all, `tallyhouse site create` makes one")]
    NoSuchSite(String),
    /// No pingback has this id.
    #[error("no pingback has the id {0:?}; `tallyhouse pingback list` shows all that the log keeps")]
    NoSuchPingback(String),
    /// No webhook secret has this id.
    #[error("no webhook secret has the id {0:?}; `tallyhouse webhook-secret list` shows all")]
    NoSuchWebhookSecret(String),
    /// The site signs with as many secrets as it may. Revoke one.
    #[error(
        "the site {0} signs with {max} secrets already; revoke one with `tallyhouse webhook-secret revoke`",
        max = super::WEBHOOK_SECRETS_MAX
    )]
    TooManyWebhookSecrets(String),
    /// The address of a login is none. Correct the request.
    #[error("an address is like name@example.com: up to {max} bytes, one @ and no spaces", max = super::EMAIL_BYTES_MAX)]
    Email,
    /// The address is that of another login. Choose another, or delete that one.
    #[error("there is a user with the address {0:?} already, of this account or another")]
    LoginExists(String),
    /// No login has this address.
    #[error("no user has the address {0:?}; `tallyhouse user list` shows all")]
    NoSuchLogin(String),
    /// The password is too short or too long. Choose another.
    #[error(
        "a password has at least {least} characters and at most {most} bytes",
        least = super::PASSWORD_CHARS_MIN,
        most = super::PASSWORD_BYTES_MAX
    )]
    Password,
    /// A name is too long or has line breaks. Choose another.
    #[error("a first or last name is one line of 1 to {max} bytes", max = super::NAME_BYTES_MAX)]
    PersonName,
    /// A number of a person is too large. Correct the request.
    #[error("the number of a user is from 0 to 2^63-1, unlike {0}")]
    UserId(u64),
    /// A token would be of no use. Correct the request.
    #[error("a token needs at least one scope (read, append or admin), pipe, or data source to append to")]
    NoScope,
    /// A token would be of no use. Correct the request.
    #[error("the token would be expired already")]
    Expired,
    /// The system gives no random numbers. Repair it.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// Every token that was made for a short URL is taken already: ids are not random. Repair the system's source of them.
    #[error("every token that was made for a short URL is taken already")]
    NoShorturlToken,
    /// The system gives no random numbers for a key. Repair it.
    #[error("the system gives no random numbers for a key")]
    NoKey,
    /// What is in the catalog contradicts itself. Restore it from a backup.
    #[error("catalog.db is damaged: {0}")]
    Damaged(String),
    /// SQLite cannot use the file. Repair it, unless it is only [busy](Self::is_busy).
    #[error("catalog.db cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
}

impl CatalogError {
    /// Whether others had the file for themselves for long: to try again is all there is to do.
    pub fn is_busy(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// Whether what is in the file cannot be read, or contradicts itself.
    pub fn is_damage(&self) -> bool {
        let is_unreadable = matches!(
            self.code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure)
        );
        is_unreadable || matches!(self, CatalogError::Damaged(_))
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            CatalogError::Database(error) => error.sqlite_error_code(),
            _ => None,
        }
    }
}
