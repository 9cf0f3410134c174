//! Files of records: NDJSON, CSV and Parquet, plain or compressed, for import, export and generate.
//!
//! Reading hands records to a [`crate::ingest::RecordSink`] without judging them; writing takes batches of the
//! store. What one format writes, the same format reads back as the same rows.

mod compression;
mod csv_records;
mod csv_rows;
mod format;
mod json_rows;
mod parquet_records;
mod parquet_rows;
mod reader;
mod stored;
mod writer;

#[cfg(test)]
mod demo_tests;
#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod sharing_tests;
#[cfg(test)]
mod test_rig;
#[cfg(test)]
mod tests;

pub use compression::{Compression, Output, decompressed};
pub use format::FileFormat;
pub use json_rows::push_row as push_json_row;
pub use reader::{ReadError, RecordReader};
pub use stored::StoredRecords;
pub use writer::RecordWriter;
