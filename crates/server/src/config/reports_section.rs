//! The settings of the reports family.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tallyhouse_model::Zone;

/// Settings of the reports family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportsConfig {
    /// The zone of hours, days, weeks and months, and of times without an offset: a name of the IANA database.
    pub zone: String,
    /// The same for single accounts, by their names.
    pub zones: BTreeMap<String, String>,
    /// Whether `unique_reads` are different reports and `reports_seen` pairs of report and user, not the other way round.
    pub reads_seen_swapped: bool,
    /// Whether requests need the header `X-AppId`.
    pub require_app_id: bool,
    /// Seconds that a query may take; 0 for any number.
    pub query_seconds_max: u32,
}

impl Default for ReportsConfig {
    fn default() -> Self {
        Self {
            zone: "UTC".to_owned(),
            zones: BTreeMap::new(),
            reads_seen_swapped: false,
            require_app_id: false,
            query_seconds_max: 0,
        }
    }
}

impl ReportsConfig {
    /// The zone of an account.
    pub fn zone_of(&self, account_name: &str) -> Zone {
        let name = self.zones.get(account_name).unwrap_or(&self.zone);
        Zone::named(name).expect("zones were checked when the settings were read")
    }

    /// The accounts that have a zone of their own and are not among these.
    pub fn zones_of_nobody<'c>(&'c self, accounts: &[&str]) -> Vec<&'c str> {
        self.zones.keys().map(String::as_str).filter(|name| !accounts.contains(name)).collect()
    }

    /// The first zone that is none: its key and what it says.
    pub(super) fn unknown_zone(&self) -> Option<(String, String)> {
        let of_accounts = self.zones.iter().map(|(account, zone)| (format!("reports.zones.{account}"), zone));
        let all = std::iter::once(("reports.zone".to_owned(), &self.zone)).chain(of_accounts);
        let mut unknown = all.filter(|(_, zone)| Zone::named(zone).is_none());
        unknown.next().map(|(key, zone)| (key, zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_of_an_account_that_is_not_there_is_told() {
        let zone = |name: &str| (name.to_owned(), "UTC".to_owned());
        let reports =
            ReportsConfig { zones: [zone("acme"), zone("acne")].into(), ..ReportsConfig::default() };
        assert_eq!(reports.zones_of_nobody(&["acme", "birch"]), ["acne"]);
        assert!(ReportsConfig::default().zones_of_nobody(&[]).is_empty());
    }
}
