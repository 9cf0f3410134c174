//! The parameters of `/views…`.

use super::Period;
use super::reader::ParamsReader;
use crate::config::VideoConfig;
use crate::http::query_string::QueryString;
use crate::video::content::ContentParams;
use crate::video::error::VideoError;
use crate::video::page::Page;

/// What a request to `/views…` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewsParams {
    /// Of what.
    pub content: ContentParams,
    /// When.
    pub period: Period,
    /// Whether segments without a finish time are listed.
    pub list_unfinished_segments: bool,
    /// Whether segments that cross one edge of the period are listed.
    pub inclusive_range: bool,
    /// Which page.
    pub page: Page,
}

impl ViewsParams {
    /// Of `/views`.
    pub fn of_all(query: &QueryString, config: &VideoConfig) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| Self::of(ContentParams::default(), reader))
    }

    /// Of `/views/{content_type}`; on `recorded`, `channel_id` is honoured too.
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

    /// Of `/views/recorded/channel`.
    pub fn of_recorded_channel(query: &QueryString, config: &VideoConfig) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content = reader.recorded_channels();
            Self::of(content, reader)
        })
    }

    fn of(content: ContentParams, reader: &mut ParamsReader) -> Self {
        Self {
            content,
            period: reader.period(),
            list_unfinished_segments: reader.flag("list_unfinished_segments"),
            inclusive_range: reader.flag("inclusive_range"),
            page: reader.page(),
        }
    }
}
