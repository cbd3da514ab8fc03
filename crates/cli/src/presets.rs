//! Ready scenarios, embedded: they run on the embedded sample, and are meant to be copied and edited.

use std::path::PathBuf;

use anyhow::anyhow;
use hedgerow_core::registry::unknown;

use crate::resolve::Source;

/// A ready scenario.
#[derive(Debug)]
pub(crate) struct Preset {
    /// As typed, `--preset collar`; the name of its file.
    pub(crate) name: &'static str,
    /// The scenario.
    pub(crate) text: &'static str,
}

macro_rules! preset {
    ($name:literal) => {
        Preset {
            name: $name,
            text: include_str!(concat!("../../../data/scenarios/", $name, ".toml")),
        }
    };
}

/// Every ready scenario, alphabetically.
pub(crate) const PRESETS: &[Preset] = &[
    preset!("collar"),
    preset!("covered_call"),
    preset!("cppi"),
    preset!("dynamic_delta_hedging"),
    preset!("gamma_scalping"),
    preset!("inverse_book"),
    preset!("option_desk"),
    preset!("protective_put"),
    preset!("put_spread"),
    preset!("short_futures"),
    preset!("treasury"),
    preset!("variance_swap"),
];

/// The preset that runs when no scenario is named.
pub(crate) const DEFAULT: &str = "treasury";

impl Preset {
    /// The preset of this name.
    ///
    /// # Errors
    /// Text that lists the known names.
    pub(crate) fn named(name: &str) -> anyhow::Result<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
            anyhow!(unknown("preset", name, PRESETS.iter().map(|preset| preset.name)))
        })
    }

    /// Its own sentence about itself.
    pub(crate) fn about(&self) -> &'static str {
        let line = self.text.lines().find_map(|line| line.strip_prefix("about = \""));
        line.map_or("", |about| about.trim_end_matches('"'))
    }

    /// As a scenario to be resolved.
    pub(crate) fn source(&self) -> Source {
        Source {
            label: format!("preset {}", self.name),
            text: self.text.to_owned(),
            folder: PathBuf::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_in_order_and_say_what_they_are() {
        assert!(PRESETS.is_sorted_by(|a, b| a.name < b.name));
        for preset in PRESETS {
            assert!(preset.about().len() > 30, "{}", preset.name);
            assert!(preset.text.contains("source = \"sample\""), "{}", preset.name);
        }
        assert!(Preset::named(DEFAULT).is_ok());
    }

    /// Every scenario of the folder is a preset.
    #[test]
    fn no_scenario_is_forgotten() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/scenarios");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        files.sort();
        assert_eq!(files, PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>());
    }
}
