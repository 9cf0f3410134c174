//! Reads one parameter after the other, and collects what is wrong with them.
//!
//! A reading of a bad parameter notes the problem and goes on with a stand-in, which [`ParamsReader::read`] never
//! lets out.

use tallyhouse_model::{DAY, Micros, Range, Unit};

use super::Period;
use crate::config::VideoConfig;
use crate::http::given_time::GivenTime;
use crate::http::query_string::QueryString;
use crate::video::content::ContentParams;
use crate::video::dimension::Breakdown;
use crate::video::error::{Problem, VideoError};
use crate::video::page::{LIMIT_DEFAULT, LIMIT_MAX, Page};
use crate::video::time_text::{default_zone, parse_time};

/// Numbers in one list parameter at most.
const IDS_MAX: usize = 10_000;

/// What a time has to be; the page on the API lists all forms.
const TIME_RULE: &str = "must be a date such as 2018-07-16, or a date and time such as 2018-07-16T19:20:30+01:00 \
    (24:00, weeks, days of the year and more than 9 digits of a fraction are not accepted)";

/// What `_page` has to be: at most [`u64::MAX`].
const PAGE_RULE: &str = "must be a whole number from 1 to 18446744073709551615";

/// The words of `content_type`.
const CONTENT_TYPES: [&str; 2] = ["live", "recorded"];

/// The words of `granularity`.
const GRANULARITIES: [(&str, Unit); 4] =
    [("minute", Unit::Minute), ("hour", Unit::Hour), ("day", Unit::Day), ("month", Unit::Month)];

/// Reads parameters one after the other and collects what is wrong with them.
pub(super) struct ParamsReader<'a> {
    query: &'a QueryString,
    config: &'a VideoConfig,
    problems: Vec<Problem>,
}

impl<'a> ParamsReader<'a> {
    /// The parameters that `read` makes of a query, unless any was bad.
    pub(super) fn read<T>(
        query: &'a QueryString,
        config: &'a VideoConfig,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, VideoError> {
        let mut reader = Self { query, config, problems: Vec::new() };
        let params = read(&mut reader);
        match reader.problems {
            problems if problems.is_empty() => Ok(params),
            problems => Err(VideoError::Parameters(problems)),
        }
    }

    fn refuse(&mut self, pointer: &'static str, detail: impl Into<String>) {
        self.problems.push(Problem { pointer, detail: detail.into() });
    }

