//! Viewers: people by their identifier, each with the segments that belong to the period.

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{AccountId, Belongs, Filter, GroupsQuery, TableId};

use super::body::start_of_page;
use super::content::ContentColumns;
use super::error::VideoError;
use super::links::Links;
use super::params::ViewersParams;
use super::reader::Reader;
use super::respond::{Answer, timed};
use super::segment_json::SegmentWriter;
use super::viewers_json::ViewersWriter;
use crate::config::VideoConfig;
use crate::http::pieces;

/// Finds a page of viewers; their segments are read while they are sent.
pub fn answer(
    reader: &Reader,
    config: &VideoConfig,
    params: ViewersParams,
    links: &Links,
) -> Result<Answer, VideoError> {
    let query = query_of(reader.account(), &params);
    let (mut viewers, store_time) = timed(|| reader.groups(query))?;
    let scanned = viewers.scanned();
    let start = start_of_page(links, params.page, viewers.total());
    let segments = SegmentWriter::new(params.period.zone, config.content_id_as_string);
    let mut writer = ViewersWriter::new(start, segments);
    let begun = pieces::begin(move || writer.next_piece(|| viewers.next_rows()), reader.stop())?;
    Ok(Answer { body: begun.into(), scanned, store_time })
}

fn query_of(account: AccountId, params: &ViewersParams) -> GroupsQuery {
    let mut filters = params.content.filters(ContentColumns::of(TableId::ViewSegments));
    if !params.list_unfinished_segments {
        filters.push(Filter::FlagIs(view_segments::FINISHED, true));
    }
    if let Some(part) = &params.viewer_identifier {
        filters.push(Filter::TextContains(view_segments::VIEWER_IDENTIFIER, part.clone()));
    }
    GroupsQuery {
        account,
        table: TableId::ViewSegments,
        range: params.period.range,
        // As for the count of authenticated viewers, so that the two agree.
        belongs: Belongs::Present,
        filters,
        column: view_segments::VIEWER_IDENTIFIER,
        offset: params.page.offset(),
        limit: params.page.limit,
    }
}

#[cfg(test)]
mod tests;
