//! A play is always what its live segments say: also after its first segment was deleted, moved or changed its session
//! or content, however far apart in time the segments lie.

use tallyhouse_model::tables::plays as columns;
use tallyhouse_model::{Belongs, By, Filter, Names, Range, RowsQuery, TableId};
use tallyhouse_store::Stop;

use super::{counts, everywhere};
use crate::pair::{ACCOUNT, Pair, records};
use crate::questions::{ALL_ROWS, Answer, Probe};
use crate::rows::{Record, Segment, deletion, key_of};

const FIRST: &str = "2026-02-27T10:00:00Z";
const SECOND: &str = "2026-03-20T10:00:00Z";
const THIRD: &str = "2026-05-02T10:00:00Z";

/// Three segments of one play, weeks apart and in three months, each in a country of its own.
fn weeks_apart() -> [Segment; 3] {
    [
        Segment::new(1, FIRST).country("HU"),
        Segment::new(2, SECOND).country("US"),
        Segment::new(3, THIRD).country("JP"),
    ]
}

#[test]
fn a_play_takes_its_time_and_categories_from_its_first_segment() {
    everywhere(|story| {
        let [first, second, third] = weeks_apart();
        story.send([third]);
        assert_eq!(story.play_starts(), counts([(THIRD, 1)]));
        story.send([second]);
        assert_eq!(story.play_starts(), counts([(SECOND, 1)]));
        story.send([first]);
        assert_eq!(story.play_starts(), counts([(FIRST, 1)]));
        assert_eq!(story.countries_of_plays(), counts([("HU", 1)]));
    });
}

#[test]
fn a_play_whose_first_segment_is_deleted_begins_with_the_next() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([deletion(1, 2)]);
        assert_eq!(story.play_starts(), counts([(SECOND, 1)]));
        assert_eq!(story.countries_of_plays(), counts([("US", 1)]));
        story.send([deletion(2, 2)]);
        assert_eq!(story.play_starts(), counts([(THIRD, 1)]));
        assert_eq!(story.countries_of_plays(), counts([("JP", 1)]));
        story.send([deletion(3, 2)]);
        assert_eq!(story.play_starts(), counts([]));
        assert_eq!(story.countries_of_plays(), counts([]));
    });
}

#[test]
fn a_play_whose_first_segment_moves_behind_the_others_begins_with_the_next() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([Segment::new(1, "2026-06-15T10:00:00Z").country("HU").version(2)]);
        assert_eq!(story.play_starts(), counts([(SECOND, 1)]));
        assert_eq!(story.countries_of_plays(), counts([("US", 1)]));
    });
}

#[test]
fn a_play_whose_first_segment_moves_a_little_moves_with_it() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([Segment::new(1, "2026-03-05T10:00:00Z").country("DE").version(2)]);
        assert_eq!(story.play_starts(), counts([("2026-03-05T10:00:00Z", 1)]));
        story.send([Segment::new(1, "2026-01-05T10:00:00Z").country("FR").version(3)]);
        assert_eq!(story.play_starts(), counts([("2026-01-05T10:00:00Z", 1)]));
        assert_eq!(story.countries_of_plays(), counts([("FR", 1)]));
    });
}

#[test]
fn a_later_segment_that_moves_before_the_first_takes_over() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([Segment::new(3, "2026-01-31T23:59:00Z").country("JP").version(2)]);
        assert_eq!(story.play_starts(), counts([("2026-01-31T23:59:00Z", 1)]));
        assert_eq!(story.countries_of_plays(), counts([("JP", 1)]));
    });
}

#[test]
fn a_correction_of_the_first_segment_alone_changes_the_categories_of_its_play() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        let corrected = Segment { device: Some("tv"), channel_id: Some(9), ..weeks_apart()[0] };
        story.send([corrected.version(2).country("AT")]);
        assert_eq!(story.play_starts(), counts([(FIRST, 1)]));
        assert_eq!(story.countries_of_plays(), counts([("AT", 1)]));
        assert_eq!(story.plays_by(columns::DEVICE), counts([("tv", 1)]));
        assert_eq!(story.plays_by(columns::CHANNEL_ID), counts([("9", 1)]));
        story.send([weeks_apart()[1].version(2).country("XX")]);
        assert_eq!(story.countries_of_plays(), counts([("AT", 1)]));
    });
}

#[test]
fn a_first_segment_that_changes_its_session_leaves_one_play_and_makes_another() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([Segment { view_session_id: "other", ..weeks_apart()[0] }.version(2)]);
        assert_eq!(story.play_starts(), counts([(FIRST, 1), (SECOND, 1)]));
        story.send([weeks_apart()[0].version(3)]);
        assert_eq!(story.play_starts(), counts([(FIRST, 1)]));
    });
}

#[test]
fn a_first_segment_that_changes_its_content_leaves_one_play_and_makes_another() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([Segment { content_id: 6, ..weeks_apart()[0] }.version(2)]);
        assert_eq!(story.play_starts(), counts([(FIRST, 1), (SECOND, 1)]));
        assert_eq!(story.plays_by(columns::CONTENT_ID), counts([("5", 1), ("6", 1)]));
        story.send([Segment { content_type: "recorded", ..weeks_apart()[0] }.version(3)]);
        assert_eq!(story.plays_by(columns::CONTENT_ID), counts([("5", 2)]));
        assert_eq!(story.plays_by(columns::CONTENT_TYPE), counts([("live", 1), ("recorded", 1)]));
    });
}

