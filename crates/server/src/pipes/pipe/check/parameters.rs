//! `[parameters.NAME]` of a pipe file, and the places where parameters fill a gap.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;

use super::{in_braces, is_name};
use crate::pipes::pipe::conditions::Gap;
use crate::pipes::pipe::moment::Moment;
use crate::pipes::pipe::passed::{Argument, DEFAULT_NOW, integer};
use crate::pipes::pipe::problem::Problems;
use crate::pipes::pipe::section::{Section, shown};
use crate::pipes::pipe::{Parameter, ParameterKind};

/// Names that mean something else in every request.
const RESERVED: [&str; 4] = ["token", "limit", "offset", "q"];

/// The parameters of a file, in its order.
pub struct Parameters {
    /// What they are.
    pub list: Vec<Parameter>,
    /// Where they stand.
    places: Vec<usize>,
}

impl Parameters {
    /// Reads all of them.
    pub fn read(file: &mut Section<'_>, problems: &mut Problems<'_>) -> Self {
        let mut parameters = Self { list: Vec::new(), places: Vec::new() };
        let Some(section) = file.section("parameters", problems) else { return parameters };
        for (name, value) in section.entries() {
            let at = name.span().start;
            let DeValue::Table(table) = value.get_ref() else {
                problems.add(at, format!("a parameter is a table: [parameters.{}]", name.get_ref()));
                continue;
            };
            if let Some(parameter) = parameter(name.get_ref(), Section::new(table, at), problems) {
                parameters.list.push(parameter);
                parameters.places.push(at);
            }
        }
        parameters
    }

    /// A parameter that nothing depends on is a mistake.
    pub fn report_unused(&self, mentioned: &BTreeSet<&str>, problems: &mut Problems<'_>) {
        for (parameter, at) in self.list.iter().zip(&self.places) {
            if !mentioned.contains(parameter.name.as_str()) {
                problems.add(*at, format!("the parameter `{}` is not used", parameter.name));
            }
        }
    }

    /// The position of a parameter that has to be of one of these kinds.
    pub fn find(
        &self,
        name: &str,
        kinds: &[ParameterKind],
        at: usize,
        problems: &mut Problems<'_>,
    ) -> Option<usize> {
        let Some(index) = self.list.iter().position(|parameter| parameter.name == name) else {
            problems.add(at, format!("there is no parameter `{name}`; it needs [parameters.{name}]"));
            return None;
        };
        let kind = self.list[index].kind;
        if !kinds.contains(&kind) {
            let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
            let problem =
                format!("the parameter `{name}` is a {}, but here {} fits", kind.name(), kinds.join(" or "));
            problems.add(at, problem);
            return None;
        }
        Some(index)
    }

    /// A value that is written out, or a parameter in braces.
    pub fn gap(
        &self,
        value: &Spanned<DeValue<'_>>,
        kinds: &[ParameterKind],
        problems: &mut Problems<'_>,
    ) -> Option<Gap> {
        let at = value.span().start;
        match value.get_ref().as_str().and_then(in_braces) {
            Some(name) => self.find(name, kinds, at, problems).map(Gap::Passed),
            None => literal(value, kinds, problems).map(Gap::Filled),
        }
    }

    /// What fills a gap unless a request says otherwise.
    pub fn known_value(&self, gap: &Gap) -> Option<Argument> {
        match gap {
            Gap::Filled(value) => Some(value.clone()),
            Gap::Passed(parameter) => {
                let parameter = &self.list[*parameter];
                parameter.default.as_ref().and_then(|text| parameter.kind.read(text).ok())
            }
        }
    }
}

