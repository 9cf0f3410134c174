//! `tallyhouse warehouse-key`: makes, lists and revokes the keys that warehouses exchange for tokens, also while a server
//! runs on the data folder, which sees it at the next request.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::{AccountId, render_record_time};

use super::listing::{Listed, list, state};
use super::print;
use super::token::parse_label;
use crate::catalog::{Catalog, WarehouseKey};
use crate::clock;
use crate::config::Config;

/// Make, list and revoke keys for warehouses, which exchange them for tokens at /api/warehouse/token. Works while a server
/// runs
#[derive(Debug, Args)]
pub(super) struct WarehouseKeyArgs {
    #[command(subcommand)]
    command: WarehouseKeyCommand,
}

#[derive(Debug, Subcommand)]
enum WarehouseKeyCommand {
    /// Make a key and print it; it is shown only this once. Its tokens read the demo pipes of the account
    Create {
        /// Whose data its tokens read
        #[arg(long, value_name = "NAME")]
        account: String,
        /// What it is for, to tell keys apart in the list
        #[arg(long, value_name = "TEXT", value_parser = parse_label)]
        label: Option<String>,
        /// Answer one JSON object: {"api_key": …}
        #[arg(long)]
        json: bool,
    },
    /// List keys with their ids, without their secrets
    List {
        /// Only those of this account
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key and every token that was made from it
    Revoke {
        /// The key's id, as `tallyhouse warehouse-key list` shows it; not the key itself
        id: String,
    },
}

impl WarehouseKeyArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            WarehouseKeyCommand::Create { account, label, json } => create(&catalog, &account, label, json),
            WarehouseKeyCommand::List { account, json } => {
                list(&catalog, catalog.warehouse_keys()?, account.as_deref(), json)
            }
            WarehouseKeyCommand::Revoke { id } => {
                catalog.revoke_warehouse_key(&id, clock::now())?;
                print(format_args!("warehouse key {id} and its tokens are revoked"))
            }
        }
    }
}

fn create(catalog: &Catalog, account: &str, label: Option<String>, json: bool) -> anyhow::Result<()> {
    let account = catalog.account_by_name(account)?.id;
    let new = catalog.create_warehouse_key(account, label, clock::now())?;
    if json {
        return print(json!({ "api_key": new.secret }));
    }
    eprintln!("warehouse key {} of {}; it is shown only this once:", new.key.id, new.key.account_name);
    print(new.secret)
}

impl Listed for WarehouseKey {
    const NONE: &'static str =
        "there are no warehouse keys yet; make one with `tallyhouse warehouse-key create --account NAME`";

    fn account(&self) -> AccountId {
        self.account
    }

    fn line(&self) -> String {
        format!(
            "{} {} of {}, made {}{}",
            self.id,
            state(self.revoked_at),
            self.account_name,
            render_record_time(self.created_at),
            self.label.as_ref().map(|label| format!(", {label}")).unwrap_or_default(),
        )
    }

    fn object(&self) -> serde_json::Value {
        json!({
            "id": self.id,
            "account": self.account_name,
            "label": self.label,
            "state": state(self.revoked_at),
            "created_at": render_record_time(self.created_at),
            "revoked_at": self.revoked_at.map(render_record_time),
        })
    }
}
