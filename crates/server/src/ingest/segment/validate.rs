//! The rules of `view_segments` that follow from more than one field. They are the same for every format.

use std::borrow::Cow;
use std::sync::Arc;

use tallyhouse_model::{Cell, Key, Micros, SECOND};

use super::Segment;
use crate::ingest::values::{
    address, choice, country, flag, integer, integer_or_digits, object, required, string, text, time, uuid,
    wrong,
};
use crate::ingest::{
    Absence, DeviceInfos, Fields, Origin, Reason, Receipt, Rule, VIEW_SEGMENTS, segment_field as field,
};

type Read<T> = Result<Option<T>, Reason>;

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
    fields: &'f Fields<'_>,
    receipt: Receipt,
    device_infos: &mut DeviceInfos,
) -> Result<Record<'f>, Reason> {
    let view_id = there(fields, field::VIEW_ID, uuid(fields.sent(field::VIEW_ID))?)?;
    let updated_at = time_of(fields, field::UPDATED_AT, receipt.now)?.unwrap_or(receipt.version);
    if flag(fields.sent(field::DELETED))? == Some(true) {
        return Ok(Record::Deletion { view_id, updated_at });
    }

    let content_type = there(fields, field::CONTENT_TYPE, word_of(fields, field::CONTENT_TYPE)?)?;
    let content_id = there(fields, field::CONTENT_ID, number_of(fields, field::CONTENT_ID)?)?;
    let span = span(fields, receipt.now)?;
    let client_id = there(fields, field::CLIENT_ID, name_of(fields, field::CLIENT_ID)?)?;
    let device = word_of(fields, field::DEVICE)?;
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
        channel_id: number_of(fields, field::CHANNEL_ID)?,
        from: span.from,
        to: span.to,
        client_id,
        view_session_id: there(fields, field::VIEW_SESSION_ID, text_of(fields, field::VIEW_SESSION_ID)?)?
            .into(),
        viewer_identifier: text_of(fields, field::VIEWER_IDENTIFIER)?,
        country: country(fields.sent(field::COUNTRY))?,
        region: text_of(fields, field::REGION)?,
        city: text_of(fields, field::CITY)?,
        view_type: word_of(fields, field::VIEW_TYPE)?.unwrap_or(default_word(field::VIEW_TYPE)),
        device,
        is_mobile_view: flag(fields.sent(field::IS_MOBILE_VIEW))?,
        device_info: device_info(fields, device_infos)?,
    };
    Ok(Record::Segment(segment, origin))
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

fn span(fields: &Fields<'_>, now: Micros) -> Result<Span, Reason> {
    let started_at = there(fields, field::STARTED_AT, time_of(fields, field::STARTED_AT, now)?)?;
    let finished_at = time_of(fields, field::FINISHED_AT, now)?;
    if finished_at.is_some_and(|at| at < started_at) {
        return Err(wrong(fields.sent(field::FINISHED_AT), "is before started_at"));
    }
    // Heartbeats may come from another clock than the start: one that is behind says that nothing was seen yet.
    let last_seen_at = time_of(fields, field::LAST_SEEN_AT, now)?.map(|at| at.max(started_at));
    let from = number_of(fields, field::FROM)?.unwrap_or(0);
    let to = number_of(fields, field::TO)?.unwrap_or(0);
    let watched = Micros::try_from(to.saturating_sub(from)).expect("positions are 31 bits wide") * SECOND;
    let ended_at = finished_at.or(last_seen_at).unwrap_or(started_at + watched);
    Ok(Span { started_at, ended_at, finished: finished_at.is_some(), last_seen_at, from, to })
}

/// Fields that are looked at and not stored. A user agent of nothing but spaces is none.
fn origin<'f>(fields: &'f Fields<'_>) -> Result<Origin<'f>, Reason> {
    let user_agent = text_of(fields, field::USER_AGENT)?;
    Ok(Origin {
        user_agent: user_agent.map(str::trim).filter(|agent| !agent.is_empty()),
        ip: address(fields.sent(field::IP))?,
    })
}

fn device_info(fields: &Fields<'_>, device_infos: &mut DeviceInfos) -> Result<Option<Arc<str>>, Reason> {
    object(fields.sent(field::DEVICE_INFO))?.map(|json| device_infos.stored(json)).transpose()
}

fn there<T>(fields: &Fields<'_>, position: usize, value: Option<T>) -> Result<T, Reason> {
    value.ok_or_else(|| required(fields.sent(position)))
}

fn text_of<'f>(fields: &'f Fields<'_>, position: usize) -> Read<&'f str> {
    let sent = fields.sent(position);
    match sent.field.rule {
        Rule::Text(rule) => string(sent, rule),
        other => unreachable!("{} is no text but {other:?}", sent.field.name),
    }
}

fn name_of<'f>(fields: &'f Fields<'_>, position: usize) -> Read<Cow<'f, str>> {
    let sent = fields.sent(position);
    match sent.field.rule {
        Rule::Text(rule) => text(sent, rule),
        other => unreachable!("{} is no text but {other:?}", sent.field.name),
    }
}

fn number_of(fields: &Fields<'_>, position: usize) -> Read<u64> {
    let sent = fields.sent(position);
    match sent.field.rule {
        Rule::Integer(max) => integer(sent, max),
        Rule::Digits(max) => integer_or_digits(sent, max),
        other => unreachable!("{} is no number but {other:?}", sent.field.name),
    }
}

fn time_of(fields: &Fields<'_>, position: usize, now: Micros) -> Read<Micros> {
    let sent = fields.sent(position);
    match sent.field.rule {
        Rule::Time(zoneless) => time(sent, zoneless, now),
        other => unreachable!("{} is no time but {other:?}", sent.field.name),
    }
}

fn word_of(fields: &Fields<'_>, position: usize) -> Read<u8> {
    let sent = fields.sent(position);
    choice(sent, VIEW_SEGMENTS.words(sent.field))
}

fn default_word(position: usize) -> u8 {
    match VIEW_SEGMENTS.fields[position].absence {
        Absence::Default(Cell::Choice(word)) => word,
        other => unreachable!("no word by default, but {other:?}"),
    }
}
