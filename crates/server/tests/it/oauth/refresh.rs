//! Refresh tokens: they work once, a repeated request is understood, and one in two hands is of no use to either.

use tallyhouse_server::catalog::Scope;

use super::rig::{Client, Clock, Reply, Rig, a_day_later, now, thirty_days_later, two_days_later};

async fn refresh_at(rig: &Rig, clock: Clock, client: &Client, token: &str) -> Reply {
    rig.ask_at(clock, client, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn refresh(rig: &Rig, client: &Client, token: &str) -> Reply {
    refresh_at(rig, now, client, token).await
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_of_either_form() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let first = rig.grant(&client).await;
    let second = refresh_at(&rig, a_day_later, &client, &first.text("refresh_token")).await;
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    assert!(rig.is_valid(&second.text("access_token"), a_day_later));
    assert!(!rig.is_valid(&second.text("access_token"), two_days_later));
    let refresh_token = second.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &refresh_token), ("token_type", "jwt")];
    let third = rig.ask_at(a_day_later, &client, &fields).await;
    assert!(
        third.text("access_token").contains('.') && rig.is_valid(&third.text("access_token"), a_day_later)
    );
}

#[tokio::test]
async fn it_lives_thirty_days_each_and_belongs_to_its_client() {
    let rig = Rig::new();
    let (client, other) = (rig.client(&[Scope::Read]), rig.client(&[Scope::Read]));
    let token = rig.grant(&client).await.text("refresh_token");
    refresh(&rig, &other, &token).await.assert_error(400, "invalid_grant");
    refresh(&rig, &client, "unknown").await.assert_error(400, "invalid_grant");
    let wrong = Client { id: client.id.clone(), secret: other.secret.clone() };
    refresh(&rig, &wrong, &token).await.assert_error(400, "invalid_client");
    refresh_at(&rig, thirty_days_later, &client, &token).await.assert_error(400, "invalid_grant");
    let fresh = rig.grant(&client).await.text("refresh_token");
    let next = refresh_at(&rig, two_days_later, &client, &fresh).await.text("refresh_token");
    assert_eq!(refresh_at(&rig, thirty_days_later, &client, &next).await.status, 200);
}

#[tokio::test]
async fn a_client_that_never_got_the_answer_may_repeat_its_request() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let first = rig.grant(&client).await.text("refresh_token");
    refresh(&rig, &client, &first).await.text("refresh_token");
    let again = refresh(&rig, &client, &first).await.text("refresh_token");
    let next = refresh(&rig, &client, &again).await;
    assert!(rig.is_valid(&next.text("access_token"), now));
    assert_eq!(refresh(&rig, &client, &next.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_token_that_is_used_again_after_its_successor_was_takes_the_whole_grant_away() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let bystander = rig.grant(&client).await.text("access_token");
    let first = rig.grant(&client).await;
    let second = refresh(&rig, &client, &first.text("refresh_token")).await;
    let third = refresh(&rig, &client, &second.text("refresh_token")).await;
    refresh(&rig, &client, &first.text("refresh_token")).await.assert_error(400, "invalid_grant");
    for reply in [&first, &second, &third] {
        assert!(!rig.is_valid(&reply.text("access_token"), now));
    }
    refresh(&rig, &client, &third.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert!(rig.is_valid(&bystander, now), "other grants of the client stand");
}

#[tokio::test]
async fn of_two_successors_only_one_can_be_used() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let stolen = rig.grant(&client).await.text("refresh_token");
    let theirs = refresh(&rig, &client, &stolen).await.text("refresh_token");
    let ours = refresh(&rig, &client, &stolen).await.text("refresh_token");
    let used = refresh(&rig, &client, &ours).await.text("access_token");
    refresh(&rig, &client, &theirs).await.assert_error(400, "invalid_grant");
    assert!(!rig.is_valid(&used, now), "nobody knows who is who");
}

#[tokio::test]
async fn it_may_ask_for_less_and_for_all_again_but_never_for_more() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read, Scope::Append]);
    let mut token = rig.grant(&client).await.text("refresh_token");
    for (asked, granted) in [("append", "append"), ("", "read append")] {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", asked)];
        let reply = rig.ask(&client, &fields).await;
        assert_eq!(reply.text("scope"), granted);
        token = reply.text("refresh_token");
    }
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", "admin")];
    rig.ask(&client, &fields).await.assert_error(400, "invalid_scope");
    assert_eq!(refresh(&rig, &client, &token).await.status, 200, "a refused request uses nothing up");
}

#[tokio::test]
async fn refreshing_without_end_keeps_a_bounded_number_of_rows() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let mut token = rig.grant(&client).await.text("refresh_token");
    for _ in 0..80 {
        token = refresh(&rig, &client, &token).await.text("refresh_token");
    }
    let file = rusqlite::Connection::open(rig.folder.path().join("catalog.db")).unwrap();
    let rows: i64 = file.query_row("SELECT count(*) FROM refresh_tokens", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 64);
}
