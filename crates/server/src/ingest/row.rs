//! Judges records whose columns follow from their fields one by one, and makes rows of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use tallyhouse_model::{Batch, Cell, ColumnIndex, Key, Micros, Table, key_of_integer, key_of_row};

use super::json_list::list;
use super::report::{OwnedList, form_fields, images};
use super::values::{
    address, choice, country, flag, integer, integer_or_digits, object, required, text, time, uuid, wrong,
};
use super::{Absence, Arrival, Fields, ListOf, Place, Reason, Receipt, RecordType, Rule, Sent, Zoneless};

/// A value that keeps the rule of its field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'f> {
    /// There is none.
    Absent,
    /// A time.
    Time(Micros),
    /// A number.
    Integer(u64),
    /// The position of a word plus one.
    Choice(u8),
    /// A UUID, or the number that is a row's key.
    Id(Key),
    /// A text.
    Text(Cow<'f, str>),
    /// True or false.
    Flag(bool),
    /// A list of what the row owns.
    List(OwnedList),
}

/// A record that keeps all rules.
#[derive(Debug)]
pub struct Row<'f> {
    record_type: &'static RecordType,
    /// A place per column of the table; of a deletion, only what names the row and the version are there.
    values: Vec<Value<'f>>,
    is_deletion: bool,
}

/// Holds a record against the rules of its fields. The first one that is broken gives the reason. Of a deletion only
/// what names the row and its version are looked at.
pub fn judge<'f>(fields: &'f Fields<'_>, receipt: Receipt) -> Result<Row<'f>, Reason> {
    let record_type = fields.record_type();
    let values = vec![Value::Absent; record_type.table.columns.len()];
    let mut row = Row { record_type, values, is_deletion: false };
    let comes_first = |sent: &Sent<'_>| record_type.is_read_of_deletions(sent.field);
    for sent in fields.iter().filter(comes_first) {
        row.take(sent, receipt)?;
    }
    if !row.is_deletion {
        for sent in fields.iter().filter(|sent| !comes_first(sent)) {
            row.take(sent, receipt)?;
        }
    }
    Ok(row)
}

impl<'f> Row<'f> {
    /// Reads a field and puts it in its place.
    fn take(&mut self, sent: Sent<'f>, receipt: Receipt) -> Result<(), Reason> {
        let value = match (read(self.record_type, sent, receipt)?, sent.field.absence) {
            (Value::Absent, Absence::Refused) => return Err(required(sent)),
            (Value::Absent, Absence::Default(default)) => default.into(),
            // Nothing else follows from the receipt: what arrives without a version is as new as its arrival.
            (Value::Absent, Absence::Derived) => Value::Time(receipt.version),
            (value, _) => value,
        };
        match sent.field.place {
            Place::Column(Table::KEY) => self.values[Table::KEY] = value.into_key(),
            Place::Column(column) => self.values[column] = value,
            Place::Deletion => self.is_deletion = value == Value::Flag(true),
            Place::Nowhere => {}
            Place::FinalEnd => unreachable!("only segments have an end"),
        }
        Ok(())
    }

    /// Adds the row to a batch of its table, and what it owns.
    pub fn push_to(&self, batch: &mut Batch) {
        let table = self.record_type.table;
        let mut cells: Vec<Cell<'_>> = self.values.iter().map(Value::cell).collect();
        let key = key_of_row(table, &cells);
        if !self.is_deletion {
            cells[Table::KEY] = Cell::Id(key);
            batch.push_row(&cells);
            self.lists().for_each(|list| list.push_to(batch, &cells));
            return;
        }
        let version = table.version.expect("operators write to this table");
        let Cell::Time(version) = cells[version] else { unreachable!("a version is never absent") };
        let identity: Vec<(ColumnIndex, Cell<'_>)> =
            table.identity.iter().map(|column| (*column, cells[*column])).collect();
        batch.push_deletion_of(key, version, &identity);
    }

    /// Bytes of its texts and of what it owns.
    pub fn text_bytes(&self) -> usize {
        let bytes = |value: &Value<'_>| match value {
            Value::Text(text) => text.len(),
            Value::List(list) => list.bytes(),
            _ => 0,
        };
        self.values.iter().map(bytes).sum()
    }

