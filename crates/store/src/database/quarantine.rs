//! Quarantined lines in `store.db`: written with the batch they came in, bounded per account in bytes and age.

use rusqlite::{Transaction, params};
use tallyhouse_model::{AccountId, Micros, TableId};

use super::Database;
use crate::quarantine::{QuarantineEntry, QuarantinedLine};

/// Lines of one submission that go to quarantine.
pub struct NewQuarantine<'a> {
    /// Whose.
    pub account: AccountId,
    /// Where they were meant to go.
    pub table: TableId,
    /// When they arrived.
    pub received_at: Micros,
    /// What was sent, and why it was refused.
    pub lines: &'a [QuarantinedLine],
}

/// How much an account may have in quarantine.
#[derive(Debug, Clone)]
pub struct QuarantineLimits {
    /// Bytes of reasons and lines; the oldest give way.
    pub bytes_max: u64,
    /// How long a line is kept.
    pub age_max: Micros,
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    quarantine: &[NewQuarantine<'_>],
    limits: &QuarantineLimits,
) -> rusqlite::Result<()> {
    for new in quarantine.iter().filter(|new| !new.lines.is_empty()) {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO quarantine (account, table_number, received_at, reason, line, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for line in new.lines {
            let bytes = (line.reason.len() + line.line.len()) as i64;
            insert.execute(params![
                new.account.0,
                new.table as u8,
                new.received_at,
                line.reason,
                line.line,
                bytes
            ])?;
        }
        trim(transaction, new, limits)?;
    }
    Ok(())
}

/// Drops what is too old, and the oldest of what is too much.
fn trim(
    transaction: &Transaction<'_>,
    new: &NewQuarantine<'_>,
    limits: &QuarantineLimits,
) -> rusqlite::Result<()> {
    let oldest = new.received_at.saturating_sub(limits.age_max);
    let aged = transaction
        .prepare_cached("DELETE FROM quarantine WHERE account = ?1 AND received_at < ?2")?
        .execute(params![new.account.0, oldest])?;
    let crowded = transaction
        .prepare_cached(
            "DELETE FROM quarantine WHERE account = ?1 AND id <= (
                 SELECT id FROM (
                     SELECT id, SUM(bytes) OVER (ORDER BY id DESC) AS bytes FROM quarantine WHERE account = ?1
                 ) WHERE bytes > ?2 ORDER BY id DESC LIMIT 1)",
        )?
        .execute(params![new.account.0, i64::try_from(limits.bytes_max).unwrap_or(i64::MAX)])?;
    if aged + crowded > 0 {
        tracing::warn!(account = new.account.0, aged, crowded, "quarantined lines were dropped");
    }
    Ok(())
}

impl Database {
    /// Lines of an account with an id greater than `after`, oldest first, at most `limit`.
    pub fn quarantine(
        &self,
        account: AccountId,
        table: Option<TableId>,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<QuarantineEntry>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, table_number, received_at, reason, line FROM quarantine
             WHERE account = ?1 AND id > ?2 AND (?3 IS NULL OR table_number = ?3) ORDER BY id LIMIT ?4",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows =
            statement.query_map(params![account.0, after, table.map(|table| table as u8), limit], |row| {
                let number: u8 = row.get(1)?;
                let table = TableId::from_number(number)
                    .ok_or(rusqlite::Error::IntegralValueOutOfRange(1, i64::from(number)))?;
                Ok(QuarantineEntry {
                    id: row.get(0)?,
                    table,
                    received_at: row.get(2)?,
                    reason: row.get(3)?,
                    line: row.get(4)?,
                })
            })?;
        rows.collect()
    }

    /// Removes lines of an account; answers how many there were.
    pub fn quarantine_remove(&mut self, account: AccountId, ids: &[i64]) -> rusqlite::Result<u64> {
        let transaction = self.connection.transaction()?;
        let mut removed = 0;
        for id in ids {
            removed += transaction
                .prepare_cached("DELETE FROM quarantine WHERE account = ?1 AND id = ?2")?
                .execute(params![account.0, id])?;
        }
        transaction.commit()?;
        Ok(removed as u64)
    }
}
