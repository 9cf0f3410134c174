//! What a request passes to a pipe: texts become values of the parameters' types.

use tallyhouse_model::Micros;

use super::moment::Moment;
use super::{Parameter, ParameterKind};
use crate::pipes::error::PipesError;

/// The greatest number that columns hold.
const INTEGER_MAX: u64 = i64::MAX as u64;

/// The default of a [`ParameterKind::DateTime`] that is the time of the request.
pub const DEFAULT_NOW: &str = "now";

/// Texts of one list at most.
const TEXTS_MAX: usize = 1_000;

/// A value of a parameter, or one that is written in the file in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// Of [`ParameterKind::DateTime`].
    Moment(Moment),
    /// Of [`ParameterKind::String`].
    Text(String),
    /// Of [`ParameterKind::UInt64`].
    Integer(u64),
    /// Of [`ParameterKind::Flag`].
    Flag(bool),
    /// Of [`ParameterKind::Strings`]; never empty.
    Texts(Vec<String>),
}

impl ParameterKind {
    /// All of them.
    pub const ALL: [ParameterKind; 5] = [
        ParameterKind::DateTime,
        ParameterKind::String,
        ParameterKind::UInt64,
        ParameterKind::Flag,
        ParameterKind::Strings,
    ];

    /// Its name in pipe files and descriptions.
    pub fn name(self) -> &'static str {
        match self {
            ParameterKind::DateTime => "DateTime",
            ParameterKind::String => "String",
            ParameterKind::UInt64 => "UInt64",
            ParameterKind::Flag => "Flag",
            ParameterKind::Strings => "Strings",
        }
    }

    /// Whether a text is a value, and not as good as none. A space is a text like any other.
    fn is_passed(self, text: &str) -> bool {
        let left = match self {
            ParameterKind::String => text,
            ParameterKind::Strings => text.trim_matches(','),
            ParameterKind::DateTime | ParameterKind::UInt64 | ParameterKind::Flag => text.trim(),
        };
        !left.is_empty()
    }

    /// Reads a text that is not empty, or says what is wrong with it.
    pub fn read(self, text: &str) -> Result<Argument, String> {
        let read = match self {
            ParameterKind::DateTime => Moment::parse(text).map(Argument::Moment),
            ParameterKind::String => Some(Argument::Text(text.to_owned())),
            ParameterKind::UInt64 => integer(text).map(Argument::Integer),
            ParameterKind::Flag => flag(text).map(Argument::Flag),
            ParameterKind::Strings => return texts(text).map(Argument::Texts),
        };
        read.ok_or_else(|| self.problem().to_owned())
    }

    fn problem(self) -> &'static str {
        match self {
            ParameterKind::DateTime => {
                "is not a date (YYYY-MM-DD) or a date and time (YYYY-MM-DD HH:MM:SS), which are in UTC unless there \
                 is an offset"
            }
            ParameterKind::UInt64 => "is not a whole number from 0 to 9223372036854775807",
            ParameterKind::Flag => "is neither 1 nor 0",
            ParameterKind::String | ParameterKind::Strings => "is not a text",
        }
    }
}

/// A number, in digits only.
pub fn integer(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_digits && *number <= INTEGER_MAX)
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn texts(text: &str) -> Result<Vec<String>, String> {
    let texts: Vec<String> = text.split(',').filter(|text| !text.is_empty()).map(str::to_owned).collect();
    match texts.len() {
        0 => Err("is a list without a text".to_owned()),
        1..=TEXTS_MAX => Ok(texts),
        _ => Err(format!("has more than {TEXTS_MAX} texts")),
    }
}

/// The values of all parameters of a pipe, in their order; none where nothing was passed and there is no default.
#[derive(Debug)]
pub struct Arguments<'a> {
    parameters: &'a [Parameter],
    values: Vec<Option<Argument>>,
}

impl<'a> Arguments<'a> {
    /// Reads what was sent. An empty value counts as not passed. Of a parameter that was sent twice the last one
    /// counts, of [`ParameterKind::Strings`] all together.
    pub fn read(
        parameters: &'a [Parameter],
        sent: &[(String, String)],
        now: Micros,
    ) -> Result<Self, PipesError> {
        let values = parameters.iter().map(|parameter| read(parameter, sent, now));
        Ok(Self { parameters, values: values.collect::<Result<_, _>>()? })
    }

    /// The value of the parameter at this position.
    pub fn get(&self, parameter: usize) -> Option<&Argument> {
        self.values[parameter].as_ref()
    }

    /// Whether a flag is set.
    pub fn is_set(&self, flag: usize) -> bool {
        self.get(flag) == Some(&Argument::Flag(true))
    }

    /// The error of a value that is of the right type, but of no use.
    pub fn refused(&self, parameter: usize, problem: impl Into<String>) -> PipesError {
        PipesError::parameter(self.parameters[parameter].name.clone(), problem)
    }
}

fn read(
    parameter: &Parameter,
    sent: &[(String, String)],
    now: Micros,
) -> Result<Option<Argument>, PipesError> {
    let mut of_this = sent.iter().filter(|(name, _)| *name == parameter.name).map(|(_, text)| text.as_str());
    let text = match parameter.kind {
        ParameterKind::Strings => of_this.collect::<Vec<_>>().join(","),
        _ => of_this.next_back().unwrap_or_default().to_owned(),
    };
    let is_passed = parameter.kind.is_passed(&text);
    if !is_passed
        && parameter.kind == ParameterKind::DateTime
        && parameter.default.as_deref() == Some(DEFAULT_NOW)
    {
        return Ok(Some(Argument::Moment(Moment::at(now))));
    }
    let text = if is_passed { Some(&text) } else { parameter.default.as_ref() };
    let refused = |problem: String| PipesError::parameter(parameter.name.clone(), problem);
    match text {
        Some(text) => parameter.kind.read(text).map(Some).map_err(refused),
        None if parameter.is_required => Err(refused("is required".to_owned())),
        None => Ok(None),
    }
}

