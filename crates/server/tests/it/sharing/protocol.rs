//! What all URLs of the family have in common: envelopes, URLs that there are not, and methods.

use super::rig::{MESSAGES, NOW, Rig, SHORTURLS, SNAPSHOTS, token};

#[tokio::test]
async fn urls_that_there_are_not_are_told_in_an_envelope() {
    let rig = Rig::new();
    rig.pass(86_400);
    for path in [
        "/sharing",
        "/sharing/",
        "/sharing/analytics",
        "/sharing/analytics/snapshots",
        "/sharing/analytics/snapshots.xml",
        "/sharing/analytics/snapshots.json/",
        "/sharing/messages/x.xml",
        "/shorturls",
        "/shorturls/",
        "/shorturls.xml",
        "/shorturls/x.xml",
    ] {
        for reply in [rig.get(path).await, rig.request("GET", path, &[], "").await] {
            assert_eq!(reply.error(404), "there is nothing at this URL", "{path}");
            let request = &reply.json()["response"]["request"];
            assert_eq!(request["resource"], path);
            assert_eq!(request["date"], "Sat, 28 Jan 2012 16:08:37 +0100");
            assert_eq!(reply.header("content-type"), Some("application/json"));
            assert_eq!(reply.header("cache-control"), Some("private, no-store"));
        }
    }
}

#[tokio::test]
async fn every_rig_has_a_clock_and_ids_of_its_own() {
    let (one, two) = (Rig::new(), Rig::new());
    one.pass(1);
    assert_eq!(((one.state.clock)(), (two.state.clock)()), (NOW + 1_000_000, NOW));
    two.clock.set(7);
    assert_eq!((two.state.clock)(), 7);
    for rig in [&one, &two] {
        let ids = [(); 2].map(|()| tallyhouse_model::render_uuid(&(rig.state.ids)().unwrap()));
        assert_eq!(ids, [token(1), token(2)]);
    }
    assert_eq!(token(258), "00000102-0000-4000-8000-000000000102");
    assert_eq!([SNAPSHOTS, MESSAGES, SHORTURLS].map(|path| path.ends_with(".json")), [true; 3]);
}
