//! Settings: what can be set ([`Config`] and its sections) and where it is read from ([`load`]).
//!
//! Settings are plain data that can be written out again; clocks, disks and caches are not settings.

mod device_names;
mod load;
mod pipes_section;
mod reports_section;
mod sections;
mod sharing_section;
mod token_sections;

pub use device_names::{DeviceNames, DevicePoint};
pub use load::{ConfigError, FILE_NAME, VARIABLE_PREFIX, load};
pub use pipes_section::PipesConfig;
pub use reports_section::ReportsConfig;
pub use sections::{
    Config, GeoConfig, IngestConfig, LogConfig, LogFormat, LogLevel, PeakForm, QuarantineConfig,
    ServerConfig, StoreConfig, SummaryPoint, VideoConfig,
};
pub use sharing_section::SharingConfig;
pub use token_sections::{IssuerConfig, JwtAlgorithm, JwtConfig, OauthConfig, SessionsConfig};

#[cfg(test)]
mod tests;
