//! The sample data of reports fits together, is plausible, and the same every time.

mod records;

use std::collections::{HashMap, HashSet};

use tallyhouse_model::tables::{report_alerts, report_images, report_reads, report_selections, reports};
use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, HOUR, KeyDigest, Table, Values, integer_of_key, render_uuid,
};

use super::*;

const UNTIL: Micros = 1_772_366_400_000_000;

fn sample(reports: usize) -> ReportSample {
    ReportSample::of_reports(7, UNTIL, 365, reports)
}

fn all(batches: impl Iterator<Item = Batch>) -> Batch {
    let all = batches.reduce(|mut all, batch| {
        all.append(&batch);
        all
    });
    all.expect("there are rows")
}

fn times(batch: &Batch, column: usize) -> &[Micros] {
    let Values::Times(times) = &batch.columns[column] else { panic!("{column}") };
    times
}

fn integers(batch: &Batch, column: usize) -> &[u64] {
    let Values::Integers(integers) = &batch.columns[column] else { panic!("{column}") };
    integers
}

fn ids(batch: &Batch) -> Vec<u64> {
    let Values::Ids(keys) = &batch.columns[Table::KEY] else { panic!() };
    keys.iter().map(integer_of_key).collect()
}

/// Every table of a sample, of so many rows.
fn tables(sample: &ReportSample) -> [Batch; 7] {
    [
        all(sample.reports()),
        all(sample.reads(900)),
        all(sample.alerts(900)),
        all(sample.channels(9)),
        all(sample.states(45)),
        all(sample.users_of(40)),
        all(sample.forms(9)),
    ]
}

#[test]
fn a_seed_gives_the_same_rows_and_another_seed_others() {
    assert_eq!(tables(&sample(500)), tables(&sample(500)));
    let other = ReportSample::of_reports(8, UNTIL, 365, 500);
    for (rows, others) in tables(&sample(500)).iter().zip(tables(&other)).take(3) {
        assert_ne!(*rows, others, "{}", rows.table.name);
    }
}

