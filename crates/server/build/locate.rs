//! Finds the pattern file in the package `ua-parser`, wherever cargo has put that: in its home or in a vendor folder.
//!
//! 1. `cargo metadata --offline` names the folder of every package; it knows about vendored and replaced sources.
//! 2. That fails where packages are missing that this build does not need (those for tests, in a fresh clone). Then
//!    the package of the locked version is in cargo's home, because cargo has just unpacked it there.
//! 3. Should cargo's home be elsewhere, `cargo metadata` may fetch what it misses.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's lock file.
pub fn lock_file() -> PathBuf {
    folder().join("../../Cargo.lock")
}

/// The folder of this package, as of this run: where several clones share a target folder, one of them may run a build
/// script that another has compiled.
fn folder() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

const PACKAGE: &str = "ua-parser";

/// Where the file is inside of the package.
const FILE: &str = "uap-core/regexes.yaml";

/// The pattern file. Fails the build when there is none.
pub fn pattern_file() -> PathBuf {
    by_metadata(&["--offline"]).or_else(in_home).or_else(|| by_metadata(&[])).unwrap_or_else(|| {
        panic!("the source of the package {PACKAGE}, with {FILE} in it, is nowhere to be found")
    })
}

/// Asks cargo for the folders of all packages.
fn by_metadata(flags: &[&str]) -> Option<PathBuf> {
    let cargo = env::var_os("CARGO")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked"])
        .args(flags)
        .current_dir(folder())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let metadata = String::from_utf8(output.stdout).ok()?;
    let manifests = metadata.split("\"manifest_path\":\"").skip(1).filter_map(|text| text.split('"').next());
    manifests.filter_map(|manifest| file_in(Path::new(manifest).parent()?)).next()
}

/// Looks where cargo unpacks what comes from a registry.
fn in_home() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))?;
    let folder = format!("{PACKAGE}-{}", locked_version()?);
    let registries = home.join("registry/src").read_dir().ok()?;
    registries.filter_map(|registry| file_in(&registry.ok()?.path().join(&folder))).next()
}

fn locked_version() -> Option<String> {
    let lock = std::fs::read_to_string(lock_file()).ok()?;
    let package = lock.split(&format!("name = \"{PACKAGE}\"\nversion = \"")).nth(1)?;
    Some(package.split('"').next()?.to_owned())
}

fn file_in(folder: &Path) -> Option<PathBuf> {
    Some(folder.join(FILE)).filter(|file| file.is_file())
}
