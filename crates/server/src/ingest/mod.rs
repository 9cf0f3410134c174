//! The ingest module.
