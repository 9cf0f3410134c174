//! Short URLs: the documented examples, making, lists with counts, deleting.

use serde_json::{Value, json};
use tallyhouse_model::{Key, SECOND};

use super::messages::{for_user, tracked};
use super::rig::{NOW, Rig, SHORTURLS};

/// A request for a short URL.
pub fn shorturl(original_url: &str) -> String {
    json!({ "request": { "shorturl": { "original_url": original_url } } }).to_string()
}

impl Rig {
    /// Makes a short URL; its token.
    pub async fn shorten(&self, original_url: &str) -> String {
        let data = self.ask("POST", SHORTURLS, &shorturl(original_url)).await.data(201);
        data["shorturl"]["shorturl_token"].as_str().unwrap().to_owned()
    }

    /// Follows a short URL from a page.
    pub async fn follow(&self, token: &str, page: &str) {
        let headers = [("referer", page)];
        let reply = self.request("GET", &format!("/s/{token}"), &headers, "").await;
        assert_eq!(reply.status, 302, "{}", reply.text);
    }
}

const DATE: &str = "Fri, 27 Jan 2012 16:08:37 +0100";

#[tokio::test]
async fn a_short_url_is_made_and_read_as_documented() {
    let rig = Rig::new();
    let made = rig.ask("POST", SHORTURLS, &shorturl("http://www.example.com")).await;
    let token = made.data(201)["shorturl"]["shorturl_token"].as_str().unwrap().to_owned();
    assert!(token.len() == 8 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    let shown = format!(
        r#""shorturl_token":"{token}","original_url":"http://www.example.com","short_url":"https://go.example.com/{token}","date_creation":"{DATE}""#
    );
    assert_eq!(
        made.text,
        format!(
            r#"{{"response":{{"request":{{"date":"{DATE}","resource":"/shorturls.json","status":{{"flag":"success","code":201,"info":"The short URL has been created"}}}},"result":{{"data":{{"shorturl":{{{shown},"num_referrals":0}}}}}}}}}}"#
        )
    );
    rig.pass(1);
    rig.follow(&token, "http://www.facebook.com/").await;
    rig.pass(1);
    rig.follow(&token, "").await;
    let url = format!("/shorturls/{token}.json");
    assert_eq!(
        rig.get(&url).await.text,
        format!(
            r#"{{"response":{{"request":{{"date":"Fri, 27 Jan 2012 16:08:39 +0100","resource":"{url}","status":{{"flag":"success","code":200,"info":"Your request has been processed successfully"}}}},"result":{{"data":{{"shorturl":{{{shown},"date_last_referral":"Fri, 27 Jan 2012 16:08:39 +0100","num_referrals":2,"referrals":{{"count":2,"entries":[{{"page":"http://www.facebook.com/","ip_address":null,"date_creation":"Fri, 27 Jan 2012 16:08:38 +0100"}},{{"page":null,"ip_address":null,"date_creation":"Fri, 27 Jan 2012 16:08:39 +0100"}}]}}}}}}}}}}}}"#
        )
    );
}

#[tokio::test]
async fn short_urls_are_listed_with_their_counts() {
    let rig = Rig::new();
    let first = rig.shorten("http://one.example").await;
    rig.pass(1);
    let second = rig.shorten("http://two.example").await;
    rig.pass(1);
    rig.post_message(&for_user(&["facebook"], &tracked("http://three.example"))).await;
    for _ in 0..3 {
        rig.follow(&second, "").await;
    }
    let list = rig.get(SHORTURLS).await.data(200)["shorturls"].take();
    assert_eq!(
        list["pagination"],
        json!({ "current_page": 1, "total_pages": 1, "entries_per_page": 250, "total_entries": 3, "order": { "field": "date_creation", "direction": "asc" } })
    );
    assert_eq!(list["count"], 3);
    let of = |at: usize| (&list["entries"][at]["original_url"], &list["entries"][at]["num_referrals"]);
    assert_eq!(of(0), (&json!("http://one.example"), &json!(0)));
    assert_eq!(of(1), (&json!("http://two.example"), &json!(3)));
    assert_eq!(of(2), (&json!("http://three.example"), &json!(0)));
    assert_eq!(list["entries"][0].get("date_last_referral"), None);
    assert_eq!(list["entries"][1]["date_last_referral"], "Fri, 27 Jan 2012 16:08:39 +0100");
    let page = rig.get("/shorturls.json?entries_per_page=2&page=2&order_direction=desc").await.data(200);
    assert_eq!(page["shorturls"]["entries"][0]["shorturl_token"], first);
    assert_eq!(page["shorturls"]["count"], 1);
}

#[tokio::test]
async fn an_empty_list_of_short_urls_has_its_members_as_well() {
    let rig = Rig::new();
    let list = rig.get(SHORTURLS).await.data(200)["shorturls"].take();
    assert_eq!((&list["count"], &list["entries"]), (&json!(0), &json!([])));
    assert_eq!(list["pagination"]["total_pages"], 1);
}

#[tokio::test]
async fn the_same_url_gets_another_short_one_each_time() {
    let rig = Rig::new();
    let [one, two] = [rig.shorten("http://a.example").await, rig.shorten("http://a.example").await];
    assert_ne!(one, two);
}

#[tokio::test]
async fn only_urls_of_the_web_are_made_short() {
    let rig = Rig::new();
    for (url, problem) in [
        ("", "is missing"),
        ("www.example.com", "has to begin with http:// or https://"),
        ("javascript:alert(1)", "has to begin with http:// or https://"),
        ("JavaScript://a.example/%0aalert(1)", "has to begin with http:// or https://"),
        ("data:text/html,<script>", "has to begin with http:// or https://"),
        ("http://a.example/\r\nSet-Cookie: a=b", "has spaces or control characters"),
        ("http://a.example/\u{7f}", "has spaces or control characters"),
        ("http:///a", "has no host"),
        (&format!("http://a.example/{}", "x".repeat(2032)), "has more than 2048 bytes"),
    ] {
        let error = rig.ask("POST", SHORTURLS, &shorturl(url)).await.error(400);
        assert_eq!(error, format!("request.shorturl.original_url {problem}"), "{url:?}");
    }
    for (body, problem) in [
        ("", "the body is not JSON: "),
        ("{}", "request is missing"),
        (r#"{"request":{}}"#, "request.shorturl is missing"),
        (r#"{"request":{"shorturl":{}}}"#, "request.shorturl.original_url is missing"),
        (
            r#"{"request":{"shorturl":{"original_url":7}}}"#,
            "request.shorturl.original_url has to be a string",
        ),
    ] {
        let error = rig.ask("POST", SHORTURLS, body).await.error(400);
        assert!(error.starts_with(problem), "{error}");
    }
    assert_eq!(rig.get(SHORTURLS).await.data(200)["shorturls"]["pagination"]["total_entries"], 0);
}

#[tokio::test]
async fn a_short_url_is_deleted_only_by_its_site_and_where_that_is_confirmed() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    let url = format!("/shorturls/{token}.json");
    rig.ask("DELETE", &url, "").await.error(400);
    for site in [&rig.other, &rig.foreign] {
        let reply = rig.ask_as(site, "GET", &url, "").await;
        assert_eq!(reply.error(404), "there is no such short URL");
        rig.ask_as(site, "DELETE", &format!("{url}?confirm_deletion=true"), "").await.error(404);
    }
    rig.follow(&token, "").await;
    let deleted = rig.ask("DELETE", &format!("{url}?confirm_deletion=true"), "").await;
    deleted.assert_status(200);
    assert_eq!(deleted.json()["response"].get("result"), None);
    rig.get(&url).await.error(404);
    rig.ask("DELETE", &format!("{url}?confirm_deletion=true"), "").await.error(404);
    assert_eq!(
        rig.request("GET", &format!("/s/{token}"), &[], "").await.error(404),
        "there is no such short URL"
    );
}

#[tokio::test]
async fn details_show_the_latest_thousand_referrals_and_count_all() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    let line = |number: u64| {
        let mut id = Key::default();
        id[8..].copy_from_slice(&number.to_be_bytes());
        let id = tallyhouse_model::render_uuid(&id);
        let (minutes, seconds) = (number / 60, number % 60);
        json!({ "referral_id": id, "shorturl_token": token, "target": "http://a.example",
            "page": format!("http://page.example/{number}"), "ip_address": "192.0.2.7",
            "occurred_at": format!("2012-01-27T14:{minutes:02}:{seconds:02}Z") })
        .to_string()
    };
    // Sent back to front, since nothing says that they come in order.
    let lines: Vec<String> = (0..1_002).rev().map(line).collect();
    rig.send("referrals", &lines.join("\n")).await;
    let data = rig.get(&format!("/shorturls/{token}.json")).await.data(200)["shorturl"].take();
    assert_eq!((&data["num_referrals"], &data["referrals"]["count"]), (&json!(1_002), &json!(1_002)));
    let entries: &Vec<Value> = data["referrals"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1_000);
    let entry = |number: u32, date: &str| json!({ "page": format!("http://page.example/{number}"), "ip_address": "192.0.2.7", "date_creation": date });
    assert_eq!(entries[0], entry(2, "Fri, 27 Jan 2012 15:00:02 +0100"));
    assert_eq!(entries[999], entry(1_001, "Fri, 27 Jan 2012 15:16:41 +0100"));
    assert_eq!(data["date_last_referral"], "Fri, 27 Jan 2012 15:16:41 +0100");
    assert_eq!((rig.state.clock)() % SECOND, NOW % SECOND);
}
