//! When a token expires, as an operator writes it: after a while (`90d`), or at a time.

use tallyhouse_model::{DAY, HOUR, Micros, SECOND, parse_record_time};

/// The farthest ahead an expiry may lie: a hundred years, so that arithmetic on it never overflows.
const AHEAD_MAX: Micros = 36_525 * DAY;

/// Why a text is not an expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// Neither a duration nor a time.
    #[error("write a duration such as 90d, 12h or 30m, or a time such as 2030-01-31T00:00:00Z")]
    Malformed,
    /// It has passed already.
    #[error("that is not in the future")]
    Past,
    /// More than a hundred years from now.
    #[error("that is more than a hundred years ahead")]
    TooFar,
}

/// Reads an expiry: a number of days, hours or minutes from now, or an ISO 8601 time with an offset or `Z`.
pub fn parse_expiry(text: &str, now: Micros) -> Result<Micros, ExpiryError> {
    let at = match parse_duration(text) {
        Some(duration) => now.saturating_add(duration),
        None => parse_record_time(text).map_err(|_| ExpiryError::Malformed)?,
    };
    match at.saturating_sub(now) {
        ..=0 => Err(ExpiryError::Past),
        1..=AHEAD_MAX => Ok(at),
        _ => Err(ExpiryError::TooFar),
    }
}

fn parse_duration(text: &str) -> Option<Micros> {
    let unit = match text.as_bytes().last()? {
        b'd' => DAY,
        b'h' => HOUR,
        b'm' => 60 * SECOND,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(Micros::from(count).saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_count_from_now_and_times_stand_for_themselves() {
        assert_eq!(parse_expiry("90d", 5), Ok(90 * DAY + 5));
        assert_eq!(parse_expiry("12h", 0), Ok(12 * HOUR));
        assert_eq!(parse_expiry("30m", 0), Ok(1_800 * SECOND));
        assert_eq!(parse_expiry("1970-01-02T00:00:00Z", 0), Ok(DAY));
    }

    #[test]
    fn what_has_passed_is_too_far_or_is_neither_is_refused() {
        assert_eq!(parse_expiry("0d", 0), Err(ExpiryError::Past));
        assert_eq!(parse_expiry("1969-12-31T00:00:00Z", 0), Err(ExpiryError::Past));
        assert_eq!(parse_expiry("4294967295d", 0), Err(ExpiryError::TooFar));
        for text in ["", "d", "-1d", "1.5d", "90", "90 days", "2030-01-31", "90ð"] {
            assert_eq!(parse_expiry(text, 0), Err(ExpiryError::Malformed), "{text}");
        }
    }
}
