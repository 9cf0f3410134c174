//! Decodes one JSON object without building a tree: values are slices of the line wherever that is possible.

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Fields, Raw, Reason, RecordType};

/// Reads the fields of a JSON object. Unknown fields are ignored; of a field that is sent twice the last one counts.
pub fn decode<'l>(record_type: &'static RecordType, line: &'l str) -> Result<Fields<'l>, Reason> {
    if !line.trim_ascii_start().starts_with('{') {
        return Err(Reason::record("is not a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let fields = deserializer
        .deserialize_map(FieldsVisitor(record_type))
        .and_then(|fields| deserializer.end().map(|()| fields));
    fields.map_err(|error| Reason::record(format!("is not valid JSON: {error}")))
}

/// The value of a field, or of an item of a list, out of its JSON text.
pub fn raw_of<'a>(value: &'a RawValue) -> Raw<'a> {
    let json = value.get();
    match json.as_bytes()[0] {
        b'"' if !json.contains('\\') => Raw::Text(json[1..json.len() - 1].into()),
        b'"' => match serde_json::from_str::<String>(json) {
            Ok(text) => Raw::Text(text.into()),
            Err(_) => Raw::Unusable("holds an escape that stands for no character"),
        },
        b'n' => Raw::Absent,
        b't' => Raw::Boolean(true),
        b'f' => Raw::Boolean(false),
        b'{' | b'[' => Raw::Json(json.into()),
        _ => Raw::Number(json),
    }
}

struct FieldsVisitor(&'static RecordType);

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::new(self.0);
        let mut next = 0;
        while let Some(position) = map.next_key_seed(Name { record_type: self.0, from: next })? {
            match position {
                Some(position) => {
                    fields.set(position, raw_of(map.next_value::<&'de RawValue>()?));
                    next = position + 1;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// Reads the name of a member: the position of the field, or none.
struct Name {
    record_type: &'static RecordType,
    /// Where the field is looked for first.
    from: usize,
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.record_type.position(name, self.from))
    }
}
