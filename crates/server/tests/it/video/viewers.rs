//! `/viewers`: people with their segments.

use serde_json::{Value, json};

use super::rig::Rig;
use super::segment::{NO_DEVICE, Segment, watched};

const DAY: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

const NOON_HOUR: &str = "date_time_from=2018-07-16T12:00:00Z&date_time_to=2018-07-16T13:00:00Z";

/// Viewers as `name: videos_watched, last_activity, ids of the segments`.
async fn viewers(rig: &Rig, path: &str, query: &str) -> Vec<String> {
    let body = rig.json(&format!("/v1/viewers{path}?{query}")).await;
    let viewer = |row: &Value| {
        assert_eq!(row["type"], "Viewer");
        let attributes = row["attributes"].as_object().unwrap();
        assert_eq!(attributes.len(), 4, "{row}");
        let segments = attributes["segments"].as_array().unwrap();
        let id = |segment: &Value| {
            let text = segment["id"].as_str().unwrap().replace('-', "");
            u128::from_str_radix(&text, 16).unwrap()
        };
        format!(
            "{}: {}, {}, {:?}",
            attributes["viewer_identifier"].as_str().unwrap(),
            attributes["videos_watched"],
            attributes["last_activity"].as_str().unwrap(),
            segments.iter().map(id).collect::<Vec<_>>()
        )
    };
    body["data"].as_array().unwrap().iter().map(viewer).collect()
}

