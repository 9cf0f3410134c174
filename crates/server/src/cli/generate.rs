//! `tallyhouse generate`: writes sample data to a file.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tallyhouse_model::{Micros, TableId, parse_record_time};

use super::output_file::OutputFile;
use crate::clock;
use crate::config::Config;
use crate::files::FileFormat;
use crate::sample::{SampleOptions, batches};

/// Write sample data to a file: made-up segments of made-up viewers, to try things with and to measure
///
/// Sessions follow a daily and weekly cycle; there are live events and recorded contents, viewers who return, and
/// segments that are not finished. The same seed, end and number of rows give the same file.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct GenerateArgs {
    /// How many rows
    #[arg(long, value_name = "N")]
    segments: usize,
    /// The same seed gives the same rows
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Over how many days the rows are spread
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=9_000))]
    days: u32,
    /// When the days end, such as 2026-03-01T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Micros>,
    /// How many of a hundred rows replace an earlier one by a newer version
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=90))]
    replacements: u32,
    /// The format [default: by the ending of the file's name; NDJSON for standard output]
    #[arg(long, value_name = "FORMAT")]
    format: Option<FileFormat>,
    /// The file; .gz and .zst at the end of its name compress it; '-' is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

const AFTER_HELP: &str = "\
Examples:
  tallyhouse generate --segments 1000000 --output sample.parquet
  tallyhouse generate --segments 10 --seed 7 --until 2026-03-01T00:00:00Z";

impl GenerateArgs {
    pub(super) fn run(self, _config: &Config) -> anyhow::Result<()> {
        let options = SampleOptions {
            seed: self.seed,
            segments: self.segments,
            until: self.until.unwrap_or_else(clock::now),
            days: self.days,
            replacements_percent: self.replacements,
        };
        let mut file = OutputFile::create(&self.output, self.format, TableId::ViewSegments, false)?;
        for batch in batches(&options) {
            file.write(&batch).with_context(|| format!("{} cannot be written", self.output.display()))?;
        }
        let rows = file.finish()?;
        eprintln!("{rows} rows written");
        Ok(())
    }
}

fn time(text: &str) -> Result<Micros, String> {
    parse_record_time(text).map_err(|error| error.to_string())
}
