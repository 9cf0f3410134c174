//! What answers are wrapped in: the request as it was understood, and its result. Members are in the order of the
//! documented examples, so nothing here goes through a `Value`, which would sort them.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use serde::Serialize;
use tallyhouse_model::Micros;

use crate::catalog::KeptJson;

/// What 200 says.
const SUCCESS_INFO: &str = "Your request has been processed successfully";

/// 0001-01-01T00:00:00Z and 9999-12-30T00:00:00Z: years have four digits in every zone; no record has a time beyond these.
const DATE_MIN: Micros = -62_135_596_800_000_000;
const DATE_MAX: Micros = 253_402_128_000_000_000;

/// What to answer; the status of the response is that of the envelope.
#[derive(Debug)]
pub struct Answer {
    /// 200, 201 or 207; of errors another one.
    pub code: u16,
    /// The word for it.
    pub flag: &'static str,
    /// The sentence for it.
    pub info: String,
    /// `result.data` as JSON; none for an answer without a result.
    pub data: Option<Texts>,
}

/// What JSON is made of, one behind the other.
pub type Texts = Vec<Text>;

/// A stretch of JSON.
#[derive(Debug, PartialEq, Eq)]
pub enum Text {
    /// It is there.
    Written(String),
    /// It is to be unpacked while it is sent.
    Kept(KeptJson),
}

impl Text {
    /// The text, if it is there.
    pub fn written(&self) -> Option<&str> {
        match self {
            Text::Written(text) => Some(text),
            Text::Kept(_) => None,
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    date: String,
    resource: &'a str,
    status: Status<'a>,
}

#[derive(Serialize)]
struct Status<'a> {
    flag: &'a str,
    code: u16,
    info: &'a str,
}

impl Answer {
    /// Any answer with data.
    pub fn new(code: u16, flag: &'static str, info: impl Into<String>, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).expect("writing to memory does not fail");
        Self { code, flag, info: info.into(), data: Some(vec![Text::Written(data)]) }
    }

    /// 200 with these data.
    pub fn success(data: &impl Serialize) -> Self {
        Self::new(200, "success", SUCCESS_INFO, data)
    }

    /// 200 with data that are JSON already.
    pub fn written(data: Texts) -> Self {
        Self { data: Some(data), ..Self::done(SUCCESS_INFO) }
    }

    /// 200 without a result.
    pub fn done(info: impl Into<String>) -> Self {
        Self { code: 200, flag: "success", info: info.into(), data: None }
    }

    /// The envelope of an answer of this time about this resource. `zone` is the offset of its date.
    pub fn wrap(self, resource: &str, now: Micros, zone: &str) -> Texts {
        let status = Status { flag: self.flag, code: self.code, info: &self.info };
        let request = Request { date: date_text(now, zone), resource, status };
        let request = serde_json::to_string(&request).expect("writing to memory does not fail");
        let head = format!(r#"{{"response":{{"request":{request}"#);
        match self.data {
            Some(mut data) => {
                data.insert(0, Text::Written(head + r#","result":{"data":"#));
                data.push(Text::Written("}}}".to_owned()));
                data
            }
            None => vec![Text::Written(head + "}}")],
        }
    }
}

/// A time as an RFC 2822 date with a numeric offset, such as `Fri, 27 Jan 2012 16:08:37 +0100`. The zone is one that the
/// settings accept: `+hhmm` or `-hhmm`.
pub fn date_text(time: Micros, zone: &str) -> String {
    let shown = time.clamp(DATE_MIN, DATE_MAX);
    let timestamp = Timestamp::from_microsecond(shown).expect("it was brought into the calendar");
    let zoned = timestamp.to_zoned(TimeZone::fixed(offset_of(zone)));
    // Its names of days and months are English whatever the locale.
    strtime::format("%a, %d %b %Y %H:%M:%S %z", &zoned).expect("a zoned time has all of these")
}

fn offset_of(zone: &str) -> Offset {
    let number: i32 = zone.parse().expect("the zone was checked when the settings were read");
    // Both parts have the sign of the number, also where the hours are 0.
    let seconds = (number / 100) * 3_600 + (number % 100) * 60;
    Offset::from_seconds(seconds).expect("the zone was checked when the settings were read")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2012-01-27T15:08:37Z and a bit: the time of the documented examples.
    const NOW: Micros = 1_327_676_917_900_000;

    fn text(texts: Texts) -> String {
        texts.iter().map(|text| text.written().unwrap()).collect()
    }

    #[test]
    fn dates_are_those_of_rfc_2822_with_a_numeric_offset() {
        for (zone, date) in [
            ("+0000", "Fri, 27 Jan 2012 15:08:37 +0000"),
            ("+0100", "Fri, 27 Jan 2012 16:08:37 +0100"),
            ("-0530", "Fri, 27 Jan 2012 09:38:37 -0530"),
            ("-0030", "Fri, 27 Jan 2012 14:38:37 -0030"),
            ("+1400", "Sat, 28 Jan 2012 05:08:37 +1400"),
        ] {
            assert_eq!(date_text(NOW, zone), date);
        }
        assert_eq!(date_text(0, "-0000"), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(date_text(Micros::MAX, "+1400"), "Thu, 30 Dec 9999 14:00:00 +1400");
        assert_eq!(date_text(Micros::MIN, "+0000"), "Mon, 01 Jan 0001 00:00:00 +0000");
    }

    #[test]
    fn an_envelope_has_its_members_in_the_documented_order() {
        let answer = Answer::new(201, "scheduled", "In \"words\"", &["b", "a"]);
        assert_eq!(
            text(answer.wrap("/sharing/x.json", NOW, "+0100")),
            r#"{"response":{"request":{"date":"Fri, 27 Jan 2012 16:08:37 +0100","resource":"/sharing/x.json","status":{"flag":"scheduled","code":201,"info":"In \"words\""}},"result":{"data":["b","a"]}}}"#
        );
    }

    #[test]
    fn an_answer_without_data_has_no_result() {
        let wrapped = text(Answer::done("Gone").wrap("/a\"b", NOW, "+0000"));
        let json: serde_json::Value = serde_json::from_str(&wrapped).unwrap();
        assert_eq!(json["response"]["request"]["resource"], "/a\"b");
        assert_eq!(json["response"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn data_that_are_json_already_are_sent_as_they_are() {
        let data = Text::Written("{ \"z\": 1, \"a\": 2 }".to_owned());
        let texts = Answer::written(vec![data]).wrap("/", NOW, "+0000");
        assert!(text(texts).ends_with("\"result\":{\"data\":{ \"z\": 1, \"a\": 2 }}}}"));
    }
}
