//! `store.db`: the log, the list of live parts with their dead rows, dictionary lengths, quarantine.
//!
//! The only thing in the store that has to be transactional; every method that writes is one transaction.

mod quarantine;
mod schema;

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, Transaction, params};
use tallyhouse_model::{AccountId, TableId};

use crate::OpenError;
use crate::damage::Damage;
use crate::dead::DeadRows;
use crate::dictionary::FlushedLength;
use crate::frame::{FrameReader, FrameWriter};
use crate::part::{DiskFiles, Part, PartHeader};

pub use quarantine::{NewQuarantine, QuarantineLimits};

/// An open `store.db`.
pub struct Database {
    connection: Connection,
}

/// A live part as the database knows it.
pub struct StoredPart {
    /// Its number.
    pub id: u64,
    /// What the rows look like.
    pub table: TableId,
    /// What is known about the rows.
    pub header: PartHeader,
    /// Its files.
    pub files: DiskFiles,
    /// Its dead rows, as of the last flush.
    pub dead: DeadRows,
}

/// A row of the log that is to be written.
pub struct LogRow<'a> {
    /// How many rows the body holds, owned ones included.
    pub rows: usize,
    /// See `log.rs`.
    pub body: &'a [u8],
}

/// What a flush or compaction changes.
#[derive(Default)]
pub struct Swap<'a> {
    /// Parts that are live from now on, with their dead rows.
    pub added: Vec<(&'a Part, &'a DeadRows)>,
    /// Parts that no longer are.
    pub removed: Vec<u64>,
    /// Live parts with other dead rows than before.
    pub dead: Vec<(u64, &'a DeadRows)>,
    /// New lengths of dictionaries.
    pub dictionaries: Vec<(AccountId, &'static str, FlushedLength)>,
    /// Log rows up to this one are in parts on disk now.
    pub log_through: Option<i64>,
}

impl Database {
    /// Opens or makes the file, and refuses one of a newer format.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { connection: schema::open(path)? })
    }

    /// The secret that seeds the hashes of this store.
    pub fn seed(&self) -> Result<u64, OpenError> {
        let seed: i64 =
            self.connection.query_row("SELECT value FROM meta WHERE name = 'seed'", [], |row| row.get(0))?;
        Ok(seed.cast_unsigned())
    }

    /// All live parts.
    pub fn parts(&self) -> Result<Vec<StoredPart>, OpenError> {
        let mut statement =
            self.connection.prepare("SELECT id, table_number, header, dead FROM parts ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, u8>(1)?,
                row.get::<_, Vec<u8>>(2)?,
                row.get::<_, Vec<u8>>(3)?,
            ))
        })?;
        rows.map(|row| {
            let (id, number, header, dead) = row?;
            read_part(id, number, &header, &dead).map_err(|damage| OpenError::Damaged(damage.to_string()))
        })
        .collect()
    }

    /// How much of each dictionary counts.
    pub fn dictionaries(&self) -> Result<HashMap<(AccountId, String), FlushedLength>, OpenError> {
        let mut statement =
            self.connection.prepare("SELECT account, namespace, entries, bytes FROM dictionaries")?;
        let rows = statement.query_map([], |row| {
            let length = FlushedLength { entries: row.get(2)?, bytes: row.get::<_, i64>(3)?.cast_unsigned() };
            Ok(((AccountId(row.get(0)?), row.get(1)?), length))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Calls `take` with each row of the log, oldest first.
    pub fn log(&self, mut take: impl FnMut(i64, &[u8]) -> Result<(), OpenError>) -> Result<(), OpenError> {
        let mut statement = self.connection.prepare("SELECT seq, body FROM log ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let body = row
                .get_ref(1)?
                .as_blob()
                .map_err(|error| OpenError::Damaged(format!("store.db: {error}")))?;
            take(row.get(0)?, body)?;
        }
        Ok(())
    }

    /// Adds rows to the log and lines to the quarantine; they are on disk when this returns. Answers the number of
    /// the last log row.
    pub fn append(
        &mut self,
        log: &[LogRow<'_>],
        quarantine: &[NewQuarantine<'_>],
        limits: &QuarantineLimits,
    ) -> rusqlite::Result<i64> {
        let transaction = self.connection.transaction()?;
        for row in log {
            transaction
                .prepare_cached("INSERT INTO log (rows, body) VALUES (?1, ?2)")?
                .execute(params![row.rows as i64, row.body])?;
        }
        quarantine::insert(&transaction, quarantine, limits)?;
        let last = transaction.query_row("SELECT COALESCE(MAX(seq), 0) FROM log", [], |row| row.get(0))?;
        transaction.commit()?;
        Ok(last)
    }

    /// Commits a flush or compaction.
    pub fn swap(&mut self, swap: &Swap<'_>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for (part, dead) in &swap.added {
            insert_part(&transaction, part, dead)?;
        }
        for id in &swap.removed {
            transaction.prepare_cached("DELETE FROM parts WHERE id = ?1")?.execute([id.cast_signed()])?;
        }
        for (id, dead) in &swap.dead {
            transaction
                .prepare_cached("UPDATE parts SET dead = ?2 WHERE id = ?1")?
                .execute(params![id.cast_signed(), write_dead(dead)])?;
        }
        for (account, namespace, length) in &swap.dictionaries {
            transaction
                .prepare_cached(
                    "INSERT INTO dictionaries (account, namespace, entries, bytes) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET entries = excluded.entries, bytes = excluded.bytes",
                )?
                .execute(params![account.0, namespace, length.entries, length.bytes.cast_signed()])?;
        }
        if let Some(through) = swap.log_through {
            transaction.execute("DELETE FROM log WHERE seq <= ?1", [through])?;
        }
        transaction.commit()
    }

    /// Moves what the write-ahead file holds into the database, so that the next start has little to read.
    pub fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// What SQLite itself finds wrong with the file.
    pub fn integrity_problems(&self) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|line| line != "ok").collect())
    }
}

