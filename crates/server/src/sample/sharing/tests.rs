//! The sample data of sharing fits together, is plausible, and the same every time.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::tables::{reactions, referrals};
use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, AccountId, Cell, DAY, KeyDigest, Table, Values, key_of_row, parse_uuid,
    render_uuid,
};

use super::words::PROVIDERS;
use super::*;
use crate::catalog::shorturl_token;
use crate::files::{StoredRecords, push_json_row};
use crate::ingest::{Enrichment, Receipt, RecordRows};

const UNTIL: Micros = 1_772_366_400_000_000;

fn sample(messages: usize) -> SharingSample {
    SharingSample::of_messages(7, UNTIL, 90, messages)
}

fn all(batches: impl Iterator<Item = Batch>) -> Batch {
    let all = batches.reduce(|mut all, batch| {
        all.append(&batch);
        all
    });
    all.expect("there are rows")
}

fn texts(batch: &Batch, column: usize) -> Vec<Option<String>> {
    let Values::Texts(texts) = &batch.columns[column] else { panic!("{column}") };
    (0..texts.len()).map(|row| texts.get(row).map(str::to_owned)).collect()
}

fn times(batch: &Batch, column: usize) -> &[Micros] {
    let Values::Times(times) = &batch.columns[column] else { panic!("{column}") };
    times
}

fn kinds(batch: &Batch) -> &[u8] {
    let Values::Choices(kinds) = &batch.columns[reactions::KIND] else { panic!() };
    kinds
}

#[test]
fn a_seed_gives_the_same_messages_and_rows_and_another_seed_others() {
    let made = |sample: SharingSample| {
        (sample.messages().collect::<Vec<_>>(), all(sample.reactions(500)), all(sample.referrals(500)))
    };
    let (messages, reactions, referrals) = made(sample(50));
    assert_eq!(made(sample(50)), (messages.clone(), reactions.clone(), referrals.clone()));
    let (other_messages, other_reactions, other_referrals) =
        made(SharingSample::of_messages(8, UNTIL, 90, 50));
    assert!(reactions != other_reactions && referrals != other_referrals);
    let tokens = |messages: &[SampleMessage]| -> HashSet<String> {
        messages.iter().map(|message| message.token.clone()).collect()
    };
    assert!(tokens(&messages).is_disjoint(&tokens(&other_messages)));
}

#[test]
fn the_rows_are_the_same_on_every_machine() {
    let mut digest = KeyDigest::new();
    for batch in [all(sample(50).reactions(500)), all(sample(50).referrals(500))] {
        for (row, column) in (0..batch.rows()).flat_map(|row| batch.columns.iter().map(move |at| (row, at))) {
            digest = match column.cell(row) {
                Cell::Absent => digest.integer(u64::MAX),
                cell => digest.cell(cell),
            };
        }
    }
    for message in sample(50).messages() {
        let again = message.republished_at.unwrap_or_default();
        digest = digest.text(message.token.as_bytes()).text(message.parts.as_bytes());
        digest = digest.cell(Cell::Time(message.created_at)).cell(Cell::Time(again));
    }
    assert_eq!(render_uuid(&digest.finish()), "127ab6c2-e98e-746c-4f3b-0a56e9b1d867");
}

#[test]
fn any_number_of_rows_is_made_exactly_and_each_has_its_own_key() {
    for rows in [1, 7, 99, 101] {
        for messages in [1, 3, 500] {
            let sample = sample(messages);
            assert_eq!(sample.messages().count(), messages);
            for batch in [all(sample.reactions(rows)), all(sample.referrals(rows))] {
                assert!(batch.is_consistent(), "{}", batch.table.name);
                let Values::Ids(keys) = &batch.columns[Table::KEY] else { panic!() };
                assert_eq!(keys.iter().collect::<HashSet<_>>().len(), rows, "{}", batch.table.name);
            }
        }
    }
    assert_eq!(sample(9).reactions(50_001).map(|batch| batch.rows()).collect::<Vec<_>>(), [50_000, 1]);
    assert_eq!(sample(9).referrals(50_001).map(|batch| batch.rows()).collect::<Vec<_>>(), [50_000, 1]);
    let none = sample(0);
    assert_eq!(none.messages().count() + none.reactions(5).count() + none.referrals(5).count(), 0);
}

