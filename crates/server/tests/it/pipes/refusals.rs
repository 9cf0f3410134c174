//! Every refusal of the documented table, with its status and its text.

use tallyhouse_server::catalog::Scope;

use super::rig::{ALL, NOW, PIPE, Rig};

#[tokio::test]
async fn a_missing_or_wrong_token_is_403_before_anything_else_is_told() {
    let rig = Rig::new();
    let wrong = "tally_0000000000000000000000000000000000000000000000000000000000000000";
    for uri in [
        format!("{PIPE}.json?{ALL}"),
        format!("{PIPE}.json"),
        format!("{PIPE}.prometheus"),
        format!("{PIPE}.xml"),
        format!("{PIPE}.json?q=SELECT"),
        PIPE.to_owned(),
        "/v0/pipes/nothing.json".to_owned(),
        "/v0/pipes/nothing".to_owned(),
        "/v0/pipes".to_owned(),
        "/v0/datasources".to_owned(),
        "/v0/datasources/nothing".to_owned(),
        "/v0/sql?q=SELECT+1".to_owned(),
    ] {
        for headers in [&[][..], &[("authorization", wrong)], &[("authorization", "Bearer x")]] {
            let reply = rig.request("GET", &uri, headers, "").await;
            let error = reply.error(403);
            assert!(error.starts_with("invalid authentication token"), "{uri}: {error}");
            assert!(!error.contains(wrong) && reply.json()["documentation"] == "docs/API.md#authentication");
        }
    }
    let forms = ["", "limit=1", "token=x"];
    for form in forms {
        rig.request("POST", &format!("{PIPE}.json?{ALL}"), &[], form).await.error(403);
        rig.request("POST", "/v0/sql", &[], form).await.error(403);
    }
}

#[tokio::test]
async fn a_pipe_that_there_is_not_is_404_in_the_words_of_a_query_or_of_a_listing() {
    let rig = Rig::new();
    for name in ["nothing", "API_replicate_analytics", "a%20b", "a.b"] {
        let error = rig.get(&format!("/v0/pipes/{name}.json")).await.error(404);
        assert_eq!(error, format!("The pipe '{}' does not exist", name.replace("%20", " ")));
    }
    assert_eq!(rig.get("/v0/pipes/nothing").await.error(404), "Pipe 'nothing' not found");
    let source = rig.get("/v0/datasources/nothing").await.error(404);
    assert_eq!(source, r#"Data Source "nothing" does not exist"#);
    rig.get("/v0/pipes/").await.error(404);
    rig.get("/v0/pipes/a/b.json").await.error(404);
    rig.get("/v0/pipes/%FF.json").await.error(404);
}

#[tokio::test]
async fn a_format_that_there_is_not_is_404_and_prometheus_is_400() {
    let rig = Rig::new();
    for extension in ["xml", "JSON", "pipe", ""] {
        let error = rig.get(&format!("{PIPE}.{extension}?{ALL}")).await.error(404);
        assert!(error.ends_with("known are: json, csv, csvwithnames, ndjson, parquet"), "{error}");
    }
    rig.get(&format!("{PIPE}.json.gz?{ALL}")).await.error(404);
    let long = rig.get(&format!("{PIPE}.{}?{ALL}", "x".repeat(5_000))).await.error(404);
    assert!(long.len() < 300, "{long}");
    let reply = rig.get(&format!("{PIPE}.prometheus?{ALL}")).await;
    assert!(reply.error(400).contains("prometheus is not served"));
}

#[tokio::test]
async fn sql_is_400_that_says_what_to_do_instead() {
    let rig = Rig::new();
    let replies = [
        rig.get(&format!("{PIPE}.json?{ALL}&q=SELECT+count()+FROM+_")).await,
        rig.post(&format!("{PIPE}.json?{ALL}"), "q=SELECT").await,
        rig.get("/v0/sql?q=SELECT+1").await,
        rig.get("/v0/sql").await,
        rig.post("/v0/sql", "SELECT 1").await,
    ];
    for reply in replies {
        assert!(reply.error(400).contains("publish a pipe"));
        assert_eq!(reply.header("x-db-exception-code"), Some("48"));
    }
}

#[tokio::test]
async fn a_missing_or_bad_parameter_is_400_and_named() {
    let rig = Rig::new();
    for (query, name) in [
        ("", "start_timestamp"),
        ("start_timestamp=", "start_timestamp"),
        ("start_timestamp=yesterday", "start_timestamp"),
        ("start_timestamp=2020-01-01&end_timestamp=2020-13-01", "end_timestamp"),
        ("start_timestamp=2020-01-01&limit=-1", "limit"),
        ("start_timestamp=2020-01-01&limit=ten", "limit"),
        ("start_timestamp=2020-01-01&offset=1.5", "offset"),
        ("start_timestamp=2020-01-01&limit=1&limit=x", "limit"),
    ] {
        let reply = rig.get(&format!("{PIPE}.json?{query}")).await;
        let error = reply.error(400);
        assert!(error.starts_with(&format!("{name}: ")), "{query}: {error}");
        assert_eq!(reply.header("x-db-exception-code"), Some("36"));
        assert_eq!(reply.json()["documentation"], "docs/API.md#query-endpoints");
    }
}

#[tokio::test]
async fn refusals_point_at_what_explains_their_url_or_their_problem() {
    let rig = Rig::new();
    let admin = rig.token_of("abc123", &[Scope::Admin]);
    let token = format!("Bearer {admin}");
    for (method, uri, host, status, section) in [
        ("GET", "/v0/pipes/nothing.json", "a", 404, "query-endpoints"),
        ("GET", "/v0/pipes/nothing", "a", 404, "listings"),
        ("GET", "/v0/datasources/nothing", "a", 404, "listings"),
        ("GET", "/v0/pipes/replay_metrics.json", "a", 403, "pipe-tokens"),
        ("POST", "/v0/tokens/", "a", 400, "post-v0tokens"),
        ("POST", "/v0/tokens/?expiration_time=1&expiration_time=2", "a", 400, "post-v0tokens"),
        ("GET", "/v0/quarantine?limit=x", "a", 400, "quarantine"),
        ("POST", "/v0/quarantine/resend", "a", 400, "quarantine"),
        ("GET", "/v0/export", "a", 400, "export"),
        ("POST", "/v0/events?name=demo_sessions", "a", 403, "authentication"),
        ("POST", "/v0/events", "a", 403, "authentication"),
        ("POST", "/api/warehouse/token", "a", 403, "warehouse-keys"),
        ("GET", "/v0/nothing", "a", 404, "pipes"),
        ("PUT", "/v0/events", "a", 405, "pipes"),
    ] {
        let headers = [("authorization", &*token), ("host", host)];
        let reply = rig.request(method, uri, &headers, "").await;
        reply.error(status);
        let expected = format!("docs/API.md#{section}");
        assert_eq!(reply.json()["documentation"], expected, "{method} {uri}");
    }
    let account = rig.state.catalog.account_by_name("abc123").unwrap().id;
    let key = rig.state.catalog.create_warehouse_key(account, None, NOW).unwrap().secret;
    let headers = [("authorization", &*key), ("host", "a b")];
    let reply = rig.request("POST", "/api/warehouse/token", &headers, "").await;
    assert!(reply.error(400).contains("Host"));
    assert_eq!(reply.json()["documentation"], "docs/API.md#warehouse-keys");
    let reply = rig.get("/v0/events?name=demo_sessions").await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, Some("POST")));
    let reply = rig
        .request("POST", "/v0/events?name=demo_sessions&token=", &[("authorization", &*rig.token)], "")
        .await;
    reply.error(400);
    assert_eq!(reply.json()["documentation"], "docs/API.md#events");
}

