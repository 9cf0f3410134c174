//! The sharing records: what people did with messages on social networks, and that short URLs were followed.

use tallyhouse_model::tables::{self, reactions, referrals};
use tallyhouse_model::{ColumnIndex, Table};

use crate::ingest::{Empty, Field, ID_MAX, RecordType, RowForm, Rule, TextFrom, TextRule, Zoneless};

/// Bytes of what names a reaction, a message or a short URL.
const NAME_BYTES_MAX: usize = 256;

/// Bytes of the name of a social network.
const PROVIDER_BYTES_MAX: usize = 64;

/// Bytes of a URL.
const URL_BYTES_MAX: usize = 2_048;

/// Bytes of the name of somebody.
const USERNAME_BYTES_MAX: usize = 1_024;

/// Bytes of what somebody wrote. A line of an export has room for six times as many: so long is a control character when
/// it is escaped.
const CONTENT_BYTES_MAX: usize = 16_384;

/// Bytes of an address: of IP version 6 the longest spelling has 45; what a proxy put in its place may have more.
const IP_ADDRESS_BYTES_MAX: usize = 64;

const TIME: Rule = Rule::Time(Zoneless::Refused);
const TOKEN: Rule = required_text(NAME_BYTES_MAX);
const PROVIDER: Rule = required_text(PROVIDER_BYTES_MAX);

/// The place of the key where it is the id that was sent.
const KEY: ColumnIndex = Table::KEY;

/// What people did with messages, as social networks know it.
pub static REACTIONS: RecordType = RecordType {
    table: &tables::REACTIONS,
    row: RowForm::Fields,
    fields: &[
        Field::required("reaction_id", Rule::name(NAME_BYTES_MAX), reactions::REACTION_ID),
        Field::required("sharing_message_token", TOKEN, reactions::SHARING_MESSAGE_TOKEN),
        Field::required("provider", PROVIDER, reactions::PROVIDER),
        Field::required("kind", Rule::Word, reactions::KIND),
        Field::required("occurred_at", TIME, reactions::OCCURRED_AT),
        Field::optional("target", optional_text(URL_BYTES_MAX), reactions::TARGET),
        Field::optional("username", optional_text(USERNAME_BYTES_MAX), reactions::USERNAME),
        Field::optional("profile_url", optional_text(URL_BYTES_MAX), reactions::PROFILE_URL),
        Field::optional("content", optional_text(CONTENT_BYTES_MAX), reactions::CONTENT),
        Field::optional("num_followers", Rule::Digits(ID_MAX), reactions::NUM_FOLLOWERS),
        Field::optional("date_member_since", TIME, reactions::DATE_MEMBER_SINCE),
        Field::derived("updated_at", TIME, reactions::UPDATED_AT),
        Field::deleted(),
    ],
};

/// That somebody followed a short URL of this server, which writes most of these itself.
pub static REFERRALS: RecordType = RecordType {
    table: &tables::REFERRALS,
    row: RowForm::Fields,
    fields: &[
        Field::required("referral_id", Rule::Uuid, KEY),
        Field::required("shorturl_token", TOKEN, referrals::SHORTURL_TOKEN),
        Field::required("occurred_at", TIME, referrals::OCCURRED_AT),
        Field::required("target", required_text(URL_BYTES_MAX), referrals::TARGET),
        Field::optional(
            "sharing_message_token",
            optional_text(NAME_BYTES_MAX),
            referrals::SHARING_MESSAGE_TOKEN,
        ),
        Field::optional("provider", optional_text(PROVIDER_BYTES_MAX), referrals::PROVIDER),
        Field::optional("page", optional_text(URL_BYTES_MAX), referrals::PAGE),
        Field::optional("ip_address", optional_text(IP_ADDRESS_BYTES_MAX), referrals::IP_ADDRESS),
        Field::derived("updated_at", TIME, referrals::UPDATED_AT),
        Field::deleted(),
    ],
};

/// A string of 1 to so many bytes.
const fn required_text(bytes_max: usize) -> Rule {
    Rule::Text(TextRule { from: TextFrom::Strings, bytes_max, empty: Empty::Refused })
}

/// A string of up to so many bytes; the empty one is none.
const fn optional_text(bytes_max: usize) -> Rule {
    Rule::Text(TextRule { from: TextFrom::Strings, bytes_max, empty: Empty::Absent })
}
