//! The HTTP server and its layers around routes of the tests' own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tallyhouse_server::config::ServerConfig;
use tallyhouse_server::http::client_address::Peer;
use tallyhouse_server::http::{bare_router, layered, listen, serve};
use tokio::sync::{Notify, oneshot};

struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<bool>>,
}

impl Server {
    fn start(routes: Router, config: ServerConfig) -> Self {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let router = layered(routes.merge(bare_router()), &config);
            let stop = async { stopped.await.unwrap_or_default() };
            runtime.block_on(serve(listener, router, &config, stop)).unwrap()
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Sends a request and leaves the answer unread.
    fn send(&self, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(head.replace('\n', "\r\n").as_bytes()).unwrap();
        stream.write_all(b"\r\n").unwrap();
        stream
    }

    /// Sends the lines of a request's head; HTTP/1.0, so that the body comes as it is until the connection ends.
    fn request(&self, head: &str) -> Answer {
        Answer::read(self.send(head))
    }

    /// Tells the server to stop and waits until it takes no connections any more.
    fn stop_taking(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        while TcpStream::connect(self.address).is_ok() {
            std::thread::yield_now();
        }
    }

    /// Whether all requests finished within the grace period.
    fn join(mut self) -> bool {
        self.thread.take().unwrap().join().unwrap()
    }
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
        Self { head, body: bytes.split_off(end + 4) }
    }

    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn error(&self) -> serde_json::Value {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        body["errors"][0].clone()
    }
}

/// Text of several frames whose length is not known in advance, as large answers are.
struct Streamed(usize);

impl axum::body::HttpBody for Streamed {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        let more = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        std::task::Poll::Ready(more.then(|| Ok(hyper::body::Frame::data("tally ".repeat(1_000).into()))))
    }
}

