//! `fields`: which members an answer has. A list with commas, which may be sent several times; names that are not known
//! are passed over.

use crate::http::query_string::QueryString;

/// The members that an answer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<&'static str>);

impl Fields {
    /// Of analytics: exactly what is asked for out of these, or only the first of them where nothing is.
    pub fn exactly(query: &QueryString, known: &'static [&'static str]) -> Self {
        let asked: Vec<&str> = names(query).collect();
        let fields: Vec<_> = known.iter().copied().filter(|name| asked.contains(name)).collect();
        if fields.is_empty() { Self(vec![known[0]]) } else { Self(fields) }
    }

    /// Of resources: those that are there by default, and what is asked for besides; what is asked for with a `-` in
    /// front is left out.
    pub fn changed(query: &QueryString, known: impl Iterator<Item = (&'static str, bool)>) -> Self {
        let asked: Vec<&str> = names(query).collect();
        let is_without = |name: &str| asked.iter().any(|asked| asked.strip_prefix('-') == Some(name));
        let fields = known
            .filter(|(name, by_default)| (*by_default || asked.contains(name)) && !is_without(name))
            .map(|(name, _)| name);
        Self(fields.collect())
    }

    /// Whether the answer has this one.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// A value, if the answer has this one.
    pub fn only<T>(&self, name: &str, value: T) -> Option<T> {
        self.has(name).then_some(value)
    }
}

fn names(query: &QueryString) -> impl Iterator<Item = &str> {
    query.values("fields").chain(query.values("fields[]")).flat_map(|list| list.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["total_reads", "unique_reads", "reports_seen"];

    fn query(text: &str) -> QueryString {
        QueryString::of(&format!("/x?{text}").parse().unwrap())
    }

    fn exactly(text: &str) -> Vec<&'static str> {
        Fields::exactly(&query(text), KNOWN).0
    }

    #[test]
    fn analytics_have_exactly_the_members_that_are_asked_for() {
        assert_eq!(exactly("fields=reports_seen,unique_reads"), ["unique_reads", "reports_seen"]);
        assert_eq!(exactly("fields=%20reports_seen%20,"), ["reports_seen"]);
        assert_eq!(exactly("fields[]=reports_seen&fields[]=total_reads"), ["total_reads", "reports_seen"]);
    }

    #[test]
    fn without_a_known_member_there_is_the_first() {
        for text in ["", "fields=", "fields=no,such", "fields=-unique_reads"] {
            assert_eq!(exactly(text), ["total_reads"], "{text}");
        }
        assert_eq!(exactly("fields=no,unique_reads"), ["unique_reads"]);
    }

    #[test]
    fn resources_have_their_members_and_more_or_less() {
        let changed = |text| {
            let known = [("id", true), ("name", true), ("updated_at", false)];
            Fields::changed(&query(text), known.into_iter()).0
        };
        assert_eq!(changed(""), ["id", "name"]);
        assert_eq!(changed("fields=updated_at"), ["id", "name", "updated_at"]);
        assert_eq!(changed("fields=-name,updated_at,no,-such"), ["id", "updated_at"]);
        assert_eq!(changed("fields=name,-name"), ["id"]);
    }
}
