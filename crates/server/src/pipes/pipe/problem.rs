//! What is wrong in pipe files: all of it, each with its line, so that an operator mends a file once.

/// Problems that are told at most; the rest is counted.
const PROBLEMS_TOLD_MAX: usize = 100;

/// What is wrong in one file, in the order in which it was found.
pub struct Problems<'a> {
    text: &'a str,
    found: Vec<(usize, String)>,
}

impl<'a> Problems<'a> {
    /// None so far in this text.
    pub fn new(text: &'a str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Something is wrong at this byte of the text.
    pub fn add(&mut self, at: usize, problem: impl Into<String>) {
        self.found.push((at, problem.into()));
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// `file:line: problem`, in the order of the lines.
    pub fn into_lines(mut self, file: &str) -> Vec<String> {
        self.found.sort_by_key(|(at, _)| *at);
        let line_of = |at: usize| {
            let before = &self.text.as_bytes()[..at.min(self.text.len())];
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        };
        self.found.iter().map(|(at, problem)| format!("{file}:{}: {problem}", line_of(*at))).collect()
    }
}

/// The problems of all files as one text.
pub fn told(mut lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(PROBLEMS_TOLD_MAX);
    if more > 0 {
        lines.truncate(PROBLEMS_TOLD_MAX);
        lines.push(format!("… and {more} more"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_by_line_and_sorted() {
        let text = "a = 1\nb = 2\nc = 3";
        let mut problems = Problems::new(text);
        problems.add(text.len() + 9, "end");
        problems.add(6, "second line");
        problems.add(0, "first line");
        let lines = problems.into_lines("x.toml");
        assert_eq!(lines, ["x.toml:1: first line", "x.toml:2: second line", "x.toml:3: end"]);
    }

    #[test]
    fn a_hundred_problems_are_told_and_the_rest_counted() {
        let lines = (0..103).map(|index| index.to_string()).collect();
        let told = told(lines);
        assert_eq!(told.lines().count(), 101);
        assert!(told.ends_with("\n99\n… and 3 more"), "{told}");
    }
}
