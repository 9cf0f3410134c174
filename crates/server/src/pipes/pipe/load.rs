//! Where pipes come from: files that are part of the program, and files in a folder of the operator.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Pipe;
use super::check::{check, is_name};
use super::metrics;
use super::problem::{Problems, told};

/// The pipes of the program, in the same form as those of operators.
const BUILT_IN: [(&str, &str); 5] = [
    ("api_replicate_analytics", include_str!("../../../pipes/api_replicate_analytics.toml")),
    ("replay_change_feed", include_str!("../../../pipes/replay_change_feed.toml")),
    ("replay_session_activity", include_str!("../../../pipes/replay_session_activity.toml")),
    ("replay_session_summary", include_str!("../../../pipes/replay_session_summary.toml")),
    ("replicate_session_activity", include_str!("../../../pipes/replicate_session_activity.toml")),
];

/// Bytes of a pipe file at most.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Pipe files in the folder at most.
const FILES_MAX: usize = 1_000;

/// All pipes, sorted by name, or everything that is wrong with the files.
pub fn load(folder: Option<&Path>) -> Result<Vec<Arc<Pipe>>, String> {
    let mut pipes = BTreeMap::new();
    for pipe in built_in() {
        pipes.insert(pipe.name.clone(), Arc::new(pipe));
    }
    let mut lines = Vec::new();
    for path in folder.map_or_else(|| Ok(Vec::new()), files)? {
        match of_file(&path) {
            Ok(pipe) if pipes.contains_key(&pipe.name) => {
                lines.push(format!("{}:1: there is a built-in pipe `{}`", path.display(), pipe.name));
            }
            Ok(pipe) => drop(pipes.insert(pipe.name.clone(), Arc::new(pipe))),
            Err(problems) => lines.extend(problems),
        }
    }
    if lines.is_empty() { Ok(pipes.into_values().collect()) } else { Err(told(lines)) }
}

fn built_in() -> Vec<Pipe> {
    let files = BUILT_IN.iter().map(|(name, text)| {
        let mut problems = Problems::new(text);
        check(name, text, &mut problems)
            .unwrap_or_else(|| unreachable!("built-in pipes are checked: {:?}", problems.into_lines(name)))
    });
    files.chain([metrics::pipe()]).collect()
}

/// The pipe files of a folder, sorted by name. Other files lie there unheeded.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error| format!("the folder of pipes {} cannot be read: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|extension| extension == "toml") && !is_hidden {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(format!("the folder of pipes {} has more than {FILES_MAX} files", folder.display()));
        }
    }
    files.sort();
    Ok(files)
}

/// The pipe of a file, or its problems.
fn of_file(path: &Path) -> Result<Pipe, Vec<String>> {
    let file = path.display().to_string();
    let one = |problem: String| vec![format!("{file}:1: {problem}")];
    let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| is_name(stem)).ok_or_else(|| {
        one("the name of the file is the name of the pipe: letters, digits and _, no digit first, at most 128".into())
    })?;
    let text = read(path).map_err(one)?;
    let mut problems = Problems::new(&text);
    check(name, &text, &mut problems).ok_or_else(|| problems.into_lines(&file))
}

fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error| format!("it cannot be read: {error}");
    // Opening a queue or a device would wait for ever.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut file = fs::File::open(path).map_err(unreadable)?.take(FILE_BYTES_MAX + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("it has more than {FILE_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests;
