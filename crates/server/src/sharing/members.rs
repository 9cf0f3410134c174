//! Reads JSON a level at a time, so that errors name the member by its path, and members that nobody asks for cost nothing.
//!
//! PHP writes an empty array for an object without members, and clients send null or an empty text for what they do not
//! have: all of these are absent.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::SharingError;

/// A member as it was sent, or nothing.
pub type Member<'a> = Option<&'a RawValue>;

/// 400, about a member.
pub fn wrong(path: &str, problem: impl fmt::Display) -> SharingError {
    SharingError::Invalid(format!("{path} {problem}"))
}

/// A body that has to be a JSON object.
fn body<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, SharingError> {
    let raw: &RawValue = serde_json::from_slice(bytes)
        .map_err(|error| wrong("the body", format_args!("is not JSON: {error}")))?;
    if !raw.get().starts_with('{') {
        return Err(wrong("the body", "has to be a JSON object"));
    }
    serde_json::from_str(raw.get()).map_err(|error| wrong("the body", error))
}

/// The member `request` of a body, which is what every body of this family has.
pub fn request<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, SharingError> {
    #[derive(Deserialize)]
    struct RequestParams<'a> {
        #[serde(borrow)]
        request: Member<'a>,
    }

    let RequestParams { request } = body(bytes)?;
    required_object(request, "request")
}

/// An object, if there is one.
pub fn object<'a, T: Deserialize<'a>>(member: Member<'a>, path: &str) -> Result<Option<T>, SharingError> {
    let Some(raw) = present(member) else { return Ok(None) };
    if !raw.starts_with('{') {
        return Err(wrong(path, "has to be an object"));
    }
    serde_json::from_str(raw).map(Some).map_err(|error| wrong(path, error))
}

/// An object that has to be there.
pub fn required_object<'a, T: Deserialize<'a>>(member: Member<'a>, path: &str) -> Result<T, SharingError> {
    object(member, path)?.ok_or_else(|| wrong(path, "is missing"))
}

/// A text of at most so many bytes, if there is one.
pub fn text(member: Member<'_>, path: &str, bytes_max: usize) -> Result<Option<String>, SharingError> {
    let Some(raw) = present(member) else { return Ok(None) };
    if !raw.starts_with('"') {
        return Err(wrong(path, "has to be a string"));
    }
    let text: String =
        serde_json::from_str(raw).map_err(|error| wrong(path, format_args!("is no text: {error}")))?;
    if text.len() > bytes_max {
        return Err(wrong(path, format_args!("has more than {bytes_max} bytes")));
    }
    Ok(Some(text))
}

/// A text of 1 to so many bytes on one line that has to be there.
pub fn token(member: Member<'_>, path: &str, bytes_max: usize) -> Result<String, SharingError> {
    let text = text(member, path, bytes_max)?.ok_or_else(|| wrong(path, "is missing"))?;
    if text.chars().any(char::is_control) {
        return Err(wrong(path, "has control characters"));
    }
    Ok(text)
}

/// The entries of a list, at most so many; none where it is absent.
pub fn list<'a, const MAX: usize>(member: Member<'a>, path: &str) -> Result<Vec<&'a RawValue>, SharingError> {
    let Some(raw) = present(member) else { return Ok(Vec::new()) };
    if !raw.starts_with('[') {
        return Err(wrong(path, "has to be a list"));
    }
    let Entries::<MAX> { entries, is_longer } =
        serde_json::from_str(raw).map_err(|error| wrong(path, error))?;
    if is_longer {
        return Err(wrong(path, format_args!("has more than {MAX} entries")));
    }
    Ok(entries)
}

/// What was sent, unless that means that there is nothing.
fn present(member: Member<'_>) -> Option<&str> {
    let raw = member?.get();
    let is_empty_list =
        raw.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|it| it.trim().is_empty());
    (!is_empty_list && raw != "null" && raw != "\"\"").then_some(raw)
}

