//! The report records: reports from the field, that somebody read them, and that somebody was alerted to them.

use tallyhouse_model::tables::{self, report_alerts, report_reads};

use crate::ingest::{Field, RecordType, RowForm, Rule, Zoneless};

/// The greatest id: what fits a signed 64-bit integer.
const ID: Rule = Rule::Digits(i64::MAX as u64);

const TIME: Rule = Rule::Time(Zoneless::Refused);

/// The place of the key, which is the id that was sent.
const KEY: usize = tallyhouse_model::Table::KEY;

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
