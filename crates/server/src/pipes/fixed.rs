//! What a token fixes for a pipe, held against the parameters that the pipe has.

use super::pipe::{Parameter, ParameterKind};

/// What can be fixed for every pipe, besides its own parameters.
const OF_EVERY_PIPE: [&str; 3] = ["limit", "offset", "client_id"];

/// The first name that the pipe could not keep, with the reason behind it. A pipe ignores what it does not know, and of a parameter
/// that is no list it takes the last value; from a token either would be a filter that its owner believes in and that is none.
pub fn unkept<'a>(
    fixed: &'a [(String, String)],
    parameters: &[Parameter],
) -> Option<(&'a str, &'static str)> {
    fixed.iter().find_map(|(name, _)| {
        let parameter = parameters.iter().find(|parameter| parameter.name == *name);
        let is_list = parameter.is_some_and(|parameter| parameter.kind == ParameterKind::Strings);
        let is_alone = || fixed.iter().filter(|(other, _)| other == name).count() == 1;
        if parameter.is_none() && !OF_EVERY_PIPE.contains(&name.as_str()) {
            Some((name.as_str(), "which has no such parameter"))
        } else if !is_list && !is_alone() {
            Some((name.as_str(), "which takes one value and no list there"))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, kind: ParameterKind) -> Parameter {
        let description = String::new();
        Parameter { name: name.to_owned(), kind, is_required: false, default: None, description }
    }

    #[test]
    fn only_parameters_of_the_pipe_and_those_of_every_pipe_can_be_fixed_and_only_lists_to_several() {
        let parameters = [parameter("org", ParameterKind::String), parameter("tags", ParameterKind::Strings)];
        let first = |names: &[&str]| {
            let fixed: Vec<_> = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
            unkept(&fixed, &parameters).map(|(name, _)| name.to_owned())
        };
        for kept in [&[][..], &["org"], &["tags", "tags"], &["limit", "offset", "client_id", "org", "tags"]] {
            assert_eq!(first(kept), None, "{kept:?}");
        }
        for unkept in ["Org", "organisation", "q", "token", "from", "", "Limit"] {
            assert_eq!(first(&["org", unkept]).as_deref(), Some(unkept));
        }
        for single in ["org", "limit", "offset", "client_id"] {
            assert_eq!(first(&["tags", single, single]).as_deref(), Some(single));
        }
    }
}