#[test]
fn every_sample_record_keeps_its_rules_and_becomes_the_row_that_it_came_from() {
    for rows in [all(sample(30).reactions(700)), all(sample(30).referrals(700))] {
        let records = StoredRecords::of(&rows);
        let mut lines = String::new();
        (0..rows.rows()).for_each(|row| push_json_row(&mut lines, &records, row));
        let mut taken = RecordRows::new(records.record_type(), Receipt::at(UNTIL), Enrichment::off());
        taken.take_lines(lines.as_bytes()).unwrap();
        let submission = taken.into_submission(AccountId(1), UNTIL);
        assert_eq!(submission.quarantined, [], "{}", rows.table.name);
        assert!(submission.batch == rows, "{}", rows.table.name);
        for row in 0..rows.rows() {
            let cells: Vec<Cell<'_>> = rows.columns.iter().map(|column| column.cell(row)).collect();
            assert_eq!(cells[Table::KEY], Cell::Id(key_of_row(rows.table, &cells)), "{}", rows.table.name);
        }
    }
}

#[test]
fn reactions_are_of_a_message_that_was_published_there_and_come_after_it() {
    for days in [1, 90] {
        let sample = SharingSample::of_messages(7, UNTIL, days, 60);
        let messages: HashMap<String, SampleMessage> =
            sample.messages().map(|message| (message.token.clone(), message)).collect();
        assert_eq!(messages.len(), 60);
        let rows = all(sample.reactions(2_400));
        let of = texts(&rows, reactions::SHARING_MESSAGE_TOKEN);
        assert_eq!(of.iter().collect::<HashSet<_>>().len(), 60, "every message has some");
        for (row, provider) in texts(&rows, reactions::PROVIDER).into_iter().enumerate() {
            let message = &messages[of[row].as_ref().unwrap()];
            let provider = provider.unwrap();
            assert!(message.publications.iter().any(|publication| publication.provider == provider));
            let at = times(&rows, reactions::OCCURRED_AT)[row];
            assert!((message.created_at..UNTIL).contains(&at), "{days} {row}");
            let member_since = times(&rows, reactions::DATE_MEMBER_SINCE)[row];
            assert!(member_since == ABSENT_TIME || (RECORD_TIME_MIN..at).contains(&member_since));
        }
    }
}

#[test]
fn referrals_are_of_a_short_url_of_their_message_and_lead_where_it_leads() {
    let sample = sample(60);
    let mut shorturls = HashMap::new();
    for message in sample.messages() {
        for publication in &message.publications {
            assert_eq!(publication.shorturl_token, shorturl_token(&publication.shorturl_id));
            let told =
                (message.token.clone(), publication.provider, message.link.clone(), message.created_at);
            assert!(shorturls.insert(publication.shorturl_token.clone(), told).is_none(), "no token twice");
        }
    }
    let rows = all(sample.referrals(4_000));
    let text = |column| texts(&rows, column);
    let (tokens, providers, targets) =
        (text(referrals::SHARING_MESSAGE_TOKEN), text(referrals::PROVIDER), text(referrals::TARGET));
    let mut followed = HashSet::new();
    for (row, shorturl) in text(referrals::SHORTURL_TOKEN).into_iter().enumerate() {
        let shorturl = shorturl.unwrap();
        let (token, provider, target, created_at) = &shorturls[&shorturl];
        assert_eq!(
            [tokens[row].as_deref(), providers[row].as_deref(), targets[row].as_deref()],
            [Some(token.as_str()), Some(*provider), Some(target.as_str())]
        );
        assert!((*created_at..UNTIL).contains(&times(&rows, referrals::OCCURRED_AT)[row]));
        followed.insert(shorturl);
    }
    assert!(followed.len() > shorturls.len() * 9 / 10, "most short URLs are followed");
    assert!(text(referrals::PAGE).iter().any(Option::is_none), "some do not say where they come from");
}

