//! The file that marks a data folder as a demo and says how its sample data was made. Written before the first row, so
//! that a demo that was cut off can be told from a folder with real data, and finished.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use tallyhouse_model::{Micros, parse_record_time, render_record_time};

/// The file's name in the data folder.
const FILE_NAME: &str = "demo.json";

/// What the sample data is made from when nothing is said.
const DEFAULT_SEED: u32 = 1;

/// How many segments there are when nothing is said.
const DEFAULT_SEGMENTS: u32 = 250_000;

/// What the sample data consists of: 1 was segments alone, 2 had demo sessions, activities and changes as well, 3 has
/// reports, who read them and who was alerted to them, 4 has messages, reactions and snapshots. A folder of an earlier edition
/// gets what it lacks.
const EDITION: u32 = 4;

/// How the sample data of a folder is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Recipe {
    /// Which sample data.
    pub(super) seed: u32,
    /// How many segments, in all accounts together.
    pub(super) segments: u32,
    /// Where the sample data ends.
    until: String,
    /// The [`EDITION`] of which all is stored; 0 before that.
    #[serde(default)]
    stored_edition: u32,
}

impl Recipe {
    /// The recipe that a folder was made with, or a new one, which is written to it. Refuses folders with other data.
    pub(super) fn of_folder(
        folder: &Path,
        seed: Option<u32>,
        segments: Option<u32>,
        now: Micros,
    ) -> anyhow::Result<Self> {
        if let Some(recipe) = Self::read(folder)? {
            let Self { seed: made_seed, segments: made_segments, .. } = recipe;
            anyhow::ensure!(
                seed.is_none_or(|seed| seed == made_seed)
                    && segments.is_none_or(|segments| segments == made_segments),
                "the demo in {} was made with --seed {made_seed} --segments {made_segments}; remove that folder, or \
                 choose another with --data",
                folder.display()
            );
            return Ok(recipe);
        }
        let is_empty = !folder.exists() || folder.read_dir()?.next().is_none();
        anyhow::ensure!(
            is_empty,
            "the folder {} holds something else than a demo; choose another with --data",
            folder.display()
        );
        let recipe = Self {
            seed: seed.unwrap_or(DEFAULT_SEED),
            segments: segments.unwrap_or(DEFAULT_SEGMENTS),
            until: render_record_time(now),
            stored_edition: 0,
        };
        recipe.write(folder)?;
        Ok(recipe)
    }

    /// Where the sample data ends.
    pub(super) fn until(&self) -> anyhow::Result<Micros> {
        parse_record_time(&self.until).with_context(|| format!("{FILE_NAME} is damaged; remove the folder"))
    }

    /// Whether all of it is stored.
    pub(super) fn is_stored(&self) -> bool {
        self.has(EDITION)
    }

    /// Whether what came with an edition, and with those before it, is stored. There was none that told so before the second.
    pub(super) fn has(&self, edition: u32) -> bool {
        self.stored_edition >= edition
    }

    /// Notes that all of it is stored.
    pub(super) fn complete(&self, folder: &Path) -> anyhow::Result<()> {
        Self { stored_edition: EDITION, ..self.clone() }.write(folder)
    }

    /// Writes it to the folder, which is made where there is none.
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(FILE_NAME);
        tallyhouse_store::make_data_folder(folder)
            .and_then(|()| std::fs::write(&path, serde_json::to_vec(self)?))
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join(FILE_NAME);
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_slice(&text)
            .map(Some)
            .with_context(|| format!("{} is damaged; remove the folder", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = 1_531_765_230_123_456;

    #[test]
    fn a_demo_that_was_cut_off_goes_on_with_the_same_data() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data/demo");
        let first = Recipe::of_folder(&folder, None, Some(7), NOW).unwrap();
        assert_eq!((first.seed, first.segments, first.until().unwrap()), (1, 7, NOW));
        assert_eq!(Recipe::of_folder(&folder, None, None, NOW + 5).unwrap(), first);
        let mode = std::os::unix::fs::MetadataExt::mode(&folder.metadata().unwrap());
        assert_eq!(mode & 0o777, 0o700, "sample data is kept like real data");
        first.complete(&folder).unwrap();
        assert!(Recipe::of_folder(&folder, Some(1), Some(7), NOW + 5).unwrap().is_stored());
    }

    #[test]
    fn a_demo_of_an_earlier_edition_is_filled_again_with_the_same_data() {
        let folder = tempfile::tempdir().unwrap();
        let earlier = r#"{"seed":3,"segments":9,"until":"2026-03-01T00:00:00Z","is_complete":true}"#;
        std::fs::write(folder.path().join(FILE_NAME), earlier).unwrap();
        let recipe = Recipe::of_folder(folder.path(), None, None, NOW).unwrap();
        assert_eq!((recipe.seed, recipe.segments, recipe.is_stored()), (3, 9, false));
        recipe.complete(folder.path()).unwrap();
        let recipe = Recipe::of_folder(folder.path(), None, None, NOW).unwrap();
        assert_eq!((recipe.until().unwrap(), recipe.is_stored()), (1_772_323_200_000_000, true));
    }

    #[test]
    fn a_demo_of_the_second_edition_lacks_only_what_later_ones_have() {
        let folder = tempfile::tempdir().unwrap();
        let earlier = r#"{"seed":3,"segments":9,"until":"2026-03-01T00:00:00Z","stored_edition":2}"#;
        std::fs::write(folder.path().join(FILE_NAME), earlier).unwrap();
        let recipe = Recipe::of_folder(folder.path(), None, None, NOW).unwrap();
        assert!(recipe.has(2) && !recipe.has(3) && !recipe.is_stored());
        recipe.complete(folder.path()).unwrap();
        assert!(Recipe::of_folder(folder.path(), None, None, NOW).unwrap().has(4));
    }

    #[test]
    fn another_recipe_and_foreign_data_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        Recipe::of_folder(folder.path(), None, None, NOW).unwrap();
        assert!(Recipe::of_folder(folder.path(), Some(2), None, NOW).is_err());
        assert!(Recipe::of_folder(folder.path(), None, Some(2), NOW).is_err());
        let foreign = tempfile::tempdir().unwrap();
        std::fs::write(foreign.path().join("catalog.db"), "").unwrap();
        assert!(Recipe::of_folder(foreign.path(), None, None, NOW).is_err());
        assert!(!foreign.path().join(FILE_NAME).exists());
    }
}
