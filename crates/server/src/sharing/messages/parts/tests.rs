//! What requests may say that a message is made of.

use serde_json::value::RawValue;

use super::*;

fn parts(text: &str) -> Result<Parts, String> {
    let raw = RawValue::from_string(text.to_owned()).unwrap();
    Parts::of(Some(&raw)).map_err(|error| error.to_string())
}

fn kept(text: &str) -> String {
    parts(text).unwrap().text()
}

#[test]
fn parts_are_kept_in_the_documented_order_and_uploads_by_name() {
    assert_eq!(
        kept(
            r#"{"flags":{"enable_tracking":1},"uploads":[{"data":"aGk=","name":"a.png"}],
                "link":{"description":"d","caption":"c","name":"n","url":"http:\/\/l.example\/"},
                "picture":{"url":"http://p.example/"},"video":{"url":"http://v.example/"},
                "text":{"body":"b\n\u00e4"},"more":{}}"#
        ),
        r#"{"text":{"body":"b\nä"},"video":{"url":"http://v.example/"},"picture":{"url":"http://p.example/"},"link":{"url":"http://l.example/","name":"n","caption":"c","description":"d"},"uploads":[{"name":"a.png"}],"flags":{"enable_tracking":1}}"#
    );
}

#[test]
fn what_php_and_node_send_for_nothing_is_nothing() {
    for nothing in [
        r#"{"text":{"body":"b"},"link":[],"uploads":[],"flags":{"enable_tracking":0}}"#,
        r#"{"text":{"body":"b"},"video":{"url":null},"picture":{"url":""},"link":null,"uploads":null}"#,
        r#"{"text":{"body":"b"},"video":[],"picture":{},"link":{"url":"","name":""},"flags":[]}"#,
    ] {
        assert_eq!(kept(nothing), r#"{"text":{"body":"b"},"flags":{"enable_tracking":0}}"#);
    }
}

#[test]
fn tracking_is_turned_on_by_one_in_any_form() {
    let tracking = |value: &str| {
        let text = format!(r#"{{"text":{{"body":"b"}},"flags":{{"enable_tracking":{value}}}}}"#);
        parts(&text).map(|parts| parts.flags.enable_tracking)
    };
    for value in ["1", "true", "\"1\""] {
        assert_eq!(tracking(value), Ok(1), "{value}");
    }
    for value in ["0", "false", "\"0\"", "\"\"", "null"] {
        assert_eq!(tracking(value), Ok(0), "{value}");
    }
    for value in ["2", "-1", "1.5", "\"yes\"", "[]", "{}"] {
        assert_eq!(tracking(value), Err(format!("{PATH}.flags.enable_tracking has to be 0 or 1")), "{value}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let long_text = |bytes: usize| format!(r#"{{"text":{{"body":"{}"}}}}"#, "x".repeat(bytes));
    let uploads = |count: usize| {
        let one = r#"{"name":"a","data":"aGk="}"#;
        format!(r#"{{"uploads":[{}]}}"#, vec![one; count].join(","))
    };
    assert!(parts(&long_text(BODY_BYTES_MAX)).is_ok() && parts(&uploads(UPLOADS_MAX)).is_ok());
    for (text, problem) in [
        ("null", " is missing"),
        ("[]", " is missing"),
        ("\"text\"", " has to be an object"),
        ("{}", " has no text, video, picture, link or uploads"),
        (
            r#"{"text":{"body":""},"flags":{"enable_tracking":1}}"#,
            " has no text, video, picture, link or uploads",
        ),
        (r#"{"text":"b"}"#, ".text has to be an object"),
        (r#"{"text":{"body":1}}"#, ".text.body has to be a string"),
        (&long_text(BODY_BYTES_MAX + 1), ".text.body has more than 65536 bytes"),
        (r#"{"video":{"url":"a"}}"#, ".video.url has to begin with http:// or https://"),
        (
            r#"{"picture":{"url":"javascript:alert(1)"}}"#,
            ".picture.url has to begin with http:// or https://",
        ),
        (r#"{"link":{"url":"http://a.example/\r\nb"}}"#, ".link.url has spaces or control characters"),
        (r#"{"link":{"url":"http://"}}"#, ".link.url has no host"),
        (r#"{"link":{"name":"n"}}"#, ".link.url is missing"),
        (r#"{"link":{"url":"http://a.example","name":[1]}}"#, ".link.name has to be a string"),
        (r#"{"link":["http://a.example"]}"#, ".link has to be an object"),
        (r#"{"uploads":{"name":"a"}}"#, ".uploads has to be a list"),
        (r#"{"uploads":["a"]}"#, ".uploads[0] has to be an object"),
        (r#"{"uploads":[{"name":"a","data":"aGk="},{"name":"a"}]}"#, ".uploads[1].data is missing"),
        (r#"{"uploads":[{"data":"aGk="}]}"#, ".uploads[0].name is missing"),
        (r#"{"uploads":[{"name":"a\u0000","data":"aGk="}]}"#, ".uploads[0].name has control characters"),
        (&uploads(UPLOADS_MAX + 1), ".uploads has more than 50 entries"),
        (r#"{"flags":7}"#, ".flags has to be an object"),
    ] {
        assert_eq!(parts(text), Err(format!("{PATH}{problem}")), "{text}");
    }
    let broken = parts(r#"{"uploads":[{"name":"a","data":"a$"}]}"#).unwrap_err();
    assert!(broken.starts_with(&format!("{PATH}.uploads[0].data is not base 64: ")), "{broken}");
}

#[test]
fn base_64_may_be_broken_into_lines() {
    assert!(parts(r#"{"uploads":[{"name":"a","data":"aGkg\r\naGk="}]}"#).is_ok());
}

#[test]
fn the_url_of_the_link_is_tracked_before_those_of_the_text_and_each_once() {
    let text = |tracking: u8| {
        format!(
            r#"{{"text":{{"body":"see http://b.example/, http://l.example/ and http://b.example/"}},
                "link":{{"url":"http://l.example/"}},"picture":{{"url":"http://p.example/"}},
                "flags":{{"enable_tracking":{tracking}}}}}"#
        )
    };
    let tracked = parts(&text(1)).unwrap();
    assert_eq!(tracked.tracked_urls(), ["http://l.example/", "http://b.example/"]);
    assert_eq!(tracked_urls(&tracked.text()), tracked.tracked_urls());
    assert_eq!(parts(&text(0)).unwrap().tracked_urls(), [""; 0]);
}

#[test]
fn only_so_many_urls_are_tracked() {
    let urls: Vec<String> = (0..TRACKED_MAX + 5).map(|number| format!("http://{number}.example")).collect();
    let text = format!(r#"{{"text":{{"body":"{}"}},"flags":{{"enable_tracking":1}}}}"#, urls.join(" "));
    assert_eq!(parts(&text).unwrap().tracked_urls(), urls[..TRACKED_MAX]);
}
