//! `--table`: record types by their name.

use crate::ingest::{RecordType, record_type_named, record_types};

/// The record type of this name, for the parser of the command line.
pub(super) fn table_named(name: &str) -> Result<&'static RecordType, String> {
    record_type_named(name).ok_or_else(|| {
        let known: Vec<_> = record_types().iter().map(|record_type| record_type.name()).collect();
        format!("there is no such table; known are: {}", known.join(", "))
    })
}
