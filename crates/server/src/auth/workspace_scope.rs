//! The entries of a workspace JWT's claim `scopes`: what each of them gives, and what they give together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalog::{PipeResource, Resources};

const WRONG: &str = "fixed_params is no object of texts, numbers, booleans and lists of them";

/// What one entry gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceScope {
    /// `PIPES:READ`: reading a pipe.
    ReadPipe(PipeResource),
    /// `DATASOURCES:READ`: the description of a data source.
    Describe {
        /// Which.
        data_source: String,
        /// Whether the entry asks for some rows only, which nobody here could see to.
        has_filter: bool,
    },
    /// `DATASOURCES:APPEND`: appending to a data source.
    AppendTo(String),
    /// Nothing that is known here, and nothing that is given.
    Unknown(String),
}

impl WorkspaceScope {
    /// Reads an entry. The error says what is wrong with it.
    pub fn of(entry: &Value) -> Result<Self, &'static str> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let kind = text("type").ok_or("a scope has no type that is a text")?;
        let resource = || {
            let resource = text("resource").filter(|resource| !resource.is_empty());
            resource.ok_or("a scope has no resource that is a text")
        };
        Ok(match kind.as_str() {
            "PIPES:READ" => {
                WorkspaceScope::ReadPipe(PipeResource { name: resource()?, fixed: fixed_of(entry)? })
            }
            "DATASOURCES:READ" => {
                let has_filter = entry
                    .get("filter")
                    .is_some_and(|filter| !filter.is_null() && filter.as_str() != Some(""));
                WorkspaceScope::Describe { data_source: resource()?, has_filter }
            }
            "DATASOURCES:APPEND" => WorkspaceScope::AppendTo(resource()?),
            _ => WorkspaceScope::Unknown(kind),
        })
    }
}

/// All entries of the claim.
pub fn scopes_of(claim: Option<&Value>) -> Result<Vec<WorkspaceScope>, &'static str> {
    let entries = claim.and_then(Value::as_array).ok_or("scopes is no list")?;
    entries.iter().map(WorkspaceScope::of).collect()
}

/// What entries give together. What is unknown gives nothing, nor does a filter, which could not be kept. A pipe that is
/// named twice is read with everything that is fixed for it; fixed values that contradict each other are an error.
pub fn resources_of(scopes: Vec<WorkspaceScope>) -> Result<Resources, &'static str> {
    let mut resources = Resources::default();
    for scope in scopes {
        match scope {
            WorkspaceScope::ReadPipe(pipe) => {
                match resources.pipes.iter_mut().find(|known| known.name == pipe.name) {
                    None => resources.pipes.push(pipe),
                    Some(known) => join(known, pipe.fixed)?,
                }
            }
            WorkspaceScope::Describe { data_source, has_filter: false } => {
                resources.describe.push(data_source)
            }
            WorkspaceScope::AppendTo(data_source) => resources.append_to.push(data_source),
            WorkspaceScope::Describe { .. } | WorkspaceScope::Unknown(_) => {}
        }
    }
    Ok(resources)
}

fn join(known: &mut PipeResource, fixed: Vec<(String, String)>) -> Result<(), &'static str> {
    let values = |pairs: &[(String, String)], name: &str| -> Vec<String> {
        pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    };
    let names: BTreeSet<_> = fixed.iter().map(|(name, _)| name.clone()).collect();
    for name in names {
        let (before, now) = (values(&known.fixed, &name), values(&fixed, &name));
        if before.is_empty() {
            known.fixed.extend(now.into_iter().map(|value| (name.clone(), value)));
        } else if before != now {
            return Err("a pipe is named twice with different fixed_params");
        }
    }
    Ok(())
}

fn fixed_of(entry: &Value) -> Result<Vec<(String, String)>, &'static str> {
    let fixed = match entry.get("fixed_params") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(fixed)) => fixed,
        Some(_) => return Err(WRONG),
    };
    let mut pairs = Vec::new();
    for (name, value) in fixed {
        pairs.extend(texts_of(value)?.into_iter().map(|text| (name.clone(), text)));
    }
    Ok(pairs)
}

