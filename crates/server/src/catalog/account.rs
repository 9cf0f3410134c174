//! Accounts: made once, never renamed, and their numbers never given again.

use rusqlite::{OptionalExtension as _, Row, TransactionBehavior};
use tallyhouse_model::{AccountId, Micros};

use super::{Catalog, CatalogError};

/// Bytes of an account's name at most.
const NAME_BYTES_MAX: usize = 64;

/// An account (a tenant).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number in the store.
    pub id: AccountId,
    /// Its name, unique.
    pub name: String,
    /// When it was made.
    pub created_at: Micros,
}

impl Catalog {
    /// Makes an account. Its name is 1 to 64 of a to z, 0 to 9, `_` and `-`, and not taken.
    pub fn create_account(&self, name: &str, now: Micros) -> Result<Account, CatalogError> {
        check_name(name)?;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = transaction
            .query_row("SELECT 1 FROM accounts WHERE name = ?1", [name], |_| Ok(()))
            .optional()?
            .is_some();
        if taken {
            return Err(CatalogError::AccountExists(name.to_owned()));
        }
        transaction.execute("INSERT INTO accounts (name, created_at) VALUES (?1, ?2)", (name, now))?;
        let id = account_id(transaction.last_insert_rowid())?;
        transaction.commit()?;
        Ok(Account { id, name: name.to_owned(), created_at: now })
    }

    /// All accounts, in the order they were made.
    pub fn accounts(&self) -> Result<Vec<Account>, CatalogError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT id, name, created_at FROM accounts ORDER BY id")?;
        statement.query_and_then([], account_of)?.collect()
    }

    /// The account of this name.
    pub fn account_by_name(&self, name: &str) -> Result<Account, CatalogError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT id, name, created_at FROM accounts WHERE name = ?1")?;
        let found = statement.query_and_then([name], account_of)?.next();
        found.unwrap_or_else(|| Err(CatalogError::NoSuchAccount(name.to_owned())))
    }

    /// The name of an account; `None` when there is none of this number.
    pub fn account_name(&self, account: AccountId) -> Result<Option<String>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT name FROM accounts WHERE id = ?1")?;
        Ok(statement.query_row([account.0], |row| row.get(0)).optional()?)
    }
}

/// The number of an account as SQLite keeps it.
pub(super) fn account_id(number: i64) -> Result<AccountId, CatalogError> {
    u32::try_from(number)
        .map(AccountId)
        .map_err(|_| CatalogError::Damaged(format!("an account has the number {number}")))
}

fn account_of(row: &Row<'_>) -> Result<Account, CatalogError> {
    Ok(Account { id: account_id(row.get(0)?)?, name: row.get(1)?, created_at: row.get(2)? })
}

fn check_name(name: &str) -> Result<(), CatalogError> {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        // What is wrong may be its length, so only its beginning is shown.
        Err(CatalogError::AccountName(name.chars().take(NAME_BYTES_MAX + 1).collect()))
    }
}
