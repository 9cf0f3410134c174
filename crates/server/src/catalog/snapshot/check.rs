//! What can be wrong with snapshots, for the check of the catalog.

use rusqlite::Connection;

use super::body::problem_of;

/// Finished snapshots that cannot be answered, and lists whose length is not the one that is kept. A file of an older
/// format has neither.
pub fn broken_snapshots(connection: &Connection) -> rusqlite::Result<Vec<String>> {
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
            Some(body) if is_finished => problem_of(&body),
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
