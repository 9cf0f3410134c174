//! The program is killed over and over while a thousand snapshots are asked for, made and told. Afterwards all are
//! finished, each was made once, each has one pingback, and the receiver got each at least once with the same id.
//!
//! Rounds and seed are set as those of `crash.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tallyhouse_server::catalog::{Catalog, NewPublication};

use crate::process::{Client, Folder, Server, Starting, assert_taken};
use crate::random::{Random, setting};
use crate::receiver::{Received, THIS_MACHINE, receive};

const MESSAGES: usize = 1_000;
/// Clients that ask for snapshots at the same time.
const CLIENTS: usize = 4;
const ROUNDS_DEFAULT: u64 = 6;
/// Snapshots that were asked for, or told of, between two kills at most.
const STEPS_MAX: u64 = 220;
/// How long nothing may happen before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

const SNAPSHOTS: &str = "/sharing/analytics/snapshots.json";

#[test]
fn snapshots_and_their_pingbacks_survive_every_kill() {
    let seed = Random::seed("TALLYHOUSE_CRASH_SEED");
    let mut random = Random::from_seed(seed);
    let (pingback_uri, deliveries) = receive();
    let world = World::new(pingback_uri);
    let mut told = Told { deliveries, ids: BTreeMap::new() };
    let mut server = world.start();
    world.send_reactions(&server.client());
    for round in 0..setting("TALLYHOUSE_CRASH_ROUNDS").unwrap_or(ROUNDS_DEFAULT) {
        let (kill, killed) = channel();
        let clients: Vec<Client> = (0..CLIENTS).map(|_| server.client()).collect();
        let steps = random.below(STEPS_MAX);
        std::thread::scope(|scope| {
            for (place, client) in clients.iter().enumerate() {
                let (kill, world) = (kill.clone(), &world);
                scope.spawn(move || world.ask_until_refused(client, place, &kill));
            }
            drop(kill);
            await_steps(&killed, &mut told, steps);
            server.kill();
        });
        if round % 2 == 0 {
            Starting::spawn_with(&world.folder, &THIS_MACHINE).kill();
        }
        server = world.start();
        told.verify(&world, &format!("after kill {round}"));
    }
    world.finish(&server, &mut told);
    assert!(server.stop().success());
    world.verify_at_the_end(&told);
}

/// Returns after so many snapshots were asked for or told of.
fn await_steps(asked: &Receiver<()>, told: &mut Told, steps: u64) {
    for _ in 0..steps {
        if asked.recv().is_ok() {
            continue;
        }
        // All were asked for; the rest is told.
        match told.deliveries.recv_timeout(Duration::from_secs(2)) {
            Ok(delivery) => told.add(delivery),
            Err(_) => return,
        }
    }
}

/// A folder with a thousand messages of two sites, and who is told of their snapshots.
struct World {
    folder: Folder,
    append: String,
    /// The values of `Authorization` of the sites.
    keys: [String; 2],
    pingback_uri: String,
}

impl World {
    fn new(pingback_uri: String) -> Self {
        let folder = Folder::new();
        let append = folder.account("sharing", &["append"]);
        let keys = ["alpha", "beta"].map(|name| folder.site("sharing", name));
        publish_all(&folder);
        Self { folder, append, keys, pingback_uri }
    }

    fn start(&self) -> Server {
        Starting::spawn_with(&self.folder, &THIS_MACHINE)
            .listening()
            .unwrap_or_else(|log| panic!("the server ended before it listened: {log}"))
    }

    /// A like of every message.
    fn send_reactions(&self, client: &Client) {
        let like = |number| {
            json!({
                "reaction_id": format!("like-{number}"), "sharing_message_token": message(number),
                "provider": "harbour", "kind": "like", "occurred_at": "2026-01-01T00:00:00Z",
            })
            .to_string()
        };
        let lines: Vec<String> = (0..MESSAGES).map(like).collect();
        let answer =
            client.send_to("/v0/events?name=reactions&wait=true", &self.append, &lines.join("\n")).unwrap();
        assert_taken(&answer, MESSAGES);
    }

    /// Asks for a snapshot of every message of a client that has none yet, until the server is gone.
    fn ask_until_refused(&self, client: &Client, place: usize, asked: &Sender<()>) {
        let Some(known) = self.asked_for(client) else { return };
        for number in (0..MESSAGES).filter(|number| number % CLIENTS == place) {
            if known.contains(&message(number)) {
                continue;
            }
            let sharing =
                json!({"sharing_message_token": message(number), "pingback_uri": self.pingback_uri});
            let body = json!({"request": {"analytics": {"sharing": sharing}}}).to_string();
            let Ok(answer) = client.put(&self.keys[number % 2], SNAPSHOTS, &body) else { return };
            assert_eq!(answer.status, 201, "{}", answer.json());
            // Nobody counts any more once the kill is decided.
            let _ = asked.send(());
        }
    }

    /// The messages that have a snapshot, each with one; nothing where the server is gone.
    fn asked_for(&self, client: &Client) -> Option<BTreeSet<String>> {
        let mut messages = BTreeSet::new();
        for snapshot in self.list(client)? {
            let message = snapshot["sharing_message"]["sharing_message_token"].as_str().unwrap().to_owned();
            assert!(messages.insert(message), "a message has two snapshots: {snapshot}");
        }
        Some(messages)
    }

