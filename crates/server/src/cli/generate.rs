//! `tallyhouse generate`: writes sample data to a file.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tallyhouse_model::{Batch, Micros, TableId, parse_record_time, render_record_time};

use super::output_file::OutputFile;
use super::table_name::table_named;
use crate::clock;
use crate::config::Config;
use crate::files::FileFormat;
use crate::ingest::RecordType;
use crate::sample::{DemoSample, ReportSample, SampleOptions, SharingSample, batches};

/// Write sample data to a file: made-up records of made-up people, to try things with and to measure
///
/// What begins when follows a daily and weekly cycle; there are live events and recorded contents, viewers who return,
/// and segments that are not finished; links and replays that come and go, and sessions of one activity and of many;
/// messages that a few share and many like.
/// The same seed, end, days and number of rows give the same file.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct GenerateArgs {
    /// Which rows
    #[arg(long, value_name = "TABLE", value_parser = table_named, default_value = "view_segments")]
    table: &'static RecordType,
    /// How many rows
    #[arg(long, value_name = "N", required_unless_present = "segments")]
    rows: Option<usize>,
    /// The same as --table view_segments --rows
    #[arg(long, value_name = "N", conflicts_with_all = ["table", "rows"])]
    segments: Option<usize>,
    /// The same seed gives the same rows
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Over how many days the rows are spread [default: 90; 365 for reports and what belongs to them]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=9_000))]
    days: Option<u32>,
    /// How many reports the reads or alerts are of [default: a tenth of the reads, a fourth of the alerts]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    reports: Option<u32>,
    /// How many messages the reactions or referrals are of [default: a 40th of the reactions, a 20th of the referrals]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    messages: Option<u32>,
    /// When the days end, such as 2026-03-01T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Micros>,
    /// How many of a hundred rows replace an earlier one by a newer version; of view_segments only
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
Rows of demo_activity, demo_sessions and demo_changes belong together where seed, end
and days are the same. So many activities belong to fewer sessions: what is printed at the
end says how many.

Reports have the numbers 1 to --rows. Their reads and alerts belong to them where seed, end
and days are the same, and where --reports, or what follows from --rows, says how many reports
there are: 5000000 reports go with 50000000 reads and 20000000 alerts. Users, channels,
report_states and forms go with all of them; what is printed at the end says how many of them
are referred to.

Reactions and referrals are of the same messages where seed, end and days are the same, and
where --messages, or what follows from --rows, says how many messages there are. Messages
themselves are published, not imported; those of these rows are in the sample data of the demo.

Examples:
  tallyhouse generate --table view_segments --rows 1000000 --output sample.parquet
  tallyhouse generate --table demo_activity --rows 10 --seed 7 --until 2026-03-01T00:00:00Z";

impl GenerateArgs {
    pub(super) fn run(self, _config: &Config) -> anyhow::Result<()> {
        let table = self.table.table.id;
        anyhow::ensure!(
            self.replacements == 0 || table == TableId::ViewSegments,
            "--replacements is for --table view_segments; the rows of {} are all new",
            self.table.name()
        );
        anyhow::ensure!(
            self.reports.is_none() || matches!(table, TableId::ReportReads | TableId::ReportAlerts),
            "--reports is for --table report_reads and report_alerts"
        );
        anyhow::ensure!(
            self.messages.is_none() || matches!(table, TableId::Reactions | TableId::Referrals),
            "--messages is for --table reactions and referrals"
        );
        let until = self.until.unwrap_or_else(clock::now);
        let (batches, hint) = self.batches(until)?;
        let mut file = OutputFile::create(&self.output, self.format, table, false)?;
        for batch in batches {
            file.write(&batch).with_context(|| format!("{} cannot be written", self.output.display()))?;
        }
        let rows = file.finish()?;
        eprintln!("{rows} rows written");
        hint.into_iter().for_each(|hint| eprintln!("{hint}"));
        Ok(())
    }

