//! The class of device that a user agent stands for. The patterns know families and versions but no classes, so these
//! rules are our own; the words are what the makers of devices write into their agents.

use tallyhouse_model::DeviceClass;

/// The class of a user agent, by the first rule that fits.
pub fn class_of(agent: &str) -> DeviceClass {
    let agent = Text { sent: agent, lower: agent.to_ascii_lowercase() };
    RULES.iter().find(|rule| rule.fits(&agent)).map_or(DeviceClass::Other, |rule| rule.class)
}

/// An agent as it was sent and in lower case, byte by byte the same length.
struct Text<'a> {
    sent: &'a str,
    lower: String,
}

impl Text<'_> {
    /// Whether the word stands in it, see [`RULES`].
    fn has(&self, word: &str) -> bool {
        let (any_start, word) = word.strip_prefix('*').map_or((false, word), |rest| (true, rest));
        let (any_end, word) = word.strip_suffix('*').map_or((false, word), |rest| (true, rest));
        let is_exact = word.bytes().any(|byte| byte.is_ascii_uppercase());
        let text = if is_exact { self.sent } else { &self.lower };
        text.match_indices(word).any(|(start, _)| {
            (any_start || is_edge(self.sent, start)) && (any_end || is_edge(self.sent, start + word.len()))
        })
    }

    fn has_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }
}

/// Whether a word may start or end here: not between two letters, unless a capital follows a small one as in `MyTiVo`.
fn is_edge(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    match (before.chars().next_back(), after.chars().next()) {
        (Some(before), Some(after)) if before.is_alphabetic() && after.is_alphabetic() => {
            before.is_lowercase() && after.is_uppercase()
        }
        _ => true,
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
    fn fits(&self, agent: &Text<'_>) -> bool {
        agent.has_one_of(self.one_of)
            && self.needs.iter().all(|word| agent.has(word))
            && !agent.has_one_of(self.without)
    }
}

const fn rule(class: DeviceClass, one_of: &'static [&'static str]) -> Rule {
    Rule { class, one_of, needs: &[], without: &[] }
}

/// Apps are named after televisions and readers, and run on these; no such device claims to be one of them.
const APPLE_HAND_HELD: &[&str] = &["*iphone*", "ipad*", "*iPad*", "ipod*", "*iPod*"];

/// From the special to the general: a television with Android is a television, and nearly everything names the
/// browsers and systems that it wants to be mistaken for.
///
/// Words match whole words, in upper or lower case: `viera` is not in "Riviera". Where a star stands, letters may go
/// on: `nokia*` is in "nokian97". A word with a capital matches as it is written.
const RULES: &[Rule] = &[
    // Headsets, watches and cars call themselves mobile.
    rule(
        DeviceClass::Other,
        &["oculusbrowser", "mobile vr", "pico neo", "apple watch", "qtcarbrowser", "tesla/20"],
    ),
    rule(
        DeviceClass::Mobile,
        &["nintendo 3ds", "nintendo dsi", "playstation vita", "playstation portable", "(psp"],
    ),
    rule(DeviceClass::Tv, &["(playstation", "; xbox", "nintendo wii", "nintendo switch", "nintendo browser"]),
    Rule {
        class: DeviceClass::Tv,
        one_of: &[
            "smart-tv",
            "smarttv",
            "smart tv",
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
            "; chromecast",
            "devicetype/chromecast",
            "crkey",
            "roku/",
            "fire tv",
            "firetv",
            "; AFT*",
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
            "stb",
        ],
        needs: &[],
        without: APPLE_HAND_HELD,
    },
    rule(DeviceClass::Mobile, &["windows phone", "windows ce", "windows mobile", "iemobile", "zunewp7"]),
    // Before the tablets: desktops with the service for pens say "Tablet PC".
    rule(DeviceClass::Desktop, &["windows"]),
    // Before the phones: apps on it say "iPhone OS".
    rule(DeviceClass::Tablet, &["ipad*", "*iPad*"]),
    Rule {
        class: DeviceClass::Tablet,
        one_of: &[
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
            "kindle fire",
            "; KF*",
            "silk/",
            "sm-t*",
            "sm-x*",
            "gt-p*",
            "(playbook;",
            "touchpad/",
        ],
        needs: &[],
        without: APPLE_HAND_HELD,
    },
    // What the makers of Android ask browsers to do. Programs that are no browsers do not say "mobile" on phones either.
    Rule {
        class: DeviceClass::Tablet,
        one_of: &["*android*", "kindle/"],
        needs: &["mozilla/"],
        without: &["mobile", "*iphone*"],
    },
    rule(
        DeviceClass::Mobile,
        &[
            "*iphone*",
            "ipod*",
            "*iPod*",
            "*android*",
            "(mobile;",
            "; mobile;",
            "; mobile)",
            "(phone;",
            "mobile safari",
            "mobile/",
            "opera mini",
            "opera mobi",
            "blackberry*",
            "bb10",
            "kaios",
            "symbian*",
            "series60",
            "series40",
            "nokia*",
            "midp",
            "harmonyos",
            "webos/1.",
            "webos/2.",
        ],
    ),
    Rule {
        class: DeviceClass::Desktop,
        one_of: &["macintosh", "mac os x", "macos*"],
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
    fn a_word_is_in_a_text_where_it_stands_as_a_word() {
        for (word, text, expected) in [
            ("viera", "Viera", true),
            ("viera", "(VIERA/2.0)", true),
            ("viera", "4viera7", true),
            ("viera", "MyVieraPlayer", true),
            ("viera", "Riviera", false),
            ("viera", "RIVIERA", false),
            ("viera", "\u{e9}viera", false),
            ("viera", "vieras", false),
            ("viera", "Riviera viera", true),
            ("viera*", "vieras", true),
            ("viera*", "rivieras", false),
            ("*viera", "riviera", true),
            ("; KF*", "; KFTT", true),
            ("; KF*", "; Kftt", false),
            ("x11;", "x11;y", true),
            ("viera", "", false),
        ] {
            let text = Text { sent: text, lower: text.to_ascii_lowercase() };
            assert_eq!(text.has(word), expected, "{word} in {}", text.sent);
        }
    }
}
