//! The parameters of a request as valid values, or the first that is missing or wrong.

use tallyhouse_model::{Micros, Range, SECOND, Zone};

use super::ReportsError;
use super::request::Asked;
use crate::http::given_time;
use crate::http::query_string::QueryString;
use crate::ingest::ID_MAX;

/// What all analytics are about: a channel, and a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelPeriod {
    /// `channel_id`, which the credential may see.
    pub channel_id: u64,
    /// From `start_date` to `end_date`, both of them included. Empty where they run backwards.
    pub range: Range,
}

impl ChannelPeriod {
    /// That of a request.
    pub fn of(asked: &Asked<'_>) -> Result<Self, ReportsError> {
        let period = Self::read(&asked.params)?;
        asked.reader.check_sees(period.channel_id)?;
        Ok(period)
    }

    /// The same, before anybody has looked at whether the credential sees the channel.
    pub(super) fn read(params: &Params<'_>) -> Result<Self, ReportsError> {
        let [channel, start, end] = params.required(["channel_id", "start_date", "end_date"])?;
        let channel_id = id("channel_id", channel)?;
        // Where a channel stands in the path, another one in the query would be passed over in silence.
        if let Some(again) = params.in_query("channel_id")
            && id("channel_id", again)? != channel_id
        {
            return Err(invalid("channel_id", "is another one in the path"));
        }
        let from = time("start_date", start, params.zone)?;
        let to = time("end_date", end, params.zone)?.saturating_add(1);
        Ok(Self { channel_id, range: Range { from, to } })
    }

    /// From `start_date` to `end_date` as the calendar and the clocks of a zone show them, so that 31 days are 31 days
    /// also where one of them has 25 hours; negative where they run backwards.
    pub fn length_on_the_wall(&self, zone: &Zone) -> Micros {
        let shown = |at: Micros| at.saturating_add(Micros::from(zone.offset_seconds_at(at)) * SECOND);
        shown(self.range.to - 1).saturating_sub(shown(self.range.from))
    }
}

/// The parameters of a request as they were sent.
pub struct Params<'a> {
    /// Those behind the `?`.
    pub query: &'a QueryString,
    /// The channel in the path, if the URL has one there.
    pub channel: Option<&'a str>,
    /// The zone of times without an offset.
    pub zone: &'a Zone,
}

impl Params<'_> {
    /// These parameters, of which each has to be there; the error is about the first that is not.
    pub fn required<const N: usize>(&self, names: [&'static str; N]) -> Result<[&str; N], ReportsError> {
        let mut values = [""; N];
        for (value, name) in values.iter_mut().zip(names) {
            let in_path = self.channel.filter(|_| name == "channel_id");
            *value = in_path.or_else(|| self.in_query(name)).ok_or(ReportsError::Missing(name))?;
        }
        Ok(values)
    }

    /// The last value of a parameter; an empty one is none.
    pub fn in_query<'b>(&'b self, name: &'b str) -> Option<&'b str> {
        self.query.values(name).last().map(str::trim).filter(|value| !value.is_empty())
    }

    /// An id, if it is there.
    pub fn id(&self, name: &'static str) -> Result<Option<u64>, ReportsError> {
        self.in_query(name).map(|text| id(name, text)).transpose()
    }

    /// Ids with commas between, if they are there: `ids=1,2`, or `ids[]=1&ids[]=2`.
    pub fn ids(&self) -> Result<Option<Vec<u64>>, ReportsError> {
        let lists = self.query.values("ids").chain(self.query.values("ids[]"));
        let texts = lists.flat_map(|list| list.split(',')).map(str::trim).filter(|text| !text.is_empty());
        let ids = texts.map(|text| id("ids", text)).collect::<Result<Vec<_>, _>>()?;
        Ok((!ids.is_empty()).then_some(ids))
    }

    /// A time, if it is there.
    pub fn time(&self, name: &'static str) -> Result<Option<Micros>, ReportsError> {
        self.in_query(name).map(|text| time(name, text, self.zone)).transpose()
    }
}

/// Reads an id.
pub fn id(name: &'static str, text: &str) -> Result<u64, ReportsError> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let id = digits.and_then(|digits| digits.parse().ok()).filter(|id| *id <= ID_MAX);
    id.ok_or_else(|| invalid(name, "is not an integer from 0 to 2^63-1"))
}

fn time(name: &'static str, text: &str, zone: &Zone) -> Result<Micros, ReportsError> {
    let mended = with_a_t(text);
    let time = given_time::parse(mended.as_deref().unwrap_or(text), || zone.clone());
    let time = time.ok_or_else(|| invalid(name, "is not a time as ISO 8601 has it"));
    Ok(time?.at)
}

/// `2026-05-01 00:00:00`, as records may have it, with the `T`. Only with seconds: two numbers behind a date may be an
/// offset whose `+` was sent without encoding.
fn with_a_t(text: &str) -> Option<String> {
    let (date, time) = text.split_once(' ')?;
    let is_time = time.len() >= 8 && time.as_bytes()[..8].iter().filter(|byte| **byte == b':').count() == 2;
    (date.len() == 10 && is_time).then(|| format!("{date}T{time}"))
}