#[tokio::test]
async fn a_query_without_a_place_points_at_the_bounds_of_all_families() {
    let rig = Rig::without_places();
    let reply = rig.get(&format!("{PIPE}.json?{ALL}")).await;
    reply.error(429);
    assert_eq!(reply.json()["documentation"], "docs/API.md#for-all-families");
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn a_form_that_is_too_large_is_413_and_another_body_400() {
    let rig = Rig::new();
    let uri = format!("{PIPE}.json");
    let large = format!("start_timestamp=2020-01-01&x={}", "x".repeat(64 << 10));
    rig.post(&uri, &large).await.error(413);
    rig.request("POST", &uri, &[], format!("token={}&{large}", rig.token)).await.error(413);
    for content_type in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let headers = [("authorization", &*rig.token), ("content-type", content_type)];
        let error = rig.request("POST", &uri, &headers, "{}").await.error(400);
        assert!(error.contains("application/x-www-form-urlencoded"), "{error}");
        // Without a body, the type says nothing.
        let empty = rig.request("POST", &format!("{uri}?{ALL}"), &headers, "").await;
        assert_eq!(empty.status, 200);
    }
}

#[tokio::test]
async fn another_method_is_405_with_the_ones_there_are() {
    let rig = Rig::new();
    for (method, uri, allowed) in [
        ("PUT", "/v0/pipes/api_replicate_analytics.json", "GET,HEAD,POST"),
        ("DELETE", "/v0/sql", "GET,HEAD,POST"),
        ("POST", "/v0/pipes/api_replicate_analytics", "GET,HEAD"),
        ("POST", "/v0/pipes", "GET,HEAD"),
        ("POST", "/v0/datasources", "GET,HEAD"),
        ("DELETE", "/v0/datasources/demo_sessions", "GET,HEAD"),
    ] {
        let reply = rig.request(method, uri, &[], "").await;
        reply.error(405);
        assert_eq!(reply.header("allow"), Some(allowed), "{method} {uri}");
    }
}

#[tokio::test]
async fn a_token_that_may_not_read_the_pipe_is_403() {
    let rig = Rig::new();
    let append = rig.token_of("abc123", &[Scope::Append]);
    let error = rig.request("GET", &format!("{PIPE}.json?{ALL}&token={append}"), &[], "").await.error(403);
    assert!(error.contains("api_replicate_analytics"), "{error}");
}
