//! `video.device_names`: what the points of the dimension `device` are called.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tallyhouse_model::DeviceClass;

/// From a point to its name. Points of the same name are one.
pub type DeviceNames = BTreeMap<DevicePoint, String>;

/// A point of the dimension `device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DevicePoint {
    /// Devices of a class.
    Class(DeviceClass),
    /// Devices that nothing is known about.
    Unknown,
}

/// How settings call [`DevicePoint::Unknown`].
const UNKNOWN: &str = "unknown";

impl TryFrom<String> for DevicePoint {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        if word == UNKNOWN {
            return Ok(DevicePoint::Unknown);
        }
        DeviceClass::of_word(&word)
            .map(DevicePoint::Class)
            .ok_or_else(|| format!("`{word}` is not one of: {}, {UNKNOWN}", DeviceClass::WORDS.join(", ")))
    }
}

impl From<DevicePoint> for String {
    fn from(point: DevicePoint) -> String {
        match point {
            DevicePoint::Class(class) => class.word().to_owned(),
            DevicePoint::Unknown => UNKNOWN.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_of_classes_and_unknown_can_be_named_and_no_other() {
        let mut names = DeviceNames::from([(DevicePoint::Unknown, "?".to_owned())]);
        names.extend(DeviceClass::ALL.map(|class| (DevicePoint::Class(class), class.word().to_owned())));
        let text = toml::to_string(&names).unwrap();
        assert_eq!(
            text,
            "desktop = \"desktop\"\nmobile = \"mobile\"\ntablet = \"tablet\"\ntv = \"tv\"\nother = \"other\"\nunknown = \"?\"\n"
        );
        assert_eq!(toml::from_str::<DeviceNames>(&text).unwrap(), names);
        let error = toml::from_str::<DeviceNames>("fridge = \"x\"").unwrap_err().to_string();
        assert!(
            error.contains("`fridge` is not one of: desktop, mobile, tablet, tv, other, unknown"),
            "{error}"
        );
    }
}
