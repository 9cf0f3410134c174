//! Every spelling of an address that programs are known to understand, and what is left to be sent to.

use super::*;

fn target(uri: &str) -> Result<String, String> {
    check_uri(uri, &Networks::default())
}

#[test]
fn plain_uris_are_taken_apart() {
    for (uri, expected) in [
        ("http://example.com", "http://example.com:80"),
        ("HTTP://Example.COM/", "http://example.com:80"),
        ("https://example.com/hook.php?token=a%20b&x=1", "https://example.com:443"),
        ("https://example.com?x", "https://example.com:443"),
        ("http://a_b.ex-ample.com:8080/x", "http://a_b.ex-ample.com:8080"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example:80"),
        ("http://receiver/x", "http://receiver:80"),
        ("http://1.2.3.4.example.com/", "http://1.2.3.4.example.com:80"),
        ("http://0x7f000001.example/", "http://0x7f000001.example:80"),
        ("http://93.184.215.14:65535/", "http://93.184.215.14:65535"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]:80"),
        ("https://[2606:4700:0:0::1111]:8443/", "https://[2606:4700::1111]:8443"),
        ("http://[::ffff:93.184.215.14]/", "http://[::ffff:93.184.215.14]:80"),
        ("http://example.com/a@b:c/[d]", "http://example.com:80"),
    ] {
        assert_eq!(target(uri).as_deref(), Ok(expected), "{uri}");
    }
    let endpoint = Endpoint::parse("https://Example.com:444/a/../b?c=%2e").unwrap();
    assert_eq!(
        (endpoint.path.as_str(), endpoint.host_header().as_str()),
        ("/a/../b?c=%2e", "example.com:444")
    );
    let endpoint = Endpoint::parse("https://example.com:443?x").unwrap();
    assert_eq!((endpoint.path.as_str(), endpoint.host_header().as_str()), ("/?x", "example.com"));
    assert_eq!(Endpoint::parse("http://[2606::1]:81").unwrap().host_header(), "[2606::1]:81");
}

#[test]
fn every_spelling_of_a_forbidden_address_is_refused() {
    for host in [
        // Loopback, private, link-local, carrier-grade, multicast, broadcast, nowhere.
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
        // As v6.
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[::ffff:0:127.0.0.1]",
        // Short, decimal, octal, hexadecimal, mixed, too long, too many.
        "127.1",
        "127.0.1",
        "0",
        "1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0X7F000001",
        "0x7f.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0177.0.0.01",
        "00000177.0.0.1",
        "127.0.0.01",
        "127.0.0.001",
        "127.0.0.0x1",
        "127.0.0.0x",
        "0x",
        "1.0x7f000001",
        "256.256.256.256",
        "127.0.0.257",
        "4294967297",
        "127.0.0.1.1",
        "1.2.3",
        "0.0.0.0.0",
        "18446744073709551617",
        // Dots and colons in odd places.
        "127.0.0.1.",
        "127.0.0.1..",
        "example.com.",
        ".example.com",
        "example..com",
        ".",
        "..",
        "",
        ":80",
        "127.0.0.1.:80",
        // Encoded, full-width, enclosed, with other dots, with what is dropped.
        "%31%32%37.0.0.1",
        "127%2e0.0.1",
        "%6cocalhost",
        "example%2ecom",
        "１２７.0.0.1",
        "127。0。0。1",
        "127．0．0．1",
        "①②⑦.⓪.⓪.①",
        "ⅼocalhost",
        "bücher.example",
        "127.0.0.1\u{ad}",
        "127.0.0\u{200b}.1",
        "127.0.0.1\u{0}",
        // Users, and what hides where the host ends.
        "user@example.com",
        "user:secret@example.com",
        "@example.com",
        "example.com@127.0.0.1",
        "127.0.0.1@example.com",
        "example.com\\@127.0.0.1",
        "127.0.0.1\\.example.com",
        "example.com#@127.0.0.1",
        "127.0.0.1#.example.com",
        "example.com:80@127.0.0.1:80",
        "127.0.0.1:80\\@@example.com:80",
        "example.com:80:81",
        "127.0.0.1:11211:80",
        // White space anywhere.
        " example.com",
        "example.com ",
        "exam\tple.com",
        "127.0.0.1\t",
        "127.0.0.1\r\n",
        "127.0.0.1\n.example.com",
        "127.0.0.1%09",
        "127.0.0.1%0d%0aHost:x",
        "example.com\u{a0}",
        "example.com\u{2028}",
        // Ports that are none.
        "example.com:",
        "example.com:0",
        "example.com:080",
        "example.com:65536",
        "example.com:+80",
        "example.com:-1",
        "example.com:8o",
        "example.com:99999999999999999999",
        "[2606:4700::1111]:",
        "[2606:4700::1111]80",
        // Brackets that are none.
        "[127.0.0.1]",
        "[example.com]",
        "[2606:4700::1111",
        "2606:4700::1111",
        "2606:4700::1111]",
        "[::1%25eth0]",
        "[fe80::1%eth0]",
        "[2606:4700::1111].example.com",
        "[v1.fe80::a]",
        "[]",
        "[[::1]]",
        "x[2606:4700::1111]",
        // What is no name.
        "exam!ple.com",
        "exam$ple.com",
        "exam*ple.com",
        "a,b.com",
        "a;b.com",
        "a=b.com",
        "a+b.com",
        "(example.com)",
        "example.com'",
        "~example.com",
    ] {
        for scheme in ["http", "https", "hTTp"] {
            for rest in ["", "/", "/pingback.php?x=1"] {
                let uri = format!("{scheme}://{host}{rest}");
                assert!(target(&uri).is_err(), "{uri:?}");
            }
        }
    }
}

#[test]
fn what_is_no_uri_is_refused() {
    for uri in [
        "",
        "/",
        "example.com",
        "//example.com",
        "http:",
        "http:/example.com",
        "http:///example.com",
        "http:example.com",
        "://example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://example.com",
        "javascript://example.com",
        "httpx://example.com",
        " http://example.com",
        "http://example.com/ ",
        "\thttp://example.com",
        "ht\ntp://example.com",
        "http ://example.com",
        "h%74tp://example.com",
        "http:\\\\example.com",
        "http:/\\example.com",
        "ＨＴＴＰ://example.com",
        "http://?x",
        "http://#x",
        "http://example.com/#x",
        "http://example.com/a b",
        "http://example.com/a\r\nX: y",
        "http://example.com/a\\b",
        "http://example.com/ä",
        "http://example.com/\u{7f}",
        "http://example.com/{x}",
        "url:http://example.com",
        "http://http://example.com",
        "jar:http://example.com!/",
    ] {
        assert!(target(uri).is_err(), "{uri:?}");
    }
}

#[test]
fn lengths_are_bounded() {
    let path =
        |bytes: usize| format!("http://example.com/{}", "a".repeat(bytes - "http://example.com/".len()));
    assert!(target(&path(URI_BYTES_MAX)).is_ok());
    assert!(target(&path(URI_BYTES_MAX + 1)).unwrap_err().contains("2048"));
    let host = |label: usize| format!("http://{}.com/", "a".repeat(label));
    assert!(target(&host(LABEL_BYTES_MAX)).is_ok() && target(&host(LABEL_BYTES_MAX + 1)).is_err());
    let long = |labels: usize| format!("http://{}a/", "a.".repeat(labels));
    assert!(target(&long(126)).is_ok() && target(&long(127)).is_err());
}

#[test]
fn an_address_that_the_operator_allowed_is_taken_in_its_plain_spellings_alone() {
    let networks = Networks::parse("127.0.0.0/8, ::1").unwrap();
    for uri in ["http://127.0.0.1:8080/", "http://[::1]/", "http://[::ffff:127.0.0.1]/"] {
        assert!(check_uri(uri, &networks).is_ok(), "{uri}");
    }
    for uri in [
        "http://127.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://10.0.0.1/",
        "http://127.0.0.1./",
    ] {
        assert!(check_uri(uri, &networks).is_err(), "{uri}");
    }
}
