//! Publishing a message, and publishing it again.

use serde::Deserialize;
use tallyhouse_model::render_uuid;

use super::parts::{Parts, tracked_urls};
use super::recipients::{PublishFor, recipients};
use super::{MESSAGE, MessageData, counts_of, with_body};
use crate::catalog::{NewPublication, PUBLICATIONS_MAX, Republished};
use crate::sharing::SharingError;
use crate::sharing::asked::Asked;
use crate::sharing::envelope::Answer;
use crate::sharing::members::{self, Member};
use crate::sharing::referrals::ReferralCounts;

/// The path of what both requests consist of.
const PATH: &str = "request.sharing_message";

/// What 201 says.
const PUBLISHED_INFO: &str = "The sharing message has been published";

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, default)]
    sharing_message: Member<'a>,
}

#[derive(Deserialize)]
struct SharingMessage<'a> {
    #[serde(borrow, default)]
    publish_for_user: Member<'a>,
    #[serde(borrow, default)]
    publish_for_identity: Member<'a>,
    #[serde(borrow, default)]
    parts: Member<'a>,
}

/// Keeps a message and where it is published.
pub(super) fn publish(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let request = sharing_message(asked.body)?;
    let parts = Parts::of(request.parts)?;
    let urls = parts.tracked_urls();
    let publications = publications(asked, &request, &urls)?;
    let token = render_uuid(&(asked.state.ids)()?);
    let text = parts.text();
    let (catalog, site) = (&asked.state.catalog, asked.site.number);
    let mut ids = asked.state.ids;
    let message = catalog.publish_message(site, &token, &text, &publications, asked.now, &mut ids)?;
    let message = message.ok_or(SharingError::NotFound(MESSAGE))?;
    // Nobody can have followed its short URLs yet. What is committed must not fail because of what could not be asked.
    with_body(asked, &message, &ReferralCounts::default(), published)
}

/// Publishes a message that there is to others, or once more to the same.
pub(super) fn republish(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let request = sharing_message(asked.body)?;
    let (catalog, site, token) = (&asked.state.catalog, asked.site.number, asked.token());
    let parts = catalog.message_parts(site, token)?.ok_or(SharingError::NotFound(MESSAGE))?;
    let publications = publications(asked, &request, &tracked_urls(&parts))?;
    let mut ids = asked.state.ids;
    match catalog.republish_message(site, token, &publications, asked.now, &mut ids)? {
        Republished::Done(message) => with_body(asked, &message, &counts_of(asked, &message)?, published),
        Republished::NoSuchMessage => Err(SharingError::NotFound(MESSAGE)),
        Republished::TooMany => Err(SharingError::Invalid(format!(
            "a sharing message is published for at most {PUBLICATIONS_MAX} identities"
        ))),
    }
}

fn published(data: &MessageData<'_>) -> Answer {
    Answer::new(201, "success", PUBLISHED_INFO, data)
}

fn sharing_message(body: &[u8]) -> Result<SharingMessage<'_>, SharingError> {
    let request: Request<'_> = members::request(body)?;
    members::required_object(request.sharing_message, PATH)
}

/// Where the request wants the message, each with short URLs for these.
fn publications(
    asked: &Asked<'_>,
    request: &SharingMessage<'_>,
    urls: &[String],
) -> Result<Vec<NewPublication>, SharingError> {
    let publish_for = PublishFor::of(request.publish_for_user, request.publish_for_identity)?;
    recipients(&asked.state.catalog, asked.site.number, publish_for, urls)
}