fn routes() -> Router {
    async fn large() -> impl IntoResponse {
        ([(header::CONTENT_TYPE, "application/json")], "tally ".repeat(8_000))
    }
    Router::new()
        .route("/large", get(large))
        .route("/streamed", get(async || axum::body::Body::new(Streamed(8))))
        .route("/panic", get(async || -> &'static str { panic!("on purpose") }))
        .route(
            "/body",
            post(async |body: Result<bytes::Bytes, _>| body.map_or(400, |body| body.len()).to_string()),
        )
}

fn server() -> Server {
    Server::start(routes(), ServerConfig::default())
}

#[test]
fn answers_are_compressed_as_the_client_accepts() {
    let server = server();
    for path in ["/large", "/streamed"] {
        let request =
            |accepted: &str| server.request(&format!("GET {path} HTTP/1.0\nAccept-Encoding: {accepted}\n"));
        let plain = server.request(&format!("GET {path} HTTP/1.0\n"));
        assert_eq!((plain.status(), plain.header("content-encoding")), (200, None));
        assert_eq!(plain.body, "tally ".repeat(8_000).as_bytes());
        let gzip = request("gzip");
        assert_eq!(gzip.header("content-encoding"), Some("gzip"));
        assert_eq!(gzip.header("vary"), Some("accept-encoding"));
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip.body[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body);
        let zstd = request("gzip;q=0.5, zstd");
        assert_eq!(zstd.header("content-encoding"), Some("zstd"));
        assert_eq!(zstd::decode_all(&zstd.body[..]).unwrap(), plain.body);
        assert_eq!(request("identity").body, plain.body);
    }
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let server = server();
    for path in ["/large", "/health"] {
        let [get, head] =
            ["GET", "HEAD"].map(|method| server.request(&format!("{method} {path} HTTP/1.0\n")));
        assert_eq!((get.status(), head.status()), (200, 200));
        assert_eq!(get.header("content-length"), head.header("content-length"));
        assert_eq!(get.header("content-length").unwrap(), get.body.len().to_string());
        assert_eq!(get.header("content-type"), head.header("content-type"));
        assert!(head.body.is_empty());
    }
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let server = server();
    for (request, allowed) in
        [("POST /health", "get,head"), ("DELETE /large", "get,head"), ("GET /body", "post")]
    {
        let answer = server.request(&format!("{request} HTTP/1.0\n"));
        assert_eq!((answer.status(), answer.header("allow")), (405, Some(allowed)), "{request}");
    }
    assert_eq!(server.request("POST /health HTTP/1.0\n").error()["status"], 405);
}

#[test]
fn an_unknown_url_is_a_404_with_an_errors_body() {
    let answer = server().request("GET /no/such%20thing?token=secret HTTP/1.0\n");
    assert_eq!((answer.status(), answer.header("content-type")), (404, Some("application/json")));
    let error = answer.error();
    assert_eq!((&error["status"], &error["title"]), (&404.into(), &"Not Found".into()));
    assert!(!String::from_utf8(answer.body).unwrap().contains("secret"));
}

#[test]
fn every_family_says_of_an_unknown_url_the_same() {
    let server = server();
    for path in ["/nothing", "/v1/nothing", "/v0/nothing"] {
        let answer = server.request(&format!("GET {path} HTTP/1.0\n"));
        assert_eq!(answer.status(), 404, "{path}");
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.contains("\"there is nothing at this URL\""), "{body}");
    }
}

#[test]
fn handlers_know_the_address_that_a_request_came_from() {
    async fn peer(Extension(peer): Extension<Peer>) -> String {
        peer.0.to_string()
    }
    let server = Server::start(Router::new().route("/peer", get(peer)), ServerConfig::default());
    let stream = server.send("GET /peer HTTP/1.0\n");
    let own = stream.local_addr().unwrap().to_string();
    assert_eq!(Answer::read(stream).body, own.as_bytes());
}

#[test]
fn health_tells_the_version() {
    let answer = server().request("GET /health HTTP/1.0\n");
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body, serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
}

#[test]
fn a_panic_is_a_500_and_the_server_goes_on() {
    let server = server();
    let answer = server.request("GET /panic HTTP/1.0\n");
    assert_eq!((answer.status(), &answer.error()["status"]), (500, &500.into()));
    assert!(!String::from_utf8(answer.body).unwrap().contains("on purpose"));
    assert_eq!(server.request("GET /health HTTP/1.0\n").status(), 200);
}

#[test]
fn requests_have_a_name_which_a_proxy_may_give() {
    let server = server();
    let own = server.request("GET /health HTTP/1.0\n");
    let other = server.request("GET /nothing HTTP/1.0\n");
    assert!(own.header("x-request-id").is_some());
    assert_ne!(own.header("x-request-id"), other.header("x-request-id"));
    let given = server.request("GET /panic HTTP/1.0\nX-Request-Id: proxy-7\n");
    assert_eq!(given.header("x-request-id"), Some("proxy-7"));
    let bad = server.request("GET /health HTTP/1.0\nX-Request-Id: \"; drop\n");
    assert_ne!(bad.header("x-request-id"), Some("\"; drop"));
}

#[test]
fn a_client_that_never_finishes_its_headers_is_disconnected() {
    let server = Server::start(routes(), ServerConfig { header_timeout_s: 0, ..ServerConfig::default() });
    let mut stream = TcpStream::connect(server.address).unwrap();
    let mut bytes = Vec::new();
    // An error is as good as an end: either way the server has let go.
    let _ = stream.read_to_end(&mut bytes);
    assert!(!bytes.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn a_body_that_pauses_for_too_long_is_given_up() {
    let server = Server::start(routes(), ServerConfig { body_pause_timeout_s: 0, ..ServerConfig::default() });
    let answer = Answer::read(server.send("POST /body HTTP/1.0\nContent-Length: 5\n"));
    assert_eq!(answer.body, b"400");
}

/// Routes with a request that says when it runs and waits to be let go.
fn waiting_routes() -> (Router, Arc<Notify>, std::sync::mpsc::Receiver<()>) {
    let go = Arc::new(Notify::new());
    let (running, is_running) = std::sync::mpsc::channel();
    let waits = Arc::clone(&go);
    let handler = move || {
        running.send(()).unwrap();
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            "finished"
        }
    };
    (Router::new().route("/wait", get(handler)), go, is_running)
}

#[test]
fn a_stopping_server_finishes_running_requests_and_takes_no_more() {
    let (routes, go, is_running) = waiting_routes();
    let mut server = Server::start(routes, ServerConfig::default());
    let stream = server.send("GET /wait HTTP/1.1\nHost: x\n");
    is_running.recv().unwrap();
    server.stop_taking();
    go.notify_one();
    assert_eq!(Answer::read(stream).body, b"finished");
    assert!(server.join());
}

/// Says when it is dropped.
struct TellsDrop(std::sync::mpsc::Sender<()>);

impl Drop for TellsDrop {
    fn drop(&mut self) {
        self.0.send(()).unwrap();
    }
}

#[test]
fn the_request_of_a_client_that_goes_away_is_dropped() {
    let (running, is_running) = std::sync::mpsc::channel();
    let (dropped, is_dropped) = std::sync::mpsc::channel();
    let handler = move || {
        let guard = TellsDrop(dropped.clone());
        running.send(()).unwrap();
        async move {
            std::future::pending::<()>().await;
            drop(guard);
        }
    };
    let server = Server::start(Router::new().route("/for-ever", get(handler)), ServerConfig::default());
    let stream = server.send("GET /for-ever HTTP/1.1\nHost: x\n");
    is_running.recv().unwrap();
    drop(stream);
    is_dropped.recv().unwrap();
}

/// A body that fails behind its first frame, once that one is on its way.
struct Failing(u32);

impl axum::body::HttpBody for Failing {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        self.0 += 1;
        match self.0 {
            1 => std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data("begun".into())))),
            // What was sent so far leaves the server while nothing more is there.
            2 => {
                context.waker().wake_by_ref();
                std::task::Poll::Pending
            }
            _ => std::task::Poll::Ready(Some(Err(std::io::Error::other("on purpose")))),
        }
    }
}

#[test]
fn an_answer_that_fails_on_the_way_is_not_ended() {
    let routes = Router::new().route("/fails", get(async || axum::body::Body::new(Failing(0))));
    let server = Server::start(routes, ServerConfig::default());
    let answer = Answer::read(server.send("GET /fails HTTP/1.1\nHost: x\n"));
    assert_eq!((answer.status(), answer.header("transfer-encoding")), (200, Some("chunked")));
    assert_eq!(answer.body, b"5\r\nbegun\r\n");
}

#[test]
fn requests_that_outlast_the_grace_period_are_cut_off() {
    let (routes, _go, is_running) = waiting_routes();
    let config = ServerConfig { shutdown_grace_s: 0, ..ServerConfig::default() };
    let mut server = Server::start(routes, config);
    let mut stream = server.send("GET /wait HTTP/1.1\nHost: x\n");
    is_running.recv().unwrap();
    server.stop_taking();
    assert!(!server.join());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert_eq!(bytes, b"");
}
