//! Messages: the documented examples, what public clients send, publishing again, identities, lists, deleting.

use serde_json::{Value, json};
use tallyhouse_server::catalog::NewSite;

use super::rig::{MESSAGES, Rig, keys_of, token};

/// A request for a message for a user in some social networks.
pub fn for_user(providers: &[&str], parts: &Value) -> String {
    let publish_for_user =
        json!({ "user_token": "c1d82726-e81d-4e89-82af-fed19df8f64e", "providers": providers });
    let message = json!({ "publish_for_user": publish_for_user, "parts": parts });
    json!({ "request": { "sharing_message": message } }).to_string()
}

/// The same for an identity.
pub fn for_identity(identity_token: &str, parts: &Value) -> String {
    let publish_for_identity = json!({ "identity_token": identity_token });
    let message = json!({ "publish_for_identity": publish_for_identity, "parts": parts });
    json!({ "request": { "sharing_message": message } }).to_string()
}

/// The URL of a message.
pub fn message_url(token: &str) -> String {
    format!("/sharing/messages/{token}.json")
}

/// A text with tracking turned on.
pub fn tracked(body: &str) -> Value {
    json!({ "text": { "body": body }, "flags": { "enable_tracking": 1 } })
}

impl Rig {
    /// Publishes as a site; `sharing_message` of the answer.
    pub async fn post_message_as(&self, site: &NewSite, body: &str) -> Value {
        self.ask_as(site, "POST", MESSAGES, body).await.data(201)["sharing_message"].take()
    }

    /// Publishes as the site `demo`.
    pub async fn post_message(&self, body: &str) -> Value {
        self.post_message_as(&self.demo, body).await
    }
}

const DOCUMENTED_PARTS: &str = r#"{"text":{"body":"One API for many networks"},"picture":{"url":"http://cdn.example.com/grid.png"},"link":{"url":"http://www.example.com/","name":"example.com","caption":"Integration","description":"Easily integrate services"},"flags":{"enable_tracking":0}}"#;

/// `result.data` of the documented message; published again where a date says so.
fn documented_data(last_published: &str) -> String {
    format!(
        r#"{{"sharing_message":{{"sharing_message_token":"{token}","date_creation":"Fri, 27 Jan 2012 16:08:37 +0100","date_last_published":"{last_published}","parts":{DOCUMENTED_PARTS},"publications":{{"count":2,"entries":[{{"provider":"facebook","user_token":"c1d82726-e81d-4e89-82af-fed19df8f64e","identity_token":"b28ee77d-9d69-8562-a1bc-c4180c31453c","date_publication":"{last_published}","status":{{"flag":"success","code":200,"message":"The message has been published"}}}},{{"provider":"twitter","user_token":"c1d82726-e81d-4e89-82af-fed19df8f64e","identity_token":"939fa2f7-f053-88dc-ade4-d8db5d25b217","date_publication":"{last_published}","status":{{"flag":"success","code":200,"message":"The message has been published"}}}}]}}}}}}"#,
        token = token(1),
    )
}

fn envelope(date: &str, resource: &str, status: &str, data: &str) -> String {
    format!(
        r#"{{"response":{{"request":{{"date":"{date}","resource":"{resource}","status":{status}}},"result":{{"data":{data}}}}}}}"#
    )
}

const NOW: &str = "Fri, 27 Jan 2012 16:08:37 +0100";
const LATER: &str = "Fri, 27 Jan 2012 16:10:03 +0100";
const PUBLISHED: &str = r#"{"flag":"success","code":201,"info":"The sharing message has been published"}"#;
const SUCCESS: &str =
    r#"{"flag":"success","code":200,"info":"Your request has been processed successfully"}"#;

#[tokio::test]
async fn a_message_is_published_read_and_published_again_as_documented() {
    let rig = Rig::new();
    let parts: Value = serde_json::from_str(DOCUMENTED_PARTS).unwrap();
    let body = for_user(&["facebook", "twitter"], &parts);
    let published = rig.ask("POST", MESSAGES, &body).await;
    assert_eq!(published.status, 201);
    assert_eq!(published.text, envelope(NOW, MESSAGES, PUBLISHED, &documented_data(NOW)));
    rig.pass(86);
    let url = message_url(&token(1));
    let read = rig.get(&url).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.text, envelope(LATER, &url, SUCCESS, &documented_data(NOW)));
    // Without parts: those of a message never change.
    let again = rig.ask("POST", &url, &for_user(&["facebook", "twitter"], &Value::Null)).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.text, envelope(LATER, &url, PUBLISHED, &documented_data(LATER)));
    assert_eq!(rig.get(&url).await.text, envelope(LATER, &url, SUCCESS, &documented_data(LATER)));
}

