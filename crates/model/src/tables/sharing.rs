//! Tables of the sharing records. Fields and rules: `docs/API.md`, "Sharing records".
//!
//! What names a reaction comes from outside as text of any form, so its key is a digest of it, and the text is a column.

use super::{deletions, integers, plain, texts};
use crate::{Column, ColumnKind, Table, TableId};

const MESSAGE: ColumnKind = texts("sharing_message");
const PROVIDER: ColumnKind = texts("sharing_provider");
const TARGET: ColumnKind = texts("sharing_target");

/// What somebody did with a message.
const KIND: ColumnKind = ColumnKind::Choice(&["referral", "like", "comment", "retweet"]);

/// Positions of the columns of [`REACTIONS`].
pub mod reactions {
    use crate::ColumnIndex;

    /// When it happened.
    pub const OCCURRED_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// The reaction, never absent.
    pub const REACTION_ID: ColumnIndex = 3;
    /// The message, never absent.
    pub const SHARING_MESSAGE_TOKEN: ColumnIndex = 4;
    /// The social network, never absent.
    pub const PROVIDER: ColumnIndex = 5;
    /// What was done, never absent.
    pub const KIND: ColumnIndex = 6;
    /// Where a referral led to, or absent.
    pub const TARGET: ColumnIndex = 7;
    /// Who it was; empty where that is not known.
    pub const USERNAME: ColumnIndex = 8;
    /// Where they are found; empty where that is not known.
    pub const PROFILE_URL: ColumnIndex = 9;
    /// What they wrote; empty where they wrote nothing.
    pub const CONTENT: ColumnIndex = 10;
    /// How many follow them, or absent.
    pub const NUM_FOLLOWERS: ColumnIndex = 11;
    /// Since when the network knows them, or absent.
    pub const DATE_MEMBER_SINCE: ColumnIndex = 12;
}

/// Positions of the columns of [`REFERRALS`]. The key is what was sent.
pub mod referrals {
    use crate::ColumnIndex;

    /// When the short URL was followed.
    pub const OCCURRED_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// The short URL, never absent.
    pub const SHORTURL_TOKEN: ColumnIndex = 3;
    /// The message that it was made for; absent where it was made for none.
    pub const SHARING_MESSAGE_TOKEN: ColumnIndex = 4;
    /// The social network that it was made for, or absent.
    pub const PROVIDER: ColumnIndex = 5;
    /// Where it led to, never absent.
    pub const TARGET: ColumnIndex = 6;
    /// The page that it was on; empty where that is not known.
    pub const PAGE: ColumnIndex = 7;
    /// The address of who followed it; empty where that is not kept.
    pub const IP_ADDRESS: ColumnIndex = 8;
}

/// Reactions to messages, as social networks know them.
pub static REACTIONS: Table = Table {
    version: Some(reactions::UPDATED_AT),
    deletions: Some(TableId::ReactionDeletions),
    identity: &[reactions::REACTION_ID],
    ..plain(
        TableId::Reactions,
        "reactions",
        &[
            Column { name: "reaction", kind: ColumnKind::Id },
            Column { name: "occurred_at", kind: ColumnKind::Time },
            Column { name: "updated_at", kind: ColumnKind::Time },
            Column { name: "reaction_id", kind: ColumnKind::Text },
            Column { name: "sharing_message_token", kind: MESSAGE },
            Column { name: "provider", kind: PROVIDER },
            Column { name: "kind", kind: KIND },
            Column { name: "target", kind: TARGET },
            Column { name: "username", kind: ColumnKind::Text },
            Column { name: "profile_url", kind: ColumnKind::Text },
            Column { name: "content", kind: ColumnKind::Text },
            Column { name: "num_followers", kind: integers("sharing_followers") },
            Column { name: "date_member_since", kind: ColumnKind::Time },
        ],
    )
};

/// Deletions of reactions.
pub static REACTION_DELETIONS: Table = deletions(
    TableId::ReactionDeletions,
    "reaction_deletions",
    &[
        Column { name: "reaction", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "reaction_id", kind: ColumnKind::Text },
    ],
);

/// That somebody followed a short URL of this server.
pub static REFERRALS: Table = Table {
    version: Some(referrals::UPDATED_AT),
    deletions: Some(TableId::ReferralDeletions),
    ..plain(
        TableId::Referrals,
        "referrals",
        &[
            Column { name: "referral_id", kind: ColumnKind::Id },
            Column { name: "occurred_at", kind: ColumnKind::Time },
            Column { name: "updated_at", kind: ColumnKind::Time },
            Column { name: "shorturl_token", kind: texts("sharing_shorturl") },
            Column { name: "sharing_message_token", kind: MESSAGE },
            Column { name: "provider", kind: PROVIDER },
            Column { name: "target", kind: TARGET },
            Column { name: "page", kind: ColumnKind::Text },
            Column { name: "ip_address", kind: ColumnKind::Text },
        ],
    )
};

/// Deletions of referrals.
pub static REFERRAL_DELETIONS: Table = deletions(
    TableId::ReferralDeletions,
    "referral_deletions",
    &[
        Column { name: "referral_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
    ],
);
