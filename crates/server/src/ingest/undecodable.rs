//! What a client could not decode into a record, as a line: `tallyhouse import --url` reads files itself, and a row of them that
//! is none is sent as `{"undecodable": REASON, "line": TEXT}`, so that quarantine tells what was wrong with it.
//!
//! No record is read as one of these: only what was refused as a record is looked at.

use serde::{Deserialize, Serialize};

use super::{LINE_BYTES_MAX, Reason, without_address_in_rest, without_address_in_text};

/// Bytes of a reason; ours have some hundred at most.
const REASON_BYTES_MAX: usize = 1_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undecodable {
    undecodable: String,
    line: String,
}

/// The line that says so. The text is cut off only where the line would be longer than [`LINE_BYTES_MAX`], and only
/// when no address is left in it: half of one would not be known as one any more.
pub fn render_undecodable(reason: &Reason, text: &str) -> String {
    let mut said = Undecodable { undecodable: reason.to_string(), line: String::new() };
    let around = render(&said).len();
    said.line = without_address_in_rest(text);
    let end = end_of_escaped(&said.line, LINE_BYTES_MAX.saturating_sub(around));
    said.line.truncate(end);
    render(&said)
}

fn render(said: &Undecodable) -> String {
    serde_json::to_string(said).expect("strings are always JSON")
}

/// Where the longest start of a text ends that takes no more bytes than these inside of a JSON string.
fn end_of_escaped(text: &str, bytes: usize) -> usize {
    let mut left = bytes;
    let is_too_long = |(_, character): &(usize, char)| {
        let escaped = match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        let fits = escaped <= left;
        left = left.saturating_sub(escaped);
        !fits
    };
    text.char_indices().find(is_too_long).map_or(text.len(), |(end, _)| end)
}

/// The reason, without addresses, and the text of such a line; `None` for all others. An array of two strings is none.
pub fn parse_undecodable(line: &str) -> Option<(Reason, String)> {
    if !line.trim_ascii_start().starts_with('{') {
        return None;
    }
    let said: Undecodable = serde_json::from_str(line).ok()?;
    let reason = said.undecodable;
    let is_good =
        (1..=REASON_BYTES_MAX).contains(&reason.len()) && !reason.contains(|char: char| char.is_control());
    if !is_good {
        return None;
    }
    let mut reason = without_address_in_text(&reason);
    reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
    Some((Reason::record(reason), said.line))
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
    fn the_longest_text_fills_a_line_and_no_more() {
        let every: String = (0..0x100u32).filter_map(char::from_u32).chain(['…', '😀']).collect();
        for piece in ["x", "\"", "\\", "\n", "\u{1}", "\u{7f}", "é", "😀", &every] {
            let text = piece.repeat(2 * LINE_BYTES_MAX / piece.len());
            let line = render_undecodable(&Reason::record("is odd"), &text);
            assert!((LINE_BYTES_MAX - 5..=LINE_BYTES_MAX).contains(&line.len()), "{piece:?} {}", line.len());
            let (_, kept) = parse_undecodable(&line).unwrap();
            assert!(text.starts_with(&kept), "{piece:?}");
        }
    }

    #[test]
    fn a_text_that_fits_is_kept_whole() {
        let around = render_undecodable(&Reason::record("is odd"), "").len();
        for (piece, escaped) in [("x", 1), ("\n", 2), ("\u{1}", 6), ("é", 2)] {
            let text = piece.repeat((LINE_BYTES_MAX - around) / escaped);
            let line = render_undecodable(&Reason::record("is odd"), &text);
            assert!(parse_undecodable(&line).unwrap().1 == text, "{piece:?}");
        }
    }

    #[test]
    fn no_half_of_an_address_is_left_where_a_text_is_cut() {
        let around = render_undecodable(&Reason::record("is odd"), "").len();
        for cut in 1..12 {
            let text = format!("{} 203.0.113.9 and more", "x".repeat(LINE_BYTES_MAX - around - cut));
            let line = render_undecodable(&Reason::record("is odd"), &text);
            assert!(!line.contains("203"), "{cut}");
        }
    }

    #[test]
    fn a_reason_keeps_no_address_and_its_bound() {
        let reason_of = |reason: &str| {
            let line = serde_json::json!({"undecodable": reason, "line": ""}).to_string();
            parse_undecodable(&line).unwrap().0.to_string()
        };
        assert_eq!(reason_of("came from 203.0.113.9"), "came from [address]");
        assert_eq!(reason_of("images[0].created_at: is no time"), "images[0].created_at: is no time");
        assert!(reason_of(&":: ".repeat(333)).len() <= REASON_BYTES_MAX);
    }

    #[test]
    fn other_lines_say_nothing_of_the_kind() {
        let long = format!(r#"{{"undecodable":"{}","line":""}}"#, "x".repeat(REASON_BYTES_MAX + 1));
        for line in [
            "",
            "{}",
            r#"["r7","x"]"#,
            r#" ["r7","x"]"#,
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
