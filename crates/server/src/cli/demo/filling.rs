//! Fills the demo's accounts with sample data.

use anyhow::Context as _;
use tallyhouse_model::{AccountId, Batch, Micros};
use tallyhouse_store::Submission;

use super::folder::Recipe;
use super::site;
use crate::catalog::{Account, Site};
use crate::clock;
use crate::home::Homes;
use crate::http::AppState;
use crate::sample::{self, DemoSample, ReportSample, SampleOptions, SharingSample};

/// Demo sessions per hundred segments, and the most that an account gets: the start has to stay quick.
const SESSIONS_PERCENT: usize = 14;
const SESSIONS_MAX: usize = 20_000;

/// Reports per hundred segments, and the most that an account gets.
const REPORTS_PERCENT: usize = 12;
const REPORTS_MAX: usize = 20_000;

/// Reads and alerts per report.
const READS_PER_REPORT: usize = 6;
const ALERTS_PER_REPORT: usize = 3;

/// Reactions to messages per hundred segments, and bounds of them: each message is a transaction of its own.
const REACTIONS_PERCENT: usize = 8;
const REACTIONS_MIN: usize = 400;
const REACTIONS_MAX: usize = 10_000;

/// Over how many days the sample data is spread.
const DAYS: u32 = 90;

/// Where sample data goes.
pub(super) struct Filling<'a> {
    /// Rows and documents.
    pub(super) homes: Homes<'a>,
    /// What is made, and how much of it is there.
    pub(super) recipe: &'a Recipe,
}

impl Filling<'_> {
    /// Makes what an account lacks of its share of the segments, and of what is made along with them. Where an earlier start
    /// was cut off in the middle, the same rows come again and replace themselves.
    pub(super) fn fill(&self, index: usize, account: &Account, percent: usize) -> anyhow::Result<()> {
        let until = self.recipe.until()?;
        let segments = (self.recipe.segments as usize * percent / 100).max(1);
        let seed = u64::from(self.recipe.seed) + index as u64;
        if !self.recipe.has(2) {
            self.fill_views(account, seed, until, segments)?;
        }
        if !self.recipe.has(3) {
            self.fill_reports(account, seed, until, segments)?;
        }
        Ok(())
    }

    /// What there was in the second edition.
    fn fill_views(&self, account: &Account, seed: u64, until: Micros, segments: usize) -> anyhow::Result<()> {
        let sessions = (segments * SESSIONS_PERCENT / 100).clamp(1, SESSIONS_MAX);
        let name = &account.name;
        eprintln!("making {segments} segments and {sessions} demo sessions for the account {name} …");
        let options = SampleOptions { seed, segments, until, days: DAYS, ..SampleOptions::default() };
        self.import(account, sample::batches(&options))?;
        let demos = DemoSample::of_sessions(seed, until, DAYS, sessions);
        self.import(account, demos.sessions())?;
        self.import(account, demos.activities())?;
        self.import(account, demos.changes())
    }

    /// What the third edition has added.
    fn fill_reports(
        &self,
        account: &Account,
        seed: u64,
        until: Micros,
        segments: usize,
    ) -> anyhow::Result<()> {
        let reports = (segments * REPORTS_PERCENT / 100).clamp(1, REPORTS_MAX);
        let (reads, alerts) = (reports * READS_PER_REPORT, reports * ALERTS_PER_REPORT);
        let name = &account.name;
        eprintln!("making {reports} reports, {reads} reads and {alerts} alerts for the account {name} …");
        let sample = ReportSample::of_reports(seed, until, DAYS, reports);
        self.import(account, sample.channels(ReportSample::channel_count()))?;
        self.import(account, sample.forms(ReportSample::channel_count()))?;
        self.import(account, sample.states(ReportSample::state_count()))?;
        self.import(account, sample.users_of(sample.user_count()))?;
        self.import(account, sample.reports())?;
        self.import(account, sample.reads(reads))?;
        self.import(account, sample.alerts(alerts))
    }

    /// What the fourth edition has added: messages of a site, what people did with them, and snapshots of that. `percent` is the
    /// share of its account.
    pub(super) fn fill_site(&self, state: &AppState, site: &Site, percent: usize) -> anyhow::Result<()> {
        if self.recipe.has(4) {
            return Ok(());
        }
        let segments = self.recipe.segments as usize * percent / 100;
        let reactions = (segments * REACTIONS_PERCENT / 100).clamp(REACTIONS_MIN, REACTIONS_MAX);
        let messages = SharingSample::messages_of_reactions(reactions);
        let name = &site.name;
        eprintln!("making {messages} messages and {reactions} reactions for the site {name} …");
        let seed = u64::from(self.recipe.seed);
        let sample = SharingSample::of_messages(seed, self.recipe.until()?, DAYS, messages);
        for message in sample.messages() {
            site::publish(&state.catalog, site.number, &message)?;
        }
        self.import_to(site.account, sample.reactions(reactions))?;
        self.import_to(site.account, sample.referrals(reactions / 2))?;
        site::make_snapshots(state, site.number)
    }

    fn import(&self, account: &Account, batches: impl Iterator<Item = Batch>) -> anyhow::Result<()> {
        self.import_to(account.id, batches)
    }

    fn import_to(&self, account: AccountId, batches: impl Iterator<Item = Batch>) -> anyhow::Result<()> {
        for batch in batches {
            let received_at = clock::now();
            let submission = Submission { account, batch, quarantined: Vec::new(), received_at };
            let pending = self.homes.begin_import(submission).context("the sample data cannot be stored")?;
            pending.wait().context("the sample data cannot be stored")?;
        }
        Ok(())
    }
}
