//! What part of an account a credential sees, and how the catalog writes that down.

use rusqlite::Row;

use super::{CatalogError, Scope};

/// Contents and channels that one credential can be confined to, together: as many as fit into a JWT.
pub const NARROWING_IDS_MAX: usize = 256;

/// What part of an account a credential sees. By default all of it; where both lists are there, both have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Only these contents, of either type.
    pub content_ids: Option<Vec<u64>>,
    /// Only what was watched on these channels.
    pub channel_ids: Option<Vec<u64>>,
}

impl Narrowing {
    /// Whether it leaves the whole account to see.
    pub fn is_everything(&self) -> bool {
        self.content_ids.is_none() && self.channel_ids.is_none()
    }

    /// How many contents and channels it names, together.
    pub fn ids(&self) -> usize {
        self.content_ids.iter().chain(&self.channel_ids).map(Vec::len).sum()
    }

    /// Refuses more ids than fit, and other scopes than `read`: nothing but reads can be confined.
    pub(super) fn check(&self, scopes: &[Scope]) -> Result<(), CatalogError> {
        let ids = self.ids();
        if ids > NARROWING_IDS_MAX {
            return Err(CatalogError::NarrowingTooLong(ids));
        }
        if !self.is_everything() && scopes.iter().any(|scope| *scope != Scope::Read) {
            return Err(CatalogError::NarrowedScope);
        }
        Ok(())
    }

    /// The two columns of a row: numbers with a space between, null for all.
    pub(super) fn to_columns(&self) -> (Option<String>, Option<String>) {
        let join = |ids: &Vec<u64>| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        (self.content_ids.as_ref().map(join), self.channel_ids.as_ref().map(join))
    }

    /// Reads the columns `content_ids` and `channel_ids` of a row.
    pub(super) fn of_row(row: &Row<'_>) -> Result<Narrowing, CatalogError> {
        let content_ids: Option<String> = row.get("content_ids")?;
        let channel_ids: Option<String> = row.get("channel_ids")?;
        Ok(Narrowing { content_ids: parse(content_ids)?, channel_ids: parse(channel_ids)? })
    }
}

fn parse(text: Option<String>) -> Result<Option<Vec<u64>>, CatalogError> {
    let Some(text) = text else { return Ok(None) };
    let ids = text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>();
    ids.map(Some).map_err(|_| CatalogError::Damaged(format!("a credential is confined to {text:?}")))
}