#[tokio::test]
async fn messages_are_listed_as_documented() {
    let rig = Rig::new();
    rig.post_message(&for_user(&["facebook"], &json!({ "text": { "body": "one" } }))).await;
    rig.pass(60);
    rig.post_message(&for_user(&["facebook"], &json!({ "text": { "body": "two" } }))).await;
    rig.pass(26);
    rig.ask("POST", &message_url(&token(1)), &for_user(&["twitter"], &Value::Null)).await.assert_status(201);
    let entry = |number, created: &str, published: &str| {
        format!(
            r#"{{"sharing_message_token":"{}","date_creation":"{created}","date_last_published":"{published}"}}"#,
            token(number)
        )
    };
    let first = entry(1, NOW, LATER);
    let second = entry(2, "Fri, 27 Jan 2012 16:09:37 +0100", "Fri, 27 Jan 2012 16:09:37 +0100");
    let list = |direction: &str, entries: String| {
        let data = format!(
            r#"{{"sharing_messages":{{"pagination":{{"current_page":1,"total_pages":1,"entries_per_page":250,"total_entries":2,"order":{{"field":"date_creation","direction":"{direction}"}}}},"count":2,"entries":[{entries}]}}}}"#
        );
        envelope(LATER, MESSAGES, SUCCESS, &data)
    };
    assert_eq!(rig.get(MESSAGES).await.text, list("asc", format!("{first},{second}")));
    let descending = rig.get("/sharing/messages.json?order_direction=desc").await;
    assert_eq!(descending.text, list("desc", format!("{second},{first}")));
    let second_page = rig.get("/sharing/messages.json?page=2&entries_per_page=1").await.data(200);
    assert_eq!(second_page["sharing_messages"]["entries"][0]["sharing_message_token"], token(2));
    assert_eq!(second_page["sharing_messages"]["pagination"]["total_pages"], 2);
    let beyond = rig.get("/sharing/messages.json?page=9").await.data(200);
    assert_eq!(
        (&beyond["sharing_messages"]["count"], &beyond["sharing_messages"]["entries"]),
        (&json!(0), &json!([]))
    );
    assert!(rig.get("/sharing/messages.json?page=0").await.error(400).starts_with("page "));
}

/// What the PHP client makes of an array without keys, of slashes and of what is not ASCII.
#[tokio::test]
async fn a_body_as_php_writes_it_is_understood() {
    let rig = Rig::new();
    let body = r#"{"request":{"sharing_message":{"publish_for_user":{"user_token":"u","providers":["facebook"]},"parts":{"text":{"body":"Gr\u00fc\u00dfe http:\/\/a.example\/"},"flags":{"enable_tracking":1},"uploads":[],"link":[]}}}}"#;
    let message = rig.post_message(body).await;
    assert_eq!(
        message["parts"],
        json!({ "text": { "body": "Grüße http://a.example/" }, "flags": { "enable_tracking": 1 } })
    );
    let shorturls = &message["publications"]["entries"][0]["shorturls"];
    assert_eq!(shorturls["entries"][0]["original_url"], "http://a.example/");
    // The parts that were left out, and a link and a file.
    let body = r#"{"request":{"sharing_message":{"publish_for_identity":{"identity_token":"i"},"parts":{"text":{"body":"t"},"flags":{"enable_tracking":0},"video":{"url":"http:\/\/a.example\/v.swf"},"uploads":[{"name":"i.png","data":"iVBORw0KGgo="}],"link":{"name":"n","url":"http:\/\/a.example\/"}}}}}"#;
    let message = rig.post_message(body).await;
    assert_eq!(message["parts"]["uploads"], json!([{ "name": "i.png" }]));
    assert_eq!(message["parts"]["video"]["url"], "http://a.example/v.swf");
}

/// The Node client sends what it is given as `parts`, no content type, and no parts to publish again.
#[tokio::test]
async fn a_body_as_node_writes_it_is_understood() {
    let rig = Rig::new();
    let body = r#"{"request":{"sharing_message":{"publish_for_user":{"user_token":"u","providers":["facebook","twitter"]},"parts":{"text":{"body":"t"},"video":{"url":""},"picture":null,"link":{"url":"http://a.example/","name":null},"uploads":null,"flags":{"enable_tracking":true}}}}}"#;
    let message = rig.post_message(body).await;
    assert_eq!(message["publications"]["count"], 2);
    assert_eq!(
        message["parts"],
        json!({ "text": { "body": "t" }, "link": { "url": "http://a.example/" }, "flags": { "enable_tracking": 1 } })
    );
    let again =
        r#"{"request":{"sharing_message":{"publish_for_user":{"user_token":"v","providers":["facebook"]}}}}"#;
    let again = rig.ask("POST", &message_url(&token(1)), again).await.data(201);
    assert_eq!(again["sharing_message"]["publications"]["count"], 3);
}

