//! Writes segments as CSV, for [`super::csv_records`] to read back.

use std::borrow::Cow;
use std::io::{self, Write};

use tallyhouse_model::{Micros, Texts, render_record_time};

use super::SegmentView;
use crate::ingest::{Field, render_uuid};

/// The columns, in their order; `deleted` comes behind them where deletions are written.
const COLUMNS: [Field; 20] = [
    Field::ViewId,
    Field::ContentType,
    Field::ContentId,
    Field::StartedAt,
    Field::FinishedAt,
    Field::LastSeenAt,
    Field::From,
    Field::To,
    Field::ClientId,
    Field::ViewSessionId,
    Field::ViewerIdentifier,
    Field::Country,
    Field::Region,
    Field::City,
    Field::ViewType,
    Field::Device,
    Field::IsMobileView,
    Field::DeviceInfo,
    Field::ChannelId,
    Field::UpdatedAt,
];

/// A CSV file that is being written.
pub struct CsvRows<W: Write> {
    writer: csv::Writer<W>,
    deletions: bool,
}

impl<W: Write> CsvRows<W> {
    /// Writes the header.
    pub fn new(output: W, deletions: bool) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(output);
        let deleted = deletions.then_some(Field::Deleted);
        writer.write_record(COLUMNS.into_iter().chain(deleted).map(Field::name)).map_err(io_error)?;
        Ok(Self { writer, deletions })
    }

    /// Writes rows.
    pub fn write(&mut self, view: &SegmentView<'_>) -> io::Result<()> {
        for row in 0..view.rows() {
            for field in COLUMNS {
                self.writer.write_field(cell(view, row, field).as_ref()).map_err(io_error)?;
            }
            if self.deletions {
                self.writer.write_field(truth(view.deleted[row])).map_err(io_error)?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(io_error)?;
        }
        Ok(())
    }

    /// Gives the output back, with everything written to it.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| io_error(error.into_error().into()))
    }
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn cell<'b>(view: &SegmentView<'b>, row: usize, field: Field) -> Cow<'b, str> {
    match field {
        Field::ViewId => render_uuid(&view.view_id[row]).into(),
        Field::UpdatedAt => time(Some(view.updated_at[row])),
        _ if view.deleted[row] => "".into(),
        Field::ContentType => view.content_type(row).unwrap_or_default().into(),
        Field::ContentId => view.content_id[row].to_string().into(),
        Field::StartedAt => time(Some(view.started_at[row])),
        Field::FinishedAt => time(view.finished_at(row)),
        Field::LastSeenAt => time(view.last_seen_at(row)),
        Field::From => view.from[row].to_string().into(),
        Field::To => view.to[row].to_string().into(),
        Field::ClientId => text(view.client_id, row),
        Field::ViewSessionId => text(view.view_session_id, row),
        Field::ViewerIdentifier => text(view.viewer_identifier, row),
        Field::Country => text(view.country, row),
        Field::Region => text(view.region, row),
        Field::City => text(view.city, row),
        Field::ViewType => view.view_type(row).unwrap_or_default().into(),
        Field::Device => view.device(row).unwrap_or_default().into(),
        Field::IsMobileView => truth(view.is_mobile_view[row]).into(),
        Field::DeviceInfo => text(view.device_info, row),
        Field::ChannelId => view.channel_id(row).map(|id| id.to_string()).unwrap_or_default().into(),
        Field::UserAgent | Field::Ip | Field::Deleted => unreachable!("{field:?} is not among the columns"),
    }
}

fn truth(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn time<'b>(at: Option<Micros>) -> Cow<'b, str> {
    at.map(render_record_time).unwrap_or_default().into()
}

/// A text of nothing but quotes, the empty one too, gets two more, so that an empty cell always means "absent".
fn text(texts: &Texts, row: usize) -> Cow<'_, str> {
    match texts.get(row) {
        None => "".into(),
        Some(text) if text.bytes().all(|byte| byte == b'"') => format!("\"\"{text}").into(),
        Some(text) => text.into(),
    }
}
