//! Views: the segments themselves, by start and key.

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{AccountId, Belongs, Filter, RowsQuery, TableId};

use super::body::RowsBody;
use super::content::ContentColumns;
use super::error::VideoError;
use super::links::Links;
use super::params::ViewsParams;
use super::reader::Reader;
use super::respond::{Answer, timed};
use super::segment_json::SegmentWriter;
use crate::config::VideoConfig;

/// Finds a page of segments.
pub fn answer(
    reader: &Reader,
    config: &VideoConfig,
    params: ViewsParams,
    links: &Links,
) -> Result<Answer, VideoError> {
    let query = query_of(reader.account(), &params);
    let (found, store_time) = timed(|| reader.rows(query))?;
    let rows = found.page.rows();
    let mut writer = SegmentWriter::new(params.period.zone, config.content_id_as_string);
    let write_row = move |row: usize, out: &mut Vec<u8>| writer.write_view(&found.page, row, out);
    let body = RowsBody::new(links, params.page, found.total, rows, write_row).into_body();
    Ok(Answer { body, scanned: found.scanned, store_time })
}

fn query_of(account: AccountId, params: &ViewsParams) -> RowsQuery {
    let mut filters = params.content.filters(ContentColumns::of(TableId::ViewSegments));
    if !params.list_unfinished_segments {
        filters.push(Filter::FlagIs(view_segments::FINISHED, true));
    }
    RowsQuery {
        account,
        table: TableId::ViewSegments,
        range: params.period.range,
        // Without the edges, unfinished segments go too, whatever the other flag says: they have no finish time.
        belongs: if params.inclusive_range { Belongs::TouchesEdge } else { Belongs::Within },
        filters,
        offset: params.page.offset(),
        limit: params.page.limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::query_string::QueryString;

    fn query(text: &str) -> RowsQuery {
        let uri = format!("/x?date_time_from=2020-01-01&date_time_to=2020-01-02&{text}").parse().unwrap();
        let params =
            ViewsParams::of_content_type(&QueryString::of(&uri), &VideoConfig::default(), "recorded")
                .unwrap();
        query_of(AccountId(3), &params)
    }

    #[test]
    fn the_flags_choose_how_segments_belong() {
        assert_eq!(query("").belongs, Belongs::TouchesEdge);
        assert_eq!(query("inclusive_range=false").belongs, Belongs::Within);
        let finished = Filter::FlagIs(view_segments::FINISHED, true);
        assert!(!query("").filters.contains(&finished));
        assert!(query("list_unfinished_segments=0").filters.contains(&finished));
    }

    #[test]
    fn content_and_channels_become_filters_and_pages_offsets() {
        let query = query("content_id=2,1&channel_id=9&_page=3&_limit=50");
        assert_eq!(
            query.filters,
            [
                Filter::ChoiceIn(view_segments::CONTENT_TYPE, vec!["recorded"]),
                Filter::IntegerIn(view_segments::CONTENT_ID, vec![1, 2]),
                Filter::IntegerIn(view_segments::CHANNEL_ID, vec![9])
            ]
        );
        assert_eq!((query.offset, query.limit, query.account), (100, 50, AccountId(3)));
    }
}
