//! What became of the rows of an import.

use std::ops::AddAssign;

use serde::Serialize;
use tallyhouse_store::Accepted;

use crate::cli::nothing_taken::NothingTaken;
use crate::cli::print;

/// Refused rows that are shown; the others are in quarantine.
const SHOWN_MAX: usize = 10;

/// Counts rows by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    /// Rows that were taken in; through a server, those that came too late and deletions as well.
    taken: u64,
    /// Rows that gave way to a newer version; not known through a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<u64>,
    /// Deletions; not known through a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<u64>,
    /// Rows that came too late; not known through a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    outdated: Option<u64>,
    /// Rows that went to quarantine.
    quarantined: u64,
}

impl Summary {
    /// What the two counts of a server say.
    pub fn of_server(taken: u64, quarantined: u64) -> Self {
        Self { taken, quarantined, ..Self::default() }
    }

    /// Fails when all rows went to quarantine; no rows at all are not a failure.
    pub fn judge(&self) -> anyhow::Result<()> {
        let others = [self.replaced, self.deleted, self.outdated];
        let taken = self.taken + others.iter().flatten().sum::<u64>();
        if taken == 0 && self.quarantined > 0 { Err(NothingTaken.into()) } else { Ok(()) }
    }

    /// Writes the summary to standard output.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            return print(serde_json::to_string(self)?);
        }
        let named = [
            ("taken", Some(self.taken)),
            ("replaced", self.replaced),
            ("deleted", self.deleted),
            ("outdated", self.outdated),
            ("quarantined", Some(self.quarantined)),
        ];
        let counts = named.iter().filter_map(|(name, count)| count.map(|count| format!("{count} {name}")));
        print(format_args!("rows: {}", counts.collect::<Vec<_>>().join(", ")))?;
        if self.quarantined > 0 {
            print("`tallyhouse quarantine list` shows what is wrong with those in quarantine")?;
        }
        Ok(())
    }
}

impl From<Accepted> for Summary {
    fn from(accepted: Accepted) -> Self {
        Self {
            taken: accepted.taken,
            replaced: Some(accepted.replaced),
            deleted: Some(accepted.deleted),
            outdated: Some(accepted.outdated),
            quarantined: accepted.quarantined,
        }
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        let add = |own: &mut Option<u64>, other: Option<u64>| {
            *own = own.map_or(other, |own| Some(own + other.unwrap_or(0)));
        };
        self.taken += other.taken;
        self.quarantined += other.quarantined;
        add(&mut self.replaced, other.replaced);
        add(&mut self.deleted, other.deleted);
        add(&mut self.outdated, other.outdated);
    }
}

/// The first refused rows, with where they stand.
#[derive(Debug, Default)]
pub(super) struct Shown(usize);

impl Shown {
    /// Tells about a refused row, if not too many were told about.
    pub fn refusal(&mut self, bar: &indicatif::ProgressBar, file: &str, position: u64, reason: &str) {
        if self.0 < SHOWN_MAX {
            bar.suspend(|| eprintln!("{file}:{position}: {reason}"));
        } else if self.0 == SHOWN_MAX {
            bar.suspend(|| eprintln!("… and more, which are not shown"));
        }
        self.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_add_up() {
        let mut sum = Summary::default();
        sum += Accepted { taken: 1, replaced: 2, deleted: 3, outdated: 4, quarantined: 5 }.into();
        sum += Accepted { taken: 1, replaced: 1, deleted: 1, outdated: 1, quarantined: 1 }.into();
        assert_eq!(
            serde_json::to_string(&sum).unwrap(),
            r#"{"taken":2,"replaced":3,"deleted":4,"outdated":5,"quarantined":6}"#
        );
        assert!(sum.judge().is_ok());
        let mut of_server = Summary::default();
        assert!(of_server.judge().is_ok(), "an empty file is no failure");
        assert!(Summary::of_server(0, 1).judge().is_err());
        let outdated = Accepted { taken: 0, replaced: 0, deleted: 0, outdated: 1, quarantined: 1 };
        assert!(Summary::from(outdated).judge().is_ok());
        of_server += Summary::of_server(7, 8);
        assert_eq!(serde_json::to_string(&of_server).unwrap(), r#"{"taken":7,"quarantined":8}"#);
    }
}
