//! Files that commands read and write: requests, rosters, lists of messages.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use fika_model::fault::{FaultCode, Faults};
use fika_model::forecast::QueueForecast;
use fika_model::{Request, Roster, RosterSummary};
use fika_wire::proto::fika::v1;
use fika_wire::{convert, json};
use serde::Serialize;

/// The largest roster file that is read, in bytes: 5,000 agents for four weeks take about 200 MB.
const ROSTER_LIMIT_BYTES: usize = 1 << 30;

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Faults> {
    let read = || {
        if path.as_os_str() != "-" {
            return std::fs::read(path);
        }
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    };
    if path.is_dir() {
        return Err(Faults::one(FaultCode::Unreadable, path.display().to_string(), "it is a folder and no file"));
    }
    read().map_err(|error| Faults::one(FaultCode::Unreadable, path.display().to_string(), error))
}

/// The faults of a file, each place behind the file's name.
pub(crate) fn of_file(path: &Path, faults: Faults) -> Faults {
    let name = path.display();
    let placed = |mut fault: fika_model::Fault| {
        fault.at = if fault.at.is_empty() { name.to_string() } else { format!("{name}: {}", fault.at) };
        fault
    };
    Faults(faults.0.into_iter().map(placed).collect())
}

/// Reads a request.
pub(crate) fn request(path: &Path) -> Result<Request, Faults> {
    let read = |bytes: &[u8]| json::read_then(bytes, json::MESSAGE_LIMIT_BYTES, convert::parse_request);
    read(&bytes(path)?).map_err(|faults| of_file(path, faults))
}

/// Reads a roster, with its summary where there is one.
pub(crate) fn roster(path: &Path) -> Result<(Roster, Option<RosterSummary>), Faults> {
    let read = |bytes: &[u8]| json::read_then(bytes, ROSTER_LIMIT_BYTES, |message: &v1::Roster| convert::parse_roster(message));
    read(&bytes(path)?).map_err(|faults| of_file(path, faults))
}

/// Reads a request and a roster; the faults of both are named at once.
pub(crate) fn pair(request: &Path, roster: &Path) -> Result<(Request, (Roster, Option<RosterSummary>)), Faults> {
    match (self::request(request), self::roster(roster)) {
        (Ok(request), Ok(roster)) => Ok((request, roster)),
        (request, roster) => {
            let faults = [request.err(), roster.err()].into_iter().flatten().flat_map(|faults| faults.0);
            Err(Faults(faults.collect()))
        }
    }
}

/// Reads messages one after another: a line each, or as lists, or both. `parse` reads one.
pub(crate) fn list<M>(path: &Path, parse: impl Fn(&[u8]) -> Result<M, Faults>) -> Result<Vec<M>, Faults> {
    let bytes = bytes(path)?;
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_slice(&bytes).into_iter::<serde_json::Value>() {
        match value.map_err(|error| of_file(path, Faults::one(FaultCode::Malformed, "", error)))? {
            serde_json::Value::Array(list) => values.extend(list),
            value => values.push(value),
        }
    }
    let mut faults = Faults::default();
    let mut messages = Vec::new();
    for (n, value) in values.iter().enumerate() {
        match parse(value.to_string().as_bytes()) {
            Ok(message) => messages.push(message),
            Err(more) => faults.0.extend(more.0.into_iter().map(|mut fault| {
                fault.at = if fault.at.is_empty() { format!("[{n}]") } else { format!("[{n}].{}", fault.at) };
                fault
            })),
        }
    }
    faults.or(Some(messages)).map_err(|faults| of_file(path, faults))
}

/// Reads forecasts: `QueueForecast` messages, a line each or as a list.
pub(crate) fn forecasts(path: &Path) -> Result<Vec<QueueForecast>, Faults> {
    let forecasts = list(path, |bytes| json::read_then(bytes, json::MESSAGE_LIMIT_BYTES, convert::parse_forecast))?;
    Ok(forecasts.into_iter().map(|(_, forecast)| forecast).collect())
}

/// Writes a message for people and programs to read.
pub(crate) fn write(path: &Path, message: &impl Serialize) -> anyhow::Result<()> {
    std::fs::write(path, json::write_pretty(message)).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_told_as_such() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let check = |path: &Path, cause: &str| {
            let faults = request(path).expect_err("no request").0;
            assert_eq!((faults.len(), faults[0].code), (1, FaultCode::Unreadable));
            assert!(faults[0].cause.contains(cause), "{}", faults[0].cause);
        };
        check(folder.path(), "a folder and no file");
        check(&folder.path().join("none.json"), "No such file");
    }
}
