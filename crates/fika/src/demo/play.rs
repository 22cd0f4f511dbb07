//! Plays the history: simulates, encodes, appends; then waits until the service has counted it.

use std::time::{Duration, Instant};

use anyhow::Context;
use fika_bus::{Bus, Outgoing};
use fika_model::calendar::DayMap;
use fika_model::event::Event;
use fika_simulation::{Live, Prepared};
use fika_wire::{records, topics};
use indicatif::ProgressBar;

use super::acd::{Acd, scenario};
use crate::{roles, traffic};

/// Records appended at once.
const BATCH: usize = 4_000;

/// What the ACD told.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Played {
    /// Calls that came.
    pub(crate) calls: u64,
    /// Records put on the bus.
    pub(crate) records: u64,
}

/// Collects events into batches and appends them.
struct Feed<'a> {
    bus: &'a dyn Bus,
    batch: Vec<Outgoing>,
    played: Played,
    failed: Option<fika_bus::Error>,
}

impl Feed<'_> {
    fn push(&mut self, event: &Event) {
        if let Event::Call(call) = event
            && call.kind == fika_model::event::CallEventKind::Queued
        {
            self.played.calls += 1;
        }
        self.played.records += 1;
        self.batch.push(traffic::outgoing(records::event(event)));
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    /// After a failure nothing more is sent; the caller looks at it once a simulated day.
    fn flush(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if self.failed.is_none()
            && let Err(error) = self.bus.append(batch)
        {
            self.failed = Some(error);
        }
    }
}

/// Plays the days onto the bus as fast as it goes; the bar counts simulated days.
pub(crate) fn play(bus: &dyn Bus, days: &DayMap, seed: u64, bar: &ProgressBar) -> anyhow::Result<Played> {
    let scenario = scenario(days);
    let plan = Prepared::new(&scenario)?;
    let mut feed = Feed { bus, batch: Vec::with_capacity(BATCH), played: Played::default(), failed: None };
    let acd = Acd::new(days, seed, |event: Event| feed.push(&event))?;
    let mut live = Live::new(&plan, seed, 0, acd);
    bar.set_length(days.len() as u64);
    for day in days.days() {
        live.run_until(f64::from(days.day_span(day).end().get()) * 60.0);
        bar.set_position(day.get() as u64 + 1);
    }
    drop(live.finish());
    feed.flush();
    match feed.failed {
        Some(error) => Err(error).context("the ACD's events cannot be put on the bus"),
        None => Ok(feed.played),
    }
}

/// Waits until the service has counted everything on the event topics; the bar shows the records still to come.
pub(crate) fn wait_until_counted(bus: &dyn Bus, most: Duration, bar: &ProgressBar) -> anyhow::Result<()> {
    let until = Instant::now() + most;
    let pause = roles::Stop::default();
    loop {
        let behind: i64 = bus.lag(roles::groups::INGEST, &[topics::CALLS, topics::AGENTS])?.iter().map(|lag| lag.behind).sum();
        if behind == 0 {
            return Ok(());
        }
        bar.set_message(format!("{behind} records to count"));
        anyhow::ensure!(Instant::now() < until, "after {most:?} {behind} records are still not counted; the log says why");
        pause.wait(Duration::from_millis(100));
    }
}
