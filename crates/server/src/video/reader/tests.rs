//! A reader sees its own account, as far as its credential is narrowed, whatever the query says.

use tallyhouse_model::tables::{plays, view_segments};
use tallyhouse_model::{Belongs, By, Measure, Range, SweepMeasure};

use super::*;
use crate::video::sample_store::{SampleStore, all_rows, content_ids, only_contents};

fn rows(reader: &Reader) -> RowsAnswer {
    reader.rows(all_rows(reader.account())).unwrap()
}

fn plays_of(reader: &Reader) -> u64 {
    let query = SeriesQuery {
        account: reader.account(),
        table: TableId::Plays,
        range: Range::ALL,
        belongs: Belongs::StartsIn,
        filters: Vec::new(),
        measure: Measure::Rows,
        by: By::Nothing,
    };
    reader.series(query).unwrap().values.iter().map(|(_, value)| value).sum()
}

#[test]
fn a_narrowed_credential_reads_its_contents_and_nothing_else() {
    let store = SampleStore::new();
    let all = content_ids(&rows(&store.reader(Narrowing::default())).page);
    let (own, foreign) = (all[0], *all.iter().find(|id| **id != all[0]).unwrap());
    let narrowed = store.reader(only_contents(&[own]));
    let seen = rows(&narrowed);
    assert_eq!(seen.total as usize, all.iter().filter(|id| **id == own).count());
    assert!(content_ids(&seen.page).iter().all(|id| *id == own));
    assert!((1..plays_of(&store.reader(Narrowing::default()))).contains(&plays_of(&narrowed)));
    let of = |id| vec![Filter::IntegerIn(view_segments::CONTENT_ID, vec![id])];
    assert!(narrowed.any(TableId::ViewSegments, of(own)).unwrap());
    assert!(!narrowed.any(TableId::ViewSegments, of(foreign)).unwrap());
    let asked = RowsQuery { filters: of(foreign), ..all_rows(store.account) };
    assert_eq!(narrowed.rows(asked).unwrap().total, 0);
}

#[test]
fn a_credential_that_is_narrowed_to_nothing_reads_nothing() {
    let store = SampleStore::new();
    for narrowing in [only_contents(&[]), Narrowing { content_ids: None, channel_ids: Some(vec![u64::MAX]) }]
    {
        let reader = store.reader(narrowing);
        assert_eq!((rows(&reader).total, plays_of(&reader)), (0, 0));
        assert!(!reader.any(TableId::ViewSegments, Vec::new()).unwrap());
    }
}

#[test]
fn both_lists_of_a_narrowing_are_filters_of_either_table() {
    let store = SampleStore::new();
    let narrowing = Narrowing { content_ids: Some(vec![1, 2]), channel_ids: Some(vec![3]) };
    let reader = store.reader(narrowing);
    for (table, content_id, channel_id) in [
        (TableId::ViewSegments, view_segments::CONTENT_ID, view_segments::CHANNEL_ID),
        (TableId::Plays, plays::CONTENT_ID, plays::CHANNEL_ID),
    ] {
        let own = Filter::IntegerIn(content_id, vec![2]);
        let mut filters = vec![own.clone()];
        reader.confine(store.account, table, &mut filters);
        assert_eq!(
            filters,
            [own, Filter::IntegerIn(content_id, vec![1, 2]), Filter::IntegerIn(channel_id, vec![3])]
        );
    }
}

#[test]
fn sweeps_and_groups_are_narrowed_too() {
    let store = SampleStore::new();
    let reader = store.reader(only_contents(&[]));
    let sweep = SweepQuery {
        account: store.account,
        table: TableId::ViewSegments,
        range: Range::ALL,
        filters: Vec::new(),
        measure: SweepMeasure::Seconds,
        groups: [view_segments::CONTENT_TYPE, view_segments::CONTENT_ID],
        buckets: None,
        offset: 0,
        limit: 1,
    };
    assert_eq!(reader.sweep(sweep).unwrap().total, 0);
    let groups = GroupsQuery {
        account: store.account,
        table: TableId::ViewSegments,
        range: Range::ALL,
        belongs: Belongs::Present,
        filters: Vec::new(),
        column: view_segments::VIEWER_IDENTIFIER,
        offset: 0,
        limit: 1,
    };
    assert_eq!(reader.groups(groups).unwrap().total(), 0);
}
