//! Listings in the shapes that public clients read, as far as the token sees what is listed.

use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;
use tallyhouse_server::ingest::record_types;

use super::rig::{PIPE, Rig, documented_session, session};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn data_sources_are_the_record_types_with_columns_and_what_is_stored() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session(), session(2, 0), session(2, 1)]).await;
    let body = rig.get("/v0/datasources").await.json();
    let sources = &body["datasources"];
    assert_eq!(
        names(sources),
        record_types().iter().map(|record_type| record_type.name()).collect::<Vec<_>>()
    );
    assert_eq!(sources[0]["statistics"], json!({ "row_count": 0, "bytes": 0 }));
    let sessions = &sources[1];
    assert_eq!(sessions["statistics"]["row_count"], 2, "a record that was replaced is no row");
    assert!(sessions["statistics"]["bytes"].as_u64().unwrap() > 0);
    let column = |name: &str| {
        let mut columns = sessions["columns"].as_array().unwrap().iter();
        let column = columns.find(|column| column["name"] == name).unwrap();
        (column["type"].as_str().unwrap().to_owned(), column["nullable"].as_bool().unwrap())
    };
    assert_eq!(column("session_id"), ("String".to_owned(), false));
    assert_eq!(column("session_date"), ("DateTime64(6)".to_owned(), false));
    let activity = sources[2]["columns"].as_array().unwrap();
    let link = activity.iter().find(|column| column["name"] == "link_created_at").unwrap();
    assert_eq!((&link["type"], &link["nullable"]), (&json!("Nullable(DateTime64(6))"), &json!(true)));
    assert!(names(&sessions["used_by"]).contains(&"api_replicate_analytics"));
    assert_eq!(sessions["engine"]["engine"], "MergeTree");
}

#[tokio::test]
async fn a_data_source_has_exactly_the_members_that_a_strict_client_takes() {
    let rig = Rig::new();
    let source = rig.get("/v0/datasources/demo_sessions").await.json();
    assert_eq!((&source["id"], &source["name"]), (&json!("demo_sessions"), &json!("demo_sessions")));
    let column = ["codec", "default_value", "jsonpath", "name", "normalized_name", "nullable", "type"];
    assert_eq!(keys(&source["columns"][0]), column);
    let engine = ["engine", "engine_partition_key", "engine_primary_key", "engine_sorting_key"];
    assert_eq!(keys(&source["engine"]), engine);
    assert_eq!(source["schema"]["columns"], source["columns"]);
    assert_eq!(source.as_object().unwrap()["quarantine_rows"], Value::Null, "nothing counts them");
    let listed = rig.get("/v0/datasources?attrs=id,name").await.json()["datasources"][1].clone();
    assert_eq!(keys(&listed), keys(&source));
}

#[tokio::test]
async fn pipes_are_listed_by_name_with_their_url() {
    let rig = Rig::new();
    let token = format!("Bearer {}", rig.token);
    let headers = [("authorization", &*token), ("host", "demo.example.com")];
    let body = rig.request("GET", "/v0/pipes", &headers, "").await.json();
    let listed = names(&body["pipes"]);
    for name in [
        "api_replicate_analytics",
        "replay_change_feed",
        "replay_metrics",
        "replay_session_activity",
        "replay_session_summary",
        "replicate_session_activity",
    ] {
        assert!(listed.contains(&name), "{listed:?}");
    }
    assert!(listed.is_sorted());
    assert_eq!(body["pipes"][0]["url"], "http://demo.example.com/v0/pipes/api_replicate_analytics.json");
}

#[tokio::test]
async fn attributes_of_pipes_and_their_nodes_can_be_chosen() {
    let rig = Rig::new();
    let first = async |query: &str| rig.get(&format!("/v0/pipes?{query}")).await.json()["pipes"][0].clone();
    // What two public clients ask for, neither of which takes anything else.
    assert_eq!(keys(&first("attrs=id%2Cname").await), ["id", "name", "url"]);
    let chosen = first("attrs=id,name,description,type,endpoint").await;
    assert_eq!(keys(&chosen), ["description", "endpoint", "id", "name", "type", "url"]);
    let node = first("attrs=nodes&node_attrs=name,params").await["nodes"][0].clone();
    assert_eq!(keys(&node), ["name", "params"]);
    assert!(keys(&first("attrs=").await).contains(&"nodes"));
    assert_eq!(keys(&first("attrs=nodes&attrs=id").await), ["id", "url"], "the last one counts");
    assert!(keys(&first("attrs=id&attrs=").await).contains(&"nodes"));
}

#[tokio::test]
async fn a_pipe_tells_its_parameters_and_columns() {
    let rig = Rig::new();
    let pipe = rig.get(PIPE).await.json();
    assert_eq!((&pipe["name"], &pipe["type"]), (&json!("api_replicate_analytics"), &json!("endpoint")));
    assert!(!pipe["description"].as_str().unwrap().is_empty());
    let node = &pipe["nodes"][0];
    assert_eq!(pipe["endpoint"], node["id"]);
    assert_eq!(
        names(&node["columns"]),
        ["shard_name", "client_id", "demo_title", "demo_published_date", "session_date", "viewer"]
    );
    assert_eq!(node["columns"][4]["type"], "DateTime64(3)");
    let params = &node["params"];
    let required = params.as_array().unwrap().iter().filter(|param| param["required"] == true);
    assert_eq!(required.map(|param| &param["name"]).collect::<Vec<_>>(), ["start_timestamp"]);
    assert!(names(params).contains(&"end_timestamp") && names(params).ends_with(&["limit", "offset"]));
    // The id finds it as the name does.
    let id = pipe["id"].as_str().unwrap();
    assert_eq!(rig.get(&format!("/v0/pipes/{id}")).await.json()["name"], "api_replicate_analytics");
}

#[tokio::test]
async fn a_token_sees_no_more_than_it_may_use() {
    let rig = Rig::new();
    let append = rig.token_of("abc123", &[Scope::Append]);
    let listed = rig.request("GET", &format!("/v0/pipes?token={append}"), &[], "").await.json();
    assert_eq!(listed, json!({ "pipes": [] }));
    let hidden = rig.request("GET", &format!("{PIPE}?token={append}"), &[], "").await.error(404);
    assert_eq!(hidden, "Pipe 'api_replicate_analytics' not found");
    let sources = rig.request("GET", &format!("/v0/datasources?token={append}"), &[], "").await.json();
    assert_eq!(sources["datasources"].as_array().unwrap().len(), record_types().len());
    // And of pipes behind them, none that it may not read.
    let metrics = |source: &Value| names(&source["used_by"]).contains(&"replay_metrics");
    assert!(sources["datasources"].as_array().unwrap().iter().all(|source| source["used_by"] == json!([])));
    let activity = "/v0/datasources/demo_activity";
    assert!(metrics(&rig.get(activity).await.json()));
    let one = rig.request("GET", &format!("{activity}?token={append}"), &[], "").await.json();
    assert_eq!(one["used_by"], json!([]));
    // And of rows, those of its own account.
    rig.store("demo_sessions", &[documented_session()]).await;
    let other = rig.token_of("other", &[Scope::Read]);
    let source = rig.request("GET", &format!("/v0/datasources/demo_sessions?token={other}"), &[], "").await;
    assert_eq!(source.json()["statistics"]["row_count"], 0);
}
