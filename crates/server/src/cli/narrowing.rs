//! The flags that confine a token or client to a part of its account, and how lists show that.

use clap::Args;
use serde_json::{Value, json};

use crate::catalog::Narrowing;

/// To what a credential is confined.
#[derive(Debug, Args)]
pub(super) struct NarrowingArgs {
    /// Only these contents, live or recorded; may be given more than once, or with commas. Needs the scope read alone
    #[arg(long = "content-id", value_name = "ID", value_delimiter = ',', value_parser = parse_id)]
    content_ids: Vec<u64>,
    /// Only what was watched on these channels, and of reports only theirs: those of other channels are refused. May be
    /// given more than once, or with commas. Needs the scope read alone
    #[arg(long = "channel-id", value_name = "ID", value_delimiter = ',', value_parser = parse_id)]
    channel_ids: Vec<u64>,
}

impl NarrowingArgs {
    /// No id at all stands for all of them.
    pub(super) fn narrowing(self) -> Narrowing {
        Narrowing { content_ids: sorted(self.content_ids), channel_ids: sorted(self.channel_ids) }
    }
}

/// Each id once; none at all stands for all of them.
pub(super) fn sorted(mut ids: Vec<u64>) -> Option<Vec<u64>> {
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then_some(ids)
}

/// Adds what a credential is confined to; null is everything.
pub(super) fn add_narrowing(object: &mut Value, narrowing: &Narrowing) {
    object["content_ids"] = json!(narrowing.content_ids);
    object["channel_ids"] = json!(narrowing.channel_ids);
}

/// The end of a line in a list; empty where the credential sees everything.
pub(super) fn narrowing_text(narrowing: &Narrowing) -> String {
    let text = |what: &str, ids: &Option<Vec<u64>>| match ids {
        None => String::new(),
        Some(ids) => {
            let ids: Vec<_> = ids.iter().map(u64::to_string).collect();
            format!(", only {what} {}", ids.join("+"))
        }
    };
    text("contents", &narrowing.content_ids) + &text("channels", &narrowing.channel_ids)
}

/// Ids are what records can have.
pub(super) fn parse_id(text: &str) -> Result<u64, String> {
    let id = text.parse().ok().filter(|id| i64::try_from(*id).is_ok());
    id.ok_or_else(|| "an id is a whole number from 0 to 2^63-1".to_owned())
}
