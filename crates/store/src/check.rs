//! `tallyhouse check`: reads every byte of a data folder and says what is wrong and where.

use std::path::{Path, PathBuf};

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{ColumnKind, TableId};

use crate::apply::{Tables, Wanted, locate};
use crate::damage::Damage;
use crate::database::Database;
use crate::dictionary::Dictionaries;
use crate::engine::{live_parts, lock_folder};
use crate::part::{Part, PartView, key_hash};
use crate::{CheckReport, Finding, OpenError, log};

/// Reads every file of a data folder that no server has open and compares all checksums and counts.
///
/// 1. `store.db`: SQLite's own check, the headers of all parts, the bodies of the log.
/// 2. Dictionaries: every string against its hash, every index file against its checksums.
/// 3. Parts: every page against its checksum, the Arrow file's structure, row counts, order, dictionary ids, and
///    that the key index finds every row.
/// 4. Owned rows that are live: that a row is live that owns them.
pub fn check(folder: &Path) -> Result<CheckReport, OpenError> {
    if !folder.join("store.db").exists() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no store.db in it");
        return Err(OpenError::Io { path: folder.to_path_buf(), source });
    }
    let _lock = lock_folder(folder)?;
    let mut report = Report { folder, report: CheckReport::default() };
    let database = Database::open(&folder.join("store.db"))?;
    for problem in database.integrity_problems()? {
        report.add(Damage::in_database(problem));
    }
    report.check_log(&database)?;
    let (seed, dictionaries) = (database.seed()?, database.dictionaries()?);
    let dictionaries = Dictionaries::new(&folder.join("dictionaries"), seed, dictionaries);
    report.check_dictionaries(&dictionaries);
    match live_parts(&database, folder) {
        Ok((tables, _)) => report.check_tables(&tables, &dictionaries, seed),
        Err(OpenError::Damaged(problem)) => report.add(Damage::in_database(problem)),
        Err(error) => return Err(error),
    }
    Ok(report.report)
}

struct Report<'a> {
    folder: &'a Path,
    report: CheckReport,
}

impl Report<'_> {
    fn add(&mut self, damage: Damage) {
        let file = damage.file.strip_prefix(self.folder).map_or(damage.file.clone(), Path::to_path_buf);
        self.report.findings.push(Finding { file, problem: damage.problem });
    }

    fn check_log(&mut self, database: &Database) -> Result<(), OpenError> {
        let mut damages = Vec::new();
        let mut rows = 0;
        database.log(|seq, body| {
            match log::decode(seq, body) {
                Ok((_, batch)) => rows += batch.rows_with_owned() as u64,
                Err(damage) => damages.push(damage),
            }
            Ok(())
        })?;
        self.report.rows += rows;
        damages.into_iter().for_each(|damage| self.add(damage));
        Ok(())
    }

    fn check_dictionaries(&mut self, dictionaries: &Dictionaries) {
        let (files, bytes, damages) = dictionaries.check_all();
        self.report.files += files;
        self.report.bytes += bytes;
        damages.into_iter().for_each(|damage| self.add(damage));
    }

    fn check_tables(&mut self, tables: &Tables, dictionaries: &Dictionaries, seed: u64) {
        for table in TableId::ALL {
            for view in tables.of(table) {
                self.check_part(view, dictionaries, seed);
            }
        }
        for table in TableId::ALL {
            let Some(owner) = table.owner() else { continue };
            // Where an owner cannot be read, it is not missing, and was found damaged above.
            for view in tables.of(table) {
                if let Ok(Some(damage)) = first_without_owner(view, tables.of(owner), seed) {
                    self.add(damage);
                }
            }
        }
    }

    fn check_part(&mut self, view: &PartView, dictionaries: &Dictionaries, seed: u64) {
        let part = &view.part;
        let disk = part.disk().expect("only parts on disk are listed");
        self.report.files += 2;
        self.report.bytes += disk.bytes();
        self.report.rows += u64::from(part.rows());
        let rows_path = disk.rows_path().to_path_buf();
        let keys_path = disk.keys_path().to_path_buf();
        let findings = [disk.check_keys_file(), disk.check_rows_file()];
        let is_whole = findings.iter().all(Result::is_ok);
        findings.into_iter().filter_map(Result::err).for_each(|damage| self.add(damage));
        if is_whole {
            let rows = check_rows(view, &rows_path, dictionaries);
            let keys = rows.and_then(|()| check_keys(part, keys_path, seed));
            if let Err(damage) = keys {
                self.add(damage);
            }
        }
    }
}

/// Row counts, order, and that every dictionary id is known.
fn check_rows(view: &PartView, path: &Path, dictionaries: &Dictionaries) -> Result<(), Damage> {
    let part = &view.part;
    let wrong = |problem: String| Damage::new(path, problem);
    let blocks = part.disk().map_or(Ok(0), |disk| disk.blocks())?;
    if blocks != (part.rows() as usize).div_ceil(BLOCK_ROWS) {
        return Err(wrong(format!("it has {blocks} blocks for {} rows", part.rows())));
    }
    if view.dead.iter().last().is_some_and(|row| row >= part.rows()) {
        return Err(wrong("store.db lists dead rows beyond its end".to_owned()));
    }
    // Only owned rows can be alike in time and key.
    let is_owned = part.table.id.owner().is_some();
    for rows in &part.header.accounts {
        let mut last = None;
        for row in rows.start..rows.end {
            let place = Some((part.time(row)?, part.key(row)?));
            if place < last || (place == last && !is_owned) {
                return Err(wrong(format!("row {row} is out of order")));
            }
            last = place;
        }
        for (index, column) in part.table.columns.iter().enumerate() {
            let ColumnKind::Dictionary { namespace, .. } = column.kind else { continue };
            let account = tallyhouse_model::AccountId(rows.account);
            let known = u64::from(dictionaries.of(account, namespace).reader()?.count());
            for row in rows.start..rows.end {
                if part.number(row, index)? > known {
                    return Err(wrong(format!("row {row}: the {} is not in the dictionary", column.name)));
                }
            }
        }
    }
    Ok(())
}

/// The key index leads to every row.
fn check_keys(part: &Part, path: PathBuf, seed: u64) -> Result<(), Damage> {
    for row in 0..part.rows() {
        let hash = key_hash(part.account_of(row), &part.key(row)?, seed);
        if !part.index()?.find(hash, |found| Ok(found == row))? {
            return Err(Damage::new(&path, format!("it does not lead to row {row}")));
        }
    }
    Ok(())
}

/// What is wrong with the first live row of a part of owned rows that no live row owns. An error is about a part that cannot
/// be read.
fn first_without_owner(view: &PartView, owners: &[PartView], seed: u64) -> Result<Option<Damage>, Damage> {
    let part = &view.part;
    let live: Vec<u32> = (0..part.rows()).filter(|row| !view.dead.contains(*row)).collect();
    for rows in live.chunks(BLOCK_ROWS) {
        let wanted = rows.iter().map(|row| {
            let (account, key) = (part.account_of(*row), part.key(*row)?);
            Ok(Wanted { account, key, hash: key_hash(account, &key, seed) })
        });
        let wanted: Vec<Wanted> = wanted.collect::<Result<_, Damage>>()?;
        let found = locate(owners, &wanted)?;
        if let Some(at) = found.iter().position(Option::is_none) {
            let path = part.disk().expect("only parts on disk are listed").rows_path();
            return Ok(Some(Damage::new(path, format!("row {}: nothing that is live owns it", rows[at]))));
        }
    }
    Ok(None)
}
