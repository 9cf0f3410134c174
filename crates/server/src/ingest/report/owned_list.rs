//! A list that keeps its rules: the JSON that its owner keeps of it, and the rows that follow from it.

use serde_json::value::RawValue;
use tallyhouse_model::limits::LOG_ROWS_MAX;
use tallyhouse_model::tables::reports;
use tallyhouse_model::{Batch, Cell};

use super::images::Image;
use crate::ingest::members::{items, members};
use crate::ingest::values::wrong;
use crate::ingest::{Field, LINE_BYTES_MAX, Raw, Reason, Sent, json};

/// Items of a list, and rows that follow from one.
pub const ITEMS_MAX: usize = 1_000;

/// Bytes of a list as its owner keeps it.
const LIST_BYTES_MAX: usize = 480 * 1_024;

/// Bytes of a list for each row that follows from it: more than any that is not full of escapes.
///
/// The texts of a block in memory stand behind 32-bit offsets. Rows that follow count like others towards a flush, so that
/// this keeps the texts of all reports between two flushes below that.
const BYTES_PER_ROW_MAX: usize = 4_096;

const _: () = assert!(BYTES_PER_ROW_MAX * LOG_ROWS_MAX < i32::MAX as usize);

// A report has two lists. What is exported as a line has to be taken as one again.
const _: () = assert!(2 * LIST_BYTES_MAX + 4_096 <= LINE_BYTES_MAX);

/// What an owned row takes beside its texts, roughly.
const ROW_BYTES: usize = 64;

/// A list that keeps its rules. It has at least one item.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedList {
    json: String,
    rows: Rows,
}

/// The rows that follow from a list, in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Images.
    Images(Vec<Image>),
    /// What was chosen: the field, and the option.
    Selections(Vec<(u64, String)>),
}

impl Rows {
    fn count(&self) -> usize {
        match self {
            Rows::Images(images) => images.len(),
            Rows::Selections(selections) => selections.len(),
        }
    }
}

impl OwnedList {
    /// The list of a field, in the form that its owner keeps.
    pub fn new(sent: Sent<'_>, json: String, rows: Rows) -> Result<Self, Reason> {
        if json.len() > LIST_BYTES_MAX {
            return Err(wrong(sent, format!("is longer than {LIST_BYTES_MAX} bytes of JSON")));
        }
        if json.len() > BYTES_PER_ROW_MAX * rows.count() {
            return Err(wrong(sent, format!("is longer than {BYTES_PER_ROW_MAX} bytes of JSON per item")));
        }
        Ok(Self { json, rows })
    }

    /// Compact JSON. A list that means the same has the same.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Bytes in memory, roughly: the texts of the rows are all in the JSON.
    pub fn bytes(&self) -> usize {
        2 * self.json.len() + ROW_BYTES * self.rows.count()
    }

    /// Adds the rows to what the last report of a batch owns. Images have a time of their own; selections have that of
    /// their report.
    pub fn push_to(&self, batch: &mut Batch, report: &[Cell<'_>]) {
        let channel = report[reports::CHANNEL_ID];
        match &self.rows {
            Rows::Images(images) => {
                for image in images {
                    let (time, id) = (Cell::Time(image.created_at), Cell::Integer(image.id));
                    let styles = [Cell::Text(&image.thumb), Cell::Text(&image.medium)];
                    batch.push_owned(reports::OWNED_IMAGES, &[time, channel, id, styles[0], styles[1]]);
                }
            }
            Rows::Selections(selections) => {
                let time = report[reports::CREATED_AT];
                for (field, value) in selections {
                    let (field, value) = (Cell::Integer(*field), Cell::Text(value));
                    batch.push_owned(reports::OWNED_SELECTIONS, &[time, channel, field, value]);
                }
            }
        }
    }
}

/// The items of a list that was sent, each still as JSON; none for an absent list.
pub fn items_of<'f>(sent: Sent<'f>) -> Result<Vec<&'f RawValue>, Reason> {
    let json: &str = match sent.raw {
        Raw::Absent => return Ok(Vec::new()),
        Raw::Json(json) => json,
        Raw::Cell(json) => json,
        Raw::Unusable(problem) => return Err(wrong(sent, *problem)),
        _ => return Err(wrong(sent, "is not a list")),
    };
    match items(json, ITEMS_MAX) {
        Some((items, false)) => Ok(items),
        Some((_, true)) => Err(wrong(sent, format!("has more than {ITEMS_MAX} items"))),
        None => Err(wrong(sent, "is not a list")),
    }
}

/// The values of an object's fields, by position. Unknown members are ignored; of one that is there twice the last one
/// counts.
pub fn fields_of<'a, const N: usize>(fields: &[Field; N], object: &'a str) -> Result<[Raw<'a>; N], Reason> {
    let names = fields.each_ref().map(|field| field.name);
    let members = members(object, &names).ok_or_else(|| Reason::record("is not an object"))?;
    let mut raws = [const { Raw::Absent }; N];
    for (raw, member) in raws.iter_mut().zip(members) {
        *raw = member.map_or(Raw::Absent, json::raw_of);
    }
    Ok(raws)
}

/// Where an item stands, as reasons name it.
pub fn place_of(sent: Sent<'_>, index: usize) -> String {
    format!("{}[{index}]", sent.field.name)
}
