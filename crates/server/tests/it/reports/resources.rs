//! Forms and states of reports as documents: shapes, filters, members and pages.

use serde_json::{Value, json};
use tallyhouse_server::catalog::Narrowing;

use super::rig::{DATES, Rig};

const STATES: &str = r#"{"id":4,"channel_id":2,"name":"New","position":1,"visibility":"everyone","team_id":7,"updated_at":"2022-03-01T10:37:16.681+13:00"}
{"id":6,"channel_id":3,"name":"Other","position":2,"updated_at":"2022-02-01T00:00:00Z"}
{"id":9,"name":"Of all","updated_at":"2022-01-01T00:00:00Z"}"#;
const FORM: &str = r#"{"id":1,"uuid":"9c21c96e-4ce5-59e6-95d5-eb475fd03440","name":"A form","updated_at":"2022-04-17T11:30:27.045+12:00","team_id":1,"version":52,"fields":[{"id":13,"zeta":1.50,"label":"Category","data":""}]}"#;

async fn rig() -> Rig {
    Rig::holding(&[("report_states", STATES), ("forms", FORM)]).await
}

fn ids(body: &Value) -> Vec<u64> {
    body.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_form_is_whole_and_its_fields_are_as_they_were_sent() {
    let rig = rig().await;
    let form = concat!(
        r#"{"id":1,"uuid":"9c21c96e-4ce5-59e6-95d5-eb475fd03440","name":"A form","updated_at":"2022-04-16T23:30:27.045Z","#,
        r#""team_id":1,"version":52,"fields":[{"id":13,"zeta":1.50,"label":"Category","data":""}]}"#
    );
    assert_eq!(rig.get("forms/1").await.text, form);
    assert_eq!(rig.get("forms").await.text, format!("[{form}]"));
    assert_eq!(rig.get("forms/").await.text, format!("[{form}]"));
    for unknown in ["forms/2", "forms/0", "forms/x", "report_states/1"] {
        let reply = rig.get(unknown).await;
        assert_eq!(reply.status, 404, "{unknown}");
        assert!(reply.json()["errors"]["id"].is_array(), "{unknown}");
    }
}

#[tokio::test]
async fn a_state_has_its_channel_as_account_and_its_time_only_when_asked_for() {
    let rig = rig().await;
    assert_eq!(
        rig.get("report_states/4").await.text,
        r#"{"id":4,"account_id":2,"name":"New","position":1,"visibility":"everyone"}"#
    );
    assert_eq!(
        rig.get("report_states/9?fields=updated_at,-position,nope").await.json(),
        json!({ "id": 9, "account_id": null, "name": "Of all", "updated_at": "2022-01-01T00:00:00.000Z", "visibility": null })
    );
}

#[tokio::test]
async fn states_are_filtered_by_id_team_channel_and_time() {
    let rig = rig().await;
    for (query, expected) in [
        ("", vec![4, 6, 9]),
        ("?ids=9,4,77", vec![4, 9]),
        ("?team_id=7", vec![4, 6, 9]),
        ("?team_id=8", vec![6, 9]),
        ("?team_id=7&updated_after=2022-02-01T00:00:00Z", vec![4]),
        ("?team_id=8&ids=9,4,9", vec![9]),
        ("?channel_id=3", vec![6, 9]),
        ("?updated_after=2022-02-01T00:00:00Z", vec![4]),
        ("?updated_after=2022-02-28T10:45:35.081+13:00", vec![4]),
        ("?channel_id=77&team_id=7", vec![9]),
        ("?channel_id=3&team_id=8&ids=4", vec![]),
    ] {
        assert_eq!(ids(&rig.get(&format!("report_states{query}")).await.json()), expected, "{query}");
    }
    for query in ["ids=x", "team_id=-1", "channel_id=x", "updated_after=never"] {
        assert_eq!(rig.get(&format!("report_states?{query}")).await.status, 422, "{query}");
    }
}

#[tokio::test]
async fn what_names_no_team_is_of_every_team() {
    let rig = rig().await;
    rig.send("forms", r#"{"id":2,"name":"Of all"}"#).await;
    for (team, expected) in [(1, vec![1, 2]), (5, vec![2])] {
        assert_eq!(ids(&rig.get(&format!("forms?team_id={team}")).await.json()), expected);
    }
}

#[tokio::test]
async fn forms_that_change_while_they_are_sent_are_whole_versions() {
    let padding = "x".repeat(100_000);
    let version = |id: u64, month: u8| {
        format!(
            r#"{{"id":{id},"name":"{month}","updated_at":"2022-{month:02}-01T00:00:00Z","fields":["{padding}"]}}"#
        )
    };
    let forms: Vec<_> = (1..=40).map(|id| version(id, 3)).collect();
    let rig = Rig::holding(&[("forms", &forms.join("\n"))]).await;
    // The first piece is made, the others are when they are read.
    let answer = rig.begin("forms").await;
    let deletion = r#"{"id":39,"deleted":true,"updated_at":"2022-04-01T00:00:00Z"}"#;
    rig.send("forms", &format!("{}\n{deletion}", version(40, 4))).await;
    let body: Value = serde_json::from_str(&answer.text().await).unwrap();
    assert_eq!(ids(&body), (1..=38).chain([40]).collect::<Vec<_>>());
    let last = body.as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &last["updated_at"]), (&json!("4"), &json!("2022-04-01T00:00:00.000Z")));
}

