//! Parameters become valid, typed values. Every bad or missing one is reported, not only the first.
//!
//! A reading of a bad parameter notes the problem and goes on with a stand-in, which [`ParamsReader::finish`] never
//! lets out.

use tallyhouse_model::{DAY, Micros, Range, SECOND, Zone};

use super::dimension::Breakdown;
use super::error::{Problem, VideoError};
use super::page::{LIMIT_DEFAULT, LIMIT_MAX, Page};
use super::query_string::QueryString;
use super::time_text::{GivenTime, parse_time};
use crate::config::VideoConfig;

/// Numbers in one list parameter at most.
const IDS_MAX: usize = 10_000;

/// The words of `content_type`.
const CONTENT_TYPES: [&str; 2] = ["live", "recorded"];

/// `date_time_from` and `date_time_to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// From the one to just before the other; empty when they are equal or run backwards.
    pub range: Range,
    /// The offset of `date_time_from`, or the default zone. Buckets begin and times are shown in it.
    pub zone: Zone,
}

impl Period {
    /// What a clock on the wall would say has passed: a day is 24 hours, also where daylight saving begins or ends.
    fn wall_clock_length(&self) -> Micros {
        let shown = |at| at + Micros::from(self.zone.offset_seconds_at(at)) * SECOND;
        shown(self.range.to) - shown(self.range.from)
    }
}

/// What a request to `/views…` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewsParams {
    /// Only of this type.
    pub content_type: Option<&'static str>,
    /// Only of these media.
    pub content_ids: Option<Vec<u64>>,
    /// Only of these channels.
    pub channel_ids: Option<Vec<u64>>,
    /// When.
    pub period: Period,
    /// Whether segments without a finish time are listed.
    pub list_unfinished_segments: bool,
    /// Whether segments that cross one edge of the period are listed.
    pub inclusive_range: bool,
    /// Which page.
    pub page: Page,
}

impl ViewsParams {
    /// Of `/views`.
    pub fn of_all(query: &QueryString, config: &VideoConfig) -> Result<Self, VideoError> {
        let mut reader = ParamsReader::new(query, config);
        let params = Self::of_range(&mut reader);
        reader.finish(params)
    }

    /// Of `/views/{content_type}`; on `recorded`, `channel_id` is honoured too.
    pub fn of_content_type(
        query: &QueryString,
        config: &VideoConfig,
        content_type: &str,
    ) -> Result<Self, VideoError> {
        let mut reader = ParamsReader::new(query, config);
        let content_type = reader.content_type(content_type);
        let content_ids = reader.ids("content_id");
        let channel_ids = if content_type == "recorded" { reader.ids("channel_id") } else { None };
        let all = Self::of_range(&mut reader);
        reader.finish(Self { content_type: Some(content_type), content_ids, channel_ids, ..all })
    }

    /// Of `/views/recorded/channel`.
    pub fn of_recorded_channel(query: &QueryString, config: &VideoConfig) -> Result<Self, VideoError> {
        let mut reader = ParamsReader::new(query, config);
        let channel_ids = Some(reader.required_ids("channel_id"));
        let all = Self::of_range(&mut reader);
        reader.finish(Self { content_type: Some("recorded"), channel_ids, ..all })
    }

    fn of_range(reader: &mut ParamsReader) -> Self {
        Self {
            content_type: None,
            content_ids: None,
            channel_ids: None,
            period: reader.period(),
            list_unfinished_segments: reader.flag("list_unfinished_segments"),
            inclusive_range: reader.flag("inclusive_range"),
            page: reader.page(),
        }
    }
}

/// What a request to `/{metric}/…` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesParams {
    /// Only of this type.
    pub content_type: Option<&'static str>,
    /// Only of these media.
    pub content_ids: Option<Vec<u64>>,
    /// Per what.
    pub breakdown: Breakdown,
    /// When.
    pub period: Period,
    /// Which page.
    pub page: Page,
}

