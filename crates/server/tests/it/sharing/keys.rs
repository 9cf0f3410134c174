//! Who is asking: keys in HTTP Basic, and hosts that name a site.

use super::rig::{MESSAGES, Rig, SHORTURLS, SNAPSHOTS, basic, keys_of};

const LISTS: [&str; 3] = [SNAPSHOTS, MESSAGES, SHORTURLS];

#[tokio::test]
async fn without_good_keys_everything_is_401_and_says_how_to_ask() {
    let rig = Rig::new();
    let (public, private) = (rig.demo.site.public_key.as_str(), rig.demo.private_key.as_str());
    let wrong = [
        basic(public, &rig.other.private_key),
        basic(&rig.other.site.public_key, private),
        basic(private, public),
        basic(public, ""),
        basic("", private),
        basic("", ""),
        format!("Bearer {private}"),
        format!("Basic {public}:{private}"),
        "Basic".to_owned(),
        "Basic !".to_owned(),
    ];
    let refused = |reply: super::rig::Reply| {
        assert_eq!(reply.error(401), "the keys are missing or wrong");
        let how = reply.header("www-authenticate").unwrap();
        assert!(how.starts_with("Basic realm="), "{how}");
        assert!(!reply.text.contains(private) && !reply.text.contains(public));
    };
    for path in LISTS {
        for keys in &wrong {
            // The host is not looked at before the keys.
            for host in ["demo.api.example.com", "other.api.example.com"] {
                let headers = [("authorization", keys.as_str()), ("host", host)];
                refused(rig.request("GET", path, &headers, "").await);
            }
        }
        refused(rig.request("GET", path, &[("host", "demo.api.example.com")], "").await);
        let good = keys_of(&rig.demo);
        let twice = [("authorization", good.as_str()), ("authorization", good.as_str())];
        refused(rig.request("GET", path, &twice, "").await);
    }
    // Nor is anything else: a body that is none, a token that there is not.
    refused(rig.request("PUT", SNAPSHOTS, &[], "{").await);
    refused(rig.request("DELETE", "/sharing/messages/x.json", &[], "").await);
}

#[tokio::test]
async fn good_keys_are_403_at_the_host_of_another_site() {
    let rig = Rig::new();
    let keys = keys_of(&rig.demo);
    for host in [
        "other.api.example.com",
        "foreign.localhost:8686",
        "OTHER.example.com.",
        "Foreign.api.example.com:80",
    ] {
        for path in LISTS {
            let reply = rig.request("GET", path, &[("authorization", &keys), ("host", host)], "").await;
            assert_eq!(reply.error(403), "these are the keys of another site", "{host}");
            assert_eq!(reply.header("www-authenticate"), None);
        }
    }
    let both =
        [("authorization", keys.as_str()), ("host", "demo.example.com"), ("host", "other.example.com")];
    rig.request("GET", SNAPSHOTS, &both, "").await.assert_status(403);
}

#[tokio::test]
async fn a_host_that_names_no_other_site_leaves_it_to_the_keys() {
    let rig = Rig::new();
    let keys = keys_of(&rig.demo);
    let hosts = [
        "demo.api.example.com",
        "DEMO.api.localhost:8686",
        "127.0.0.1:8686",
        "[::1]:8686",
        "localhost",
        // One label is the name of a machine.
        "other",
        "www.example.com",
        "api.other.example.com",
        "unknown.api.example.com",
    ];
    for host in hosts {
        rig.request("GET", SNAPSHOTS, &[("authorization", &keys), ("host", host)], "")
            .await
            .assert_status(200);
    }
    rig.request("GET", SNAPSHOTS, &[("authorization", &keys)], "").await.assert_status(200);
}

#[tokio::test]
async fn keys_stop_at_the_request_after_they_were_replaced_or_revoked() {
    let rig = Rig::new();
    let catalog = tallyhouse_server::catalog::Catalog::open_existing(rig.folder.path()).unwrap();
    rig.get(SNAPSHOTS).await.assert_status(200);
    let new = catalog.rotate_site_keys("demo").unwrap();
    rig.get(SNAPSHOTS).await.assert_status(401);
    rig.ask_as(&new, "GET", SNAPSHOTS, "").await.assert_status(200);
    catalog.revoke_site("demo", (rig.state.clock)()).unwrap();
    rig.ask_as(&new, "GET", SNAPSHOTS, "").await.assert_status(401);
    // The name still means that site: keys of others are not good at its host.
    let keys = keys_of(&rig.other);
    let headers = [("authorization", keys.as_str()), ("host", "demo.example.com")];
    rig.request("GET", SNAPSHOTS, &headers, "").await.assert_status(403);
    rig.ask_as(&rig.other, "GET", SNAPSHOTS, "").await.assert_status(200);
}
