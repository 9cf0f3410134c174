//! Forms and states of reports: documents of the catalog, read in the shapes that clients of this API know.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::value::RawValue;
use tallyhouse_model::{Micros, TableId, Zone};
use tallyhouse_store::QueryError;

use super::ReportsError;
use super::documents::unread;
use super::fields::Fields;
use super::item_range::Items;
use super::list;
use super::params::id as parse_id;
use super::request::Asked;
use super::respond::Answer;
use super::time_text::in_zone;
use crate::catalog::Document;

/// Documents that are read at once: a form may have a million bytes.
const CHUNK_DOCUMENTS: usize = 16;

/// Documents that are read at once without what is in them.
const CHUNK_VERSIONS: usize = 500;

/// A kind of document.
pub struct Resource {
    /// Its name: in URLs and in `Content-Range`.
    pub name: &'static str,
    table: TableId,
    members: &'static [Member],
    /// Whether documents belong to a channel, or to all where they name none.
    is_of_channels: bool,
}

/// A member of the answer.
struct Member {
    name: &'static str,
    source: Source,
    /// Whether it is there without being asked for.
    is_default: bool,
}

/// Where a member comes from.
enum Source {
    /// The number of the document.
    Id,
    /// Its version.
    Version,
    /// A member of the document, as it was sent; null where there is none.
    Sent(&'static str),
}

/// What is asked in reports. Forms belong to the account, whatever channels use them.
pub static FORMS: Resource = Resource {
    name: "forms",
    table: TableId::Forms,
    members: &[
        Member { name: "id", source: Source::Id, is_default: true },
        Member { name: "uuid", source: Source::Sent("uuid"), is_default: true },
        Member { name: "name", source: Source::Sent("name"), is_default: true },
        Member { name: "updated_at", source: Source::Version, is_default: true },
        Member { name: "team_id", source: Source::Sent("team_id"), is_default: true },
        Member { name: "version", source: Source::Sent("version"), is_default: true },
        Member { name: "fields", source: Source::Sent("fields"), is_default: true },
    ],
    is_of_channels: false,
};

/// The states a report can be in. `account_id` is the channel.
pub static REPORT_STATES: Resource = Resource {
    name: "report_states",
    table: TableId::ReportStates,
    members: &[
        Member { name: "id", source: Source::Id, is_default: true },
        Member { name: "account_id", source: Source::Sent("channel_id"), is_default: true },
        Member { name: "name", source: Source::Sent("name"), is_default: true },
        Member { name: "position", source: Source::Sent("position"), is_default: true },
        Member { name: "updated_at", source: Source::Version, is_default: false },
        Member { name: "visibility", source: Source::Sent("visibility"), is_default: true },
    ],
    is_of_channels: true,
};

/// What of the documents is asked for, and may be seen.
struct Wanted {
    ids: Option<HashSet<u64>>,
    team_id: Option<u64>,
    channel_id: Option<u64>,
    updated_after: Option<Micros>,
    /// The channels that the credential is confined to, of documents that have one.
    seen_channels: Option<Vec<u64>>,
}

/// A document and what is in it.
struct Opened<'a> {
    document: &'a Document,
    members: BTreeMap<String, &'a RawValue>,
}

/// A page of the documents, in the order of their numbers. Forms can be large: they are read a few at a time while they are
/// sent, each as it is then.
pub fn list(resource: &'static Resource, asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let wanted = Wanted::of(resource, asked)?;
    let found = resource.find(&wanted, asked)?;
    let items = Items::of_page(asked.range, resource.name, found.len() as u64);
    let (account, catalog) = (asked.reader.account(), Arc::clone(asked.catalog));
    let (fields, zone) = (resource.fields(asked), asked.zone.clone());
    let items_of = move |ids: &[u64]| {
        let documents = catalog.documents_by_id(account, resource.table, ids).map_err(unread)?;
        let mut shown = Vec::with_capacity(documents.len());
        for document in &documents {
            let opened = Opened::of(document)?;
            // One that was deleted or changed since it was found may be left out.
            if wanted.has_content(&opened) {
                shown.push(opened.shown(resource, &fields, &zone));
            }
        }
        Ok(shown)
    };
    list::answer(items, found, CHUNK_DOCUMENTS, items_of, asked.reader.stop())
}

/// One document. One that the credential does not see is not there.
pub fn one(resource: &Resource, asked: &Asked<'_>, id: &str) -> Result<Answer, ReportsError> {
    let not_found = || ReportsError::NotFound("id", "is not known".to_owned());
    let id = parse_id("id", id).map_err(|_| not_found())?;
    let document = asked.catalog.document(asked.reader.account(), resource.table, id)?;
    let document = document.ok_or_else(not_found)?;
    let opened = Opened::of(&document)?;
    if !Wanted::all(resource, asked).has_content(&opened) {
        return Err(not_found());
    }
    Ok(Answer::object(&opened.shown(resource, &resource.fields(asked), asked.zone)))
}

