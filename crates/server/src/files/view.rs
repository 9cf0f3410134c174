//! A batch of segments with its columns by name, for everything that writes rows out.

use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments as at};
use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, Batch, ColumnIndex, ColumnKind, Key, Micros, TableId, Texts, Values,
};

/// The columns of a batch of segments, all of one length.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the column of that name of `tables::VIEW_SEGMENTS`")]
pub struct SegmentView<'b> {
    pub deleted: &'b [bool],
    pub view_id: &'b [Key],
    pub started_at: &'b [Micros],
    pub updated_at: &'b [Micros],
    pub content_id: &'b [u64],
    pub from: &'b [u64],
    pub to: &'b [u64],
    pub client_id: &'b Texts,
    pub view_session_id: &'b Texts,
    pub viewer_identifier: &'b Texts,
    pub country: &'b Texts,
    pub region: &'b Texts,
    pub city: &'b Texts,
    pub is_mobile_view: &'b [bool],
    pub device_info: &'b Texts,
    ended_at: &'b [Micros],
    finished: &'b [bool],
    last_seen_at: &'b [Micros],
    channel_id: &'b [u64],
    content_type: &'b [u8],
    view_type: &'b [u8],
    device: &'b [u8],
}

impl<'b> SegmentView<'b> {
    /// The columns of a batch of `view_segments`.
    pub fn of(batch: &'b Batch) -> SegmentView<'b> {
        assert_eq!(batch.table.id, TableId::ViewSegments, "only segments have these columns");
        SegmentView {
            deleted: &batch.deleted,
            view_id: ids(batch, at::VIEW_ID),
            started_at: times(batch, at::STARTED_AT),
            updated_at: times(batch, at::UPDATED_AT),
            content_id: integers(batch, at::CONTENT_ID),
            from: integers(batch, at::FROM),
            to: integers(batch, at::TO),
            client_id: texts(batch, at::CLIENT_ID),
            view_session_id: texts(batch, at::VIEW_SESSION_ID),
            viewer_identifier: texts(batch, at::VIEWER_IDENTIFIER),
            country: texts(batch, at::COUNTRY),
            region: texts(batch, at::REGION),
            city: texts(batch, at::CITY),
            is_mobile_view: flags(batch, at::IS_MOBILE_VIEW),
            device_info: texts(batch, at::DEVICE_INFO),
            ended_at: times(batch, at::ENDED_AT),
            finished: flags(batch, at::FINISHED),
            last_seen_at: times(batch, at::LAST_SEEN_AT),
            channel_id: integers(batch, at::CHANNEL_ID),
            content_type: choices(batch, at::CONTENT_TYPE),
            view_type: choices(batch, at::VIEW_TYPE),
            device: choices(batch, at::DEVICE),
        }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.deleted.len()
    }

    /// `finished_at` of the record.
    pub fn finished_at(&self, row: usize) -> Option<Micros> {
        self.finished[row].then_some(self.ended_at[row])
    }

    /// `last_seen_at` of the record.
    pub fn last_seen_at(&self, row: usize) -> Option<Micros> {
        Some(self.last_seen_at[row]).filter(|at| *at != ABSENT_TIME)
    }

    /// `channel_id` of the record.
    pub fn channel_id(&self, row: usize) -> Option<u64> {
        Some(self.channel_id[row]).filter(|id| *id != ABSENT_INTEGER)
    }

    /// `content_type` of the record.
    pub fn content_type(&self, row: usize) -> Option<&'static str> {
        word(at::CONTENT_TYPE, self.content_type[row])
    }

    /// `view_type` of the record.
    pub fn view_type(&self, row: usize) -> Option<&'static str> {
        word(at::VIEW_TYPE, self.view_type[row])
    }

    /// `device` of the record.
    pub fn device(&self, row: usize) -> Option<&'static str> {
        word(at::DEVICE, self.device[row])
    }
}

fn word(column: ColumnIndex, choice: u8) -> Option<&'static str> {
    match VIEW_SEGMENTS.columns[column].kind {
        ColumnKind::Choice(words) => usize::from(choice).checked_sub(1).map(|index| words[index]),
        other => unreachable!("column {column} is no choice but {other:?}"),
    }
}

fn times(batch: &Batch, column: ColumnIndex) -> &[Micros] {
    match &batch.columns[column] {
        Values::Times(values) => values,
        other => unreachable!("column {column} holds {other:?}"),
    }
}

fn integers(batch: &Batch, column: ColumnIndex) -> &[u64] {
    match &batch.columns[column] {
        Values::Integers(values) => values,
        other => unreachable!("column {column} holds {other:?}"),
    }
}

fn choices(batch: &Batch, column: ColumnIndex) -> &[u8] {
    match &batch.columns[column] {
        Values::Choices(values) => values,
        other => unreachable!("column {column} holds {other:?}"),
    }
}

fn ids(batch: &Batch, column: ColumnIndex) -> &[Key] {
    match &batch.columns[column] {
        Values::Ids(values) => values,
        other => unreachable!("column {column} holds {other:?}"),
    }
}

fn texts(batch: &Batch, column: ColumnIndex) -> &Texts {
    match &batch.columns[column] {
        Values::Texts(values) => values,
        other => unreachable!("column {column} holds {other:?}"),
    }
}

fn flags(batch: &Batch, column: ColumnIndex) -> &[bool] {
    match &batch.columns[column] {
        Values::Flags(values) => values,
        other => unreachable!("column {column} holds {other:?}"),
    }
}
