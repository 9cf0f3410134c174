//! Decodes one JSON object without building a tree: values are slices of the line wherever that is possible.

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Field, Raw, Reason, SegmentFields};

/// Reads the fields of a JSON object. Unknown fields are ignored; of a field that is sent twice the last one counts.
pub fn decode(line: &str) -> Result<SegmentFields<'_>, Reason> {
    if !line.trim_ascii_start().starts_with('{') {
        return Err(Reason::record("is not a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let fields =
        deserializer.deserialize_map(FieldsVisitor).and_then(|fields| deserializer.end().map(|()| fields));
    fields.map_err(|error| Reason::record(format!("is not valid JSON: {error}")))
}

/// The value of a field out of its JSON text.
fn raw_of<'a>(value: &'a RawValue) -> Raw<'a> {
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

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = SegmentFields<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = SegmentFields::default();
        while let Some(Name(field)) = map.next_key()? {
            match field {
                Some(field) => fields.set(field, raw_of(map.next_value::<&'de RawValue>()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// The name of a member: one of the fields, or none of them.
struct Name(Option<Field>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(Field::named(name)))
            }
        }

        deserializer.deserialize_identifier(NameVisitor)
    }
}
