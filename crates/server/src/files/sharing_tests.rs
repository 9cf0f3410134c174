//! Sharing records go through every format and come back as the same rows.

use tallyhouse_model::Batch;

use super::test_rig::{FORMATS, csv, lines, open, read, rows, written};
use super::*;
use crate::ingest::{REACTIONS, REFERRALS};

/// The bytes that the content of a reaction may have.
const CONTENT_BYTES_MAX: usize = 16_384;

const REACTION: &str = concat!(
    r#"{"reaction_id":77,"sharing_message_token":"m","provider":"twitter","kind":"retweet","#,
    r#""occurred_at":"2026-01-01T00:00:00+01:00","username":"","num_followers":"0012"}"#
);

fn text(batch: &Batch) -> String {
    let records = StoredRecords::of(batch);
    let mut text = String::new();
    (0..records.rows()).for_each(|row| push_json_row(&mut text, &records, row));
    text
}

#[test]
fn every_format_reads_back_every_sharing_record_that_it_wrote() {
    for record_type in [&REACTIONS, &REFERRALS] {
        for seed in 0..8 {
            let batch = rows(record_type, 300, seed);
            for format in FORMATS {
                let back = read(record_type, open(record_type, written(&batch, format, true), format));
                assert_eq!(back.quarantined, [], "{} {format:?} {seed}", record_type.name());
                assert!(back.batch == batch, "{} {format:?} {seed}", record_type.name());
            }
        }
    }
}

#[test]
fn the_longest_content_goes_through_every_format_however_it_is_escaped() {
    for (piece, bytes) in [("x", 1), ("\u{1}", 1), ("\"", 1), ("é", 2), ("😀", 4)] {
        let content = piece.repeat(CONTENT_BYTES_MAX / bytes);
        let mut record: serde_json::Value = serde_json::from_str(REACTION).unwrap();
        record["content"] = content.as_str().into();
        let batch = lines(&REACTIONS, &record.to_string()).batch;
        assert_eq!(batch.rows(), 1, "{piece:?}");
        for format in FORMATS {
            let back = read(&REACTIONS, open(&REACTIONS, written(&batch, format, false), format));
            assert_eq!(back.quarantined, [], "{piece:?} {format:?}");
            assert!(text(&back.batch) == text(&batch), "{piece:?} {format:?}");
        }
    }
}

#[test]
fn an_exported_reaction_reads_like_what_is_documented() {
    let sent = format!("{REACTION}\n{}\n", r#"{"reaction_id":78,"deleted":true}"#);
    assert_eq!(
        text(&lines(&REACTIONS, &sent).batch),
        concat!(
            r#"{"reaction_id":"77","sharing_message_token":"m","provider":"twitter","kind":"retweet","#,
            r#""occurred_at":"2025-12-31T23:00:00Z","target":null,"username":null,"profile_url":null,"#,
            r#""content":null,"num_followers":12,"date_member_since":null,"updated_at":"2026-03-01T12:00:00Z"}"#,
            "\n",
            r#"{"reaction_id":"78","deleted":true,"updated_at":"2026-03-01T12:00:00Z"}"#,
            "\n"
        )
    );
}

#[test]
fn a_refused_referral_of_a_file_keeps_its_address_so_that_it_can_be_mended() {
    let header = "referral_id,shorturl_token,occurred_at,target,ip_address\n";
    let row = "7f66d911-0000-4000-8000-000000000001,abcd1234,never,https://example.com/,203.0.113.9\n";
    let taken = csv(&REFERRALS, &format!("{header}{row}"));
    assert_eq!(taken.quarantined[0].reason, "occurred_at: is not an ISO 8601 date and time");
    let mended = taken.quarantined[0].line.replace("never", "2026-01-01T00:00:00Z");
    let again = lines(&REFERRALS, &mended);
    assert_eq!(again.quarantined, []);
    assert_eq!(
        again.batch,
        csv(&REFERRALS, &format!("{header}{}", row.replace("never", "2026-01-01T00:00:00Z"))).batch
    );
    assert!(
        text(&again.batch).contains(r#""page":null,"ip_address":"203.0.113.9""#),
        "{}",
        text(&again.batch)
    );
}
