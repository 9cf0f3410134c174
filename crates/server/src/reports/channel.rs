//! Whether there is such a channel: it has a document, or a row at any time.

use std::collections::HashMap;

use tallyhouse_model::TableId;

use super::ReportsError;
use super::request::Asked;

/// Refuses a channel that nothing is known about. An answer with anything in it is proof enough, so that this asks only
/// where it is empty.
pub fn check_exists(asked: &Asked<'_>, channel_id: u64, is_empty: bool) -> Result<(), ReportsError> {
    if !is_empty {
        return Ok(());
    }
    let found: HashMap<u64, String> =
        asked.catalog.documents_of(asked.reader.account(), TableId::Channels, &[channel_id])?;
    if found.contains_key(&channel_id) || asked.reader.has_rows(channel_id)? {
        return Ok(());
    }
    Err(ReportsError::NotFound("channel_id", "is not known".to_owned()))
}
