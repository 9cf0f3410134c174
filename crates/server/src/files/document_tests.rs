//! Documents go through every format and come back as the same rows.

use super::test_rig::{FORMATS, open, read, rows, written};
use crate::ingest::{CHANNELS, FORMS, REPORT_STATES, USERS};

#[test]
fn every_format_reads_back_every_document_that_it_wrote() {
    for record_type in [&CHANNELS, &REPORT_STATES, &USERS, &FORMS] {
        for seed in 0..4 {
            let batch = rows(record_type, 300, seed);
            for format in FORMATS {
                let back = read(record_type, open(record_type, written(&batch, format, true), format));
                assert_eq!(back.quarantined, [], "{} {format:?} {seed}", record_type.name());
                assert!(back.batch == batch, "{} {format:?} {seed}", record_type.name());
            }
        }
    }
}
