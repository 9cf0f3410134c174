//! The parameters of `/{metric}/…`.

use super::Period;
use super::reader::ParamsReader;
use crate::config::VideoConfig;
use crate::http::query_string::QueryString;
use crate::video::content::ContentParams;
use crate::video::dimension::Breakdown;
use crate::video::error::VideoError;
use crate::video::page::Page;

/// What a request to `/{metric}/…` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesParams {
    /// Of what.
    pub content: ContentParams,
    /// Per what.
    pub breakdown: Breakdown,
    /// When.
    pub period: Period,
    /// Which page.
    pub page: Page,
}

impl SeriesParams {
    /// Of `/{metric}/{breakdown}`.
    pub fn of_all(query: &QueryString, config: &VideoConfig, breakdown: &str) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let breakdown = reader.breakdown(breakdown);
            let (period, page) = (reader.period(), reader.page());
            Self { content: ContentParams::default(), breakdown, period, page }
        })
    }

    /// Of `/{metric}/{content_type}/{breakdown}`.
    pub fn of_content_type(
        query: &QueryString,
        config: &VideoConfig,
        content_type: &str,
        breakdown: &str,
    ) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content_type = Some(reader.content_type(content_type));
            let breakdown = reader.breakdown(breakdown);
            let content_ids = reader.ids("content_id");
            let content = ContentParams { content_type, content_ids, channel_ids: None };
            let (period, page) = (reader.period(), reader.page());
            Self { content, breakdown, period, page }
        })
    }
}
