//! The server itself: takes connections, hands their requests to the router, and stops without dropping any.
//!
//! HTTP/1.1 only; HTTP/2 and TLS are left to the proxy in front.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::client_address::Peer;
use super::pause::PauseLimited;
use crate::config::ServerConfig;

/// Bytes that a connection buffers at most; also the bound of a request's line and headers together.
const CONNECTION_BYTES_MAX: usize = 128 * 1024;

/// How long to wait after a connection could not be taken, which is when the system has no more files to give.
const ACCEPT_RETRY: Duration = Duration::from_millis(200);

/// Serves until `stop` is ready, then takes no more connections and gives running requests the grace period.
/// Answers whether all of them finished.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &ServerConfig,
    stop: impl Future<Output = ()>,
) -> std::io::Result<bool> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let connections = Connections::new(router, config);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = connections.take(&listener) => {}
        }
    }
    // Closes the port, so that clients are refused at once instead of waiting for nobody.
    drop(listener);
    Ok(tokio::time::timeout(config.shutdown_grace(), connections.graceful.shutdown()).await.is_ok())
}

/// What all connections share.
struct Connections {
    router: Router,
    http: http1::Builder,
    places: Arc<Semaphore>,
    graceful: GracefulShutdown,
    answer_pause_timeout: Duration,
}

impl Connections {
    fn new(router: Router, config: &ServerConfig) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(config.header_timeout())
            .max_buf_size(CONNECTION_BYTES_MAX)
            // `X-Status-Reason` and not `x-status-reason`: a public client of the reports API tells the two apart.
            .title_case_headers(true);
        Self {
            router,
            http,
            places: Arc::new(Semaphore::new(config.connections_max)),
            graceful: GracefulShutdown::new(),
            answer_pause_timeout: config.answer_pause_timeout(),
        }
    }

    /// Waits for a free place and then for a connection. Gives nothing up when it is cancelled in between.
    async fn take(&self, listener: &tokio::net::TcpListener) {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = self.connection(stream, peer);
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }

    fn connection(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + use<> {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("TCP_NODELAY: {error}");
        }
        let stream = TokioIo::new(PauseLimited::new(stream, self.answer_pause_timeout));
        let router = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.call(request)
        });
        let connection = self.graceful.watch(self.http.serve_connection(stream, service));
        async move {
            // Mostly clients that went away: nothing an operator has to know.
            if let Err(error) = connection.await {
                tracing::debug!("a connection ended early: {error}");
            }
        }
    }
}
