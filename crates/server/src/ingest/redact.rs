//! Cuts the address out of lines that go to quarantine: it must never be stored.
//!
//! 1. Members named `ip` are cut, at any depth, in lines that are JSON and in lines that almost are: a quoted `ip`,
//!    a colon, and the value behind it, up to the end of the line where it never ends. The rest stays as it was sent.
//! 2. In what is not valid JSON, every word that reads as an address is cut too, wherever it stands.

use std::net::{IpAddr, SocketAddr};

/// What stands where an address stood in a line that is not JSON.
const CUT: &str = "[address]";

/// A line of JSON, or what was meant as one, without the members named `ip`.
pub fn without_address(line: &str) -> String {
    let without_members = without_members(line);
    match serde_json::from_str::<serde::de::IgnoredAny>(&without_members) {
        Ok(_) => without_members,
        Err(_) => without_address_in_text(&without_members),
    }
}

/// What is left of a record, as a line of JSON or as anything else, without the address it came from.
pub fn without_address_in_rest(text: &str) -> String {
    let is_object = text.trim_ascii_start().starts_with('{');
    if is_object { without_address(text) } else { without_address_in_text(text) }
}

/// Any text without the words that read as an address.
pub fn without_address_in_text(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_hexdigit() || matches!(character, ':' | '.');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let end =
            rest[start..].find(|character| !is_part(character)).map_or(rest.len(), |length| start + length);
        kept.push_str(&rest[..start]);
        let word = &rest[start..end];
        kept.push_str(if is_address(word) { CUT } else { word });
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

fn is_address(word: &str) -> bool {
    let trimmed = word.trim_matches('.').trim_end_matches(':');
    [word, trimmed].iter().any(|word| word.parse::<IpAddr>().is_ok() || word.parse::<SocketAddr>().is_ok())
}

/// Steps over the line string by string. A string that is a member's name `ip` is left out with its value and one
/// of the commas around it.
fn without_members(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['"', '\'']) {
        let string = &rest[start..start + string_bytes(&rest[start..])];
        kept.push_str(&rest[..start]);
        let behind = &rest[start + string.len()..];
        match behind.trim_start().strip_prefix(':') {
            Some(value) if is_address_name(string) => rest = without_comma(&mut kept, behind_value(value)),
            _ => {
                kept.push_str(string);
                rest = behind;
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// Whether a quoted string is `ip`, in any case and however it is escaped.
fn is_address_name(string: &str) -> bool {
    let inner = string[1..].trim_end_matches(['"', '\'']);
    let unescaped = serde_json::from_str::<String>(&format!("\"{inner}\"")).unwrap_or_default();
    unescaped.trim().eq_ignore_ascii_case("ip")
}

/// Bytes of the string that the text begins with, both quotes included; all of the text when it never ends.
fn string_bytes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut index = 1;
    while index < bytes.len() {
        match bytes[index] {
            b'\\' => index += 2,
            byte if byte == bytes[0] => return index + 1,
            _ => index += 1,
        }
    }
    text.len()
}

/// What follows the value at the start of this text.
fn behind_value(text: &str) -> &str {
    let mut depth = 0usize;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let bytes = match first {
            '"' | '\'' => string_bytes(rest),
            ',' | '}' | ']' if depth == 0 => return rest,
            '{' | '[' => {
                depth += 1;
                1
            }
            '}' | ']' => {
                depth -= 1;
                1
            }
            other => other.len_utf8(),
        };
        rest = &rest[bytes..];
    }
    rest
}

/// Leaves out the comma behind a member that was cut, or else the one before it.
fn without_comma<'a>(kept: &mut String, rest: &'a str) -> &'a str {
    if let Some(rest) = rest.trim_start().strip_prefix(',') {
        return rest.trim_start();
    }
    if kept.trim_end().ends_with(',') {
        kept.truncate(kept.trim_end().len() - 1);
    }
    rest
}
