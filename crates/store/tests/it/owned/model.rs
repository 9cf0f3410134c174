//! The model of reports and what they own: all that arrived in one list, and the rows that follow from it.

use super::*;

/// A report, or a deletion, as it is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub id: u64,
    pub version: Micros,
    pub report: Option<Report>,
}

#[derive(Debug, Clone)]
pub struct Report {
    pub created_at: Micros,
    pub channel: u64,
    pub images: Vec<Image>,
    pub selections: Vec<(u64, &'static str)>,
}

#[derive(Debug, Clone)]
pub struct Image {
    pub created_at: Micros,
    pub id: u64,
    pub thumb: &'static str,
}

impl Report {
    /// Adds the report and what it owns.
    pub fn push_to(&self, batch: &mut Batch, id: u64, version: Micros) {
        let channel = Cell::Integer(self.channel);
        let (images, fields) = (format!("{} images", self.images.len()), "");
        batch.push_row(&[
            Cell::Id(key_of_integer(id)),
            Cell::Time(self.created_at),
            Cell::Time(version),
            channel,
            Cell::Absent,
            Cell::Integer(7),
            Cell::Text(&images),
            Cell::Text(fields),
        ]);
        for image in &self.images {
            let (time, id) = (Cell::Time(image.created_at), Cell::Integer(image.id));
            let cells = [time, channel, id, Cell::Text(image.thumb), Cell::Text("m")];
            batch.push_owned(reports::OWNED_IMAGES, &cells);
        }
        for (field, value) in &self.selections {
            let cells = [Cell::Time(self.created_at), channel, Cell::Integer(*field), Cell::Text(value)];
            batch.push_owned(reports::OWNED_SELECTIONS, &cells);
        }
    }

    /// The rows of a table that this version of a report has: itself, or what it owns, in the order of the lists.
    fn rows(&self, id: u64, version: Micros, table: TableId) -> Vec<Row> {
        let (key, channel) = (Value::Id(key_of_integer(id)), Value::Integer(Some(self.channel)));
        let time = |time: Micros| Value::Time(Some(time));
        let integer = |integer: u64| Value::Integer(Some(integer));
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        match table {
            TableId::Reports => vec![vec![
                key,
                time(self.created_at),
                time(version),
                channel,
                Value::Integer(None),
                integer(7),
                text(&format!("{} images", self.images.len())),
                text(""),
            ]],
            TableId::ReportImages => {
                let row = |image: &Image| {
                    let (thumb, medium) = (text(image.thumb), text("m"));
                    vec![
                        key.clone(),
                        time(image.created_at),
                        channel.clone(),
                        integer(image.id),
                        thumb,
                        medium,
                    ]
                };
                self.images.iter().map(row).collect()
            }
            TableId::ReportSelections => {
                let row = |(field, value): &(u64, &str)| {
                    vec![key.clone(), time(self.created_at), channel.clone(), integer(*field), text(value)]
                };
                self.selections.iter().map(row).collect()
            }
            other => unreachable!("{other:?} is not asked for"),
        }
    }
}

/// All that arrived, in order.
#[derive(Default)]
pub struct Model {
    arrivals: Vec<(AccountId, Sent)>,
}

impl Model {
    /// Takes what was sent in.
    pub fn arrive(&mut self, account: AccountId, sent: &[Sent]) {
        self.arrivals.extend(sent.iter().map(|sent| (account, sent.clone())));
    }

    /// The rows of a table, sorted by time and key; rows alike in both as they came.
    pub fn rows(&self, account: AccountId, table: TableId) -> Vec<Row> {
        let mut rows = Vec::new();
        for (at, (owner, sent)) in self.arrivals.iter().enumerate() {
            // The greater version wins, and on a tie the one that arrived later.
            let is_beaten = |(later, (other, rival)): (usize, &(AccountId, Sent))| {
                let same = other == owner && rival.id == sent.id;
                same && (rival.version > sent.version || (rival.version == sent.version && later > at))
            };
            if *owner != account || self.arrivals.iter().enumerate().any(is_beaten) {
                continue;
            }
            rows.extend(sent.report.iter().flat_map(|report| report.rows(sent.id, sent.version, table)));
        }
        rows.sort_by_key(|row| match (&row[0], &row[1]) {
            (Value::Id(key), Value::Time(time)) => (*time, *key),
            other => panic!("{other:?} are no key and time"),
        });
        rows
    }
}
