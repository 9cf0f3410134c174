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
    Ok(problems)
}