#[tokio::test]
async fn a_state_that_goes_to_a_hidden_channel_while_it_is_sent_is_left_out() {
    let name = "x".repeat(1_000);
    let state = |id: u64, channel: u64, month: u8| {
        format!(
            r#"{{"id":{id},"channel_id":{channel},"name":"{name}","visibility":"{name}","updated_at":"2022-{month:02}-01T00:00:00Z"}}"#
        )
    };
    let states: Vec<_> = (1..=100).map(|id| state(id, 2, 3)).collect();
    let rig = Rig::holding(&[("report_states", &states.join("\n"))]).await;
    let token = rig.narrowed(Narrowing { content_ids: None, channel_ids: Some(vec![2]) });
    let answer = rig.begin_as(&token, "report_states", Some("objects=0-99")).await;
    rig.send("report_states", &state(100, 3, 4)).await;
    let body: Value = serde_json::from_str(&answer.text().await).unwrap();
    assert_eq!(ids(&body), (1..=99).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_narrowed_token_sees_the_states_of_its_channels_and_of_none() {
    let rig = rig().await;
    let token = rig.narrowed(Narrowing { content_ids: None, channel_ids: Some(vec![2]) });
    let get = async |path: &str| rig.get_as(&token, path).await;
    assert_eq!(ids(&get("report_states").await.json()), [4, 9]);
    assert_eq!((get("report_states/4").await.status, get("report_states/6").await.status), (200, 404));
    assert_eq!(get("report_states?channel_id=3").await.status, 403);
    assert_eq!(get("forms/1").await.status, 200);
}

#[tokio::test]
async fn a_narrowed_token_is_not_told_what_states_of_other_channels_are_called() {
    let report = |id: u32, state: u32| {
        format!(
            r#"{{"report_id":{id},"channel_id":2,"created_at":"2016-05-01T00:00:00Z","state_id":{state}}}"#
        )
    };
    let rig = rig().await;
    rig.send("reports", &[(1, 4), (2, 6), (3, 9)].map(|(id, state)| report(id, state)).join("\n")).await;
    let path = format!("analytics/reports_per_state?channel_id=2&{DATES}");
    let names = |body: &Value| {
        body.as_array().unwrap().iter().map(|item| (item["id"].clone(), item["name"].clone())).collect()
    };
    let all: Vec<_> = names(&rig.get(&path).await.json());
    assert_eq!(all, [(json!(4), json!("New")), (json!(6), json!("Other")), (json!(9), json!("Of all"))]);
    let token = rig.narrowed(Narrowing { content_ids: None, channel_ids: Some(vec![2]) });
    let seen: Vec<_> = names(&rig.get_as(&token, &path).await.json());
    assert_eq!(seen, [(json!(4), json!("New")), (json!(6), json!(null)), (json!(9), json!("Of all"))]);
}

#[tokio::test]
async fn lists_of_documents_have_pages() {
    let states: Vec<_> = (1..=130).map(|id| format!(r#"{{"id":{id},"name":"s"}}"#)).collect();
    let rig = Rig::holding(&[("report_states", &states.join("\n"))]).await;
    let first = rig.get("report_states").await;
    assert_eq!((first.status, first.header("content-range")), (200, Some("report_states 0-59/130")));
    assert_eq!(ids(&first.json()), (1..=60).collect::<Vec<_>>());
    let second = rig.get_range("report_states", "objects=100-199").await;
    assert_eq!((second.status, second.header("content-range")), (206, Some("report_states 100-129/130")));
    assert_eq!(ids(&second.json()), (101..=130).collect::<Vec<_>>());
    let beyond = rig.get_range("report_states", "objects=500-").await;
    assert_eq!((beyond.text.as_str(), beyond.header("content-range")), ("[]", Some("report_states */130")));
    let none = rig.get("forms").await;
    assert_eq!((none.text.as_str(), none.header("content-range")), ("[]", Some("forms */0")));
}
