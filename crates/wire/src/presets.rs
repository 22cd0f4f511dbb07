//! Rules of countries, states and agreements as data files beside the code, by name.
//!
//! Each file is a `BreakPreset` of the contract in JSON, embedded as it lies in `presets/`. Invariant: every file reads without a fault and
//! the ids of its rules begin with its name, which tests hold. A request that names a preset is the request with the rules written out.

use fika_model::fault::{FaultCode, Faults};
use fika_model::request::RequestParts;
use fika_model::rules::{BreakRule, RestRules, StretchRule};

use crate::convert::preset_parts;
use crate::json::{self, MESSAGE_LIMIT_BYTES};
use crate::proto::fika::v1::BreakPreset;

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        /// The presets: name and file, in the order of the names.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../presets/", $name, ".json"))),)*];
    };
}

presets!("au-contract-call-centres", "de", "dk", "eu", "jp", "jp-agreement", "uk", "us-ca", "us-ny");

/// The names of all presets, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The file of a preset, as it is.
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| *file)
}

/// A preset by its name.
///
/// # Errors
/// One fault at `breakPreset` that lists the names there are.
pub fn preset(name: &str) -> Result<BreakPreset, Faults> {
    let unknown = || {
        let known: Vec<_> = names().collect();
        Faults::one(FaultCode::UnknownReference, "breakPreset", format_args!("no preset {name:?}, there are {}", known.join(", ")))
    };
    json::read(file(name).ok_or_else(unknown)?.as_bytes(), MESSAGE_LIMIT_BYTES)
}

/// The rules of a preset as the model has them: breaks, limits of stretches, rests.
///
/// # Errors
/// Every fault of the preset.
pub fn rules(preset: &BreakPreset) -> Result<(Vec<BreakRule>, Vec<StretchRule>, RestRules), Faults> {
    preset_parts(preset)
}

/// Adds the rules of a preset to those of a request; of two rests the longer counts.
pub(crate) fn add(name: &str, parts: &mut RequestParts) -> Result<(), Faults> {
    let preset = preset(name)?;
    let (breaks, stretches, rest) = rules(&preset)?;
    parts.breaks.extend(breaks);
    parts.stretches.extend(stretches);
    let own = parts.rest;
    parts.rest = RestRules {
        between_shifts: own.between_shifts.max(rest.between_shifts),
        days_off_per_week: own.days_off_per_week.max(rest.days_off_per_week),
        weekly: own.weekly.max(rest.weekly),
        daily: own.daily.max(rest.daily),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_sound_preset_with_its_sources() {
        for name in names() {
            let preset = preset(name).expect("a sound file");
            assert_eq!(preset.name, name);
            assert!(!preset.title.is_empty() && !preset.sources.is_empty() && !preset.break_rules.is_empty(), "{name}");
            let ids = || preset.break_rules.iter().map(|rule| &rule.id).chain(preset.stretch_rules.iter().map(|rule| &rule.id));
            assert!(ids().all(|id| id.starts_with(&format!("{name}."))), "{name}");
            assert!(rules(&preset).is_ok(), "{name}");
        }
        let mut sorted: Vec<_> = names().collect();
        sorted.sort_unstable();
        assert_eq!(sorted, names().collect::<Vec<_>>());
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let faults = preset("atlantis").expect_err("no such place").0;
        assert_eq!((faults[0].at.as_str(), faults[0].code), ("breakPreset", FaultCode::UnknownReference));
        assert!(faults[0].cause.contains("de, dk, eu"), "{}", faults[0].cause);
    }
}
