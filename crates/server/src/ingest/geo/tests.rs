//! Places of all kinds of addresses, and files that change or break while they are in use.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tallyhouse_model::{Micros, SECOND};

use super::*;
use crate::ingest::mmdb;

const NOW: Micros = 1_772_366_400_000_000;

fn budapest() -> Value {
    json!({
        "country": {"iso_code": "hu", "names": {"de": "Ungarn", "en": "Hungary"}},
        "subdivisions": [
            {"iso_code": "BU", "names": {"en": "Budapest"}},
            {"iso_code": "05", "names": {"en": "Fifth District"}},
        ],
        "city": {"names": {"de": "Ofenpest", "en": "Budapest"}},
        "location": {"accuracy_radius": 5},
    })
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.mmdb");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn replace(path: &Path, bytes: &[u8]) {
    let new = path.with_extension("new");
    std::fs::write(&new, bytes).unwrap();
    std::fs::rename(new, path).unwrap();
}

/// Country, region and city of an address, with "-" for what is not known.
fn place(database: &GeoDatabase, ip: &str) -> String {
    let Some(entry) = database.find(ip.parse().unwrap()) else { return "nowhere".into() };
    let place = entry.place();
    let country = place.country.map_or("-".into(), |code| String::from_utf8(code.to_vec()).unwrap());
    format!("{country}/{}/{}", place.region.as_deref().unwrap_or("-"), place.city.as_deref().unwrap_or("-"))
}

fn place_of(entry: Value) -> String {
    let (_folder, path) = file(&mmdb::database("Test-City", &[("192.0.2.0/24", entry)]));
    place(&GeoDatabase::read(&path).unwrap(), "192.0.2.1")
}

#[test]
fn addresses_of_both_versions_have_their_place() {
    let wien = json!({"country": {"iso_code": "AT"}, "city": {"names": {"en": "Vienna"}}});
    let networks =
        [("192.0.2.0/24", budapest()), ("198.51.100.128/25", wien.clone()), ("2001:db8::/32", wien)];
    let (_folder, path) = file(&mmdb::database("GeoIP2-City", &networks));
    let database = GeoDatabase::read(&path).unwrap();
    for (ip, expected) in [
        ("192.0.2.0", "HU/HU-BU/Budapest"),
        ("192.0.2.255", "HU/HU-BU/Budapest"),
        ("::ffff:192.0.2.7", "HU/HU-BU/Budapest"),
        ("192.0.3.0", "nowhere"),
        ("198.51.100.127", "nowhere"),
        ("198.51.100.128", "AT/-/Vienna"),
        ("2001:db8:ffff::1", "AT/-/Vienna"),
        ("2001:db9::", "nowhere"),
        ("10.0.0.1", "nowhere"),
        ("127.0.0.1", "nowhere"),
        ("::1", "nowhere"),
        ("fe80::1", "nowhere"),
    ] {
        assert_eq!(place(&database, ip), expected, "{ip}");
    }
}

#[test]
fn a_region_is_its_code_or_else_its_english_name() {
    let region = |region: Value| place_of(json!({"country": {"iso_code": "GB"}, "subdivisions": [region]}));
    assert_eq!(region(json!({"iso_code": "eng", "names": {"en": "England"}})), "GB/GB-ENG/-");
    assert_eq!(region(json!({"names": {"en": "England"}})), "GB/England/-");
    assert_eq!(region(json!({"iso_code": "", "names": {"en": "England"}})), "GB/England/-");
    assert_eq!(region(json!({"names": {"de": "England"}})), "GB/-/-");
    let without_country = json!({"subdivisions": [{"iso_code": "ENG", "names": {"en": "England"}}]});
    assert_eq!(place_of(without_country), "-/England/-");
}

#[test]
fn an_entry_with_less_or_with_nonsense_tells_what_it_can() {
    assert_eq!(place_of(json!({"country": {"iso_code": "HU"}})), "HU/-/-");
    assert_eq!(place_of(json!({"registered_country": {"iso_code": "HU"}})), "-/-/-");
    assert_eq!(
        place_of(json!({"country": {"iso_code": "HUN"}, "city": {"names": {"en": "Győr"}}})),
        "-/-/Győr"
    );
    assert_eq!(place_of(json!({"country": {"iso_code": "HU"}, "city": {"names": {"en": ""}}})), "HU/-/-");
    let long = "x".repeat(1_025);
    assert_eq!(place_of(json!({"country": {"iso_code": "HU"}, "city": {"names": {"en": long}}})), "HU/-/-");
    assert_eq!(place_of(json!({"country": "Hungary"})), "-/-/-");
    assert_eq!(place_of(json!("Hungary")), "-/-/-");
}

