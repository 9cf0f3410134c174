//! `tallyhouse pingback`: shows what was told to whom, and sends it again, also while a server runs on the data folder.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::render_record_time;

use super::print;
use crate::catalog::{Catalog, Pingback, PingbackAttempt, PingbackFilter, PingbackState};
use crate::clock;
use crate::config::Config;

/// Pingbacks that are read at a time.
const READ_AT_ONCE: u32 = 1_000;

/// List, show and send again what sites are told when a snapshot is finished. Works while a server runs
#[derive(Debug, Args)]
pub(super) struct PingbackArgs {
    #[command(subcommand)]
    command: PingbackCommand,
}

#[derive(Debug, Subcommand)]
enum PingbackCommand {
    /// List pingbacks, the earliest first
    List(ListArgs),
    /// Show a pingback with its body and every attempt to deliver it
    Show {
        /// The pingback's id, as `tallyhouse pingback list` shows it
        id: String,
        /// Answer one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Send a pingback again, with the same id and body, whatever became of it; a running server does so within a second or two
    Replay {
        /// The pingback's id, as `tallyhouse pingback list` shows it
        id: String,
    },
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Only those of this site
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Only those in this state: waiting, delivered, failed (given up after a day), gone (answered 410) or cancelled (the
    /// snapshot was deleted)
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    state: Option<PingbackState>,
    /// Only those about this snapshot
    #[arg(long, value_name = "TOKEN")]
    snapshot: Option<String>,
    /// Answer a JSON array
    #[arg(long)]
    json: bool,
}

impl PingbackArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            PingbackCommand::List(args) => args.run(&catalog),
            PingbackCommand::Show { id, json } => show(&catalog, &id, json),
            PingbackCommand::Replay { id } => {
                catalog.replay_pingback(&id, clock::now())?;
                print(format_args!("pingback {id} is sent again as soon as a server runs"))
            }
        }
    }
}

impl ListArgs {
    fn run(self, catalog: &Catalog) -> anyhow::Result<()> {
        let filter = PingbackFilter { site: self.site, state: self.state, snapshot_token: self.snapshot };
        let mut objects = Vec::new();
        let (mut last, mut is_any) = (0, false);
        loop {
            let page = catalog.pingbacks(&filter, last, READ_AT_ONCE)?;
            for pingback in &page {
                if self.json {
                    objects.push(object(pingback));
                } else {
                    print(line(pingback))?;
                }
            }
            let Some(end) = page.last() else { break };
            (last, is_any) = (end.number, true);
        }
        if self.json {
            return print(serde_json::Value::Array(objects));
        }
        if !is_any {
            eprintln!("there are no such pingbacks");
        }
        Ok(())
    }
}

fn show(catalog: &Catalog, id: &str, json: bool) -> anyhow::Result<()> {
    let (pingback, attempts) = catalog.pingback(id)?;
    if json {
        let mut shown = object(&pingback);
        shown["body"] = json!(pingback.body);
        shown["attempts"] = attempts.iter().map(attempt_object).collect();
        return print(shown);
    }
    print(line(&pingback))?;
    print(&pingback.body)?;
    for attempt in &attempts {
        print(attempt_line(attempt))?;
    }
    Ok(())
}

fn parse_state(name: &str) -> Result<PingbackState, String> {
    let known = PingbackState::NAMES.iter().find(|(known, _)| *known == name);
    let names = PingbackState::NAMES.map(|(name, _)| name).join(", ");
    known.map(|(_, state)| *state).ok_or_else(|| format!("the states are {names}"))
}

fn line(pingback: &Pingback) -> String {
    let next = pingback.next_attempt_at.map(|at| format!(", next attempt {}", render_record_time(at)));
    let end = pingback.finished_at.map(|at| format!(", ended {}", render_record_time(at)));
    format!(
        "{} {} of {} about {} to {}, made {}, attempts {}{}{}",
        pingback.id,
        pingback.state.name(),
        pingback.site_name,
        pingback.snapshot_token,
        pingback.uri,
        render_record_time(pingback.created_at),
        pingback.attempts,
        next.unwrap_or_default(),
        end.unwrap_or_default(),
    )
}

fn attempt_line(attempt: &PingbackAttempt) -> String {
    let status = attempt.status.map(|status| format!("status {status}"));
    let address = attempt.address.as_ref().map(|address| format!(" ({address})"));
    format!(
        "{} after {} ms: {}{}",
        render_record_time(attempt.started_at),
        attempt.duration / 1_000,
        status.or_else(|| attempt.problem.clone()).unwrap_or_default(),
        address.unwrap_or_default(),
    )
}

fn object(pingback: &Pingback) -> serde_json::Value {
    json!({
        "id": pingback.id,
        "site": pingback.site_name,
        "sharing_analytics_snapshot_token": pingback.snapshot_token,
        "pingback_uri": pingback.uri,
        "state": pingback.state.name(),
        "num_attempts": pingback.attempts,
        "created_at": render_record_time(pingback.created_at),
        "next_attempt_at": pingback.next_attempt_at.map(render_record_time),
        "finished_at": pingback.finished_at.map(render_record_time),
    })
}

fn attempt_object(attempt: &PingbackAttempt) -> serde_json::Value {
    json!({
        "started_at": render_record_time(attempt.started_at),
        "duration_ms": attempt.duration / 1_000,
        "address": attempt.address,
        "status": attempt.status,
        "problem": attempt.problem,
    })
}
