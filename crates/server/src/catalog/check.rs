//! Reads all of `catalog.db` and says what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use tallyhouse_model::{TableId, parse_uuid};

use super::SecretHash;
use super::database::FILE_NAME;
use super::documents::form_fields;
use super::message;
use super::site::is_site_name;
use super::snapshot;

/// What is wrong with the catalog of a data folder; nothing where there is none. SQLite has no checksums: it finds
/// pages, indexes and references that contradict each other, and not every flipped bit.
pub fn problems(folder: &Path) -> Vec<String> {
    let path = folder.join(FILE_NAME);
    if !path.exists() {
        return Vec::new();
    }
    found(&path).unwrap_or_else(|error| vec![error.to_string()])
}

fn found(path: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open(path)?;
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let mut problems: Vec<String> =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    problems.retain(|problem| problem != "ok");
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let broken = statement.query_map([], |row| row.get::<_, String>(0))?;
    for table in broken {
        problems.push(format!("a row of {} belongs to nothing", table?));
    }
    problems.extend(broken_documents(&connection)?);
    problems.extend(broken_sites(&connection)?);
    problems.extend(message::broken_messages(&connection)?);
    problems.extend(snapshot::broken_snapshots(&connection)?);
    problems.extend(broken_pingbacks(&connection)?);
    Ok(problems)
}

/// Sites that no request can name, or that have no keys. A file of an older format has none.
fn broken_sites(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    if !connection.table_exists(None, "sites")? {
        return Ok(Vec::new());
    }
    let mut statement = connection
        .prepare("SELECT name, public_key, octet_length(private_hash) FROM sites ORDER BY number")?;
    let sites = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut problems = Vec::new();
    for site in sites {
        let (name, public_key, hash_bytes): (String, String, i64) = site?;
        if !is_site_name(&name) {
            problems.push(format!("a site is named {name:?}, which no site can be"));
        }
        if parse_uuid(&public_key).is_none() || hash_bytes != size_of::<SecretHash>() as i64 {
            problems.push(format!(
                "the keys of the site {name:?} are none; make new ones with `tallyhouse site rotate-keys`"
            ));
        }
    }
    Ok(problems)
}

/// Documents that are none, and fields that are not those of their forms. A file of an older format has neither.
fn broken_documents(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    if !connection.table_exists(None, "documents")? {
        return Ok(problems);
    }
    let mut statement = connection.prepare(
        "SELECT account, table_number, id FROM documents
         WHERE id < 0 OR bytes IS NOT octet_length(body) OR CASE WHEN body IS NULL THEN 0 WHEN json_valid(body) THEN json_type(body) <> 'object' ELSE 1 END",
    )?;
    let no_objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for document in no_objects {
        let (account, table, id): (i64, i64, i64) = document?;
        problems.push(format!("document {id} of table {table} of account {account} is no record"));
    }
    let mut statement = connection.prepare(
        "SELECT account, form, field_id FROM form_fields WHERE NOT EXISTS
            (SELECT 1 FROM documents WHERE documents.account = form_fields.account AND table_number = ?1
             AND id = form AND body IS NOT NULL)",
    )?;
    let of_no_form =
        statement.query_map([TableId::Forms as u8], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for field in of_no_form {
        let (account, form, field): (i64, i64, i64) = field?;
        problems.push(format!(
            "field {field} of account {account} belongs to the form {form}, which is not there"
        ));
    }
    problems.extend(forms_with_other_fields(connection)?);
    Ok(problems)
}

/// Forms whose fields are not those that are kept beside them.
fn forms_with_other_fields(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut forms = connection
        .prepare("SELECT account, id, body FROM documents WHERE table_number = ?1 AND body IS NOT NULL")?;
    let mut fields = connection
        .prepare("SELECT field_id, field_type, options FROM form_fields WHERE account = ?1 AND form = ?2")?;
    let mut forms = forms.query([TableId::Forms as u8])?;
    while let Some(row) = forms.next()? {
        let (account, form, body): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kept = fields.query_map((account, form), |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        let kept: BTreeMap<i64, (String, String)> = kept.collect::<rusqlite::Result<_>>()?;
        if kept != form_fields::rows_of(&body) {
            problems.push(format!(
                "the fields that are kept of the form {form} of account {account} are not those it has; \
                 send the form again with a later updated_at"
            ));
        }
    }
    Ok(problems)
}

/// Pingbacks that wait and would never be found, or are found although they do not wait. A file of an older format has none.
fn broken_pingbacks(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    if !connection.table_exists(None, "pingback_queues")? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(
        "SELECT id FROM pingbacks WHERE (state = 'waiting') <> (next_attempt_at IS NOT NULL)
             OR (next_attempt_at IS NULL) <> (finished_at IS NOT NULL)
             OR next_attempt_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pingback_queues
                 WHERE pingback_queues.site = pingbacks.site AND pingback_queues.target = pingbacks.target)",
    )?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    ids.map(|id| {
        let id = id?;
        Ok(format!(
            "the pingback {id} contradicts itself or its queue; `tallyhouse pingback replay` sends it again"
        ))
    })
    .collect()
}
