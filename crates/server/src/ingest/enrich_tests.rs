//! What a record says itself wins, what it lacks is found, and neither agent nor address is kept.

use std::io::Cursor;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tallyhouse_model::tables::view_segments as at;
use tallyhouse_model::{AccountId, Batch, Micros, Values};
use tallyhouse_store::Submission;

use super::*;

const NOW: Micros = 1_780_000_000_000_000;

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";

/// Shared, because the patterns take a while to compile. The file may go once it was read.
static ENRICHER: LazyLock<Enricher> = LazyLock::new(|| {
    let entry = json!({
        "country": {"iso_code": "HU"},
        "subdivisions": [{"iso_code": "BU"}],
        "city": {"names": {"en": "Budapest"}},
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), mmdb::database("Test-City", &[("203.0.113.0/24", entry)])).unwrap();
    Enricher::start(Some(file.path())).unwrap()
});

fn submit(body: &str) -> Submission {
    let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(NOW), ENRICHER.enrichment(AccountId(1), NOW));
    rows.take_lines(Cursor::new(body)).unwrap();
    rows.into_submission(AccountId(1), NOW)
}

fn record(members: Value) -> String {
    let mut record = json!({
        "view_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "content_type": "live", "content_id": 5,
        "started_at": "2026-03-01T10:00:00Z", "client_id": "c", "view_session_id": "s",
    });
    record.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    record.to_string()
}

fn taken(members: Value) -> Batch {
    let submission = submit(&record(members));
    assert_eq!((submission.quarantined.len(), submission.batch.rows()), (0, 1));
    submission.batch
}

fn text(batch: &Batch, column: usize) -> Option<&str> {
    let Values::Texts(texts) = &batch.columns[column] else { panic!("{column}") };
    texts.get(0)
}

/// Stored device, whether it is mobile, and the families of browser and os.
fn device(members: Value) -> (u8, bool, String, String) {
    let batch = taken(members);
    let (Values::Choices(devices), Values::Flags(flags)) =
        (&batch.columns[at::DEVICE], &batch.columns[at::IS_MOBILE_VIEW])
    else {
        panic!()
    };
    let info: Value = serde_json::from_str(text(&batch, at::DEVICE_INFO).unwrap()).unwrap();
    let family = |object: &str| info[object]["family"].as_str().unwrap().to_owned();
    (devices[0], flags[0], family("browser"), family("os"))
}

fn place(members: Value) -> [Option<String>; 3] {
    let batch = taken(members);
    [at::COUNTRY, at::REGION, at::CITY].map(|column| text(&batch, column).map(str::to_owned))
}

const ABSENT: u8 = 0;
const DESKTOP: u8 = 1;
const MOBILE: u8 = 2;
const TV: u8 = 4;
const OTHER: u8 = 5;

#[test]
fn device_and_device_info_win_over_the_agent_each_by_itself() {
    let of = |device: u8, mobile: bool, browser: &str, os: &str| (device, mobile, browser.into(), os.into());
    assert_eq!(device(json!({"user_agent": PHONE})), of(MOBILE, true, "Chrome Mobile", "Android"));
    let given = json!({"user_agent": PHONE, "device": "tv"});
    assert_eq!(device(given), of(TV, false, "Chrome Mobile", "Android"));
    let given = json!({"user_agent": PHONE, "device_info": {"os": {"family": "Mine"}}});
    assert_eq!(device(given), of(MOBILE, true, "Other", "Mine"));
    let given = json!({"user_agent": PHONE, "device_info": {}});
    assert_eq!(device(given), of(MOBILE, true, "Other", "Other"));
    let given = json!({"user_agent": PHONE, "is_mobile_view": false});
    assert_eq!(device(given), of(MOBILE, false, "Chrome Mobile", "Android"));
    let given = json!({"user_agent": PHONE, "device": "desktop", "device_info": {}, "is_mobile_view": true});
    assert_eq!(device(given), of(DESKTOP, true, "Other", "Other"));
    let nulls = json!({"user_agent": PHONE, "device": null, "device_info": null, "is_mobile_view": null});
    assert_eq!(device(nulls), of(MOBILE, true, "Chrome Mobile", "Android"));
}

#[test]
fn no_agent_is_an_unknown_device_and_an_agent_of_no_class_is_other() {
    let unknown = |device: u8| (device, false, "Other".to_owned(), "Other".to_owned());
    assert_eq!(device(json!({})), unknown(ABSENT));
    assert_eq!(device(json!({"user_agent": null})), unknown(ABSENT));
    assert_eq!(device(json!({"user_agent": ""})), unknown(ABSENT));
    assert_eq!(device(json!({"user_agent": "  "})), unknown(ABSENT));
    assert_eq!(device(json!({"user_agent": "nobody knows me"})), unknown(OTHER));
}

