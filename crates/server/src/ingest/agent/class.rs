//! The class of device that a user agent stands for. The patterns know families and versions but no classes, so these
//! rules are our own; the words are what the makers of devices write into their agents.

use tallyhouse_model::ColumnKind;
use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments};

/// A class of device: the words of the column `device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceClass {
    /// A computer with a keyboard.
    Desktop,
    /// A phone, or another device for one hand.
    Mobile,
    /// A tablet.
    Tablet,
    /// A television, or a box or console that is connected to one.
    Tv,
    /// None of these: crawlers, programs, watches, cars, headsets, and what nobody knows.
    Other,
}

impl DeviceClass {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            DeviceClass::Desktop => "desktop",
            DeviceClass::Mobile => "mobile",
            DeviceClass::Tablet => "tablet",
            DeviceClass::Tv => "tv",
            DeviceClass::Other => "other",
        }
    }

    /// How the column stores it: the position of its word plus one.
    pub fn choice(self) -> u8 {
        let ColumnKind::Choice(words) = VIEW_SEGMENTS.columns[view_segments::DEVICE].kind else {
            unreachable!("device is a choice")
        };
        let index = words.iter().position(|word| *word == self.word());
        u8::try_from(index.expect("every class is one of the words") + 1).expect("there are five words")
    }

    /// Whether a stored choice is a device that one holds in the hand: a phone or a tablet.
    pub fn is_hand_held(choice: u8) -> bool {
        [DeviceClass::Mobile, DeviceClass::Tablet].iter().any(|class| class.choice() == choice)
    }

    /// The class of a user agent, by the first rule that fits.
    pub fn of(agent: &str) -> DeviceClass {
        let agent = agent.to_ascii_lowercase();
        RULES.iter().find(|rule| rule.fits(&agent)).map_or(DeviceClass::Other, |rule| rule.class)
    }
}

/// A rule fits an agent that has one of the words, and all of those it needs, and none of those it must not have.
struct Rule {
    class: DeviceClass,
    one_of: &'static [&'static str],
    needs: &'static [&'static str],
    without: &'static [&'static str],
}

impl Rule {
    fn fits(&self, agent: &str) -> bool {
        self.one_of.iter().any(|word| agent.contains(word))
            && self.needs.iter().all(|word| agent.contains(word))
            && !self.without.iter().any(|word| agent.contains(word))
    }
}

const fn rule(class: DeviceClass, one_of: &'static [&'static str]) -> Rule {
    Rule { class, one_of, needs: &[], without: &[] }
}

/// From the special to the general: a television with Android is a television, and nearly everything names the
/// browsers and systems that it wants to be mistaken for. In lower case.
const RULES: &[Rule] = &[
    // Headsets, watches and cars call themselves mobile.
    rule(
        DeviceClass::Other,
        &["oculusbrowser", "mobile vr", "pico neo", "apple watch", "qtcarbrowser", "tesla/"],
    ),
    rule(
        DeviceClass::Mobile,
        &["nintendo 3ds", "nintendo dsi", "playstation vita", "playstation portable", "(psp"],
    ),
    rule(DeviceClass::Tv, &["playstation", "xbox", "nintendo wii", "nintendo switch", "nintendo browser"]),
    rule(
        DeviceClass::Tv,
        &[
            "smart-tv",
            "smarttv",
            "smart tv",
            "smarthub",
            "hbbtv",
            "ce-html",
            "dlnadoc",
            "inettvbrowser",
            "apple tv",
            "appletv",
            "tvos",
            "android tv",
            "androidtv",
            "google tv",
            "googletv",
            "tv safari",
            "opera tv",
            "large screen",
            "chromecast",
            "crkey",
            "roku/",
            "fire tv",
            "firetv",
            "; aft",
            "bravia",
            "sonydtv",
            "sonycebrowser",
            "viera",
            "netcast",
            "web0s",
            "webos.tv",
            "webostv",
            "philipstv",
            "nettv",
            "vidaa",
            "vizio",
            "tivo",
            "mibox",
            "mitv",
            "shield android",
            "espial",
            "freebox",
            "_stb",
            " stb",
            "(stb",
            "stb/",
        ],
    ),
    rule(DeviceClass::Mobile, &["windows phone", "windows ce", "windows mobile", "iemobile", "zunewp7"]),
    // Before the tablets: desktops with the service for pens say "Tablet PC".
    rule(DeviceClass::Desktop, &["windows"]),
    rule(
        DeviceClass::Tablet,
        &[
            "ipad",
            "(tablet;",
            "; tablet;",
            "; tablet)",
            "opera tablet",
            "galaxy tab",
            "nexus 7",
            "nexus 9",
            "nexus 10",
            "pixel c ",
            "pixel tablet",
            "mediapad",
            "matepad",
            "kindle",
            "; kf",
            "silk/",
            "; sm-t",
            "; sm-x",
            "; gt-p",
            "playbook",
            "touchpad",
        ],
    ),
    // What the makers of Android ask browsers to do. Programs that are no browsers do not say "mobile" on phones either.
    Rule { class: DeviceClass::Tablet, one_of: &["android"], needs: &["mozilla/"], without: &["mobile"] },
    rule(
        DeviceClass::Mobile,
        &[
            "iphone",
            "ipod",
            "android",
            "(mobile;",
            "; mobile;",
            "; mobile)",
            "(phone;",
            "mobile safari",
            "mobile/",
            "opera mini",
            "opera mobi",
            "blackberry",
            "bb10",
            "kaios",
            "symbian",
            "series60",
            "series40",
            "nokia",
            "midp",
            "harmonyos",
            "webos/1",
            "webos/2",
        ],
    ),
    Rule {
        class: DeviceClass::Desktop,
        one_of: &["macintosh", "mac os x", "macos"],
        needs: &[],
        without: &["like mac os x"],
    },
    rule(
        DeviceClass::Desktop,
        &["x11;", "cros ", "linux x86_64", "linux i686", "freebsd", "openbsd", "netbsd"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_a_word_of_the_column() {
        use DeviceClass::{Desktop, Mobile, Other, Tablet, Tv};
        let choices = [Desktop, Mobile, Tablet, Tv, Other].map(DeviceClass::choice);
        assert_eq!(choices, [1, 2, 3, 4, 5]);
        assert_eq!(choices.map(DeviceClass::is_hand_held), [false, true, true, false, false]);
        assert!(!DeviceClass::is_hand_held(0));
    }

    #[test]
    fn rules_are_written_in_lower_case() {
        for word in RULES.iter().flat_map(|rule| [rule.one_of, rule.needs, rule.without]).flatten() {
            assert_eq!(*word, word.to_ascii_lowercase());
        }
    }
}
