//! Writes the fields of a CSV record or a Parquet row as a JSON line: for quarantine, where every line can be sent
//! again, and for sending them to a server.

use tallyhouse_model::render_record_time;

use super::{Fields, Raw, Rule, render_uuid};

/// The fields that were sent as a JSON object on one line. Values keep their meaning where JSON can express it and
/// their text where they have none. Without `with_address`, the address is left out.
pub fn render_record(fields: &Fields<'_>, with_address: bool) -> String {
    let mut line = String::with_capacity(512);
    for sent in fields.iter() {
        let rule = sent.field.rule;
        if *sent.raw == Raw::Absent || (rule == Rule::Address && !with_address) {
            continue;
        }
        line.push_str(if line.is_empty() { "{\"" } else { ",\"" });
        line.push_str(sent.field.name);
        line.push_str("\":");
        push_value(&mut line, rule, sent.raw);
    }
    line.push_str(if line.is_empty() { "{}" } else { "}" });
    line
}

fn push_value(line: &mut String, rule: Rule, value: &Raw<'_>) {
    match value {
        Raw::Absent => line.push_str("null"),
        Raw::Text(text) => push_text(line, text),
        Raw::Number(number) => line.push_str(number),
        Raw::Integer(number) => line.push_str(&number.to_string()),
        Raw::Boolean(flag) => line.push_str(if *flag { "true" } else { "false" }),
        Raw::Json(json) => push_json(line, json),
        Raw::Cell(text) => push_cell(line, rule, text),
        Raw::Time(at) => push_text(line, &render_record_time(*at)),
        Raw::Id(key) => push_text(line, &render_uuid(key)),
        Raw::Unusable(problem) => push_text(line, problem),
    }
}

/// A cell becomes what its field asks for, so that a line that is sent again means the same.
fn push_cell(line: &mut String, rule: Rule, text: &str) {
    let is_number =
        || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    match rule {
        Rule::Integer(_) if text == "0" || is_number() => line.push_str(text),
        Rule::Flag if text.eq_ignore_ascii_case("true") => line.push_str("true"),
        Rule::Flag if text.eq_ignore_ascii_case("false") => line.push_str("false"),
        rule if rule.is_json() => push_json(line, text),
        _ => push_text(line, text),
    }
}

fn push_json(line: &mut String, json: &str) {
    match serde_json::from_str::<serde::de::IgnoredAny>(json) {
        // Between tokens a line break means nothing, and inside of them it cannot be.
        Ok(_) => line.extend(json.chars().map(|character| if character == '\n' { ' ' } else { character })),
        Err(_) => push_text(line, json),
    }
}

fn push_text(line: &mut String, text: &str) {
    line.push_str(&serde_json::to_string(text).expect("a string is always JSON"));
}
