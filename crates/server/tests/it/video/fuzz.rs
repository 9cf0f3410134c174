//! Query strings that nobody would send: an answer always, and never a failure of the server.

use std::fmt::Write as _;

use super::rig::Rig;
use super::segment::{Segment, watched};
use crate::random::{Random, setting};

/// Requests to send, unless this variable says otherwise.
const REQUESTS: u64 = 400;

const PATHS: [&str; 17] = [
    "/views",
    "/views/live",
    "/views/recorded/channel",
    "/viewers",
    "/viewers/recorded",
    "/total-views/day",
    "/unique-devices/live/hour",
    "/unique-devices/country",
    "/authenticated-viewers/summary",
    "/authenticated-viewers/recorded/month",
    "/peak-viewer-numbers",
    "/peak-viewer-numbers/live",
    "/peak-viewer-numbers/recorded/channel",
    "/peak-viewer-numbers/live/summary",
    "/viewer-seconds",
    "/viewer-seconds/recorded",
    "/viewer-seconds/live/summary",
];

const NAMES: [&str; 11] = [
    "date_time_from",
    "date_time_to",
    "content_id",
    "channel_id",
    "granularity",
    "viewer_identifier",
    "list_unfinished_segments",
    "inclusive_range",
    "_page",
    "_limit",
    "%FF[]",
];

const VALUES: [&str; 22] = [
    "",
    "0",
    "1",
    "5,6",
    "-1",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999",
    "2018-07-16",
    "2018-07-16T12:00:00Z",
    "2018-07-16T12:00:30.5%2B05:45",
    "2018-07-16T12:00:00 01:00",
    "0001-01-01",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-03-08T02:30:00",
    "minute",
    "month",
    "true",
    "%C3%A4",
    "%FF%00",
    "a%20%22'%5C",
    ",,,",
];

fn uri(random: &mut Random) -> String {
    let mut pick = |texts: &[&'static str]| texts[random.below(texts.len() as u64) as usize];
    let mut uri = format!("/v1{}?", pick(&PATHS));
    // Half of them with a good period, so that they get past the parameters.
    if pick(&["good", "bad"]) == "good" {
        let (from, to) = (pick(&VALUES[8..15]), pick(&VALUES[8..15]));
        write!(uri, "date_time_from={from}&date_time_to={to}&").unwrap();
    }
    for _ in 0..pick(&["", "1", "12", "123"]).len() {
        write!(uri, "{}={}&", pick(&NAMES), pick(&VALUES)).unwrap();
    }
    uri.replace(' ', "+")
}

#[tokio::test]
async fn any_query_string_gets_an_answer() {
    let rig = Rig::holding(&[
        watched(1, "a", "2018-07-16T11:59:50Z", "2018-07-16T12:01:10Z"),
        Segment { finished_at: None, to: 70, ..watched(2, "b", "2026-03-08T09:59:59.999999Z", "") },
        Segment {
            content_type: "recorded",
            channel_id: Some(1),
            ..watched(3, "ä", "2018-07-16T00:00:00Z", "2026-01-01T00:00:00Z")
        },
    ]);
    let mut random = Random::from_seed(Random::seed("TALLYHOUSE_FUZZ_SEED"));
    let mut answered = 0;
    for _ in 0..setting("TALLYHOUSE_FUZZ_REQUESTS").unwrap_or(REQUESTS) {
        let uri = uri(&mut random);
        let reply = rig.get(&uri).await;
        match reply.status.as_u16() {
            200 => assert!(reply.json()["data"].is_array(), "{uri}"),
            400 | 404 => assert!(!reply.pointers().is_empty(), "{uri}"),
            status => panic!("{status} for {uri}: {}", reply.text),
        }
        answered += u64::from(reply.status.is_success());
    }
    assert!(answered > 0, "no request got past its parameters");
}
