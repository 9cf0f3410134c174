//! Writes segments as Parquet, for [`super::parquet_records`] to read back.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tallyhouse_model::{Micros, Texts};

use super::SegmentView;
use crate::ingest::{Field, render_uuid};

/// Rows of a row group: what is held in memory until it is written.
const ROW_GROUP_ROWS: usize = 131_072;

/// A Parquet file that is being written.
pub struct ParquetRows<W: Write + Send> {
    writer: ArrowWriter<W>,
    deletions: bool,
}

impl<W: Write + Send> ParquetRows<W> {
    /// Begins a file.
    pub fn new(output: W, deletions: bool) -> io::Result<Self> {
        let nothing = tallyhouse_model::Batch::new(&tallyhouse_model::tables::VIEW_SEGMENTS);
        let schema = record_batch(&SegmentView::of(&nothing), deletions).schema();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(output, schema, Some(properties)).map_err(io_error)?;
        Ok(Self { writer, deletions })
    }

    /// Writes rows.
    pub fn write(&mut self, view: &SegmentView<'_>) -> io::Result<()> {
        self.writer.write(&record_batch(view, self.deletions)).map_err(io_error)
    }

    /// Writes the end of the file and gives the output back.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(io_error)
    }
}

/// The library wraps what the output reported; it comes out again, so that a closed pipe stays recognisable.
fn io_error(error: parquet::errors::ParquetError) -> io::Error {
    match error {
        parquet::errors::ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

fn record_batch(view: &SegmentView<'_>, deletions: bool) -> RecordBatch {
    let integers = |values: &[u64]| live(view, |row| Some(values[row]));
    let columns: [(Field, ArrayRef); 20] = [
        (Field::ViewId, strings((0..view.rows()).map(|row| Some(render_uuid(&view.view_id[row]))))),
        (Field::ContentType, strings((0..view.rows()).map(|row| view.content_type(row)))),
        (Field::ContentId, integers(view.content_id)),
        (Field::StartedAt, times(view, |row| Some(view.started_at[row]))),
        (Field::FinishedAt, times(view, |row| view.finished_at(row))),
        (Field::LastSeenAt, times(view, |row| view.last_seen_at(row))),
        (Field::From, integers(view.from)),
        (Field::To, integers(view.to)),
        (Field::ClientId, texts(view.client_id)),
        (Field::ViewSessionId, texts(view.view_session_id)),
        (Field::ViewerIdentifier, texts(view.viewer_identifier)),
        (Field::Country, texts(view.country)),
        (Field::Region, texts(view.region)),
        (Field::City, texts(view.city)),
        (Field::ViewType, strings((0..view.rows()).map(|row| view.view_type(row)))),
        (Field::Device, strings((0..view.rows()).map(|row| view.device(row)))),
        (Field::IsMobileView, flags(view)),
        (Field::DeviceInfo, texts(view.device_info)),
        (Field::ChannelId, live(view, |row| view.channel_id(row))),
        (Field::UpdatedAt, instants(view.updated_at.iter().map(|at| Some(*at)))),
    ];
    let deleted =
        deletions.then(|| (Field::Deleted, Arc::new(BooleanArray::from(view.deleted.to_vec())) as ArrayRef));
    let named = columns.into_iter().chain(deleted).map(|(field, values)| (field.name(), values, true));
    RecordBatch::try_from_iter_with_nullable(named).expect("all columns have a value per row")
}

fn strings<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn texts(texts: &Texts) -> ArrayRef {
    strings((0..texts.len()).map(|row| texts.get(row)))
}

fn flags(view: &SegmentView<'_>) -> ArrayRef {
    let flags = (0..view.rows()).map(|row| (!view.deleted[row]).then(|| view.is_mobile_view[row]));
    Arc::new(flags.collect::<BooleanArray>())
}

/// Integers of rows; deletions have none. Up to 2^63 - 1, which the rules make sure of.
fn live(view: &SegmentView<'_>, value: impl Fn(usize) -> Option<u64>) -> ArrayRef {
    let values = (0..view.rows()).map(|row| value(row).filter(|_| !view.deleted[row]));
    let signed =
        values.map(|value| value.map(|value| i64::try_from(value).expect("integers end at 2^63 - 1")));
    Arc::new(signed.collect::<Int64Array>())
}

/// Times of rows; deletions have none.
fn times(view: &SegmentView<'_>, value: impl Fn(usize) -> Option<Micros>) -> ArrayRef {
    instants((0..view.rows()).map(|row| value(row).filter(|_| !view.deleted[row])))
}

fn instants(values: impl Iterator<Item = Option<Micros>>) -> ArrayRef {
    Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}