impl Resource {
    fn fields(&self, asked: &Asked<'_>) -> Fields {
        let known = self.members.iter().map(|member| (member.name, member.is_default));
        Fields::changed(asked.params.query, known)
    }

    /// The numbers of the documents that are wanted. What is in documents is only read where that depends on it.
    fn find(&self, wanted: &Wanted, asked: &Asked<'_>) -> Result<Vec<u64>, ReportsError> {
        let account = asked.reader.account();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            asked.reader.stop().check()?;
            let chunk = asked.catalog.document_versions(account, self.table, after, CHUNK_VERSIONS)?;
            let Some((last, _)) = chunk.last() else { return Ok(found) };
            after = Some(*last);
            let named = chunk.iter().filter(|(id, version)| wanted.has(*id, *version)).map(|(id, _)| *id);
            let named: Vec<u64> = named.collect();
            if !wanted.asks_for_content() {
                found.extend(named);
                continue;
            }
            for ids in named.chunks(CHUNK_DOCUMENTS) {
                asked.reader.stop().check()?;
                for document in &asked.catalog.documents_by_id(account, self.table, ids)? {
                    if wanted.has_content(&Opened::of(document)?) {
                        found.push(document.id);
                    }
                }
            }
        }
    }
}

impl Wanted {
    /// All that the credential sees.
    fn all(resource: &Resource, asked: &Asked<'_>) -> Self {
        let seen_channels = asked.reader.channel_ids().filter(|_| resource.is_of_channels);
        Self {
            ids: None,
            team_id: None,
            channel_id: None,
            updated_after: None,
            seen_channels: seen_channels.map(<[u64]>::to_vec),
        }
    }

    fn of(resource: &Resource, asked: &Asked<'_>) -> Result<Self, ReportsError> {
        let params = &asked.params;
        let wanted = Self {
            ids: params.ids()?.map(HashSet::from_iter),
            team_id: params.id("team_id")?,
            channel_id: if resource.is_of_channels { params.id("channel_id")? } else { None },
            updated_after: params.time("updated_after")?,
            ..Self::all(resource, asked)
        };
        wanted.channel_id.map_or(Ok(()), |channel_id| asked.reader.check_sees(channel_id))?;
        Ok(wanted)
    }

    fn has(&self, id: u64, version: Micros) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&id))
            && self.updated_after.is_none_or(|after| version > after)
    }

    fn asks_for_content(&self) -> bool {
        self.team_id.is_some() || self.channel_id.is_some() || self.seen_channels.is_some()
    }

    /// What names no team is of all teams, and what names no channel is of all channels.
    fn has_content(&self, opened: &Opened<'_>) -> bool {
        let is_or_is_absent = |name: &str, wanted: u64| opened.number(name).is_none_or(|is| is == wanted);
        let is_seen = |seen: &Vec<u64>| opened.number("channel_id").is_none_or(|is| seen.contains(&is));
        self.team_id.is_none_or(|team| is_or_is_absent("team_id", team))
            && self.channel_id.is_none_or(|channel| is_or_is_absent("channel_id", channel))
            && self.seen_channels.as_ref().is_none_or(is_seen)
    }
}

impl<'a> Opened<'a> {
    fn of(document: &'a Document) -> Result<Self, QueryError> {
        let body = document.body.as_deref().unwrap_or("{}");
        let damaged = |error| QueryError::Damaged(format!("the document {}: {error}", document.id));
        Ok(Self { document, members: serde_json::from_str(body).map_err(damaged)? })
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.members.get(name).and_then(|value| value.get().trim_matches('"').parse().ok())
    }

    /// The document as clients see it.
    fn shown(&self, resource: &Resource, fields: &Fields, zone: &Zone) -> Box<RawValue> {
        RawValue::from_string(self.text(resource, fields, zone))
            .expect("members that are JSON make an object")
    }

    fn text(&self, resource: &Resource, fields: &Fields, zone: &Zone) -> String {
        let mut text = String::from("{");
        for member in resource.members.iter().filter(|member| fields.has(member.name)) {
            if text.len() > 1 {
                text.push(',');
            }
            let value = match member.source {
                Source::Id => self.document.id.to_string(),
                Source::Version => format!("\"{}\"", in_zone(self.document.version, zone)),
                Source::Sent(name) => self.members.get(name).map_or("null", |value| value.get()).to_owned(),
            };
            text.extend(["\"", member.name, "\":", &value]);
        }
        text.push('}');
        text
    }
}