fn invalid(name: &'static str, text: &str) -> ReportsError {
    ReportsError::Invalid(name, text.to_owned())
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::DAY;

    use super::*;

    fn query(text: &str) -> QueryString {
        QueryString::of(&format!("/x?{text}").parse().unwrap())
    }

    fn period_of(channel: Option<&str>, text: &str, zone: &Zone) -> Result<ChannelPeriod, ReportsError> {
        ChannelPeriod::read(&Params { query: &query(text), channel, zone })
    }

    fn error(text: &str) -> String {
        period_of(None, text, &Zone::UTC).unwrap_err().to_string()
    }

    fn at(text: &str) -> Micros {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    }

    const DATES: &str = "start_date=2016-01-01T00:00:00Z&end_date=2016-11-11T00:00:00Z";

    #[test]
    fn both_dates_are_included() {
        let period = period_of(None, &format!("channel_id=1&{DATES}"), &Zone::UTC).unwrap();
        let range = Range { from: at("2016-01-01T00:00:00Z"), to: at("2016-11-11T00:00:00.000001Z") };
        assert_eq!(period, ChannelPeriod { channel_id: 1, range });
        assert_eq!(
            period.length_on_the_wall(&Zone::UTC),
            at("2016-11-11T00:00:00Z") - at("2016-01-01T00:00:00Z")
        );
    }

    #[test]
    fn missing_parameters_are_told_one_at_a_time_and_before_wrong_ones() {
        assert_eq!(error(""), "channel_id is missing");
        assert_eq!(error("channel_id=&start_date=2016-01-01"), "channel_id is missing");
        assert_eq!(error("channel_id=x"), "start_date is missing");
        assert_eq!(error("channel_id=x&start_date=y"), "end_date is missing");
        assert_eq!(
            error("channel_id=x&start_date=y&end_date=z"),
            "channel_id is not an integer from 0 to 2^63-1"
        );
        assert_eq!(
            error("channel_id=1&start_date=y&end_date=z"),
            "start_date is not a time as ISO 8601 has it"
        );
        assert_eq!(
            error("channel_id=1&start_date=2016-01-01&end_date=z"),
            "end_date is not a time as ISO 8601 has it"
        );
    }

    #[test]
    fn ids_are_digits_up_to_the_greatest() {
        assert_eq!(id("id", "9223372036854775807").unwrap(), ID_MAX);
        for text in ["9223372036854775808", "99999999999999999999", "-1", "+1", "1.0", "", "0x1", "١"] {
            assert!(id("id", text).is_err(), "{text}");
        }
        assert_eq!(id("id", "007").unwrap(), 7);
    }

    #[test]
    fn the_channel_in_the_path_and_in_the_query_have_to_be_one() {
        assert_eq!(period_of(Some("7"), DATES, &Zone::UTC).unwrap().channel_id, 7);
        let both = format!("channel_id=7&{DATES}");
        assert_eq!(period_of(Some("7"), &both, &Zone::UTC).unwrap().channel_id, 7);
        let error = period_of(Some("8"), &both, &Zone::UTC).unwrap_err();
        assert_eq!(error, invalid("channel_id", "is another one in the path"));
    }

    #[test]
    fn times_without_an_offset_are_of_the_zone() {
        let auckland = Zone::named("Pacific/Auckland").unwrap();
        let text = "channel_id=1&start_date=2016-11-07&end_date=2016-11-08T01:00:00%2B01:00";
        let range = period_of(None, text, &auckland).unwrap().range;
        assert_eq!(range, Range { from: at("2016-11-06T11:00:00Z"), to: at("2016-11-08T00:00:00.000001Z") });
    }

    #[test]
    fn a_space_may_be_between_a_date_and_its_time() {
        let read = |text: &str| time("start_date", text, &Zone::UTC);
        for (text, expected) in [
            ("2026-05-01 00:00:00", "2026-05-01T00:00:00Z"),
            ("2026-05-01 10:20:30.5", "2026-05-01T10:20:30.5Z"),
            ("2026-05-01 10:20:30Z", "2026-05-01T10:20:30Z"),
            ("2026-05-01 10:20:30+01:00", "2026-05-01T09:20:30Z"),
            ("2026-05-01 10:20:30 01:00", "2026-05-01T09:20:30Z"),
            ("2026-05-01T10:20:30 01:00", "2026-05-01T09:20:30Z"),
        ] {
            assert_eq!(read(text), Ok(at(expected)), "{text}");
        }
        for text in
            ["2026-05-01 10:20", "2026-05-01  10:20:30", "2026-05-01 é0:20:30", "20260501 10:20:30", " :: é"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_those_that_the_clocks_on_the_wall_show() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let length = |start: &str, end: &str| {
            let text = format!("channel_id=1&start_date={start}&end_date={end}");
            let period = period_of(None, &text, &berlin).unwrap();
            (period.length_on_the_wall(&berlin), period.length_on_the_wall(&Zone::UTC))
        };
        assert_eq!(length("2026-10-01", "2026-11-01"), (31 * DAY, 31 * DAY + 3_600 * SECOND));
        assert_eq!(length("2026-03-29", "2026-03-31"), (2 * DAY, 2 * DAY - 3_600 * SECOND));
        assert_eq!(length("2026-07-02", "2026-07-01"), (-DAY, -DAY));
    }

    #[test]
    fn of_several_values_the_last_counts() {
        let text = format!("channel_id=1&channel_id=2&{DATES}");
        assert_eq!(period_of(None, &text, &Zone::UTC).unwrap().channel_id, 2);
    }

    #[test]
    fn lists_of_ids_have_commas_or_are_sent_several_times() {
        let ids = |text: &str| Params { query: &query(text), channel: None, zone: &Zone::UTC }.ids();
        assert_eq!(ids("").unwrap(), None);
        assert_eq!(ids("ids=").unwrap(), None);
        assert_eq!(ids("ids=3,1").unwrap(), Some(vec![3, 1]));
        assert_eq!(ids("ids[]=3&ids[]=1").unwrap(), Some(vec![3, 1]));
        assert!(ids("ids=3,x").is_err());
    }
}
