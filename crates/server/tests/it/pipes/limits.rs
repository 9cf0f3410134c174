//! How large an answer may be, whatever its format, and that a large one is whole.

use serde_json::json;

use super::rig::{ALL, PIPE, Rig, session};

/// A server with some thousand sessions: their CSV is larger than what is kept in memory.
async fn rig() -> Rig {
    let rig = Rig::new();
    for first in (0..16_000).step_by(4_000) {
        let sessions: Vec<_> = (first..first + 4_000).map(|number| session(number, number)).collect();
        rig.store("demo_sessions", &sessions).await;
    }
    rig
}

#[tokio::test]
async fn a_result_of_exactly_the_limit_passes_and_a_byte_more_is_413_that_says_what_to_do() {
    let rig = rig().await;
    // JSON tells how long the query took, so it is not the same size each time.
    for extension in ["csv", "ndjson", "parquet"] {
        let uri = format!("{PIPE}.{extension}?{ALL}");
        let whole = rig.get(&uri).await;
        let bytes = whole.bytes.len() as u64;
        assert_eq!(whole.header("content-length").unwrap().parse(), Ok(bytes));
        assert_eq!(rig.limited_to(bytes).get(&uri).await.bytes, whole.bytes, "{extension}");
        let smaller = rig.limited_to(bytes - 1);
        let reply = smaller.get(&uri).await;
        let error = reply.error(413);
        assert_eq!(reply.header("x-db-exception-code"), Some("396"));
        for told in [&*format!("{} bytes", bytes - 1), "shorter time window", "limit"] {
            assert!(error.contains(told), "{error}");
        }
        assert_eq!(smaller.get(&format!("{uri}&limit=5")).await.status, 200);
    }
}

#[tokio::test]
async fn the_limit_is_on_the_body_before_it_is_compressed() {
    let rig = rig().await;
    let (uri, token) = (format!("{PIPE}.csv?{ALL}"), format!("Bearer {}", rig.token));
    let headers = [("authorization", &*token), ("accept-encoding", "zstd")];
    let compressed = rig.request("GET", &uri, &headers, "").await;
    assert_eq!(compressed.header("content-encoding"), Some("zstd"));
    let small = rig.limited_to(compressed.bytes.len() as u64);
    assert_eq!(small.request("GET", &uri, &headers, "").await.status, 413);
}

#[tokio::test]
async fn a_large_answer_has_all_rows_in_their_order_once() {
    let rig = rig().await;
    let reply = rig.get(&format!("{PIPE}.json?{ALL}")).await;
    assert!(reply.bytes.len() > 2 << 20);
    let body = reply.json();
    let rows = body["data"].as_array().unwrap();
    assert_eq!((rows.len(), &body["rows"]), (16_000, &json!(16_000)));
    assert!(
        rows.iter().enumerate().all(|(number, row)| row["demo_title"].as_str() == Some(&*number.to_string()))
    );
    let lines = rig.get(&format!("{PIPE}.ndjson?{ALL}")).await;
    assert_eq!(lines.text().lines().count(), 16_000);
}
