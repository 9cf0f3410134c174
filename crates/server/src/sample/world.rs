//! What there is to watch, with what, and from where. Nobody and nothing in it exists.

use std::sync::Arc;

use super::random::{Random, mix};

/// Recorded contents; the first are watched the most.
const RECORDED: u64 = 400;

/// The number of the first recorded content.
const RECORDED_FIRST: u64 = 1_001;

/// The number of the live channel that is always on.
const LIVE_ALWAYS: u64 = 500;

/// The number of the live event of day 0.
const LIVE_EVENT_FIRST: u64 = 5_001;

/// Country, region, city, and how many of a thousand clients are there.
const PLACES: [(&str, Option<&str>, Option<&str>, u64); 16] = [
    ("US", Some("US-CA"), Some("Los Angeles"), 160),
    ("US", Some("US-NY"), Some("New York"), 140),
    ("US", Some("US-TX"), Some("Austin"), 90),
    ("US", Some("US-IL"), Some("Chicago"), 60),
    ("GB", Some("GB-LND"), Some("London"), 90),
    ("DE", Some("DE-BE"), Some("Berlin"), 60),
    ("DE", Some("DE-BY"), Some("München"), 40),
    ("HU", Some("HU-BU"), Some("Budapest"), 60),
    ("FR", Some("FR-IDF"), Some("Paris"), 50),
    ("JP", Some("JP-13"), Some("Tokyo"), 60),
    ("BR", Some("BR-SP"), Some("São Paulo"), 50),
    ("IN", Some("IN-MH"), Some("Mumbai"), 50),
    ("CA", Some("CA-ON"), Some("Toronto"), 30),
    ("AU", Some("AU-NSW"), None, 20),
    ("NL", None, None, 20),
    ("", None, None, 20),
];

/// Word of the device (position plus one), `device_info`, and how many of a thousand clients use it.
const DEVICES: [(u8, [&str; 3], u64); 10] = [
    (1, [CHROME, WINDOWS, OTHER_DEVICE], 260),
    (1, [CHROME, MAC, MAC_DEVICE], 140),
    (1, [SAFARI, MAC, MAC_DEVICE], 90),
    (1, [FIREFOX, LINUX, OTHER_DEVICE], 70),
    (2, [MOBILE_SAFARI, IOS, IPHONE], 170),
    (2, [CHROME_MOBILE, ANDROID, PHONE], 130),
    (3, [MOBILE_SAFARI, IOS, IPAD], 60),
    (4, [TV_BROWSER, TV_SYSTEM, TV], 50),
    (5, [OTHER_BROWSER, LINUX, OTHER_DEVICE], 20),
    (0, [OTHER_BROWSER, OTHER_SYSTEM, OTHER_DEVICE], 10),
];

const CHROME: &str = r#""browser":{"family":"Chrome","major":"142","minor":"0","patch":"0"}"#;
const CHROME_MOBILE: &str = r#""browser":{"family":"Chrome Mobile","major":"142","minor":"0","patch":"0"}"#;
const SAFARI: &str = r#""browser":{"family":"Safari","major":"18","minor":"6","patch":null}"#;
const MOBILE_SAFARI: &str = r#""browser":{"family":"Mobile Safari","major":"18","minor":"6","patch":null}"#;
const FIREFOX: &str = r#""browser":{"family":"Firefox","major":"145","minor":"0","patch":null}"#;
const TV_BROWSER: &str = r#""browser":{"family":"Samsung Internet","major":"3","minor":"0","patch":null}"#;
const OTHER_BROWSER: &str = r#""browser":{"family":"Other","major":null,"minor":null,"patch":null}"#;

const WINDOWS: &str =
    r#""os":{"family":"Windows","major":"10","minor":null,"patch":null,"patch_minor":null}"#;
const MAC: &str = r#""os":{"family":"Mac OS X","major":"10","minor":"15","patch":"7","patch_minor":null}"#;
const LINUX: &str = r#""os":{"family":"Linux","major":null,"minor":null,"patch":null,"patch_minor":null}"#;
const IOS: &str = r#""os":{"family":"iOS","major":"18","minor":"6","patch":null,"patch_minor":null}"#;
const ANDROID: &str =
    r#""os":{"family":"Android","major":"15","minor":null,"patch":null,"patch_minor":null}"#;
