//! Messages: publishing, listing, reading, publishing again, deleting.

mod parts;
mod publish;
mod recipients;

use axum::Router;
use axum::routing::MethodFilter;
use serde::Serialize;
use serde_json::value::RawValue;

use super::SharingError;
use super::asked::Asked;
use super::envelope::Answer;
use super::paging::{List, Paging};
use super::publication::{PublicationBody, PublicationFrame, shorturl_prefix};
use super::referrals::ReferralCounts;
use super::respond::{answers, takes};
use crate::catalog::Message;
use crate::http::AppState;

pub use self::recipients::identity_of;

/// Bytes of a message that is published: uploads are in it, a third larger than they are.
const PUBLISH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes of a request to publish again.
const REPUBLISH_BYTES_MAX: usize = 64 * 1024;

/// What errors call a message.
const MESSAGE: &str = "sharing message";

/// The URLs.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/sharing/messages.json", answers(MethodFilter::GET, answer_list))
        .route("/sharing/messages.json", takes(MethodFilter::POST, PUBLISH_BYTES_MAX, publish::publish))
        .route("/sharing/messages/{token}", answers(MethodFilter::GET, answer_message))
        .route(
            "/sharing/messages/{token}",
            takes(MethodFilter::POST, REPUBLISH_BYTES_MAX, publish::republish),
        )
        .route("/sharing/messages/{token}", answers(MethodFilter::DELETE, answer_deletion))
}

/// `result.data` of a list.
#[derive(Serialize)]
struct ListData {
    sharing_messages: List<EntryBody>,
}

#[derive(Serialize)]
struct EntryBody {
    sharing_message_token: String,
    date_creation: String,
    date_last_published: String,
}

fn answer_list(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let paging = Paging::of(asked.query)?;
    let page = asked.state.catalog.messages(asked.site.number, paging.page())?;
    let entries = page.entries.into_iter().map(|entry| EntryBody {
        sharing_message_token: entry.token,
        date_creation: asked.date(entry.created_at),
        date_last_published: asked.date(entry.published_at),
    });
    Ok(Answer::success(&ListData { sharing_messages: paging.list(entries.collect(), page.total) }))
}

/// `result.data` of a message.
#[derive(Serialize)]
struct MessageData<'a> {
    sharing_message: MessageBody<'a>,
}

#[derive(Serialize)]
struct MessageBody<'a> {
    sharing_message_token: &'a str,
    date_creation: String,
    date_last_published: String,
    parts: &'a RawValue,
    publications: PublicationsBody<'a>,
}

#[derive(Serialize)]
struct PublicationsBody<'a> {
    count: usize,
    entries: Vec<PublicationBody<'a>>,
}

fn answer_message(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let found = asked.state.catalog.message(asked.site.number, asked.token())?;
    let message = found.ok_or(SharingError::NotFound(MESSAGE))?;
    let counts = counts_of(asked, &message)?;
    with_body(asked, &message, &counts, |data| Answer::success(data))
}

fn answer_deletion(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    asked.check_deletion_is_confirmed()?;
    match asked.state.catalog.delete_message(asked.site.number, asked.token())? {
        true => Ok(Answer::done("The sharing message has been deleted")),
        false => Err(SharingError::NotFound(MESSAGE)),
    }
}

/// How often the short URLs of a message were followed.
fn counts_of(asked: &Asked<'_>, message: &Message) -> Result<ReferralCounts, SharingError> {
    let shorturls = message.publications.iter().flat_map(|publication| &publication.shorturls);
    Ok(ReferralCounts::find(asked.reader, shorturls.map(|shorturl| &*shorturl.token))?)
}

/// Answers with a message as it is shown, with these counts of its short URLs.
fn with_body(
    asked: &Asked<'_>,
    message: &Message,
    counts: &ReferralCounts,
    answer: impl FnOnce(&MessageData<'_>) -> Answer,
) -> Result<Answer, SharingError> {
    let frame = PublicationFrame {
        zone: &asked.state.config.sharing.zone,
        shorturl_prefix: &shorturl_prefix(asked.state),
        counts,
    };
    let parts = serde_json::from_str(&message.parts).map_err(|error| {
        tracing::error!(%error, message.token, "the parts of a message in the catalog are no JSON");
        SharingError::Damaged
    })?;
    let sharing_message = MessageBody {
        sharing_message_token: &message.token,
        date_creation: asked.date(message.created_at),
        date_last_published: asked.date(message.published_at),
        parts,
        publications: PublicationsBody {
            count: message.publications.len(),
            entries: message.publications.iter().map(|publication| frame.body(publication)).collect(),
        },
    };
    Ok(answer(&MessageData { sharing_message }))
}
