//! Receivers that answer as they are told and keep what they got, a network whose names and addresses lead where a test wants,
//! and a dispatcher that is driven step by step.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tallyhouse_model::Micros;
use tokio_rustls::rustls::RootCertStore;

use super::super::*;
use crate::catalog::{NewPingback, Pingback, PingbackAttempt, SiteNumber};
use crate::pingback::{Connecting, Network, Networks};

/// 2026-12-01T00:00:00Z.
pub const NOW: Micros = 1_796_083_200_000_000;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

pub const BODY: &str = r#"{"response":{"request":{"status":{"code":200}}}}"#;

/// What a receiver got: request line, headers with names in lower case, body.
#[derive(Debug, Clone)]
pub struct Got {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A receiver on this machine. It ends with its test.
pub struct Receiver {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    is_over: Arc<AtomicBool>,
}

impl Receiver {
    /// Answers one request after the other with these, and further ones with the last. An empty text is no answer at all.
    pub fn answering(answers: &[&str]) -> Self {
        Self::listening(answers, converse)
    }

    /// The same, where connections are something else first.
    pub fn listening(
        answers: &[&str],
        converse: impl Fn(TcpStream, &[String], &Mutex<Vec<Got>>) + Send + Copy + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (got, is_over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let (kept, ended) = (Arc::clone(&got), Arc::clone(&is_over));
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let (answers, kept) = (answers.clone(), Arc::clone(&kept));
                thread::spawn(move || converse(stream, &answers, &kept));
            }
        });
        Self { address, got, is_over }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub fn uri(&self) -> String {
        format!("http://{}/hook?x=1", self.address)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that listens.
        drop(TcpStream::connect(self.address));
    }
}

/// Reads a request and answers it.
pub fn converse(mut stream: impl Read + Write, answers: &[String], got: &Mutex<Vec<Got>>) {
    let mut bytes = Vec::new();
    let request = loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).unwrap_or(0);
        if count == 0 {
            return;
        }
        bytes.extend_from_slice(&buffer[..count]);
        if let Some(request) = parse(&bytes) {
            break request;
        }
    };
    let answer = {
        let mut got = got.lock().unwrap();
        let answer = answers[got.len().min(answers.len() - 1)].clone();
        got.push(request);
        answer
    };
    // Whether the sender is still there is not what is tested here.
    drop(stream.write_all(answer.as_bytes()));
    drop(stream.flush());
    if answer.is_empty() || answer.contains(UNFINISHED) {
        // The other side goes first.
        drop(stream.read_to_end(&mut bytes));
    }
}

/// Behind an answer with this header nothing follows, but the connection stays.
pub const UNFINISHED: &str = "X-Unfinished: yes\r\n";

/// A whole request, once it is there.
fn parse(bytes: &[u8]) -> Option<Got> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let got = Got { line, headers, body: body.to_owned() };
    let length: usize = got.header("content-length").map_or(0, |length| length.parse().unwrap());
    (body.len() >= length).then_some(got)
}