const TV_SYSTEM: &str = r#""os":{"family":"Tizen","major":"6","minor":"5","patch":null,"patch_minor":null}"#;
const OTHER_SYSTEM: &str =
    r#""os":{"family":"Other","major":null,"minor":null,"patch":null,"patch_minor":null}"#;

const MAC_DEVICE: &str = r#""device":{"family":"Mac","brand":"Apple","model":"Mac"}"#;
const IPHONE: &str = r#""device":{"family":"iPhone","brand":"Apple","model":"iPhone"}"#;
const IPAD: &str = r#""device":{"family":"iPad","brand":"Apple","model":"iPad"}"#;
const PHONE: &str = r#""device":{"family":"K","brand":"Generic","model":"K"}"#;
const TV: &str = r#""device":{"family":"Samsung SMART-TV","brand":"Samsung","model":"SMART-TV"}"#;
const OTHER_DEVICE: &str = r#""device":{"family":"Other","brand":null,"model":null}"#;

/// A content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Live, not recorded.
    pub live: bool,
    /// Its number.
    pub id: u64,
    /// Its channel.
    pub channel: Option<u64>,
}

impl Content {
    /// The live event of a day.
    pub fn event(day: i64) -> Content {
        let id = LIVE_EVENT_FIRST + day.unsigned_abs();
        Content { live: true, id, channel: Some(10) }
    }

    /// The live channel that is always on.
    pub fn always_on() -> Content {
        Content { live: true, id: LIVE_ALWAYS, channel: Some(11) }
    }

    /// A recorded content. A few have no channel.
    pub fn recorded(random: &mut Random) -> Content {
        let rank = (random.fraction() * random.fraction() * random.fraction() * RECORDED as f64) as u64;
        let id = RECORDED_FIRST + rank;
        Content { live: false, id, channel: (!id.is_multiple_of(17)).then_some(20 + id % 8) }
    }

    /// How long a recorded content is, in seconds: 2 to 90 minutes.
    pub fn seconds(&self) -> u64 {
        120 + mix(self.id) % (88 * 60)
    }
}

/// What follows from the number of a client: it has the same place and device whenever it returns.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// What its identifier is made of.
    pub number: u64,
    /// Position in [`World::devices`].
    pub device: usize,
    place: usize,
    /// It is somebody who logs in.
    pub viewer: Option<u64>,
}

impl Client {
    /// The client of this number among those of a seed.
    pub fn new(seed: u64, index: u64) -> Client {
        let mut random = Random::new(mix(seed ^ 0xc11e) ^ index);
        let number = random.next();
        let device = pick(&mut random, &DEVICES.map(|(_, _, share)| share));
        let place = pick(&mut random, &PLACES.map(|(_, _, _, share)| share));
        // Some people watch on two devices.
        let viewer = random.percent(35).then_some(index / 2 + 1);
        Client { number, device, place, viewer }
    }

    /// Country, region and city.
    pub fn place(&self) -> (Option<[u8; 2]>, Option<&'static str>, Option<&'static str>) {
        let (country, region, city, _) = PLACES[self.place];
        (country.as_bytes().try_into().ok(), region, city)
    }
}

fn pick(random: &mut Random, shares: &[u64]) -> usize {
    let mut at = random.below(shares.iter().sum());
    for (index, share) in shares.iter().enumerate() {
        match at.checked_sub(*share) {
            Some(rest) => at = rest,
            None => return index,
        }
    }
    unreachable!("the number is below the sum of the shares")
}

/// What is looked up per row.
#[derive(Debug)]
pub struct World {
    /// Word of the device (0 when not known) and `device_info`.
    pub devices: Vec<(u8, Arc<str>)>,
}

impl World {
    /// The one there is.
    pub fn new() -> World {
        let devices =
            DEVICES.iter().map(|(word, parts, _)| (*word, format!("{{{}}}", parts.join(",")).into()));
        World { devices: devices.collect() }
    }
}
