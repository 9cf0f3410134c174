//! Numbers per content and bucket, or the one number of a content: peaks and seconds.

use tallyhouse_model::tables::view_segments::{CONTENT_ID, CONTENT_TYPE};
use tallyhouse_model::{AccountId, Micros, Point, SweepQuery, SweepRow, TableId, Unit};

use super::body::RowsBody;
use super::content::{ContentColumns, ContentParams};
use super::error::VideoError;
use super::links::Links;
use super::params::{Period, SweepParams, SweepSummaryParams};
use super::reader::Reader;
use super::respond::{Answer, timed};
use super::segment_json::write_content_id;
use super::swept_metric::{SweptKind, SweptMetric};
use super::time_text::TimeWriter;
use crate::config::{PeakForm, VideoConfig};

/// Answers a page of numbers per bucket and content.
pub fn answer(
    reader: &Reader,
    config: &VideoConfig,
    metric: &'static SweptMetric,
    params: SweepParams,
    links: &Links,
) -> Result<Answer, VideoError> {
    let query = series_query(reader.account(), metric, &params, config.peak);
    let (found, store_time) = timed(|| reader.sweep(query))?;
    let (length, mut writer) = (found.rows.len(), RowWriter::new(metric.series_type, &params.period, config));
    let write_row = move |row: usize, out: &mut Vec<u8>| {
        let row = &found.rows[row];
        writer.write(row, row.at, out);
    };
    let body = RowsBody::new(links, params.page, found.total, length, write_row).into_body();
    Ok(Answer { body, scanned: found.scanned, store_time })
}

/// Answers the one number of a content, or none where nobody watched it in the period.
pub fn answer_summary(
    reader: &Reader,
    config: &VideoConfig,
    metric: &'static SweptMetric,
    params: SweepSummaryParams,
) -> Result<Answer, VideoError> {
    let query = summary_query(reader.account(), metric, &params, config.peak);
    let filters = query.filters.clone();
    let (found, store_time) = timed(|| reader.sweep(query))?;
    if found.rows.is_empty() && !reader.any(TableId::ViewSegments, filters)? {
        return Err(VideoError::NoContent);
    }
    let (length, mut writer) =
        (found.rows.len(), RowWriter::new(metric.summary_type, &params.period, config));
    let write_row = move |row: usize, out: &mut Vec<u8>| {
        let row = &found.rows[row];
        writer.write(row, summary_time(metric.kind, row.at, &params.period), out);
    };
    let body = RowsBody::without_pages(length, write_row).into_body();
    Ok(Answer { body, scanned: found.scanned, store_time })
}

/// Of a peak the minute in which it was first reached; of seconds the start of the period.
fn summary_time(kind: SweptKind, at: Micros, period: &Period) -> Micros {
    match kind {
        SweptKind::Peak => period.zone.bucket_start(Unit::Minute, at),
        SweptKind::Seconds => period.range.from,
    }
}

fn series_query(
    account: AccountId,
    metric: &SweptMetric,
    params: &SweepParams,
    peak: PeakForm,
) -> SweepQuery {
    SweepQuery {
        buckets: Some((params.granularity, params.period.zone.clone())),
        offset: params.page.offset(),
        limit: params.page.limit,
        ..query_of(account, metric, &params.content, &params.period, peak)
    }
}

fn summary_query(
    account: AccountId,
    metric: &SweptMetric,
    params: &SweepSummaryParams,
    peak: PeakForm,
) -> SweepQuery {
    let content = ContentParams {
        content_type: Some(params.content_type),
        content_ids: Some(vec![params.content_id]),
        channel_ids: None,
    };
    query_of(account, metric, &content, &params.period, peak)
}

/// All in one bucket, of which there is one row per content.
fn query_of(
    account: AccountId,
    metric: &SweptMetric,
    content: &ContentParams,
    period: &Period,
    peak: PeakForm,
) -> SweepQuery {
    SweepQuery {
        account,
        table: TableId::ViewSegments,
        range: period.recorded_range(),
        filters: content.filters(ContentColumns::of(TableId::ViewSegments)),
        measure: metric.kind.measure(peak, &period.zone),
        groups: [CONTENT_TYPE, CONTENT_ID],
        buckets: None,
        offset: 0,
        limit: 1,
    }
}

/// Writes the rows of one answer.
struct RowWriter {
    row_type: &'static str,
    times: TimeWriter,
    content_id_as_string: bool,
}

impl RowWriter {
    fn new(row_type: &'static str, period: &Period, config: &VideoConfig) -> Self {
        let times = TimeWriter::new(period.zone.clone());
        Self { row_type, times, content_id_as_string: config.content_id_as_string }
    }

    /// Appends a row with the attributes in the order of the documented example.
    fn write(&mut self, row: &SweepRow, time: Micros, out: &mut Vec<u8>) {
        let SweepRow { group: [Point::Text(content_type), Point::Integer(content_id)], value, .. } = row
        else {
            unreachable!("contents have a word and a number, not {:?}", row.group)
        };
        out.extend_from_slice(br#"{"attributes":{"content_type":""#);
        out.extend_from_slice(content_type.as_bytes());
        out.extend_from_slice(br#"","content_id":"#);
        write_content_id(*content_id, self.content_id_as_string, out);
        out.extend_from_slice(br#","time":""#);
        self.times.write(time, out);
        let row_type = self.row_type;
        out.extend_from_slice(format!(r#"","value":{value}}},"type":"{row_type}"}}"#).as_bytes());
    }
}

#[cfg(test)]
mod tests;
