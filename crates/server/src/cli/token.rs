//! `tallyhouse token`: makes, lists and revokes tokens, also while a server runs on the data folder, which sees it at
//! the next request.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::{AccountId, render_record_time};

use super::listing::{Listed, list};
use super::narrowing::{NarrowingArgs, add_narrowing, narrowing_text};
use super::print;
use crate::catalog::{Catalog, PipeResource, Resources, Scope, Token, TokenRequest, parse_expiry};
use crate::clock;
use crate::config::Config;

/// Make, list and revoke tokens. Works while a server runs on the data folder, and takes effect there at once
#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print its secret, which is shown only this once
    Create(CreateArgs),
    /// List tokens with their ids, without their secrets
    List {
        /// Only those of this account
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token; requests that carry it are refused from now on
    Revoke {
        /// The token's id, as `tallyhouse token list` shows it; not its secret
        id: String,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Whose data the token gives access to
    #[arg(long, value_name = "NAME")]
    account: String,
    /// What it may do; may be given more than once: read (the analytics APIs), append (send events), admin (quarantine,
    /// export, and making tokens)
    #[arg(long = "scope", value_name = "SCOPE", required_unless_present_any = ["pipes", "append_to"])]
    scopes: Vec<Scope>,
    /// A pipe that it may read; may be given more than once. It need not be there yet
    #[arg(long = "pipe", value_name = "NAME", id = "pipes")]
    pipes: Vec<String>,
    /// A data source (record type) that it may append to; may be given more than once
    #[arg(long = "append-to", value_name = "DATASOURCE", id = "append_to")]
    append_to: Vec<String>,
    #[command(flatten)]
    narrowing: NarrowingArgs,
    /// When it expires: after 90d, 12h or 30m, or at a time such as 2030-01-31T00:00:00Z [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// What it is for, to tell tokens apart in the list
    #[arg(long, value_name = "TEXT", value_parser = parse_label)]
    label: Option<String>,
    /// Answer one JSON object, with the secret in "token"
    #[arg(long)]
    json: bool,
}

impl TokenArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            TokenCommand::Create(args) => args.run(&catalog),
            TokenCommand::List { account, json } => {
                list(&catalog, catalog.tokens()?, account.as_deref(), json)
            }
            TokenCommand::Revoke { id } => revoke(&catalog, &id),
        }
    }
}

impl CreateArgs {
    fn run(self, catalog: &Catalog) -> anyhow::Result<()> {
        let now = clock::now();
        let expires_at = match &self.expires {
            None => None,
            Some(text) => {
                Some(parse_expiry(text, now).map_err(|why| anyhow::anyhow!("--expires {text}: {why}"))?)
            }
        };
        let account = catalog.account_by_name(&self.account)?.id;
        let request = TokenRequest {
            account,
            scopes: self.scopes,
            narrowing: self.narrowing.narrowing(),
            expires_at,
            label: self.label,
        };
        let resources = resources_of(self.pipes, self.append_to);
        let new = catalog.create_scoped_token(&request, resources, now)?;
        if self.json {
            let mut answer = new.token.object();
            answer["token"] = new.secret.into();
            return print(answer);
        }
        eprintln!(
            "token {} of {}; its secret is shown only this once:",
            new.token.id, new.token.account_name
        );
        print(new.secret)
    }
}

/// Each name once, in the order of the command line.
fn resources_of(pipes: Vec<String>, append_to: Vec<String>) -> Resources {
    let unique = |names: Vec<String>| {
        let mut seen = BTreeSet::new();
        names.into_iter().filter(|name| seen.insert(name.clone())).collect::<Vec<_>>()
    };
    let pipes = unique(pipes).iter().map(|name| PipeResource::free(name)).collect();
    Resources { pipes, append_to: unique(append_to), ..Resources::default() }
}

fn revoke(catalog: &Catalog, id: &str) -> anyhow::Result<()> {
    catalog.revoke_token(id, clock::now())?;
    print(format_args!("token {id} is revoked"))
}

fn pipes(resources: &Resources) -> impl Iterator<Item = &str> {
    resources.pipes.iter().map(|pipe| pipe.name.as_str())
}

/// In a line of the list; empty where there is nothing.
fn resources_text(resources: &Resources) -> String {
    let text = |what: &str, names: Vec<&str>| match names.as_slice() {
        [] => String::new(),
        names => format!(", {what} {}", names.join("+")),
    };
    let append_to = resources.append_to.iter().map(String::as_str).collect();
    text("reads the pipes", pipes(resources).collect()) + &text("appends to", append_to)
}

fn scopes(token: &Token) -> Vec<&'static str> {
    token.scopes.iter().map(|scope| scope.name()).collect()
}

/// Labels end up in lists for people and programs, so they are one short line.
pub(super) fn parse_label(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
        return Err("a label is one line of 1 to 128 bytes".to_owned());
    }
    Ok(text.to_owned())
}

impl Listed for Token {
    const NONE: &'static str =
        "there are no tokens yet; make one with `tallyhouse token create --account NAME --scope read`";

    fn account(&self) -> AccountId {
        self.account
    }

    fn line(&self) -> String {
        let expires = self.expires_at.map_or_else(|| "never".to_owned(), render_record_time);
        let scopes = if self.scopes.is_empty() { "-".to_owned() } else { scopes(self).join("+") };
        format!(
            "{} {} {scopes} of {}, made {}, expires {expires}{}{}{}",
            self.id,
            self.state(clock::now()).name(),
            self.account_name,
            render_record_time(self.created_at),
            resources_text(&self.resources),
            narrowing_text(&self.narrowing),
            self.label.as_ref().map(|label| format!(", {label}")).unwrap_or_default(),
        )
    }

    fn object(&self) -> serde_json::Value {
        let mut object = json!({
            "id": self.id,
            "account": self.account_name,
            "scopes": scopes(self),
            "label": self.label,
            "state": self.state(clock::now()).name(),
            "created_at": render_record_time(self.created_at),
            "expires_at": self.expires_at.map(render_record_time),
            "revoked_at": self.revoked_at.map(render_record_time),
        });
        object["pipes"] = pipes(&self.resources).collect();
        object["append_to"] = json!(self.resources.append_to);
        add_narrowing(&mut object, &self.narrowing);
        object
    }
}
