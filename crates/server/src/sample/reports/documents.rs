//! What reports point at, as rows of `channels`, `report_states`, `users` and `forms`.

use serde_json::{Value, json};
use tallyhouse_model::tables::{
    CHANNELS, FORMS, REPORT_STATES, USERS, channels as channel_at, forms as form_at,
    report_states as state_at, users as user_at,
};
use tallyhouse_model::{Batch, Cell, Micros, Table, key_of_integer};

use super::world::{self, FIELDS, FormField, STATES, field_id, push_field_key, push_option};
use crate::sample::random::{Random, mix};

/// Rows per batch.
const BATCH_ROWS: usize = 10_000;

/// The team that all of it belongs to.
const TEAM: u64 = 1;

/// Syllables that first and last names are made of; none of them is the name of anybody.
const BEGINNINGS: [&str; 12] =
    ["Bra", "Dol", "Fen", "Gim", "Hul", "Jor", "Kel", "Lum", "Mur", "Nib", "Tav", "Wex"];
const MIDDLES: [&str; 8] = ["ba", "do", "fi", "ga", "lu", "mo", "ri", "zu"];
const ENDINGS: [&str; 8] = ["bel", "dax", "lin", "mir", "nok", "ras", "tup", "vim"];

/// Channels from 1 on.
pub fn channels(at: Micros, rows: usize) -> impl Iterator<Item = Batch> {
    batches(&CHANNELS, rows, move |batch, number| {
        let name = numbered(world::CHANNELS.map(|(name, _)| name), number);
        let mut cells = document(&CHANNELS, number, at);
        cells[channel_at::NAME] = Cell::Text(&name);
        batch.push_row(&cells);
    })
}

/// States from 1 on, some per channel.
pub fn states(at: Micros, rows: usize) -> impl Iterator<Item = Batch> {
    batches(&REPORT_STATES, rows, move |batch, number| {
        let (channel, place) = ((number - 1) / STATES.len() as u64, (number - 1) % STATES.len() as u64);
        let mut cells = document(&REPORT_STATES, number, at);
        cells[state_at::CHANNEL_ID] = Cell::Integer(channel + 1);
        cells[state_at::NAME] = Cell::Text(STATES[place as usize]);
        cells[state_at::POSITION] = Cell::Integer(place + 1);
        cells[state_at::VISIBILITY] = Cell::Text("public");
        cells[state_at::TEAM_ID] = Cell::Integer(TEAM);
        batch.push_row(&cells);
    })
}

/// Users from 1 on.
pub fn users(at: Micros, seed: u64, rows: usize) -> impl Iterator<Item = Batch> {
    batches(&USERS, rows, move |batch, number| {
        let mut random = Random::new(mix(seed ^ 0x05e4) ^ mix(number));
        let (first, last) = (name(&mut random), name(&mut random));
        let email = format!("user-{number}@example.com");
        let mut cells = document(&USERS, number, at);
        cells[user_at::FIRST_NAME] = Cell::Text(&first);
        cells[user_at::LAST_NAME] = Cell::Text(&last);
        cells[user_at::EMAIL] = Cell::Text(&email);
        batch.push_row(&cells);
    })
}

/// Forms from 1 on, one per channel.
pub fn forms(at: Micros, rows: usize) -> impl Iterator<Item = Batch> {
    batches(&FORMS, rows, move |batch, number| {
        let name = format!("Report of {}", numbered(world::CHANNELS.map(|(name, _)| name), number));
        let fields: Vec<Value> =
            FIELDS.iter().enumerate().map(|(place, field)| form_field(number, place, field)).collect();
        let fields = Value::from(fields).to_string();
        let mut cells = document(&FORMS, number, at);
        cells[form_at::NAME] = Cell::Text(&name);
        cells[form_at::TEAM_ID] = Cell::Integer(TEAM);
        cells[form_at::VERSION] = Cell::Integer(1);
        cells[form_at::FIELDS] = Cell::Text(&fields);
        batch.push_row(&cells);
    })
}

/// A field as forms have it: what can be chosen is in a text of its own.
fn form_field(form: u64, place: usize, field: &FormField) -> Value {
    let mut key = String::new();
    push_field_key(&mut key, form, place);
    let option = |(index, label): (usize, &&str)| {
        let mut value = String::new();
        push_option(&mut value, form, place, index);
        json!({"label": label, "value": value, "enabled": true, "display_order": index + 1, "is_default": index == 0})
    };
    let options: Vec<Value> = field.options.iter().enumerate().map(option).collect();
    let data = match options.is_empty() {
        true => json!({}),
        false => json!({"multi_select": field.multi_select, "options": options}),
    };
    json!({
        "id": field_id(form, place),
        "label": field.label,
        "key": key,
        "field_type": field.field_type,
        "form_order": place + 1,
        "mandatory": place == 0,
        "visibility": "public",
        "data": data.to_string(),
    })
}

fn document(table: &Table, number: u64, at: Micros) -> Vec<Cell<'static>> {
    let mut cells = vec![Cell::Absent; table.columns.len()];
    cells[Table::KEY] = Cell::Id(key_of_integer(number));
    cells[Table::TIME] = Cell::Time(at);
    cells
}

/// The names, each once; behind them they begin again with a number.
fn numbered<const COUNT: usize>(names: [&str; COUNT], number: u64) -> String {
    let (round, place) = ((number - 1) / COUNT as u64, (number - 1) % COUNT as u64);
    let name = names[place as usize];
    if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) }
}

fn name(random: &mut Random) -> String {
    let mut part = |parts: &[&'static str]| parts[random.below(parts.len() as u64) as usize];
    [part(&BEGINNINGS), part(&MIDDLES), part(&ENDINGS)].concat()
}

/// So many rows, numbered from 1 on.
fn batches(
    table: &'static Table,
    rows: usize,
    push: impl Fn(&mut Batch, u64),
) -> impl Iterator<Item = Batch> {
    let starts = (0..rows).step_by(BATCH_ROWS);
    starts.map(move |start| {
        let mut batch = Batch::new(table);
        for index in start..rows.min(start + BATCH_ROWS) {
            push(&mut batch, index as u64 + 1);
        }
        batch
    })
}
