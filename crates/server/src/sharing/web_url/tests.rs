//! Which texts are URLs, and which URLs are in a text.

use proptest::prelude::*;

use super::*;

#[test]
fn only_urls_of_the_web_may_be_followed() {
    for url in [
        "http://a.example",
        "HTTPS://a.example/b?c=d&e#f",
        "http://user:secret@a.example:8080/",
        "http://a.example:/",
        "http://127.0.0.1",
        "http://[::1]:80/x",
        "http://bücher.example/ä?ö",
        "https://localhost/(x)",
    ] {
        assert_eq!(check_web_url(url), Ok(()), "{url}");
    }
    for url in [
        "",
        "a.example",
        "//a.example",
        "javascript:alert(1)",
        "javascript://a.example/%0aalert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "http:/a.example",
        "http:a.example",
        "http://",
        "http:///path",
        "http://?a",
        "http://@/",
        "http://:80/",
        "http://a.example:http/",
        "http://a.example:123456/",
        "http://[::1/",
        "http://[a]/",
        "http://\\a.example",
        "http://a.example/ b",
        " http://a.example/",
        "http://a.example/\r\nSet-Cookie: a=b",
        "http://a.example/\u{0}",
        "http://a.example/\u{85}",
        "http://a.example/\u{2028}",
        "httpx://a.example/",
        "hé",
    ] {
        assert!(check_web_url(url).is_err(), "{url:?}");
    }
}

#[test]
fn a_url_is_as_long_as_it_may_be_and_not_longer() {
    let mut url = "http://a.example/".to_owned();
    url.push_str(&"x".repeat(WEB_URL_BYTES_MAX - url.len()));
    assert_eq!(check_web_url(&url), Ok(()));
    url.push('x');
    assert_eq!(check_web_url(&url), Err(WebUrlError::TooLong));
    assert_eq!(WebUrlError::TooLong.to_string(), "has more than 2048 bytes");
}

#[test]
fn urls_are_found_in_sentences() {
    for (text, urls) in [
        ("nothing", &[][..]),
        ("see http://a.example/.", &["http://a.example/"]),
        (
            "http://a.example, https://b.example; http://a.example!",
            &["http://a.example", "https://b.example"],
        ),
        ("(http://a.example/x)", &["http://a.example/x"]),
        ("(see http://a.example/x_(y))...", &["http://a.example/x_(y)"]),
        ("<http://a.example/x>'http://b.example/?a=b'", &["http://a.example/x", "http://b.example/?a=b"]),
        ("[text](http://a.example/x)", &["http://a.example/x"]),
        ("看http://a.example/。 http://b.example/，", &["http://b.example/"]),
        ("读 http://a.example/。", &["http://a.example/"]),
        ("xhttp://a.example http://", &[]),
        ("HTTP://A.example\nhttps://b.example\ttail", &["HTTP://A.example", "https://b.example"]),
        ("javascript:alert(1) ftp://a.example", &[]),
    ] {
        assert_eq!(urls_in(text, 9), urls, "{text}");
    }
}

#[test]
fn no_more_urls_are_looked_for_than_are_wanted() {
    let text = "http://a.example http://b.example http://a.example http://c.example";
    assert_eq!(urls_in(text, 0), [""; 0]);
    assert_eq!(urls_in(text, 2), ["http://a.example", "http://b.example"]);
    assert_eq!(urls_in(text, 3), ["http://a.example", "http://b.example", "http://c.example"]);
}

/// Counting the brackets anew for each that is taken away, this would take hours.
#[test]
fn what_is_behind_a_url_is_taken_away_in_one_go() {
    let text = format!("http://a.example/{}", ")],".repeat(1_000_000));
    assert_eq!(urls_in(&text, 9), ["http://a.example/"]);
    let text = format!("http://a.example/{}", "(.".repeat(1_000_000));
    assert_eq!(urls_in(&text, 9), [""; 0]);
}

/// What the trimming means, a character at a time.
fn trimmed(stretch: &str) -> &str {
    let Some(last) = stretch.chars().next_back() else { return stretch };
    let count = |char: char| stretch.chars().filter(|it| *it == char).count();
    let closes_only = BRACKETS.iter().any(|(open, close)| *close == last && count(*open) < count(*close));
    let shorter = &stretch[..stretch.len() - last.len_utf8()];
    if closes_only || BEHIND.contains(&last) { trimmed(shorter) } else { stretch }
}

#[test]
fn a_location_has_visible_ascii_alone() {
    assert_eq!(location_of("http://a.example/ä?b=%20c#d"), "http://a.example/%C3%A4?b=%20c#d");
}

proptest! {
    #[test]
    fn whatever_a_text_is_its_urls_are_parts_of_it_that_may_be_followed(text in "(http://|https://|[a(. \n)ä\\[<>x/?:@]){0,40}") {
        let found = urls_in(&text, usize::MAX);
        for (position, url) in found.iter().enumerate() {
            prop_assert!(text.contains(url));
            prop_assert_eq!(check_web_url(url), Ok(()));
            prop_assert!(!found[..position].contains(url));
        }
    }

    #[test]
    fn marks_and_closing_brackets_are_taken_away_one_after_the_other(stretch in "[a().,\\[\\]{}…】]{0,30}") {
        prop_assert_eq!(without_punctuation(&stretch), trimmed(&stretch));
    }

    #[test]
    fn urls_between_words_are_found_as_they_are(
        urls in prop::collection::vec("https?://[a-z]{1,9}\\.example(:[0-9]{1,5})?(/[a-zA-Z0-9%=&+-]{0,9}){0,3}(\\?[a-z]=[a-z0-9]{1,5})?(#[a-z]{1,5})?", 0..6),
        around in prop::collection::vec("[ \n]([a-zäöü,.!]{0,8}[ \n(\"]){0,2}", 7),
        behind in prop::collection::vec("[.,!?)]{0,3}", 6),
    ) {
        let mut text = around[0].clone();
        let mut expected: Vec<&str> = Vec::new();
        for (position, url) in urls.iter().enumerate() {
            text.push_str(url);
            text.push_str(&behind[position]);
            text.push_str(&around[position + 1]);
            if !expected.contains(&url.as_str()) {
                expected.push(url);
            }
        }
        prop_assert_eq!(urls_in(&text, 9), expected);
    }

    #[test]
    fn every_url_that_may_be_followed_is_the_value_of_a_header(rest in "\\PC{0,40}") {
        let url = format!("http://a.example/{rest}");
        if check_web_url(&url).is_ok() {
            let location = location_of(&url);
            prop_assert!(location.as_bytes().iter().all(u8::is_ascii_graphic));
        }
    }
}
