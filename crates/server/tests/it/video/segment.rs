//! Segments for the tests, as the validated rows that ingest makes of records.

use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments as column};
use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, Batch, ColumnIndex, ColumnKind, Micros, Values, parse_record_time,
};

/// What no user agent gives.
pub const NO_DEVICE: &str = concat!(
    r#"{"browser":{"family":"Other","major":null,"minor":null,"patch":null},"#,
    r#""os":{"family":"Other","major":null,"minor":null,"patch":null,"patch_minor":null},"#,
    r#""device":{"family":"Other","brand":null,"model":null}}"#
);

/// A segment; the default one is the View of the documented example.
#[derive(Debug, Clone)]
pub struct Segment {
    pub view_id: u128,
    pub content_type: &'static str,
    pub content_id: u64,
    pub channel_id: Option<u64>,
    pub started_at: &'static str,
    pub finished_at: Option<&'static str>,
    pub last_seen_at: Option<&'static str>,
    pub from: u64,
    pub to: u64,
    pub client_id: &'static str,
    pub session: &'static str,
    pub viewer: Option<&'static str>,
    pub country: Option<&'static str>,
    pub region: Option<&'static str>,
    pub city: Option<&'static str>,
    pub view_type: &'static str,
    pub device: Option<&'static str>,
    pub is_mobile_view: bool,
    pub device_info: &'static str,
    pub updated_at: &'static str,
}

impl Default for Segment {
    fn default() -> Self {
        Self {
            view_id: 0x4bfc_69b5_1320_4a44_a8d6_1fe1_f397_fb94,
            content_type: "live",
            content_id: 112_342_345,
            channel_id: None,
            started_at: "2018-07-16T19:20:30+01:00",
            finished_at: Some("2018-07-16T19:20:42+01:00"),
            last_seen_at: None,
            from: 0,
            to: 0,
            client_id: "13602851710424434669",
            session: "7f66d911:8b7aa82c",
            viewer: Some("some.viewer@example.com"),
            country: Some("HU"),
            region: None,
            city: Some("Budapest"),
            view_type: "offsite",
            device: Some("mobile"),
            is_mobile_view: true,
            device_info: NO_DEVICE,
            updated_at: "2018-07-17T00:00:00Z",
        }
    }
}

/// A short segment that starts a play of its own at this time.
pub fn play(view_id: u128, session: &'static str, started_at: &'static str) -> Segment {
    Segment { view_id, session, started_at, finished_at: None, ..Segment::default() }
}

/// A finished segment of one content, of a session and a device and a viewer of its own name.
pub fn watched(view_id: u128, who: &'static str, started_at: &'static str, to: &'static str) -> Segment {
    Segment {
        view_id,
        session: who,
        client_id: who,
        viewer: Some(who),
        started_at,
        finished_at: Some(to),
        content_id: 5,
        ..Segment::default()
    }
}

/// The rows of these segments.
pub fn batch_of(segments: &[Segment]) -> Batch {
    let mut batch = Batch::new(&VIEW_SEGMENTS);
    for segment in segments {
        segment.push(&mut batch);
    }
    assert!(batch.is_consistent());
    batch
}

pub fn micros(text: &str) -> Micros {
    parse_record_time(text).unwrap_or_else(|error| panic!("{text} {error}"))
}

impl Segment {
    fn push(&self, batch: &mut Batch) {
        let started_at = micros(self.started_at);
        let watched = i64::try_from(self.to.saturating_sub(self.from)).unwrap() * tallyhouse_model::SECOND;
        let (finished_at, last_seen_at) = (self.finished_at.map(micros), self.last_seen_at.map(micros));
        ids(batch, column::VIEW_ID, self.view_id);
        times(batch, column::STARTED_AT, started_at);
        times(batch, column::UPDATED_AT, micros(self.updated_at));
        times(batch, column::ENDED_AT, finished_at.or(last_seen_at).unwrap_or(started_at + watched));
        flags(batch, column::FINISHED, finished_at.is_some());
        times(batch, column::LAST_SEEN_AT, last_seen_at.unwrap_or(ABSENT_TIME));
        choices(batch, column::CONTENT_TYPE, Some(self.content_type));
        integers(batch, column::CONTENT_ID, self.content_id);
        integers(batch, column::CHANNEL_ID, self.channel_id.unwrap_or(ABSENT_INTEGER));
        integers(batch, column::FROM, self.from);
        integers(batch, column::TO, self.to);
        texts(batch, column::CLIENT_ID, Some(self.client_id));
        texts(batch, column::VIEW_SESSION_ID, Some(self.session));
        texts(batch, column::VIEWER_IDENTIFIER, self.viewer);
        texts(batch, column::COUNTRY, self.country);
        texts(batch, column::REGION, self.region);
        texts(batch, column::CITY, self.city);
        choices(batch, column::VIEW_TYPE, Some(self.view_type));
        choices(batch, column::DEVICE, self.device);
        flags(batch, column::IS_MOBILE_VIEW, self.is_mobile_view);
        texts(batch, column::DEVICE_INFO, Some(self.device_info));
        batch.deleted.push(false);
    }
}

fn ids(batch: &mut Batch, column: ColumnIndex, id: u128) {
    let Values::Ids(ids) = &mut batch.columns[column] else { panic!("column {column} holds no ids") };
    ids.push(id.to_be_bytes());
}

fn times(batch: &mut Batch, column: ColumnIndex, time: Micros) {
    let Values::Times(times) = &mut batch.columns[column] else { panic!("column {column} holds no times") };
    times.push(time);
}

fn flags(batch: &mut Batch, column: ColumnIndex, flag: bool) {
    let Values::Flags(flags) = &mut batch.columns[column] else { panic!("column {column} holds no flags") };
    flags.push(flag);
}

fn integers(batch: &mut Batch, column: ColumnIndex, integer: u64) {
    let Values::Integers(integers) = &mut batch.columns[column] else {
        panic!("column {column} holds no integers")
    };
    integers.push(integer);
}

fn texts(batch: &mut Batch, column: ColumnIndex, text: Option<&str>) {
    let Values::Texts(texts) = &mut batch.columns[column] else { panic!("column {column} holds no texts") };
    texts.push(text);
}

fn choices(batch: &mut Batch, column: ColumnIndex, word: Option<&str>) {
    let ColumnKind::Choice(words) = batch.table.columns[column].kind else {
        panic!("column {column} has no words")
    };
    let code =
        |word| 1 + words.iter().position(|known| *known == word).expect("the word is in the list") as u8;
    let Values::Choices(choices) = &mut batch.columns[column] else {
        panic!("column {column} holds no choices")
    };
    choices.push(word.map_or(0, code));
}