#[tokio::test]
async fn publishing_again_to_the_same_dates_that_publication_anew() {
    let rig = Rig::new();
    let parts = tracked("see http://a.example/");
    let first = rig.post_message(&for_user(&["facebook"], &parts)).await;
    rig.pass(86);
    let url = message_url(&token(1));
    let again = rig.ask("POST", &url, &for_user(&["twitter", "facebook"], &Value::Null)).await.data(201);
    let entries = &again["sharing_message"]["publications"]["entries"];
    assert_eq!(again["sharing_message"]["publications"]["count"], 2);
    assert_eq!((&entries[0]["provider"], &entries[1]["provider"]), (&json!("facebook"), &json!("twitter")));
    assert_eq!(
        (&entries[0]["date_publication"], &entries[1]["date_publication"]),
        (&json!(LATER), &json!(LATER))
    );
    let before = &first["publications"]["entries"][0]["shorturls"];
    assert_eq!(&entries[0]["shorturls"], before, "what is out there stays");
    assert_eq!(entries[1]["shorturls"]["count"], 1);
    assert_ne!(
        entries[1]["shorturls"]["entries"][0]["shorturl_token"],
        before["entries"][0]["shorturl_token"]
    );
    assert_eq!(again["sharing_message"]["date_creation"], NOW);
    assert_eq!(again["sharing_message"]["date_last_published"], LATER);
}

#[tokio::test]
async fn an_identity_is_known_from_an_earlier_publication_of_the_site() {
    let rig = Rig::new();
    let parts = json!({ "text": { "body": "t" } });
    let known = rig.post_message(&for_user(&["facebook"], &parts)).await["publications"]["entries"][0].take();
    let identity = known["identity_token"].as_str().unwrap().to_owned();
    let first = rig.post_message(&for_identity(&identity, &parts)).await;
    assert_eq!(first["publications"]["count"], 1);
    let entry = &first["publications"]["entries"][0];
    assert_eq!(entry, &known);
    let unknown = rig.post_message_as(&rig.other, &for_identity(&identity, &parts)).await;
    let entry = &unknown["publications"]["entries"][0];
    assert_eq!((&entry["provider"], &entry["user_token"]), (&Value::Null, &Value::Null));
    assert_eq!(entry["identity_token"], identity);
}

#[tokio::test]
async fn the_same_user_and_network_have_the_same_identity_in_a_site_and_another_elsewhere() {
    let rig = Rig::new();
    let body = for_user(&["facebook", "twitter"], &json!({ "text": { "body": "t" } }));
    let mut seen: Vec<Value> = Vec::new();
    for site in [&rig.demo, &rig.other, &rig.foreign] {
        let [one, two] = [rig.post_message_as(site, &body).await, rig.post_message_as(site, &body).await];
        let identities = |message: &Value| {
            [0, 1].map(|at| message["publications"]["entries"][at]["identity_token"].clone())
        };
        assert_eq!(identities(&one), identities(&two));
        seen.extend(identities(&one));
    }
    let count = seen.len();
    seen.sort_by_key(Value::to_string);
    seen.dedup();
    assert_eq!((seen.len(), count), (6, 6));
}

#[tokio::test]
async fn tracking_makes_a_short_url_per_publication_and_url() {
    let rig = Rig::new();
    let mut parts = tracked("http://b.example/ and http://a.example/ and http://b.example/");
    parts["link"] = json!({ "url": "http://l.example/" });
    parts["picture"] = json!({ "url": "http://p.example/" });
    let message = rig.post_message(&for_user(&["facebook", "twitter"], &parts)).await;
    let mut tokens = Vec::new();
    for at in [0, 1] {
        let shorturls = &message["publications"]["entries"][at]["shorturls"];
        assert_eq!(shorturls["count"], 3);
        let entries = shorturls["entries"].as_array().unwrap();
        let urls: Vec<&str> = entries.iter().map(|entry| entry["original_url"].as_str().unwrap()).collect();
        assert_eq!(urls, ["http://l.example/", "http://b.example/", "http://a.example/"]);
        for entry in entries {
            let token = entry["shorturl_token"].as_str().unwrap().to_owned();
            assert_eq!(entry["short_url"], format!("https://go.example.com/{token}"));
            assert_eq!(entry["num_referrals"], 0);
            assert_eq!(entry["date_creation"], NOW);
            assert_eq!(entry.get("date_last_referral"), None);
            assert!(!tokens.contains(&token));
            tokens.push(token);
        }
    }
    parts["flags"] = json!({ "enable_tracking": 0 });
    let untracked = rig.post_message(&for_user(&["facebook"], &parts)).await;
    assert_eq!(untracked["publications"]["entries"][0].get("shorturls"), None);
}

