//! Runs before the server is compiled: turns the pattern file of the `ua-parser` package into Rust tables, which
//! `src/ingest/agent/patterns.rs` includes. So the binary carries the patterns and the repository does not.

mod locate;
mod patterns;

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let file = locate::pattern_file();
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let tables = patterns::tables(&text).unwrap_or_else(|problem| panic!("{}: {problem}", file.display()));
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo tells build scripts where to write"));
    fs::write(folder.join("agent_patterns.rs"), tables).expect("the folder of the build can be written to");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", file.display());
    println!("cargo::rerun-if-changed={}", locate::lock_file().display());
}