/// A value as a query string would have it: lists as the same name repeated. Nothing comes of it that a pipe would take
/// for an argument that was not passed, or for more texts than there are: then the token would see too much.
fn texts_of(value: &Value) -> Result<Vec<String>, &'static str> {
    let texts = match value {
        Value::Array(values) => values.iter().map(text_of).collect::<Option<Vec<_>>>(),
        value => text_of(value).map(|text| vec![text]),
    };
    let texts = texts.ok_or(WRONG)?;
    let is_blank = |text: &String| text.chars().all(|c| c == ',' || c.is_whitespace());
    if texts.is_empty() || texts.iter().any(is_blank) {
        return Err("fixed_params has a value that is empty, and so would fix nothing");
    }
    if value.is_array() && texts.iter().any(|text| text.contains(',')) {
        return Err("fixed_params has a list with a text that has a comma, at which it would be split");
    }
    Ok(texts)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resources(scopes: &Value) -> Result<Resources, &'static str> {
        scopes_of(Some(scopes)).and_then(resources_of)
    }

    #[test]
    fn fixed_values_become_the_texts_of_a_query_string() {
        let fixed = json!({ "a": "x,y", "b": 7, "c": 1.5, "d": true, "e": ["p", 2, false], "f": [" q"] });
        let read =
            resources(&json!([{ "type": "PIPES:READ", "resource": "pipe", "fixed_params": fixed }])).unwrap();
        let pairs = [
            ("a", "x,y"),
            ("b", "7"),
            ("c", "1.5"),
            ("d", "true"),
            ("e", "p"),
            ("e", "2"),
            ("e", "false"),
            ("f", " q"),
        ];
        let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(read.pipe("pipe").unwrap().fixed, pairs);
    }

    #[test]
    fn a_fixed_value_that_is_empty_or_would_be_split_is_an_error() {
        for value in [
            json!(""),
            json!(" "),
            json!(","),
            json!(" , ,"),
            json!("\t\n"),
            json!([]),
            json!([""]),
            json!(["a", ""]),
            json!(["a", ","]),
            json!(null),
            json!([null]),
            json!(["Acme, Inc"]),
            json!(["a", "b,"]),
        ] {
            let scope = json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": value } }]);
            assert!(resources(&scope).is_err(), "{value}");
        }
    }

    #[test]
    fn unknown_types_and_filters_give_nothing() {
        let read = resources(&json!([
            { "type": "ADMIN" },
            { "type": "pipes:read", "resource": "a" },
            { "type": "PIPES:DROP", "resource": "a" },
            { "type": "DATASOURCES:READ", "resource": "demo_sessions", "filter": "viewer = 'x'" },
        ]));
        assert!(read.unwrap().is_empty());
        let read =
            resources(&json!([{ "type": "DATASOURCES:READ", "resource": "demo_sessions", "filter": null }]));
        assert_eq!(read.unwrap().describe, ["demo_sessions"]);
    }

    #[test]
    fn a_pipe_that_is_named_twice_keeps_everything_that_is_fixed() {
        let twice = |second: Value| {
            resources(&json!([
                { "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": 1 } },
                { "type": "PIPES:READ", "resource": "a", "fixed_params": second },
            ]))
        };
        assert_eq!(twice(json!({})).unwrap().pipe("a").unwrap().fixed.len(), 1);
        assert_eq!(twice(json!({ "x": "1", "y": 2 })).unwrap().pipe("a").unwrap().fixed.len(), 2);
        assert_eq!(twice(json!({ "x": [1], "y": [1, 2] })).unwrap().pipe("a").unwrap().fixed.len(), 3);
        assert!(twice(json!({ "x": 2 })).is_err() && twice(json!({ "x": [1, 2] })).is_err());
    }

    #[test]
    fn what_is_no_list_of_scopes_is_an_error() {
        for scopes in [
            json!(null),
            json!("PIPES:READ"),
            json!([{}]),
            json!(["PIPES:READ"]),
            json!([{ "type": 1 }]),
            json!([{ "type": "PIPES:READ" }]),
            json!([{ "type": "PIPES:READ", "resource": "" }]),
            json!([{ "type": "DATASOURCES:APPEND", "resource": 5 }]),
            json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": [] }]),
            json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": null } }]),
            json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": { "y": 1 } } }]),
            json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": [[1]] } }]),
        ] {
            assert!(resources(&scopes).is_err(), "{scopes}");
        }
        assert!(scopes_of(None).is_err());
    }
}
