//! Reads the pattern file and writes it as Rust tables: a row per pattern, a place per key.
//!
//! The file uses a sliver of YAML: sections, and in them lists of texts in single quotes. Whatever is not of this form
//! stops the build, so that a newer file is never understood wrongly.

use std::fmt::Write as _;

/// The sections of the file, the names of their tables, and the keys in the order of a row.
const SECTIONS: [(&str, &str, &[&str]); 3] = [
    (
        "user_agent_parsers",
        "BROWSERS",
        &[
            "regex",
            "family_replacement",
            "v1_replacement",
            "v2_replacement",
            "v3_replacement",
            "v4_replacement",
        ],
    ),
    (
        "os_parsers",
        "SYSTEMS",
        &[
            "regex",
            "os_replacement",
            "os_v1_replacement",
            "os_v2_replacement",
            "os_v3_replacement",
            "os_v4_replacement",
        ],
    ),
    (
        "device_parsers",
        "DEVICES",
        &["regex", "regex_flag", "device_replacement", "brand_replacement", "model_replacement"],
    ),
];

/// The value of every key of a section, absent ones included.
type Row = Vec<Option<String>>;

/// The text of a Rust file with a table per section.
pub fn tables(yaml: &str) -> Result<String, String> {
    let mut sections: [Vec<Row>; SECTIONS.len()] = Default::default();
    let mut section = None;
    for (index, line) in yaml.lines().enumerate() {
        take_line(line, &mut section, &mut sections)
            .ok_or_else(|| format!("line {} is not of the form that is known: {line}", index + 1))?;
    }
    let mut text = String::new();
    for ((name, table, keys), rows) in SECTIONS.iter().zip(&sections) {
        if rows.is_empty() || rows.iter().any(|row| row[0].is_none()) {
            return Err(format!("{name} is empty or has a pattern without a regex"));
        }
        let _ = writeln!(text, "static {table}: [[Option<&str>; {}]; {}] = [", keys.len(), rows.len());
        for row in rows {
            let _ = writeln!(text, "    {row:?},");
        }
        text.push_str("];\n");
    }
    Ok(text)
}

/// Takes a line in; `None` when it is not understood.
fn take_line(line: &str, section: &mut Option<usize>, sections: &mut [Vec<Row>; 3]) -> Option<()> {
    let content = line.trim();
    if content.is_empty() || content.starts_with('#') {
        return Some(());
    }
    if line == content && !content.starts_with('-') {
        let name = content.strip_suffix(':')?;
        *section = Some(SECTIONS.iter().position(|(known, ..)| *known == name)?);
        return Some(());
    }
    let index = (*section)?;
    let (keys, rows) = (SECTIONS[index].2, &mut sections[index]);
    let pair = match content.strip_prefix("- ") {
        Some(first) => {
            rows.push(vec![None; keys.len()]);
            first
        }
        None => content,
    };
    let (key, value) = pair.split_once(':')?;
    let place = keys.iter().position(|known| *known == key)?;
    rows.last_mut()?[place] = value_of(value.trim())?;
    Some(())
}

/// A text in single quotes, in which two of them stand for one; or null.
fn value_of(text: &str) -> Option<Option<String>> {
    let Some(quoted) = text.strip_prefix('\'') else {
        return (text == "null").then_some(None);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '\'' if characters.as_str().starts_with('\'') => {
                characters.next();
                value.push('\'');
            }
            '\'' => break,
            character => value.push(character),
        }
    }
    let rest = characters.as_str().trim();
    (rest.is_empty() || rest.starts_with('#')).then_some(Some(value))
}
