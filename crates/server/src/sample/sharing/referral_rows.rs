//! Who followed the short URLs of messages, as rows of `referrals`.

use tallyhouse_model::tables::{REFERRALS, referrals as at};
use tallyhouse_model::{Batch, Cell, HOUR, Table};

use super::message::link;
use super::{BATCH_ROWS, Of, SharingSample};
use crate::catalog::shorturl_token;
use crate::sample::random::uuid_of;

/// Networks for examples (RFC 5737), without their last number.
const NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];

/// Rows of `referrals`.
pub struct ReferralBatches {
    sample: SharingSample,
    rows: u64,
    made: u64,
}

impl ReferralBatches {
    /// So many rows, spread over all messages.
    pub fn new(sample: SharingSample, rows: usize) -> Self {
        Self { rows: sample.rows(rows), sample, made: 0 }
    }

    fn push(&self, batch: &mut Batch, number: u64) {
        let sample = &self.sample;
        let mut random = sample.random(Of::Referral, number);
        let message = sample.message_of(&mut random, number, self.rows);
        let providers = sample.providers(message);
        let place = random.below(providers.len() as u64);
        let provider = providers[place as usize].name;
        let occurred_at = sample.after(&mut random, sample.created_at(message), 20 * HOUR);
        let message_token = sample.message_token(message);
        let shorturl_token = shorturl_token(&sample.shorturl_id(message, place));
        let target = link(message);
        // Apps do not say which page it was.
        let page = (!random.percent(30)).then(|| format!("https://{provider}.example.com/posts/{message}"));
        let network = NETWORKS[random.below(NETWORKS.len() as u64) as usize];
        let address = format!("{network}.{}", 1 + random.below(254));
        let mut cells = [Cell::Absent; REFERRALS.columns.len()];
        cells[Table::KEY] = Cell::Id(uuid_of(sample.base(Of::Referral), number));
        cells[at::OCCURRED_AT] = Cell::Time(occurred_at);
        cells[at::UPDATED_AT] = Cell::Time(occurred_at);
        cells[at::SHORTURL_TOKEN] = Cell::Text(&shorturl_token);
        cells[at::SHARING_MESSAGE_TOKEN] = Cell::Text(&message_token);
        cells[at::PROVIDER] = Cell::Text(provider);
        cells[at::TARGET] = Cell::Text(&target);
        cells[at::PAGE] = page.as_deref().map_or(Cell::Absent, Cell::Text);
        cells[at::IP_ADDRESS] = Cell::Text(&address);
        batch.push_row(&cells);
    }
}

impl Iterator for ReferralBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&REFERRALS);
        while batch.rows() < BATCH_ROWS && self.made < self.rows {
            self.made += 1;
            self.push(&mut batch, self.made);
        }
        (batch.rows() > 0).then_some(batch)
    }
}
