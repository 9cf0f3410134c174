//! `tallyhouse check-config`: prints the settings in effect, as a settings file.

use clap::Args;

use super::{print, serve};
use crate::auth;
use crate::config::Config;
use crate::ingest::Enricher;

/// Print the settings in effect, from flags, environment, file and defaults; fails when one of them is wrong
#[derive(Debug, Args)]
pub(super) struct CheckConfigArgs {
    /// Answer JSON instead of TOML
    #[arg(long)]
    json: bool,
}

impl CheckConfigArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        // Settings are right when what they name is.
        auth::check_key_files(&config.jwt)?;
        Enricher::start(config.geo.database())?;
        serve::load_pipes(config)?;
        if self.json {
            print(serde_json::to_string(config)?)
        } else {
            print(toml::to_string(config)?.trim_end())
        }
    }
}
