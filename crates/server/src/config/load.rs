//! Reads the settings: the environment wins over the file, the file over the defaults. (Flags win over all of them;
//! the command line applies those itself.) What is not known is an error, so that no misspelt setting is ignored.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::{Table, Value};

use super::Config;

/// The file that is read from the current folder when no other is named.
pub const FILE_NAME: &str = "tallyhouse.toml";

/// What the names of environment variables begin with. Section and key follow in capitals, joined with `_`.
pub const VARIABLE_PREFIX: &str = "TALLYHOUSE_";

/// Why there are no settings. The operator has to correct one of them.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read")]
    Read {
        /// Which file.
        path: PathBuf,
        /// And why.
        source: std::io::Error,
    },
    /// The file is not TOML, or has an unknown key, or a value of the wrong type.
    #[error("the settings file {path} is wrong: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// An environment variable begins like a setting but is none.
    #[error("the environment variable {0} is not a setting; `tallyhouse check-config` lists those that are")]
    UnknownVariable(String),
    /// The value of an environment variable does not fit.
    #[error("the environment variable {name}={value} is wrong: {problem}")]
    Variable {
        /// Which one.
        name: String,
        /// Its value; settings are no secrets.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A number is too small or too large.
    #[error("the setting {name} must be from {least} to {greatest}, not {value}")]
    OutOfRange {
        /// Section and key.
        name: &'static str,
        /// What it was set to.
        value: u64,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        greatest: u64,
    },
    /// The server's own tokens would have no issuer.
    #[error("the setting jwt.issuer must not be empty")]
    NoIssuer,
    /// A text is empty that must not be.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// Names cannot be put behind the URL.
    #[error("the setting pipes.public_url has to be like https://host or https://host/path, or empty")]
    PublicUrl,
    /// Dates cannot be written with it.
    #[error("the setting sharing.zone has to be like +0100 or -0530, at most 1400, unlike {0:?}")]
    Offset(String),
    /// Tokens cannot be put behind the URL.
    #[error("the setting sharing.shorturl_base has to be like https://host or https://host/path, or empty")]
    ShorturlBase,
    /// No request can have it.
    #[error("the setting server.client_address_header has to be the name of a header, or empty")]
    ClientAddressHeader,
    /// There is no such zone.
    #[error(
        "the setting {key} has to be a zone of the IANA database, such as UTC or Pacific/Auckland, unlike {zone:?}"
    )]
    Zone {
        /// Section and key.
        key: String,
        /// What it was set to.
        zone: String,
    },
    /// An identity provider is described wrongly.
    #[error("the issuer {name:?} of [[jwt.issuers]]: {problem}")]
    Issuer {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Reads the settings from a file, if there is one, and from these environment variables. Variables that do not begin
/// with [`VARIABLE_PREFIX`] are passed over.
pub fn load(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut settings = file.map_or_else(|| Ok(Table::new()), read_file)?;
    for (name, value) in variables {
        if let Some(setting) = name.strip_prefix(VARIABLE_PREFIX) {
            apply_variable(&mut settings, setting, &name, &value)?;
        }
    }
    let config = Config::deserialize(settings).expect("file and variables were accepted one by one");
    check_ranges(&config)?;
    if config.jwt.issuer.is_empty() {
        return Err(ConfigError::NoIssuer);
    }
    check_texts(&config)?;
    if !config.pipes.has_good_url() {
        return Err(ConfigError::PublicUrl);
    }
    if let Some((key, zone)) = config.reports.unknown_zone() {
        return Err(ConfigError::Zone { key, zone });
    }
    if !config.server.has_good_header() {
        return Err(ConfigError::ClientAddressHeader);
    }
    if !config.sharing.has_good_zone() {
        return Err(ConfigError::Offset(config.sharing.zone));
    }
    if !config.sharing.has_good_base() {
        return Err(ConfigError::ShorturlBase);
    }
    if let Some((name, problem)) = config.jwt.problem() {
        return Err(ConfigError::Issuer { name, problem });
    }
    Ok(config)
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
    let wrong = |source| ConfigError::File { path: path.into(), source: Box::new(source) };
    // Read as settings first, only for the error: from the text it knows the line, from a table it does not.
    toml::from_str::<Config>(&text).map_err(wrong)?;
    toml::from_str(&text).map_err(wrong)
}

/// Sets what one variable says, and tries the whole, so that an error can name the variable.
fn apply_variable(settings: &mut Table, setting: &str, name: &str, value: &str) -> Result<(), ConfigError> {
    let place = place_of(setting).ok_or_else(|| ConfigError::UnknownVariable(name.to_owned()))?;
    let wrong =
        |problem: String| ConfigError::Variable { name: name.to_owned(), value: value.to_owned(), problem };
    let value = value_like(&place.default, value).map_err(wrong)?;
    match place.section {
        None => settings.insert(place.key, value),
        Some(section) => settings
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .expect("the file was accepted, so sections are tables")
            .insert(place.key, value),
    };
    Config::deserialize(settings.clone()).map(drop).map_err(|error| wrong(error.message().to_owned()))
}

/// Where a setting stands, and what it is without being set.
struct Place {
    section: Option<String>,
    key: String,
    default: Value,
}

/// Finds the setting whose section and key, joined with `_` and in capitals, are this.
fn place_of(setting: &str) -> Option<Place> {
    let matches = |name: &str| name.to_ascii_uppercase() == setting;
    for (name, value) in defaults() {
        match value {
            Value::Table(section) => {
                for (key, default) in section {
                    if matches(&format!("{name}_{key}")) {
                        return Some(Place { section: Some(name), key, default });
                    }
                }
            }
            default if matches(&name) => return Some(Place { section: None, key: name, default }),
            _ => {}
        }
    }
    None
}

/// The defaults as a table: the list of all settings that there are.
pub(super) fn defaults() -> Table {
    Table::try_from(Config::default()).expect("settings are plain data")
}

/// Reads the text of a variable as a value of the same type as the default.
fn value_like(default: &Value, text: &str) -> Result<Value, String> {
    match default {
        Value::Integer(_) => {
            text.parse().map(Value::Integer).map_err(|_| "it has to be a whole number".to_owned())
        }
        Value::Boolean(_) => {
            text.parse().map(Value::Boolean).map_err(|_| "it has to be true or false".to_owned())
        }
        Value::Table(_) => {
            inline_table(text).ok_or_else(|| "it has to be a table, such as { key = \"value\" }".to_owned())
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// The table between these braces.
fn inline_table(text: &str) -> Option<Value> {
    let mut around: Table = toml::from_str(&format!("table = {text}")).ok()?;
    around.remove("table").filter(Value::is_table)
}

/// Numbers that would make the server useless or let it run out of memory are refused here, not met later.
fn check_ranges(config: &Config) -> Result<(), ConfigError> {
    const DAY_S: u64 = 86_400;
    // Of 288 threads, so that there are always some for everything else.
    const READS_MAX: u64 = 192;
    let ranges = [
        ("server.connections_max", config.server.connections_max as u64, 1, 100_000),
        ("server.header_timeout_s", config.server.header_timeout_s, 1, DAY_S),
        ("server.body_pause_timeout_s", config.server.body_pause_timeout_s, 1, DAY_S),
        ("server.answer_pause_timeout_s", config.server.answer_pause_timeout_s, 1, DAY_S),
        ("server.shutdown_grace_s", config.server.shutdown_grace_s, 0, DAY_S),
        ("ingest.body_bytes_max", config.ingest.body_bytes_max as u64, 1, 256 << 20),
        ("ingest.requests_max", config.ingest.requests_max as u64, 1, 1024),
        ("store.flush_rows", config.store.flush_rows, 1, u64::from(u32::MAX)),
        ("store.memo_bytes_max", config.store.memo_bytes_max, 0, 1 << 40),
        ("quarantine.bytes_max_per_account", config.quarantine.bytes_max_per_account, 0, 1 << 40),
        ("quarantine.age_days", u64::from(config.quarantine.age_days), 1, 36_500),
        ("pipes.warehouse_token_s", u64::from(config.pipes.warehouse_token_s), 60, 31 * DAY_S),
        ("pipes.events_per_second_max", u64::from(config.pipes.events_per_second_max), 0, 1_000_000),
        ("oauth.access_token_s", u64::from(config.oauth.access_token_s), 60, 31 * DAY_S),
        ("oauth.refresh_token_s", u64::from(config.oauth.refresh_token_s), 60, 366 * DAY_S),
        ("sessions.access_token_s", u64::from(config.sessions.access_token_s), 60, 366 * DAY_S),
        ("sessions.refresh_token_s", u64::from(config.sessions.refresh_token_s), 60, 3_660 * DAY_S),
        ("jwt.leeway_s", u64::from(config.jwt.leeway_s), 0, 300),
        ("video.date_range_days_max", u64::from(config.video.date_range_days_max), 0, 36_500),
        ("video.query_seconds_max", u64::from(config.video.query_seconds_max), 0, DAY_S),
        ("pipes.result_bytes_max", config.pipes.result_bytes_max, 1_000, 1 << 40),
        ("pipes.query_seconds_max", u64::from(config.pipes.query_seconds_max), 0, DAY_S),
        ("reports.query_seconds_max", u64::from(config.reports.query_seconds_max), 0, DAY_S),
        ("sharing.pending_max_per_account", u64::from(config.sharing.pending_max_per_account), 1, 1_000_000),
        ("sharing.pingback_log_days", u64::from(config.sharing.pingback_log_days), 1, 36_500),
        ("server.reads_max", config.server.reads_max as u64, 1, READS_MAX),
        ("server.reads_max_per_account", config.server.reads_max_per_account as u64, 1, READS_MAX),
    ];
    match ranges.into_iter().find(|(_, value, least, greatest)| !(least..=greatest).contains(&value)) {
        Some((name, value, least, greatest)) => Err(ConfigError::OutOfRange { name, value, least, greatest }),
        None => Ok(()),
    }
}

/// An empty path would be the current folder, and a point without a name cannot be told from none.
fn check_texts(config: &Config) -> Result<(), ConfigError> {
    if config.data.as_os_str().is_empty() {
        return Err(ConfigError::Empty("the setting data, which names the folder that holds everything,"));
    }
    if config.video.device_names.values().any(|name| name.trim().is_empty()) {
        return Err(ConfigError::Empty("a name in the setting video.device_names"));
    }
    Ok(())
}