#[tokio::test]
async fn another_site_has_none_of_the_messages_of_a_site() {
    let rig = Rig::new();
    rig.post_message(&for_user(&["facebook"], &json!({ "text": { "body": "t" } }))).await;
    let url = message_url(&token(1));
    for site in [&rig.other, &rig.foreign] {
        for (method, url, body) in [
            ("GET", url.clone(), String::new()),
            ("POST", url.clone(), for_user(&["twitter"], &Value::Null)),
            ("DELETE", format!("{url}?confirm_deletion=true"), String::new()),
        ] {
            let reply = rig.ask_as(site, method, &url, &body).await;
            assert_eq!(reply.error(404), "there is no such sharing message");
        }
        assert_eq!(rig.ask_as(site, "GET", MESSAGES, "").await.data(200)["sharing_messages"]["count"], 0);
    }
    let message = rig.get(&url).await.data(200);
    assert_eq!(message["sharing_message"]["publications"]["count"], 1);
}

#[tokio::test]
async fn a_message_is_deleted_only_where_that_is_confirmed() {
    let rig = Rig::new();
    let message = rig.post_message(&for_user(&["facebook"], &tracked("http://a.example/"))).await;
    let url = message_url(&token(1));
    for unconfirmed in ["", "?confirm_deletion=", "?confirm_deletion=false", "?confirm_deletion=yes"] {
        rig.ask("DELETE", &format!("{url}{unconfirmed}"), "").await.error(400);
        rig.get(&url).await.assert_status(200);
    }
    let deleted = rig.ask("DELETE", &format!("{url}?confirm_deletion=true"), "").await;
    assert_eq!(
        deleted.text,
        format!(
            r#"{{"response":{{"request":{{"date":"{NOW}","resource":"{url}","status":{{"flag":"success","code":200,"info":"The sharing message has been deleted"}}}}}}}}"#
        )
    );
    assert_eq!(deleted.status, 200);
    rig.get(&url).await.error(404);
    rig.ask("DELETE", &format!("{url}?confirm_deletion=true"), "").await.error(404);
    rig.ask("POST", &url, &for_user(&["facebook"], &Value::Null)).await.error(404);
    assert_eq!(rig.get(MESSAGES).await.data(200)["sharing_messages"]["count"], 0);
    // What was published stays out there.
    let token = message["publications"]["entries"][0]["shorturls"]["entries"][0]["shorturl_token"].as_str();
    let shorturl = rig.get(&format!("/shorturls/{}.json", token.unwrap())).await.data(200);
    assert_eq!(shorturl["shorturl"]["original_url"], "http://a.example/");
    assert_eq!(rig.request("GET", &format!("/s/{}", token.unwrap()), &[], "").await.status, 302);
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_named_and_nothing_is_kept() {
    let rig = Rig::new();
    let user = r#""publish_for_user":{"user_token":"u","providers":["facebook"]}"#;
    let message = |members: &str| format!(r#"{{"request":{{"sharing_message":{{{members}}}}}}}"#);
    for (body, problem) in [
        (String::new(), "the body is not JSON: "),
        ("{".to_owned(), "the body is not JSON: "),
        ("[]".to_owned(), "the body has to be a JSON object"),
        ("{}".to_owned(), "request is missing"),
        (r#"{"request":7}"#.to_owned(), "request has to be an object"),
        (r#"{"request":{"shorturl":{}}}"#.to_owned(), "request.sharing_message is missing"),
        (message(r#""parts":{"text":{"body":"t"}}"#), "request.sharing_message.publish_for_user or "),
        (message(user), "request.sharing_message.parts is missing"),
        (message(&format!(r#"{user},"parts":{{"text":{{}}}}"#)), "request.sharing_message.parts has no text"),
        (
            message(&format!(r#"{user},"parts":{{"link":{{"url":"javascript:alert(1)"}}}}"#)),
            "request.sharing_message.parts.link.url has to begin with http:// or https://",
        ),
        (message(&format!(r#"{user},"parts":{{}},"parts":{{}}"#)), "request.sharing_message duplicate field"),
        (
            message(r#""publish_for_user":{"user_token":"u","providers":[]},"parts":{"text":{"body":"t"}}"#),
            "request.sharing_message.publish_for_user.providers is missing",
        ),
    ] {
        let error = rig.ask("POST", MESSAGES, &body).await.error(400);
        assert!(error.starts_with(problem), "{error} instead of {problem}");
    }
    assert_eq!(rig.get(MESSAGES).await.data(200)["sharing_messages"]["pagination"]["total_entries"], 0);
    rig.post_message(&message(&format!(r#"{user},"parts":{{"text":{{"body":"t"}}}}"#))).await;
    let error = rig.ask("POST", &message_url(&token(1)), &message("")).await.error(400);
    assert!(error.starts_with("request.sharing_message"), "{error}");
}

#[tokio::test]
async fn a_message_has_so_many_bytes_and_not_more() {
    let rig = Rig::new();
    let file = "A".repeat(8 * 1024 * 1024 - 1024);
    let with =
        |data: &str| for_user(&["facebook"], &json!({ "uploads": [{ "name": "a.png", "data": data }] }));
    let message = rig.post_message(&with(&file)).await;
    assert_eq!(message["parts"]["uploads"], json!([{ "name": "a.png" }]));
    let error = rig.ask("POST", MESSAGES, &with(&format!("{file}{}", "A".repeat(1024)))).await.error(413);
    assert_eq!(error, "the body is larger than 8388608 bytes");
}

#[tokio::test]
async fn urls_of_messages_answer_the_documented_methods_alone() {
    let rig = Rig::new();
    for (method, url, allowed) in [
        ("PUT", MESSAGES.to_owned(), "GET,HEAD,POST"),
        ("DELETE", MESSAGES.to_owned(), "GET,HEAD,POST"),
        ("PUT", message_url(&token(1)), "GET,HEAD,POST,DELETE"),
    ] {
        let reply = rig.ask(method, &url, "").await;
        reply.error(405);
        assert_eq!(reply.header("allow"), Some(allowed));
    }
}

#[tokio::test]
async fn publishing_asks_nothing_of_the_store_that_could_fail_after_it_was_kept() {
    let rig = Rig::new();
    let published = rig.ask("POST", MESSAGES, &for_user(&["facebook"], &tracked("http://a.example/"))).await;
    assert_eq!(published.data(201)["sharing_message"]["publications"]["count"], 1);
    assert_eq!(published.header("server-timing"), None);
    let read = rig.get(&message_url(&token(1))).await;
    assert_eq!(read.status, 200);
    assert!(read.header("server-timing").is_some());
}

/// Of one account with [`LARGE_BODIES`]: three quarters.
const LARGE_BODIES_OF_AN_ACCOUNT: usize = 12;

/// Large messages at the same time.
const LARGE_BODIES: usize = 16;

#[tokio::test]
async fn large_messages_need_a_place_before_they_are_received_and_small_ones_do_not() {
    let rig = Rig::new();
    let message = |length: usize| for_user(&["facebook"], &json!({ "text": { "body": "x".repeat(length) } }));
    let (small, large) = (message(10), message(65_536));
    let post = async |site: &NewSite, body: &str| {
        let (keys, length) = (keys_of(site), body.len().to_string());
        let headers = [("authorization", keys.as_str()), ("content-length", length.as_str())];
        rig.request("POST", MESSAGES, &headers, body).await
    };
    let enter = || rig.state.large_bodies.enter(rig.demo.site.account, LARGE_BODIES);
    let mut places: Vec<_> = (0..LARGE_BODIES_OF_AN_ACCOUNT).map(|_| enter().unwrap()).collect();
    let refused = post(&rig.demo, &large).await;
    assert_eq!(
        refused.error(503),
        "12 such requests of this account are being answered already; try again in a second"
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Nor is one received that does not say how large it is.
    rig.ask("POST", MESSAGES, &small).await.error(503);
    post(&rig.demo, &small).await.assert_status(201);
    post(&rig.foreign, &large).await.assert_status(201);
    places.pop();
    post(&rig.demo, &large).await.assert_status(201);
    // It gave its place back.
    places.push(enter().unwrap());
    assert!(enter().is_err());
}
