//! The documents that reports point at: channels, states, users and forms.

use tallyhouse_model::Cell;
use tallyhouse_model::Table;
use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::tables::{self, channels, forms, report_states, users};

use crate::ingest::{Field, ID_MAX, ListBounds, ListOf, RecordType, RowForm, Rule, Zoneless};

const ID: Rule = Rule::Digits(ID_MAX);

const TIME: Rule = Rule::Time(Zoneless::Refused);
const TEXT: Rule = Rule::text(TEXT_BYTES_MAX);

/// The fields of a form: so many bytes that its line in an export stays below the longest that is read, with all its texts
/// escaped.
const FIELDS: Rule = Rule::List(ListOf::Anything(ListBounds { items_max: 10_000, bytes_max: 1_000_000 }));

/// What reports are filed in.
pub static CHANNELS: RecordType = RecordType {
    table: &tables::CHANNELS,
    row: RowForm::Fields,
    fields: &[
        Field::required("channel_id", ID, Table::KEY),
        Field::optional("name", TEXT, channels::NAME),
        Field::derived("updated_at", TIME, channels::UPDATED_AT),
        Field::deleted(),
    ],
};

/// The states that a report can be in.
pub static REPORT_STATES: RecordType = RecordType {
    table: &tables::REPORT_STATES,
    row: RowForm::Fields,
    fields: &[
        Field::required("id", ID, Table::KEY),
        Field::optional("channel_id", ID, report_states::CHANNEL_ID),
        Field::optional("name", TEXT, report_states::NAME),
        Field::optional("position", ID, report_states::POSITION),
        Field::optional("visibility", TEXT, report_states::VISIBILITY),
        Field::optional("team_id", ID, report_states::TEAM_ID),
        Field::derived("updated_at", TIME, report_states::UPDATED_AT),
        Field::deleted(),
    ],
};

/// Who makes reports, reads them and is alerted to them.
pub static USERS: RecordType = RecordType {
    table: &tables::USERS,
    row: RowForm::Fields,
    fields: &[
        Field::required("user_id", ID, Table::KEY),
        Field::optional("first_name", TEXT, users::FIRST_NAME),
        Field::optional("last_name", TEXT, users::LAST_NAME),
        Field::optional("email", TEXT, users::EMAIL),
        Field::derived("updated_at", TIME, users::UPDATED_AT),
        Field::deleted(),
    ],
};

/// What is asked in reports.
pub static FORMS: RecordType = RecordType {
    table: &tables::FORMS,
    row: RowForm::Fields,
    fields: &[
        Field::required("id", ID, Table::KEY),
        Field::optional("uuid", TEXT, forms::UUID),
        Field::optional("name", TEXT, forms::NAME),
        Field::optional("team_id", ID, forms::TEAM_ID),
        Field::optional("version", ID, forms::VERSION),
        Field::derived("updated_at", TIME, forms::UPDATED_AT),
        Field::or("fields", FIELDS, forms::FIELDS, Cell::Text("[]")),
        Field::deleted(),
    ],
};