    /// All snapshots of both sites.
    fn list(&self, client: &Client) -> Option<Vec<Value>> {
        let mut snapshots = Vec::new();
        for keys in &self.keys {
            let path = format!("{SNAPSHOTS}?entries_per_page=500");
            let list = client.try_get(keys, &path).ok()?.json();
            let list = &list["response"]["result"]["data"]["sharing_analytics_snapshots"];
            assert_eq!(list["pagination"]["total_pages"], 1, "{list}");
            snapshots.extend(list["entries"].as_array().unwrap().iter().cloned());
        }
        Some(snapshots)
    }

    /// Asks for what is left, and waits until all was told.
    fn finish(&self, server: &Server, told: &mut Told) {
        let client = server.client();
        (0..CLIENTS).for_each(|place| self.ask_until_refused(&client, place, &channel().0));
        while told.ids.len() < MESSAGES {
            match told.deliveries.recv_timeout(PATIENCE) {
                Ok(delivery) => told.add(delivery),
                Err(error @ (RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) => {
                    panic!("{} of {MESSAGES} were told: {error}\n{}", told.ids.len(), server.log_tail())
                }
            }
        }
        let snapshots = self.list(&client).unwrap();
        assert_eq!(snapshots.len(), MESSAGES);
        for (place, snapshot) in snapshots.iter().enumerate() {
            assert_eq!(snapshot["status"], "processed", "{snapshot}");
            let token = snapshot["sharing_analytics_snapshot_token"].as_str().unwrap();
            let path = format!("/sharing/analytics/snapshots/{token}.json");
            // The first half of the list is of the first site.
            let details = client.get_json(&self.keys[place * 2 / MESSAGES], &path);
            let found =
                &details["response"]["result"]["data"]["sharing_analytics_snapshot"]["publication_snapshots"];
            assert_eq!(found["entries"][0]["publication_snapshot"]["likes"]["count"], 1, "{details}");
        }
    }

    fn catalog(&self) -> Connection {
        Connection::open(self.folder.data().join("catalog.db")).unwrap()
    }

    /// The pingbacks by the snapshots that they tell of.
    fn pingbacks(&self) -> Vec<(String, String)> {
        let connection = self.catalog();
        let mut statement = connection.prepare("SELECT snapshot_token, id FROM pingbacks").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn verify_at_the_end(&self, told: &Told) {
        let pingbacks = self.pingbacks();
        assert_eq!(pingbacks.len(), MESSAGES);
        assert_eq!(pingbacks.into_iter().collect::<BTreeMap<_, _>>(), told.ids);
        let report = self.folder.check();
        assert_eq!(report["findings"], json!([]), "{report}");
    }
}

/// What the receiver got so far.
struct Told {
    deliveries: Receiver<Received>,
    /// The ids that snapshots were told with.
    ids: BTreeMap<String, String>,
}

impl Told {
    fn add(&mut self, delivery: Received) {
        let known = self.ids.entry(delivery.snapshot_token()).or_insert_with(|| delivery.id().to_owned());
        assert_eq!(known, delivery.id(), "a pingback is told with the same id each time");
    }

    /// Finished snapshots have one pingback each, others none, and what was told is kept.
    fn verify(&mut self, world: &World, when: &str) {
        while let Ok(delivery) = self.deliveries.try_recv() {
            self.add(delivery);
        }
        let pingbacks = world.pingbacks();
        let by_snapshot: BTreeMap<String, String> = pingbacks.iter().cloned().collect();
        assert_eq!(by_snapshot.len(), pingbacks.len(), "{when}: a snapshot has two pingbacks");
        for (token, id) in &self.ids {
            assert_eq!(by_snapshot.get(token), Some(id), "{when}: what was told of {token} is kept");
        }
        let connection = world.catalog();
        // As of one moment: the server is at work.
        let sql = "SELECT (SELECT count(*) FROM snapshots WHERE finished_at IS NOT NULL),
             (SELECT count(*) FROM pingbacks), (SELECT count(*) FROM snapshots)";
        let (finished, pingbacks, all): (i64, i64, i64) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(finished, pingbacks, "{when}");
        println!("{when}: {all} asked for, {finished} finished, {} told", self.ids.len());
    }
}

fn message(number: usize) -> String {
    format!("message-{number}")
}

/// Every other message is of the other site.
fn publish_all(folder: &Folder) {
    let catalog = Catalog::open(&folder.data()).unwrap();
    let sites = ["alpha", "beta"].map(|name| catalog.site_by_name(name).unwrap().unwrap().number);
    let publication = NewPublication {
        provider: Some("harbour".to_owned()),
        user_token: None,
        identity_token: "identity".to_owned(),
        shorturls: Vec::new(),
    };
    let mut ids = || unreachable!("there are no short URLs");
    for number in 0..MESSAGES {
        let publications = std::slice::from_ref(&publication);
        catalog
            .publish_message(sites[number % 2], &message(number), "{}", publications, 1, &mut ids)
            .unwrap();
    }
}
