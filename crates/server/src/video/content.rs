//! Which contents a request is about, and where the tables keep them.

use tallyhouse_model::tables::{plays, view_segments};
use tallyhouse_model::{ColumnIndex, Filter, TableId};

/// Which contents a request asks for; where several are given, all have to hold. By default all contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentParams {
    /// Only of this type.
    pub content_type: Option<&'static str>,
    /// Only these contents.
    pub content_ids: Option<Vec<u64>>,
    /// Only what was watched on these channels.
    pub channel_ids: Option<Vec<u64>>,
}

/// Where a table has the content.
#[derive(Debug, Clone, Copy)]
pub struct ContentColumns {
    /// `live` or `recorded`.
    pub content_type: ColumnIndex,
    /// The content within its type.
    pub content_id: ColumnIndex,
    /// The channel, or absent.
    pub channel_id: ColumnIndex,
}

impl ContentParams {
    /// The same for the store.
    pub fn filters(&self, columns: ContentColumns) -> Vec<Filter> {
        let content_type = self.content_type.map(|word| Filter::ChoiceIn(columns.content_type, vec![word]));
        let ids = columns.only_ids(self.content_ids.as_deref(), self.channel_ids.as_deref());
        content_type.into_iter().chain(ids).collect()
    }
}

impl ContentColumns {
    /// Those of a table that requests read.
    pub fn of(table: TableId) -> Self {
        match table {
            TableId::Plays => Self {
                content_type: plays::CONTENT_TYPE,
                content_id: plays::CONTENT_ID,
                channel_id: plays::CHANNEL_ID,
            },
            TableId::ViewSegments => Self {
                content_type: view_segments::CONTENT_TYPE,
                content_id: view_segments::CONTENT_ID,
                channel_id: view_segments::CHANNEL_ID,
            },
            other => unreachable!("no URL of this family reads {}", other.table().name),
        }
    }

    /// Filters that keep these contents and channels, where any are given. An empty list keeps nothing.
    pub fn only_ids(self, content_ids: Option<&[u64]>, channel_ids: Option<&[u64]>) -> Vec<Filter> {
        let content_ids = content_ids.map(|ids| Filter::IntegerIn(self.content_id, ids.to_vec()));
        let channel_ids = channel_ids.map(|ids| Filter::IntegerIn(self.channel_id, ids.to_vec()));
        content_ids.into_iter().chain(channel_ids).collect()
    }
}