fn insert_part(transaction: &Transaction<'_>, part: &Part, dead: &DeadRows) -> rusqlite::Result<()> {
    let mut header = FrameWriter::default();
    part.header.write(&mut header);
    part.disk().expect("only parts on disk are live in the database").files.write(&mut header);
    transaction
        .prepare_cached("INSERT INTO parts (id, table_number, header, dead) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![part.id.cast_signed(), part.table.id as u8, header.finish(), write_dead(dead)])?;
    Ok(())
}

fn read_part(id: i64, number: u8, header: &[u8], dead: &[u8]) -> Result<StoredPart, Damage> {
    let wrong = |problem: &str| Damage::in_database(format!("part {id}: {problem}"));
    let table = TableId::from_number(number).ok_or_else(|| wrong("its table is not known"))?;
    let mut reader = FrameReader::new(header).map_err(|_| wrong("its header does not match its checksum"))?;
    let read = PartHeader::read(&mut reader).and_then(|header| Ok((header, DiskFiles::read(&mut reader)?)));
    let (header, files) = read.map_err(|_| wrong("its header cannot be read"))?;
    let dead = read_dead(dead).ok_or_else(|| wrong("its list of dead rows is damaged"))?;
    Ok(StoredPart { id: id.cast_unsigned(), table, header, files, dead })
}

/// Dead rows as differences to the row before, which compress well, behind their count.
fn write_dead(dead: &DeadRows) -> Vec<u8> {
    if dead.count() == 0 {
        return Vec::new();
    }
    let mut previous = 0;
    let steps: Vec<u32> = dead
        .iter()
        .map(|row| {
            let step = row - previous;
            previous = row;
            step
        })
        .collect();
    let mut frame = FrameWriter::default();
    frame.list(&steps);
    zstd::bulk::compress(&frame.finish(), 1).expect("compressing in memory cannot fail")
}

fn read_dead(bytes: &[u8]) -> Option<DeadRows> {
    if bytes.is_empty() {
        return Some(DeadRows::default());
    }
    let bytes_max = tallyhouse_model::limits::PART_ROWS_MAX * 4 + 16;
    let frame = zstd::bulk::decompress(bytes, bytes_max).ok()?;
    let mut reader = FrameReader::new(&frame).ok()?;
    let mut row = 0u32;
    reader
        .list::<u32>()
        .ok()?
        .into_iter()
        .map(|step| {
            row = row.checked_add(step)?;
            Some(row)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_rows_come_back() {
        for rows in [vec![], vec![0], vec![0, 1, 70_000, 3_999_999]] {
            let dead: DeadRows = rows.into_iter().collect();
            assert_eq!(read_dead(&write_dead(&dead)), Some(dead));
        }
    }
}