fn parameter(name: &str, mut section: Section<'_>, problems: &mut Problems<'_>) -> Option<Parameter> {
    let at = section.at;
    if !is_name(name) {
        problems.add(at, format!("`{name}` is no name: it takes letters, digits and _, and no digit first"));
    }
    if RESERVED.contains(&name) {
        problems.add(
            at,
            format!("a parameter cannot be called `{name}`: that means something else in every request"),
        );
    }
    let kind = section.required_text("type", problems);
    let is_required = section.flag("required", problems).is_some_and(|flag| flag.value);
    let description = section.text("description", problems);
    let default = section.value("default");
    section.finish(problems);

    let kind = kind?;
    let Some(of_name) = ParameterKind::ALL.into_iter().find(|known| known.name() == kind.value) else {
        let known = ParameterKind::ALL.map(ParameterKind::name).join(", ");
        problems.add(kind.at, format!("there is no type `{}`; there are: {known}", kind.value));
        return None;
    };
    if let Some(default) = default.filter(|_| is_required) {
        problems
            .add(default.span().start, format!("`{name}` is required, so that its default is never used"));
    }
    Some(Parameter {
        name: name.to_owned(),
        kind: of_name,
        is_required,
        default: default.and_then(|value| default_text(value, of_name, problems)),
        description: description.map_or_else(String::new, |text| text.value.trim().to_owned()),
    })
}

/// A default is kept as a request would send it; only a time can be the time of the request.
fn default_text(
    value: &Spanned<DeValue<'_>>,
    kind: ParameterKind,
    problems: &mut Problems<'_>,
) -> Option<String> {
    if kind == ParameterKind::DateTime && value.get_ref().as_str() == Some(DEFAULT_NOW) {
        return Some(DEFAULT_NOW.to_owned());
    }
    Some(match literal(value, &[kind], problems)? {
        Argument::Moment(_) => value.get_ref().as_str()?.to_owned(),
        Argument::Text(text) => text,
        Argument::Integer(number) => number.to_string(),
        Argument::Flag(flag) => u8::from(flag).to_string(),
        Argument::Texts(texts) => {
            if texts.iter().any(|text| text.contains(',')) {
                problems.add(value.span().start, "a text of a list that can be passed has no comma in it");
            }
            texts.join(",")
        }
    })
}

/// A value that is written out, of one of these kinds.
fn literal(
    value: &Spanned<DeValue<'_>>,
    kinds: &[ParameterKind],
    problems: &mut Problems<'_>,
) -> Option<Argument> {
    let argument = match value.get_ref() {
        DeValue::String(text) if text.is_empty() => None,
        DeValue::String(text) if kinds.contains(&ParameterKind::String) => {
            Some(Argument::Text(text.to_string()))
        }
        DeValue::String(text) if kinds.contains(&ParameterKind::DateTime) => {
            Moment::parse(text).map(Argument::Moment)
        }
        DeValue::Integer(number) if kinds.contains(&ParameterKind::UInt64) => Some(number)
            .filter(|number| number.radix() == 10)
            .and_then(|number| integer(number.as_str()))
            .map(Argument::Integer),
        DeValue::Boolean(flag) if kinds.contains(&ParameterKind::Flag) => Some(Argument::Flag(*flag)),
        DeValue::Array(values) if kinds.contains(&ParameterKind::Strings) && !values.is_empty() => {
            let texts: Option<Vec<_>> = values.iter().map(|value| element(value.get_ref())).collect();
            texts.map(Argument::Texts)
        }
        _ => None,
    };
    if argument.is_none() {
        let wanted: Vec<_> = kinds.iter().map(|kind| in_words(*kind)).collect();
        let problem = format!("this has to be {}, not {}", wanted.join(" or "), shown(value.get_ref()));
        problems.add(value.span().start, problem);
    }
    argument
}

/// An element of a list, where numbers are as good as texts.
fn element(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) if !text.is_empty() => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        _ => None,
    }
}

fn in_words(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::DateTime => "a date or a date and time in quotes",
        ParameterKind::String => "a text that is not empty",
        ParameterKind::UInt64 => "a whole number from 0 to 9223372036854775807",
        ParameterKind::Flag => "true or false",
        ParameterKind::Strings => "a list of texts",
    }
}
