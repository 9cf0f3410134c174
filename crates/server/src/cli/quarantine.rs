//! `tallyhouse quarantine`: shows, removes and sends again what was refused.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use tallyhouse_model::AccountId;
use tallyhouse_store::Store;

use super::nothing_taken::NothingTaken;
use super::print;
use super::server_client::{ServerArgs, ServerClient};
use super::table_name::table_named;
use crate::catalog::Catalog;
use crate::clock;
use crate::config::Config;
use crate::home::Homes;
use crate::ingest::resend::{Resent, read_requests, resend};
use crate::ingest::{Enricher, RecordType};
use crate::pipes::QuarantineLineBody;

/// Bytes of a file of mended lines.
const RESEND_BYTES_MAX: u64 = 10_000_000;

/// Show, remove or send again the rows that broke a rule
///
/// Opens the data folder itself, so that no server may run on it; with --url, asks a running server (the token needs
/// the scope admin).
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct QuarantineArgs {
    /// Whose rows. With --url, the token decides
    #[arg(long, global = true, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    command: QuarantineCommand,
}

#[derive(Debug, Subcommand)]
enum QuarantineCommand {
    /// Show quarantined rows, oldest first
    List {
        /// Only those of this table
        #[arg(long, value_name = "TABLE", value_parser = table_named)]
        table: Option<&'static RecordType>,
        /// Only those behind the one with this id
        #[arg(long, value_name = "ID", default_value_t = 0)]
        after: i64,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        limit: u16,
        /// A JSON object per line, with the line that was sent; `resend` takes it back once it is mended
        #[arg(long)]
        json: bool,
    },
    /// Remove quarantined rows for good
    Remove {
        /// Their ids
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
    },
    /// Send quarantined rows again, as they are or mended
    Resend {
        /// What `list --json` wrote, with every `line` mended; '-' is standard input
        #[arg(long, value_name = "FILE", conflicts_with = "ids", required_unless_present = "ids")]
        file: Option<PathBuf>,
        /// The ids of rows to send as they are
        #[arg(value_name = "ID")]
        ids: Vec<i64>,
    },
}

const AFTER_HELP: &str = "\
Examples:
  tallyhouse quarantine list --account acme
  tallyhouse quarantine list --account acme --json > refused.ndjson
  (mend the lines in refused.ndjson)
  tallyhouse quarantine resend --account acme --file refused.ndjson

Exit status: 3 when `resend` took none of the rows; 1 when a command failed; 2 when the
command line is wrong; else 0.";

/// Where the quarantine is.
enum Place {
    Server(ServerClient),
    Folder(Box<Folder>),
}

/// An open data folder.
struct Folder {
    store: Store,
    catalog: Catalog,
    enricher: Enricher,
    account: AccountId,
}

impl QuarantineArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let place = match (self.server.client()?, &self.account) {
            (Some(client), _) => Place::Server(client),
            (None, Some(account)) => {
                let catalog = Catalog::open_existing(&config.data)?;
                let account = catalog.account_by_name(account)?.id;
                let enricher = Enricher::start(config.geo.database())?;
                let (store, _) = Store::open(&config.data, config.store_options())?;
                Place::Folder(Box::new(Folder { store, catalog, enricher, account }))
            }
            (None, None) => anyhow::bail!("whose rows? Add --account, or --url for a running server"),
        };
        let done = match &self.command {
            QuarantineCommand::List { table, after, limit, json } => {
                place.list(*table, *after, *limit, *json)
            }
            QuarantineCommand::Remove { ids } => place.remove(ids),
            QuarantineCommand::Resend { file, ids } => place.resend(&requests(file.as_deref(), ids)?),
        };
        if let Place::Folder(folder) = &place {
            folder.store.close();
        }
        done
    }
}

/// The lines to send again, as the endpoint takes them.
fn requests(file: Option<&Path>, ids: &[i64]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    match file {
        None => ids.iter().try_for_each(|id| writeln!(body, "{{\"id\":{id}}}"))?,
        Some(path) => {
            let input: Box<dyn Read> = if path == Path::new("-") {
                Box::new(std::io::stdin())
            } else {
                Box::new(File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?)
            };
            input.take(RESEND_BYTES_MAX + 1).read_to_end(&mut body)?;
        }
    }
    anyhow::ensure!(
        body.len() as u64 <= RESEND_BYTES_MAX,
        "that is more than {RESEND_BYTES_MAX} bytes; cut it up"
    );
    Ok(body)
}

impl Place {
    fn list(
        &self,
        table: Option<&'static RecordType>,
        after: i64,
        limit: u16,
        json: bool,
    ) -> anyhow::Result<()> {
        for line in self.lines(table, after, limit)? {
            if json {
                print(serde_json::to_string(&line)?)?;
            } else {
                print(format_args!("{} {} {}: {}", line.id, line.received_at, line.name, line.reason))?;
            }
        }
        Ok(())
    }

    fn lines(
        &self,
        table: Option<&'static RecordType>,
        after: i64,
        limit: u16,
    ) -> anyhow::Result<Vec<QuarantineLineBody>> {
        match self {
            Place::Folder(folder) => {
                let entries = folder.store.quarantine(
                    folder.account,
                    table.map(|table| table.table.id),
                    after,
                    usize::from(limit),
                )?;
                Ok(entries.into_iter().map(QuarantineLineBody::from).collect())
            }
            Place::Server(client) => {
                let name = table.map(|table| format!("&name={}", table.name())).unwrap_or_default();
                let path = format!("/v0/quarantine?after={after}&limit={limit}{name}");
                let answer = client.get(&path)?;
                let lines =
                    serde_json::Deserializer::from_reader(std::io::BufReader::new(answer)).into_iter();
                lines.collect::<Result<_, _>>().context("the server's answer is not readable")
            }
        }
    }

    fn remove(&self, ids: &[i64]) -> anyhow::Result<()> {
        let removed = match self {
            Place::Folder(folder) => folder.store.quarantine_remove(folder.account, ids)?,
            Place::Server(client) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                let answer = client.delete(&format!("/v0/quarantine?ids={}", ids.join(",")))?;
                answer["removed_rows"].as_u64().context("the server's answer has no removed_rows")?
            }
        };
        print(format_args!("{removed} rows removed"))
    }

    fn resend(&self, body: &[u8]) -> anyhow::Result<()> {
        let resent: Resent = match self {
            Place::Folder(folder) => {
                let requests = read_requests(body).map_err(anyhow::Error::msg)?;
                let homes = Homes { store: &folder.store, catalog: &folder.catalog };
                resend(homes, &folder.enricher, folder.account, requests, clock::now())?
            }
            Place::Server(client) => serde_json::from_value(client.post("/v0/quarantine/resend", body)?)?,
        };
        print(format_args!(
            "{} rows taken, {} still refused",
            resent.successful_rows, resent.quarantined_rows
        ))?;
        if !resent.unknown_ids.is_empty() {
            print(format_args!("not in quarantine: {:?}", resent.unknown_ids))?;
        }
        let asked = resent.quarantined_rows > 0 || !resent.unknown_ids.is_empty();
        if resent.successful_rows == 0 && asked { Err(NothingTaken.into()) } else { Ok(()) }
    }
}
