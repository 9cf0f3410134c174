//! Talks to a running server, for commands that take `--url`.

use std::ffi::OsString;
use std::io::Read;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use ureq::http::{Request, StatusCode, header};

/// Carries the token without showing it in the list of processes.
pub(super) const TOKEN_VARIABLE: &str = "TALLYHOUSE_TOKEN";

/// How long a busy server is asked again, altogether, before the command gives up.
const PATIENCE_BUSY: Duration = Duration::from_secs(300);

/// How long a server that does not answer at all is asked again.
const PATIENCE_ABSENT: Duration = Duration::from_secs(30);

/// The longest time between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Bytes of an answer that is read whole.
const ANSWER_BYTES_MAX: u64 = 1 << 31;

/// Which server.
#[derive(Debug, Args)]
pub(super) struct ServerArgs {
    /// Talk to the running server at this URL, such as http://127.0.0.1:8686, instead of opening the data folder
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// The token for the server [default: the variable TALLYHOUSE_TOKEN, which other users of the machine cannot see]
    #[arg(long, global = true, value_name = "TOKEN")]
    token: Option<String>,
}

impl ServerArgs {
    /// The server that is meant; none when the data folder is.
    pub fn client(&self) -> anyhow::Result<Option<ServerClient>> {
        let Some(url) = &self.url else {
            anyhow::ensure!(self.token.is_none(), "--token is for a server; say which one with --url");
            return Ok(None);
        };
        let token = match (&self.token, std::env::var_os(TOKEN_VARIABLE).map(OsString::into_string)) {
            (Some(token), _) => token.clone(),
            (None, Some(Ok(token))) => token,
            (None, Some(Err(_))) => anyhow::bail!("{TOKEN_VARIABLE} is not UTF-8"),
            (None, None) => anyhow::bail!("a server asks for a token; set {TOKEN_VARIABLE}, or add --token"),
        };
        anyhow::ensure!(
            url.starts_with("http://") || url.starts_with("https://"),
            "{url} is no URL of a server; write it like http://127.0.0.1:8686"
        );
        Ok(Some(ServerClient::new(url.trim_end_matches('/').to_owned(), token.trim().to_owned())))
    }
}

/// A server and the right to use it.
pub(super) struct ServerClient {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl ServerClient {
    fn new(url: String, token: String) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(PATIENCE_BUSY))
            .build();
        Self { agent: config.into(), url, token }
    }

    /// Posts a body that is compressed with zstd; answers the JSON of the answer.
    pub fn post_zstd(&self, path: &str, body: &[u8]) -> anyhow::Result<serde_json::Value> {
        let encoded = [(header::CONTENT_ENCODING, "zstd")];
        self.answer_of("POST", path, &encoded, body).and_then(|answer| as_json(&answer))
    }

    /// Posts a body as it is; answers the JSON of the answer.
    pub fn post(&self, path: &str, body: &[u8]) -> anyhow::Result<serde_json::Value> {
        self.answer_of("POST", path, &[], body).and_then(|answer| as_json(&answer))
    }

    /// Deletes; answers the JSON of the answer.
    pub fn delete(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        self.answer_of("DELETE", path, &[], &[]).and_then(|answer| as_json(&answer))
    }

    /// The body of an answer, as it comes in.
    pub fn get(&self, path: &str) -> anyhow::Result<impl Read + Send + use<>> {
        let body = self.patiently("GET", path, &[], &[])?;
        Ok(body.into_with_config().limit(u64::MAX).reader())
    }

    fn answer_of(
        &self,
        method: &str,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        let answer = self.patiently(method, path, headers, body)?;
        let mut bytes = Vec::new();
        answer.into_with_config().limit(ANSWER_BYTES_MAX).reader().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Asks until there is an answer that is not "try again", or patience ends. Asking twice does no harm: a row that
    /// is sent again replaces itself.
    fn patiently(
        &self,
        method: &str,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: &[u8],
    ) -> anyhow::Result<ureq::Body> {
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_secs(1);
        loop {
            let (problem, patience) = match self.once(method, path, headers, body) {
                Ok(answer) if answer.status().is_success() => return Ok(answer.into_body()),
                Ok(answer) => match retry_after(&answer) {
                    Some(after) => {
                        pause = after.clamp(pause, PAUSE_MAX);
                        (refusal(&self.url, answer), PATIENCE_BUSY)
                    }
                    None => return Err(refusal(&self.url, answer)),
                },
                Err(error) => (
                    anyhow::Error::new(error).context(format!("{} does not answer", self.url)),
                    PATIENCE_ABSENT,
                ),
            };
            if waited >= patience {
                return Err(problem.context(format!("gave up after {} s", waited.as_secs())));
            }
            wait(pause);
            waited += pause;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn once(
        &self,
        method: &str,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: &[u8],
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let authorization = format!("Bearer {}", self.token);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, authorization);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        if method == "POST" { self.agent.run(request.body(body)?) } else { self.agent.run(request.body(())?) }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "there is nothing to wait for but the time that the server asked for"
)]
fn wait(pause: Duration) {
    std::thread::sleep(pause);
}

/// When a refused request may be sent again; `None` when it never will be accepted.
fn retry_after(answer: &ureq::http::Response<ureq::Body>) -> Option<Duration> {
    let busy = matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let seconds =
        answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
    busy.then(|| Duration::from_secs(seconds.unwrap_or(1)))
}

/// What the server says about a request that it refuses.
fn refusal(url: &str, mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Error {
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(1 << 16).read_to_string().unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    match body["error"].as_str() {
        Some(error) => anyhow::anyhow!("{url} answered {status}: {error}"),
        None => anyhow::anyhow!("{url} answered {status}; is it the URL of a Tallyhouse server?"),
    }
}

fn as_json(answer: &[u8]) -> anyhow::Result<serde_json::Value> {
    serde_json::from_slice(answer)
        .context("the server answered something that is not JSON; is the URL right?")
}
