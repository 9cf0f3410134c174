//! The real program as child processes: commands that run to their end, and a server that is started on a free
//! port, talked to over HTTP and killed. Nothing outlives its test: dropping a server kills it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Rows that start a flush in tests, so that flushes and compactions are frequent.
pub const FLUSH_ROWS: &str = "500";

/// What the server prints, followed by its port.
const LISTENING: &str = "listening on http://";

/// How long one request may take before the test gives up on a server that hangs.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// Bytes of the greatest answer that a test reads: a page of 10,000 rows has some 8 MB.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A data folder with room for a test's other files next to it; gone when dropped.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A fresh place on disk; the data folder in it does not exist yet.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("the system's temporary folder can be written to"))
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A file next to the data folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes an account and answers the secret of a token of it with these scopes.
    pub fn account(&self, name: &str, scopes: &[&str]) -> String {
        run(program().args(["account", "create", name, "--data"]).arg(self.data()));
        self.token(name, scopes)
    }

    /// The secret of a new token of an account.
    pub fn token(&self, account: &str, scopes: &[&str]) -> String {
        let mut command = program();
        command.args(["token", "create", "--account", account, "--json", "--data"]).arg(self.data());
        for scope in scopes {
            command.args(["--scope", scope]);
        }
        let answer = run_json(&mut command);
        answer["token"].as_str().unwrap_or_else(|| panic!("no token in {answer}")).to_owned()
    }

    /// Makes a site of an account and answers its keys, as the value of `Authorization` that it sends.
    pub fn site(&self, account: &str, name: &str) -> String {
        let mut command = program();
        command.args(["site", "create", "--account", account, "--name", name, "--json", "--data"]);
        let keys = run_json(command.arg(self.data()));
        let [public, private] = ["public_key", "private_key"]
            .map(|key| keys[key].as_str().unwrap_or_else(|| panic!("no {key} in {keys}")));
        format!("Basic {}", STANDARD.encode(format!("{public}:{private}")))
    }

    /// What `check` says about the data folder; it has to be well.
    pub fn check(&self) -> Value {
        run_json(program().args(["check", "--json", "--data"]).arg(self.data()))
    }
}

/// The program, ready for its arguments, without any settings of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tallyhouse"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TALLYHOUSE_") {
            command.env_remove(name);
        }
    }
    command.env("TALLYHOUSE_STORE_FLUSH_ROWS", FLUSH_ROWS).stdin(Stdio::null());
    command
}

/// Runs a command to its end. It has to succeed.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program can be started");
    assert!(output.status.success(), "{command:?} failed ({}): {}", output.status, text(&output.stderr));
    output
}

/// Runs a command that prints one JSON value. It has to succeed.
pub fn run_json(command: &mut Command) -> Value {
    let output = run(command);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{command:?} printed no JSON ({error}): {}", text(&output.stdout)))
}

/// Runs a command that has to fail, and answers what it said on standard error.
pub fn run_refused(command: &mut Command) -> String {
    let output = command.output().expect("the program can be started");
    assert!(!output.status.success(), "{command:?} should have failed; it said: {}", text(&output.stdout));
    text(&output.stderr)
}

/// Bytes as text, whatever they are.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that was started and may not be listening yet.
pub struct Starting {
    child: Running,
    output: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Starting {
    /// Starts the program on a data folder, on any free port.
    pub fn spawn(folder: &Folder) -> Self {
        Self::spawn_with(folder, &[])
    }

    /// The same with further environment variables.
    pub fn spawn_with(folder: &Folder, variables: &[(&str, &str)]) -> Self {
        let log = folder.path("server.log");
        let errors = File::options().create(true).append(true).open(&log).expect("the log can be written");
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.data());
        command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().expect("the program can be started");
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        Self { child: Running(child), output, log }
    }

    /// Waits until it says where it listens; the end of its log where it ends before that.
    pub fn listening(mut self) -> Result<Server, String> {
        let mut line = String::new();
        let address = loop {
            line.clear();
            let bytes = self.output.read_line(&mut line).expect("the server prints text");
            if bytes == 0 {
                return Err(log_tail(&self.log));
            }
            if let Some((_, rest)) = line.split_once(LISTENING) {
                break rest.split_whitespace().next().unwrap_or_default().trim_end_matches('/').to_owned();
            }
        };
        let drain = std::thread::spawn(move || drop(std::io::copy(&mut self.output, &mut std::io::sink())));
        Ok(Server { child: self.child, client: Client::new(&address), drain, log: self.log })
    }

