//! Writes rows as the JSON records that they came from.

use tallyhouse_model::{Cell, render_record_time};

use super::StoredRecords;
use crate::ingest::{Field, render_uuid};

/// Adds a row as a line of JSON; a deletion as the record that deletes.
pub fn push_row(line: &mut String, records: &StoredRecords<'_>, row: usize) {
    let record_type = records.record_type();
    let is_deletion = records.is_deletion(row);
    let mut start = "{\"";
    for field in record_type.kept_fields() {
        if is_deletion && record_type.is_version(field) {
            push_member(line, ",\"", record_type.deletion_field().name, "true");
        }
        if !is_deletion || record_type.names(field) || record_type.is_version(field) {
            line.push_str(start);
            push_field(line, records, row, field);
            start = ",\"";
        }
    }
    line.push_str("}\n");
}

fn push_member(line: &mut String, start: &str, name: &str, json: &str) {
    line.push_str(start);
    line.push_str(name);
    line.push_str("\":");
    line.push_str(json);
}

fn push_field(line: &mut String, records: &StoredRecords<'_>, row: usize, field: &Field) {
    line.push_str(field.name);
    line.push_str("\":");
    match records.cell(row, field) {
        Cell::Absent => line.push_str("null"),
        Cell::Time(at) => push_quoted(line, &render_record_time(at)),
        Cell::Integer(integer) => line.push_str(&integer.to_string()),
        Cell::Choice(choice) => push_quoted(line, records.word(field, choice)),
        Cell::Id(id) => push_quoted(line, &render_uuid(&id)),
        Cell::Text(json) if field.rule.is_json() => line.push_str(json),
        Cell::Text(text) => line.push_str(&serde_json::to_string(text).expect("a string is always JSON")),
        Cell::Flag(flag) => line.push_str(if flag { "true" } else { "false" }),
    }
}

/// Words, times and UUIDs, in which there is nothing to escape.
fn push_quoted(line: &mut String, text: &str) {
    line.push('"');
    line.push_str(text);
    line.push('"');
}
