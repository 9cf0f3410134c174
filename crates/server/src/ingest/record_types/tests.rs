//! What the tables of fields promise to those who read them.

use tallyhouse_model::{ColumnKind, Table};

use super::*;
use crate::ingest::{Absence, Place, RowForm, Rule};

#[test]
fn every_column_but_the_key_is_some_fields_place() {
    for record_type in record_types() {
        let end = record_type.table.end.into_iter().chain(record_type.table.finished);
        let mut columns: Vec<usize> = end.collect();
        columns.extend(record_type.fields.iter().filter_map(|field| match field.place {
            Place::Column(column) => Some(column),
            _ => None,
        }));
        columns.sort_unstable();
        let first = usize::from(!record_type.table.identity.is_empty());
        let all: Vec<usize> = (first..record_type.table.columns.len()).collect();
        assert_eq!(columns, all, "{}", record_type.name());
    }
}

#[test]
fn fields_are_named_like_their_columns_and_no_two_alike() {
    for record_type in record_types() {
        for (index, field) in record_type.fields.iter().enumerate() {
            assert_eq!(record_type.position(field.name, 0), Some(index), "{}", field.name);
            if let Place::Column(column) = field.place {
                assert_eq!(field.name, record_type.table.columns[column].name);
            }
        }
    }
}

#[test]
fn rules_fit_the_columns_of_their_fields() {
    for record_type in record_types() {
        for field in record_type.fields {
            let Place::Column(column) = field.place else { continue };
            let kind = record_type.table.columns[column].kind;
            let fits = match field.rule {
                Rule::Uuid => kind == ColumnKind::Id,
                Rule::Digits(max) if kind == ColumnKind::Id => {
                    column == Table::KEY && max <= i64::MAX.unsigned_abs()
                }
                Rule::Word => matches!(kind, ColumnKind::Choice(_)),
                Rule::Time(_) | Rule::Receipt => matches!(kind, ColumnKind::Time | ColumnKind::Offset),
                Rule::Flag => kind == ColumnKind::Flag,
                _ => matches!(kind, ColumnKind::Dictionary { .. } | ColumnKind::Integer | ColumnKind::Text),
            };
            assert!(fits, "{}: {kind:?}", field.name);
        }
    }
}

/// `row.rs` builds on this.
#[test]
fn where_columns_hold_fields_only_times_follow_from_the_receipt() {
    for record_type in record_types().iter().filter(|record_type| record_type.row == RowForm::Fields) {
        for field in record_type.fields {
            assert_ne!(field.place, Place::FinalEnd, "{}", field.name);
            if field.absence == Absence::Derived {
                assert!(matches!(field.rule, Rule::Time(_) | Rule::Receipt), "{}", field.name);
            }
            if record_type.names(field) {
                assert_eq!(field.absence, Absence::Refused, "{}", field.name);
            }
        }
    }
}

#[test]
fn a_field_is_found_wherever_it_is_looked_for_from() {
    for from in [0, 5, 22, 23, 99] {
        for (index, field) in VIEW_SEGMENTS.fields.iter().enumerate() {
            assert_eq!(VIEW_SEGMENTS.position(field.name, from), Some(index));
        }
        assert_eq!(VIEW_SEGMENTS.position("shoe_size", from), None);
    }
}

#[test]
fn positions_of_segment_fields_agree() {
    use super::segment_field as at;
    let named = [
        (at::VIEW_ID, "view_id"),
        (at::CONTENT_TYPE, "content_type"),
        (at::CONTENT_ID, "content_id"),
        (at::STARTED_AT, "started_at"),
        (at::FINISHED_AT, "finished_at"),
        (at::LAST_SEEN_AT, "last_seen_at"),
        (at::FROM, "from"),
        (at::TO, "to"),
        (at::CLIENT_ID, "client_id"),
        (at::VIEW_SESSION_ID, "view_session_id"),
        (at::VIEWER_IDENTIFIER, "viewer_identifier"),
        (at::COUNTRY, "country"),
        (at::REGION, "region"),
        (at::CITY, "city"),
        (at::VIEW_TYPE, "view_type"),
        (at::DEVICE, "device"),
        (at::IS_MOBILE_VIEW, "is_mobile_view"),
        (at::DEVICE_INFO, "device_info"),
        (at::USER_AGENT, "user_agent"),
        (at::IP, "ip"),
        (at::CHANNEL_ID, "channel_id"),
        (at::UPDATED_AT, "updated_at"),
        (at::DELETED, "deleted"),
    ];
    let names: Vec<&str> = VIEW_SEGMENTS.fields.iter().map(|field| field.name).collect();
    assert_eq!(named.map(|(position, _)| position).to_vec(), (0..names.len()).collect::<Vec<_>>());
    assert_eq!(named.map(|(_, name)| name).to_vec(), names);
}

#[test]
fn types_have_names_and_say_what_may_be_absent() {
    let described = |record_type: &RecordType, name| {
        let field = &record_type.fields[record_type.position(name, 0).unwrap()];
        (field.rule.type_name(), field.is_nullable())
    };
    assert_eq!(described(&VIEW_SEGMENTS, "view_id"), ("UUID", false));
    assert_eq!(described(&VIEW_SEGMENTS, "channel_id"), ("UInt64", true));
    assert_eq!(described(&VIEW_SEGMENTS, "finished_at"), ("DateTime64(6)", true));
    assert_eq!(described(&VIEW_SEGMENTS, "is_mobile_view"), ("Bool", false));
    assert_eq!(described(&DEMO_SESSIONS, "viewer"), ("String", false));
    assert_eq!(described(&DEMO_ACTIVITY, "guide_step_number"), ("String", true));
    assert_eq!(described(&DEMO_CHANGES, "ingested_at"), ("DateTime64(6)", false));
}
