//! Classes of devices: the words of the column `device`, in records, on disk, in settings and in answers.

/// A class of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Every class, in the order of [`DeviceClass::WORDS`].
    pub const ALL: [DeviceClass; 5] =
        [DeviceClass::Desktop, DeviceClass::Mobile, DeviceClass::Tablet, DeviceClass::Tv, DeviceClass::Other];

    /// The words, in the order of the column: their positions are on disk.
    pub const WORDS: [&'static str; 5] = ["desktop", "mobile", "tablet", "tv", "other"];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The class with this word.
    pub fn of_word(word: &str) -> Option<DeviceClass> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    /// How the column stores it: the position of its word plus one.
    pub fn choice(self) -> u8 {
        self as u8 + 1
    }

    /// Whether a stored choice is a device that one holds in the hand: a phone or a tablet.
    pub fn is_hand_held(choice: u8) -> bool {
        [DeviceClass::Mobile, DeviceClass::Tablet].iter().any(|class| class.choice() == choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnKind;
    use crate::tables::{VIEW_SEGMENTS, view_segments};

    #[test]
    fn a_class_is_stored_as_the_position_of_its_word_in_the_column() {
        let ColumnKind::Choice(words) = VIEW_SEGMENTS.columns[view_segments::DEVICE].kind else { panic!() };
        assert_eq!(words, ["desktop", "mobile", "tablet", "tv", "other"]);
        assert_eq!(DeviceClass::ALL.map(DeviceClass::choice), [1, 2, 3, 4, 5]);
        for class in DeviceClass::ALL {
            assert_eq!(words[usize::from(class.choice()) - 1], class.word());
            assert_eq!(format!("{class:?}").to_lowercase(), class.word());
            assert_eq!(DeviceClass::of_word(class.word()), Some(class));
        }
        assert_eq!(DeviceClass::of_word("unknown"), None);
    }

    #[test]
    fn phones_and_tablets_are_held_in_the_hand() {
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(DeviceClass::is_hand_held),
            [false, false, true, true, false, false]
        );
    }
}