/// The first entries of a list; the rest of it is passed over without being kept.
struct Entries<'a, const MAX: usize> {
    entries: Vec<&'a RawValue>,
    is_longer: bool,
}

impl<'de: 'a, 'a, const MAX: usize> Deserialize<'de> for Entries<'a, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FirstEntries<'a, const MAX: usize>(std::marker::PhantomData<&'a ()>);

        impl<'de: 'a, 'a, const MAX: usize> Visitor<'de> for FirstEntries<'a, MAX> {
            type Value = Entries<'a, MAX>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while entries.len() < MAX {
                    match sequence.next_element::<&'de RawValue>()? {
                        Some(entry) => entries.push(entry),
                        None => return Ok(Entries { entries, is_longer: false }),
                    }
                }
                let mut is_longer = false;
                while sequence.next_element::<IgnoredAny>()?.is_some() {
                    is_longer = true;
                }
                Ok(Entries { entries, is_longer })
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
                Err(E::custom("is no list"))
            }
        }

        deserializer.deserialize_seq(FirstEntries(std::marker::PhantomData)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    fn problem<T: fmt::Debug>(result: Result<T, SharingError>) -> String {
        result.unwrap_err().to_string()
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        number: u8,
    }

    #[test]
    fn null_empty_texts_and_empty_lists_are_absent() {
        for empty in ["null", "\"\"", "[]", "[ \n ]"] {
            let empty = raw(empty);
            assert_eq!(object::<Inner>(Some(&empty), "a"), Ok(None));
            assert_eq!(text(Some(&empty), "a", 9), Ok(None));
            assert_eq!(list::<9>(Some(&empty), "a").unwrap().len(), 0);
        }
        assert_eq!(object::<Inner>(None, "a"), Ok(None));
        assert_eq!(object(Some(&raw("{}")), "a"), Ok(Some(Inner::default())));
    }

    #[test]
    fn what_has_another_type_is_refused_by_its_path() {
        assert_eq!(problem(object::<Inner>(Some(&raw("[1]")), "a.b")), "a.b has to be an object");
        assert_eq!(problem(text(Some(&raw("5")), "a.b", 9)), "a.b has to be a string");
        assert_eq!(problem(text(Some(&raw("{}")), "a.b", 9)), "a.b has to be a string");
        assert_eq!(problem(list::<9>(Some(&raw("{}")), "a.b")), "a.b has to be a list");
        assert_eq!(problem(required_object::<Inner>(None, "a.b")), "a.b is missing");
        assert_eq!(problem(token(None, "a.b", 9)), "a.b is missing");
        assert_eq!(problem(body::<Inner>(b"[]")), "the body has to be a JSON object");
        assert!(problem(body::<Inner>(b"{")).starts_with("the body is not JSON: "));
        assert!(problem(body::<Inner>(b"")).starts_with("the body is not JSON: "));
        assert!(problem(text(Some(&raw(r#""\ud800""#)), "a.b", 9)).starts_with("a.b is no text: "));
    }

    #[test]
    fn texts_and_lists_are_as_long_as_they_may_be_and_not_longer() {
        assert_eq!(text(Some(&raw(r#""äb""#)), "a", 3), Ok(Some("äb".to_owned())));
        assert_eq!(problem(text(Some(&raw(r#""äbc""#)), "a", 3)), "a has more than 3 bytes");
        assert_eq!(list::<2>(Some(&raw("[1, {}]")), "a").unwrap().len(), 2);
        assert_eq!(problem(list::<2>(Some(&raw("[1,2,3]")), "a")), "a has more than 2 entries");
    }

    #[test]
    fn tokens_have_no_control_characters() {
        assert_eq!(token(Some(&raw(r#""a b""#)), "a", 9), Ok("a b".to_owned()));
        assert_eq!(problem(token(Some(&raw(r#""a\nb""#)), "a", 9)), "a has control characters");
        assert_eq!(problem(token(Some(&raw(r#""a\u0085b""#)), "a", 9)), "a has control characters");
    }
}
