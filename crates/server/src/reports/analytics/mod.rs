//! The endpoints of analytics, a file for each (the two by the clock share one): a query of the model, and the members
//! of an item.

mod by_clock;
mod over_time;
mod per_field_selection;
mod per_state;
mod per_user;
mod reports_images;
mod reports_read;
mod user_awareness;

use tallyhouse_model::Point;

use super::ReportsError;
use super::request::Asked;
use super::respond::Answer;

/// An endpoint of analytics.
pub struct Endpoint {
    /// Its name: in URLs and in `Content-Range`.
    pub name: &'static str,
    /// What it answers.
    pub answer: fn(&Asked<'_>) -> Result<Answer, ReportsError>,
}

/// All of them. There is no `reports_made`: nobody knows what it answers.
pub static ENDPOINTS: [Endpoint; 9] = [
    Endpoint { name: reports_images::NAME, answer: reports_images::answer },
    Endpoint { name: over_time::NAME, answer: over_time::answer },
    Endpoint { name: per_field_selection::NAME, answer: per_field_selection::answer },
    Endpoint { name: per_state::NAME, answer: per_state::answer },
    Endpoint { name: per_user::NAME, answer: per_user::answer },
    Endpoint { name: by_clock::PER_DAY_HOUR, answer: by_clock::answer_per_day_hour },
    Endpoint { name: by_clock::PER_WEEK_DAY, answer: by_clock::answer_per_week_day },
    Endpoint { name: reports_read::NAME, answer: reports_read::answer },
    Endpoint { name: user_awareness::NAME, answer: user_awareness::answer },
];

/// The number of a point, of a column of numbers; none where it is absent.
fn id_of(point: &Point) -> Option<u64> {
    match point {
        Point::Integer(id) => Some(*id),
        Point::Absent => None,
        other => unreachable!("a column of numbers has no {other:?}"),
    }
}

/// Counts by number, the greatest count first, then the least number; what has no number is behind its equals.
fn by_count(values: Vec<(Point, u64)>) -> Vec<(Option<u64>, u64)> {
    let mut rows: Vec<_> = values.iter().map(|(point, count)| (id_of(point), *count)).collect();
    rows.sort_unstable_by_key(|(id, count)| (std::cmp::Reverse(*count), id.is_none(), *id));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_sorted_by_count_then_number_and_what_has_none_is_last() {
        let values = vec![
            (Point::Absent, 5),
            (Point::Integer(9), 5),
            (Point::Integer(2), 5),
            (Point::Integer(1), 1),
            (Point::Integer(3), 8),
        ];
        let expected = [(Some(3), 8), (Some(2), 5), (Some(9), 5), (None, 5), (Some(1), 1)];
        assert_eq!(by_count(values), expected);
    }

    #[test]
    fn every_endpoint_of_the_documentation_is_there_once() {
        let mut names: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "reports_images",
                "reports_over_time",
                "reports_per_day_hour",
                "reports_per_field_selection",
                "reports_per_state",
                "reports_per_user",
                "reports_per_week_day",
                "reports_read",
                "user_awareness"
            ]
        );
    }
}
