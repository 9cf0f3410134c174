//! `device_info`: read from JSON or made from a user agent, stored as compact JSON with exactly the documented members
//! in their order.
//!
//! Few different ones are sent very often, so what a text became is remembered.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tallyhouse_model::limits::TEXT_BYTES_MAX;

use super::Reason;
use super::members::members;

/// What is stored when nothing is known about a device: every family "Other" and the rest null.
pub const DEVICE_INFO_UNKNOWN: &str = concat!(
    r#"{"browser":{"family":"Other","major":null,"minor":null,"patch":null},"#,
    r#""os":{"family":"Other","major":null,"minor":null,"patch":null,"patch_minor":null},"#,
    r#""device":{"family":"Other","brand":null,"model":null}}"#
);

/// The documented members of each object, in the documented order.
const OBJECTS: [(&str, &[&str]); 3] = [
    ("browser", &["family", "major", "minor", "patch"]),
    ("os", &["family", "major", "minor", "patch", "patch_minor"]),
    ("device", &["family", "brand", "model"]),
];

/// The member that is never null, and what it is when nothing is known.
const FAMILY: &str = "family";
const OTHER: &str = "\"Other\"";

/// How many texts are remembered; then all are forgotten at once.
const REMEMBERED_MAX: usize = 4_096;

/// Longer texts are not worth remembering.
const REMEMBERED_BYTES_MAX: usize = 2_048;

const FIELD: &str = "device_info";

/// Reads `device_info` objects.
#[derive(Debug, Default)]
pub struct DeviceInfos {
    remembered: HashMap<Box<str>, Arc<str>>,
}

impl DeviceInfos {
    /// The form in which a JSON text is stored. Unknown members are dropped, absent ones null, absent families
    /// "Other"; a member of the wrong type is refused.
    pub fn stored(&mut self, json: &str) -> Result<Arc<str>, Reason> {
        if let Some(stored) = self.remembered.get(json) {
            return Ok(stored.clone());
        }
        let stored: Arc<str> = canonical(json)?.into();
        if json.len() <= REMEMBERED_BYTES_MAX {
            if self.remembered.len() >= REMEMBERED_MAX {
                self.remembered.clear();
            }
            self.remembered.insert(json.into(), stored.clone());
        }
        Ok(stored)
    }
}

/// The form in which these values are stored: of browser, os and device, each in the documented order. A family that is
/// not there is "Other".
pub fn render_device_info(objects: [&[Option<&str>]; OBJECTS.len()]) -> String {
    let mut stored = String::with_capacity(DEVICE_INFO_UNKNOWN.len() + 64);
    for (index, ((name, names), values)) in OBJECTS.iter().zip(objects).enumerate() {
        debug_assert_eq!(names.len(), values.len());
        push_name(&mut stored, index, name);
        for (index, (name, value)) in names.iter().zip(values).enumerate() {
            push_name(&mut stored, index, name);
            match value {
                None if *name == FAMILY => stored.push_str(OTHER),
                None => stored.push_str("null"),
                Some(value) => push_json(&mut stored, value),
            }
        }
        stored.push('}');
    }
    stored.push('}');
    stored
}

fn canonical(json: &str) -> Result<String, Reason> {
    let objects =
        members(json, &OBJECTS.map(|(name, _)| name)).ok_or(Reason::field(FIELD, "is not an object"))?;
    let mut stored = String::with_capacity(DEVICE_INFO_UNKNOWN.len() + 64);
    for (index, ((name, names), object)) in OBJECTS.iter().zip(objects).enumerate() {
        push_name(&mut stored, index, name);
        push_object(&mut stored, name, names, object.map(RawValue::get))?;
    }
    stored.push('}');
    Ok(stored)
}

fn push_object(stored: &mut String, object: &str, names: &[&str], json: Option<&str>) -> Result<(), Reason> {
    let values = match json {
        None | Some("null") => vec![None; names.len()],
        Some(json) => members(json, names).ok_or_else(|| wrong(object, "is not an object"))?,
    };
    for (index, (name, value)) in names.iter().zip(values).enumerate() {
        push_name(stored, index, name);
        match value.map_or("null", RawValue::get) {
            "null" if *name == FAMILY => stored.push_str(OTHER),
            "null" => stored.push_str("null"),
            value => push_text(stored, &format!("{object}.{name}"), value)?,
        }
    }
    stored.push('}');
    Ok(())
}

fn push_text(stored: &mut String, path: &str, json: &str) -> Result<(), Reason> {
    let text: String = serde_json::from_str(json).map_err(|_| wrong(path, "is not a string"))?;
    if text.len() > TEXT_BYTES_MAX {
        return Err(wrong(path, &format!("is longer than {TEXT_BYTES_MAX} bytes")));
    }
    push_json(stored, &text);
    Ok(())
}

/// The name of a member, behind what opens the object or parts it from the member before.
fn push_name(stored: &mut String, index: usize, name: &str) {
    stored.push_str(if index == 0 { "{\"" } else { ",\"" });
    stored.push_str(name);
    stored.push_str("\":");
}

fn push_json(stored: &mut String, text: &str) {
    stored.push_str(&serde_json::to_string(text).expect("a string is always JSON"));
}

fn wrong(path: &str, problem: &str) -> Reason {
    Reason::field(FIELD, format!("{path} {problem}"))
}
