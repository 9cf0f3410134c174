//! The program is killed over and over while it takes rows in, flushes and compacts. Whatever it acknowledged is
//! there afterwards, once and in its newest version; a batch it did not acknowledge is there wholly or not at all.
//!
//! `TALLYHOUSE_CRASH_ROUNDS` sets the number of rounds, `TALLYHOUSE_CRASH_SEED` repeats a course.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::Value;
use tallyhouse_model::{DAY, render_record_time};

use crate::ledger::{Ledger, Sent};
use crate::process::{Client, Folder, Server, Starting, assert_taken};
use crate::random::{Random, setting};

const ROUNDS_DEFAULT: u64 = 12;
/// Acknowledged requests before a kill, at most.
const REQUESTS_MAX: u64 = 60;
/// Every so many rounds the server is also killed while it starts.
const KILL_AT_START_EVERY: u64 = 3;
/// A request or two are over within this, so kills fall into any point of them.
const REQUEST_MICROS: u64 = 20_000;
/// A start is over well within this, so kills fall before, into and after recovery.
const START_MICROS: u64 = 150_000;
const RANGE: &str = "date_time_from=2026-01-01T00:00:00Z&date_time_to=2026-04-01T00:00:00Z";

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let seed = Random::seed("TALLYHOUSE_CRASH_SEED");
    let folder = Folder::new();
    let mut writers =
        [Writer::new(&folder, "dated", true, seed), Writer::new(&folder, "undated", false, !seed)];
    survive_kills(&folder, &mut writers, seed, ROUNDS_DEFAULT, Writer::write_until_refused, Writer::verify);
    verify_after_a_graceful_stop(&folder, &mut writers);
}

/// Kills the server while the writers write, and sometimes while it starts, and has them verified after each kill.
pub fn survive_kills<W: Send>(
    folder: &Folder,
    writers: &mut [W],
    seed: u64,
    rounds_default: u64,
    write: impl Fn(&mut W, &Client, &Sender<()>) + Sync,
    verify: impl Fn(&mut W, &Server, &str),
) {
    let rounds = setting("TALLYHOUSE_CRASH_ROUNDS").unwrap_or(rounds_default);
    let mut random = Random::from_seed(seed);
    let mut server = Server::start(folder);
    for round in 0..rounds {
        let requests = random.below(REQUESTS_MAX);
        write_until_killed(server, writers, requests, &mut random, &write);
        if round % KILL_AT_START_EVERY == 0 {
            kill_while_starting(folder, &mut random);
        }
        server = Server::start(folder);
        for writer in &mut *writers {
            verify(writer, &server, &format!("after kill {round}"));
        }
    }
    server.kill();
    assert_well(folder);
}

/// Lets all writers write at the same time, and kills the server once so many requests were acknowledged: at that
/// moment, the next ones are under way.
fn write_until_killed<W: Send>(
    server: Server,
    writers: &mut [W],
    requests: u64,
    random: &mut Random,
    write: impl Fn(&mut W, &Client, &Sender<()>) + Sync,
) {
    let (acknowledge, acknowledged) = channel();
    let delay_micros = random.below(REQUEST_MICROS);
    std::thread::scope(|scope| {
        for writer in writers {
            let (client, acknowledge, write) = (server.client(), acknowledge.clone(), &write);
            scope.spawn(move || write(writer, &client, &acknowledge));
        }
        drop(acknowledge);
        await_requests(&acknowledged, requests, &server);
        let_time_pass(delay_micros);
        server.kill();
    });
}

fn await_requests(acknowledged: &Receiver<()>, requests: u64, server: &Server) {
    for _ in 0..requests {
        if acknowledged.recv().is_err() {
            panic!("the server ended by itself: {}", server.log_tail());
        }
    }
}

/// Starts the server and kills it at any moment of that.
fn kill_while_starting(folder: &Folder, random: &mut Random) {
    let starting = Starting::spawn(folder);
    let_time_pass(random.below(START_MICROS));
    starting.kill();
}

