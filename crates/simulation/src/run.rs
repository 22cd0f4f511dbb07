//! Replications: many of them for a report, one of them for somebody who watches.
//!
//! Worker `w` of `k` runs the batches `w`, `w + k`, `w + 2k` and so on of replications; their counts are folded in the order of the
//! replications. The report is therefore the same, to the last bit, for any number of workers.

use std::sync::mpsc::sync_channel;
use std::thread;

use fika_model::Faults;
use fika_model::fault::FaultCode;

use crate::counts::Counts;
use crate::engine::Engine;
use crate::prepared::Prepared;
use crate::report::{Folder, Report};
use crate::scenario::Scenario;
use crate::trace::{NoTrace, Trace};

/// How a scenario is to be simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSettings {
    /// Independent replications of the horizon, at least 2.
    pub replications: u32,
    /// The seed of all random streams.
    pub seed: u64,
    /// Threads that share the replications, at least 1; they do not change the result.
    pub workers: usize,
}

/// The most replications of a run.
const MOST_REPLICATIONS: u32 = 1_000_000;

/// Simulates a scenario. The error names what is wrong with the scenario or the settings.
pub fn run(scenario: &Scenario, settings: &RunSettings) -> Result<Report, Faults> {
    run_watched(scenario, settings, &mut |_| ())
}

/// [`run`]; `observe` hears after each replication how many are done.
pub fn run_watched(scenario: &Scenario, settings: &RunSettings, observe: &mut dyn FnMut(u32)) -> Result<Report, Faults> {
    let mut faults = Faults::default();
    if !(2..=MOST_REPLICATIONS).contains(&settings.replications) {
        let cause = format!("{} replications, outside 2 to {MOST_REPLICATIONS}", settings.replications);
        faults.push(FaultCode::OutOfRange, "replications", cause);
    }
    if !(1..=1024).contains(&settings.workers) {
        faults.push(FaultCode::OutOfRange, "workers", format!("{} workers, outside 1 to 1024", settings.workers));
    }
    faults.or(Some(()))?;
    let plan = Prepared::new(scenario)?;
    let mut folder = Folder::new(&plan);
    let workers = settings.workers.min(settings.replications as usize);
    if workers == 1 {
        for replication in 0..settings.replications {
            folder.add(&replicate(&plan, settings.seed, replication));
            observe(replication + 1);
        }
    } else {
        share_out(&plan, settings, workers, &mut folder, observe);
    }
    Ok(folder.finish(settings.seed))
}

fn replicate(plan: &Prepared, seed: u64, replication: u32) -> Counts {
    Engine::new(plan, seed, u64::from(replication), NoTrace).finish().0
}

/// Replications that a worker hands over at once, so that short ones don't spend their time waiting for each other.
fn batch(replications: u32, workers: usize) -> u32 {
    (replications / (workers as u32 * 8)).clamp(1, 16)
}

fn share_out(plan: &Prepared, settings: &RunSettings, workers: usize, folder: &mut Folder<'_>, observe: &mut dyn FnMut(u32)) {
    let (all, size) = (settings.replications, batch(settings.replications, workers));
    thread::scope(|scope| {
        let mut results = Vec::with_capacity(workers);
        for worker in 0..workers as u32 {
            // Two batches may lie ready, so that a worker seldom waits for the one before it.
            let (sender, receiver) = sync_channel(2);
            results.push(receiver);
            scope.spawn(move || {
                for first in (worker * size..all).step_by(workers * size as usize) {
                    let counts: Vec<Counts> = (first..all.min(first + size)).map(|n| replicate(plan, settings.seed, n)).collect();
                    if sender.send(counts).is_err() {
                        return;
                    }
                }
            });
        }
        let mut done = 0;
        for batch in 0..all.div_ceil(size) as usize {
            // Where the worker has panicked, the scope passes the panic on.
            let Ok(counts) = results[batch % workers].recv() else { return };
            for counts in counts {
                folder.add(&counts);
                done += 1;
                observe(done);
            }
        }
    });
}

/// One replication, step by step, under somebody's eyes.
pub struct Live<'a, T: Trace>(Engine<'a, T>);

impl<'a, T: Trace> Live<'a, T> {
    /// Begins a replication. It is the one of the same number in [`run`], call by call.
    pub fn new(plan: &'a Prepared, seed: u64, replication: u64, trace: T) -> Self {
        Self(Engine::new(plan, seed, replication, trace))
    }

    /// Lets everything happen that is due until `until_s` seconds from the start. Gives whether all is over.
    pub fn run_until(&mut self, until_s: f64) -> bool {
        self.0.run_until(until_s)
    }

    /// Who watches.
    pub fn trace_mut(&mut self) -> &mut T {
        self.0.trace_mut()
    }

    /// Runs to the end and gives the watcher back.
    pub fn finish(self) -> T {
        self.0.finish().1
    }
}
