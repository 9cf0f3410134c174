//! Pipes of operators that are a series, or one number.

use super::rig::pipe;
use super::segments::segments;

#[test]
fn a_series_by_day_has_the_days_of_its_zone() {
    let rig = segments();
    let by_day = pipe(
        r#"
        description = "Devices per day in Paris, which has 23 hours on the second one."
        table = "view_segments"
        [parameters.from]
        type = "DateTime"
        [parameters.zone]
        type = "String"
        default = "Europe/Paris"
        [range]
        from = "{from}"
        [[columns]]
        name = "day"
        unit = "day"
        zone = "{zone}"
        [[columns]]
        name = "devices"
        measure = "distinct"
        of = "client_id"
        [[columns]]
        name = "account"
        account = true
        "#,
    );
    let lines = |query: &str| rig.ask_of(&by_day, query).lines();
    assert_eq!(
        lines(""),
        ["2026-03-27T23:00:00Z 1 acme", "2026-03-28T23:00:00Z 2 acme", "2026-03-29T22:00:00Z 1 acme"]
    );
    assert_eq!(lines("from=2026-03-29&limit=1"), ["2026-03-28T23:00:00Z 1 acme"]);
    let utc = ["2026-03-28T00:00:00Z 1 acme", "2026-03-29T00:00:00Z 2 acme"];
    assert_eq!(lines("zone=UTC"), utc);
    let refused = rig.try_ask_of(&by_day, "zone=Paris").unwrap_err().to_string();
    assert_eq!(refused, "zone: is not a time zone such as Europe/Paris");
    let kinds: Vec<_> = rig.ask_of(&by_day, "").columns.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, ["DateTime64(3)", "UInt64", "String"]);
}

#[test]
fn a_series_can_be_in_the_order_of_its_number_and_backwards() {
    let rig = segments();
    let by_month = pipe(
        "description = \"x\"\ntable = \"view_segments\"\n\
         [[columns]]\nname = \"month\"\nunit = \"month\"\nzone = \"Asia/Tokyo\"\n\
         [[columns]]\nname = \"count\"\nmeasure = \"rows\"\n",
    );
    assert_eq!(rig.ask_of(&by_month, "").lines(), ["2026-02-28T15:00:00Z 4"]);
    let by_day = |order: &str| {
        let by_day = pipe(&format!(
            "description = \"x\"\ntable = \"view_segments\"\n{order}\n\
             [[columns]]\nname = \"day\"\nunit = \"hour\"\n[[columns]]\nname = \"count\"\nmeasure = \"distinct\"\nof = \"client_id\"\n\
             [range]\nfrom = \"2026-03-28\"\n"
        ));
        let answered = rig.ask_of(&by_day, "limit=3");
        answered.column("day").into_iter().map(|day| day[8..13].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(by_day(""), "28T22 28T23 29T21");
    assert_eq!(by_day("descending = true"), "29T22 29T21 28T23");
    assert_eq!(by_day("order = \"count\"\ndescending = true"), "29T22 29T21 28T23");
    assert_eq!(by_day("order = \"day\""), "28T22 28T23 29T21");
}

#[test]
fn one_number_over_everything_is_a_row_even_when_it_is_0() {
    let rig = segments();
    let count = pipe(
        r#"
        description = "How many devices."
        table = "view_segments"
        [parameters.country]
        type = "String"
        [[filters]]
        column = "country"
        in = "{country}"
        [[columns]]
        name = "devices"
        measure = "distinct"
        of = "client_id"
        "#,
    );
    assert_eq!(rig.ask_of(&count, "").lines(), ["3"]);
    assert_eq!(rig.ask_of(&count, "country=FR").lines(), ["1"]);
    assert_eq!(rig.ask_of(&count, "country=XX").lines(), ["0"]);
}
