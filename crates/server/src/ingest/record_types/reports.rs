//! The report records: reports from the field, that somebody read them, and that somebody was alerted to them.

use tallyhouse_model::tables::{self, report_alerts, report_reads, reports};
use tallyhouse_model::{Cell, ColumnIndex, Table};

use crate::ingest::{Field, ID_MAX, ListOf, RecordType, RowForm, Rule, Zoneless};

const ID: Rule = Rule::Digits(ID_MAX);

const TIME: Rule = Rule::Time(Zoneless::Refused);

/// The place of the key, which is the id that was sent.
const KEY: ColumnIndex = Table::KEY;

/// What rows keep of a list without items.
const NO_ITEMS: Cell<'static> = Cell::Text("");

/// Reports from the field, with the images and the choices that they own.
pub static REPORTS: RecordType = RecordType {
    table: &tables::REPORTS,
    row: RowForm::Fields,
    fields: &[
        Field::required("report_id", ID, KEY),
        Field::required("channel_id", ID, reports::CHANNEL_ID),
        Field::required("created_at", TIME, reports::CREATED_AT),
        Field::optional("user_id", ID, reports::USER_ID),
        Field::optional("state_id", ID, reports::STATE_ID),
        Field::or("images", Rule::List(ListOf::Images), reports::IMAGES, NO_ITEMS),
        Field::or("form_fields", Rule::List(ListOf::FormFields), reports::FORM_FIELDS, NO_ITEMS),
        Field::derived("updated_at", TIME, reports::UPDATED_AT),
        Field::deleted(),
    ],
};

/// That somebody read a report.
pub static REPORT_READS: RecordType = RecordType {
    table: &tables::REPORT_READS,
    row: RowForm::Fields,
    fields: &[
        Field::required("read_id", ID, KEY),
        Field::required("report_id", ID, report_reads::REPORT_ID),
        Field::required("channel_id", ID, report_reads::CHANNEL_ID),
        Field::required("user_id", ID, report_reads::USER_ID),
        Field::required("read_at", TIME, report_reads::READ_AT),
        Field::derived("updated_at", TIME, report_reads::UPDATED_AT),
        Field::deleted(),
    ],
};

/// That somebody was alerted to a report.
pub static REPORT_ALERTS: RecordType = RecordType {
    table: &tables::REPORT_ALERTS,
    row: RowForm::Fields,
    fields: &[
        Field::required("alert_id", ID, KEY),
        Field::required("report_id", ID, report_alerts::REPORT_ID),
        Field::required("channel_id", ID, report_alerts::CHANNEL_ID),
        Field::required("user_id", ID, report_alerts::USER_ID),
        Field::required("alerted_at", TIME, report_alerts::ALERTED_AT),
        Field::optional("opened_at", TIME, report_alerts::OPENED_AT),
        Field::derived("updated_at", TIME, report_alerts::UPDATED_AT),
        Field::deleted(),
    ],
};
