//! Settings.

/// Everything that can be set.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Of `/v0/events`.
    pub ingest: IngestConfig,
    /// Of the video family.
    pub video: VideoConfig,
}

/// Settings of `/v0/events`.
#[derive(Debug, Clone)]
pub struct IngestConfig {
    /// Bytes of one request body, as sent and again as decompressed.
    pub body_bytes_max: usize,
    /// Requests that may send events at the same time; one more is answered with 429.
    pub requests_max: usize,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self { body_bytes_max: 10_000_000, requests_max: 32 }
    }
}

/// Settings of the video family.
#[derive(Debug, Clone, Default)]
pub struct VideoConfig {
    /// Answer `content_id` as a string, as some pages of the documentation show it.
    pub content_id_as_string: bool,
    /// The form of a summary's point.
    pub summary_point: SummaryPoint,
}

/// The form of a summary's point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SummaryPoint {
    /// The start of the period, with `dimension_type` "summary".
    #[default]
    Period,
    /// The name of the metric, as was once observed.
    Metric,
}
