//! The only way from this family to the store: every query is about the reader's account and carries the narrowing of
//! its credential, so that no endpoint can forget either. It also measures what the store did.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use tallyhouse_model::tables::{report_alerts, report_images, report_reads, report_selections, reports};
use tallyhouse_model::{
    AccountId, Belongs, By, ColumnIndex, Filter, Measure, Point, Range, RowsQuery, SeriesQuery, TableId,
};
use tallyhouse_store::{RowScan, Scanned, Snapshot, Stop};

use super::ReportsError;
use super::params::ChannelPeriod;
use crate::catalog::{Credential, Narrowing};
use crate::http::Cost;

/// What a request may read: one moment of the store, as far as its credential reaches.
pub struct Reader {
    snapshot: Arc<Snapshot>,
    account: AccountId,
    channels: Channels,
    /// Whether the credential is confined to contents; reports have none.
    is_of_contents: bool,
    stop: Stop,
    cost: Cell<Cost>,
}

/// The channels that a credential sees: these, or all.
#[derive(Debug, Clone)]
pub struct Channels(Option<Vec<u64>>);

impl Channels {
    /// Whether this one is among them.
    pub fn have(&self, channel_id: u64) -> bool {
        self.0.as_ref().is_none_or(|ids| ids.contains(&channel_id))
    }
}

impl Reader {
    /// Reads this snapshot for a credential, whose scopes were checked, until it is stopped.
    pub fn new(credential: Credential, snapshot: Arc<Snapshot>, stop: Stop) -> Self {
        let Credential { account, narrowing, .. } = credential;
        let Narrowing { content_ids, channel_ids } = narrowing;
        let (channels, is_of_contents) = (Channels(channel_ids), content_ids.is_some());
        Self { snapshot, account, channels, is_of_contents, stop, cost: Cell::default() }
    }

    /// Whose rows are read.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// What ends the queries of this reader.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// What all queries so far have cost.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// Refuses channels that the credential is not confined to, whether there are any such or not.
    pub fn check_sees(&self, channel_id: u64) -> Result<(), ReportsError> {
        if self.sees(channel_id) {
            return Ok(());
        }
        Err(ReportsError::Forbidden("channel_id", "is not one that the token is confined to".to_owned()))
    }

    /// Whether the credential sees this channel.
    pub fn sees(&self, channel_id: u64) -> bool {
        self.channels.have(channel_id)
    }

    /// The channels that the credential sees, for what is made while it is sent.
    pub fn channels(&self) -> Channels {
        self.channels.clone()
    }

    /// The channels that the credential is confined to; nothing for all.
    pub fn channel_ids(&self) -> Option<&[u64]> {
        self.channels.0.as_deref()
    }

    /// Counts rows, or different values, of a channel. The points are in no order.
    pub fn count(
        &self,
        of: &ChannelPeriod,
        table: TableId,
        filters: Vec<Filter>,
        measure: Measure,
        by: By,
    ) -> Result<Vec<(Point, u64)>, ReportsError> {
        let filters = self.confined(of.channel_id, table, filters);
        let query = SeriesQuery {
            account: self.account,
            table,
            range: of.range,
            belongs: Belongs::StartsIn,
            filters,
            measure,
            by,
        };
        let started = Instant::now();
        let answer = self.snapshot.series(&query, &self.stop)?;
        self.add(answer.scanned, started);
        Ok(answer.values)
    }

    /// Counts rows, or different values, of a channel, all together.
    pub fn count_all(
        &self,
        of: &ChannelPeriod,
        table: TableId,
        measure: Measure,
    ) -> Result<u64, ReportsError> {
        let values = self.count(of, table, Vec::new(), measure, By::Nothing)?;
        Ok(values.into_iter().map(|(_, value)| value).sum())
    }

    /// Finds the rows of a channel, to be read in chunks.
    pub fn scan(&self, of: &ChannelPeriod, table: TableId) -> Result<RowScan, ReportsError> {
        let query = RowsQuery {
            account: self.account,
            table,
            range: of.range,
            belongs: Belongs::StartsIn,
            filters: self.confined(of.channel_id, table, Vec::new()),
            offset: 0,
            limit: usize::MAX,
        };
        let started = Instant::now();
        let scan = self.snapshot.scan(&query, &self.stop)?;
        self.add(scan.scanned(), started);
        Ok(scan)
    }

    /// Whether the channel has any row at any time.
    pub fn has_rows(&self, channel_id: u64) -> Result<bool, ReportsError> {
        let ever = ChannelPeriod { channel_id, range: Range::ALL };
        for table in [TableId::Reports, TableId::ReportReads, TableId::ReportAlerts] {
            if self.count_all(&ever, table, Measure::Rows)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// These filters, that for the channel, and those of the credential. The last line of defence: nothing of what the
    /// credential does not see gets here, unless a check before this one was forgotten.
    fn confined(&self, channel_id: u64, table: TableId, mut filters: Vec<Filter>) -> Vec<Filter> {
        let column = channel_column(table);
        filters.push(Filter::IntegerIn(column, vec![channel_id]));
        if let Some(ids) = &self.channels.0 {
            filters.push(Filter::IntegerIn(column, ids.clone()));
        }
        if self.is_of_contents {
            filters.push(Filter::IntegerIn(column, Vec::new()));
        }
        filters
    }

    fn add(&self, scanned: Scanned, started: Instant) {
        self.cost.set(self.cost.get().with(scanned, started));
    }
}

/// Where the rows of a table have their channel.
fn channel_column(table: TableId) -> ColumnIndex {
    match table {
        TableId::Reports => reports::CHANNEL_ID,
        TableId::ReportImages => report_images::CHANNEL_ID,
        TableId::ReportSelections => report_selections::CHANNEL_ID,
        TableId::ReportReads => report_reads::CHANNEL_ID,
        TableId::ReportAlerts => report_alerts::CHANNEL_ID,
        other => unreachable!("nothing in this family asks about {other:?}"),
    }
}
