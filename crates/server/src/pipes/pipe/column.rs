//! What can be done with a column of a table: how it is shown, and what it can be compared with.

use tallyhouse_model::tables::{demo_activity, demo_changes, demo_sessions, plays, view_segments};
use tallyhouse_model::{ColumnIndex, ColumnKind, DictionaryValues, Filter, Table, TableId};

use super::ParameterKind;
use super::passed::{Argument, integer};
use crate::pipes::answer::AnswerKind;

/// The tables that pipes may ask.
pub const TABLES: [TableId; 5] = [
    TableId::ViewSegments,
    TableId::Plays,
    TableId::DemoSessions,
    TableId::DemoActivity,
    TableId::DemoChanges,
];

/// The columns of a table that records cannot leave out, beyond key, time and version, among those whose kind could be absent.
fn always_there(table: TableId) -> &'static [ColumnIndex] {
    match table {
        TableId::ViewSegments => &[
            view_segments::ENDED_AT,
            view_segments::CONTENT_TYPE,
            view_segments::CONTENT_ID,
            view_segments::CLIENT_ID,
            view_segments::VIEW_TYPE,
            view_segments::DEVICE_INFO,
        ],
        TableId::Plays => &[plays::CONTENT_TYPE, plays::CONTENT_ID, plays::VIEW_TYPE],
        TableId::DemoSessions => &[
            demo_sessions::SESSION_ID,
            demo_sessions::SHARD_NAME,
            demo_sessions::DEMO_TITLE,
            demo_sessions::DEMO_PUBLISHED_DATE,
            demo_sessions::VIEWER,
            demo_sessions::VISITOR_KEY,
            demo_sessions::PUBLISHED_REPLAY_ID,
        ],
        TableId::DemoActivity => {
            &[demo_activity::ACTIVITY_TYPE, demo_activity::SESSION_ID, demo_activity::SESSION_CREATED_AT]
        }
        TableId::DemoChanges => &[
            demo_changes::ENTITY_TYPE,
            demo_changes::ENTITY_ID,
            demo_changes::CHANGED_AT,
            demo_changes::CHANGE_TYPE,
        ],
        // Not among those that pipes may ask.
        _ => &[],
    }
}

/// Times that clients keep as their place and send back, and of which some only read whole seconds. They are shown so, and
/// a range of them has the whole seconds of both its ends, so that windows which follow each other by a second have no gap.
pub fn is_in_seconds(table: &Table, column: ColumnIndex) -> bool {
    matches!(
        (table.id, column),
        (TableId::DemoActivity, demo_activity::SESSION_CREATED_AT)
            | (TableId::DemoChanges, demo_changes::INGESTED_AT)
    )
}

/// How a column is shown.
pub fn answer_kind(table: &Table, column: ColumnIndex) -> AnswerKind {
    if is_in_seconds(table, column) {
        return AnswerKind::Second;
    }
    let is_there =
        column == Table::TIME || table.version == Some(column) || always_there(table.id).contains(&column);
    match (table.columns[column].kind, is_there) {
        (ColumnKind::Time | ColumnKind::Offset, true) => AnswerKind::Time,
        (ColumnKind::Time | ColumnKind::Offset, false) => AnswerKind::NullableTime,
        (ColumnKind::Integer, _)
        | (ColumnKind::Dictionary { values: DictionaryValues::Integers, .. }, true) => AnswerKind::Integer,
        (ColumnKind::Dictionary { values: DictionaryValues::Integers, .. }, false) => {
            AnswerKind::NullableInteger
        }
        (ColumnKind::Id | ColumnKind::Text, _)
        | (ColumnKind::Choice(_) | ColumnKind::Dictionary { values: DictionaryValues::Texts, .. }, true) => {
            AnswerKind::Text
        }
        (ColumnKind::Choice(_) | ColumnKind::Dictionary { values: DictionaryValues::Texts, .. }, false) => {
            AnswerKind::NullableText
        }
        (ColumnKind::Flag, _) => AnswerKind::Flag,
    }
}