/// A network of the test's own: each name leads to one answer after the other, and then to the last. Connections to
/// addresses of this machine go there, all others to `receiver`.
#[derive(Default)]
pub struct TestNetwork {
    names: Mutex<HashMap<String, Vec<Vec<&'static str>>>>,
    /// Where connections to addresses of others end.
    pub receiver: Mutex<Option<SocketAddr>>,
    /// What was looked up.
    pub looked_up: Mutex<Vec<String>>,
    /// What was connected to.
    pub connected: Mutex<Vec<SocketAddr>>,
    /// Addresses that let nobody in.
    pub dead: Mutex<Vec<IpAddr>>,
    /// How many names that begin with `hang` are being looked up, and whether those are answered at last.
    hanging: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl TestNetwork {
    pub fn name(&self, name: &str, answers: &[&[&'static str]]) {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        self.names.lock().unwrap().insert(name.to_owned(), answers);
    }

    /// How many names that begin with `hang` are being looked up.
    pub fn hanging(&self) -> usize {
        self.hanging.lock().unwrap().0
    }

    /// Waits until so many are.
    pub async fn until_hanging(self: &Arc<Self>, count: usize) {
        let network = Arc::clone(self);
        let waited = tokio::task::spawn_blocking(move || {
            let hanging = network.hanging.lock().unwrap();
            let (hanging, _) = network
                .changed
                .wait_timeout_while(hanging, PATIENCE, |(hanging, _)| *hanging != count)
                .unwrap();
            hanging.0
        });
        assert_eq!(waited.await.unwrap(), count);
    }

    /// Answers those that hang, and does so from now on.
    pub fn answer_all(&self) {
        self.hanging.lock().unwrap().1 = true;
        self.changed.notify_all();
    }

    fn hang(&self) {
        let mut hanging = self.hanging.lock().unwrap();
        hanging.0 += 1;
        self.changed.notify_all();
        let mut hanging = self.changed.wait_while(hanging, |(_, answers_all)| !*answers_all).unwrap();
        hanging.0 -= 1;
        self.changed.notify_all();
    }
}

impl Network for TestNetwork {
    fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.looked_up.lock().unwrap().push(name.to_owned());
        if name.starts_with("hang") {
            self.hang();
        }
        let mut names = self.names.lock().unwrap();
        let answers = names.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Ok(answer.iter().map(|address| address.parse().unwrap()).collect())
    }

    fn connect(&self, address: SocketAddr) -> Connecting<'_> {
        self.connected.lock().unwrap().push(address);
        let receiver = *self.receiver.lock().unwrap();
        let is_dead = self.dead.lock().unwrap().contains(&address.ip());
        Box::pin(async move {
            if is_dead {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let to = if address.ip().is_loopback() { Some(address) } else { receiver };
            tokio::net::TcpStream::connect(to.expect("a test says where addresses of others lead")).await
        })
    }
}

/// What a sender of a rig is made with.
pub struct Settings {
    pub networks: &'static str,
    pub time_max: Duration,
    pub roots: RootCertStore,
}

impl Default for Settings {
    fn default() -> Self {
        // Longer than any test takes, so that only tests of the limit meet it.
        Self { networks: "127.0.0.0/8", time_max: Duration::from_secs(120), roots: RootCertStore::empty() }
    }
}

/// What tests of delivering have.
pub struct Rig {
    pub folder: tempfile::TempDir,
    pub catalog: Arc<Catalog>,
    pub site: SiteNumber,
    pub network: Arc<TestNetwork>,
    pub dispatcher: Dispatcher,
    clock: Arc<AtomicI64>,
    parts: DispatcherParts,
}

impl Drop for Rig {
    fn drop(&mut self) {
        // The runtime would wait for its threads for ever.
        self.network.answer_all();
    }
}

impl Rig {
    /// One that may send to this machine.
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let site = catalog.site_of_harbour("acme");
        let network = Arc::new(TestNetwork::default());
        let clock = Arc::new(AtomicI64::new(NOW));
        let told = Arc::clone(&clock);
        let sender = Sender::new(SenderOptions {
            networks: Networks::parse(settings.networks).unwrap(),
            network: Arc::clone(&network) as Arc<dyn Network>,
            roots: settings.roots,
            time_max: settings.time_max,
        });
        let parts = DispatcherParts {
            catalog: Arc::clone(&catalog),
            sender: Arc::new(sender),
            clock: Arc::new(move || told.load(Ordering::Relaxed)),
            // In the middle: no jitter.
            random: Arc::new(|| u16::MAX / 2),
            keep: 30 * DAY,
        };
        let dispatcher = Dispatcher::new(parts.clone());
        Self { folder, catalog, site, network, dispatcher, clock, parts }
    }

    pub fn now(&self) -> Micros {
        self.clock.load(Ordering::Relaxed)
    }

    pub fn set(&self, now: Micros) {
        self.clock.store(now, Ordering::Relaxed);
    }

    /// A dispatcher that knows nothing of what the last one did: as after a crash.
    pub fn restart(&mut self) {
        self.dispatcher = Dispatcher::new(self.parts.clone());
    }

    /// Queues a pingback of the rig's site; its id and its snapshot follow from the name.
    pub fn queue(&self, name: &str, uri: &str) -> String {
        self.queue_of(self.site, name, uri)
    }

    pub fn queue_of(&self, site: SiteNumber, name: &str, uri: &str) -> String {
        let new = self.new_pingback(site, name, uri);
        self.catalog.queue_pingbacks(std::slice::from_ref(&new));
        new.id
    }

    /// The same for many, in one transaction.
    pub fn queue_many(&self, name: &str, uris: impl IntoIterator<Item = String>) -> Vec<String> {
        let new = uris.into_iter().enumerate();
        let new: Vec<_> =
            new.map(|(index, uri)| self.new_pingback(self.site, &format!("{name}-{index}"), &uri)).collect();
        self.catalog.queue_pingbacks(&new);
        new.into_iter().map(|new| new.id).collect()
    }

    fn new_pingback(&self, site: SiteNumber, name: &str, uri: &str) -> NewPingback {
        NewPingback {
            id: format!("id-{name}"),
            site,
            snapshot_token: format!("snapshot-{name}"),
            uri: uri.to_owned(),
            body: BODY.to_owned(),
            created_at: self.now(),
        }
    }

    /// Steps until nothing is under way and nothing more is due now. When more will be.
    pub async fn settle(&mut self) -> Option<Micros> {
        loop {
            let next_at = self.dispatcher.step().await.unwrap();
            if self.dispatcher.under_way() == 0 && self.dispatcher.notes.is_empty() {
                return next_at;
            }
            self.dispatcher.ended().await;
        }
    }

    /// Steps until this is delivered, whatever else is under way.
    pub async fn until_delivered(&mut self, id: &str) {
        self.dispatcher.step().await.unwrap();
        while self.told(id).0 != "delivered" {
            self.dispatcher.ended().await;
            self.dispatcher.step().await.unwrap();
        }
    }

    /// Goes on to the time of the next attempt, and makes it.
    pub async fn next(&mut self) {
        let next_at = self.dispatcher.step().await.unwrap().expect("something waits");
        self.set(next_at);
        self.settle().await;
    }

    pub fn log(&self, id: &str) -> (Pingback, Vec<PingbackAttempt>) {
        self.catalog.pingback(id).unwrap()
    }

    /// State, and status or problem of each attempt.
    pub fn told(&self, id: &str) -> (&'static str, Vec<String>) {
        let (pingback, attempts) = self.log(id);
        let told = attempts.into_iter().map(|attempt| match (attempt.status, attempt.problem) {
            (Some(status), None) => status.to_string(),
            (None, Some(problem)) => problem,
            both => panic!("an attempt has a status or a problem, not {both:?}"),
        });
        (pingback.state.name(), told.collect())
    }
}
