//! `tallyhouse key`: lists, replaces and retires the keys that the server signs JWTs with, also while it runs.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::render_record_time;

use super::print;
use crate::auth;
use crate::catalog::{Catalog, SigningKey};
use crate::clock;
use crate::config::{Config, JwtAlgorithm};

/// List, replace and retire the keys that JWTs are signed with. Works while a server runs, and takes effect there at once
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// List keys, without their secrets. There are none before the first JWT
    List {
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Make a new key that signs from now on. What the old ones signed stays valid until it expires
    ///
    /// The new key is for the algorithm of the key that signs now, whatever the settings of this command say; the first
    /// key of all is for jwt.algorithm. A server goes back to its own jwt.algorithm with the next JWT that it makes.
    Rotate {
        /// What the new key is for instead
        #[arg(long)]
        algorithm: Option<JwtAlgorithm>,
        /// Answer one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Refuse everything that a replaced key signed, from now on
    Retire {
        /// The key's id, as `tallyhouse key list` shows it
        #[arg(value_name = "KID")]
        id: String,
    },
}

impl KeyArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            KeyCommand::List { json } => list(&catalog, json),
            KeyCommand::Rotate { algorithm, json } => rotate(&catalog, algorithm, config, json),
            KeyCommand::Retire { id } => {
                catalog.retire_signing_key(&id, clock::now())?;
                print(format_args!("key {id} is retired; tokens it signed are refused"))
            }
        }
    }
}

fn list(catalog: &Catalog, json: bool) -> anyhow::Result<()> {
    let keys = catalog.signing_keys()?;
    if json {
        return print(serde_json::Value::from_iter(keys.iter().map(object)));
    }
    for key in &keys {
        print(format_args!(
            "{} {} {}, made {}",
            key.id,
            key.state(),
            key.algorithm,
            render_record_time(key.created_at)
        ))?;
    }
    if keys.is_empty() {
        eprintln!("there are no keys yet; the first one is made with the first JWT");
    }
    Ok(())
}

fn rotate(
    catalog: &Catalog,
    algorithm: Option<JwtAlgorithm>,
    config: &Config,
    json: bool,
) -> anyhow::Result<()> {
    let key = auth::rotate(catalog, algorithm, config, clock::now())?;
    if json {
        return print(object(&key));
    }
    print(format_args!("key {} signs from now on, with {}", key.id, key.algorithm))
}

fn object(key: &SigningKey) -> serde_json::Value {
    json!({
        "id": key.id,
        "algorithm": key.algorithm,
        "state": key.state(),
        "created_at": render_record_time(key.created_at),
        "replaced_at": key.replaced_at.map(render_record_time),
        "retired_at": key.retired_at.map(render_record_time),
    })
}
