//! `--table`: record types by their name.

use tallyhouse_model::TableId;

/// The tables that operators write to.
const TABLES: [TableId; 1] = [TableId::ViewSegments];

/// The table of this name, for the parser of the command line.
pub(super) fn table_named(name: &str) -> Result<TableId, String> {
    let known = TABLES.map(|table| table.table().name);
    let found = TABLES.into_iter().find(|table| table.table().name == name);
    found.ok_or_else(|| format!("there is no such table; known are: {}", known.join(", ")))
}