/// What a column holds, in words: what is "only shown" can neither be asked about nor counted.
pub fn in_words(table: &Table, column: ColumnIndex) -> &'static str {
    match table.columns[column].kind {
        ColumnKind::Time => "a time",
        ColumnKind::Offset => "a time that is only shown",
        ColumnKind::Integer => "a number that is only shown",
        ColumnKind::Choice(_) => "a word",
        ColumnKind::Dictionary { values: DictionaryValues::Texts, .. } => "a text",
        ColumnKind::Dictionary { values: DictionaryValues::Integers, .. } => "a number",
        ColumnKind::Id => "an id that is only shown",
        ColumnKind::Text => "a text that is only shown",
        ColumnKind::Flag => "a flag",
    }
}

/// The problem of a column that does not fit.
pub fn misfit(asked: &str, needed: &str, table: &Table, column: ColumnIndex) -> String {
    let name = table.columns[column].name;
    format!("{asked} needs {needed}; `{name}` is {}", in_words(table, column))
}

/// Whether rows can be grouped by a column, so that each value has a number.
pub fn has_numbers(table: &Table, column: ColumnIndex) -> bool {
    matches!(table.columns[column].kind, ColumnKind::Choice(_) | ColumnKind::Dictionary { .. })
}

/// Whether its different values can be counted.
pub fn is_dictionary(table: &Table, column: ColumnIndex) -> bool {
    matches!(table.columns[column].kind, ColumnKind::Dictionary { .. })
}

/// Whether it is a dictionary of texts.
pub fn has_texts(table: &Table, column: ColumnIndex) -> bool {
    matches!(table.columns[column].kind, ColumnKind::Dictionary { values: DictionaryValues::Texts, .. })
}

/// Whether a range of time can be asked of a column.
pub fn is_time(table: &Table, column: ColumnIndex) -> bool {
    matches!(table.columns[column].kind, ColumnKind::Time)
}

/// The parameters that a column can be compared with by `in`; none where it cannot be.
pub fn comparable_with(table: &Table, column: ColumnIndex) -> &'static [ParameterKind] {
    match table.columns[column].kind {
        ColumnKind::Choice(_) | ColumnKind::Dictionary { values: DictionaryValues::Texts, .. } => {
            &[ParameterKind::String, ParameterKind::Strings]
        }
        ColumnKind::Dictionary { values: DictionaryValues::Integers, .. } => {
            &[ParameterKind::UInt64, ParameterKind::Strings]
        }
        _ => &[],
    }
}

/// The filter "is one of", of a column that can be compared so; or what is wrong with the values.
pub fn filter_in(table: &Table, column: ColumnIndex, value: &Argument) -> Result<Filter, String> {
    let texts: Vec<String> = match value {
        Argument::Text(text) => vec![text.clone()],
        Argument::Texts(texts) => texts.clone(),
        Argument::Integer(number) => vec![number.to_string()],
        other => return Err(format!("is {other:?}, which cannot be compared with a column")),
    };
    match table.columns[column].kind {
        ColumnKind::Choice(words) => {
            let word = |text: &String| {
                let word = words.iter().find(|word| *word == text).copied();
                word.ok_or_else(|| format!("is not one of: {}", words.join(", ")))
            };
            Ok(Filter::ChoiceIn(column, texts.iter().map(word).collect::<Result<_, _>>()?))
        }
        ColumnKind::Dictionary { values: DictionaryValues::Integers, .. } => {
            let number = |text: &String| {
                integer(text).ok_or_else(|| format!("has {text:?} in it, which is no number"))
            };
            Ok(Filter::IntegerIn(column, texts.iter().map(number).collect::<Result<_, _>>()?))
        }
        _ => Ok(Filter::TextIn(column, texts)),
    }
}
