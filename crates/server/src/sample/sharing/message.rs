//! What one message is made of. It follows from the number of the message, whoever asks.

use serde::Serialize;
use tallyhouse_model::{DAY, HOUR, Key, Micros, render_uuid};

use super::words::{PROVIDERS, Provider, SAYINGS, THINGS, one_of};
use super::{Of, SharingSample};
use crate::catalog::shorturl_token;
use crate::sample::random::{Random, uuid_of};

/// How many users publish messages.
const USERS: u64 = 12;

/// A message, and where it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleMessage {
    /// Its token, a UUID in lower case.
    pub token: String,
    /// When it was first published.
    pub created_at: Micros,
    /// When it was published again in all of its networks, if it was.
    pub republished_at: Option<Micros>,
    /// On behalf of which user.
    pub user_token: String,
    /// What it is made of: the JSON object that is sent, kept and shown as `parts`.
    pub parts: String,
    /// Where the link in it leads. Each publication has a short URL for it and for nothing else.
    pub link: String,
    /// Where it was published, in that order; at least one, and no social network twice.
    pub publications: Vec<SamplePublication>,
}

/// That a message was published in a social network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePublication {
    /// The social network.
    pub provider: &'static str,
    /// The id that its short URL gets its token from, where the catalog asks for ids.
    pub shorturl_id: Key,
    /// That token.
    pub shorturl_token: String,
}

#[derive(Serialize)]
struct Parts<'a> {
    text: Text<'a>,
    link: Link<'a>,
    flags: Flags,
}

#[derive(Serialize)]
struct Text<'a> {
    body: &'a str,
}

#[derive(Serialize)]
struct Link<'a> {
    url: &'a str,
    name: &'a str,
    caption: &'a str,
    description: &'a str,
}

#[derive(Serialize)]
struct Flags {
    enable_tracking: u8,
}

impl SharingSample {
    /// The message of this number, from 1 on.
    pub(super) fn message(&self, number: u64) -> SampleMessage {
        let mut random = self.random(Of::Message, number);
        let created_at = self.created_at(number);
        let providers = choose_providers(&mut random);
        let publication = |(place, provider): (u64, &&'static Provider)| {
            let shorturl_id = self.shorturl_id(number, place);
            SamplePublication {
                provider: provider.name,
                shorturl_id,
                shorturl_token: shorturl_token(&shorturl_id),
            }
        };
        let republished_at = random.one_in(8).then(|| created_at + HOUR + random.duration(4 * DAY));
        let (thing, saying) = (one_of(&mut random, &THINGS), one_of(&mut random, &SAYINGS));
        let link = link(number);
        let parts = Parts {
            text: Text { body: &format!("{thing} {saying}") },
            link: Link {
                url: &link,
                name: thing,
                caption: "www.example.com",
                description: &format!("{thing}, number {number}"),
            },
            flags: Flags { enable_tracking: 1 },
        };
        let parts = serde_json::to_string(&parts).expect("texts and a number are always JSON");
        SampleMessage {
            token: self.message_token(number),
            created_at,
            republished_at: republished_at.filter(|at| *at < self.until),
            user_token: format!("user-{}", 1 + random.below(USERS)),
            parts,
            link,
            publications: (0..).zip(&providers).map(publication).collect(),
        }
    }

    /// The token of the message of this number.
    pub(super) fn message_token(&self, number: u64) -> String {
        render_uuid(&uuid_of(self.base(Of::Message), number))
    }

    /// When the message of this number was first published.
    pub(super) fn created_at(&self, number: u64) -> Micros {
        self.calendar.created_at(number)
    }

    /// Where the message of this number was published.
    pub(super) fn providers(&self, number: u64) -> Vec<&'static Provider> {
        choose_providers(&mut self.random(Of::Message, number))
    }

    /// The id of the short URL of a publication, by its place among those of the message.
    pub(super) fn shorturl_id(&self, message: u64, place: u64) -> Key {
        uuid_of(self.base(Of::Shorturl), message * PROVIDERS.len() as u64 + place)
    }
}

/// Where the link in the message of this number leads.
pub fn link(number: u64) -> String {
    format!("https://www.example.com/news/{number}")
}

/// The first social network, and some of the others.
fn choose_providers(random: &mut Random) -> Vec<&'static Provider> {
    let mut is_chosen = |place: u64| place == 0 || random.percent(60 - 10 * place);
    (0..).zip(&PROVIDERS).filter(|(place, _)| is_chosen(*place)).map(|(_, provider)| provider).collect()
}