/// The names alone.
async fn names(rig: &Rig, query: &str) -> Vec<String> {
    let rows = viewers(rig, "", query).await;
    rows.into_iter().map(|row| row.split_once(": ").unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn a_viewer_is_the_documented_example_field_for_field() {
    let rig = Rig::holding(&[Segment {
        client_id: "8776986273576598258658",
        content_id: 77_569_623,
        finished_at: Some("2018-07-16T19:20:40+01:00"),
        is_mobile_view: false,
        view_type: "onsite",
        ..Segment::default()
    }]);
    let period = "date_time_from=2018-07-16T00:00:00%2B01:00&date_time_to=2018-07-17T00:00:00%2B01:00";
    let body = rig.json(&format!("/v1/viewers?{period}&_limit=1")).await;
    assert_eq!(
        body["data"],
        json!([{
            "attributes": {
                "last_activity": "2018-07-16T19:20:40+01:00",
                "segments": [{
                    "city": "Budapest",
                    "client_id": "8776986273576598258658",
                    "content_id": 77_569_623,
                    "content_type": "live",
                    "country": "HU",
                    "finished_at": "2018-07-16T19:20:40+01:00",
                    "from": 0,
                    "id": "4bfc69b5-1320-4a44-a8d6-1fe1f397fb94",
                    "is_mobile_view": false,
                    "started_at": "2018-07-16T19:20:30+01:00",
                    "to": 0,
                    "view_session_id": "7f66d911:8b7aa82c",
                    "view_type": "onsite",
                    "device_info": serde_json::from_str::<Value>(NO_DEVICE).unwrap()
                }],
                "videos_watched": 1,
                "viewer_identifier": "some.viewer@example.com"
            },
            "type": "Viewer"
        }])
    );
    let shown =
        "date_time_from=2018-07-16T00%3A00%3A00%2B01%3A00&date_time_to=2018-07-17T00%3A00%3A00%2B01%3A00";
    let href = json!({"href": format!("/viewers?{shown}&_page=1&_limit=1")});
    assert_eq!(
        body["pagination"],
        json!({"count": 1, "first": href, "last": href, "next": null, "prev": null, "self": href})
    );
}

#[tokio::test]
async fn a_viewer_and_a_segment_belong_when_the_segment_is_present() {
    let (before, from) = ("2018-07-16T11:00:00Z", "2018-07-16T12:00:00Z");
    let (inside, to, after) = ("2018-07-16T12:30:00Z", "2018-07-16T13:00:00Z", "2018-07-16T14:00:00Z");
    let of_a = |view_id, started_at, finished_at| watched(view_id, "a", started_at, finished_at);
    let rig = Rig::holding(&[
        of_a(1, before, from),
        of_a(2, before, inside),
        of_a(3, before, after),
        of_a(4, from, from),
        of_a(5, inside, after),
        of_a(6, to, after),
        watched(7, "b", before, from),
        watched(8, "c", inside, to),
    ]);
    assert_eq!(
        viewers(&rig, "", NOON_HOUR).await,
        [
            // Without an offset in the period the answer would be in Los Angeles; this one has Z.
            "a: 1, 2018-07-16T14:00:00+00:00, [2, 3, 4, 5]",
            "c: 1, 2018-07-16T13:00:00+00:00, [8]"
        ]
    );
    let counted = rig.points(&format!("/v1/authenticated-viewers/summary?{NOON_HOUR}")).await;
    let listed = rig.json(&format!("/v1/viewers?{NOON_HOUR}")).await;
    assert_eq!(listed["pagination"]["count"], counted[0].1);
}

#[tokio::test]
async fn dates_are_optional_each_and_without_them_all_stored_time_is_listed() {
    let rig = Rig::holding(&[
        watched(1, "a", "2017-07-16T12:00:00Z", "2017-07-16T12:00:01Z"),
        watched(2, "b", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"),
        watched(3, "c", "2019-07-16T12:00:00Z", "2019-07-16T12:00:01Z"),
    ]);
    assert_eq!(names(&rig, "").await, ["a", "b", "c"]);
    assert_eq!(names(&rig, "date_time_from=2018-01-01").await, ["b", "c"]);
    assert_eq!(names(&rig, "date_time_to=2018-12-01").await, ["a", "b"]);
    assert_eq!(names(&rig, "date_time_from=2018-01-01&date_time_to=2018-12-01").await, ["b"]);
    assert!(names(&rig, "date_time_from=2018-12-01&date_time_to=2018-01-01").await.is_empty());
    let rows = viewers(&rig, "", "date_time_to=2017-12-01T00:00:00Z").await;
    assert_eq!(rows, ["a: 1, 2017-07-16T05:00:01-07:00, [1]"], "without a start, times are in Los Angeles");
}

#[tokio::test]
async fn segments_are_sorted_by_start_then_id_and_viewers_by_identifier() {
    let rig = Rig::holding(&[
        watched(9, "b", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"),
        watched(2, "b", "2018-07-16T12:00:00Z", "2018-07-16T12:09:00Z"),
        watched(5, "b", "2018-07-16T11:00:00Z", "2018-07-16T11:00:01Z"),
        watched(1, "B", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"),
        watched(3, "ä", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"),
        watched(4, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"),
    ]);
    assert_eq!(names(&rig, DAY).await, ["B", "a", "b", "ä"]);
    assert_eq!(viewers(&rig, "", DAY).await[2], "b: 1, 2018-07-16T12:09:00+00:00, [5, 2, 9]");
}

#[tokio::test]
async fn videos_watched_are_the_different_contents_among_the_segments_shown() {
    let of = |view_id, content_type, content_id, started_at| Segment {
        content_type,
        content_id,
        ..watched(view_id, "a", started_at, started_at)
    };
    let rig = Rig::holding(&[
        of(1, "live", 5, "2018-07-16T12:00:00Z"),
        of(2, "live", 5, "2018-07-16T12:01:00Z"),
        of(3, "recorded", 5, "2018-07-16T12:02:00Z"),
        of(4, "recorded", 6, "2018-07-15T12:03:00Z"),
    ]);
    assert_eq!(viewers(&rig, "", DAY).await, ["a: 2, 2018-07-16T12:02:00+00:00, [1, 2, 3]"]);
    assert_eq!(viewers(&rig, "/recorded", DAY).await, ["a: 1, 2018-07-16T12:02:00+00:00, [3]"]);
    let one = format!("{DAY}&content_id=6,5");
    assert_eq!(viewers(&rig, "/live", &one).await, ["a: 1, 2018-07-16T12:01:00+00:00, [1, 2]"]);
    assert!(viewers(&rig, "/live", &format!("{DAY}&content_id=6")).await.is_empty());
    // Without a content type there is no content_id to filter by.
    assert_eq!(viewers(&rig, "", &format!("{DAY}&content_id=6")).await.len(), 1);
}

#[tokio::test]
async fn a_viewer_is_found_by_a_part_of_the_identifier_in_any_case() {
    let seen = |view_id, who| watched(view_id, who, "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z");
    let rig =
        Rig::holding(&[seen(1, "first@example.com"), seen(2, "SECOND@Example.org"), seen(3, "50% + _more_")]);
    for (part, found) in [
        ("example", &["SECOND@Example.org", "first@example.com"][..]),
        ("EXAMPLE.C", &["first@example.com"]),
        ("second", &["SECOND@Example.org"]),
        ("%25", &["50% + _more_"]),
        ("_", &["50% + _more_"]),
        ("%2B", &["50% + _more_"]),
        ("t@e", &["first@example.com"]),
        ("nobody", &[]),
        ("", &["50% + _more_", "SECOND@Example.org", "first@example.com"]),
    ] {
        assert_eq!(names(&rig, &format!("viewer_identifier={part}")).await, found, "{part}");
    }
}

#[tokio::test]
async fn without_unfinished_segments_viewers_who_have_no_others_are_gone() {
    let unfinished = |view_id, who| Segment {
        finished_at: None,
        last_seen_at: Some("2018-07-16T12:30:00Z"),
        ..watched(view_id, who, "2018-07-16T12:00:00Z", "")
    };
    let rig = Rig::holding(&[
        unfinished(1, "a"),
        watched(2, "a", "2018-07-16T12:10:00Z", "2018-07-16T12:11:00Z"),
        unfinished(3, "b"),
    ]);
    assert_eq!(
        viewers(&rig, "", DAY).await,
        ["a: 1, 2018-07-16T12:30:00+00:00, [1, 2]", "b: 1, 2018-07-16T12:30:00+00:00, [3]"]
    );
    let body = rig.json(&format!("/v1/viewers?{DAY}")).await;
    assert_eq!(body["data"][1]["attributes"]["segments"][0]["finished_at"], Value::Null);
    assert_eq!(
        viewers(&rig, "", &format!("{DAY}&list_unfinished_segments=false")).await,
        ["a: 1, 2018-07-16T12:11:00+00:00, [2]"]
    );
}

#[tokio::test]
async fn segments_without_a_viewer_are_nobodys() {
    let nobody = Segment { viewer: None, ..watched(1, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z") };
    let rig = Rig::holding(&[nobody]);
    let body = rig.json("/v1/viewers").await;
    assert_eq!((&body["pagination"]["count"], &body["data"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn pages_are_of_viewers_and_lead_through_all_of_them() {
    let names = ["a", "b", "c", "d", "e"];
    let two = names.iter().zip(1..).flat_map(|(name, id)| {
        [id, id + 100].map(|view_id| watched(view_id, name, "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"))
    });
    let rig = Rig::holding(&two.collect::<Vec<_>>());
    let mut href = Some("/viewers?_limit=2".to_owned());
    let mut seen = Vec::new();
    while let Some(uri) = href {
        let body = rig.json(&uri).await;
        assert_eq!(body["pagination"]["count"], 5);
        for row in body["data"].as_array().unwrap() {
            assert_eq!(row["attributes"]["segments"].as_array().unwrap().len(), 2);
            seen.push(row["attributes"]["viewer_identifier"].as_str().unwrap().to_owned());
        }
        href = body["pagination"]["next"]["href"].as_str().map(str::to_owned);
        assert!(seen.len() <= 5, "a page came twice");
    }
    assert_eq!(seen, names);
    let beyond = rig.json("/viewers?_limit=2&_page=18446744073709551615").await;
    assert_eq!((&beyond["data"], &beyond["pagination"]["count"]), (&json!([]), &json!(5)));
}

#[tokio::test]
async fn a_viewer_of_thousands_of_segments_arrives_whole() {
    let segments: Vec<Segment> = (1..=20_003)
        .map(|view_id| watched(view_id, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z"))
        .collect();
    let rig = Rig::holding(&segments);
    let body = rig.json("/v1/viewers").await;
    assert_eq!(body["data"][0]["attributes"]["segments"].as_array().unwrap().len(), 20_003);
    assert_eq!(body["data"][0]["attributes"]["last_activity"], "2018-07-16T05:00:01-07:00");
}

#[tokio::test]
async fn an_account_lists_only_its_own_viewers() {
    let rig = Rig::new();
    rig.send_for(rig.second_account(), &[Segment::default()]);
    assert_eq!(rig.json("/v1/viewers").await["pagination"]["count"], 0);
}
