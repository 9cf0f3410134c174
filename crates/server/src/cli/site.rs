//! `tallyhouse site`: makes, lists and revokes the sites of the sharing family and their keys, also while a server runs on
//! the data folder, which sees it at the next request.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use tallyhouse_model::{AccountId, render_record_time};

use super::listing::{Listed, list, state};
use super::print;
use crate::catalog::{Catalog, NewSite, Site};
use crate::clock;
use crate::config::Config;

/// Make, list and revoke sites, which publish messages and ask for snapshots under /sharing. Works while a server runs
#[derive(Debug, Args)]
pub(super) struct SiteArgs {
    #[command(subcommand)]
    command: SiteCommand,
}

#[derive(Debug, Subcommand)]
enum SiteCommand {
    /// Make a site and print its keys; the private one is shown only this once
    Create {
        /// Whose site it is
        #[arg(long, value_name = "NAME")]
        account: String,
        /// Its subdomain: a to z, digits and '-', beginning with a letter
        #[arg(long, value_name = "SUBDOMAIN")]
        name: String,
        /// Answer one JSON object: {"public_key": …, "private_key": …}
        #[arg(long)]
        json: bool,
    },
    /// List sites with their public keys, without the private ones
    List {
        /// Only those of this account
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Give a site new keys and print them; the old ones stop at once, and a site that was revoked goes on
    RotateKeys {
        /// The site's name
        name: String,
        /// Answer one JSON object: {"public_key": …, "private_key": …}
        #[arg(long)]
        json: bool,
    },
    /// Revoke the keys of a site; what it has published stays, and its short URLs go on redirecting
    Revoke {
        /// The site's name
        name: String,
    },
}

/// Keys as programs get them, in this order.
#[derive(Serialize)]
struct KeysBody<'a> {
    public_key: &'a str,
    private_key: &'a str,
}

impl SiteArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            SiteCommand::Create { account, name, json } => {
                let account = catalog.account_by_name(&account)?.id;
                show(&catalog.create_site(account, &name, clock::now())?, json)
            }
            SiteCommand::List { account, json } => list(&catalog, catalog.sites()?, account.as_deref(), json),
            SiteCommand::RotateKeys { name, json } => show(&catalog.rotate_site_keys(&name)?, json),
            SiteCommand::Revoke { name } => {
                catalog.revoke_site(&name, clock::now())?;
                print(format_args!("the keys of the site {name} are revoked"))
            }
        }
    }
}

fn show(new: &NewSite, json: bool) -> anyhow::Result<()> {
    let NewSite { site, private_key } = new;
    if json {
        let keys = KeysBody { public_key: &site.public_key, private_key };
        return print(serde_json::to_string(&keys)?);
    }
    eprintln!("site {} of {}; its private key is shown only this once:", site.name, site.account_name);
    print(format_args!("public key  {}\nprivate key {private_key}", site.public_key))
}

impl Listed for Site {
    const NONE: &'static str =
        "there are no sites yet; make one with `tallyhouse site create --account NAME --name SUBDOMAIN`";

    fn account(&self) -> AccountId {
        self.account
    }

    fn line(&self) -> String {
        format!(
            "{} {} of {}, made {}, public key {}",
            self.name,
            state(self.revoked_at),
            self.account_name,
            render_record_time(self.created_at),
            self.public_key,
        )
    }

    fn object(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "account": self.account_name,
            "public_key": self.public_key,
            "state": state(self.revoked_at),
            "created_at": render_record_time(self.created_at),
            "revoked_at": self.revoked_at.map(render_record_time),
        })
    }
}
