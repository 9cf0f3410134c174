//! What a check of the catalog finds wrong with messages and their short URLs.

use rusqlite::Connection;

/// Messages that cannot be shown, and short URLs of publications of other messages than they say. A file of an older format
/// has neither.
pub fn broken_messages(connection: &Connection) -> rusqlite::Result<Vec<String>> {
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
    let mut statement = connection.prepare(
        "SELECT sites.number FROM sites LEFT JOIN site_counts ON site = sites.number
         WHERE messages IS NOT (SELECT count(*) FROM messages WHERE messages.site = sites.number)
             OR shorturls IS NOT (SELECT count(*) FROM shorturls WHERE shorturls.site = sites.number)",
    )?;
    let sites = statement.query_map([], |row| row.get::<_, i64>(0))?;
    for site in sites {
        problems.push(format!(
            "the numbers of messages and short URLs that are kept of the site {} are not those it has",
            site?
        ));
    }
    Ok(problems)
}
