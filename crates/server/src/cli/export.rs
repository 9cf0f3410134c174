//! `tallyhouse export`: writes the rows of an account to a file that can be imported again.

use std::io::BufReader;
use std::path::PathBuf;

use clap::Args;
use tallyhouse_model::AccountId;
use tallyhouse_store::Store;

use super::output_file::OutputFile;
use super::server_client::{ServerArgs, ServerClient};
use super::table_name::table_named;
use crate::catalog::Catalog;
use crate::clock;
use crate::config::Config;
use crate::files::{FileFormat, RecordReader};
use crate::home::Homes;
use crate::ingest::{Enrichment, Receipt, RecordRows, RecordType};

/// Rows that are read from a server before they are written.
const CHUNK_ROWS: usize = 50_000;

/// Write the rows of an account to a file: NDJSON, CSV or Parquet
///
/// Nothing is lost: to import the file into an empty store gives the same rows with the same versions; only that demo
/// changes arrive there anew. Opens the data
/// folder itself, so that no server may run on it; with --url, asks a running server (the token needs the scope
/// admin).
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ExportArgs {
    /// Whose rows. With --url, the token decides
    #[arg(long, value_name = "NAME", required_unless_present = "url")]
    account: Option<String>,
    /// Which rows
    #[arg(long, value_name = "TABLE", value_parser = table_named)]
    table: &'static RecordType,
    #[command(flatten)]
    server: ServerArgs,
    /// The format [default: by the ending of the file's name; NDJSON for standard output]
    #[arg(long, value_name = "FORMAT")]
    format: Option<FileFormat>,
    /// Deletions, too, behind all rows; among documents at their numbers. Needed where older versions of deleted rows may still be imported later
    #[arg(long)]
    deletions: bool,
    /// The file; .gz and .zst at the end of its name compress it; '-' is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

const AFTER_HELP: &str = "\
In CSV, an empty cell is an absent value; an empty text is a cell of two
double quotes (six of them, as CSV writes that).

Examples:
  tallyhouse export --account acme --table view_segments --output views.parquet
  tallyhouse export --account acme --table view_segments | head";

impl ExportArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let client = self.server.client()?;
        let rows = match (client, &self.account) {
            (Some(client), _) => self.export_server(&client)?,
            (None, Some(account)) => {
                let catalog = Catalog::open_existing(&config.data)?;
                let account = catalog.account_by_name(account)?.id;
                let (store, _) = Store::open(&config.data, config.store_options())?;
                let rows = self.export_folder(Homes { store: &store, catalog: &catalog }, account);
                store.close();
                rows?
            }
            (None, None) => anyhow::bail!("whose rows? Add --account"),
        };
        eprintln!("{rows} rows written");
        Ok(())
    }

    fn create(&self) -> anyhow::Result<OutputFile> {
        OutputFile::create(&self.output, self.format, self.table.table.id, self.deletions)
    }

    fn export_folder(&self, homes: Homes<'_>, account: AccountId) -> anyhow::Result<u64> {
        let mut file = self.create()?;
        homes.export(account, self.table.table.id, self.deletions, &mut |batch| file.write(batch))??;
        file.finish()
    }

    /// A server sends the records that a store with the same rows would be sent.
    fn export_server(&self, client: &ServerClient) -> anyhow::Result<u64> {
        let path = format!("/v0/export?name={}&deletions={}", self.table.name(), self.deletions);
        let body = client.get(&path)?;
        self.copy(RecordReader::lines(Box::new(BufReader::new(body)))?)
    }

    fn copy(&self, mut records: RecordReader) -> anyhow::Result<u64> {
        let mut file = self.create()?;
        let mut more = true;
        while more {
            let now = clock::now();
            let mut rows = RecordRows::new(self.table, Receipt::of_export(now), Enrichment::off());
            while more && rows.valid_rows() < CHUNK_ROWS {
                more = records.next(&mut rows)?;
                if let Some(refused) = rows.quarantined().first() {
                    anyhow::bail!(
                        "row {} of the server is not valid here: {}",
                        records.position(),
                        refused.reason
                    );
                }
            }
            file.write(&rows.into_submission(AccountId(0), now).batch)?;
        }
        file.finish()
    }
}
