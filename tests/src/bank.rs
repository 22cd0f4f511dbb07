//! The real bank's data, which stay beside the repository, and the service's counters read from a bus.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fika_bus::{Bus, TailFrom};
use fika_model::{IntervalCounters, IntervalKey};
use fika_wire::{records, topics};

use crate::repository::root;

/// Where the calls of the bank are, when they are there.
pub fn data() -> Option<PathBuf> {
    let folder = root().join("../shared/data/anonymous_bank_1999");
    folder.is_dir().then_some(folder)
}

/// The files of January and February.
pub fn months() -> Option<[String; 2]> {
    let folder = data()?;
    Some(["calls_1999-01.csv.gz", "calls_1999-02.csv.gz"].map(|name| folder.join(name).display().to_string()))
}

/// The counters on a bus. A cell's parts, one for each partition that its calls came from, are added up.
///
/// # Errors
/// What the bus says.
///
/// # Panics
/// When a record on the topic cannot be read.
pub fn counters(bus: &dyn Bus) -> Result<BTreeMap<IntervalKey, IntervalCounters>, fika_bus::Error> {
    let mut latest = BTreeMap::new();
    bus.scan(topics::INTERVALS, &mut |record| {
        let value = record.value.expect("no tombstones among counters");
        latest.insert(record.key, records::read_interval(&record.headers, &value).expect("counters can be read"));
        ControlFlow::Continue(())
    })?;
    let mut cells: BTreeMap<IntervalKey, IntervalCounters> = BTreeMap::new();
    for (key, counters) in latest.into_values() {
        cells.entry(key).or_default().accumulate(&counters, 1);
    }
    Ok(cells)
}

/// Waits until the ingest role has committed everything that is on the event topics; `false` when `most` is over first.
///
/// # Errors
/// What the bus says.
pub fn wait_until_counted(bus: &dyn Bus, most: Duration) -> Result<bool, fika_bus::Error> {
    let until = Instant::now() + most;
    let mut news = bus.tail(&[topics::INTERVALS], TailFrom::End)?;
    while bus.lag("fika-ingest", &[topics::CALLS, topics::AGENTS])?.iter().any(|lag| lag.behind > 0) {
        if Instant::now() >= until {
            return Ok(false);
        }
        news.poll(Duration::from_millis(200))?;
    }
    Ok(true)
}