    /// The rows, and how to make what belongs to them.
    fn batches(&self, until: Micros) -> anyhow::Result<(Batches, Option<String>)> {
        let rows = self.rows.or(self.segments).expect("one of them is required");
        let (seed, days) = (self.seed, self.days.unwrap_or(90));
        Ok(match self.table.table.id {
            TableId::ViewSegments => {
                let replacements_percent = self.replacements;
                let options = SampleOptions { seed, segments: rows, until, days, replacements_percent };
                (Box::new(batches(&options)), None)
            }
            TableId::DemoSessions => {
                (Box::new(DemoSample::of_sessions(seed, until, days, rows).sessions()), None)
            }
            TableId::DemoActivity => {
                let sample = DemoSample::of_activities(seed, until, days, rows);
                let hint = format!(
                    "their sessions: --table demo_sessions --rows {} --seed {seed} --days {days} --until {}",
                    sample.session_count(),
                    render_record_time(until)
                );
                (Box::new(sample.activities()), Some(hint))
            }
            TableId::DemoChanges => {
                (Box::new(DemoSample::of_sessions(seed, until, days, 0).changes_of(rows)), None)
            }
            TableId::Reactions | TableId::Referrals => self.sharing(until, rows),
            _ => return self.reports(until, rows),
        })
    }

    /// The same for what people did with messages.
    fn sharing(&self, until: Micros, rows: usize) -> (Batches, Option<String>) {
        let (seed, days) = (self.seed, self.days.unwrap_or(90));
        let is_reactions = self.table.table.id == TableId::Reactions;
        let default = if is_reactions {
            SharingSample::messages_of_reactions(rows)
        } else {
            SharingSample::messages_of_referrals(rows)
        };
        let messages = self.messages.map_or(default, |messages| messages as usize);
        let sample = SharingSample::of_messages(seed, until, days, messages);
        let batches: Batches =
            if is_reactions { Box::new(sample.reactions(rows)) } else { Box::new(sample.referrals(rows)) };
        let hint = format!(
            "of {messages} messages, --seed {seed} --days {days} --until {}",
            render_record_time(until)
        );
        (batches, Some(hint))
    }

    /// The same for reports and what belongs to them.
    fn reports(&self, until: Micros, rows: usize) -> anyhow::Result<(Batches, Option<String>)> {
        let table = self.table.table.id;
        let (seed, days) = (self.seed, self.days.unwrap_or(365));
        let told = self.reports.map(|reports| reports as usize);
        let reports = match table {
            TableId::ReportReads => told.unwrap_or_else(|| ReportSample::reports_of_reads(rows)),
            TableId::ReportAlerts => told.unwrap_or_else(|| ReportSample::reports_of_alerts(rows)),
            TableId::Reports => rows,
            _ => 0,
        };
        let sample = ReportSample::of_reports(seed, until, days, reports);
        let batches: Batches = match table {
            TableId::Reports => Box::new(sample.reports()),
            TableId::ReportReads => Box::new(sample.reads(rows)),
            TableId::ReportAlerts => Box::new(sample.alerts(rows)),
            TableId::Channels => return Ok((Box::new(sample.channels(rows)), None)),
            TableId::ReportStates => return Ok((Box::new(sample.states(rows)), None)),
            TableId::Users => return Ok((Box::new(sample.users_of(rows)), None)),
            TableId::Forms => return Ok((Box::new(sample.forms(rows)), None)),
            other => anyhow::bail!("there is no sample data of {}", other.table().name),
        };
        let hint = format!(
            "of {reports} reports, --seed {seed} --days {days} --until {}; they refer to {} users, {} channels with a \
             form each and {} states",
            render_record_time(until),
            sample.user_count(),
            ReportSample::channel_count(),
            ReportSample::state_count(),
        );
        Ok((batches, Some(hint)))
    }
}

/// Rows of one table.
type Batches = Box<dyn Iterator<Item = Batch>>;

fn time(text: &str) -> Result<Micros, String> {
    parse_record_time(text).map_err(|error| error.to_string())
}
