//! What the filters of operators' pipes let through, and the values they take.

use super::segments::{hours, segments, starts};

#[test]
fn every_filter_fits_its_columns_and_is_left_out_when_nothing_is_passed() {
    let rig = segments();
    let all = "28T22 28T23 29T21 29T22";
    for (kind, filter, cases) in [
        (
            "String",
            "column = \"device\"\nin = \"{x}\"",
            vec![("desktop", "28T22"), ("tv", ""), ("mobile", "28T23")],
        ),
        ("Strings", "column = \"device\"\nin = \"{x}\"", vec![("desktop,mobile", "28T22 28T23"), ("tv", "")]),
        ("UInt64", "column = \"content_id\"\nin = \"{x}\"", vec![("6", "29T21"), ("7", "")]),
        ("Strings", "column = \"content_id\"\nin = \"{x}\"", vec![("6,7", "29T21"), ("5,6", all)]),
        ("String", "column = \"country\"\nin = \"{x}\"", vec![("FR", "28T22 28T23"), ("fr", "")]),
        ("Strings", "column = \"country\"\nin = \"{x}\"", vec![("FR,HU", "28T22 28T23 29T21")]),
        ("String", "column = \"country\"\ncontains = \"{x}\"", vec![("r", "28T22 28T23"), ("u", "29T21")]),
        ("Flag", "column = \"finished\"\nis = \"{x}\"", vec![("0", "29T21"), ("1", "28T22 28T23 29T22")]),
        ("DateTime", "column = \"started_at\"\nfrom = \"{x}\"", vec![("2026-03-29 21:30:00", "29T21 29T22")]),
        ("DateTime", "column = \"started_at\"\nto = \"{x}\"", vec![("2026-03-28 22:30:00", "28T22")]),
    ] {
        let filtered = starts(&format!("[parameters.x]\ntype = \"{kind}\"\n[[filters]]\n{filter}\n"));
        assert_eq!(hours(&rig, &filtered, ""), all, "{filter}");
        for (value, expected) in cases {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("x", value).finish();
            assert_eq!(hours(&rig, &filtered, &query), expected, "{kind} {filter} {value}");
        }
    }
}

#[test]
fn a_value_that_no_column_can_hold_is_refused_with_the_name_of_its_parameter() {
    let rig = segments();
    let pipe = starts(
        "[parameters.device]\ntype = \"String\"\n[parameters.content]\ntype = \"Strings\"\n\
         [[filters]]\ncolumn = \"device\"\nin = \"{device}\"\n[[filters]]\ncolumn = \"content_id\"\nin = \"{content}\"",
    );
    let refused = |query: &str| rig.try_ask_of(&pipe, query).unwrap_err().to_string();
    assert_eq!(refused("device=fridge"), "device: is not one of: desktop, mobile, tablet, tv, other");
    assert_eq!(refused("content=1,x"), "content: has \"x\" in it, which is no number");
    assert_eq!(refused("content=1,x&client_id=birch"), "content: has \"x\" in it, which is no number");
}

#[test]
fn what_is_written_in_the_file_holds_for_every_request() {
    let rig = segments();
    let fixed = starts(
        "[range]\nfrom = \"2026-03-28 23:00:00\"\nto = \"2026-03-29 22:00:00Z\"\n\
         [[filters]]\ncolumn = \"content_id\"\nin = [5, \"6\"]\n[[filters]]\ncolumn = \"country\"\nin = [\"FR\", \"HU\"]\n\
         [[filters]]\ncolumn = \"view_type\"\nin = \"onsite\"\n",
    );
    assert_eq!(hours(&rig, &fixed, "content=7"), "28T23 29T21");
    let flag = starts(
        "[[filters]]\ncolumn = \"finished\"\nis = false\n[[filters]]\ncolumn = \"content_id\"\nin = 6\n",
    );
    assert_eq!(hours(&rig, &flag, ""), "29T21");
}

#[test]
fn defaults_hold_until_something_is_passed() {
    let rig = segments();
    let with_defaults = starts(
        "[parameters.from]\ntype = \"DateTime\"\ndefault = \"2026-03-29\"\n\
         [parameters.country]\ntype = \"Strings\"\ndefault = [\"HU\", \"FR\"]\n\
         [parameters.finished]\ntype = \"Flag\"\ndefault = false\n\
         [parameters.content]\ntype = \"UInt64\"\ndefault = 6\n\
         [range]\nfrom = \"{from}\"\n[[filters]]\ncolumn = \"country\"\nin = \"{country}\"\n\
         [[filters]]\ncolumn = \"finished\"\nis = \"{finished}\"\n[[filters]]\ncolumn = \"content_id\"\nin = \"{content}\"\n",
    );
    let defaults: Vec<_> = with_defaults.parameters.iter().map(|it| it.default.as_deref().unwrap()).collect();
    assert_eq!(defaults, ["2026-03-29", "HU,FR", "0", "6"]);
    assert_eq!(hours(&rig, &with_defaults, ""), "29T21");
    assert_eq!(hours(&rig, &with_defaults, "from=2026-03-28&finished=1&content=5&country="), "28T22 28T23");
}

#[test]
fn a_parameter_named_client_id_is_about_a_column_and_not_the_account() {
    let rig = segments();
    let of_device = starts(
        "[parameters.client_id]\ntype = \"String\"\n[[filters]]\ncolumn = \"client_id\"\nin = \"{client_id}\"",
    );
    assert_eq!(hours(&rig, &of_device, "client_id=c2"), "29T21");
    let without = starts("");
    assert_eq!(hours(&rig, &without, "client_id=c2"), "");
}
