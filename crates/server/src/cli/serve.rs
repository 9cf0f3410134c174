//! `tallyhouse serve`: opens the data folder and serves it until it is told to stop.

use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tallyhouse_store::{OpenReport, Store};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::print;
use crate::auth::check_key_files;
use crate::catalog::Catalog;
use crate::clock;
use crate::config::Config;
use crate::http::{self, AppState};
use crate::ingest::Enricher;
use crate::jobs;
use crate::pipes::Pipes;

/// Threads for what blocks at most. Answers are made a piece at a time, so none of them waits for a slow client, and they
/// are shared out by places: `server.reads_max` for reads, `ingest.requests_max` for requests with events, four for
/// exports, 16 for looking up the names of receivers, a few for jobs and for counting clicks. What is left is for checking
/// tokens and handing them out, which takes milliseconds.
const BLOCKING_THREADS_MAX: usize = 288;

/// How long threads that are still busy after the grace period may take.
const THREADS_GRACE: Duration = Duration::from_secs(1);

/// Start the server on a data folder, which is made where there is none
///
/// Prints the address once it answers, logs to standard error, and stops on SIGTERM or Ctrl-C after running requests
/// have finished.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) listen: ListenArgs,
}

/// Where to listen, for the commands that do.
#[derive(Debug, Args)]
pub(super) struct ListenArgs {
    /// Where to listen; port 0 takes any free one [default: 127.0.0.1:8686]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

impl ListenArgs {
    /// Lets the flag win over the settings.
    pub(super) fn apply(&self, config: &mut Config) {
        config.listen = self.listen.unwrap_or(config.listen);
    }
}

impl ServeArgs {
    pub(super) fn run(self, config: Config) -> anyhow::Result<()> {
        // First, because it fails fast; clients wait while the folder is opened.
        let listener = http::listen(config.listen)?;
        let state = open(config, &listener)?;
        warn_of_likely_mistakes(&state.config, &state.catalog)?;
        serve(state, listener, |address| print(format_args!("listening on http://{address}")))
    }
}

/// What a server needs that listens here: settings checked, the data folder open.
pub(super) fn open(mut config: Config, listener: &std::net::TcpListener) -> anyhow::Result<AppState> {
    // The one that was asked for may be any free one; short URLs name it.
    config.listen = listener.local_addr().context("the address of the server is unknown")?;
    check_key_files(&config.jwt)?;
    let enricher = Enricher::start(config.geo.database())?;
    let pipes = load_pipes(&config)?;
    let (store, catalog) = open_folder(&config)?;
    Ok(AppState::new(store, Arc::new(catalog), enricher, pipes, config, clock::now))
}

/// Tells what is likely a mistake, though nothing fails: accounts may be made later.
fn warn_of_likely_mistakes(config: &Config, catalog: &Catalog) -> anyhow::Result<()> {
    let accounts = catalog.accounts()?;
    if accounts.is_empty() {
        tracing::warn!("there are no accounts yet; make one with `tallyhouse account create NAME`");
    }
    let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    for name in config.reports.zones_of_nobody(&names) {
        tracing::warn!("the setting reports.zones.{name} has no effect: there is no account of this name");
    }
    if config.has_short_urls_to_nowhere() && !catalog.sites()?.is_empty() {
        let address = config.listen;
        tracing::warn!(
            "short URLs begin with http://{address}, which leads nowhere; set sharing.shorturl_base"
        );
    }
    Ok(())
}

/// The built-in pipes and the operator's own.
pub(super) fn load_pipes(config: &Config) -> anyhow::Result<Pipes> {
    let in_data = config.data.join("pipes");
    let folder = config.pipes.folder().or_else(|| Some(in_data.as_path()).filter(|folder| folder.is_dir()));
    Pipes::load(folder).map_err(|problems| anyhow::anyhow!("a pipe cannot be published:\n{problems}"))
}

/// Opens both halves of a data folder and logs what was found.
fn open_folder(config: &Config) -> anyhow::Result<(Store, Catalog)> {
    let folder = config.data.display();
    let (store, report) = Store::open(&config.data, config.store_options())
        .with_context(|| format!("the data folder {folder} cannot be opened"))?;
    log_report(config, &report);
    let catalog =
        Catalog::open(&config.data).with_context(|| format!("the data folder {folder} cannot be opened"))?;
    Ok((store, catalog))
}

/// Serves until SIGTERM or SIGINT, then closes the store. `announce` is called once, when requests are answered.
pub(super) fn serve(
    state: AppState,
    listener: std::net::TcpListener,
    announce: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let runtime = runtime().context("the threads of the server cannot be started")?;
    let (store, config, address) = (state.store.clone(), Arc::clone(&state.config), state.config.listen);
    let duties = state.clone();
    let served = runtime.block_on(async {
        // Listened for before the address is told, so that whoever reads it can stop the server at once.
        let stop = stop_signal().context("signals cannot be listened for")?;
        tracing::info!(%address, "serving");
        announce(address)?;
        let _duties = jobs::start(&duties);
        http::serve(listener, http::router(state), &config.server, stop).await.context("the server failed")
    });
    if let Ok(false) = served {
        tracing::warn!("some requests did not finish within server.shutdown_grace_s and were cut off");
    }
    runtime.shutdown_timeout(THREADS_GRACE);
    store.close();
    tracing::info!("stopped");
    served.map(drop)
}

fn runtime() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("http")
        .enable_all()
        .build()
}

/// Ready when the process is told to stop, be it by a service manager or at a terminal.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping; running requests may finish");
    })
}

fn log_report(config: &Config, report: &OpenReport) {
    tracing::info!(
        folder = %config.data.display(),
        replayed_rows = report.replayed_rows,
        part_rows = report.part_rows,
        parts = report.parts,
        "data folder open"
    );
    for file in &report.orphaned {
        tracing::warn!(file = %file.display(), "set aside: it belongs to no live part");
    }
}
