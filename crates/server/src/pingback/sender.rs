//! One attempt to deliver a pingback: resolve once, check every address, connect to one of those, post, read the status.
//!
//! Redirects are not followed: they are an answer like any other that is no success.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tallyhouse_model::{Micros, SECOND};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::lookups::Lookups;
use super::{Endpoint, Host, Network, Networks, SigningSecret, signatures};
use crate::catalog::SiteNumber;

/// How long one attempt may take, from looking the name up to the status.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(10);

/// Bytes of an answer's head, and of its body, that are read. Nothing in the body counts; it is read so that small
/// answers end as their senders expect.
const HEAD_BYTES_MAX: usize = 16 << 10;
const BODY_BYTES_MAX: usize = 4 << 10;

/// Addresses of a name that are tried.
const ADDRESSES_MAX: usize = 8;

const USER_AGENT: &str = concat!("tallyhouse/", env!("CARGO_PKG_VERSION"));

/// What a [`Sender`] is made of.
pub struct SenderOptions {
    /// Networks that may be sent to although they are not public.
    pub networks: Networks,
    /// The way out.
    pub network: Arc<dyn Network>,
    /// Whose certificates are trusted.
    pub roots: RootCertStore,
    /// How long one attempt may take.
    pub time_max: Duration,
}

/// Delivers pingbacks.
pub struct Sender {
    networks: Networks,
    network: Arc<dyn Network>,
    tls: TlsConnector,
    time_max: Duration,
    lookups: Lookups,
}

/// What is to be delivered.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The id of the pingback.
    pub id: String,
    /// Whose it is.
    pub site: SiteNumber,
    /// Where to.
    pub uri: String,
    /// What is told, as JSON.
    pub body: String,
    /// The time of this attempt.
    pub now: Micros,
    /// What it is signed with; nothing is signed without any.
    pub secrets: Vec<SigningSecret>,
}

/// What came of an attempt.
#[derive(Debug)]
pub struct Sent {
    /// Which address was connected to, or was to be.
    pub address: Option<IpAddr>,
    /// What it answered.
    pub result: Result<Reply, SendingError>,
}

