//! The settings of the pipes family.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Settings of the pipes family.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipesConfig {
    /// The folder with the operator's own pipes; empty for `pipes` in the data folder, if that is there.
    pub folder: PathBuf,
}

impl PipesConfig {
    /// The folder, if one is named.
    pub fn folder(&self) -> Option<&Path> {
        Some(self.folder.as_path()).filter(|path| !path.as_os_str().is_empty())
    }
}