#[expect(clippy::disallowed_methods, reason = "it moves a kill to any moment, and waits for nothing")]
fn let_time_pass(micros: u64) {
    std::thread::sleep(Duration::from_micros(micros));
}

/// The folder is sound, and something of it was flushed.
pub fn assert_well(folder: &Folder) {
    let report = folder.check();
    assert_eq!(report["findings"], Value::Array(Vec::new()), "{report}");
    assert!(report["files"].as_u64().is_some_and(|files| files > 0), "nothing was flushed: {report}");
}

fn verify_after_a_graceful_stop(folder: &Folder, writers: &mut [Writer]) {
    assert!(Server::start(folder).stop().success());
    assert_well(folder);
    let server = Server::start(folder);
    for writer in writers {
        writer.verify(&server, "after a graceful stop");
    }
}

/// One client that sends batches for one account, one after the other.
struct Writer {
    token: String,
    ledger: Ledger,
    random: Random,
    in_flight: Option<Sent>,
}

impl Writer {
    fn new(folder: &Folder, account: &str, versioned: bool, seed: u64) -> Self {
        let token = folder.account(account, &["read", "append"]);
        Self { token, ledger: Ledger::new(versioned), random: Random::from_seed(seed), in_flight: None }
    }

    /// Sends batches until the server is gone; the last one's fate is unknown then.
    fn write_until_refused(&mut self, client: &Client, acknowledge: &Sender<()>) {
        loop {
            let sent = self.ledger.next(&mut self.random);
            let body = self.ledger.body(&sent);
            let Some(answer) = client.try_send(&self.token, &body) else {
                self.in_flight = Some(sent);
                return;
            };
            assert_taken(&answer, body.lines().count());
            self.ledger.apply(&sent);
            // Nobody counts any more once the kill is decided.
            let _ = acknowledge.send(());
        }
    }

    /// Compares every row and the counts of plays with the ledger.
    fn verify(&mut self, server: &Server, when: &str) {
        let client = server.client();
        if let Some(sent) = self.in_flight.take() {
            self.verify_rows(server, Some(&sent), when);
            // As a client would. Were it there already, it changes nothing.
            client.send(&self.token, &self.ledger.body(&sent));
            self.ledger.apply(&sent);
        }
        self.verify_rows(server, None, when);
        self.verify_plays(&client, when);
    }

    fn verify_rows(&self, server: &Server, in_flight: Option<&Sent>, when: &str) {
        let views = server.client().views(&self.token, RANGE);
        if let Err(difference) = self.ledger.compare(&views, in_flight) {
            panic!("{when}: {difference}\n{}", server.log_tail());
        }
    }

    fn verify_plays(&self, client: &Client, when: &str) {
        let total: u64 = self.ledger.plays(|_| ()).into_values().sum();
        let summary = series(client, &self.token, "summary");
        assert_eq!(summary.into_values().collect::<Vec<_>>(), [total], "{when}: plays");

        let days = self
            .ledger
            .plays(|play| render_record_time(play.started_at.div_euclid(DAY) * DAY).replace('Z', "+00:00"));
        assert_eq!(series(client, &self.token, "day"), days, "{when}: plays by day");

        let mut live = self.ledger.plays(|play| play.live.then(|| play.country.to_owned()));
        live.remove(&None);
        let live: BTreeMap<_, _> =
            live.into_iter().filter_map(|(country, plays)| Some((country?, plays))).collect();
        assert_eq!(
            series(client, &self.token, "live/country"),
            live,
            "{when}: plays of live content by country"
        );
    }
}

/// The points of a series of `total-views` and their values.
fn series(client: &Client, token: &str, path: &str) -> BTreeMap<String, u64> {
    let answer = client.get_json(token, &format!("/v1/total-views/{path}?{RANGE}&_limit=10000"));
    let rows = answer["data"].as_array().expect("data is a list").iter().map(|row| &row["attributes"]);
    rows.map(|row| (row["point"].as_str().unwrap_or_default().to_owned(), row["value"].as_u64().unwrap_or(0)))
        .collect()
}
