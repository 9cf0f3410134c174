//! How often short URLs were followed, and by whom: from the rows that the redirect and imports left in the store.

use std::collections::HashMap;

use tallyhouse_model::tables::referrals;
use tallyhouse_model::{Aggregate, Batch, Cell, ColumnIndex, Filter, Micros, Point, Table, TableId};
use tallyhouse_store::QueryError;

use super::SharingError;
use super::reader::Reader;

/// Referrals of a short URL that are shown at most: the latest.
pub const REFERRALS_SHOWN_MAX: usize = 1_000;

/// Short URLs that are counted at once; for more the store is asked several times.
const TOKENS_AT_ONCE: usize = 10_000;

/// How often a short URL was followed, and when last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReferralCount {
    /// How often.
    pub referrals: u64,
    /// When last, if ever.
    pub last_at: Option<Micros>,
}

/// How often some short URLs were followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReferralCounts(HashMap<String, ReferralCount>);

impl ReferralCounts {
    /// Counts for these short URLs; tokens that there are not count as never followed.
    pub fn find<'t>(reader: &Reader, tokens: impl Iterator<Item = &'t str>) -> Result<Self, QueryError> {
        let tokens: Vec<String> = tokens.map(str::to_owned).collect();
        let mut counts = HashMap::with_capacity(tokens.len());
        for tokens in tokens.chunks(TOKENS_AT_ONCE) {
            let filters = vec![Filter::TextIn(referrals::SHORTURL_TOKEN, tokens.to_vec())];
            let aggregates = vec![Aggregate::Rows, Aggregate::Greatest(referrals::OCCURRED_AT)];
            let by = [referrals::SHORTURL_TOKEN];
            let groups = reader.groups(TableId::Referrals, filters, &by, aggregates, tokens.len())?;
            for row in groups.rows(0..groups.len())? {
                let ([Point::Text(token)], [Point::Integer(referrals), Point::Time(last_at)]) =
                    (&row.by[..], &row.values[..])
                else {
                    unreachable!("tokens are texts, and there is a count and a time of each");
                };
                let count = ReferralCount { referrals: *referrals, last_at: Some(*last_at) };
                counts.insert(token.clone(), count);
            }
        }
        Ok(Self(counts))
    }

    /// How often this one was followed.
    pub fn of(&self, token: &str) -> ReferralCount {
        self.0.get(token).copied().unwrap_or_default()
    }
}

#[cfg(test)]
impl FromIterator<(String, ReferralCount)> for ReferralCounts {
    fn from_iter<I: IntoIterator<Item = (String, ReferralCount)>>(counts: I) -> Self {
        Self(counts.into_iter().collect())
    }
}

/// That somebody followed a short URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// The page that it was on, if that is known.
    pub page: Option<String>,
    /// The address of whoever it was, if that is known.
    pub ip_address: Option<String>,
    /// When.
    pub occurred_at: Micros,
}

/// The last [`REFERRALS_SHOWN_MAX`] referrals of a short URL that was followed so often, the earliest first.
pub fn latest_referrals(
    reader: &Reader,
    token: &str,
    count: ReferralCount,
) -> Result<Vec<Referral>, SharingError> {
    let filters = vec![Filter::TextIn(referrals::SHORTURL_TOKEN, vec![token.to_owned()])];
    let earlier = count.referrals.saturating_sub(REFERRALS_SHOWN_MAX as u64);
    let page = reader.rows(TableId::Referrals, filters, earlier, REFERRALS_SHOWN_MAX)?;
    Ok((0..page.rows()).map(|row| referral_of(&page, row)).collect())
}

fn referral_of(page: &Batch, row: usize) -> Referral {
    let text = |column: ColumnIndex| match page.columns[column].cell(row) {
        Cell::Text(text) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    };
    let Cell::Time(occurred_at) = page.columns[Table::TIME].cell(row) else {
        unreachable!("every row has a time");
    };
    Referral { page: text(referrals::PAGE), ip_address: text(referrals::IP_ADDRESS), occurred_at }
}