#[test]
fn country_region_and_city_win_over_the_address_each_by_itself() {
    let of = |place: [&str; 3]| place.map(|text| Some(text.to_owned()));
    let ip = "203.0.113.7";
    assert_eq!(place(json!({"ip": ip})), of(["HU", "HU-BU", "Budapest"]));
    assert_eq!(place(json!({"ip": "::ffff:203.0.113.7"})), of(["HU", "HU-BU", "Budapest"]));
    assert_eq!(place(json!({"ip": ip, "country": "at"})), of(["AT", "HU-BU", "Budapest"]));
    assert_eq!(place(json!({"ip": ip, "region": "mine"})), of(["HU", "mine", "Budapest"]));
    assert_eq!(place(json!({"ip": ip, "city": ""})), of(["HU", "HU-BU", ""]));
    assert_eq!(place(json!({"ip": ip, "country": null, "city": null})), of(["HU", "HU-BU", "Budapest"]));
    for unknown in ["192.168.0.1", "2001:db8::1", "127.0.0.1"] {
        assert_eq!(place(json!({"ip": unknown})), [None, None, None]);
    }
    assert_eq!(place(json!({})), [None, None, None]);
}

#[test]
fn without_a_file_an_address_tells_nothing() {
    let enricher = Enricher::start(None).unwrap();
    let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(NOW), enricher.enrichment(AccountId(1), NOW));
    rows.take_lines(Cursor::new(record(json!({"ip": "203.0.113.7"})))).unwrap();
    let batch = rows.into_submission(AccountId(1), NOW).batch;
    assert_eq!(text(&batch, at::COUNTRY), None);
}

#[test]
fn a_file_that_is_not_there_is_named_with_its_setting() {
    let error = Enricher::start(Some("absent/places.mmdb".as_ref())).unwrap_err().to_string();
    assert!(error.contains("geo.database") && error.contains("absent/places.mmdb"), "{error}");
}

#[test]
fn neither_agent_nor_address_is_stored() {
    let batch = taken(json!({"user_agent": PHONE, "ip": "203.0.113.7"}));
    let stored = format!("{batch:?}");
    let bytes: Vec<u8> = batch
        .columns
        .iter()
        .filter_map(|values| if let Values::Texts(texts) = values { Some(texts.bytes.clone()) } else { None })
        .flatten()
        .collect();
    let texts = String::from_utf8(bytes).unwrap();
    assert!(texts.contains("HU-BU") && texts.contains("Pixel 8"));
    assert!(!texts.contains("AppleWebKit") && !texts.contains("203.0.113"), "{stored}");

    let refused = submit(&record(json!({"user_agent": PHONE, "ip": "203.0.113.7", "content_id": null})));
    let line = &refused.quarantined[0];
    assert_eq!(line.reason, "content_id: is required");
    assert!(!line.line.contains("203.0.113") && !line.line.contains("Budapest") && line.line.contains(PHONE));
}

#[test]
fn rules_about_agent_and_address_are_what_they_were() {
    for (members, reason) in [
        (json!({"user_agent": 5}), "user_agent: is not a string"),
        (json!({"user_agent": "x".repeat(2_049)}), "user_agent: is longer than 2048 bytes"),
        (json!({"ip": "203.0.113.7:80"}), "ip: is not an IP address"),
        // The first broken rule counts, in the order of the documentation.
        (json!({"user_agent": 5, "ip": 1, "country": "HUN"}), "user_agent: is not a string"),
        (json!({"ip": 1, "country": "HUN"}), "ip: is not a string"),
    ] {
        assert_eq!(submit(&record(members)).quarantined[0].reason, reason);
    }
}

#[test]
fn a_deletion_is_not_looked_up() {
    let batch = taken(json!({"deleted": true, "user_agent": PHONE, "ip": "203.0.113.7"}));
    assert_eq!([at::COUNTRY, at::DEVICE_INFO].map(|column| text(&batch, column)), [None, None]);
}

#[test]
fn csv_and_json_are_enriched_alike() {
    let header = "view_id,content_type,content_id,started_at,client_id,view_session_id,user_agent,ip";
    let row = format!(
        "0f8fad5b-d9cb-469f-a165-70867728950e,live,5,2026-03-01T10:00:00Z,c,s,\"{PHONE}\",203.0.113.7"
    );
    let csv = Cursor::new(format!("{header}\n{row}\n"));
    let mut reader = crate::files::RecordReader::csv(&VIEW_SEGMENTS, Box::new(csv)).unwrap();
    let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(NOW), ENRICHER.enrichment(AccountId(1), NOW));
    while reader.next(&mut rows).unwrap() {}
    let batch = rows.into_submission(AccountId(1), NOW).batch;
    assert_eq!(text(&batch, at::CITY), Some("Budapest"));
    assert_eq!(batch, taken(json!({"user_agent": PHONE, "ip": "203.0.113.7"})));
}