    pub(super) fn content_type(&mut self, word: &str) -> &'static str {
        CONTENT_TYPES.into_iter().find(|known| *known == word).unwrap_or_else(|| {
            self.refuse("content_type", "must be live or recorded");
            CONTENT_TYPES[0]
        })
    }

    /// Contents of one type.
    pub(super) fn content(&mut self, content_type: &str) -> ContentParams {
        let content_type = Some(self.content_type(content_type));
        ContentParams { content_type, content_ids: self.ids("content_id"), channel_ids: None }
    }

    /// Contents of one type; recorded ones also by channel.
    pub(super) fn content_and_channels(&mut self, content_type: &str) -> ContentParams {
        let content = self.content(content_type);
        let is_recorded = content.content_type == Some("recorded");
        ContentParams { channel_ids: if is_recorded { self.ids("channel_id") } else { None }, ..content }
    }

    /// Recorded contents of channels that have to be given.
    pub(super) fn recorded_channels(&mut self) -> ContentParams {
        let channel_ids = Some(self.required_ids("channel_id"));
        ContentParams { content_type: Some("recorded"), content_ids: None, channel_ids }
    }

    pub(super) fn breakdown(&mut self, word: &str) -> Breakdown {
        Breakdown::of_word(word).unwrap_or_else(|| {
            self.refuse(
                "dimension",
                "must be month, day, hour, country, region, location, device or view-source, or summary",
            );
            Breakdown::Summary
        })
    }

    /// Minutes, unless it says otherwise.
    pub(super) fn granularity(&mut self) -> Unit {
        let Some(value) = self.single("granularity") else { return Unit::Minute };
        match GRANULARITIES.into_iter().find(|(word, _)| *word == value) {
            Some((_, unit)) => unit,
            None => {
                self.refuse("granularity", "must be minute, hour, day or month");
                Unit::Minute
            }
        }
    }

    /// The value of a parameter that may be sent once. Sent again with the same value does no harm; with another one
    /// nobody knows which was meant.
    pub(super) fn single(&mut self, name: &'static str) -> Option<&'a str> {
        let query = self.query;
        let mut values = query.values(name);
        let value = values.next()?;
        if values.any(|other| other != value) {
            self.refuse(name, "was sent more than once with different values");
            return None;
        }
        Some(value)
    }

    /// `true` unless it says otherwise.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        match self.single(name) {
            None => true,
            Some(value) if value == "1" || value.eq_ignore_ascii_case("true") => true,
            Some(value) if value == "0" || value.eq_ignore_ascii_case("false") => false,
            Some(_) => {
                self.refuse(name, "must be true, false, 1 or 0");
                true
            }
        }
    }

    pub(super) fn page(&mut self) -> Page {
        let number = self.whole_number("_page", Page::DEFAULT.number, u64::MAX, PAGE_RULE);
        let limit_max = LIMIT_MAX as u64;
        let limit = self.whole_number(
            "_limit",
            LIMIT_DEFAULT as u64,
            limit_max,
            "must be a whole number from 1 to 10000",
        );
        Page { number, limit: usize::try_from(limit).unwrap_or(LIMIT_MAX) }
    }

    fn whole_number(&mut self, name: &'static str, default: u64, max: u64, rule: &'static str) -> u64 {
        let Some(value) = self.single(name) else { return default };
        match parse_digits(value) {
            Some(number) if (1..=max).contains(&number) => number,
            _ => {
                self.refuse(name, rule);
                default
            }
        }
    }

    /// A list of numbers, separated by commas or sent one by one, sorted and without repetitions.
    pub(super) fn ids(&mut self, name: &'static str) -> Option<Vec<u64>> {
        let query = self.query;
        let mut values = query.values(name).flat_map(|value| value.split(',')).peekable();
        values.peek()?;
        let parsed: Option<Vec<u64>> =
            values.by_ref().take(IDS_MAX).map(|id| parse_id(id.trim_ascii())).collect();
        match parsed {
            None => {
                self.refuse(name, "must be whole numbers from 0 to 9223372036854775807, separated by commas")
            }
            Some(_) if values.next().is_some() => {
                self.refuse(name, format!("must be at most {IDS_MAX} numbers"))
            }
            Some(mut ids) => {
                ids.sort_unstable();
                ids.dedup();
                return Some(ids);
            }
        }
        None
    }

    pub(super) fn required_ids(&mut self, name: &'static str) -> Vec<u64> {
        let problems = self.problems.len();
        let ids = self.ids(name);
        if ids.is_none() && self.problems.len() == problems {
            self.refuse(name, "is required");
        }
        ids.unwrap_or_default()
    }

    /// The one number of a list that may hold no more.
    pub(super) fn required_id(&mut self, name: &'static str) -> u64 {
        let problems = self.problems.len();
        match self.required_ids(name)[..] {
            [id] => return id,
            _ if self.problems.len() == problems => self.refuse(name, "must be a single number"),
            _ => {}
        }
        0
    }

    pub(super) fn period(&mut self) -> Period {
        let from = self.required_time("date_time_from");
        let to = self.required_time("date_time_to");
        self.period_between(from, to)
    }

    /// A period of which either end, or both, may be missing.
    pub(super) fn open_period(&mut self) -> Period {
        let (from, to) = (self.time("date_time_from"), self.time("date_time_to"));
        self.period_between(from, to)
    }

    fn period_between(&mut self, from: Option<GivenTime>, to: Option<GivenTime>) -> Period {
        let is_whole = from.is_some() && to.is_some();
        let to = to.map_or(Micros::MAX, |to| to.at);
        let (from, zone) = from.map_or_else(|| (Micros::MIN, default_zone()), |from| (from.at, from.zone));
        let period = Period { range: Range { from, to }, zone };
        let days_max = self.config.date_range_days_max;
        if is_whole && days_max != 0 && period.wall_clock_length() > i64::from(days_max) * DAY {
            self.refuse("date_time_to", format!("must be at most {days_max} days after date_time_from"));
        }
        period
    }

    fn required_time(&mut self, name: &'static str) -> Option<GivenTime> {
        let problems = self.problems.len();
        let time = self.time(name);
        if time.is_none() && self.problems.len() == problems {
            self.refuse(name, "is required");
        }
        time
    }

    fn time(&mut self, name: &'static str) -> Option<GivenTime> {
        let value = self.single(name)?;
        let time = parse_time(value);
        if time.is_none() {
            self.refuse(name, TIME_RULE);
        }
        time
    }
}

/// Digits only: the standard parser would also take a sign.
fn parse_digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn parse_id(text: &str) -> Option<u64> {
    parse_digits(text).filter(|id| *id <= i64::MAX as u64)
}
