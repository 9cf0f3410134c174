//! The fields of forms by their numbers, kept beside the forms so that nobody has to read all of them to know one field.
//! They change in the transaction that changes their form.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tallyhouse_model::AccountId;

use super::{CatalogError, FormField};

/// What options may be in: a field's `data` has `options`, an option may have more of any.
const NESTED: [&str; 3] = ["options", "children", "categories"];

/// A field as it is kept.
#[derive(Debug, PartialEq, Eq)]
struct Field {
    /// Its number.
    pub id: i64,
    /// Its type; empty where the form names none.
    pub field_type: String,
    /// Labels by the values of its options.
    pub labels: BTreeMap<String, String>,
}

/// A form, less everything but its fields.
#[derive(Deserialize)]
struct Form<'a> {
    #[serde(borrow)]
    fields: Vec<&'a RawValue>,
}

/// Puts the fields of a form in the place of those it had; those of a deleted form go.
pub(super) fn replace(
    transaction: &Transaction<'_>,
    account: AccountId,
    form: i64,
    body: Option<&str>,
) -> Result<(), CatalogError> {
    transaction
        .prepare_cached("DELETE FROM form_fields WHERE account = ?1 AND form = ?2")?
        .execute((account.0, form))?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO form_fields (account, form, field_id, field_type, options) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (id, (field_type, labels)) in body.map(rows_of).unwrap_or_default() {
        insert.execute((account.0, form, id, field_type, labels))?;
    }
    Ok(())
}

/// The fields of a form as they are kept: type, and labels as JSON, by number. The first of two fields with one number
/// counts.
pub(in crate::catalog) fn rows_of(form: &str) -> BTreeMap<i64, (String, String)> {
    let mut rows = BTreeMap::new();
    for field in fields_of(form) {
        let labels = serde_json::to_string(&field.labels).expect("texts are always JSON");
        rows.entry(field.id).or_insert((field.field_type, labels));
    }
    rows
}

/// The type of a field and its labels by values, out of the form with the least number that has it.
pub(super) fn find(
    connection: &Connection,
    account: AccountId,
    field_id: i64,
) -> Result<Option<FormField>, CatalogError> {
    let found: Option<(String, String)> = connection
        .prepare_cached(
            "SELECT field_type, options FROM form_fields WHERE account = ?1 AND field_id = ?2 ORDER BY form LIMIT 1",
        )?
        .query_row((account.0, field_id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((field_type, labels)) = found else { return Ok(None) };
    let labels = serde_json::from_str(&labels)
        .map_err(|error| CatalogError::Damaged(format!("the options of the field {field_id}: {error}")))?;
    Ok(Some(FormField::Known { field_type, labels }))
}

/// The fields of a form. What is malformed in it is passed over: the form is kept whatever it holds.
fn fields_of(form: &str) -> Vec<Field> {
    let Ok(form) = serde_json::from_str::<Form<'_>>(form) else { return Vec::new() };
    form.fields.into_iter().filter_map(|field| field_of(field.get())).collect()
}

fn field_of(json: &str) -> Option<Field> {
    let field: Value = serde_json::from_str(json).ok()?;
    let id = match field.get("id")? {
        Value::Number(number) => number.as_i64()?,
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    let field_type = field.get("field_type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut labels = BTreeMap::new();
    match field.get("data") {
        // The vendor writes JSON into a text.
        Some(Value::String(data)) => {
            serde_json::from_str(data).iter().for_each(|data| add_nested(data, &mut labels));
        }
        Some(data) => add_nested(data, &mut labels),
        None => {}
    }
    (id >= 0).then_some(Field { id, field_type, labels })
}

/// Adds the options in the lists of an object. JSON is nested 128 times at most, where it is read.
fn add_nested(holder: &Value, labels: &mut BTreeMap<String, String>) {
    let lists = NESTED.iter().filter_map(|name| holder.get(name)?.as_array());
    for option in lists.flatten() {
        if let Some(value) = option.get("value").and_then(text_of) {
            let label = option.get("label").and_then(text_of).filter(|label| !label.is_empty());
            labels.entry(value.clone()).or_insert(label.unwrap_or(value));
        }
        add_nested(option, labels);
    }
}

/// A text, or the digits of a number: some exporters write one for the other.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
