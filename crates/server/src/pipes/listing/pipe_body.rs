//! A pipe as public clients read it: a pipe of one node, which is its endpoint.

use serde_json::{Map, Value, json};

use crate::pipes::pipe::{Parameter, ParameterKind, Pipe};

/// What is told of a pipe with this node. Names are ids as well, so that either finds it.
pub fn of(pipe: &Pipe, node: Map<String, Value>, url: &str) -> Map<String, Value> {
    object(json!({
        "id": pipe.name,
        "name": pipe.name,
        "description": pipe.description,
        "type": "endpoint",
        "endpoint": endpoint_of(pipe),
        "url": format!("{url}{}.json", pipe.name),
        "parent": null,
        "nodes": [node],
    }))
}

/// Its node, which has its parameters and columns.
pub fn node_of(pipe: &Pipe) -> Map<String, Value> {
    let columns = pipe.columns.iter();
    let columns = columns.map(|column| json!({ "name": column.name, "type": column.kind.name() }));
    object(json!({
        "id": endpoint_of(pipe),
        "name": "endpoint",
        "description": pipe.description,
        "node_type": "endpoint",
        "sql": "",
        "materialized": null,
        "dependencies": [pipe.table().table().name],
        "tags": {},
        "params": params_of(pipe),
        "columns": columns.collect::<Vec<_>>(),
    }))
}

fn endpoint_of(pipe: &Pipe) -> String {
    format!("{}_endpoint", pipe.name)
}

/// Its own parameters, and those that all pipes have.
fn params_of(pipe: &Pipe) -> Vec<Value> {
    let of_all =
        [("limit", "Rows to answer at most; without it, all."), ("offset", "Rows to pass over before.")];
    let of_all = of_all.map(|(name, description)| {
        json!({ "name": name, "type": "UInt64", "description": description, "required": false })
    });
    pipe.parameters.iter().map(param_of).chain(of_all).collect()
}

fn param_of(parameter: &Parameter) -> Value {
    let Parameter { name, kind, is_required, default, description } = parameter;
    let mut param = json!({
        "name": name,
        "type": type_of(*kind),
        "description": description,
        "required": is_required,
    });
    if let Some(default) = default {
        param["default"] = json!(default);
    }
    param
}

/// The type that clients know such a parameter by.
fn type_of(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::DateTime => "DateTime64",
        ParameterKind::String => "String",
        ParameterKind::UInt64 => "UInt64",
        ParameterKind::Flag => "UInt8",
        ParameterKind::Strings => "Array",
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => unreachable!("{other} is not an object"),
    }
}
