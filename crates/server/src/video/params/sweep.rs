//! The parameters of `/peak-viewer-numbers…` and `/viewer-seconds…`.

use tallyhouse_model::Unit;

use super::Period;
use super::reader::ParamsReader;
use crate::config::VideoConfig;
use crate::http::query_string::QueryString;
use crate::video::content::ContentParams;
use crate::video::error::VideoError;
use crate::video::page::Page;

/// What a request for numbers per content and bucket asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepParams {
    /// Of what.
    pub content: ContentParams,
    /// The buckets.
    pub granularity: Unit,
    /// When.
    pub period: Period,
    /// Which page.
    pub page: Page,
}

impl SweepParams {
    /// Of `/{metric}`; one of the two metrics takes a list of contents of both types there.
    pub fn of_all(
        query: &QueryString,
        config: &VideoConfig,
        takes_content_ids: bool,
    ) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content_ids = if takes_content_ids { reader.ids("content_id") } else { None };
            Self::of(ContentParams { content_ids, ..ContentParams::default() }, reader)
        })
    }

    /// Of `/{metric}/{content_type}`; on `recorded`, `channel_id` is honoured too.
    pub fn of_content_type(
        query: &QueryString,
        config: &VideoConfig,
        content_type: &str,
    ) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content = reader.content_and_channels(content_type);
            Self::of(content, reader)
        })
    }

    /// Of `/{metric}/recorded/channel`.
    pub fn of_recorded_channel(query: &QueryString, config: &VideoConfig) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content = reader.recorded_channels();
            Self::of(content, reader)
        })
    }

    fn of(content: ContentParams, reader: &mut ParamsReader) -> Self {
        let (granularity, period, page) = (reader.granularity(), reader.period(), reader.page());
        Self { content, granularity, period, page }
    }
}

/// What a request for the one number of a content asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepSummaryParams {
    /// The type of the content.
    pub content_type: &'static str,
    /// Its id.
    pub content_id: u64,
    /// When.
    pub period: Period,
}

impl SweepSummaryParams {
    /// Of `/{metric}/{content_type}/summary`.
    pub fn of(query: &QueryString, config: &VideoConfig, content_type: &str) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content_type = reader.content_type(content_type);
            let content_id = reader.required_id("content_id");
            let period = reader.period();
            Self { content_type, content_id, period }
        })
    }
}
