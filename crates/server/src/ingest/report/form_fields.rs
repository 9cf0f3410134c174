//! What was chosen in a report: `form_fields[]`, each field with one option or a list of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::tables::report_selections as at;

use super::OwnedList;
use super::owned_list::{ITEMS_MAX, Rows, fields_of, items_of, place_of};
use crate::ingest::members::items;
use crate::ingest::values::{integer_or_digits, required, text, wrong};
use crate::ingest::{Empty, Field, ID_MAX, Raw, Reason, Rule, Sent, TextFrom, TextRule, json};

/// An option. Those of some forms are numbers; the empty one means that nothing was chosen.
const OPTION: TextRule =
    TextRule { from: TextFrom::Integers, bytes_max: TEXT_BYTES_MAX, empty: Empty::Absent };

static FORM_FIELD: [Field; 2] = [
    Field::required("field_id", Rule::Digits(ID_MAX), at::FIELD_ID),
    Field::optional("value", Rule::Text(OPTION), at::VALUE),
];

/// What was chosen, by field.
type Selections = BTreeMap<u64, BTreeSet<String>>;

/// What was sent as chosen, sorted by field and option, each option of a field once. `None` where nothing was chosen.
pub fn form_fields(sent: Sent<'_>) -> Result<Option<OwnedList>, Reason> {
    let mut selections = Selections::new();
    let mut count = 0;
    for (index, item) in items_of(sent)?.into_iter().enumerate() {
        let (field, options) =
            form_field_of(item.get()).map_err(|reason| reason.within(&place_of(sent, index)))?;
        if options.is_empty() {
            continue;
        }
        let chosen = selections.entry(field).or_default();
        let before = chosen.len();
        chosen.extend(options);
        count += chosen.len() - before;
        if count > ITEMS_MAX {
            return Err(wrong(sent, format!("has more than {ITEMS_MAX} values")));
        }
    }
    if selections.is_empty() {
        return Ok(None);
    }
    let bodies: Vec<FormFieldBody<'_>> = selections.iter().map(FormFieldBody::of).collect();
    let json = serde_json::to_string(&bodies).expect("texts, numbers and lists are always JSON");
    let rows = selections
        .into_iter()
        .flat_map(|(field, options)| options.into_iter().map(move |option| (field, option)));
    OwnedList::new(sent, json, Rows::Selections(rows.collect())).map(Some)
}

/// A field, and what was chosen there.
fn form_field_of(json: &str) -> Result<(u64, Vec<String>), Reason> {
    let raws = fields_of(&FORM_FIELD, json)?;
    let [field_id, value] = [0, 1].map(|index| Sent { field: &FORM_FIELD[index], raw: &raws[index] });
    let field = integer_or_digits(field_id, ID_MAX)?.ok_or_else(|| required(field_id))?;
    let options = match value.raw {
        Raw::Json(list) => options_of(value, list)?,
        Raw::Boolean(_) => return Err(wrong(value, NO_OPTION)),
        _ => text(value, OPTION)?.map(|option| option.into_owned()).into_iter().collect(),
    };
    Ok((field, options))
}

const NO_OPTION: &str = "is neither a string nor an integer nor a list of them";

fn options_of(value: Sent<'_>, list: &str) -> Result<Vec<String>, Reason> {
    let (items, has_more) = items(list, ITEMS_MAX).ok_or_else(|| wrong(value, NO_OPTION))?;
    if has_more {
        return Err(wrong(value, format!("has more than {ITEMS_MAX} items")));
    }
    let mut options = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let raw = json::raw_of(item);
        let option = text(Sent { raw: &raw, ..value }, OPTION).map_err(|reason| reason.of_item(index))?;
        options.extend(option.map(|option| option.into_owned()));
    }
    Ok(options)
}

/// A field as its report keeps it.
#[derive(Serialize)]
struct FormFieldBody<'s> {
    field_id: u64,
    value: ValueBody<'s>,
}

/// One option as it is, several as a list.
#[derive(Serialize)]
#[serde(untagged)]
enum ValueBody<'s> {
    One(&'s str),
    Several(&'s BTreeSet<String>),
}

impl<'s> FormFieldBody<'s> {
    fn of((field, options): (&u64, &'s BTreeSet<String>)) -> Self {
        let value = match options.first() {
            Some(option) if options.len() == 1 => ValueBody::One(option),
            _ => ValueBody::Several(options),
        };
        Self { field_id: *field, value }
    }
}