/// What a receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// How long it asks to be left alone, of 429 and 503.
    pub retry_after: Option<Micros>,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendingError {
    /// The URI is none that can be sent to.
    #[error("the URI cannot be sent to: {0}")]
    Uri(String),
    /// The name has no addresses, or nobody tells them.
    #[error("the name could not be looked up: {0}")]
    LookUp(io::Error),
    /// The name leads to an address that may not be sent to.
    #[error("the name leads to {0}, which is not public, and not one that this server may send to")]
    Forbidden(IpAddr),
    /// Nobody is there.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// The receiver did not prove who it is.
    #[error("no encrypted connection: {0}")]
    Tls(io::Error),
    /// What came back is no HTTP, or nothing did.
    #[error("no answer: {0}")]
    Http(#[from] hyper::Error),
    /// It took too long.
    #[error("no answer within {} ms", .0.as_millis())]
    TimeOut(Duration),
}

/// How far an attempt got. It outlives an attempt that is broken off.
#[derive(Default)]
struct Progress {
    address: Option<IpAddr>,
    reply: Option<Reply>,
}

/// The certificate authorities that browsers trust, as they were when the program was built.
pub fn roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

impl Sender {
    /// A sender that waits for nothing yet.
    pub fn new(options: SenderOptions) -> Self {
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has what the default versions of TLS need")
            .with_root_certificates(options.roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            networks: options.networks,
            network: options.network,
            tls: TlsConnector::from(Arc::new(config)),
            time_max: options.time_max,
            lookups: Lookups::new(),
        }
    }

    /// Tries once to deliver.
    pub async fn send(&self, letter: &Letter) -> Sent {
        let mut progress = Progress::default();
        let sent = timeout(self.time_max, self.deliver(letter, &mut progress)).await;
        let result = match (progress.reply, sent) {
            // Its status is all that counts, whatever became of the rest.
            (Some(reply), _) => Ok(reply),
            (None, Ok(Err(error))) => Err(error),
            (None, _) => Err(SendingError::TimeOut(self.time_max)),
        };
        Sent { address: progress.address, result }
    }

    async fn deliver(&self, letter: &Letter, progress: &mut Progress) -> Result<(), SendingError> {
        let endpoint = Endpoint::parse(&letter.uri).map_err(SendingError::Uri)?;
        let request = request_of(letter, &endpoint)?;
        let addresses = self.addresses_of(letter, &endpoint.host, progress).await?;
        let stream = self.connect(&addresses, endpoint.port, progress).await?;
        if endpoint.is_encrypted {
            let name = server_name(&endpoint.host).map_err(SendingError::Tls)?;
            let stream = self.tls.connect(name, stream).await.map_err(SendingError::Tls)?;
            post(stream, request, progress).await
        } else {
            post(stream, request, progress).await
        }
    }

    /// All addresses of a host, none of which is forbidden. A name that also leads where it must not is not trusted in the rest.
    async fn addresses_of(
        &self,
        letter: &Letter,
        host: &Host,
        progress: &mut Progress,
    ) -> Result<Vec<IpAddr>, SendingError> {
        let addresses = match host {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self
                .lookups
                .look_up(&self.network, letter.site, name)
                .await
                .and_then(
                    |found| if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) },
                )
                .map_err(SendingError::LookUp)?,
        };
        if let Some(forbidden) = addresses.iter().find(|address| !self.networks.allow(**address)) {
            progress.address = Some(*forbidden);
            return Err(SendingError::Forbidden(*forbidden));
        }
        Ok(addresses)
    }

    /// Connects to the first of these that lets it. All but the last have to do so in half of the time that is left.
    async fn connect(
        &self,
        addresses: &[IpAddr],
        port: u16,
        progress: &mut Progress,
    ) -> Result<TcpStream, SendingError> {
        let end = Instant::now() + self.time_max;
        let mut problem = io::Error::from(io::ErrorKind::NotFound);
        let tried = &addresses[..addresses.len().min(ADDRESSES_MAX)];
        for (index, address) in tried.iter().enumerate() {
            progress.address = Some(*address);
            let now = Instant::now();
            let end =
                if index + 1 == tried.len() { end } else { now + end.saturating_duration_since(now) / 2 };
            match timeout_at(end, self.network.connect(SocketAddr::new(*address, port))).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => problem = error,
                Err(_) => problem = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(SendingError::Connect(problem))
    }
}

fn request_of(letter: &Letter, endpoint: &Endpoint) -> Result<Request<Body>, SendingError> {
    let mut request = Request::post(endpoint.path.as_str())
        .header(header::HOST, endpoint.host_header())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, USER_AGENT)
        .header("webhook-id", &letter.id);
    let timestamp_s = letter.now.div_euclid(SECOND);
    if let Some(signatures) = signatures(&letter.secrets, &letter.id, timestamp_s, &letter.body) {
        request = request.header("webhook-timestamp", timestamp_s).header("webhook-signature", signatures);
    }
    request.body(Body::from(letter.body.clone())).map_err(|error| SendingError::Uri(error.to_string()))
}

fn server_name(host: &Host) -> io::Result<ServerName<'static>> {
    match host {
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(io::Error::other),
        Host::Address(address) => Ok(ServerName::from(*address)),
    }
}

/// Sends the request and reads what comes back, as far as it counts.
async fn post<S>(stream: S, request: Request<Body>, progress: &mut Progress) -> Result<(), SendingError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut requests, connection) =
        http1::Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream)).await?;
    // The connection closes when this is dropped, however the attempt ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = requests.send_request(request).await?;
    let status = response.status();
    progress.reply =
        Some(Reply { status: status.as_u16(), retry_after: retry_after(status, response.headers()) });
    drop(to_bytes(Body::new(response.into_body()), BODY_BYTES_MAX).await);
    Ok(())
}

/// The seconds that a receiver which is overloaded asks for. (Dates, which nobody's clock agrees on, do not count.)
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Micros> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    // More than fits is longer than anybody is left alone.
    is_number.then(|| seconds.parse::<u32>().map_or(Micros::MAX, |seconds| Micros::from(seconds) * SECOND))
}