impl SeriesParams {
    /// Of `/{metric}/{breakdown}`.
    pub fn of_all(query: &QueryString, config: &VideoConfig, breakdown: &str) -> Result<Self, VideoError> {
        let mut reader = ParamsReader::new(query, config);
        let breakdown = reader.breakdown(breakdown);
        let (period, page) = (reader.period(), reader.page());
        reader.finish(Self { content_type: None, content_ids: None, breakdown, period, page })
    }

    /// Of `/{metric}/{content_type}/{breakdown}`.
    pub fn of_content_type(
        query: &QueryString,
        config: &VideoConfig,
        content_type: &str,
        breakdown: &str,
    ) -> Result<Self, VideoError> {
        let mut reader = ParamsReader::new(query, config);
        let content_type = Some(reader.content_type(content_type));
        let breakdown = reader.breakdown(breakdown);
        let content_ids = reader.ids("content_id");
        let (period, page) = (reader.period(), reader.page());
        reader.finish(Self { content_type, content_ids, breakdown, period, page })
    }
}

/// Reads parameters one after the other and collects what is wrong with them.
struct ParamsReader<'a> {
    query: &'a QueryString,
    config: &'a VideoConfig,
    problems: Vec<Problem>,
}

impl<'a> ParamsReader<'a> {
    fn new(query: &'a QueryString, config: &'a VideoConfig) -> Self {
        Self { query, config, problems: Vec::new() }
    }

    /// The parameters, unless any was bad.
    fn finish<T>(self, params: T) -> Result<T, VideoError> {
        if self.problems.is_empty() { Ok(params) } else { Err(VideoError::Parameters(self.problems)) }
    }

    fn refuse(&mut self, pointer: &'static str, detail: impl Into<String>) {
        self.problems.push(Problem { pointer, detail: detail.into() });
    }

    fn content_type(&mut self, word: &str) -> &'static str {
        CONTENT_TYPES.into_iter().find(|known| *known == word).unwrap_or_else(|| {
            self.refuse("content_type", "must be live or recorded");
            CONTENT_TYPES[0]
        })
    }

    fn breakdown(&mut self, word: &str) -> Breakdown {
        Breakdown::of_word(word).unwrap_or_else(|| {
            self.refuse(
                "dimension",
                "must be month, day, hour, country, region, location, device or view-source, or summary",
            );
            Breakdown::Summary
        })
    }

    /// The value of a parameter that may be sent once. Sent again with the same value does no harm; with another one
    /// nobody knows which was meant.
    fn single(&mut self, name: &'static str) -> Option<&'a str> {
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
    fn flag(&mut self, name: &'static str) -> bool {
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

    fn page(&mut self) -> Page {
        let number =
            self.whole_number("_page", Page::DEFAULT.number, u64::MAX, "must be a whole number from 1");
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
    fn ids(&mut self, name: &'static str) -> Option<Vec<u64>> {
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

    fn required_ids(&mut self, name: &'static str) -> Vec<u64> {
        let problems = self.problems.len();
        let ids = self.ids(name);
        if ids.is_none() && self.problems.len() == problems {
            self.refuse(name, "is required");
        }
        ids.unwrap_or_default()
    }

    fn period(&mut self) -> Period {
        let (from, to) = (self.time("date_time_from"), self.time("date_time_to"));
        let (Some(from), Some(to)) = (from, to) else {
            return Period { range: Range { from: 0, to: 0 }, zone: Zone::UTC };
        };
        let period = Period { range: Range { from: from.at, to: to.at }, zone: from.zone };
        let days_max = self.config.date_range_days_max;
        if days_max != 0 && period.wall_clock_length() > i64::from(days_max) * DAY {
            self.refuse("date_time_to", format!("must be at most {days_max} days after date_time_from"));
        }
        period
    }

    fn time(&mut self, name: &'static str) -> Option<GivenTime> {
        let problems = self.problems.len();
        let Some(value) = self.single(name) else {
            if self.problems.len() == problems {
                self.refuse(name, "is required");
            }
            return None;
        };
        let time = parse_time(value);
        if time.is_none() {
            self.refuse(name, "must be an ISO 8601 date or date and time, such as 2018-07-16T19:20:30+01:00");
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

#[cfg(test)]
mod tests;
