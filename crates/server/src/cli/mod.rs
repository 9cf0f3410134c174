//! The command line: what all commands share, and the list of commands. Each has its own file.
//!
//! Commands write their answer to standard output and everything else to standard error. Errors say what to do.

mod account;
mod check;
mod check_config;
mod client;
mod demo;
mod export;
mod generate;
mod import;
mod key;
mod listing;
mod narrowing;
mod nothing_taken;
mod output_file;
mod password;
mod pingback;
mod quarantine;
mod serve;
mod server_client;
mod site;
mod table_name;
mod token;
mod user;
mod warehouse_key;
mod webhook_secret;

use std::path::{Path, PathBuf};

pub use self::nothing_taken::exit_code;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::config::{self, Config, FILE_NAME, VARIABLE_PREFIX};
use crate::telemetry;

/// A self-hosted analytics API server: takes events in, keeps them safely, and answers documented analytics APIs.
#[derive(Debug, Parser)]
#[command(name = "tallyhouse", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// The settings file [default: tallyhouse.toml in the current folder, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder, which holds everything
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Settings come from flags, then from environment variables (TALLYHOUSE_LISTEN, TALLYHOUSE_INGEST_BODY_BYTES_MAX: section
and key in capitals; TALLYHOUSE_CONFIG names the settings file), then from the settings file, then from the defaults.

First steps:
  tallyhouse demo                      starts a server with sample data and prints requests to try
  tallyhouse account create acme       makes an account
  tallyhouse token create --account acme --scope read --scope append
  tallyhouse serve                     starts the server";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Account(account::AccountArgs),
    Token(token::TokenArgs),
    WarehouseKey(warehouse_key::WarehouseKeyArgs),
    Client(client::ClientArgs),
    User(user::UserArgs),
    Site(site::SiteArgs),
    Key(key::KeyArgs),
    Pingback(pingback::PingbackArgs),
    WebhookSecret(webhook_secret::WebhookSecretArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Generate(generate::GenerateArgs),
    Quarantine(quarantine::QuarantineArgs),
    Check(check::CheckArgs),
    CheckConfig(check_config::CheckConfigArgs),
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let config = self.settings()?;
        telemetry::start(&config.log);
        match self.command {
            Command::Serve(args) => args.run(config),
            Command::Demo(args) => args.run(config),
            Command::Account(args) => args.run(&config),
            Command::Token(args) => args.run(&config),
            Command::WarehouseKey(args) => args.run(&config),
            Command::Client(args) => args.run(&config),
            Command::User(args) => args.run(&config),
            Command::Site(args) => args.run(&config),
            Command::Key(args) => args.run(&config),
            Command::Pingback(args) => args.run(&config),
            Command::WebhookSecret(args) => args.run(&config),
            Command::Import(args) => args.run(&config),
            Command::Export(args) => args.run(&config),
            Command::Generate(args) => args.run(&config),
            Command::Quarantine(args) => args.run(&config),
            Command::Check(args) => args.run(&config),
            Command::CheckConfig(args) => args.run(&config),
        }
    }

    /// File, environment and flags, in effect.
    fn settings(&self) -> anyhow::Result<Config> {
        let mut variables = tallyhouse_variables()?;
        // Not a setting either: commands that talk to a server read it themselves.
        take_variable(&mut variables, server_client::TOKEN_VARIABLE);
        let named = take_variable(&mut variables, CONFIG_VARIABLE).map(PathBuf::from);
        let present = Path::new(FILE_NAME).exists().then(|| PathBuf::from(FILE_NAME));
        let file = self.config.clone().or(named).or(present);
        let mut config = config::load(file.as_deref(), variables)?;
        match (&self.data, &self.command) {
            (Some(data), _) => config.data.clone_from(data),
            // Sample data must never end up among real data only because a setting names its folder.
            (None, Command::Demo(_)) => config.data = demo::FOLDER.into(),
            (None, _) => {}
        }
        match &self.command {
            Command::Serve(args) => args.listen.apply(&mut config),
            Command::Demo(args) => args.listen.apply(&mut config),
            _ => {}
        }
        Ok(config)
    }
}

/// Names the settings file; it is no setting itself.
const CONFIG_VARIABLE: &str = "TALLYHOUSE_CONFIG";

/// The variables that are meant for this program.
fn tallyhouse_variables() -> anyhow::Result<Vec<(String, String)>> {
    let all = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    all.filter(|(name, _)| name.starts_with(VARIABLE_PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => anyhow::bail!("the environment variable {name} is not UTF-8"),
        })
        .collect()
}

fn take_variable(variables: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = variables.iter().position(|(known, _)| known == name)?;
    Some(variables.swap_remove(index).1)
}

/// Writes one line of a command's answer to standard output.
fn print(line: impl std::fmt::Display) -> anyhow::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout().lock(), "{line}").context("standard output cannot be written to")
}

/// Whether a command failed only because nobody reads its answer any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.into_iter().any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_data_folder_can_be_named_before_and_after_the_command() {
        for line in [["--data", "x", "account", "list"], ["account", "list", "--data", "x"]] {
            let cli = Cli::try_parse_from(["tallyhouse"].into_iter().chain(line)).unwrap();
            assert_eq!(cli.settings().unwrap().data, PathBuf::from("x"));
        }
    }

    #[test]
    fn the_demo_has_a_folder_of_its_own() {
        let folder = |line: &[&str]| Cli::try_parse_from(line).unwrap().settings().unwrap().data;
        assert_eq!(folder(&["tallyhouse", "demo"]), PathBuf::from(demo::FOLDER));
        assert_eq!(folder(&["tallyhouse", "demo", "--data", "x"]), PathBuf::from("x"));
        assert_ne!(folder(&["tallyhouse", "serve"]), PathBuf::from(demo::FOLDER));
    }

    #[test]
    fn listen_wins_over_the_settings() {
        let cli = Cli::try_parse_from(["tallyhouse", "serve", "--listen", "127.0.0.1:9"]).unwrap();
        assert_eq!(cli.settings().unwrap().listen.port(), 9);
    }
}
