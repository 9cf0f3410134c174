//! Valid segments as columns: what validation, the sample data and nothing else fill a batch through.

use std::borrow::Cow;
use std::sync::Arc;

use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments as at};
use tallyhouse_model::{ABSENT_INTEGER, ABSENT_TIME, Batch, DeviceClass, Key, Micros, Texts, Values};

use crate::ingest::DEVICE_INFO_UNKNOWN;

/// A segment that keeps all rules.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is the column of that name of `tables::VIEW_SEGMENTS`")]
pub struct Segment<'a> {
    pub view_id: Key,
    pub started_at: Micros,
    pub updated_at: Micros,
    pub ended_at: Micros,
    pub finished: bool,
    pub last_seen_at: Option<Micros>,
    /// Position in the list of words plus one.
    pub content_type: u8,
    pub content_id: u64,
    pub channel_id: Option<u64>,
    pub from: u64,
    pub to: u64,
    pub client_id: Cow<'a, str>,
    pub view_session_id: Cow<'a, str>,
    pub viewer_identifier: Option<&'a str>,
    /// Two upper-case letters.
    pub country: Option<[u8; 2]>,
    pub region: Option<&'a str>,
    pub city: Option<&'a str>,
    /// Position in the list of words plus one.
    pub view_type: u8,
    /// Position in the list of words plus one.
    pub device: Option<u8>,
    /// Absent: whether the device is held in the hand.
    pub is_mobile_view: Option<bool>,
    /// Absent: every family is "Other".
    pub device_info: Option<Arc<str>>,
}

/// The columns of segments and deletions, all of one length.
#[derive(Debug, Default)]
pub struct SegmentColumns {
    view_id: Vec<Key>,
    started_at: Vec<Micros>,
    updated_at: Vec<Micros>,
    ended_at: Vec<Micros>,
    finished: Vec<bool>,
    last_seen_at: Vec<Micros>,
    content_type: Vec<u8>,
    content_id: Vec<u64>,
    channel_id: Vec<u64>,
    from: Vec<u64>,
    to: Vec<u64>,
    client_id: Texts,
    view_session_id: Texts,
    viewer_identifier: Texts,
    country: Texts,
    region: Texts,
    city: Texts,
    view_type: Vec<u8>,
    device: Vec<u8>,
    is_mobile_view: Vec<bool>,
    device_info: Texts,
    deleted: Vec<bool>,
}

impl SegmentColumns {
    /// How many rows, deletions included.
    pub fn rows(&self) -> usize {
        self.deleted.len()
    }

    /// Bytes of the longest column of texts.
    pub fn text_bytes(&self) -> usize {
        let columns = [
            &self.client_id,
            &self.view_session_id,
            &self.viewer_identifier,
            &self.region,
            &self.city,
            &self.device_info,
        ];
        columns.into_iter().map(|texts| texts.bytes.len()).max().unwrap_or(0)
    }

    /// Adds a segment.
    pub fn push(&mut self, segment: &Segment<'_>) {
        self.view_id.push(segment.view_id);
        self.started_at.push(segment.started_at);
        self.updated_at.push(segment.updated_at);
        self.ended_at.push(segment.ended_at);
        self.finished.push(segment.finished);
        self.last_seen_at.push(segment.last_seen_at.unwrap_or(ABSENT_TIME));
        self.content_type.push(segment.content_type);
        self.content_id.push(segment.content_id);
        self.channel_id.push(segment.channel_id.unwrap_or(ABSENT_INTEGER));
        self.from.push(segment.from);
        self.to.push(segment.to);
        self.client_id.push(Some(&segment.client_id));
        self.view_session_id.push(Some(&segment.view_session_id));
        self.viewer_identifier.push(segment.viewer_identifier);
        let country = segment.country.as_ref();
        self.country
            .push(country.map(|code| std::str::from_utf8(code).expect("country codes are ASCII letters")));
        self.region.push(segment.region);
        self.city.push(segment.city);
        self.view_type.push(segment.view_type);
        self.device.push(segment.device.unwrap_or(0));
        let is_hand_held = segment.device.is_some_and(DeviceClass::is_hand_held);
        self.is_mobile_view.push(segment.is_mobile_view.unwrap_or(is_hand_held));
        self.device_info.push(Some(segment.device_info.as_deref().unwrap_or(DEVICE_INFO_UNKNOWN)));
        self.deleted.push(false);
    }

    /// Adds a deletion; its other columns are empty, as [`Batch::push_deletion`] leaves them.
    pub fn push_deletion(&mut self, view_id: Key, updated_at: Micros) {
        self.view_id.push(view_id);
        self.updated_at.push(updated_at);
        for times in [&mut self.started_at, &mut self.ended_at, &mut self.last_seen_at] {
            times.push(0);
        }
        for integers in [&mut self.content_id, &mut self.channel_id, &mut self.from, &mut self.to] {
            integers.push(0);
        }
        for choices in [&mut self.content_type, &mut self.view_type, &mut self.device] {
            choices.push(0);
        }
        for texts in [&mut self.client_id, &mut self.view_session_id, &mut self.viewer_identifier] {
            texts.push(None);
        }
        for texts in [&mut self.country, &mut self.region, &mut self.city, &mut self.device_info] {
            texts.push(None);
        }
        self.finished.push(false);
        self.is_mobile_view.push(false);
        self.deleted.push(true);
    }

    /// The columns in the order of the table.
    pub fn into_batch(self) -> Batch {
        let mut batch = Batch::new(&VIEW_SEGMENTS);
        let mut put = |column, values| batch.columns[column] = values;
        put(at::VIEW_ID, Values::Ids(self.view_id));
        put(at::STARTED_AT, Values::Times(self.started_at));
        put(at::UPDATED_AT, Values::Times(self.updated_at));
        put(at::ENDED_AT, Values::Times(self.ended_at));
        put(at::FINISHED, Values::Flags(self.finished));
        put(at::LAST_SEEN_AT, Values::Times(self.last_seen_at));
        put(at::CONTENT_TYPE, Values::Choices(self.content_type));
        put(at::CONTENT_ID, Values::Integers(self.content_id));
        put(at::CHANNEL_ID, Values::Integers(self.channel_id));
        put(at::FROM, Values::Integers(self.from));
        put(at::TO, Values::Integers(self.to));
        put(at::CLIENT_ID, Values::Texts(self.client_id));
        put(at::VIEW_SESSION_ID, Values::Texts(self.view_session_id));
        put(at::VIEWER_IDENTIFIER, Values::Texts(self.viewer_identifier));
        put(at::COUNTRY, Values::Texts(self.country));
        put(at::REGION, Values::Texts(self.region));
        put(at::CITY, Values::Texts(self.city));
        put(at::VIEW_TYPE, Values::Choices(self.view_type));
        put(at::DEVICE, Values::Choices(self.device));
        put(at::IS_MOBILE_VIEW, Values::Flags(self.is_mobile_view));
        put(at::DEVICE_INFO, Values::Texts(self.device_info));
        batch.deleted = self.deleted;
        assert!(batch.is_consistent(), "a row is pushed to all columns or to none");
        batch
    }
}
