//! `tallyhouse webhook-secret`: makes, lists and revokes what pingbacks are signed with, also while a server runs.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::{Micros, render_record_time};

use super::print;
use crate::catalog::{Catalog, ExpiryError, WebhookSecret, parse_expiry};
use crate::clock;
use crate::config::Config;

/// Make, list and revoke secrets that pingbacks are signed with (Standard Webhooks). Works while a server runs
#[derive(Debug, Args)]
pub(super) struct WebhookSecretArgs {
    #[command(subcommand)]
    command: WebhookSecretCommand,
}

#[derive(Debug, Subcommand)]
enum WebhookSecretCommand {
    /// Make a secret for a site and print it; it is shown only this once. From now on it signs what the site is told
    Create {
        /// Whose pingbacks it signs
        #[arg(long, value_name = "NAME")]
        site: String,
        /// How long the secrets that the site has go on signing beside it: a duration such as 24h or 7d, or a time; 0h for
        /// no longer
        #[arg(long, value_name = "WHEN", default_value = "24h")]
        keep_old: String,
        /// Answer one JSON object: {"id": …, "site": …, "secret": …}
        #[arg(long)]
        json: bool,
    },
    /// List secrets with their ids, without the secrets themselves
    List {
        /// Only those of this site
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Let a secret sign nothing more, from now on
    Revoke {
        /// The secret's id, as `tallyhouse webhook-secret list` shows it; not the secret itself
        id: String,
    },
}

impl WebhookSecretArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            WebhookSecretCommand::Create { site, keep_old, json } => create(&catalog, &site, &keep_old, json),
            WebhookSecretCommand::List { site, json } => list(&catalog, site.as_deref(), json),
            WebhookSecretCommand::Revoke { id } => {
                catalog.revoke_webhook_secret(&id, clock::now())?;
                print(format_args!("webhook secret {id} is revoked; nothing more is signed with it"))
            }
        }
    }
}

fn create(catalog: &Catalog, site: &str, keep_old: &str, json: bool) -> anyhow::Result<()> {
    let now = clock::now();
    let others_until = match parse_expiry(keep_old, now) {
        Err(ExpiryError::Past) => now,
        other => other.map_err(|error| anyhow::anyhow!("--keep-old {keep_old}: {error}"))?,
    };
    let new = catalog.create_webhook_secret(site, others_until, now)?;
    if json {
        return print(json!({ "id": new.listed.id, "site": site, "secret": new.secret.text() }));
    }
    eprintln!("webhook secret {} of {site}; it is shown only this once:", new.listed.id);
    print(new.secret.text())
}

fn list(catalog: &Catalog, site: Option<&str>, json: bool) -> anyhow::Result<()> {
    let (mut secrets, now) = (catalog.webhook_secrets()?, clock::now());
    secrets.retain(|secret| site.is_none_or(|site| secret.site_name == site));
    if json {
        return print(serde_json::Value::from_iter(secrets.iter().map(|secret| object(secret, now))));
    }
    for secret in &secrets {
        let end = secret.expires_at.map(|at| format!(", until {}", render_record_time(at)));
        print(format_args!(
            "{} {} of {}, made {}{}",
            secret.id,
            state(secret, now),
            secret.site_name,
            render_record_time(secret.created_at),
            end.unwrap_or_default(),
        ))?;
    }
    if secrets.is_empty() {
        eprintln!(
            "there are no webhook secrets yet; make one with `tallyhouse webhook-secret create --site NAME`"
        );
    }
    Ok(())
}

fn state(secret: &WebhookSecret, now: Micros) -> &'static str {
    if secret.expires_at.is_none_or(|at| at > now) { "active" } else { "expired" }
}

fn object(secret: &WebhookSecret, now: Micros) -> serde_json::Value {
    json!({
        "id": secret.id,
        "site": secret.site_name,
        "state": state(secret, now),
        "created_at": render_record_time(secret.created_at),
        "expires_at": secret.expires_at.map(render_record_time),
    })
}
