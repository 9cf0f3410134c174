//! Everything that can be set, section by section, with its defaults. `tallyhouse.sample.toml` shows the same.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::HeaderName;
use serde::{Deserialize, Serialize};
use tallyhouse_model::limits::FLUSH_ROWS;
use tallyhouse_model::{DAY, Micros};
use tallyhouse_store::{MEMO_BYTES_MAX, StoreOptions};

use super::{DeviceNames, JwtConfig, OauthConfig, PipesConfig, ReportsConfig, SessionsConfig, SharingConfig};

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The folder that holds everything; of a command that has no `--data`.
    pub data: PathBuf,
    /// What the program tells about itself.
    pub log: LogConfig,
    /// Of connections.
    pub server: ServerConfig,
    /// Of `/v0/events`.
    pub ingest: IngestConfig,
    /// Of places by address.
    pub geo: GeoConfig,
    /// Of the store.
    pub store: StoreConfig,
    /// Of rows that failed validation.
    pub quarantine: QuarantineConfig,
    /// Of the video family.
    pub video: VideoConfig,
    /// Of the pipes family.
    pub pipes: PipesConfig,
    /// Of the reports family.
    pub reports: ReportsConfig,
    /// Of the sharing family.
    pub sharing: SharingConfig,
    /// Of tokens that OAuth clients fetch.
    pub oauth: OauthConfig,
    /// Of those who sign in.
    pub sessions: SessionsConfig,
    /// Of tokens that are signed statements.
    pub jwt: JwtConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8686)),
            data: PathBuf::from("data/tallyhouse"),
            log: LogConfig::default(),
            server: ServerConfig::default(),
            ingest: IngestConfig::default(),
            geo: GeoConfig::default(),
            store: StoreConfig::default(),
            quarantine: QuarantineConfig::default(),
            video: VideoConfig::default(),
            pipes: PipesConfig::default(),
            reports: ReportsConfig::default(),
            sharing: SharingConfig::default(),
            oauth: OauthConfig::default(),
            sessions: SessionsConfig::default(),
            jwt: JwtConfig::default(),
        }
    }
}

impl Config {
    /// The part that concerns the store.
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions {
            quarantine_bytes_max: self.quarantine.bytes_max_per_account,
            quarantine_age_max: Micros::from(self.quarantine.age_days) * DAY,
            flush_rows: self.store.flush_rows,
            memo_bytes_max: self.store.memo_bytes_max,
        }
    }

    /// Whether short URLs begin with an address that stands for all of a machine and leads to none.
    pub fn has_short_urls_to_nowhere(&self) -> bool {
        self.sharing.shorturl_base.is_empty() && self.listen.ip().is_unspecified()
    }
}

/// Settings of the log, which goes to standard error.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// The form of a line.
    pub format: LogFormat,
    /// The least important kind of line that is written.
    pub level: LogLevel,
}

/// The form of a line of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object per line.
    Json,
}

/// How important a line of the log has to be; each level includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Something failed and somebody has to look.
    Error,
    /// Something is odd.
    Warn,
    /// Start, stop, and a line per request.
    #[default]
    Info,
    /// What the parts of the program do.
    Debug,
    /// Everything.
    Trace,
}

/// Settings of the HTTP server itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Connections open at the same time; more wait until one ends.
    pub connections_max: usize,
    /// The header that the proxy in front puts the address of a client into, such as `X-Forwarded-For`; empty where there
    /// is no proxy.
    pub client_address_header: String,
    /// Seconds until the headers of a request have arrived, also the wait for the next request on a connection.
    pub header_timeout_s: u64,
    /// Seconds that the body of a request may pause.
    pub body_pause_timeout_s: u64,
    /// Seconds that a client may pause while it reads an answer.
    pub answer_pause_timeout_s: u64,
    /// Requests that may read at the same time; one more waits up to 10 seconds.
    pub reads_max: usize,
    /// The same for the requests of one account.
    pub reads_max_per_account: usize,
    /// Seconds that running requests have to finish when the server is told to stop.
    pub shutdown_grace_s: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            connections_max: 1024,
            client_address_header: String::new(),
            header_timeout_s: 30,
            body_pause_timeout_s: 30,
            answer_pause_timeout_s: 60,
            reads_max: 128,
            reads_max_per_account: 32,
            shutdown_grace_s: 20,
        }
    }
}

impl ServerConfig {
    /// Whether [`ServerConfig::client_address_header`] is one that requests can have.
    pub(super) fn has_good_header(&self) -> bool {
        let name = &self.client_address_header;
        name.is_empty() || HeaderName::from_bytes(name.as_bytes()).is_ok()
    }

    /// [`ServerConfig::header_timeout_s`] as a duration.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout_s)
    }

    /// [`ServerConfig::body_pause_timeout_s`] as a duration.
    pub fn body_pause_timeout(&self) -> Duration {
        Duration::from_secs(self.body_pause_timeout_s)
    }

    /// [`ServerConfig::answer_pause_timeout_s`] as a duration.
    pub fn answer_pause_timeout(&self) -> Duration {
        Duration::from_secs(self.answer_pause_timeout_s)
    }

    /// [`ServerConfig::shutdown_grace_s`] as a duration.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_s)
    }
}

/// Settings of `/v0/events`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// Bytes of one request body, as sent and again as decompressed.
    pub body_bytes_max: usize,
    /// Requests that may send events at the same time, three quarters of them of one account; one more is answered
    /// with 429.
    pub requests_max: usize,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self { body_bytes_max: 10_000_000, requests_max: 32 }
    }
}

/// Settings of places by address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeoConfig {
    /// A file in MaxMind's format, of the layout City or Country; empty for none.
    pub database: PathBuf,
}

impl GeoConfig {
    /// The file, if there is one.
    pub fn database(&self) -> Option<&Path> {
        Some(self.database.as_path()).filter(|path| !path.as_os_str().is_empty())
    }
}

/// Settings of the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Rows in memory that start a flush to parts on disk; at most 200,000 takes effect.
    pub flush_rows: u64,
    /// Bytes of remembered answers, of all accounts together.
    pub memo_bytes_max: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { flush_rows: FLUSH_ROWS as u64, memo_bytes_max: MEMO_BYTES_MAX }
    }
}

/// Settings of the quarantine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuarantineConfig {
    /// Bytes of lines kept per account; the oldest give way.
    pub bytes_max_per_account: u64,
    /// Days that a line is kept.
    pub age_days: u32,
}

impl Default for QuarantineConfig {
    fn default() -> Self {
        Self { bytes_max_per_account: 64_000_000, age_days: 30 }
    }
}

/// Settings of the video family.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VideoConfig {
    /// Answer `content_id` as a string, as some pages of the documentation show it.
    pub content_id_as_string: bool,
    /// The form of a summary's point.
    pub summary_point: SummaryPoint,
    /// Days between `date_time_from` and `date_time_to` at most; 0 for any number.
    pub date_range_days_max: u32,
    /// Seconds that a query may take; 0 for any number.
    pub query_seconds_max: u32,
    /// What counts as the same time for `peak-viewer-numbers`.
    pub peak: PeakForm,
    /// What the points of the dimension `device` are called; classes that are not named keep their word.
    pub device_names: DeviceNames,
}

/// What counts as the same time for peaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeakForm {
    /// The same instant.
    #[default]
    Instant,
    /// The same minute of the clock.
    Minute,
}

/// The form of a summary's point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SummaryPoint {
    /// The start of the period, with `dimension_type` "summary".
    #[default]
    Period,
    /// The name of the metric, as was once observed.
    Metric,
}
