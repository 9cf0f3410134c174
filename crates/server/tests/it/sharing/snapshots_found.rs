//! What snapshots find: the documented example, what is frozen, and which publication a reaction counts for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::published::{path_of, publication};
use super::rig::{NOW, Rig};

/// A reaction to the message `m1` as a line of a record.
pub fn reaction(id: &str, provider: &str, kind: &str, more: Value) -> String {
    let mut record = json!({
        "reaction_id": id, "sharing_message_token": "m1", "provider": provider, "kind": kind,
        "occurred_at": "2012-01-26T12:00:00Z",
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record.to_string()
}

/// The lines of several records.
fn lines(records: &[String]) -> String {
    records.join("\n")
}

/// The counts of the four lists of a publication.
fn counts(entry: &Value) -> [u64; 4] {
    let snapshot = &entry["publication_snapshot"];
    ["urls", "likes", "comments", "retweets"].map(|list| snapshot[list]["count"].as_u64().unwrap())
}

/// 12 referrals and 2 retweets on one network; 63 referrals, 5 likes and 4 comments on the other.
fn documented_reactions() -> Vec<String> {
    let mut records = Vec::new();
    for (provider, referrals) in [("twitter", 12), ("facebook", 63)] {
        for number in 0..referrals {
            let target =
                json!({"target": if number % 3 == 0 { "http://b.example/" } else { "http://a.example/" }});
            records.push(reaction(&format!("{provider}-{number}"), provider, "referral", target));
        }
    }
    for number in 0..2 {
        let by = json!({
            "username": format!("bird{number}"), "profile_url": format!("http://t.example/{number}"),
            "num_followers": 10 * number, "date_member_since": "2010-05-01T00:00:00Z",
        });
        records.push(reaction(&format!("retweet-{number}"), "twitter", "retweet", by));
    }
    for number in 0..5 {
        records.push(reaction(
            &format!("like-{number}"),
            "facebook",
            "like",
            json!({"username": format!("fan{number}")}),
        ));
    }
    for number in 0..4 {
        let comment = json!({"content": format!("\"{number}\""), "occurred_at": format!("2012-01-26T12:00:0{number}Z")});
        records.push(reaction(&format!("comment-{number}"), "facebook", "comment", comment));
    }
    records
}

#[tokio::test]
async fn details_are_those_of_the_documented_example() {
    let rig = Rig::new();
    let publications =
        [publication(Some("twitter"), "u", "i1", &[]), publication(Some("facebook"), "u", "i2", &[])];
    rig.keep_message(&rig.demo, "m1", &publications);
    rig.send("reactions", &lines(&documented_reactions())).await;
    let token = rig.initiate("m1").await;
    rig.pass(86);
    assert_eq!(rig.make_snapshots(), 1);
    let reply = rig.get(&path_of(&token)).await;
    let head = format!(
        concat!(
            r#""data":{{"sharing_analytics_snapshot":{{"sharing_analytics_snapshot_token":"{}","#,
            r#""date_initiated":"Fri, 27 Jan 2012 16:08:37 +0100","status":"processed","#,
            r#""date_finished":"Fri, 27 Jan 2012 16:10:03 +0100","sharing_message":{{"sharing_message_token":"m1","#,
            r#""date_creation":"Fri, 27 Jan 2012 16:08:37 +0100","date_last_published":"Fri, 27 Jan 2012 16:08:37 +0100"}},"#,
            r#""publication_snapshots":{{"count":2,"entries":[{{"publication":{{"provider":"twitter","user_token":"u","#,
            r#""identity_token":"i1","date_publication":"Fri, 27 Jan 2012 16:08:37 +0100","status":"#
        ),
        token
    );
    assert!(reply.text.contains(&head), "{}", reply.text);
    let twitter = concat!(
        r#""publication_snapshot":{"date_processed":"Fri, 27 Jan 2012 16:10:03 +0100","#,
        r#""status":{"flag":"success","code":200,"message":"The reactions to this publication were counted"},"#,
        r#""urls":{"count":2,"entries":[{"target":"http://a.example/","num_referrals":8},"#,
        r#"{"target":"http://b.example/","num_referrals":4}]},"likes":{"count":0,"entries":[]},"#,
        r#""comments":{"count":0,"entries":[]},"retweets":{"count":2,"entries":["#,
        r#"{"username":"bird0","profileUrl":"http://t.example/0","num_followers":0,"#,
        r#""date_member_since":"Sat, 01 May 2010 01:00:00 +0100"},"#,
        r#"{"username":"bird1","profileUrl":"http://t.example/1","num_followers":10,"#,
        r#""date_member_since":"Sat, 01 May 2010 01:00:00 +0100"}]}}"#
    );
    assert!(reply.text.contains(twitter), "{}", reply.text);
    let facebook = concat!(
        r#""urls":{"count":2,"entries":[{"target":"http://a.example/","num_referrals":42},"#,
        r#"{"target":"http://b.example/","num_referrals":21}]},"likes":{"count":5,"entries":["#,
        r#"{"username":"fan0","profileUrl":null},{"username":"fan1","profileUrl":null},"#,
        r#"{"username":"fan2","profileUrl":null},{"username":"fan3","profileUrl":null},"#,
        r#"{"username":"fan4","profileUrl":null}]},"comments":{"count":4,"entries":["#,
        r#"{"date":"Thu, 26 Jan 2012 13:00:00 +0100","content":"\"0\"","username":null,"profileUrl":null},"#
    );
    assert!(reply.text.contains(facebook), "{}", reply.text);
}

#[tokio::test]
async fn what_arrives_later_does_not_change_a_snapshot() {
    let rig = Rig::new();
    let message =
        rig.keep_message(&rig.demo, "m1", &[publication(Some("twitter"), "u", "i1", &["http://a.example/"])]);
    rig.send("reactions", &reaction("r1", "twitter", "like", json!({"username": "first"}))).await;
    let token = rig.initiate("m1").await;
    assert_eq!(rig.make_snapshots(), 1);
    let before = rig.get(&path_of(&token)).await.data(200);
    let later = lines(&[
        reaction("r1", "twitter", "like", json!({"username": "other"})),
        reaction("r2", "twitter", "like", json!({})),
    ]);
    rig.send("reactions", &later).await;
    rig.send("referrals", &click(&message.publications[0].shorturls[0].token, 1, "http://a.example/")).await;
    rig.pass(60);
    let (catalog, site) = (&rig.state.catalog, rig.demo.site.number);
    let more = [publication(Some("facebook"), "u", "i2", &[])];
    catalog.republish_message(site, "m1", &more, NOW + 1, &mut || (rig.state.ids)()).unwrap();
    assert_eq!(rig.get(&path_of(&token)).await.data(200), before);
    rig.make_snapshots();
    assert!(catalog.delete_message(site, "m1").unwrap());
    assert_eq!(rig.get(&path_of(&token)).await.data(200), before);
}

#[tokio::test]
async fn what_a_snapshot_found_keeps_its_zone_and_the_rest_is_shown_in_that_of_today() {
    let mut rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[publication(Some("twitter"), "u", "i", &[])]);
    rig.send("reactions", &reaction("r1", "twitter", "comment", json!({}))).await;
    let token = rig.initiate("m1").await;
    assert_eq!(rig.make_snapshots(), 1);
    let mut config = (*rig.state.config).clone();
    config.sharing.zone = "-0500".to_owned();
    rig.state.config = Arc::new(config);
    let details = rig.details(&token).await;
    for date in ["/date_initiated", "/date_finished", "/sharing_message/date_creation"] {
        assert_eq!(details.pointer(date).unwrap(), "Fri, 27 Jan 2012 10:08:37 -0500", "{date}");
    }
    let entry = &details["publication_snapshots"]["entries"][0];
    assert_eq!(entry["publication"]["date_publication"], "Fri, 27 Jan 2012 16:08:37 +0100");
    assert_eq!(entry["publication_snapshot"]["date_processed"], "Fri, 27 Jan 2012 16:08:37 +0100");
    let comment = &entry["publication_snapshot"]["comments"]["entries"][0];
    assert_eq!(comment["date"], "Thu, 26 Jan 2012 13:00:00 +0100");
}

#[tokio::test]
async fn a_snapshot_says_when_its_message_was_last_published_before_it_was_made() {
    let rig = Rig::new();
    let publications = [publication(Some("twitter"), "u", "i1", &[])];
    rig.keep_message(&rig.demo, "m1", &publications);
    let token = rig.initiate("m1").await;
    let (catalog, site, mut ids) = (&rig.state.catalog, rig.demo.site.number, || (rig.state.ids)());
    rig.pass(10);
    catalog.republish_message(site, "m1", &publications, (rig.state.clock)(), &mut ids).unwrap();
    let of = |details: &Value| details["sharing_message"]["date_last_published"].as_str().unwrap().to_owned();
    assert_eq!(of(&rig.details(&token).await), "Fri, 27 Jan 2012 16:08:37 +0100");
    assert_eq!(rig.make_snapshots(), 1);
    assert_eq!(of(&rig.details(&token).await), "Fri, 27 Jan 2012 16:08:47 +0100");
}

#[tokio::test]
async fn reactions_count_for_the_first_publication_of_their_network() {
    let rig = Rig::new();
    let publications = [
        publication(Some("twitter"), "u1", "i1", &[]),
        publication(Some("twitter"), "u2", "i2", &[]),
        publication(Some("facebook"), "u1", "i3", &[]),
    ];
    rig.keep_message(&rig.demo, "m1", &publications);
    let records =
        ["twitter", "facebook", "linkedin"].map(|provider| reaction(provider, provider, "like", json!({})));
    rig.send("reactions", &lines(&records)).await;
    let found = rig.found("m1").await;
    let entries = found["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(counts).collect::<Vec<_>>(), [[0, 1, 0, 0], [0; 4], [0, 1, 0, 0]]);
}

#[tokio::test]
async fn reactions_of_other_networks_count_for_the_first_publication_whose_network_is_not_known() {
    let rig = Rig::new();
    let publications = [
        publication(Some("twitter"), "u1", "i1", &[]),
        publication(None, "u2", "i2", &[]),
        publication(None, "u1", "i3", &[]),
    ];
    rig.keep_message(&rig.demo, "m1", &publications);
    let records =
        ["twitter", "facebook", "linkedin"].map(|provider| reaction(provider, provider, "like", json!({})));
    rig.send("reactions", &lines(&records)).await;
    let found = rig.found("m1").await;
    let entries = found["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(counts).collect::<Vec<_>>(), [[0, 1, 0, 0], [0, 2, 0, 0], [0; 4]]);
}

/// A click on a short URL as a line of a record.
pub fn click(shorturl_token: &str, number: u64, target: &str) -> String {
    json!({
        "referral_id": format!("00000000-0000-4000-8000-{number:012}"), "shorturl_token": shorturl_token,
        "sharing_message_token": "m1", "target": target, "occurred_at": "2012-01-26T12:00:00Z",
    })
    .to_string()
}

#[tokio::test]
async fn clicks_count_for_the_publication_that_the_short_url_was_made_for() {
    let rig = Rig::new();
    let publications = [
        publication(Some("twitter"), "u1", "i1", &["http://a.example/"]),
        publication(Some("twitter"), "u2", "i2", &["http://a.example/", "http://b.example/"]),
    ];
    let message = rig.keep_message(&rig.demo, "m1", &publications);
    let shorturl =
        |publication: usize, at: usize| message.publications[publication].shorturls[at].token.clone();
    let clicks = [
        click(&shorturl(0, 0), 1, "http://a.example/"),
        click(&shorturl(1, 0), 2, "http://a.example/"),
        click(&shorturl(1, 1), 3, "http://b.example/"),
        click(&shorturl(1, 1), 4, "http://b.example/"),
        click("unknown", 5, "http://b.example/"),
    ];
    rig.send("referrals", &lines(&clicks)).await;
    // Reactions of the same network count for its first publication, those of the same target together with the clicks.
    let records = [("r1", json!({"target": "http://a.example/"})), ("r2", json!({}))];
    let records = records.map(|(id, more)| reaction(id, "twitter", "referral", more));
    rig.send("reactions", &lines(&records)).await;
    let found = rig.found("m1").await;
    let urls = |at: usize| found["entries"][at]["publication_snapshot"]["urls"].clone();
    assert_eq!(
        urls(0),
        json!({"count": 2, "entries": [
            {"target": "http://a.example/", "num_referrals": 2}, {"target": null, "num_referrals": 1}]})
    );
    assert_eq!(
        urls(1),
        json!({"count": 2, "entries": [
            {"target": "http://b.example/", "num_referrals": 2}, {"target": "http://a.example/", "num_referrals": 1}]})
    );
    let shorturls = &found["entries"][1]["publication"]["shorturls"];
    let referrals = [0, 1].map(|at| shorturls["entries"][at]["num_referrals"].as_u64().unwrap());
    assert_eq!(referrals, [1, 2]);
}

#[tokio::test]
async fn clicks_led_to_where_their_short_url_leads_whatever_they_say() {
    let rig = Rig::new();
    let publications =
        [publication(Some("twitter"), "u1", "i1", &["http://a.example/", "http://b.example/"])];
    let shorturls = &rig.keep_message(&rig.demo, "m1", &publications).publications[0].shorturls;
    let clicks = [
        click(&shorturls[0].token, 1, "http://b.example/"),
        click(&shorturls[0].token, 2, "http://elsewhere.example/"),
        click(&shorturls[1].token, 3, "http://elsewhere.example/"),
    ];
    rig.send("referrals", &lines(&clicks)).await;
    let found = rig.found("m1").await;
    assert_eq!(
        found["entries"][0]["publication_snapshot"]["urls"],
        json!({"count": 2, "entries": [
            {"target": "http://a.example/", "num_referrals": 2}, {"target": "http://b.example/", "num_referrals": 1}]})
    );
}

#[tokio::test]
async fn reactions_of_another_account_or_message_do_not_count() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[publication(Some("twitter"), "u", "i", &[])]);
    rig.keep_message(&rig.foreign, "m2", &[publication(Some("twitter"), "u", "i", &[])]);
    let other = reaction("r1", "twitter", "like", json!({"sharing_message_token": "m2"}));
    rig.send("reactions", &other).await;
    assert_eq!(counts(&rig.found("m1").await["entries"][0]), [0; 4]);
    let body = super::published::request_for("m2");
    let data = rig.ask_as(&rig.foreign, "PUT", super::rig::SNAPSHOTS, &body).await.data(201);
    let token =
        data["sharing_analytics_snapshot"]["sharing_analytics_snapshot_token"].as_str().unwrap().to_owned();
    assert_eq!(rig.make_snapshots(), 1);
    let details = rig.ask_as(&rig.foreign, "GET", &path_of(&token), "").await.data(200);
    let entry = &details["sharing_analytics_snapshot"]["publication_snapshots"]["entries"][0];
    assert_eq!(counts(entry), [0; 4], "the reaction is of the first account");
}

#[tokio::test]
async fn a_reaction_that_is_replaced_or_deleted_before_counts_as_it_is_then() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[publication(Some("twitter"), "u", "i", &[])]);
    let records = ["r1", "r2", "r3"].map(|id| reaction(id, "twitter", "like", json!({})));
    rig.send("reactions", &lines(&records)).await;
    rig.send("reactions", &reaction("r1", "twitter", "comment", json!({"content": "well"}))).await;
    rig.send("reactions", &json!({"reaction_id": "r2", "deleted": true}).to_string()).await;
    assert_eq!(counts(&rig.found("m1").await["entries"][0]), [0, 1, 1, 0]);
}

