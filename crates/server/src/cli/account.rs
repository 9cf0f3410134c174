//! `tallyhouse account`: makes and lists accounts, also while a server runs on the data folder.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::render_record_time;

use super::print;
use crate::catalog::{Account, Catalog};
use crate::clock;
use crate::config::Config;

/// Make and list accounts. Works while a server runs on the data folder
#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account, and the data folder where there is none
    Create {
        /// 1 to 64 letters a to z, digits, '_' and '-'; it cannot be changed later
        name: String,
        /// Answer one JSON object
        #[arg(long)]
        json: bool,
    },
    /// List all accounts
    List {
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
}

impl AccountArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        match self.command {
            AccountCommand::Create { name, json } => create(config, &name, json),
            AccountCommand::List { json } => list(config, json),
        }
    }
}

fn create(config: &Config, name: &str, json: bool) -> anyhow::Result<()> {
    let account = Catalog::open(&config.data)?.create_account(name, clock::now())?;
    if json {
        return print(object(&account));
    }
    print(format_args!("account {name} is there; give it a token with"))?;
    let data = config.data.display();
    print(format_args!(
        "  tallyhouse token create --account {name} --scope read --scope append --data {data}"
    ))
}

fn list(config: &Config, json: bool) -> anyhow::Result<()> {
    let accounts = Catalog::open_existing(&config.data)?.accounts()?;
    if json {
        return print(serde_json::Value::from_iter(accounts.iter().map(object)));
    }
    for account in &accounts {
        print(format_args!("{:<64} made {}", account.name, render_record_time(account.created_at)))?;
    }
    if accounts.is_empty() {
        eprintln!("there are no accounts yet; make one with `tallyhouse account create NAME`");
    }
    Ok(())
}

fn object(account: &Account) -> serde_json::Value {
    json!({
        "id": account.id.0,
        "name": account.name,
        "created_at": render_record_time(account.created_at),
    })
}
