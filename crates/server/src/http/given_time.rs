//! Times as clients give them in parameters: ISO 8601, a date and time with an offset, `Z` or neither, or a date alone, in
//! the extended and the basic form.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use tallyhouse_model::{Micros, Zone};

/// A time parameter, and the zone it was written in.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenTime {
    /// The instant; digits beyond microseconds are cut.
    pub at: Micros,
    /// The fixed offset it was written with; the default when it has none.
    pub zone: Zone,
}

/// A space directly before `hh:mm`, `hhmm` or `hh` at the end of a time is a plus sign that was sent without encoding.
pub fn mend_plus(text: &str) -> Option<String> {
    let (time, offset) = text.rsplit_once(' ')?;
    let is_offset = match *offset.as_bytes() {
        [a, b] => [a, b].iter().all(u8::is_ascii_digit),
        [a, b, c, d] | [a, b, b':', c, d] => [a, b, c, d].iter().all(u8::is_ascii_digit),
        _ => false,
    };
    // Behind a date alone they would be an hour.
    (is_offset && time.contains(['T', 't'])).then(|| format!("{time}+{offset}"))
}

/// Reads a time parameter; without an offset it is one of the default zone. `None` when it is not ISO 8601 in one of the accepted forms.
pub fn parse(text: &str, default_zone: impl FnOnce() -> Zone) -> Option<GivenTime> {
    let mended = mend_plus(text);
    let text = mended.as_deref().unwrap_or(text);
    // The parser would also take signed years, zone names in brackets and a space for the T.
    let four_digits = text.len() >= 8 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit);
    if !four_digits || text.contains(['[', ' ']) {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let zone = match (pieces.offset(), pieces.time()) {
        (None, _) => default_zone(),
        (Some(_), None) => return None,
        (Some(PiecesOffset::Zulu), Some(_)) => Zone::UTC,
        (Some(offset), Some(_)) => Zone::fixed(offset.to_numeric_offset().seconds())?,
    };
    let wall = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
    // The last day of the year 9999 has no instants in the calendar, lest some offset led out of it; it is read as
    // the last there is. The other end is in the year -9999, which four digits cannot say.
    let at = zone.instant_of(wall).unwrap_or(Timestamp::MAX.as_microsecond());
    Some(GivenTime { at, zone })
}
