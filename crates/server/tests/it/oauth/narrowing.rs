//! Tokens that are confined to contents or channels: the narrowing is in the credential, whatever kind of token it is, and
//! what cannot be confined is refused.

use axum::http::Request;
use serde_json::{Value, json};
use tallyhouse_server::catalog::{CatalogError, ClientRequest, NARROWING_IDS_MAX, Narrowing, Scope};

use super::rig::{Rig, VIEWS, now, part};

fn narrowing() -> Narrowing {
    Narrowing { content_ids: Some(vec![5, 9_223_372_036_854_775_807]), channel_ids: Some(vec![7]) }
}

#[tokio::test]
async fn every_kind_of_token_carries_the_narrowing_of_what_it_was_made_from() {
    let rig = Rig::new();
    let client = rig.narrow_client(&[Scope::Read], narrowing());
    let granted = rig.grant(&client).await;
    let refresh_token = granted.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let jwt = rig.jwt(&client).await;
    assert_eq!(part(&jwt, 1)["content_ids"], json!([5, 9_223_372_036_854_775_807_u64]));
    for token in [
        rig.static_token(&[Scope::Read], narrowing()),
        granted.text("access_token"),
        rig.ask(&client, &fields).await.text("access_token"),
        jwt,
    ] {
        for _ in 0..2 {
            assert_eq!(rig.credential(&token, now).unwrap().narrowing, narrowing());
        }
    }
}

#[tokio::test]
async fn the_largest_narrowing_fits_into_a_jwt() {
    let rig = Rig::new();
    let ids: Vec<u64> = (0..NARROWING_IDS_MAX as u64).map(|id| i64::MAX as u64 - id).collect();
    let largest = Narrowing { content_ids: Some(ids), channel_ids: None };
    let token = rig.jwt(&rig.narrow_client(&[Scope::Read], largest.clone())).await;
    assert_eq!(rig.credential(&token, now).unwrap().narrowing, largest);
    let ids = vec![1; NARROWING_IDS_MAX];
    let narrowing = Narrowing { content_ids: Some(ids), channel_ids: Some(vec![1]) };
    let request = ClientRequest { account: rig.account, scopes: vec![Scope::Read], narrowing, label: None };
    let refused = rig.catalog().create_client(&request, now());
    assert!(matches!(refused, Err(CatalogError::NarrowingTooLong(257))));
}

#[tokio::test]
async fn only_what_reads_can_be_confined() {
    let rig = Rig::new();
    for scopes in [vec![Scope::Append], vec![Scope::Read, Scope::Append], vec![Scope::Admin]] {
        let request = ClientRequest { account: rig.account, scopes, narrowing: narrowing(), label: None };
        assert!(matches!(rig.catalog().create_client(&request, now()), Err(CatalogError::NarrowedScope)));
    }
}

#[tokio::test]
async fn urls_that_cannot_be_confined_refuse_a_narrowed_token() {
    let rig = Rig::new();
    let file = rusqlite::Connection::open(rig.folder.path().join("catalog.db")).unwrap();
    let whole = rig.static_token(&[Scope::Read, Scope::Append, Scope::Admin], Narrowing::default());
    let narrow = rig.static_token(&[Scope::Read], narrowing());
    // As a provider could be configured; the command line refuses to make one.
    file.execute("UPDATE tokens SET scopes = 'read append admin'", []).unwrap();
    for path in ["/v0/export?name=view_segments", "/v0/quarantine"] {
        assert_eq!(rig.get(path, &format!("Bearer {whole}")).await.status, 200, "{path}");
        let reply = rig.get(path, &format!("Bearer {narrow}")).await;
        assert_eq!(reply.status, 403, "{path}");
        assert!(reply.body["error"].as_str().unwrap().contains("confined"), "{reply:?}");
    }
    let reply = rig.post_at(now, "/v0/events?name=view_segments", &narrow, &[]).await;
    assert_eq!(reply.status, 403);
}

/// Sends a segment of each of these contents and channels.
async fn send_segments(rig: &Rig, segments: &[(u64, u64)]) {
    let segment = |(number, (content, channel)): (usize, &(u64, u64))| {
        let segment = json!({
            "view_id": format!("00000000-0000-4000-8000-{number:012x}"), "content_type": "recorded",
            "content_id": content, "channel_id": channel, "started_at": "2026-11-16T10:00:00Z",
            "finished_at": "2026-11-16T10:01:00Z", "client_id": "c", "view_session_id": number.to_string(),
            "viewer_identifier": format!("viewer-{number}"),
        });
        format!("{segment}\n")
    };
    let lines: String = segments.iter().enumerate().map(segment).collect();
    let token = rig.static_token(&[Scope::Append], Narrowing::default());
    let request = Request::post("/v0/events?name=view_segments&wait=true").header("authorization", token);
    let reply = rig.request(now, request.body(lines.into()).unwrap()).await;
    assert_eq!(reply.body, json!({ "successful_rows": segments.len(), "quarantined_rows": 0 }));
}

#[tokio::test]
async fn whatever_is_asked_the_answer_is_about_the_confined_part_alone() {
    let rig = Rig::new();
    send_segments(&rig, &[(5, 7), (5, 8), (6, 7), (5, 7)]).await;
    let narrowing = Narrowing { content_ids: Some(vec![5]), channel_ids: Some(vec![7]) };
    let narrow = rig.client(&[Scope::Read]);
    let whole = rig.jwt(&narrow).await;
    let narrow = rig.jwt(&rig.narrow_client(&[Scope::Read], narrowing)).await;
    let count = async |token: &str, path: &str| -> Value {
        let reply = rig.get(&VIEWS.replace("/views", path), token).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        match path.ends_with("summary") {
            true => reply.body["data"][0]["attributes"]["value"].clone(),
            false => reply.body["pagination"]["count"].clone(),
        }
    };
    for path in
        ["/views", "/views/recorded", "/viewers", "/total-views/summary", "/authenticated-viewers/summary"]
    {
        assert_eq!((count(&whole, path).await, count(&narrow, path).await), (json!(4), json!(2)), "{path}");
    }
    let other = format!("{}&content_id=6", VIEWS.replace("/views", "/views/recorded"));
    assert_eq!(rig.get(&other, &narrow).await.body["data"], json!([]), "asking for more does not help");
}
