//! Forms and states of reports: documents of the catalog, read in the shapes that clients of this API know.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tallyhouse_model::{Micros, TableId, Zone};
use tallyhouse_store::QueryError;

use super::ReportsError;
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

/// What of the documents is asked for.
struct Wanted {
    ids: Option<Vec<u64>>,
    team_id: Option<u64>,
    channel_id: Option<u64>,
    updated_after: Option<Micros>,
}

/// A document and what is in it.
struct Opened<'a> {
    document: &'a Document,
    members: BTreeMap<String, &'a RawValue>,
}

/// A page of the documents, in the order of their numbers. Forms can be large: they are read again, a few at a time, while
/// they are sent.
pub fn list(resource: &'static Resource, asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let wanted = Wanted::of(resource, asked)?;
    let mut found: Vec<(u64, Micros)> = Vec::new();
    resource.each(asked, |opened| {
        if wanted.has(resource, opened, asked) {
            found.push((opened.document.id, opened.document.version));
        }
    })?;
    let items = Items::of_page(asked.range, resource.name, found.len() as u64);
    let (account, catalog) = (asked.reader.account(), Arc::clone(asked.catalog));
    let (fields, zone) = (resource.fields(asked), asked.zone.clone());
    let items_of = move |chunk: &[(u64, Micros)]| {
        let ids: Vec<u64> = chunk.iter().map(|(id, _)| *id).collect();
        let bodies = catalog.documents_of(account, resource.table, &ids);
        let mut bodies = bodies.map_err(|error| QueryError::Damaged(error.to_string()))?;
        // One that was deleted since it was found is left out.
        let there = chunk.iter().filter_map(|(id, version)| Some((*id, *version, bodies.remove(id)?)));
        let documents = there.map(|(id, version, body)| Document { id, version, body: Some(body) });
        documents.map(|document| resource.shown(&document, &fields, &zone)).collect()
    };
    let body =
        list::begin_rows(items.slice(&found).to_vec(), CHUNK_DOCUMENTS, items_of, asked.reader.stop())?;
    Ok(Answer::list(body, items))
}

/// One document. One that the credential does not see is not there.
pub fn one(resource: &Resource, asked: &Asked<'_>, id: &str) -> Result<Answer, ReportsError> {
    let not_found = || ReportsError::NotFound("id", "is not known".to_owned());
    let id = parse_id("id", id).map_err(|_| not_found())?;
    let account = asked.reader.account();
    let documents = asked.catalog.documents(account, resource.table, id.checked_sub(1), 1, false)?;
    let document = documents.iter().find(|document| document.id == id).ok_or_else(not_found)?;
    let opened = Opened::of(document)?;
    if !opened.is_seen(resource, asked) {
        return Err(not_found());
    }
    Ok(Answer::object(&resource.shown(document, &resource.fields(asked), asked.zone)?))
}

impl Resource {
    fn fields(&self, asked: &Asked<'_>) -> Fields {
        let known = self.members.iter().map(|member| (member.name, member.is_default));
        Fields::changed(asked.params.query, known)
    }

    /// A document as clients see it.
    fn shown(&self, document: &Document, fields: &Fields, zone: &Zone) -> Result<Box<RawValue>, QueryError> {
        let text = Opened::of(document)?.text(self, fields, zone);
        Ok(RawValue::from_string(text).expect("members that are JSON make an object"))
    }

    /// Walks over all documents of the account.
    fn each(&self, asked: &Asked<'_>, mut take: impl FnMut(&Opened<'_>)) -> Result<(), ReportsError> {
        let mut after = None;
        loop {
            let account = asked.reader.account();
            let chunk = asked.catalog.documents(account, self.table, after, CHUNK_DOCUMENTS, false)?;
            for document in &chunk {
                take(&Opened::of(document)?);
            }
            match chunk.last() {
                Some(last) if chunk.len() == CHUNK_DOCUMENTS => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }
}

impl Wanted {
    fn of(resource: &Resource, asked: &Asked<'_>) -> Result<Self, ReportsError> {
        let params = &asked.params;
        let wanted = Self {
            ids: params.ids()?,
            team_id: params.id("team_id")?,
            channel_id: if resource.is_of_channels { params.id("channel_id")? } else { None },
            updated_after: params.time("updated_after")?,
        };
        wanted.channel_id.map_or(Ok(()), |channel_id| asked.reader.check_sees(channel_id))?;
        Ok(wanted)
    }

    fn has(&self, resource: &Resource, opened: &Opened<'_>, asked: &Asked<'_>) -> bool {
        let of_channel = |wanted: u64| opened.number("channel_id").is_none_or(|channel| channel == wanted);
        self.ids.as_ref().is_none_or(|ids| ids.contains(&opened.document.id))
            && self.team_id.is_none_or(|team| opened.number("team_id") == Some(team))
            && self.updated_after.is_none_or(|after| opened.document.version > after)
            && self.channel_id.is_none_or(of_channel)
            && opened.is_seen(resource, asked)
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

    /// Whether the credential sees it: what belongs to no channel is seen by all.
    fn is_seen(&self, resource: &Resource, asked: &Asked<'_>) -> bool {
        !resource.is_of_channels || self.number("channel_id").is_none_or(|channel| asked.reader.sees(channel))
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
