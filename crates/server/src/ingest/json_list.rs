//! JSON lists that are kept as they were sent, less the white space between their tokens.

use std::borrow::Cow;

use serde_json::Value;

use super::values::wrong;
use super::{ListBounds, Raw, Reason, Sent};

/// A list as compact JSON. Everything in it can be read again: numbers are in range, escapes stand for characters, and
/// nothing is nested more than some hundred times.
pub fn list(sent: Sent<'_>, bounds: ListBounds) -> Result<Option<Cow<'_, str>>, Reason> {
    let json = match sent.raw {
        Raw::Absent => return Ok(None),
        Raw::Json(json) => json.as_ref(),
        Raw::Cell(json) => json,
        Raw::Unusable(problem) => return Err(wrong(sent, *problem)),
        _ => return Err(wrong(sent, "is not a list")),
    };
    // Before memory is taken for its values.
    let json = compact(json.trim());
    if json.len() > bounds.bytes_max {
        return Err(wrong(sent, format!("is longer than {} bytes", bounds.bytes_max)));
    }
    if !json.starts_with('[') {
        return Err(wrong(sent, "is not a list"));
    }
    let items: Vec<Value> = serde_json::from_str(&json)
        .map_err(|error| wrong(sent, format!("is no list that can be read: {error}")))?;
    if items.len() > bounds.items_max {
        return Err(wrong(sent, format!("has more than {} items", bounds.items_max)));
    }
    Ok(Some(json))
}

/// JSON without the white space between its tokens.
fn compact(json: &str) -> Cow<'_, str> {
    let (mut in_text, mut escaped) = (false, false);
    let is_kept = |character: &char| {
        let kept = in_text || !matches!(character, ' ' | '\t' | '\n' | '\r');
        match character {
            '"' if !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = in_text && *character == '\\' && !escaped;
        kept
    };
    json.chars().filter(is_kept).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Field, ListOf, Rule};

    const BOUNDS: ListBounds = ListBounds { items_max: 3, bytes_max: 20 };
    static FIELD: Field = Field::optional("list", Rule::List(ListOf::Anything(BOUNDS)), 2);

    fn judged(raw: &Raw<'_>) -> Result<Option<String>, String> {
        let sent = Sent { field: &FIELD, raw };
        list(sent, BOUNDS).map(|list| list.map(Cow::into_owned)).map_err(|reason| reason.to_string())
    }

    fn json(text: &str) -> Result<Option<String>, String> {
        let both = [Raw::Json(text.into()), Raw::Cell(text)].map(|raw| judged(&raw));
        assert_eq!(both[0], both[1]);
        both[0].clone()
    }

    #[test]
    fn lists_lose_the_white_space_between_tokens_and_nothing_else() {
        let kept = |text: &str| json(text).unwrap().unwrap();
        assert_eq!(kept(" [ 1 ,\n\t{ \"a b\" : 1.50 } ]\r"), "[1,{\"a b\":1.50}]");
        assert_eq!(kept(r#"[ "a \" b" , "\\" , " " ]"#), r#"["a \" b","\\"," "]"#);
        assert_eq!(kept("[]"), "[]");
        assert_eq!(judged(&Raw::Absent), Ok(None));
    }

    #[test]
    fn what_is_no_list_or_too_large_is_refused() {
        assert_eq!(json("{}").unwrap_err(), "list: is not a list");
        assert_eq!(judged(&Raw::Text("[]".into())).unwrap_err(), "list: is not a list");
        assert_eq!(json("[1,2,3]").unwrap().unwrap(), "[1,2,3]");
        assert_eq!(json("[1,2,3,4]").unwrap_err(), "list: has more than 3 items");
        assert_eq!(json("[  \"2345678901234567\" ]").unwrap().unwrap().len(), 20);
        assert_eq!(json("[\"23456789012345678\"]").unwrap_err(), "list: is longer than 20 bytes");
        for text in ["[1", "[1]x", "[1e999]", r#"["\ud800"]"#] {
            let reason = json(text).unwrap_err();
            assert!(reason.starts_with("list: is no list that can be read"), "{text}: {reason}");
        }
    }
}
