//! What a snapshot finds: `publication_snapshots` of a message, written once as JSON and kept like that.
//!
//! 1. Reactions are shared out among the publications by their social network, each to one (`shares`).
//! 2. Targets of referrals are counted from reactions and from clicks on short URLs (`targets`).
//! 3. People who liked, commented and retweeted are listed by time (`people`).
//!
//! The lists are bounded in entries and all together in bytes (`writer`); the counts are exact whatever the lists show.
//! All is of one moment of the store, so nothing is counted twice or half.

mod people;
mod shares;
mod targets;
mod top;
mod writer;

use serde::Serialize;
use tallyhouse_model::Micros;
use tallyhouse_store::QueryError;

use self::shares::{Share, shares};
use self::targets::clicks_of;
use self::writer::{BodyWriter, Bounds};
use super::envelope::date_text;
use super::publication::PublicationFrame;
use super::reader::Reader;
use super::referrals::ReferralCounts;
use crate::catalog::Message;

/// How dates and short URLs are written.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// The offset of dates.
    pub zone: &'a str,
    /// What short URLs begin with, the slash before the token included.
    pub shorturl_prefix: &'a str,
}

/// `publication_snapshot.status`.
#[derive(Serialize)]
struct Status {
    flag: &'static str,
    code: u16,
    message: &'static str,
}

const STATUS: Status =
    Status { flag: "success", code: 200, message: "The reactions to this publication were counted" };

/// `publication_snapshots` of a message as JSON, as finished at this time.
pub fn publication_snapshots(
    reader: &Reader,
    message: &Message,
    finished_at: Micros,
    wording: Wording<'_>,
) -> Result<Vec<u8>, QueryError> {
    let shares = shares(reader, message)?;
    let shorturls = message.publications.iter().flat_map(|publication| &publication.shorturls);
    let counts = ReferralCounts::find(reader, shorturls.map(|shorturl| shorturl.token.as_str()))?;
    let Wording { zone, shorturl_prefix } = wording;
    let frame = PublicationFrame { zone, shorturl_prefix, counts: &counts };
    let date_processed = date_text(finished_at, zone);
    let mut body = BodyWriter::new(Bounds::default());
    body.begin_list(message.publications.len() as u64);
    for (publication, share) in message.publications.iter().zip(&shares) {
        if !body.has_room() {
            break;
        }
        body.begin_entry();
        body.raw("{\"publication\":");
        body.value(&frame.body(publication));
        body.raw(",\"publication_snapshot\":{\"date_processed\":");
        body.value(&date_processed);
        body.raw(",\"status\":");
        body.value(&STATUS);
        reactions(reader, share, clicks_of(publication, &counts), zone, &mut body)?;
        body.raw("}}");
    }
    body.end_list();
    Ok(body.into_json())
}

/// The four lists of a publication.
fn reactions(
    reader: &Reader,
    share: &Share,
    clicks: targets::Counts<'_>,
    zone: &str,
    body: &mut BodyWriter,
) -> Result<(), QueryError> {
    body.raw(",\"urls\":");
    targets::write(reader, share, clicks, body)?;
    for kind in people::KINDS {
        body.raw(",\"");
        body.raw(kind.member);
        body.raw("\":");
        kind.write(reader, share, zone, body)?;
    }
    Ok(())
}