#[test]
fn a_first_segment_that_joins_another_session_can_begin_that_play_too() {
    everywhere(|story| {
        let joined = Segment { view_session_id: "b", ..Segment::new(4, SECOND).country("DE") };
        story.send([joined]);
        for segment in weeks_apart() {
            story.send([segment]);
        }
        assert_eq!(story.play_starts(), counts([(FIRST, 1), (SECOND, 1)]));
        story.send([Segment { view_session_id: "b", ..weeks_apart()[0] }.version(2)]);
        assert_eq!(story.countries_of_plays(), counts([("HU", 1), ("US", 1)]));
        assert_eq!(story.play_starts(), counts([(FIRST, 1), (SECOND, 1)]));
    });
}

#[test]
fn two_first_segments_that_swap_their_sessions_swap_their_plays() {
    everywhere(|story| {
        let one = Segment { view_session_id: "a", ..Segment::new(1, FIRST).country("HU") };
        let two = Segment { view_session_id: "b", ..Segment::new(2, SECOND).country("US") };
        story.send([one, two]);
        let swapped = [
            Segment { view_session_id: "b", ..one }.version(2),
            Segment { view_session_id: "a", ..two }.version(2),
        ];
        story.send(swapped);
        assert_eq!(story.countries_of_plays(), counts([("HU", 1), ("US", 1)]));
        story.send([deletion(1, 3)]);
        assert_eq!(story.countries_of_plays(), counts([("US", 1)]));
    });
}

#[test]
fn of_segments_that_start_together_the_lowest_key_begins_the_play() {
    everywhere(|story| {
        story.send([Segment::new(7, FIRST).country("US")]);
        story.send([Segment::new(6, FIRST).country("HU")]);
        story.send([Segment::new(8, FIRST).country("JP")]);
        assert_eq!(story.countries_of_plays(), counts([("HU", 1)]));
        story.send([deletion(6, 2)]);
        assert_eq!(story.countries_of_plays(), counts([("US", 1)]));
    });
}

#[test]
fn the_same_session_on_other_content_is_another_play() {
    everywhere(|story| {
        let segment = Segment::new(1, FIRST);
        story.send([
            segment,
            Segment { key: key_of(2), content_type: "recorded", ..segment },
            Segment { key: key_of(3), content_id: 6, ..segment },
            Segment { key: key_of(4), view_session_id: "S", ..segment },
            Segment { key: key_of(5), ..segment },
        ]);
        assert_eq!(story.play_starts(), counts([(FIRST, 4)]));
    });
}

#[test]
fn the_first_segment_and_its_successor_can_go_in_one_batch() {
    everywhere(|story| {
        for segment in weeks_apart() {
            story.send([segment]);
        }
        story.send([deletion(1, 2), deletion(2, 2)]);
        assert_eq!(story.play_starts(), counts([(THIRD, 1)]));
        let back: [Record; 3] = [deletion(3, 2), weeks_apart()[1].version(3).into(), deletion(1, 3)];
        story.send(back);
        assert_eq!(story.play_starts(), counts([(SECOND, 1)]));
    });
}

#[test]
fn pages_of_plays_put_together_are_all_plays() {
    let mut pair = Pair::new();
    for key in 0..20 {
        let session = ["a", "b", "c", "d", "e", "f", "g"][usize::from(key) % 7];
        let segment =
            Segment { view_session_id: session, content_id: u64::from(key / 7), ..Segment::new(key, FIRST) };
        pair.ingest(ACCOUNT, &records(&[segment]));
        if key % 4 == 0 {
            pair.flush();
        }
    }
    let page = |offset, limit| {
        let query = RowsQuery {
            account: ACCOUNT,
            table: TableId::Plays,
            range: Range::ALL,
            belongs: Belongs::StartsIn,
            filters: Vec::new(),
            offset,
            limit,
        };
        pair.store().snapshot().rows(&query, &Stop::default()).expect("nothing is damaged")
    };
    let all = page(0, ALL_ROWS).page;
    assert_eq!(all.rows(), 20);
    let mut together = page(0, 6).page;
    for offset in [6, 12, 18, 24] {
        let next = page(offset, 6);
        assert_eq!(next.total, 20);
        together.append(&next.page);
    }
    assert_eq!(together, all);
}

#[test]
fn a_play_without_a_channel_or_country_counts_under_no_value() {
    everywhere(|story| {
        story.send([Segment::new(1, FIRST)]);
        assert_eq!(story.countries_of_plays(), counts([("", 1)]));
        assert_eq!(story.plays_by(columns::CHANNEL_ID), counts([("", 1)]));
        let filter = Filter::IntegerIn(columns::CHANNEL_ID, vec![0, 5]);
        let probe = Probe { play_filters: vec![filter], ..Probe::everything() };
        let question = probe.series(
            ACCOUNT,
            TableId::Plays,
            Belongs::StartsIn,
            By::Column(columns::CHANNEL_ID, Names::default()),
        );
        assert_eq!(story.pair.ask(&question), Answer::Series([].into()), "what is absent is in no list");
    });
}
