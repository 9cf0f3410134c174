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

use super::lookups::{LookupPlace, Lookups};
use super::{Endpoint, Host, Network, Networks, SigningSecret, signatures};

/// How long one attempt may take, from looking the name up to the status. Before that, an attempt waits as long for a
/// place to look the name up.
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
    /// The number of the site whose it is: sites have places of their own for looking names up.
    pub site: i64,
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
    /// Too many other names are being looked up: nobody was asked for anything, so this says nothing of the receiver.
    #[error("too many other names are being looked up")]
    NoPlace,
}

/// What an attempt sets out with.
enum Lead {
    /// The address that the URI names.
    Address(IpAddr),
    /// A place to look up the name that it names.
    Name(LookupPlace),
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
        let sent = self.attempt(letter, &mut progress).await;
        let result = match (progress.reply, sent) {
            // Its status is all that counts, whatever became of the rest.
            (Some(reply), _) => Ok(reply),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(SendingError::TimeOut(self.time_max)),
        };
        Sent { address: progress.address, result }
    }

    /// Waits for its turn, which is no fault of the receiver's, and then delivers in the time that an attempt has.
    async fn attempt(&self, letter: &Letter, progress: &mut Progress) -> Result<(), SendingError> {
        let endpoint = Endpoint::parse(&letter.uri).map_err(SendingError::Uri)?;
        let lead = match &endpoint.host {
            Host::Address(address) => Lead::Address(*address),
            Host::Name(name) => {
                let place = timeout(self.time_max, self.lookups.place(letter.site, name)).await;
                Lead::Name(place.map_err(|_| SendingError::NoPlace)?)
            }
        };
        let end = Instant::now() + self.time_max;
        let delivered = timeout_at(end, self.deliver(letter, &endpoint, lead, end, progress)).await;
        delivered.map_err(|_| SendingError::TimeOut(self.time_max))?
    }

    async fn deliver(
        &self,
        letter: &Letter,
        endpoint: &Endpoint,
        lead: Lead,
        end: Instant,
        progress: &mut Progress,
    ) -> Result<(), SendingError> {
        let request = request_of(letter, endpoint)?;
        let addresses = self.addresses_of(lead, progress).await?;
        let stream = self.connect(&addresses, endpoint.port, end, progress).await?;
        if endpoint.is_encrypted {
            let name = server_name(&endpoint.host).map_err(SendingError::Tls)?;
            let stream = self.tls.connect(name, stream).await.map_err(SendingError::Tls)?;
            post(stream, request, progress).await
        } else {
            post(stream, request, progress).await
        }
    }

    /// All addresses of a host, none of which is forbidden. A name that also leads where it must not is not trusted in the rest.
    async fn addresses_of(&self, lead: Lead, progress: &mut Progress) -> Result<Vec<IpAddr>, SendingError> {
        let addresses = match lead {
            Lead::Address(address) => vec![address],
            Lead::Name(place) => place.look_up(&self.network).await.map_err(SendingError::LookUp)?,
        };
        if addresses.is_empty() {
            return Err(SendingError::LookUp(io::ErrorKind::NotFound.into()));
        }
        if let Some(forbidden) = addresses.iter().find(|address| !self.networks.allow(**address)) {
            progress.address = Some(*forbidden);
            return Err(SendingError::Forbidden(*forbidden));
        }
        Ok(addresses)
    }

    /// Connects to the first of these that lets it. All but the last have to do so in half of the time that is left of the
    /// attempt.
    async fn connect(
        &self,
        addresses: &[IpAddr],
        port: u16,
        end: Instant,
        progress: &mut Progress,
    ) -> Result<TcpStream, SendingError> {
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
