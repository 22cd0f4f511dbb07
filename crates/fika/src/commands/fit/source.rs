//! Where the events come from: files in the dialect of an ACD, or the bus.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use fika_bus::Bus;
use fika_model::{FaultCode, Faults};
use fika_wire::dialect::lines::Lines;
use fika_wire::dialect::{self, Context, Dialect, Fika, Input, Mapping};
use fika_wire::{json as wire_json, topics};
use indicatif::ProgressBar;

use super::calls::Calls;

/// How many faulty records are shown.
const SHOWN: usize = 3;
/// Records between two words to the progress bar.
const STRIDE: u64 = 1_000;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The calls.
    pub(super) calls: Calls,
    /// Lines of files, or records of the bus.
    pub(super) records: u64,
    /// Those that cannot be read and are left out.
    pub(super) faulty: u64,
    /// Place and faults of the first of them.
    pub(super) shown: Vec<(String, Faults)>,
}

impl Heard {
    fn take(&mut self, reader: &mut dyn Dialect, input: Input<'_>, place: impl FnOnce() -> String, bar: &ProgressBar) {
        self.records += 1;
        if self.records.is_multiple_of(STRIDE) {
            bar.set_position(self.records);
        }
        match dialect::read_all(reader, input, &mut Context::default()) {
            Ok(events) => events.into_iter().for_each(|event| self.calls.add(event)),
            Err(faults) => {
                self.faulty += 1;
                if self.shown.len() < SHOWN {
                    self.shown.push((place(), faults));
                }
            }
        }
    }

    /// The faults that were shown, each at its place.
    pub(super) fn faults(&self) -> Faults {
        let placed = |(place, faults): &(String, Faults)| {
            let at = |at: &str| if at.is_empty() { place.clone() } else { format!("{place}: {at}") };
            faults.0.iter().map(|fault| fika_model::Fault { at: at(&fault.at), ..fault.clone() }).collect::<Vec<_>>()
        };
        Faults(self.shown.iter().flat_map(placed).collect())
    }
}

/// Reads files of one format; a file that cannot be read is a fault, and all such files are named.
pub(super) fn files(paths: &[PathBuf], format: &str, mapping: Option<&Mapping>, bar: &ProgressBar) -> Result<Heard, Faults> {
    let mut heard = Heard::default();
    let mut faults = Faults::default();
    for path in paths {
        if let Err(more) = file(path, format, mapping, &mut heard, bar) {
            faults.0.extend(more.0);
        }
    }
    faults.or(Some(heard))
}

fn file(path: &Path, format: &str, mapping: Option<&Mapping>, heard: &mut Heard, bar: &ProgressBar) -> Result<(), Faults> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| Faults::one(FaultCode::Malformed, &name, error);
    let mut reader = dialect::open(format, mapping)?;
    let file = File::open(path).map_err(|error| Faults::one(FaultCode::Missing, &name, error))?;
    for line in Lines::records(file, wire_json::MESSAGE_LIMIT_BYTES, reader.form()).map_err(unreadable)? {
        let line = line.map_err(unreadable)?;
        heard.take(&mut *reader, Input::line(&line.bytes), || format!("{name}:{}", line.number), bar);
    }
    reader.finish().into_iter().for_each(|event| heard.calls.add(event));
    Ok(())
}

/// Reads the calls of a bus as far as they have come.
pub(super) fn bus(bus: &dyn Bus, bar: &ProgressBar) -> Result<Heard, fika_bus::Error> {
    let mut heard = Heard::default();
    bus.scan(topics::CALLS, &mut |record| {
        let place = || format!("{} partition {} offset {}", record.topic, record.partition, record.offset);
        match record.value.as_deref() {
            Some(value) => heard.take(&mut Fika, Input { headers: &record.headers, value }, place, bar),
            // A tombstone tells nothing.
            None => heard.records += 1,
        }
        ControlFlow::Continue(())
    })?;
    Ok(heard)
}
