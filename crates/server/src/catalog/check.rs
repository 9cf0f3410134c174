//! Reads all of `catalog.db` and says what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use tallyhouse_model::{TableId, parse_uuid};

use super::SecretHash;
use super::database::FILE_NAME;
use super::documents::form_fields;
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
    problems.extend(broken_messages(&connection)?);
    problems.extend(broken_snapshots(&connection)?);
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

/// Messages that cannot be shown, and short URLs of publications of other messages than they say. A file of an older format
/// has neither.
fn broken_messages(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    if !connection.table_exists(None, "messages")? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(
        "SELECT token FROM messages
         WHERE CASE WHEN json_valid(parts) THEN json_type(parts) <> 'object' ELSE 1 END ORDER BY number",
    )?;
    let messages = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut problems: Vec<String> = messages
        .map(|token| Ok(format!("the parts of the message {} are no JSON object", token?)))
        .collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare(
        "SELECT shorturls.token FROM shorturls JOIN publications ON publications.number = publication
         JOIN messages ON messages.number = message
         WHERE message_token IS NOT messages.token OR shorturls.site <> messages.site
             OR publications.site <> messages.site ORDER BY shorturls.number",
    )?;
    let shorturls = statement.query_map([], |row| row.get::<_, String>(0))?;
    for token in shorturls {
        problems.push(format!("the short URL {} belongs to a publication of another message", token?));
    }
    Ok(problems)
}

/// Finished snapshots that cannot be answered, and lists whose length is not the one that is kept. A file of an older
/// format has neither.
fn broken_snapshots(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    if !connection.table_exists(None, "snapshots")? {
        return Ok(problems);
    }
    let mut statement = connection.prepare(
        "SELECT token, finished_at IS NOT NULL, body FROM snapshots WHERE finished_at IS NOT NULL OR body IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (token, is_finished, body): (String, bool, Option<Vec<u8>>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let problem = match body {
            Some(body) if is_finished => snapshot::body::problem_of(&body),
            Some(_) => Some("it is not finished".to_owned()),
            None => Some("there is none".to_owned()),
        };
        if let Some(problem) = problem {
            problems.push(format!("what the snapshot {token} found cannot be answered: {problem}"));
        }
    }
    problems.extend(miscounted_snapshots(connection)?);
    Ok(problems)
}

fn miscounted_snapshots(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT site FROM (
            SELECT * FROM (SELECT site, '' AS publisher, count(*) FROM snapshots GROUP BY site
                UNION ALL SELECT site, publisher, count(*) FROM snapshot_publishers GROUP BY site, publisher)
            EXCEPT SELECT site, publisher, snapshots FROM snapshot_counts)
         UNION SELECT site FROM snapshot_counts WHERE snapshots < 1
                OR publisher = '' AND NOT EXISTS (SELECT 1 FROM snapshots WHERE site = snapshot_counts.site)
                OR publisher <> '' AND NOT EXISTS (SELECT 1 FROM snapshot_publishers
                    WHERE site = snapshot_counts.site AND publisher = snapshot_counts.publisher)",
    )?;
    let sites = statement.query_map([], |row| row.get::<_, i64>(0))?;
    let problem = |site: rusqlite::Result<i64>| {
        Ok(format!("the numbers of snapshots that are kept of the site {} are not those it has", site?))
    };
    sites.map(problem).collect()
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
