//! Scans of rows that share an instant and a key: they go on where they ended, and begin anywhere else.

use tallyhouse_model::TableId;
use tallyhouse_model::tables::REPORT_IMAGES;
use tallyhouse_store::Stop;

use super::{ACCOUNT, House, all_of, report_with, sent_as};
use crate::rows::rows_of;

#[test]
fn a_scan_goes_on_where_it_ended_and_begins_anywhere_else() {
    let mut house = House::new();
    for batch in 0..3 {
        let sent: Vec<_> =
            (0..5).map(|nth| sent_as(batch * 5 + nth, 1, Some(report_with(&[3, 1, nth + 10])))).collect();
        house.ingest(ACCOUNT, &sent);
        house.store().flush().expect("there is room");
    }
    let all = house.model.rows(ACCOUNT, TableId::ReportImages);
    assert_eq!(all.len(), 45);
    let snapshot = house.store().snapshot();
    let columns: Vec<usize> = (0..REPORT_IMAGES.columns.len()).collect();
    let mut scan =
        snapshot.scan(&all_of(ACCOUNT, TableId::ReportImages), &Stop::default()).expect("it is sound");
    let places = [
        0..2,
        2..7,
        7..7,
        7..8,
        3..9,
        10..12,
        12..30,
        29..31,
        0..0,
        31..45,
        45..50,
        60..70,
        44..99,
        45..46,
        0..45,
    ];
    for places in places {
        let rows = rows_of(&scan.rows(places.clone(), &columns).expect("it is sound"));
        let expected: Vec<_> = all
            .iter()
            .skip(places.start as usize)
            .take((places.end - places.start) as usize)
            .cloned()
            .collect();
        assert_eq!(rows, expected, "{places:?}");
    }
}
