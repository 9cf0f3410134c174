//! The program is killed over and over while it takes in reports, which own images and choices, and users, which are
//! documents. What it acknowledged is there afterwards, in the export and in what reports own; a request that it did not
//! acknowledge is there wholly or not at all.
//!
//! Rounds and seed are set as those of `crash.rs`.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;

use crate::crash::{assert_well, survive_kills};
use crate::process::{Client, Folder, Server, assert_taken, text};
use crate::random::Random;
use crate::record_ledger::{CHANNELS, FIELD, Kind, RecordLedger, Sent};

const ROUNDS_DEFAULT: u64 = 6;
const DATES: &str = "start_date=2026-01-01&end_date=2026-04-02";

#[test]
fn reports_with_what_they_own_and_documents_survive_every_kill() {
    let seed = Random::seed("TALLYHOUSE_CRASH_SEED");
    let folder = Folder::new();
    let mut writers = [Writer::new(&folder, Kind::Reports, seed), Writer::new(&folder, Kind::Users, !seed)];
    survive_kills(&folder, &mut writers, seed, ROUNDS_DEFAULT, Writer::write_until_refused, Writer::verify);
    let server = Server::start(&folder);
    for writer in &mut writers {
        writer.verify(&server, "at the end");
    }
    assert!(server.stop().success());
    assert_well(&folder);
}

/// One client that sends records of one kind for one account, a batch after the other.
struct Writer {
    token: String,
    ledger: RecordLedger,
    random: Random,
    in_flight: Option<Sent>,
}

impl Writer {
    fn new(folder: &Folder, kind: Kind, seed: u64) -> Self {
        let token = format!("Bearer {}", folder.account(kind.table(), &["read", "append", "admin"]));
        Self { token, ledger: RecordLedger::new(kind), random: Random::from_seed(seed), in_flight: None }
    }

    fn write_until_refused(&mut self, client: &Client, acknowledge: &Sender<()>) {
        loop {
            let sent = self.ledger.next(&mut self.random);
            if !self.try_send(client, &sent) {
                self.in_flight = Some(sent);
                return;
            }
            self.ledger.apply(&sent);
            // Nobody counts any more once the kill is decided.
            let _ = acknowledge.send(());
        }
    }

    /// False where the server was gone before its answer was there.
    fn try_send(&self, client: &Client, sent: &Sent) -> bool {
        let path = format!("/v0/events?name={}&wait=true", self.ledger.kind.table());
        let secret = self.token.trim_start_matches("Bearer ");
        let answer = client.send_to(&path, secret, &sent.body());
        answer.inspect(|answer| assert_taken(answer, sent.records())).is_ok()
    }

    fn verify(&mut self, server: &Server, when: &str) {
        let client = server.client();
        if let Some(sent) = self.in_flight.take() {
            self.verify_export(server, Some(&sent), when);
            // As a client would. Were it there already, it changes nothing.
            assert!(self.try_send(&client, &sent), "{when}: the server answers");
            self.ledger.apply(&sent);
        }
        self.verify_export(server, None, when);
        if self.ledger.kind == Kind::Reports {
            (1..=CHANNELS).for_each(|channel| self.verify_owned(&client, channel, when));
        }
    }

    fn verify_export(&self, server: &Server, in_flight: Option<&Sent>, when: &str) {
        let path = format!("/v0/export?name={}&deletions=true", self.ledger.kind.table());
        let answer = server.client().get(&self.token, &path);
        assert_eq!(answer.status, 200, "{}", text(&answer.body));
        if let Err(difference) = self.ledger.compare(&text(&answer.body), in_flight) {
            panic!("{when}: {difference}\n{}", server.log_tail());
        }
    }

    /// The images and the choices are those of the live reports.
    fn verify_owned(&self, client: &Client, channel: u64, when: &str) {
        let (images, choices) = (self.ledger.images(channel), self.ledger.choices(channel));
        let ask = |name: &str| {
            let path = format!("/api/v4/analytics/{name}?channel_id={channel}&{DATES}&field_id={FIELD}");
            let answer = client.get(&self.token, &path);
            // There is no such channel as long as nothing is in it.
            let is_empty = images.is_empty() && choices.is_empty();
            assert!(answer.status == 200 || (answer.status == 404 && is_empty), "{}", text(&answer.body));
            let list = if answer.status == 200 { answer.json() } else { serde_json::json!([]) };
            list.as_array().cloned().unwrap_or_default()
        };
        let found = ask("reports_images").into_iter().map(|image| {
            let time = image["created_at"].as_str().unwrap_or_default().replace(".000Z", "Z");
            (time, image["report_id"].as_u64().unwrap_or(0), image["report_image_id"].as_u64().unwrap_or(0))
        });
        assert_eq!(found.collect::<Vec<_>>(), images, "{when}: images of channel {channel}");
        let found = ask("reports_per_field_selection").into_iter().map(|row| {
            (row["value"].as_str().unwrap_or_default().to_owned(), row["report_count"].as_u64().unwrap_or(0))
        });
        assert_eq!(found.collect::<BTreeMap<_, _>>(), choices, "{when}: choices in channel {channel}");
    }
}
