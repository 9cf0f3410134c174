//! `tallyhouse check`: reads every file of a data folder and says what is wrong and where.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use tallyhouse_store::{CheckReport, Finding};

use super::print;
use crate::catalog;
use crate::config::Config;

/// Read every file of the data folder and compare all checksums and counts. No server may run on it meanwhile
///
/// Prints what is wrong, a line per finding with its file, and fails when there is any.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Answer one JSON object
    #[arg(long)]
    json: bool,
}

impl CheckArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let folder = config.data.display();
        anyhow::ensure!(
            config.data.is_dir(),
            "there is no data folder {folder}; name the right one with --data"
        );
        let mut report =
            tallyhouse_store::check(&config.data).with_context(|| format!("{folder} cannot be checked"))?;
        let in_catalog = |problem| Finding { file: "catalog.db".into(), problem };
        report.findings.extend(catalog::problems(&config.data).into_iter().map(in_catalog));
        if self.json {
            print(object(&report))?
        } else {
            print_text(&report)?
        }
        match report.findings.len() {
            0 => Ok(()),
            count => anyhow::bail!("{folder} is damaged ({count} findings); restore it from a backup"),
        }
    }
}

fn print_text(report: &CheckReport) -> anyhow::Result<()> {
    for finding in &report.findings {
        print(format_args!("{}: {}", finding.file.display(), finding.problem))?;
    }
    print(format_args!("checked {} rows in {} files of {} bytes", report.rows, report.files, report.bytes))
}

fn object(report: &CheckReport) -> serde_json::Value {
    let findings = report
        .findings
        .iter()
        .map(|finding| json!({ "file": finding.file.to_string_lossy(), "problem": finding.problem }));
    json!({
        "files": report.files,
        "bytes": report.bytes,
        "rows": report.rows,
        "findings": findings.collect::<Vec<_>>(),
    })
}
