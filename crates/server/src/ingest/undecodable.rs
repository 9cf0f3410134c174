//! What a client could not decode into a record, as a line: `tallyhouse import --url` reads files itself, and a row of them that
//! is none is sent as `{"undecodable": REASON, "line": TEXT}`, so that quarantine tells what was wrong with it.
//!
//! No record is read as one of these: only what was refused as a record is looked at.

use serde::{Deserialize, Serialize};

use super::{LINE_BYTES_MAX, Reason};

/// Bytes of a reason; ours have some hundred at most.
const REASON_BYTES_MAX: usize = 1_000;

/// Bytes of a text: escaped as JSON it is up to six times as long, and has to fit a line.
const TEXT_BYTES_MAX: usize = LINE_BYTES_MAX / 8;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undecodable {
    undecodable: String,
    line: String,
}

/// The line that says so; a long text is cut off.
pub fn render_undecodable(reason: &Reason, text: &str) -> String {
    let line = text[..text.floor_char_boundary(TEXT_BYTES_MAX)].to_owned();
    let said = Undecodable { undecodable: reason.to_string(), line };
    serde_json::to_string(&said).expect("strings are always JSON")
}

/// The reason and the text of such a line; `None` for all others.
pub fn parse_undecodable(line: &str) -> Option<(Reason, String)> {
    let said: Undecodable = serde_json::from_str(line).ok()?;
    let reason = said.undecodable;
    let is_good =
        (1..=REASON_BYTES_MAX).contains(&reason.len()) && !reason.contains(|char: char| char.is_control());
    is_good.then(|| (Reason::record(reason), said.line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_line_comes_back() {
        let line = render_undecodable(&Reason::field("images", "is odd"), "a,\"b\"\n");
        let (reason, text) = parse_undecodable(&line).unwrap();
        assert_eq!((reason.to_string().as_str(), text.as_str()), ("images: is odd", "a,\"b\"\n"));
    }

    #[test]
    fn the_longest_text_fits_a_line() {
        let line = render_undecodable(&Reason::record("is odd"), &"\u{1}".repeat(8 * LINE_BYTES_MAX));
        assert!(line.len() <= LINE_BYTES_MAX, "{}", line.len());
    }

    #[test]
    fn other_lines_say_nothing_of_the_kind() {
        let long = format!(r#"{{"undecodable":"{}","line":""}}"#, "x".repeat(REASON_BYTES_MAX + 1));
        for line in [
            "",
            "{}",
            r#"{"undecodable":"x"}"#,
            r#"{"undecodable":"","line":""}"#,
            r#"{"undecodable":"a\nb","line":""}"#,
            r#"{"undecodable":"x","line":"","id":1}"#,
            &long,
        ] {
            assert!(parse_undecodable(line).is_none(), "{line}");
        }
    }
}