#[tokio::test]
async fn a_snapshot_of_megabytes_is_sent_whole_with_its_length() {
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[publication(Some("facebook"), "u", "i1", &[])]);
    // Every character of a content is escaped, so that pieces end within escapes.
    let content = "\"\u{e9}".repeat(5_000);
    let comments: Vec<String> = (0..100)
        .map(|number| {
            let at = format!("2012-01-26T12:{:02}:{:02}Z", number / 60, number % 60);
            json!({ "reaction_id": number, "sharing_message_token": "m1", "provider": "facebook",
                "kind": "comment", "occurred_at": at, "content": content })
            .to_string()
        })
        .collect();
    rig.send("reactions", &lines(&comments)).await;
    let token = rig.initiate("m1").await;
    assert_eq!(rig.make_snapshots(), 1);
    let reply = rig.get(&path_of(&token)).await;
    assert!(reply.text.len() > 1 << 20);
    assert_eq!(reply.header("content-length"), Some(reply.text.len().to_string().as_str()));
    let data = reply.data(200);
    let found = &data["sharing_analytics_snapshot"]["publication_snapshots"]["entries"][0];
    let comments = &found["publication_snapshot"]["comments"];
    assert_eq!((&comments["count"], comments["entries"].as_array().unwrap().len()), (&json!(100), 100));
    assert!(comments["entries"].as_array().unwrap().iter().all(|comment| comment["content"] == *content));
}
