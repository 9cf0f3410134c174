//! Takes apart JSON objects and lists inside of records, without building a tree.

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object that have these names; `None` when it is not an object. Of a
/// member that is there twice the last one counts.
pub fn members<'a>(json: &'a str, names: &[&str]) -> Option<Vec<Option<&'a RawValue>>> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let members = deserializer.deserialize_map(MembersVisitor(names)).ok()?;
    deserializer.end().ok().map(|()| members)
}

struct MembersVisitor<'n>(&'n [&'n str]);

impl<'de> Visitor<'de> for MembersVisitor<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.0.len()];
        while let Some(name) = map.next_key::<String>()? {
            match self.0.iter().position(|known| *known == name) {
                Some(index) => values[index] = Some(map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(values)
    }
}

/// The first items of a JSON list, so many at most, and whether there are more; `None` when it is not a list.
pub fn items(json: &str, count_max: usize) -> Option<(Vec<&RawValue>, bool)> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let items = deserializer.deserialize_seq(ItemsVisitor(count_max)).ok()?;
    deserializer.end().ok().map(|()| items)
}

struct ItemsVisitor(usize);

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = (Vec<&'de RawValue>, bool);

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.0 {
            match list.next_element()? {
                Some(item) => items.push(item),
                None => return Ok((items, false)),
            }
        }
        let mut has_more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            has_more = true;
        }
        Ok((items, has_more))
    }
}
