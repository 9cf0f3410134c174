//! Pages of lists, and what confirms a deletion: the same for everything that the family lists.

use serde_json::json;

use super::rig::{MESSAGES, Rig, SHORTURLS, SNAPSHOTS};

/// The lists, with the member that each is under.
const LISTS: [(&str, &str); 3] =
    [(SNAPSHOTS, "sharing_analytics_snapshots"), (MESSAGES, "sharing_messages"), (SHORTURLS, "shorturls")];

#[tokio::test]
async fn a_list_without_parameters_is_its_first_250_entries_in_ascending_order() {
    let rig = Rig::new();
    for (path, member) in LISTS {
        let order = json!({"field": "date_creation", "direction": "asc"});
        let pagination = json!({
            "current_page": 1, "total_pages": 1, "entries_per_page": 250, "total_entries": 0, "order": order,
        });
        let empty = json!({"pagination": pagination, "count": 0, "entries": []});
        for query in [
            "",
            "?page=&entries_per_page=&order_direction=",
            "?page=1&entries_per_page=250&order_direction=ASC",
        ] {
            assert_eq!(rig.get(&format!("{path}{query}")).await.data(200), json!({member: empty}), "{query}");
        }
    }
}

#[tokio::test]
async fn more_than_500_entries_per_page_are_500() {
    let rig = Rig::new();
    for (path, member) in LISTS {
        for (asked, answered) in [("500", 500), ("501", 500), ("18446744073709551616", 500), ("1", 1)] {
            let data = rig.get(&format!("{path}?entries_per_page={asked}")).await.data(200);
            assert_eq!(data[member]["pagination"]["entries_per_page"], answered, "{asked}");
        }
    }
}

#[tokio::test]
async fn a_page_behind_the_last_has_no_entries() {
    let rig = Rig::new();
    for (path, member) in LISTS {
        for (asked, answered) in [("2", 2), ("18446744073709551616", u64::MAX)] {
            let data = rig.get(&format!("{path}?page={asked}&order_direction=desc")).await.data(200);
            let pagination = &data[member]["pagination"];
            assert_eq!(
                (&pagination["current_page"], &pagination["total_pages"]),
                (&json!(answered), &json!(1))
            );
            assert_eq!(pagination["order"]["direction"], "desc");
            assert_eq!((&data[member]["count"], &data[member]["entries"]), (&json!(0), &json!([])));
        }
    }
}

#[tokio::test]
async fn pages_and_directions_that_are_none_are_400_and_named() {
    let rig = Rig::new();
    for (path, _) in LISTS {
        for (parameter, values) in [
            ("page", ["0", "-1", "one", "1.5"]),
            ("entries_per_page", ["0", "-1", "all", "1e2"]),
            ("order_direction", ["up", "ascending", "0", "asc,desc"]),
        ] {
            for value in values {
                let info = rig.get(&format!("{path}?{parameter}={value}")).await.error(400);
                assert!(info.starts_with(parameter), "{info}");
            }
        }
    }
}

#[tokio::test]
async fn of_a_parameter_sent_several_times_the_last_that_is_not_empty_counts() {
    let rig = Rig::new();
    for (path, member) in LISTS {
        let data = rig.get(&format!("{path}?page=x&page=3&page=")).await.data(200);
        assert_eq!(data[member]["pagination"]["current_page"], 3);
    }
}

#[tokio::test]
async fn nothing_is_deleted_without_confirm_deletion() {
    let rig = Rig::new();
    for folder in ["/sharing/analytics/snapshots", "/sharing/messages", "/shorturls"] {
        for query in [
            "",
            "?confirm_deletion=",
            "?confirm_deletion=false",
            "?confirm_deletion=0",
            "?confirm_deletion=yes",
        ] {
            let info = rig.ask("DELETE", &format!("{folder}/x.json{query}"), "").await.error(400);
            assert!(info.contains("confirm_deletion=true"), "{info}");
        }
        for query in ["?confirm_deletion=true", "?confirm_deletion=TRUE", "?confirm_deletion=1"] {
            rig.ask("DELETE", &format!("{folder}/x.json{query}"), "").await.error(404);
        }
    }
}
