//! The parameters of `/viewers…`.

use super::Period;
use super::reader::ParamsReader;
use crate::config::VideoConfig;
use crate::http::query_string::QueryString;
use crate::video::content::ContentParams;
use crate::video::error::VideoError;
use crate::video::page::Page;

/// What a request to `/viewers…` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewersParams {
    /// Of what.
    pub content: ContentParams,
    /// Only viewers whose identifier contains this, in any case.
    pub viewer_identifier: Option<String>,
    /// When; without limits on the sides that were not given.
    pub period: Period,
    /// Whether segments without a finish time count.
    pub list_unfinished_segments: bool,
    /// Which page.
    pub page: Page,
}

impl ViewersParams {
    /// Of `/viewers`.
    pub fn of_all(query: &QueryString, config: &VideoConfig) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| Self::of(ContentParams::default(), reader))
    }

    /// Of `/viewers/{content_type}`.
    pub fn of_content_type(
        query: &QueryString,
        config: &VideoConfig,
        content_type: &str,
    ) -> Result<Self, VideoError> {
        ParamsReader::read(query, config, |reader| {
            let content = reader.content(content_type);
            Self::of(content, reader)
        })
    }

    fn of(content: ContentParams, reader: &mut ParamsReader) -> Self {
        Self {
            content,
            viewer_identifier: reader.single("viewer_identifier").map(str::to_owned),
            period: reader.open_period(),
            list_unfinished_segments: reader.flag("list_unfinished_segments"),
            page: reader.page(),
        }
    }
}
