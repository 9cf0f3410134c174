//! Snapshots: initiating, listing, reading, deleting. `jobs/snapshots.rs` makes them.

use axum::Router;
use axum::routing::MethodFilter;
use serde::{Deserialize, Serialize};
use tallyhouse_model::render_uuid;

use super::SharingError;
use super::asked::Asked;
use super::envelope::{Answer, Text};
use super::members::{Member, request, required_object, text, wrong};
use super::paging::{List, Paging};
use super::respond::{answers, takes};
use super::snapshot_body::SnapshotBody;
use crate::catalog::{Initiated, SnapshotFilter};
use crate::http::AppState;
use crate::pingback::check_uri;

/// Bytes of the body of a request for a snapshot.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Bytes that a snapshot found, up to which they are unpacked before the answer begins.
const UNPACKED_BYTES_MAX: u64 = 1 << 20;

const SCHEDULED_INFO: &str = "Your request has been received and scheduled to be processed";
const PENDING_INFO: &str =
    "There is already a pending snapshot for this message; it keeps its own pingback_uri";
const DELETED_INFO: &str = "The snapshot has been deleted";

/// What a snapshot is called where there is none.
const SNAPSHOT: &str = "snapshot";

/// The URLs.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/sharing/analytics/snapshots.json", answers(MethodFilter::GET, page_of))
        .route("/sharing/analytics/snapshots.json", takes(MethodFilter::PUT, BODY_BYTES_MAX, initiated))
        .route("/sharing/analytics/snapshots/{token}", answers(MethodFilter::GET, details))
        .route("/sharing/analytics/snapshots/{token}", answers(MethodFilter::DELETE, deleted))
}

#[derive(Serialize)]
struct ListData<'a> {
    sharing_analytics_snapshots: List<SnapshotBody<'a>>,
}

fn page_of(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let paging = Paging::of(asked.query)?;
    let filter = SnapshotFilter {
        identity_token: asked.param("identity_token"),
        user_token: asked.param("user_token"),
    };
    let found = asked.state.catalog.snapshots(asked.site.number, filter, paging.page())?;
    let zone = &asked.state.config.sharing.zone;
    let entries = found.entries.iter().map(|snapshot| SnapshotBody::with_status(snapshot, zone));
    let list = paging.list(entries.collect(), found.total);
    Ok(Answer::success(&ListData { sharing_analytics_snapshots: list }))
}

fn details(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let found = asked.state.catalog.snapshot(asked.site.number, asked.token())?;
    let found = found.ok_or(SharingError::NotFound(SNAPSHOT))?;
    let zone = &asked.state.config.sharing.zone;
    let body = SnapshotBody::with_status(&found.snapshot, zone);
    match found.found {
        None => Ok(Answer::success(&body.data())),
        Some(kept) if kept.bytes() > UNPACKED_BYTES_MAX => Ok(Answer::written(body.around(Text::Kept(kept)))),
        Some(kept) => {
            let json =
                kept.json().and_then(|json| String::from_utf8(json).map_err(|error| error.to_string()));
            let json = json.map_err(|problem| {
                tracing::error!(
                    problem,
                    token = found.snapshot.token,
                    "what a snapshot found cannot be read"
                );
                SharingError::Damaged
            })?;
            Ok(Answer::written(body.around(Text::Written(json))))
        }
    }
}

fn deleted(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    asked.check_deletion_is_confirmed()?;
    match asked.state.catalog.delete_snapshot(asked.site.number, asked.token(), asked.now)? {
        true => Ok(Answer::done(DELETED_INFO)),
        false => Err(SharingError::NotFound(SNAPSHOT)),
    }
}

/// A request for a snapshot, a level after the other. Other members are not looked at.
#[derive(Deserialize)]
struct InitiateParams<'a> {
    #[serde(borrow)]
    analytics: Member<'a>,
}

#[derive(Deserialize)]
struct AnalyticsParams<'a> {
    #[serde(borrow)]
    sharing: Member<'a>,
}

#[derive(Deserialize)]
struct SharingParams<'a> {
    #[serde(borrow)]
    sharing_message_token: Member<'a>,
    #[serde(borrow)]
    pingback_uri: Member<'a>,
}

fn initiated(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let InitiateParams { analytics } = request(asked.body)?;
    let AnalyticsParams { sharing } = required_object(analytics, "request.analytics")?;
    let SharingParams { sharing_message_token, pingback_uri } =
        required_object(sharing, "request.analytics.sharing")?;
    let path = "request.analytics.sharing.sharing_message_token";
    let message_token =
        text(sharing_message_token, path, BODY_BYTES_MAX)?.ok_or_else(|| wrong(path, "is missing"))?;
    let pingback_uri = text(pingback_uri, "request.analytics.sharing.pingback_uri", BODY_BYTES_MAX)?;
    if let Some(uri) = &pingback_uri {
        check_pingback_uri(asked, uri)?;
    }
    let (state, token) = (asked.state, render_uuid(&(asked.state.ids)()?));
    let initiated = state.catalog.initiate_snapshot(
        asked.site.number,
        &token,
        &message_token,
        pingback_uri.as_deref(),
        state.config.sharing.pending_max_per_account,
        asked.now,
    )?;
    let zone = &state.config.sharing.zone;
    match initiated {
        Initiated::Scheduled(snapshot) => {
            state.wakeups.snapshots.notify_one();
            let data = SnapshotBody::bare(&snapshot, zone).data();
            Ok(Answer::new(201, "scheduled", SCHEDULED_INFO, &data))
        }
        Initiated::Pending(snapshot) => {
            let data = SnapshotBody::bare(&snapshot, zone).data();
            Ok(Answer::new(207, "pending", PENDING_INFO, &data))
        }
        Initiated::NoSuchMessage => Err(SharingError::NotFound("sharing message")),
        Initiated::TooMany => Err(SharingError::TooMany),
    }
}

fn check_pingback_uri(asked: &Asked<'_>, uri: &str) -> Result<(), SharingError> {
    check_uri(uri, &asked.state.config.sharing.pingback_networks)
        .map(drop)
        .map_err(|problem| SharingError::Invalid(format!("pingback_uri cannot be used: {problem}")))
}
