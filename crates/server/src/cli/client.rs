//! `tallyhouse client`: makes, lists and revokes OAuth clients, also while a server runs on the data folder, which sees it
//! at the next request.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::{AccountId, render_record_time};

use super::listing::{Listed, list, state};
use super::narrowing::{NarrowingArgs, add_narrowing, narrowing_text};
use super::print;
use super::token::parse_label;
use crate::catalog::{Catalog, Client, ClientRequest, Scope};
use crate::clock;
use crate::config::Config;

/// Make, list and revoke OAuth clients, which fetch their tokens themselves at /oauth2/token. Works while a server runs
#[derive(Debug, Args)]
pub(super) struct ClientArgs {
    #[command(subcommand)]
    command: ClientCommand,
}

#[derive(Debug, Subcommand)]
enum ClientCommand {
    /// Make a client and print its id and its secret, which is shown only this once
    Create(CreateArgs),
    /// List clients, without their secrets
    List {
        /// Only those of this account
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Revoke a client and every token it was given
    Revoke {
        /// The client's id
        id: String,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Whose data its tokens give access to
    #[arg(long, value_name = "NAME")]
    account: String,
    /// What its tokens may do; may be given more than once: read (the analytics APIs), append (send events), admin
    /// (quarantine)
    #[arg(long = "scope", value_name = "SCOPE", default_value = "read")]
    scopes: Vec<Scope>,
    #[command(flatten)]
    narrowing: NarrowingArgs,
    /// What it is for, to tell clients apart in the list
    #[arg(long, value_name = "TEXT", value_parser = parse_label)]
    label: Option<String>,
    /// Answer one JSON object: {"client_id": …, "client_secret": …}
    #[arg(long)]
    json: bool,
}

impl ClientArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            ClientCommand::Create(args) => args.run(&catalog),
            ClientCommand::List { account, json } => {
                list(&catalog, catalog.clients()?, account.as_deref(), json)
            }
            ClientCommand::Revoke { id } => {
                catalog.revoke_client(&id, clock::now())?;
                print(format_args!("client {id} and its tokens are revoked"))
            }
        }
    }
}

impl CreateArgs {
    fn run(self, catalog: &Catalog) -> anyhow::Result<()> {
        let request = ClientRequest {
            account: catalog.account_by_name(&self.account)?.id,
            scopes: self.scopes,
            narrowing: self.narrowing.narrowing(),
            label: self.label,
        };
        let new = catalog.create_client(&request, clock::now())?;
        if self.json {
            return print(json!({ "client_id": new.client.id, "client_secret": new.secret }));
        }
        eprintln!("a client of {}; its secret is shown only this once:", new.client.account_name);
        print(format_args!("client_id     {}\nclient_secret {}", new.client.id, new.secret))
    }
}

fn scopes(client: &Client) -> Vec<&'static str> {
    client.scopes.iter().map(|scope| scope.name()).collect()
}

impl Listed for Client {
    const NONE: &'static str =
        "there are no clients yet; make one with `tallyhouse client create --account NAME`";

    fn account(&self) -> AccountId {
        self.account
    }

    fn line(&self) -> String {
        format!(
            "{} {} {} of {}, made {}{}{}",
            self.id,
            state(self.revoked_at),
            scopes(self).join("+"),
            self.account_name,
            render_record_time(self.created_at),
            narrowing_text(&self.narrowing),
            self.label.as_ref().map(|label| format!(", {label}")).unwrap_or_default(),
        )
    }

    fn object(&self) -> serde_json::Value {
        let mut object = json!({
            "client_id": self.id,
            "account": self.account_name,
            "scopes": scopes(self),
            "label": self.label,
            "state": state(self.revoked_at),
            "created_at": render_record_time(self.created_at),
            "revoked_at": self.revoked_at.map(render_record_time),
        });
        add_narrowing(&mut object, &self.narrowing);
        object
    }
}
