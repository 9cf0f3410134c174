//! The query that a request for viewers becomes.

use tallyhouse_model::Range;
use tallyhouse_model::tables::view_segments::{CONTENT_ID, CONTENT_TYPE, FINISHED, VIEWER_IDENTIFIER};

use super::*;
use crate::http::query_string::QueryString;

fn query(text: &str) -> GroupsQuery {
    let query = QueryString::of(&format!("/x?{text}").parse().unwrap());
    let params = ViewersParams::of_content_type(&query, &VideoConfig::default(), "live").unwrap();
    query_of(AccountId(3), &params)
}

#[test]
fn viewers_are_groups_of_the_segments_that_are_present() {
    let query = query("_page=3&_limit=50");
    assert_eq!((query.column, query.belongs), (VIEWER_IDENTIFIER, Belongs::Present));
    assert_eq!(query.range, Range::ALL);
    assert_eq!((query.offset, query.limit, query.account), (100, 50, AccountId(3)));
    assert_eq!(query.filters, [Filter::ChoiceIn(CONTENT_TYPE, vec!["live"])]);
}

#[test]
fn what_is_asked_for_becomes_filters() {
    let text = "content_id=5&list_unfinished_segments=0&viewer_identifier=%40Example";
    assert_eq!(
        query(text).filters,
        [
            Filter::ChoiceIn(CONTENT_TYPE, vec!["live"]),
            Filter::IntegerIn(CONTENT_ID, vec![5]),
            Filter::FlagIs(FINISHED, true),
            Filter::TextContains(VIEWER_IDENTIFIER, "@Example".to_owned())
        ]
    );
}
