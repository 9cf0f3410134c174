//! Lines that are no records, and what of a line may be kept.

use std::io::Cursor;

use tallyhouse_model::AccountId;
use tallyhouse_store::{QuarantinedLine, Submission};

use super::*;

const VALID: &str = r#"{"view_id":"0f8fad5b-d9cb-469f-a165-70867728950e","content_type":"live","content_id":5,"started_at":"2026-03-01T10:00:00Z","client_id":"c","view_session_id":"s"}"#;

fn submit(body: &[u8]) -> Submission {
    let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(1_780_000_000_000_000), Enrichment::off());
    rows.take_lines(Cursor::new(body)).unwrap();
    rows.into_submission(AccountId(1), 1_780_000_000_000_000)
}

fn quarantined(body: &[u8]) -> QuarantinedLine {
    let submission = submit(body);
    assert_eq!((submission.batch.rows(), submission.quarantined.len()), (0, 1));
    submission.quarantined[0].clone()
}

#[test]
fn blank_lines_and_line_ends_of_windows_mean_nothing() {
    let submission = submit(format!("\r\n{VALID}\r\n  \n\n{VALID}").as_bytes());
    assert_eq!((submission.batch.rows(), submission.quarantined.len()), (2, 0));
}

#[test]
fn one_bad_line_never_stops_the_others() {
    let body =
        [VALID.as_bytes(), b"\xff\xfe", b"[1]", b"{\"view_id\":", b"null", VALID.as_bytes()].join(&b'\n');
    let submission = submit(&body);
    assert_eq!(submission.batch.rows(), 2);
    let reasons: Vec<&str> = submission.quarantined.iter().map(|line| line.reason.as_str()).collect();
    assert_eq!(reasons[0], "is not valid UTF-8");
    assert_eq!(reasons[1], "is not a JSON object");
    assert!(reasons[2].starts_with("is not valid JSON: EOF"), "{}", reasons[2]);
    assert_eq!(reasons[3], "is not a JSON object");
    assert_eq!(submission.quarantined[0].line, "\u{fffd}\u{fffd}");
}

#[test]
fn a_line_is_bounded_and_the_next_one_unharmed() {
    let body = format!("{{\"city\":\"{}\n{VALID}\n", "é".repeat(LINE_BYTES_MAX));
    let submission = submit(body.as_bytes());
    assert_eq!(submission.batch.rows(), 1);
    let line = &submission.quarantined[0];
    assert_eq!(line.reason, format!("is longer than {LINE_BYTES_MAX} bytes"));
    assert!(line.line.len() <= LINE_BYTES_MAX && line.line.len() > LINE_BYTES_MAX - 4);
}

#[test]
fn a_line_of_the_greatest_length_is_taken() {
    let pad = LINE_BYTES_MAX - VALID.len() - ",\"pad\":\"\"".len();
    let line = VALID.replacen('{', &format!("{{\"pad\":\"{}\",", "x".repeat(pad)), 1);
    assert_eq!(line.len(), LINE_BYTES_MAX);
    assert_eq!(submit(format!("{line}\n{line}").as_bytes()).batch.rows(), 2);
    assert_eq!(submit(format!("{line} \n").as_bytes()).batch.rows(), 1);
}

#[test]
fn json_is_one_object_or_an_array() {
    for (body, valid, refused) in [
        (VALID.to_string(), 1, 0),
        (VALID.replace(',', ",\n"), 1, 0),
        (format!(" [{VALID},\n{VALID}, 5] "), 2, 1),
        ("[]".into(), 0, 0),
        ("nonsense".into(), 0, 1),
    ] {
        let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(1_780_000_000_000_000), Enrichment::off());
        rows.take_json(body.as_bytes());
        assert_eq!((rows.valid_rows(), rows.quarantined().len()), (valid, refused), "{body}");
    }
}

#[test]
fn the_address_never_reaches_quarantine() {
    let bodies = [
        r#"{"ip":"203.0.113.7","view_id":1}"#,
        r#"{"view_id":1,"ip":"203.0.113.7"}"#,
        r#"{"ip":"203.0.113.7"}"#,
        r#"{"a":1, "ip" : "203.0.113.7" , "ip":"203.0.113.7", "b":2}"#,
        r#"{"\u0069p":"203.0.113.7","b":2}"#,
        r#"{"IP":["203.0.113.7",{"x":"203.0.113.7]"}],"b":2}"#,
        r#"{"view":{"ip":"203.0.113.7"},"b":2}"#,
        r#"{"city":"L'Aquila","ip":"203.0.113.7"}"#,
        r#"{"b":2,"ip":"203.0.113.7"#,
        r#"{"b":2,"ip":"203.0.113.7"} trailing"#,
        r#"{'ip': '203.0.113.7', 'b': 2}"#,
        r#"{city: L'Aquila, "ip":"203.0.113.7"}"#,
        r#"view 1 from 203.0.113.7:443."#,
        "{\"ip\":\"203.0.113.7\",\"city\":\"\\",
    ];
    for body in bodies {
        let line = quarantined(body.as_bytes()).line;
        assert!(!line.contains("203.0"), "{body} became {line}");
    }
    let six = quarantined(br#"ip=2001:db8::7 or [2001:db8:0:0:0:0:0:7]:80"#).line;
    assert!(!six.contains("2001:db8"), "{six}");
    let reason = quarantined(VALID.replacen('{', r#"{"ip":"203.0.113.7.","#, 1).as_bytes()).reason;
    assert_eq!(reason, "ip: is not an IP address");
}

#[test]
fn the_rest_of_a_quarantined_line_stays_as_it_was_sent() {
    for (sent, kept) in [
        (r#"{"b": 2.50, "ip":"203.0.113.7", "c":"\u0041"}"#, r#"{"b": 2.50, "c":"\u0041"}"#),
        (r#"{"b": 2, "ip":"203.0.113.7"}"#, r#"{"b": 2}"#),
        (r#"{"ip":null}"#, r#"{}"#),
        (
            r#"{"user_agent":"Chrome/70.0.1.2","x":"10.0.0.1"}"#,
            r#"{"user_agent":"Chrome/70.0.1.2","x":"10.0.0.1"}"#,
        ),
        (r#"{"city":"ip","zip":"203.0.113.7"}"#, r#"{"city":"ip","zip":"203.0.113.7"}"#),
        (r#"{"at":"2026-03-01T10:00:00Z", oops"#, r#"{"at":"2026-03-01T10:00:00Z", oops"#),
    ] {
        assert_eq!(quarantined(sent.as_bytes()).line, kept);
    }
}

#[test]
fn any_bytes_are_taken_or_refused_and_never_a_panic() {
    let alphabet: &[u8] = b"{}[]\":,'\\iptruenal0.\xc3\xa9\xff\n ";
    let mut state = 7u64;
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..24)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(state >> 33) as usize % alphabet.len()]
            })
            .collect();
        let submission = submit(&bytes);
        assert!(submission.batch.is_consistent());
    }
}
