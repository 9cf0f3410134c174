//! What answers are wrapped in: the request as it was understood, and its result.

use serde_json::Value;
use serde_json::value::RawValue;
use tallyhouse_model::Micros;

/// What to answer; the status of the response is that of the envelope.
#[derive(Debug)]
pub struct Answer {
    /// 200, 201 or 207.
    pub code: u16,
    /// The word for it.
    pub flag: &'static str,
    /// The sentence for it.
    pub info: &'static str,
    /// `result.data`; none for an answer without a result.
    pub data: Option<Box<RawValue>>,
}

impl Answer {
    /// 200 with these data.
    pub fn success(data: &Value) -> Self {
        Self {
            code: 200,
            flag: "success",
            info: "Your request has been processed successfully",
            data: Some(serde_json::value::to_raw_value(data).expect("writing to memory does not fail")),
        }
    }
}

/// A time as an RFC 2822 date with a numeric offset, such as `Fri, 27 Jan 2012 16:08:37 +0100`.
pub fn date_text(time: Micros, zone: &str) -> String {
    let _ = (time, zone);
    String::new()
}
