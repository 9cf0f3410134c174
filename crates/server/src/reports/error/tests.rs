//! What clients are told of each error.

use super::*;

async fn answer_to(error: ReportsError) -> (u16, Option<String>, String) {
    let response = error.into_response();
    let reason = response.headers().get(STATUS_REASON).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, reason, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_missing_parameter_is_named_alone() {
    let (status, reason, body) = answer_to(ReportsError::Missing("channel_id")).await;
    assert_eq!((status, reason.as_deref()), (422, Some("channel_id is missing")));
    assert_eq!(body, r#"{"message":"client error","param":"channel_id"}"#);
}

#[tokio::test]
async fn what_is_wrong_with_a_parameter_is_told_twice_by_its_name() {
    let text = || "is not known".to_owned();
    for (error, status) in [
        (ReportsError::Invalid("channel_id", text()), 422),
        (ReportsError::Forbidden("channel_id", text()), 403),
    ] {
        let (answered, reason, body) = answer_to(error).await;
        assert_eq!((answered, reason.as_deref()), (status, Some("channel_id is not known")));
        assert_eq!(
            body,
            r#"{"errors":{"channel_id":["is not known"]},"failures":{"channel_id":["is not known"]}}"#
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_a_third_time() {
    let (status, _, body) = answer_to(ReportsError::NotFound("id", "is not known".to_owned())).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 404);
    let by_parameter = json!({ "id": ["is not known"] });
    let expected = json!({ "errors": by_parameter, "failures": by_parameter, "error": "id is not known" });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn bad_credentials_have_a_list_of_texts_and_a_code() {
    for (error, status, code) in [
        (ReportsError::BadCredentials, 401, "bad_credentials"),
        (ReportsError::WrongPassword, 401, "bad_credentials"),
        (ReportsError::BadRefreshToken, 401, "bad_credentials"),
        (ReportsError::AccountLocked, 401, "account_locked"),
        (ReportsError::TooManyAttempts(30), 420, "too_many_attempts"),
    ] {
        let (answered, reason, body) = answer_to(error).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        let reason = reason.unwrap();
        assert_eq!(answered, status);
        assert_eq!(
            body,
            json!({
                "errors": [reason],
                "failures": { "base": [reason] },
                "error_codes": { "base": [{ "error": code }] },
            })
        );
    }
}

#[tokio::test]
async fn whoever_is_to_wait_is_told_how_long() {
    let after = |error: ReportsError| error.into_response().headers().get(header::RETRY_AFTER).cloned();
    assert_eq!(after(ReportsError::TooManyAttempts(30)).unwrap(), "30");
    assert_eq!(after(QueryError::Cancelled.into()).unwrap(), "1");
    assert_eq!(after(NoPlace.into()).unwrap(), "1");
    for error in [ReportsError::Damaged, ReportsError::TookTooLong, ReportsError::BadCredentials] {
        assert_eq!(after(error), None);
    }
    let unauthorized = ReportsError::BadCredentials.into_response();
    assert_eq!(unauthorized.headers()[header::WWW_AUTHENTICATE], "Token");
}

#[test]
fn one_second_is_not_several() {
    let text = |wait_s| ReportsError::TooManyAttempts(wait_s).to_string();
    assert_eq!(text(1), "too many attempts to sign in; try again in 1 second");
    assert_eq!(text(2), "too many attempts to sign in; try again in 2 seconds");
}

#[tokio::test]
async fn what_is_about_no_parameter_is_told_without_a_name() {
    let error = ReportsError::Forbidden("base", "the token is confined to contents".to_owned());
    let (status, reason, body) = answer_to(error).await;
    assert_eq!((status, reason.as_deref()), (403, Some("the token is confined to contents")));
    let by_parameter = json!({ "base": ["the token is confined to contents"] });
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "errors": by_parameter, "failures": by_parameter }));
}

#[tokio::test]
async fn what_a_client_sent_cannot_break_the_header() {
    let text = format!("is not a time: \"a\r\nSet-Cookie: é{}\"", "x".repeat(1_000));
    let (_, reason, _) = answer_to(ReportsError::Invalid("start_date", text)).await;
    let reason = reason.unwrap();
    assert!(reason.starts_with("start_date is not a time: \"a??Set-Cookie: ?xxx"), "{reason}");
    assert_eq!(reason.len(), STATUS_REASON_BYTES_MAX);
}

#[tokio::test]
async fn damage_does_not_leak_paths_and_is_no_fault_of_the_client() {
    let error = ReportsError::from(QueryError::Damaged("/srv/data/parts/7/read_at: checksum".to_owned()));
    let (status, reason, body) = answer_to(error).await;
    assert_eq!((status, reason), (503, None));
    assert!(!body.contains("/srv") && body.contains("tallyhouse check"), "{body}");
    let (of_catalog, _, same) = answer_to(CatalogError::Damaged("in /srv".to_owned()).into()).await;
    assert_eq!((of_catalog, same), (status, body));
}

#[test]
fn the_catalog_is_answered_for_like_the_store() {
    let failure =
        |code| CatalogError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
    for (code, expected) in [
        (rusqlite::ffi::SQLITE_BUSY, ReportsError::Busy),
        (rusqlite::ffi::SQLITE_LOCKED, ReportsError::Busy),
        (rusqlite::ffi::SQLITE_CORRUPT, ReportsError::Damaged),
        (rusqlite::ffi::SQLITE_NOTADB, ReportsError::Damaged),
        (rusqlite::ffi::SQLITE_IOERR, ReportsError::Damaged),
    ] {
        assert_eq!(ReportsError::from(failure(code)), expected, "{code}");
        assert_eq!(ReportsError::from(unread(failure(code))), expected, "{code}");
    }
    assert_eq!(ReportsError::from(failure(rusqlite::ffi::SQLITE_FULL)), ReportsError::Defect);
}
