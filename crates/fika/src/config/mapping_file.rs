//! The file that says which column of a report of calls is what.

use std::path::Path;

use fika_model::fault::{FaultCode, Faults};
use fika_wire::dialect::Mapping;

/// Reads and checks a mapping.
pub(crate) fn read(path: &Path) -> Result<Mapping, Faults> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Faults::one(FaultCode::Missing, &name, error))?;
    let mapping: Mapping = toml::from_str(&text).map_err(|error| Faults::one(FaultCode::Malformed, &name, error.to_string().trim_end()))?;
    mapping.check().map_err(|mut faults| {
        for fault in &mut faults.0 {
            fault.at = format!("{name}: {}", fault.at);
        }
        faults
    })?;
    Ok(mapping)
}
