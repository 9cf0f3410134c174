//! Reports as rows of `reports`, with the images and selections they own.

use std::fmt::Write as _;

use tallyhouse_model::tables::{REPORTS, reports as at};
use tallyhouse_model::{Batch, Cell, Table, key_of_integer, render_record_time};

use super::ReportSample;
use super::report::Report;
use super::world::{FIELDS, TEXT_FIELD, field_id, push_option};

/// Rows per batch: reports have long texts, and other rows with them.
const BATCH_ROWS: usize = 20_000;

/// Where images would be, if there were any.
const IMAGE_BASE: &str = "https://images.example.com/reports";

/// Rows of `reports`.
pub struct ReportBatches {
    sample: ReportSample,
    /// How many were made.
    made: u64,
}

impl ReportBatches {
    /// A row per report.
    pub fn new(sample: ReportSample) -> Self {
        Self { sample, made: 0 }
    }
}

impl Iterator for ReportBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&REPORTS);
        while batch.rows() < BATCH_ROWS && self.made < self.sample.calendar.count() {
            self.made += 1;
            push(&mut batch, &self.sample.report(self.made));
        }
        (batch.rows() > 0).then_some(batch)
    }
}

fn push(batch: &mut Batch, report: &Report) {
    let images: Vec<Image> = (1..).zip(&report.images).map(|(n, at)| Image::new(report.id, n, *at)).collect();
    let selections = selections(report);
    let (images_text, fields_text) = (images_json(&images), fields_json(&selections));
    let number = |value: Option<u64>| value.map_or(Cell::Absent, Cell::Integer);
    let mut cells = [Cell::Absent; REPORTS.columns.len()];
    cells[Table::KEY] = Cell::Id(key_of_integer(report.id));
    cells[at::CREATED_AT] = Cell::Time(report.created_at);
    cells[at::UPDATED_AT] = Cell::Time(report.updated_at);
    cells[at::CHANNEL_ID] = Cell::Integer(report.channel);
    cells[at::USER_ID] = number(report.user);
    cells[at::STATE_ID] = number(report.state);
    cells[at::IMAGES] = Cell::Text(&images_text);
    cells[at::FORM_FIELDS] = Cell::Text(&fields_text);
    batch.push_row(&cells);
    let channel = Cell::Integer(report.channel);
    for image in &images {
        let (thumb, medium) = (Cell::Text(&image.thumb), Cell::Text(&image.medium));
        let id = Cell::Integer(image.id);
        batch.push_owned(at::OWNED_IMAGES, &[Cell::Time(image.created_at), channel, id, thumb, medium]);
    }
    for (field, values) in &selections {
        for value in values {
            let (field, value) = (Cell::Integer(*field), Cell::Text(value));
            let created_at = Cell::Time(report.created_at);
            batch.push_owned(at::OWNED_SELECTIONS, &[created_at, channel, field, value]);
        }
    }
}

struct Image {
    id: u64,
    created_at: i64,
    thumb: String,
    medium: String,
}

impl Image {
    fn new(report: u64, number: u64, created_at: i64) -> Self {
        let id = report * 10 + number;
        let style = |name| format!("{IMAGE_BASE}/{report}/{id}/{name}.jpg");
        Self { id, created_at, thumb: style("thumb"), medium: style("medium") }
    }
}

/// What was chosen or written per field, in the order of the fields' numbers.
fn selections(report: &Report) -> Vec<(u64, Vec<String>)> {
    let mut selections = Vec::with_capacity(FIELDS.len());
    for (place, chosen) in report.chosen.iter().enumerate() {
        let mut values: Vec<String> = (0..FIELDS[place].options.len())
            .filter(|option| chosen & (1 << option) != 0)
            .map(|option| {
                let mut value = String::with_capacity(24);
                push_option(&mut value, report.channel, place, option);
                value
            })
            .collect();
        if let (TEXT_FIELD, Some(number)) = (place, report.place) {
            values.push(format!("Bay {number}"));
        }
        if !values.is_empty() {
            selections.push((field_id(report.channel, place), values));
        }
    }
    selections
}

fn images_json(images: &[Image]) -> String {
    json_list(images, |text, image| {
        let Image { id, created_at, thumb, medium } = image;
        let created_at = render_record_time(*created_at);
        write!(
            text,
            r#"{{"report_image_id":{id},"created_at":"{created_at}","styles":{{"thumb":"{thumb}","medium":"{medium}"}}}}"#
        )
    })
}

fn fields_json(selections: &[(u64, Vec<String>)]) -> String {
    json_list(selections, |text, (field, values)| match values.as_slice() {
        [value] => write!(text, r#"{{"field_id":{field},"value":"{value}"}}"#),
        values => write!(text, r#"{{"field_id":{field},"value":["{}"]}}"#, values.join("\",\"")),
    })
}

/// A JSON list; nothing where it would be empty. None of the texts needs to be escaped.
fn json_list<T>(items: &[T], push: impl Fn(&mut String, &T) -> std::fmt::Result) -> String {
    let mut text = String::new();
    for item in items {
        text.push(if text.is_empty() { '[' } else { ',' });
        push(&mut text, item).expect("writing to a string never fails");
    }
    if !text.is_empty() {
        text.push(']');
    }
    text
}
