//! `reports_images`: the images of reports by the time they were made, read while they are sent.

use serde::Serialize;
use tallyhouse_model::tables::report_images::{CREATED_AT, MEDIUM, REPORT_IMAGE_ID, THUMB};
use tallyhouse_model::{Batch, Cell, ColumnIndex, Table, TableId, integer_of_key};

use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;
use crate::reports::time_text::in_utc;

pub const NAME: &str = "reports_images";

/// Images that are read at once.
const CHUNK_ROWS: u64 = 200;

const COLUMNS: [ColumnIndex; 5] = [Table::KEY, CREATED_AT, REPORT_IMAGE_ID, THUMB, MEDIUM];

#[derive(Debug, Serialize)]
struct Item {
    report_image_id: u64,
    account_id: u64,
    report_id: u64,
    created_at: String,
    styles: Styles,
}

#[derive(Debug, Serialize)]
struct Styles {
    thumb: Option<String>,
    medium: Option<String>,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let mut images = asked.reader.scan(&period, TableId::ReportImages)?;
    check_exists(asked, period.channel_id, images.total() == 0)?;
    let items = Items::of_all(asked.range, NAME, images.total());
    let mut places = items.places.clone();
    let next_items = move || {
        if places.is_empty() {
            return Ok(None);
        }
        let end = places.end.min(places.start + CHUNK_ROWS);
        let rows = images.rows(places.start..end, &COLUMNS)?;
        places.start = end;
        Ok(Some((0..rows.rows()).map(|row| item(&rows, row, period.channel_id)).collect()))
    };
    let body = list::begin(next_items, asked.reader.stop())?;
    Ok(Answer::list(body, items))
}

fn item(rows: &Batch, row: usize, account_id: u64) -> Item {
    let cell = |column: ColumnIndex| rows.columns[column].cell(row);
    let (Cell::Id(report), Cell::Time(created_at), Cell::Integer(report_image_id)) =
        (cell(Table::KEY), cell(CREATED_AT), cell(REPORT_IMAGE_ID))
    else {
        unreachable!("an image has a report, a time and a number");
    };
    Item {
        report_image_id,
        account_id,
        report_id: integer_of_key(&report),
        created_at: in_utc(created_at),
        styles: Styles { thumb: text(cell(THUMB)), medium: text(cell(MEDIUM)) },
    }
}

/// An empty text is none.
fn text(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::{key_of_integer, parse_record_time};

    use super::*;

    #[test]
    fn an_item_looks_like_the_documented_example() {
        let mut rows = Batch::new(TableId::ReportImages.table());
        let created_at = parse_record_time("2016-11-07T00:00:00Z").unwrap();
        for [thumb, medium] in [["https://s3.to/thumb-image.url", "https://s3.to/medium-image.url"], ["", ""]]
        {
            rows.push_row(&[
                Cell::Id(key_of_integer(2)),
                Cell::Time(created_at),
                Cell::Integer(1),
                Cell::Integer(3),
                Cell::Text(thumb),
                Cell::Text(medium),
            ]);
        }
        let text = serde_json::to_string(&[item(&rows, 0, 1), item(&rows, 1, 1)]).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"[{"report_image_id":3,"account_id":1,"report_id":2,"created_at":"2016-11-07T00:00:00.000Z","#,
                r#""styles":{"thumb":"https://s3.to/thumb-image.url","medium":"https://s3.to/medium-image.url"}},"#,
                r#"{"report_image_id":3,"account_id":1,"report_id":2,"created_at":"2016-11-07T00:00:00.000Z","#,
                r#""styles":{"thumb":null,"medium":null}}]"#
            )
        );
    }
}