#[test]
fn messages_are_in_the_order_of_time_and_go_to_one_network_or_several() {
    let messages: Vec<_> = sample(400).messages().collect();
    assert!(messages.is_sorted_by(|one, next| one.created_at < next.created_at));
    assert!(messages[0].created_at >= UNTIL - 90 * DAY && messages[399].created_at < UNTIL);
    let mut counts = HashMap::new();
    for message in &messages {
        assert!(parse_uuid(&message.token).is_some_and(|token| render_uuid(&token) == message.token));
        let parts: Value = serde_json::from_str(&message.parts).unwrap();
        assert_eq!(parts["link"]["url"], *message.link);
        assert!(!parts["text"]["body"].as_str().unwrap().contains("://"), "it would get a short URL, too");
        if let Some(again) = message.republished_at {
            assert!((message.created_at + 1..UNTIL).contains(&again));
        }
        let providers: HashSet<_> = message.publications.iter().map(|at| at.provider).collect();
        assert_eq!(providers.len(), message.publications.len(), "no social network twice");
        *counts.entry(providers.len()).or_insert(0) += 1;
    }
    assert!((1..=4).all(|count| counts.contains_key(&count)), "{counts:?}");
    let again = messages.iter().filter(|message| message.republished_at.is_some()).count();
    assert!((20..80).contains(&again), "{again}");
}

#[test]
fn each_network_has_its_own_mix_of_kinds_and_each_kind_says_what_it_can() {
    let rows = all(sample(200).reactions(8_000));
    let mut counts: HashMap<(String, u8), u64> = HashMap::new();
    for (provider, kind) in texts(&rows, reactions::PROVIDER).into_iter().zip(kinds(&rows)) {
        *counts.entry((provider.unwrap(), *kind)).or_default() += 1;
    }
    for provider in &PROVIDERS {
        assert_eq!(provider.kinds.iter().sum::<u64>(), 100, "{}", provider.name);
        for (kind, share) in (1..).zip(provider.kinds) {
            let count = counts.contains_key(&(provider.name.to_owned(), kind));
            assert_eq!(count, share > 0, "{} {kind}", provider.name);
        }
    }
    let Values::Integers(followers) = &rows.columns[reactions::NUM_FOLLOWERS] else { panic!() };
    let columns = [reactions::TARGET, reactions::USERNAME, reactions::PROFILE_URL, reactions::CONTENT];
    let columns = columns.map(|column| texts(&rows, column));
    for (row, kind) in kinds(&rows).iter().enumerate() {
        let is_there = columns.each_ref().map(|texts| texts[row].is_some());
        let expected = match kind {
            1 => [true, false, false, false],
            3 => [false, true, true, true],
            _ => [false, true, true, false],
        };
        assert_eq!(is_there, expected, "{row}");
        assert_eq!(followers[row] != ABSENT_INTEGER, *kind == 4, "{row}");
        assert_eq!(times(&rows, reactions::DATE_MEMBER_SINCE)[row] != ABSENT_TIME, *kind == 4, "{row}");
    }
}

#[test]
fn one_message_of_twenty_is_shared_much_more_than_the_others() {
    let rows = all(sample(100).reactions(10_000));
    let mut counts: HashMap<Option<String>, usize> = HashMap::new();
    for token in texts(&rows, reactions::SHARING_MESSAGE_TOKEN) {
        *counts.entry(token).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    assert!(counts[4] > 600 && counts[5] < 120, "{counts:?}");
}
