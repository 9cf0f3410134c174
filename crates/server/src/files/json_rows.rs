//! Writes segments as the JSON records that they came from.

use tallyhouse_model::{Micros, render_record_time};

use super::SegmentView;
use crate::ingest::render_uuid;

/// Adds a row as a line of JSON; a deletion as the record that deletes.
pub fn push_row(line: &mut String, view: &SegmentView<'_>, row: usize) {
    line.push_str("{\"view_id\":\"");
    line.push_str(&render_uuid(&view.view_id[row]));
    line.push('"');
    if view.deleted[row] {
        line.push_str(",\"deleted\":true");
    } else {
        push_columns(line, view, row);
    }
    push_time(line, "updated_at", Some(view.updated_at[row]));
    line.push_str("}\n");
}

fn push_columns(line: &mut String, view: &SegmentView<'_>, row: usize) {
    push_text(line, "content_type", view.content_type(row));
    push_integer(line, "content_id", Some(view.content_id[row]));
    push_time(line, "started_at", Some(view.started_at[row]));
    push_time(line, "finished_at", view.finished_at(row));
    push_time(line, "last_seen_at", view.last_seen_at(row));
    push_integer(line, "from", Some(view.from[row]));
    push_integer(line, "to", Some(view.to[row]));
    push_text(line, "client_id", view.client_id.get(row));
    push_text(line, "view_session_id", view.view_session_id.get(row));
    push_text(line, "viewer_identifier", view.viewer_identifier.get(row));
    push_text(line, "country", view.country.get(row));
    push_text(line, "region", view.region.get(row));
    push_text(line, "city", view.city.get(row));
    push_text(line, "view_type", view.view_type(row));
    push_text(line, "device", view.device(row));
    push_member(line, "is_mobile_view", if view.is_mobile_view[row] { "true" } else { "false" });
    push_member(line, "device_info", view.device_info.get(row).unwrap_or("null"));
    push_integer(line, "channel_id", view.channel_id(row));
}

fn push_member(line: &mut String, name: &str, json: &str) {
    line.push_str(",\"");
    line.push_str(name);
    line.push_str("\":");
    line.push_str(json);
}

fn push_integer(line: &mut String, name: &str, integer: Option<u64>) {
    match integer {
        Some(integer) => push_member(line, name, &integer.to_string()),
        None => push_member(line, name, "null"),
    }
}

fn push_time(line: &mut String, name: &str, at: Option<Micros>) {
    match at {
        Some(at) => push_member(line, name, &format!("\"{}\"", render_record_time(at))),
        None => push_member(line, name, "null"),
    }
}

fn push_text(line: &mut String, name: &str, text: Option<&str>) {
    match text {
        Some(text) => push_member(line, name, &serde_json::to_string(text).expect("a string is always JSON")),
        None => push_member(line, name, "null"),
    }
}
