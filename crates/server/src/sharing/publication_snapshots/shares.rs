//! Which publication a reaction counts for: the first one of its social network, else the first one whose network is not
//! known, else none.

use std::collections::HashMap;

use tallyhouse_model::tables::reactions;
use tallyhouse_model::{Filter, Point, TableId};
use tallyhouse_store::QueryError;

use crate::catalog::{Message, Publication};
use crate::sharing::reader::Reader;

/// The reactions that count for one publication.
pub struct Share {
    message_token: String,
    /// Of these social networks. With none, there are no such reactions.
    providers: Vec<String>,
}

impl Share {
    /// Whether no reaction counts for the publication.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// What has to hold for a reaction of this kind to be among them.
    pub fn filters(&self, kind: &'static str) -> Vec<Filter> {
        vec![
            Filter::TextIn(reactions::SHARING_MESSAGE_TOKEN, vec![self.message_token.clone()]),
            Filter::TextIn(reactions::PROVIDER, self.providers.clone()),
            Filter::ChoiceIn(reactions::KIND, vec![kind]),
        ]
    }
}

/// The share of each publication. Networks without reactions to the message are in none.
pub fn shares(reader: &Reader, message: &Message) -> Result<Vec<Share>, QueryError> {
    let of_message = Filter::TextIn(reactions::SHARING_MESSAGE_TOKEN, vec![message.token.clone()]);
    let providers = reader.count_by(TableId::Reactions, vec![of_message], reactions::PROVIDER)?;
    let firsts = Firsts::of(&message.publications);
    let share = |_| Share { message_token: message.token.clone(), providers: Vec::new() };
    let mut shares: Vec<Share> = message.publications.iter().map(share).collect();
    for (point, _) in providers {
        let Point::Text(provider) = point else { continue };
        if let Some(place) = firsts.place_of(&provider) {
            shares[place].providers.push(provider);
        }
    }
    Ok(shares)
}

/// The first publication of each social network.
struct Firsts<'a> {
    known: HashMap<&'a str, usize>,
    unknown: Option<usize>,
}

impl<'a> Firsts<'a> {
    fn of(publications: &'a [Publication]) -> Self {
        let (mut known, mut unknown) = (HashMap::new(), None);
        for (place, publication) in publications.iter().enumerate() {
            match &publication.provider {
                Some(provider) => drop(known.entry(provider.as_str()).or_insert(place)),
                None => unknown = unknown.or(Some(place)),
            }
        }
        Self { known, unknown }
    }

    fn place_of(&self, provider: &str) -> Option<usize> {
        self.known.get(provider).copied().or(self.unknown)
    }
}
