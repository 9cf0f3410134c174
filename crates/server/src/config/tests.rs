//! Where settings come from, which one wins, and what is refused.

use std::collections::BTreeSet;
use std::path::PathBuf;

use tallyhouse_model::{DeviceClass, Zone};

use super::*;

const SAMPLE: &str = include_str!("../../tallyhouse.sample.toml");

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn message(result: Result<Config, ConfigError>) -> String {
    result.unwrap_err().to_string()
}

/// The sample file with its settings switched on: `#key = value` is a setting, `# text` is not.
fn sample_switched_on() -> String {
    let lines = SAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_file_changes_nothing_and_shows_every_setting_with_its_default() {
    let (_folder, path) = file(SAMPLE);
    assert_eq!(load(Some(&path), []).unwrap(), Config::default());
    let shown: toml::Table = toml::from_str(&sample_switched_on()).unwrap();
    assert_eq!(shown, super::load::defaults());
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let (_folder, path) = file("listen = \"127.0.0.1:1\"\n[ingest]\nbody_bytes_max = 5\nrequests_max = 6\n");
    let config =
        load(Some(&path), variables(&[("TALLYHOUSE_INGEST_BODY_BYTES_MAX", "7"), ("HOME", "x")])).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!((config.ingest.body_bytes_max, config.ingest.requests_max), (7, 6));
    assert_eq!(config.video, VideoConfig::default());
}

#[test]
fn variables_take_on_the_type_of_their_setting() {
    let set = variables(&[
        ("TALLYHOUSE_LISTEN", "0.0.0.0:80"),
        ("TALLYHOUSE_DATA", "/srv/7"),
        ("TALLYHOUSE_VIDEO_CONTENT_ID_AS_STRING", "true"),
        ("TALLYHOUSE_VIDEO_SUMMARY_POINT", "metric"),
        ("TALLYHOUSE_VIDEO_DEVICE_NAMES", "{ tablet = \"mobile\", unknown = \"other\" }"),
        ("TALLYHOUSE_LOG_FORMAT", "json"),
    ]);
    let config = load(None, set).unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:80");
    assert_eq!(config.data, PathBuf::from("/srv/7"));
    assert!(config.video.content_id_as_string);
    assert_eq!(config.video.summary_point, SummaryPoint::Metric);
    assert_eq!(config.video.device_names[&DevicePoint::Class(DeviceClass::Tablet)], "mobile");
    assert_eq!(config.video.device_names.len(), 2);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn every_account_has_a_zone_and_one_that_is_none_is_named() {
    let (_folder, path) =
        file("[reports]\nzone = \"Pacific/Auckland\"\n[reports.zones]\nacme = \"Asia/Kathmandu\"\n");
    let reports = load(Some(&path), []).unwrap().reports;
    assert_eq!(Some(reports.zone_of("other")), Zone::named("Pacific/Auckland"));
    assert_eq!(Some(reports.zone_of("acme")), Zone::named("Asia/Kathmandu"));
    for (text, named) in [
        ("[reports]\nzone = \"Mars/Olympus\"", "reports.zone has to be"),
        ("[reports]\nzone = \"\"", "reports.zone has to be"),
        ("[reports.zones]\nacme = \"+13:00\"", "reports.zones.acme has to be"),
    ] {
        let (_folder, path) = file(text);
        let message = message(load(Some(&path), []));
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn an_unknown_key_is_an_error_that_names_it_and_its_file() {
    for (text, named) in [
        ("lisen = \"127.0.0.1:1\"", "lisen"),
        ("[ingest]\nbody_bytes = 1", "body_bytes"),
        ("[pips]", "pips"),
        ("[log]\nlevel = \"loud\"", "loud"),
        ("[ingest]\nrequests_max = \"six\"", "six"),
        ("listen", "listen"),
    ] {
        let (_folder, path) = file(text);
        let message = message(load(Some(&path), []));
        assert!(message.contains(named) && message.contains(FILE_NAME), "{message}");
    }
}

#[test]
fn an_unknown_or_wrong_variable_is_an_error_that_names_it() {
    for (name, value, problem) in [
        ("TALLYHOUSE_LISEN", "127.0.0.1:1", "is not a setting"),
        ("TALLYHOUSE_", "x", "is not a setting"),
        ("TALLYHOUSE_INGEST", "x", "is not a setting"),
        ("TALLYHOUSE_INGEST_REQUESTS_MAX", "six", "whole number"),
        ("TALLYHOUSE_INGEST_REQUESTS_MAX", "-6", "-6"),
        ("TALLYHOUSE_VIDEO_CONTENT_ID_AS_STRING", "yes", "true or false"),
        ("TALLYHOUSE_LOG_LEVEL", "loud", "loud"),
        ("TALLYHOUSE_LISTEN", "8686", "8686"),
        ("TALLYHOUSE_VIDEO_DEVICE_NAMES", "tablet", "a table"),
        ("TALLYHOUSE_VIDEO_DEVICE_NAMES", "{ fridge = \"tv\" }", "fridge"),
    ] {
        let message = message(load(None, variables(&[(name, value)])));
        assert!(message.contains(name) && message.contains(problem), "{message}");
    }
}

#[test]
fn a_number_out_of_its_range_is_an_error_that_names_the_setting() {
    let (_folder, path) = file("[server]\nconnections_max = 0");
    assert!(message(load(Some(&path), [])).contains("server.connections_max must be from 1 to"));
}

#[test]
fn places_for_reads_leave_threads_for_everything_else() {
    for (variable, setting) in [
        ("TALLYHOUSE_SERVER_READS_MAX", "server.reads_max"),
        ("TALLYHOUSE_SERVER_READS_MAX_PER_ACCOUNT", "server.reads_max_per_account"),
    ] {
        let with = |number| load(None, variables(&[(variable, number)]));
        assert!(with("1").is_ok() && with("192").is_ok());
        for number in ["0", "193"] {
            let message = message(with(number));
            assert!(message.contains(&format!("{setting} must be from 1 to 192")), "{message}");
        }
    }
}

#[test]
fn the_public_url_is_one_that_a_path_can_follow() {
    let with = |url| load(None, variables(&[("TALLYHOUSE_PIPES_PUBLIC_URL", url)]));
    for (url, pipes) in [
        ("", None),
        ("https://tally.example.com", Some("https://tally.example.com/v0/pipes/")),
        ("https://example.com/tally/", Some("https://example.com/tally/v0/pipes/")),
        ("http://[::1]:8686", Some("http://[::1]:8686/v0/pipes/")),
    ] {
        assert_eq!(with(url).unwrap().pipes.pipes_url().as_deref(), pipes, "{url}");
    }
    for url in
        ["tally.example.com", "ftp://a", "https://", "https:///", "https://a?b", "https://a@b", "https://a b"]
    {
        assert!(message(with(url)).contains("pipes.public_url"), "{url}");
    }
}

#[test]
fn tokens_of_warehouses_live_for_a_minute_to_a_month() {
    let with = |number| load(None, variables(&[("TALLYHOUSE_PIPES_WAREHOUSE_TOKEN_S", number)]));
    assert!(with("60").is_ok() && with("2678400").is_ok());
    for number in ["59", "2678401"] {
        assert!(message(with(number)).contains("pipes.warehouse_token_s must be from 60 to 2678400"));
    }
    let with = |number| load(None, variables(&[("TALLYHOUSE_PIPES_EVENTS_PER_SECOND_MAX", number)]));
    assert!(with("0").is_ok() && with("1000000").is_ok() && with("1000001").is_err());
}

#[test]
fn rows_that_start_a_flush_are_at_least_one() {
    let with = |number| load(None, variables(&[("TALLYHOUSE_STORE_FLUSH_ROWS", number)]));
    assert_eq!(with("1").unwrap().store.flush_rows, 1);
    assert!(message(with("0")).contains("store.flush_rows must be from 1 to"));
}

#[test]
fn an_empty_data_folder_and_an_empty_name_of_a_device_are_refused() {
    for (name, value, named) in [
        ("TALLYHOUSE_DATA", "", "the setting data,"),
        ("TALLYHOUSE_VIDEO_DEVICE_NAMES", "{ tablet = \"\" }", "video.device_names"),
        ("TALLYHOUSE_VIDEO_DEVICE_NAMES", "{ tv = \"tv\", unknown = \" \" }", "video.device_names"),
    ] {
        let message = message(load(None, variables(&[(name, value)])));
        assert!(message.contains(named) && message.contains("must not be empty"), "{message}");
    }
    let (_folder, path) = file("data = \"\"");
    assert!(message(load(Some(&path), [])).contains("the setting data,"));
    let overridden = load(Some(&path), variables(&[("TALLYHOUSE_DATA", "x")])).unwrap();
    assert_eq!(overridden.data, PathBuf::from("x"));
}

#[test]
fn a_body_is_bounded_by_256_mib() {
    let bytes = |text| variables(&[("TALLYHOUSE_INGEST_BODY_BYTES_MAX", text)]);
    assert_eq!(load(None, bytes("268435456")).unwrap().ingest.body_bytes_max, 268_435_456);
    let message = message(load(None, bytes("268435457")));
    assert!(message.contains("ingest.body_bytes_max must be from 1 to 268435456"), "{message}");
}

#[test]
fn a_file_that_was_named_has_to_exist() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(load(Some(&folder.path().join("absent.toml")), []), Err(ConfigError::Read { .. })));
}

#[test]
fn no_two_settings_share_the_name_of_a_variable() {
    let mut names = BTreeSet::new();
    for (name, value) in super::load::defaults() {
        let keys = match value {
            toml::Value::Table(section) => section.keys().map(|key| format!("{name}_{key}")).collect(),
            _ => vec![name],
        };
        for key in keys {
            assert!(names.insert(key.to_ascii_uppercase()), "{key} is there twice");
        }
    }
}

#[test]
fn what_is_written_out_is_read_back() {
    let set = variables(&[("TALLYHOUSE_LOG_LEVEL", "debug"), ("TALLYHOUSE_QUARANTINE_AGE_DAYS", "3")]);
    let config = load(None, set).unwrap();
    let (_folder, path) = file(&toml::to_string(&config).unwrap());
    assert_eq!(load(Some(&path), []).unwrap(), config);
}

#[test]
fn an_identity_provider_is_read_with_its_defaults_and_printed_again() {
    let text =
        "[[jwt.issuers]]\nissuer = \"https://a/\"\naudience = \"b\"\njwks_file = \"c\"\naccount = \"d\"\n";
    let (_folder, path) = file(text);
    let config = load(Some(&path), []).unwrap();
    assert_eq!(config.jwt.issuers[0].scopes, [crate::catalog::Scope::Read]);
    let (_folder, path) = file(&toml::to_string(&config).unwrap());
    assert_eq!(load(Some(&path), []).unwrap(), config);
}

#[test]
fn an_identity_provider_that_cannot_be_trusted_or_used_is_an_error_that_names_it() {
    let good =
        ["issuer = \"https://a/\"", "audience = \"b\"", "jwks_url = \"https://a/k\"", "account = \"d\""];
    let with = |place: usize, line: &str| {
        let mut lines = good;
        lines[place] = line;
        format!("[[jwt.issuers]]\n{}\n", lines.join("\n"))
    };
    let read = |text: &str| {
        let (_folder, path) = file(text);
        load(Some(&path), [])
    };
    for line in ["http://127.0.0.1:1/k", "http://[::1]/k", "http://localhost:8/k", "https://a.example.com"] {
        read(&with(2, &format!("jwks_url = \"{line}\""))).unwrap();
    }
    for (place, line) in [
        (0, "issuer = \"tallyhouse\""),
        (1, "audience = \"\""),
        (2, ""),
        (2, "jwks_file = \"x\"\njwks_url = \"https://a/k\""),
        (2, "jwks_url = \"http://a.example.com/k\""),
        (2, "jwks_url = \"http://127.0.0.1.example.com/k\""),
        (2, "jwks_url = \"file:///etc/keys\""),
        (2, "jwks_url = \"https://\""),
        (3, ""),
        (3, "account = \"d\"\naccount_claim = \"e\""),
        (3, "account = \"d\"\nscopes = []"),
    ] {
        let text = with(place, line);
        assert!(matches!(read(&text), Err(ConfigError::Issuer { .. })), "{text}");
    }
    let own = message(read(&with(0, "issuer = \"tallyhouse\"")));
    assert!(own.contains("jwt.issuer,") && !own.contains("another one"), "{own}");
    let nameless = message(read("[jwt]\nissuer = \"\"\n"));
    assert!(nameless.contains("jwt.issuer") && !nameless.contains("jwt.issuers"), "{nameless}");
    let twice = with(0, good[0]).repeat(2);
    assert!(message(read(&twice)).contains("https://a/"));
    for wrong in [with(1, ""), with(3, "account = \"d\"\nscopes = [\"all\"]"), with(3, "acount = \"d\"")] {
        assert!(matches!(read(&wrong), Err(ConfigError::File { .. })), "{wrong}");
    }
}

#[test]
fn networks_that_pingbacks_may_go_to_are_read_once_and_written_out_as_networks() {
    let read = |text: &str| load(None, variables(&[("TALLYHOUSE_SHARING_PINGBACK_NETWORKS", text)]));
    for (text, shown) in [
        ("", ""),
        ("10.1.0.0/16,fd00::/8", "10.1.0.0/16, fd00::/8"),
        ("127.0.0.1, ::1", "127.0.0.1/32, ::1/128"),
    ] {
        let networks = read(text).unwrap().sharing.pingback_networks;
        assert_eq!(String::from(networks.clone()), shown);
        assert_eq!(read(shown).unwrap().sharing.pingback_networks, networks);
    }
    assert!(message(read("10.1.2.3/16")).contains("10.1.2.3/16"));
}

#[test]
fn short_urls_lead_nowhere_at_an_address_of_all_of_a_machine() {
    let leads_nowhere = |listen: &str, base: &str| {
        let mut config = Config { listen: listen.parse().unwrap(), ..Config::default() };
        config.sharing.shorturl_base = base.to_owned();
        config.has_short_urls_to_nowhere()
    };
    assert!(leads_nowhere("0.0.0.0:80", "") && leads_nowhere("[::]:80", ""));
    assert!(!leads_nowhere("127.0.0.1:80", "") && !leads_nowhere("0.0.0.0:80", "https://go.example.com"));
}

#[test]
fn the_zone_of_dates_is_an_offset_and_short_urls_begin_like_one() {
    let with = |name: &str, value: &str| load(None, variables(&[(name, value)]));
    for zone in ["+0000", "-0000", "+0100", "-0530", "+1400", "-1400"] {
        assert_eq!(with("TALLYHOUSE_SHARING_ZONE", zone).unwrap().sharing.zone, zone);
    }
    for zone in ["", "0100", "+100", "+01:00", "+1401", "+0160", "+9999", "UTC", "+\u{661}000", "++100"] {
        let message = message(with("TALLYHOUSE_SHARING_ZONE", zone));
        assert!(message.contains("sharing.zone has to be"), "{zone}: {message}");
    }
    for base in ["", "https://go.example.com", "http://localhost:8686/s", "https://example.com/go/"] {
        assert_eq!(with("TALLYHOUSE_SHARING_SHORTURL_BASE", base).unwrap().sharing.shorturl_base, base);
    }
    for base in
        ["go.example.com", "ftp://a", "https://", "https:///s", "https://a/s?t=", "https://a b", "https://a#"]
    {
        let message = message(with("TALLYHOUSE_SHARING_SHORTURL_BASE", base));
        assert!(message.contains("sharing.shorturl_base has to be"), "{base}: {message}");
    }
}

#[test]
fn the_header_with_the_address_of_a_client_is_one_that_requests_can_have() {
    let with = |name: &str| load(None, variables(&[("TALLYHOUSE_SERVER_CLIENT_ADDRESS_HEADER", name)]));
    for name in ["", "X-Forwarded-For", "x-real-ip"] {
        assert_eq!(with(name).unwrap().server.client_address_header, name);
    }
    for name in ["X Forwarded", "X-Forwarded-For:", "ä"] {
        let message = message(with(name));
        assert!(message.contains("server.client_address_header has to be"), "{name}: {message}");
    }
}
