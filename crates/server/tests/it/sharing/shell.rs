//! The little of a shell that the examples of `docs/API.md` are written in: lines of `curl`, and what is kept of their answers.

use std::collections::HashMap;

/// A line of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// `curl …`, and the comment below it that says what is answered.
    Ask { curl: String, answer: Option<String> },
    /// `NAME=$(curl … | value MEMBER)`.
    Keep { name: String, curl: String, member: String },
    /// `until curl … | grep -q 'TEXT'; do sleep 1; done`.
    Until { curl: String, text: String },
}

/// What a line of `curl` sends.
#[derive(Debug, Default, PartialEq)]
pub struct Sent {
    pub method: String,
    pub url: String,
    /// Of `-u`.
    pub user: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The lines of a script. Whatever is no line of `curl` is passed over: it is for the shell of whoever tries it.
pub fn lines(script: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for line in statements(script) {
        if let Some(answer) = line.strip_prefix("# ") {
            if let Some(Line::Ask { answer: told, .. }) = lines.last_mut()
                && (answer.starts_with('{') || answer.starts_with("302 "))
            {
                *told = Some(answer.to_owned());
            }
        } else if let Some((name, rest)) = line.split_once("=$(") {
            let (curl, member) = rest.rsplit_once(" | value ").unwrap();
            let member = member.strip_suffix(')').unwrap().to_owned();
            lines.push(Line::Keep { name: name.to_owned(), curl: curl.to_owned(), member });
        } else if let Some(rest) = line.strip_prefix("until ") {
            let (curl, rest) = rest.split_once(" | grep -q '").unwrap();
            let text = rest.split_once('\'').unwrap().0.to_owned();
            lines.push(Line::Until { curl: curl.to_owned(), text });
        } else if line.starts_with("curl ") {
            lines.push(Line::Ask { curl: line, answer: None });
        }
    }
    lines
}

/// Cut at the line breaks that are not in quotes. Comments have no quotes that count.
fn statements(script: &str) -> Vec<String> {
    let (mut statements, mut quote) = (vec![String::new()], None);
    for character in script.chars() {
        let last = statements.last_mut().unwrap();
        match (character, quote) {
            ('\n', None) => statements.push(String::new()),
            ('\'' | '"', None) if !last.starts_with('#') => {
                quote = Some(character);
                last.push(character);
            }
            (character, quoted) => {
                if quoted == Some(character) {
                    quote = None;
                }
                last.push(character);
            }
        }
    }
    statements
}

/// What a line of `curl` sends, with these variables.
pub fn sent(curl: &str, variables: &HashMap<String, String>) -> Sent {
    let mut sent = Sent::default();
    let mut words = words(curl, variables).into_iter().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap();
        match word.as_str() {
            "-s" => {}
            "-o" | "-w" => drop(next()),
            "-u" => sent.user = Some(next()),
            "-X" => sent.method = next(),
            "--data-binary" => sent.body = next(),
            "-H" => {
                let header = next();
                let (name, value) = header.split_once(": ").unwrap();
                sent.headers.push((name.to_lowercase(), value.to_owned()));
            }
            _ => sent.url = word,
        }
    }
    if sent.method.is_empty() {
        sent.method = if sent.body.is_empty() { "GET" } else { "POST" }.to_owned();
    }
    sent
}

/// The words of a line, without their quotes and with what variables stand for.
fn words(line: &str, variables: &HashMap<String, String>) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, quote) {
            (' ', None) => words.push(String::new()),
            ('\'' | '"', None) => quote = Some(character),
            ('$', None | Some('"')) => {
                let mut name = String::new();
                while let Some(letter) = rest.next_if(|next| next.is_ascii_uppercase() || *next == '_') {
                    name.push(letter);
                }
                let value = variables.get(&name).unwrap_or_else(|| panic!("{name} is not set: {line}"));
                words.last_mut().unwrap().push_str(value);
            }
            (character, quoted) if quoted == Some(character) => quote = None,
            (character, _) => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What `value MEMBER` prints: the last member of this name that is a text.
pub fn value(json: &str, member: &str) -> String {
    let start = format!("\"{member}\":\"");
    let (_, rest) = json.rsplit_once(&start).unwrap_or_else(|| panic!("no {member} in {json}"));
    rest.split('"').next().unwrap().to_owned()
}