#[test]
fn the_rows_are_the_same_on_every_machine() {
    let mut digest = KeyDigest::new();
    let batches = tables(&sample(500));
    let owned = batches.iter().flat_map(|batch| batch.owned.iter().map(|owned| &owned.rows));
    for column in batches.iter().chain(owned).flat_map(|batch| &batch.columns) {
        digest = match column {
            Values::Times(times) => {
                times.iter().fold(digest, |digest, at| digest.integer(at.cast_unsigned()))
            }
            Values::Integers(values) => values.iter().fold(digest, |digest, value| digest.integer(*value)),
            Values::Ids(keys) => keys.iter().fold(digest, |digest, key| digest.integer(integer_of_key(key))),
            Values::Texts(texts) => digest.text(&texts.bytes),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(render_uuid(&digest.finish()), "10da97ce-ac2f-6385-0e85-ef69d8de841e");
}

#[test]
fn any_number_of_rows_is_made_exactly_and_numbered_from_one() {
    for rows in [1, 7, 99, 101] {
        let sample = sample(rows);
        let numbered: Vec<u64> = (1..=rows as u64).collect();
        for batch in [
            all(sample.reports()),
            all(sample.reads(rows)),
            all(sample.alerts(rows)),
            all(sample.channels(rows)),
            all(sample.states(rows)),
            all(sample.users_of(rows)),
            all(sample.forms(rows)),
        ] {
            assert_eq!(ids(&batch), numbered, "{}", batch.table.name);
            assert!(batch.is_consistent(), "{}", batch.table.name);
        }
    }
    assert_eq!(sample(20_001).reports().map(|batch| batch.rows()).collect::<Vec<_>>(), [20_000, 1]);
    assert_eq!(sample(1).users_of(10_001).map(|batch| batch.rows()).collect::<Vec<_>>(), [10_000, 1]);
    let none = sample(0);
    assert_eq!(none.reports().count() + none.reads(5).count() + none.alerts(5).count(), 0);
    assert_eq!(none.channels(0).count() + none.users_of(0).count(), 0);
}

#[test]
fn times_lie_in_the_period_and_reads_and_alerts_after_their_report() {
    for days in [1, 365] {
        let sample = ReportSample::of_reports(7, UNTIL, days, 2_000);
        let (reports, reads, alerts) =
            (all(sample.reports()), all(sample.reads(20_000)), all(sample.alerts(8_000)));
        let created = times(&reports, reports::CREATED_AT);
        assert!(created.is_sorted_by(|before, after| before < after));
        assert!(created[0] >= UNTIL - i64::from(days) * DAY && created[1_999] < UNTIL);
        let images = &reports.owned[reports::OWNED_IMAGES].rows;
        assert!(times(images, report_images::CREATED_AT).iter().all(|at| *at < UNTIL));
        let of = |batch: &Batch, report, time| {
            for (report, at) in integers(batch, report).iter().zip(times(batch, time)) {
                assert!(created[*report as usize - 1] <= *at && *at < UNTIL, "{days} {report}");
            }
        };
        of(&reads, report_reads::REPORT_ID, report_reads::READ_AT);
        of(&alerts, report_alerts::REPORT_ID, report_alerts::ALERTED_AT);
        for batch in [&reports, &reads, &alerts] {
            assert!(times(batch, reports::UPDATED_AT).iter().all(|at| *at < UNTIL), "{}", batch.table.name);
        }
    }
}

#[test]
fn reads_and_alerts_are_of_the_channel_of_their_report() {
    let sample = sample(1_000);
    let of_reports = integers(&all(sample.reports()), reports::CHANNEL_ID).to_vec();
    for batch in [all(sample.reads(10_000)), all(sample.alerts(4_000))] {
        let (reports, channels) = (integers(&batch, report_reads::REPORT_ID), integers(&batch, 4));
        for (report, channel) in reports.iter().zip(channels) {
            assert_eq!(of_reports[*report as usize - 1], *channel, "{}", batch.table.name);
        }
        let read: HashSet<u64> = reports.iter().copied().collect();
        assert!(read.len() > 900, "{}", batch.table.name);
    }
}

#[test]
fn one_channel_is_much_larger_than_the_others_and_all_have_reports() {
    let rows = all(sample(5_000).reports());
    let mut by_channel: HashMap<u64, usize> = HashMap::new();
    for channel in integers(&rows, reports::CHANNEL_ID) {
        *by_channel.entry(*channel).or_default() += 1;
    }
    assert_eq!(by_channel.len(), ReportSample::channel_count());
    assert!((3_800..4_200).contains(&by_channel[&1]), "{by_channel:?}");
}

#[test]
fn what_is_referred_to_is_among_the_documents() {
    let sample = sample(20_000);
    let (reports, reads, alerts) =
        (all(sample.reports()), all(sample.reads(20_000)), all(sample.alerts(8_000)));
    let users = 1..=sample.user_count() as u64;
    let anonymous =
        integers(&reports, reports::USER_ID).iter().filter(|user| **user == ABSENT_INTEGER).count();
    assert!((2_000..2_800).contains(&anonymous), "{anonymous}");
    for batch in [&reads, &alerts] {
        assert!(integers(batch, report_reads::USER_ID).iter().all(|user| users.contains(user)));
    }
    let states: HashSet<u64> = integers(&reports, reports::STATE_ID).iter().copied().collect();
    assert!(states.contains(&ABSENT_INTEGER));
    let known =
        states.iter().filter(|state| (1..=ReportSample::state_count() as u64).contains(state)).count();
    assert_eq!(known, states.len() - 1);
}

#[test]
fn options_of_reports_are_options_of_the_form_of_their_channel() {
    let sample = sample(2_000);
    let forms = all(sample.forms(ReportSample::channel_count()));
    let Values::Texts(fields) = &forms.columns[tallyhouse_model::tables::forms::FIELDS] else { panic!() };
    let mut options: HashSet<(u64, String)> = HashSet::new();
    let mut types = HashSet::new();
    for form in 0..forms.rows() {
        let fields: serde_json::Value = serde_json::from_str(fields.get(form).unwrap()).unwrap();
        for field in fields.as_array().unwrap() {
            types.insert(field["field_type"].as_str().unwrap().to_owned());
            let data: serde_json::Value = serde_json::from_str(field["data"].as_str().unwrap()).unwrap();
            for option in data["options"].as_array().unwrap_or(&Vec::new()) {
                options.insert((field["id"].as_u64().unwrap(), option["value"].as_str().unwrap().to_owned()));
            }
        }
    }
    assert_eq!(types.len(), 5, "{types:?}");
    let reports = all(sample.reports());
    let selections = &reports.owned[reports::OWNED_SELECTIONS].rows;
    let Values::Texts(values) = &selections.columns[report_selections::VALUE] else { panic!() };
    let mut written = 0;
    for (row, field) in integers(selections, report_selections::FIELD_ID).iter().enumerate() {
        let value = values.get(row).unwrap().to_owned();
        if value.starts_with("Bay ") {
            written += 1;
        } else {
            assert!(options.contains(&(*field, value)), "{field}");
        }
    }
    assert!((400..800).contains(&written), "{written}");
}

#[test]
fn what_a_report_owns_is_what_its_lists_say() {
    let rows = all(sample(1_000).reports());
    let Values::Texts(images) = &rows.columns[reports::IMAGES] else { panic!() };
    let Values::Texts(fields) = &rows.columns[reports::FORM_FIELDS] else { panic!() };
    let length = |text: &str| match text {
        "" => 0,
        text => {
            let list: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
            list.iter().map(|item| item["value"].as_array().map_or(1, Vec::len)).sum()
        }
    };
    for (texts, owned) in [(images, reports::OWNED_IMAGES), (fields, reports::OWNED_SELECTIONS)] {
        let mut counted = vec![0; rows.rows()];
        rows.owned[owned].owners.iter().for_each(|owner| counted[*owner as usize] += 1);
        let told: Vec<usize> = (0..rows.rows()).map(|row| length(texts.get(row).unwrap())).collect();
        assert_eq!(told, counted);
        assert!(told.contains(&0) && told.iter().any(|count| *count > 3));
    }
}

#[test]
fn alerts_are_opened_soon_or_late_or_never() {
    let alerts = all(sample(2_000).alerts(8_000));
    let (mut soon, mut late, mut never) = (0, 0, 0);
    let alerted = times(&alerts, report_alerts::ALERTED_AT);
    for (at, opened) in alerted.iter().zip(times(&alerts, report_alerts::OPENED_AT)) {
        match *opened {
            ABSENT_TIME => never += 1,
            opened if opened - at > DAY => late += 1,
            _ => soon += 1,
        }
    }
    assert!(soon > 4_000 && late > 600 && never > 2_400, "{soon} {late} {never}");
}

#[test]
fn people_read_the_same_report_more_than_once_and_some_reports_are_read_by_many() {
    let reads = all(sample(1_000).reads(10_000));
    let pairs: HashSet<(u64, u64)> = integers(&reads, report_reads::REPORT_ID)
        .iter()
        .copied()
        .zip(integers(&reads, report_reads::USER_ID).iter().copied())
        .collect();
    assert!((3_000..8_000).contains(&pairs.len()), "{}", pairs.len());
    let mut by_report: HashMap<u64, usize> = HashMap::new();
    for report in integers(&reads, report_reads::REPORT_ID) {
        *by_report.entry(*report).or_default() += 1;
    }
    assert!(by_report.values().any(|reads| *reads > 60));
}

#[test]
fn working_hours_are_busier_than_nights() {
    let rows = all(sample(8_000).reports());
    let mut by_hour = [0; 24];
    for at in times(&rows, reports::CREATED_AT) {
        by_hour[(at.rem_euclid(DAY) / HOUR) as usize] += 1;
    }
    assert!(by_hour[10] > 5 * by_hour[3], "{by_hour:?}");
}
