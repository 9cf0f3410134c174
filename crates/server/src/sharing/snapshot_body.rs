//! How snapshots are shown, in answers and in pingbacks.

use serde::Serialize;
use tallyhouse_model::Micros;

use super::envelope::{Answer, Text, Texts, date_text};
use crate::catalog::{Snapshot, SnapshotState};

/// What a pingback is about: the documented resource, which is no URL of this server.
const PINGBACK_RESOURCE: &str = "/sharing/analytics/snapshot.json";

/// `sharing_analytics_snapshot` as data of an answer.
#[derive(Debug, Serialize)]
pub struct SnapshotData<'a> {
    sharing_analytics_snapshot: SnapshotBody<'a>,
}

/// A snapshot as answers have it.
#[derive(Debug, Serialize)]
pub struct SnapshotBody<'a> {
    sharing_analytics_snapshot_token: &'a str,
    date_initiated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_finished: Option<String>,
    sharing_message: MessageBody<'a>,
}

#[derive(Debug, Serialize)]
struct MessageBody<'a> {
    sharing_message_token: &'a str,
    date_creation: String,
    date_last_published: String,
}

impl<'a> SnapshotBody<'a> {
    /// A snapshot without its status, as the documented 201 and pingback have it, and the 207, which is shaped like the 201.
    pub fn bare(snapshot: &'a Snapshot, zone: &str) -> Self {
        let finished_at = match snapshot.state {
            SnapshotState::Pending => None,
            SnapshotState::Processed(at) => Some(at),
        };
        Self {
            sharing_analytics_snapshot_token: &snapshot.token,
            date_initiated: date_text(snapshot.initiated_at, zone),
            status: None,
            date_finished: finished_at.map(|at| date_text(at, zone)),
            sharing_message: MessageBody {
                sharing_message_token: &snapshot.message_token,
                date_creation: date_text(snapshot.message_created_at, zone),
                date_last_published: date_text(snapshot.message_published_at, zone),
            },
        }
    }

    /// A snapshot with its status.
    pub fn with_status(snapshot: &'a Snapshot, zone: &str) -> Self {
        let status = match snapshot.state {
            SnapshotState::Pending => "pending",
            SnapshotState::Processed(_) => "processed",
        };
        Self { status: Some(status), ..Self::bare(snapshot, zone) }
    }

    /// As data of an answer, with what it found as its last member.
    pub fn around(self, publication_snapshots: Text) -> Texts {
        let data = serde_json::to_string(&self.data()).expect("writing to memory does not fail");
        let open = data.strip_suffix("}}").expect("it is an object in an object");
        let before = format!(r#"{open},"publication_snapshots":"#);
        vec![Text::Written(before), publication_snapshots, Text::Written("}}".to_owned())]
    }

    /// As data of an answer.
    pub fn data(self) -> SnapshotData<'a> {
        SnapshotData { sharing_analytics_snapshot: self }
    }
}

/// What is told about a snapshot that was finished at this time.
pub fn pingback_body(snapshot: &Snapshot, finished_at: Micros, zone: &str) -> String {
    let snapshot = Snapshot { state: SnapshotState::Processed(finished_at), ..snapshot.clone() };
    let data = SnapshotBody::bare(&snapshot, zone).data();
    let texts = Answer::success(&data).wrap(PINGBACK_RESOURCE, finished_at, zone);
    texts.iter().filter_map(Text::written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2012-01-27T15:08:37Z, the time of the documented examples.
    const INITIATED_AT: Micros = 1_327_676_917_000_000;

    #[test]
    fn a_pingback_is_the_documented_one() {
        let snapshot = Snapshot {
            token: "ace99ec8-969d-462d-a93d-ae896ddffdba".to_owned(),
            message_token: "221c7bdf-d2b7-4ee4-99f4-34d0d550ecf6".to_owned(),
            message_created_at: 1_327_444_735_000_000,
            message_published_at: 1_327_444_736_000_000,
            initiated_at: INITIATED_AT,
            state: SnapshotState::Pending,
        };
        assert_eq!(
            pingback_body(&snapshot, INITIATED_AT + 86_000_000, "+0100"),
            concat!(
                r#"{"response":{"request":{"date":"Fri, 27 Jan 2012 16:10:03 +0100","#,
                r#""resource":"/sharing/analytics/snapshot.json","#,
                r#""status":{"flag":"success","code":200,"info":"Your request has been processed successfully"}},"#,
                r#""result":{"data":{"sharing_analytics_snapshot":{"#,
                r#""sharing_analytics_snapshot_token":"ace99ec8-969d-462d-a93d-ae896ddffdba","#,
                r#""date_initiated":"Fri, 27 Jan 2012 16:08:37 +0100","#,
                r#""date_finished":"Fri, 27 Jan 2012 16:10:03 +0100","#,
                r#""sharing_message":{"sharing_message_token":"221c7bdf-d2b7-4ee4-99f4-34d0d550ecf6","#,
                r#""date_creation":"Tue, 24 Jan 2012 23:38:55 +0100","#,
                r#""date_last_published":"Tue, 24 Jan 2012 23:38:56 +0100"}}}}}}"#
            )
        );
    }
}
