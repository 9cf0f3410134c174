//! Which channels, states and forms there are. All of it is made up.

use std::fmt::Write as _;

use crate::sample::random::Random;

/// What the channels are called, and how many of a hundred reports are filed in each. One is much larger than the others.
pub const CHANNELS: [(&str, u64); 9] = [
    ("Main works", 80),
    ("North yard", 6),
    ("South yard", 4),
    ("Harbour", 3),
    ("Workshop", 2),
    ("Laboratory", 2),
    ("Fleet", 1),
    ("Offices", 1),
    ("Visitors", 1),
];

/// What the states of a channel are called, in their order.
pub const STATES: [&str; 5] = ["New", "Assigned", "In progress", "Resolved", "Closed"];

/// What the fields of a form are; every form has them all.
pub const FIELDS: [FormField; 6] = [
    FormField::options("Kind", "Category", &["Hazard", "Near miss", "Damage", "Injury", "Idea"]),
    FormField {
        multi_select: true,
        ..FormField::options(
            "What is concerned",
            "DropDown",
            &["Floor", "Machine", "Vehicle", "Tool", "Weather"],
        )
    },
    FormField::options("Urgency", "Radio", &["Low", "Medium", "High"]),
    FormField {
        multi_select: true,
        ..FormField::options("Done at once", "CheckBox", &["Area closed", "Power off", "Others warned"])
    },
    FormField::options("Shift", "DropDown", &["Early", "Late", "Night"]),
    FormField::options("Where exactly", "ShortTextBox", &[]),
];

/// Where in the list of [`FIELDS`] the field without options is.
pub const TEXT_FIELD: usize = 5;

/// A field of a form.
#[derive(Debug, Clone, Copy)]
pub struct FormField {
    /// What it asks.
    pub label: &'static str,
    /// Its type in the words of forms.
    pub field_type: &'static str,
    /// Whether more than one option can be chosen.
    pub multi_select: bool,
    /// What its options are called.
    pub options: &'static [&'static str],
}

impl FormField {
    const fn options(
        label: &'static str,
        field_type: &'static str,
        options: &'static [&'static str],
    ) -> Self {
        Self { label, field_type, multi_select: false, options }
    }
}

/// The number of a state of a channel, by its place among [`STATES`].
pub fn state_id(channel: u64, place: u64) -> u64 {
    (channel - 1) * STATES.len() as u64 + place + 1
}

/// The number of a field of a form, by its place among [`FIELDS`].
pub fn field_id(form: u64, place: usize) -> u64 {
    (form - 1) * FIELDS.len() as u64 + place as u64 + 1
}

/// Adds what names a field in a form.
pub fn push_field_key(text: &mut String, form: u64, place: usize) {
    let id = field_id(form, place);
    write!(text, "f_1_{form}_{id}").expect("writing to a string never fails");
}

/// Adds the value that an option of a field has in reports.
pub fn push_option(text: &mut String, form: u64, place: usize, option: usize) {
    push_field_key(text, form, place);
    write!(text, "_{form}_{}", option + 1).expect("writing to a string never fails");
}

/// A channel; it has the form of the same number.
pub fn choose_channel(random: &mut Random) -> u64 {
    let mut at = random.below(100);
    for (number, (_, share)) in (1..).zip(CHANNELS) {
        match at.checked_sub(share) {
            Some(rest) => at = rest,
            None => return number,
        }
    }
    unreachable!("the shares add up to a hundred")
}