    fn lists(&self) -> impl Iterator<Item = &OwnedList> {
        self.values.iter().filter_map(|value| if let Value::List(list) = value { Some(list) } else { None })
    }
}

impl Value<'_> {
    /// The value as the key that was sent.
    fn into_key(self) -> Self {
        match self {
            Value::Integer(id) => Value::Id(key_of_integer(id)),
            other => other,
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Value::Absent => Cell::Absent,
            Value::Time(time) => Cell::Time(*time),
            Value::Integer(integer) => Cell::Integer(*integer),
            Value::Choice(choice) => Cell::Choice(*choice),
            Value::Id(id) => Cell::Id(*id),
            Value::Text(text) => Cell::Text(text),
            Value::Flag(flag) => Cell::Flag(*flag),
            Value::List(list) => Cell::Text(list.json()),
        }
    }
}

impl From<Cell<'static>> for Value<'_> {
    fn from(cell: Cell<'static>) -> Self {
        match cell {
            Cell::Absent => Value::Absent,
            Cell::Time(time) => Value::Time(time),
            Cell::Integer(integer) => Value::Integer(integer),
            Cell::Choice(choice) => Value::Choice(choice),
            Cell::Id(id) => Value::Id(id),
            Cell::Text(text) => Value::Text(text.into()),
            Cell::Flag(flag) => Value::Flag(flag),
        }
    }
}

/// Reads a field as its rule asks for.
fn read<'f>(record_type: &RecordType, sent: Sent<'f>, receipt: Receipt) -> Result<Value<'f>, Reason> {
    let value = match sent.field.rule {
        Rule::Uuid => uuid(sent)?.map(Value::Id),
        Rule::Word => choice(sent, record_type.words(sent.field))?.map(Value::Choice),
        Rule::Integer(max) => integer(sent, max)?.map(Value::Integer),
        Rule::Digits(max) => integer_or_digits(sent, max)?.map(Value::Integer),
        Rule::Time(zoneless) => time(sent, zoneless, receipt.now)?.map(Value::Time),
        Rule::Text(rule) => text(sent, rule)?.map(Value::Text),
        Rule::Country => country(sent)?
            .map(|code| Value::Text(code.iter().copied().map(char::from).collect::<String>().into())),
        Rule::Flag => flag(sent)?.map(Value::Flag),
        Rule::Object => object(sent)?.map(|json| whole_object(sent, json)).transpose()?.map(Value::Text),
        Rule::List(ListOf::Images) => images(sent, receipt.now)?.map(Value::List),
        Rule::List(ListOf::FormFields) => form_fields(sent)?.map(Value::List),
        Rule::List(ListOf::Anything(bounds)) => list(sent, bounds)?.map(Value::Text),
        Rule::Address => address(sent)?.and(None),
        Rule::Receipt => Some(Value::Time(arrival(sent, receipt)?)),
    };
    Ok(value.unwrap_or(Value::Absent))
}

fn whole_object<'f>(sent: Sent<'f>, json: &'f str) -> Result<Cow<'f, str>, Reason> {
    match serde_json::from_str::<BTreeMap<String, IgnoredAny>>(json) {
        Ok(_) => Ok(json.into()),
        Err(_) => Err(wrong(sent, "is not an object")),
    }
}

fn arrival(sent: Sent<'_>, receipt: Receipt) -> Result<Micros, Reason> {
    match receipt.arrival {
        Arrival::Now => Ok(receipt.now),
        Arrival::AsExported => Ok(time(sent, Zoneless::Utc, receipt.now)?.unwrap_or(receipt.now)),
    }
}

#[cfg(test)]
mod tests;