    /// Kills it, however far it got.
    pub fn kill(self) {}
}

/// A server that listens.
pub struct Server {
    child: Running,
    client: Client,
    drain: JoinHandle<()>,
    log: PathBuf,
}

impl Server {
    /// Starts the program on a data folder and waits until it listens.
    pub fn start(folder: &Folder) -> Self {
        Starting::spawn(folder)
            .listening()
            .unwrap_or_else(|log| panic!("the server ended before it listened: {log}"))
    }

    /// Who talks to it. Clones may be given to threads.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.client.base.clone()
    }

    /// Ends it at once, as a crash would (SIGKILL).
    pub fn kill(self) {
        drop(self.child);
        self.drain.join().expect("draining never fails");
    }

    /// Asks it to end (SIGTERM) and waits until it did.
    pub fn stop(mut self) -> ExitStatus {
        let process = self.child.0.id().to_string();
        run(Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &process]));
        let status = self.child.0.wait().expect("a child can be waited for");
        self.drain.join().expect("draining never fails");
        status
    }

    /// The end of what it logged, for messages of failing tests.
    pub fn log_tail(&self) -> String {
        log_tail(&self.log)
    }
}

/// A child that dies with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where the child is gone already, which is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn log_tail(log: &Path) -> String {
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Who talks to a server.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body as sent.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", text(&self.body)))
    }
}

impl Client {
    fn new(address: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(REQUEST_TIMEOUT))
            .proxy(None)
            .build();
        Self { agent: config.into(), base: format!("http://{address}") }
    }

    /// Asks for a path with its query. Panics where no answer comes.
    pub fn get(&self, token: &str, path: &str) -> Answer {
        self.try_get(token, path).unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// The same, where an answer may not come or break off.
    pub fn try_get(&self, token: &str, path: &str) -> Result<Answer, ureq::Error> {
        self.agent.get(format!("{}{path}", self.base)).header("Authorization", token).call().and_then(read)
    }

    /// Asks for a path that has an answer, and reads it.
    pub fn get_json(&self, token: &str, path: &str) -> Value {
        let answer = self.get(token, path);
        assert_eq!(answer.status, 200, "GET {path}: {}", text(&answer.body));
        answer.json()
    }

    /// Sends segments, one JSON object a line, and waits until they are visible; `None` where the server was gone
    /// before its answer was there.
    pub fn try_send(&self, token: &str, lines: &str) -> Option<Answer> {
        self.send_to("/v0/events?name=view_segments&wait=true", token, lines).ok()
    }

    /// Sends segments and waits until they are visible. All have to be taken.
    pub fn send(&self, token: &str, lines: &str) {
        let answer = self.try_send(token, lines).expect("the server answers");
        assert_taken(&answer, lines.lines().count());
    }

    /// Posts a body, with a token in the header unless that is empty.
    pub fn send_to(&self, path: &str, token: &str, body: &str) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        read(request.send(body)?)
    }

    /// Puts a body, with this value of `Authorization`.
    pub fn put(&self, authorization: &str, path: &str, body: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.put(format!("{}{path}", self.base)).header("Authorization", authorization);
        read(request.send(body)?)
    }

    /// Every row of `/views` in a range, following the links from page to page.
    pub fn views(&self, token: &str, range: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut path = format!("/views?{range}&_limit=10000");
        loop {
            let page = self.get_json(token, &format!("/v1{path}"));
            rows.extend(
                page["data"].as_array().expect("data is a list").iter().map(|row| row["attributes"].clone()),
            );
            match page["pagination"]["next"]["href"].as_str() {
                Some(next) => path = next.to_owned(),
                None => return rows,
            }
        }
    }
}

/// Asserts that all rows of a request were taken.
pub fn assert_taken(answer: &Answer, rows: usize) {
    assert_eq!(answer.status, 200, "{}", text(&answer.body));
    assert_eq!(answer.json(), serde_json::json!({"successful_rows": rows, "quarantined_rows": 0}));
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
    Ok(Answer { status, body })
}