#[test]
fn a_file_that_is_none_is_refused_and_named() {
    let whole = mmdb::database("Test-City", &[("192.0.2.0/24", budapest())]);
    for bytes in
        [&b""[..], b"country,city\nHU,Budapest\n", &whole[..whole.len() - 20], &whole[whole.len() / 2..]]
    {
        let (_folder, path) = file(bytes);
        let error = GeoFile::open(&path).unwrap_err();
        assert!(matches!(&error, GeoError::Format { path: named, .. } if *named == path), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path(), &folder.path().join("absent.mmdb")] {
        let error = GeoFile::open(path).unwrap_err();
        assert!(matches!(&error, GeoError::Read { path: named, .. } if named == path), "{error}");
    }
}

#[test]
fn damaged_entries_and_trees_are_no_places_and_never_a_panic() {
    let whole = mmdb::database("Test-City", &[("192.0.2.0/24", budapest()), ("2001:db8::/32", budapest())]);
    let end = whole.windows(11).position(|window| window == b"MaxMind.com").unwrap() - 3;
    let mut known = 0;
    for index in 0..end {
        let mut damaged = whole.clone();
        damaged[index] ^= 0xff;
        let (_folder, path) = file(&damaged);
        let Ok(database) = GeoDatabase::read(&path) else { continue };
        known += usize::from(place(&database, "192.0.2.1") == "HU/HU-BU/Budapest");
        place(&database, "2001:db8::1");
    }
    assert!(known > 0 && known < end, "{known} of {end}");
}

fn city(name: &str) -> Vec<u8> {
    mmdb::database("Test-City", &[("192.0.2.0/24", json!({"city": {"names": {"en": name}}}))])
}

#[test]
fn a_file_that_is_replaced_is_read_again() {
    let (_folder, path) = file(&city("Old"));
    let geo = GeoFile::open(&path).unwrap();
    let at = |now| place(&geo.database(now), "192.0.2.1");
    assert_eq!(at(NOW), "-/-/Old");
    replace(&path, &city("New"));
    assert_eq!(at(NOW + 5 * SECOND - 1), "-/-/Old", "looked at a moment ago");
    assert_eq!(at(NOW + 5 * SECOND), "-/-/New");
    // A clock that was set back.
    replace(&path, &city("Next"));
    assert_eq!(at(NOW - 3_600 * SECOND), "-/-/Next");
}

#[test]
fn a_batch_stays_with_the_file_that_it_began_with() {
    let (_folder, path) = file(&city("Old"));
    let geo = GeoFile::open(&path).unwrap();
    let mut places = Places::new(geo.database(NOW));
    replace(&path, &city("New"));
    let mut later = Places::new(geo.database(NOW + 5 * SECOND));
    let ip = "192.0.2.1".parse().unwrap();
    assert_eq!(places.find(ip).unwrap().city.as_deref(), Some("Old"));
    assert_eq!(later.find(ip).unwrap().city.as_deref(), Some("New"));
    assert_eq!(places.find("192.0.3.1".parse().unwrap()), None);
}

#[test]
fn a_broken_or_missing_file_leaves_what_was_read_before() {
    let (_folder, path) = file(&city("Old"));
    let geo = GeoFile::open(&path).unwrap();
    let mut now = NOW;
    let mut later = || {
        now += 5 * SECOND;
        place(&geo.database(now), "192.0.2.1")
    };
    replace(&path, b"half");
    assert_eq!(later(), "-/-/Old");
    assert_eq!(later(), "-/-/Old");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(later(), "-/-/Old");
    replace(&path, &city("New"));
    assert_eq!(later(), "-/-/New");
    // Written over in place.
    std::fs::write(&path, city("Newer")).unwrap();
    assert_eq!(later(), "-/-/Newer");
}

#[test]
fn a_file_that_could_not_be_read_for_a_moment_is_read_again() {
    let (_folder, path) = file(&city("Old"));
    let geo = GeoFile::open(&path).unwrap();
    replace(&path, &city("New"));
    let failing = |path: &Path| {
        Err(GeoError::Read { path: path.into(), source: std::io::Error::other("too many open files") })
    };
    assert_eq!(place(&geo.database_by(NOW, failing), "192.0.2.1"), "-/-/Old");
    assert_eq!(place(&geo.database(NOW + 5 * SECOND), "192.0.2.1"), "-/-/New");
}

#[test]
fn a_file_that_is_no_database_is_not_read_again_until_it_changes() {
    let (_folder, path) = file(&city("Old"));
    let geo = GeoFile::open(&path).unwrap();
    replace(&path, b"half");
    assert_eq!(place(&geo.database(NOW), "192.0.2.1"), "-/-/Old");
    let unasked = |path: &Path| panic!("{} was read again", path.display());
    assert_eq!(place(&geo.database_by(NOW + 5 * SECOND, unasked), "192.0.2.1"), "-/-/Old");
}
