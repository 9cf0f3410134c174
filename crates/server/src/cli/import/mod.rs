//! `tallyhouse import`: takes files in, into the data folder or into a running server.

mod inputs;
mod local;
mod remote;
mod summary;

use std::path::PathBuf;

use clap::Args;

use self::inputs::Inputs;
use super::server_client::ServerArgs;
use super::table_name::table_named;
use crate::config::Config;
use crate::files::FileFormat;
use crate::ingest::RecordType;

/// Take files of records in: NDJSON, CSV or Parquet
///
/// Opens the data folder itself, so that no server may run on it; with --url, sends the records to a running server.
/// Records that break a rule go to quarantine and stop nothing (`tallyhouse quarantine list` shows them). To import
/// a file again leaves the rows as they are, so an import that broke off is simply repeated (lines that are refused go to
/// quarantine again).
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ImportArgs {
    /// Whose records these are. With --url, the token decides
    #[arg(long, value_name = "NAME", required_unless_present = "url")]
    account: Option<String>,
    /// What the records are
    #[arg(long, value_name = "TABLE", value_parser = table_named)]
    table: &'static RecordType,
    #[command(flatten)]
    server: ServerArgs,
    /// The format of all files [default: by the ending of each name; NDJSON for standard input]
    #[arg(long, value_name = "FORMAT")]
    format: Option<FileFormat>,
    /// Requests to a server at the same time. With more than one, two versions of a record without `updated_at` may
    /// arrive in the wrong order
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    in_flight: u8,
    /// Answer one JSON object
    #[arg(long)]
    json: bool,
    /// The files; '-' is standard input. gzip and zstd are unpacked, whatever the name
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

const AFTER_HELP: &str = "\
Formats:
  NDJSON   a JSON object per line: .ndjson, .jsonl, .json
  CSV      the first line names the fields; an empty cell is an absent field;
           device_info, the lists of reports (images, form_fields) and the
           fields of forms are JSON in a cell
  Parquet  a column per field: texts, integers of any width, truth values,
           timestamps (those without a zone are taken as UTC); device_info is
           a text of JSON or a struct of texts; the lists of reports and the
           fields of forms are texts of JSON, or lists of structs, texts,
           integers, truth values and timestamps.
           Times without a zone that are texts are taken as UTC in demo records,
           and refused in all others
  Unknown fields and columns are ignored.

Exit status: 0, even when some rows went to quarantine; 3 when there were rows and
all of them did; 1 when the import failed; 2 when the command line is wrong.

Examples:
  tallyhouse import --account acme --table view_segments views.parquet
  zcat views-*.gz | tallyhouse import --account acme --table view_segments -
  TALLYHOUSE_TOKEN=… tallyhouse import --url http://127.0.0.1:8686 \\
      --table view_segments views.csv.zst";

impl ImportArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let inputs = Inputs::open(self.table, &self.files, self.format)?;
        let summary = match (self.server.client()?, &self.account) {
            (Some(client), _) => remote::import(inputs, &client, self.table, self.in_flight)?,
            (None, Some(account)) => local::import(inputs, config, account)?,
            (None, None) => anyhow::bail!("whose records are these? Add --account"),
        };
        summary.print(self.json)?;
        summary.judge()
    }
}
