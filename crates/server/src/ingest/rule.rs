//! Which values a field takes. `values.rs` reads them.

/// The greatest id: what fits a signed 64-bit integer.
pub const ID_MAX: u64 = i64::MAX as u64;

/// What a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A UUID in any case.
    Uuid,
    /// One of the words of the field's column.
    Word,
    /// An integer from 0 to this.
    Integer(u64),
    /// An integer from 0 to this, or a string of digits that means one. In the column of the key it is the key.
    Digits(u64),
    /// A time from 1990 to a day after receipt.
    Time(Zoneless),
    /// A text.
    Text(TextRule),
    /// A country code of two letters; kept in upper case.
    Country,
    /// True or false.
    Flag,
    /// A JSON object; kept as it was sent, where the record type has no form of its own for it.
    Object,
    /// A JSON list.
    List(ListOf),
    /// An address, of IP version 4 or 6. Never kept, not even in quarantine.
    Address,
    /// It is the time of receipt, whatever a record says.
    Receipt,
}

/// What a list in a record is made of. Of some the row owns a row for each item, and keeps the list itself for exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOf {
    /// Images of a report, which owns them.
    Images,
    /// Fields of a form, with what was chosen there; the report owns the choices.
    FormFields,
    /// Anything; kept as compact JSON.
    Anything(ListBounds),
}

/// How long a list may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListBounds {
    /// Items at most.
    pub items_max: usize,
    /// Bytes of its compact JSON at most.
    pub bytes_max: usize,
}

/// What a time without an offset means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoneless {
    /// It could be anywhere, and is refused.
    Refused,
    /// It is in UTC, and a date alone is its midnight.
    Utc,
}

/// Which texts a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRule {
    /// What is taken as a text.
    pub from: TextFrom,
    /// Bytes at most.
    pub bytes_max: usize,
    /// What the empty text means.
    pub empty: Empty,
}

/// What is taken as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFrom {
    /// Strings only.
    Strings,
    /// Strings, and integers of any size as their digits.
    Integers,
    /// Strings, integers as their digits, and truth values as `true` and `false`.
    Scalars,
}

/// What the empty text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// It is a text like any other.
    Kept,
    /// The same as absent.
    Absent,
    /// It is refused.
    Refused,
}

impl Rule {
    /// Strings of up to so many bytes.
    pub const fn text(bytes_max: usize) -> Rule {
        Rule::Text(TextRule { from: TextFrom::Strings, bytes_max, empty: Empty::Kept })
    }

    /// A string or an integer of 1 to so many bytes: what names something.
    pub const fn name(bytes_max: usize) -> Rule {
        Rule::Text(TextRule { from: TextFrom::Integers, bytes_max, empty: Empty::Refused })
    }

    /// The type of such values in the terms of pipes and their columns.
    pub fn type_name(self) -> &'static str {
        match self {
            Rule::Uuid => "UUID",
            Rule::Integer(_) | Rule::Digits(_) => "UInt64",
            Rule::Time(_) | Rule::Receipt => "DateTime64(6)",
            Rule::Flag => "Bool",
            Rule::Word | Rule::Text(_) | Rule::Country | Rule::Object | Rule::List(_) | Rule::Address => {
                "String"
            }
        }
    }

    /// Whether the empty text is the same as none.
    pub fn empty_is_absent(self) -> bool {
        matches!(self, Rule::Text(TextRule { empty: Empty::Absent, .. }))
    }

    /// Whether such values are JSON texts where a format has no objects and lists.
    pub fn is_json(self) -> bool {
        matches!(self, Rule::Object | Rule::List(_))
    }
}
