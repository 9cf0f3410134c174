//! What snapshots tell when they are finished, and what happens to those that cannot be made.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::published::{path_of, publication};
use super::rig::{Reply, Rig, SNAPSHOTS};

const URI: &str = "https://receiver.example.com/pingback";

/// What was queued to be told: where, what, and how it stands.
fn pingbacks(rig: &Rig) -> Vec<(String, String, String)> {
    let connection = catalog_of(rig);
    let mut statement = connection.prepare("SELECT uri, body, state FROM pingbacks ORDER BY number").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn catalog_of(rig: &Rig) -> Connection {
    Connection::open(rig.folder.path().join("catalog.db")).unwrap()
}

async fn put(rig: &Rig, message_token: &str, pingback_uri: &str) -> Reply {
    let sharing = json!({"sharing_message_token": message_token, "pingback_uri": pingback_uri});
    rig.ask("PUT", SNAPSHOTS, &json!({"request": {"analytics": {"sharing": sharing}}}).to_string()).await
}

fn token_of(reply: &Reply, status: u16) -> String {
    let token = &reply.data(status)["sharing_analytics_snapshot"]["sharing_analytics_snapshot_token"];
    token.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_finished_snapshot_queues_its_pingback_once() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[]);
    let token = token_of(&put(&rig, "m1", URI).await, 201);
    assert_eq!(pingbacks(&rig), []);
    rig.pass(86);
    assert_eq!(rig.make_snapshots(), 1);
    assert_eq!(rig.make_snapshots(), 0);
    let queued = pingbacks(&rig);
    let [(uri, body, state)] = queued.as_slice() else { panic!("not one pingback: {queued:?}") };
    assert_eq!((uri.as_str(), state.as_str()), (URI, "waiting"));
    let body: Value = serde_json::from_str(body).unwrap();
    let details = rig.details(&token).await;
    let told = &body["response"]["result"]["data"]["sharing_analytics_snapshot"];
    for member in ["sharing_analytics_snapshot_token", "date_initiated", "date_finished", "sharing_message"] {
        assert_eq!(told[member], details[member]);
    }
    assert_eq!(told.as_object().unwrap().len(), 4, "{told}");
}

#[tokio::test]
async fn a_snapshot_without_a_pingback_uri_tells_nobody() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[]);
    rig.put("m1").await.assert_status(201);
    assert_eq!(rig.make_snapshots(), 1);
    assert_eq!(pingbacks(&rig), []);
}

#[tokio::test]
async fn a_pending_snapshot_keeps_its_own_pingback_uri() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[]);
    let token = token_of(&put(&rig, "m1", URI).await, 201);
    assert_eq!(token_of(&put(&rig, "m1", "https://other.example.com/").await, 207), token);
    assert_eq!(rig.make_snapshots(), 1);
    let uris: Vec<String> = pingbacks(&rig).into_iter().map(|(uri, _, _)| uri).collect();
    assert_eq!(uris, [URI]);
}

#[tokio::test]
async fn a_deleted_snapshot_tells_nobody_any_more() {
    let rig = Rig::new();
    for message in ["m1", "m2"] {
        rig.keep_message(&rig.demo, message, &[]);
    }
    let delete = |token: String| format!("{}?confirm_deletion=true", path_of(&token));
    let pending = token_of(&put(&rig, "m1", URI).await, 201);
    rig.ask("DELETE", &delete(pending), "").await.assert_status(200);
    let finished = token_of(&put(&rig, "m2", URI).await, 201);
    assert_eq!(rig.make_snapshots(), 1);
    rig.ask("DELETE", &delete(finished), "").await.assert_status(200);
    let states: Vec<String> = pingbacks(&rig).into_iter().map(|(_, _, state)| state).collect();
    assert_eq!(states, ["cancelled"]);
}

#[tokio::test]
async fn one_that_cannot_be_made_holds_up_no_other_and_is_tried_again() {
    let rig = Rig::new();
    for message in ["m1", "m2"] {
        rig.keep_message(&rig.demo, message, &[publication(None, "u", "i", &[])]);
        rig.put(message).await.assert_status(201);
    }
    // As damage would: the message is gone, and its snapshot still waits.
    let connection = catalog_of(&rig);
    connection.execute("UPDATE messages SET token = 'away' WHERE token = 'm1'", []).unwrap();
    assert_eq!(rig.make_snapshots(), 1, "the other one");
    rig.pass(4);
    assert_eq!(rig.make_snapshots(), 0, "it waits for its time");
    let failures: u32 = connection
        .query_row("SELECT failures FROM snapshots WHERE finished_at IS NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(failures, 1, "it is not tried again and again");
    connection.execute("UPDATE messages SET token = 'm1' WHERE token = 'away'", []).unwrap();
    rig.pass(2);
    assert_eq!(rig.make_snapshots(), 1);
}

#[tokio::test]
async fn a_snapshot_whose_bytes_are_damaged_is_not_answered() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[]);
    let token = rig.initiate("m1").await;
    assert_eq!(rig.make_snapshots(), 1);
    let damage = "UPDATE snapshots SET body = substr(body, 1, length(body) - 1)";
    catalog_of(&rig).execute(damage, []).unwrap();
    rig.get(&path_of(&token)).await.error(503);
    rig.get(SNAPSHOTS).await.assert_status(200);
}
