//! A record type as public clients read it: a data source with columns and an engine.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::ingest::{Field, RecordType};
use crate::pipes::pipe::Pipe;

/// What is told of a record type of which so much is stored, and which these pipes answer from. Names are ids as well.
pub fn of<'a>(
    record_type: &RecordType,
    rows: u64,
    bytes: u64,
    used_by: impl Iterator<Item = &'a Arc<Pipe>>,
) -> Value {
    let columns: Vec<_> = record_type.kept_fields().map(column_of).collect();
    let sql_schema: Vec<_> =
        record_type.kept_fields().map(|field| format!("`{}` {}", field.name, type_of(field))).collect();
    let key: Vec<_> = record_type.naming_fields().map(|field| field.name).collect();
    let key = key.join(", ");
    let used_by = used_by.map(|pipe| json!({ "id": pipe.name, "name": pipe.name }));
    json!({
        "id": record_type.name(),
        "name": record_type.name(),
        "description": "",
        "type": "ndjson",
        "columns": columns,
        "schema": { "columns": columns, "sql_schema": sql_schema.join(", ") },
        "engine": {
            "engine": "MergeTree",
            "engine_sorting_key": key,
            "engine_partition_key": "",
            "engine_primary_key": key,
        },
        "indexes": [],
        "new_columns_detected": {},
        // A public client insists on the member. Nothing counts them; `/v0/quarantine` has the lines.
        "quarantine_rows": null,
        "statistics": { "row_count": rows, "bytes": bytes },
        "used_by": used_by.collect::<Vec<_>>(),
        "tags": {},
        "version": 0,
    })
}

/// A column, with all members that a public client insists on.
fn column_of(field: &Field) -> Value {
    json!({
        "name": field.name,
        "normalized_name": field.name,
        "type": type_of(field),
        "nullable": field.is_nullable(),
        "jsonpath": format!("$.{}", field.name),
        "default_value": null,
        "codec": null,
    })
}

fn type_of(field: &Field) -> String {
    let name = field.rule.type_name();
    if field.is_nullable() { format!("Nullable({name})") } else { name.to_owned() }
}
