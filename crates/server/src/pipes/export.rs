//! `GET /v0/export`: all rows of a record type as NDJSON, streamed as they are read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use tallyhouse_model::{AccountId, Batch, TableId};
use tokio::sync::mpsc;

use crate::catalog::Scope;
use crate::files::{StoredRecords, push_json_row};
use crate::home::Homes;
use crate::http::AppState;
use crate::http::Inside;
use crate::pipes::error::PipesError;
use crate::pipes::params::ExportParams;
use crate::pipes::{Gates, auth, params};

/// Exports at the same time: each holds a thread for as long as its client reads.
const EXPORTS_MAX: usize = 4;

/// Bytes that are sent at once.
const PIECE_BYTES: usize = 1 << 18;

/// Pieces that wait for a slow client.
const PIECES_WAITING: usize = 2;

/// Streams all live rows, sorted by (time, key), and the deletions behind them if asked for; documents by their number. An error on the way
/// breaks the answer off, so that half an export never looks like a whole one.
pub async fn get(
    State(state): State<AppState>,
    Extension(gates): Extension<Arc<Gates>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, PipesError> {
    let credential = auth::require(&state, &headers, &uri, Scope::Admin).await?;
    let params: ExportParams = params::read(&uri)?;
    let (table, deletions) = (params.name()?.table.id, params.deletions()?);
    let inside = gates.exports.enter(credential.account, EXPORTS_MAX)?;
    let (sender, pieces) = mpsc::channel(PIECES_WAITING);
    tokio::task::spawn_blocking(move || {
        send_all(state.homes(), credential.account, table, deletions, &sender, inside)
    });
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::new(Pieces(pieces))).into_response())
}

/// Renders and sends everything; ends early when the client is gone. Blocks.
fn send_all(
    homes: Homes<'_>,
    account: AccountId,
    table: TableId,
    deletions: bool,
    sender: &mpsc::Sender<io::Result<Bytes>>,
    _inside: Inside,
) {
    let mut piece = String::new();
    let exported =
        homes.export(account, table, deletions, &mut |batch| send_batch(batch, &mut piece, sender));
    let last = match exported {
        Ok(Ok(())) => Ok(Bytes::from(piece)),
        Ok(Err(error)) => Err(error),
        Err(error) => {
            tracing::error!(%error, "an export broke off");
            Err(io::Error::other(error))
        }
    };
    // Nobody is there to be told when the client is gone.
    let _ = sender.blocking_send(last);
}

fn send_batch(batch: &Batch, piece: &mut String, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let records = StoredRecords::of(batch);
    for row in 0..records.rows() {
        push_json_row(piece, &records, row);
        if piece.len() >= PIECE_BYTES {
            let full = std::mem::take(piece);
            sender.blocking_send(Ok(full.into())).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        }
    }
    Ok(())
}

/// The pieces as the body of an answer.
struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