/// The last value of an argument that is no parameter of the pipe; an empty one counts as not passed.
pub fn last<'a>(sent: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut of_this = sent.iter().filter(|(sent, _)| sent == name);
    of_this.next_back().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, kind: ParameterKind) -> Parameter {
        let description = String::new();
        Parameter { name: name.to_owned(), kind, is_required: false, default: None, description }
    }

    fn read_all(parameters: &[Parameter], sent: &[(&str, &str)]) -> Result<Vec<Option<Argument>>, String> {
        let sent: Vec<_> = sent.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Arguments::read(parameters, &sent, 0).map(|read| read.values).map_err(|error| error.to_string())
    }

    fn one(kind: ParameterKind, texts: &[&str]) -> Result<Option<Argument>, String> {
        let sent: Vec<_> = texts.iter().map(|text| ("x", *text)).collect();
        read_all(&[parameter("x", kind)], &sent).map(|mut read| read.remove(0))
    }

    fn texts(all: &[&str]) -> Option<Argument> {
        Some(Argument::Texts(all.iter().map(|text| (*text).to_owned()).collect()))
    }

    #[test]
    fn a_missing_required_parameter_is_an_error_that_names_it() {
        let required = Parameter { is_required: true, ..parameter("start", ParameterKind::DateTime) };
        let parameters = [parameter("end", ParameterKind::DateTime), required];
        let missing = "start: is required";
        assert_eq!(
            read_all(&parameters, &[("end", "2026-01-01"), ("Start", "2026-01-01")]).unwrap_err(),
            missing
        );
        assert_eq!(read_all(&parameters, &[("start", "")]).unwrap_err(), missing);
        assert!(read_all(&parameters, &[("start", "2026-01-01")]).is_ok());
    }

    #[test]
    fn an_empty_value_counts_as_not_passed() {
        for kind in ParameterKind::ALL {
            assert_eq!(one(kind, &[""]), Ok(None), "{kind:?}");
        }
        for kind in [ParameterKind::DateTime, ParameterKind::UInt64, ParameterKind::Flag] {
            assert_eq!(one(kind, &["  "]), Ok(None), "{kind:?}");
            assert!(one(kind, &[","]).is_err(), "{kind:?}");
        }
        assert_eq!(one(ParameterKind::Strings, &[",", "", ",,"]), Ok(None));
        let with_default =
            Parameter { default: Some("7".to_owned()), ..parameter("x", ParameterKind::UInt64) };
        assert_eq!(read_all(&[with_default], &[("x", "")]), Ok(vec![Some(Argument::Integer(7))]));
    }

    #[test]
    fn commas_and_spaces_are_texts_like_others() {
        for text in [",", " ", " , ", ",a,"] {
            assert_eq!(one(ParameterKind::String, &[text]), Ok(Some(Argument::Text(text.to_owned()))));
        }
        assert_eq!(one(ParameterKind::Strings, &[" ,a"]), Ok(texts(&[" ", "a"])));
    }

    #[test]
    fn of_a_parameter_that_is_sent_twice_the_last_one_counts_and_lists_are_joined() {
        assert_eq!(one(ParameterKind::UInt64, &["x", "2"]), Ok(Some(Argument::Integer(2))));
        assert_eq!(one(ParameterKind::UInt64, &["2", ""]), Ok(None));
        assert_eq!(
            one(ParameterKind::Strings, &["a,b", "c", ",", "d e"]),
            Ok(texts(&["a", "b", "c", "d e"]))
        );
    }

    #[test]
    fn flags_are_1_0_true_false() {
        for (text, flag) in [("1", true), ("true", true), ("TRUE", true), ("0", false), ("false", false)] {
            assert_eq!(one(ParameterKind::Flag, &[text]), Ok(Some(Argument::Flag(flag))), "{text}");
        }
        for text in ["2", "yes", "on", "01", "1 "] {
            assert_eq!(one(ParameterKind::Flag, &[text]), Err("x: is neither 1 nor 0".to_owned()), "{text}");
        }
    }

    #[test]
    fn numbers_are_digits_up_to_what_a_column_holds() {
        let greatest = Ok(Some(Argument::Integer(INTEGER_MAX)));
        assert_eq!(one(ParameterKind::UInt64, &["9223372036854775807"]), greatest);
        assert_eq!(one(ParameterKind::UInt64, &["007"]), Ok(Some(Argument::Integer(7))));
        for text in ["9223372036854775808", "-1", "+1", "1.0", "1e3", "99999999999999999999", "x"] {
            assert!(one(ParameterKind::UInt64, &[text]).is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_is_any_text_and_a_list_is_bounded() {
        assert_eq!(one(ParameterKind::String, &["a,b "]), Ok(Some(Argument::Text("a,b ".to_owned()))));
        let many = vec!["a"; TEXTS_MAX];
        assert!(one(ParameterKind::Strings, &many).is_ok());
        assert!(one(ParameterKind::Strings, &[&many[..], &["b"]].concat()).is_err());
    }

    #[test]
    fn a_time_that_is_none_is_an_error_that_says_what_would_be() {
        let error = one(ParameterKind::DateTime, &["yesterday"]).unwrap_err();
        assert!(error.starts_with("x: is not a date (YYYY-MM-DD)"), "{error}");
    }
}
