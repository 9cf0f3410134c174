//! The rules of `view_segments`, in the order of `docs/API.md`. They are the same for every format.

use std::borrow::Cow;
use std::sync::Arc;

use tallyhouse_model::limits::{TEXT_BYTES_MAX, VERSION_AHEAD_MAX};
use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments};
use tallyhouse_model::{ColumnIndex, ColumnKind, Key, Micros, SECOND};

use super::values::{
    address, choice, country, flag, integer, integer_or_digits, name_or_number, object, required, text, time,
    uuid, wrong,
};
use super::{DeviceInfos, Field, Origin, Reason, Segment, SegmentFields};

/// Bytes of a `client_id` or `view_session_id`.
const NAME_BYTES_MAX: usize = 256;

/// Bytes of a `user_agent`.
const USER_AGENT_BYTES_MAX: usize = 2_048;

/// The greatest id: what fits a signed 64-bit integer.
const ID_MAX: u64 = i64::MAX as u64;

/// The greatest position in a video, in seconds.
const POSITION_MAX: u64 = i32::MAX as u64;

/// `onsite`, as its column stores it.
const ONSITE: u8 = 1;

/// When a record arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The time now: what a record may be ahead of is counted from here.
    pub now: Micros,
    /// The version of records without an `updated_at`. Earlier than `now` only for a record that waited in quarantine.
    pub version: Micros,
}

impl Receipt {
    /// A record that has just arrived.
    pub fn at(now: Micros) -> Self {
        Self { now, version: now }
    }
}

/// A record that keeps all rules.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are segments, and only one is there at a time")]
pub enum Record<'f> {
    /// A segment, and where it came from.
    Segment(Segment<'f>, Origin<'f>),
    /// The deletion of one.
    Deletion {
        /// Which.
        view_id: Key,
        /// The version of the deletion.
        updated_at: Micros,
    },
}

/// Holds the fields of a record against the rules. The first rule that is broken gives the reason.
pub fn validate<'f>(
    fields: &'f SegmentFields<'_>,
    receipt: Receipt,
    device_infos: &mut DeviceInfos,
) -> Result<Record<'f>, Reason> {
    let view_id = required(Field::ViewId, uuid(fields, Field::ViewId)?)?;
    let updated_at = version(fields, receipt)?;
    if flag(fields, Field::Deleted)? == Some(true) {
        return Ok(Record::Deletion { view_id, updated_at });
    }

    let content_type =
        required(Field::ContentType, word(fields, Field::ContentType, view_segments::CONTENT_TYPE)?)?;
    let content_id = required(Field::ContentId, integer_or_digits(fields, Field::ContentId, ID_MAX)?)?;
    let span = span(fields, receipt.now)?;
    let client_id = required(Field::ClientId, name_or_number(fields, Field::ClientId, NAME_BYTES_MAX)?)?;
    let device = word(fields, Field::Device, view_segments::DEVICE)?;
    let origin = origin(fields)?;

    let segment = Segment {
        view_id,
        started_at: span.started_at,
        updated_at,
        ended_at: span.ended_at,
        finished: span.finished,
        last_seen_at: span.last_seen_at,
        content_type,
        content_id,
        channel_id: integer_or_digits(fields, Field::ChannelId, ID_MAX)?,
        from: span.from,
        to: span.to,
        client_id,
        view_session_id: session(fields)?,
        viewer_identifier: text(fields, Field::ViewerIdentifier, TEXT_BYTES_MAX)?
            .filter(|text| !text.is_empty()),
        country: country(fields, Field::Country)?,
        region: text(fields, Field::Region, TEXT_BYTES_MAX)?,
        city: text(fields, Field::City, TEXT_BYTES_MAX)?,
        view_type: word(fields, Field::ViewType, view_segments::VIEW_TYPE)?.unwrap_or(ONSITE),
        device,
        is_mobile_view: flag(fields, Field::IsMobileView)?,
        device_info: device_info(fields, device_infos)?,
    };
    Ok(Record::Segment(segment, origin))
}

/// `updated_at`, else the time of receipt.
fn version(fields: &SegmentFields<'_>, receipt: Receipt) -> Result<Micros, Reason> {
    const _: () = assert!(VERSION_AHEAD_MAX == tallyhouse_model::limits::RECORD_TIME_AHEAD_MAX);
    Ok(time(fields, Field::UpdatedAt, receipt.now)?.unwrap_or(receipt.version))
}

/// The stretch of watching, in time and in the video.
struct Span {
    started_at: Micros,
    ended_at: Micros,
    finished: bool,
    last_seen_at: Option<Micros>,
    from: u64,
    to: u64,
}

fn span(fields: &SegmentFields<'_>, now: Micros) -> Result<Span, Reason> {
    let started_at = required(Field::StartedAt, time(fields, Field::StartedAt, now)?)?;
    let finished_at = time(fields, Field::FinishedAt, now)?;
    if finished_at.is_some_and(|at| at < started_at) {
        return Err(wrong(Field::FinishedAt, "is before started_at"));
    }
    // Heartbeats may come from another clock than the start: one that is behind says that nothing was seen yet.
    let last_seen_at = time(fields, Field::LastSeenAt, now)?.map(|at| at.max(started_at));
    let from = integer(fields, Field::From, POSITION_MAX)?.unwrap_or(0);
    let to = integer(fields, Field::To, POSITION_MAX)?.unwrap_or(0);
    let watched = Micros::try_from(to.saturating_sub(from)).expect("positions are 31 bits wide") * SECOND;
    let ended_at = finished_at.or(last_seen_at).unwrap_or(started_at + watched);
    Ok(Span { started_at, ended_at, finished: finished_at.is_some(), last_seen_at, from, to })
}

fn session<'f>(fields: &'f SegmentFields<'_>) -> Result<Cow<'f, str>, Reason> {
    let session = required(Field::ViewSessionId, text(fields, Field::ViewSessionId, NAME_BYTES_MAX)?)?;
    if session.is_empty() {
        return Err(wrong(Field::ViewSessionId, "is empty"));
    }
    Ok(session.into())
}

/// Fields that are looked at and not stored. A user agent of nothing but spaces is none.
fn origin<'f>(fields: &'f SegmentFields<'_>) -> Result<Origin<'f>, Reason> {
    let user_agent = text(fields, Field::UserAgent, USER_AGENT_BYTES_MAX)?;
    Ok(Origin {
        user_agent: user_agent.map(str::trim).filter(|agent| !agent.is_empty()),
        ip: address(fields, Field::Ip)?,
    })
}

fn device_info(
    fields: &SegmentFields<'_>,
    device_infos: &mut DeviceInfos,
) -> Result<Option<Arc<str>>, Reason> {
    object(fields, Field::DeviceInfo)?.map(|json| device_infos.stored(json)).transpose()
}

fn word(fields: &SegmentFields<'_>, field: Field, column: ColumnIndex) -> Result<Option<u8>, Reason> {
    choice(fields, field, words(column))
}

fn words(column: ColumnIndex) -> &'static [&'static str] {
    match VIEW_SEGMENTS.columns[column].kind {
        ColumnKind::Choice(words) => words,
        other => unreachable!("column {column} is no choice but {other:?}"),
    }
}
