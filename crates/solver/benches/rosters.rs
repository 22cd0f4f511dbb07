//! Rosters for generated requests: shortfall above the proven bound, and time.
//!
//! `cargo bench -p fika-solver [-- agents queues days seconds [load [seed [steps]]]]`; without arguments the sizes that are recorded. With
//! steps, they end the search instead of the seconds, and the same roster comes out each time.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints it")]

use std::time::{Duration, Instant};

use fika_solver::generate::{Settings, pools, request};
use fika_solver::{Problem, Quota, solve};

struct Clock {
    start: Instant,
    limit: Duration,
    steps: Option<u64>,
}

/// TEMPORARY
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|s| s.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

impl Quota for Clock {
    fn is_reached(&self, steps: u64) -> bool {
        self.used(steps).is_some_and(|used| used >= 1.0)
    }

    fn used(&self, steps: u64) -> Option<f64> {
        Some(match self.steps {
            Some(limit) => steps as f64 / limit as f64,
            None => cpu_seconds() / self.limit.as_secs_f64(),
        })
    }
}

fn run(settings: &Settings, seconds: f64, steps: Option<u64>, verbose: bool) {
    let request = request(settings).expect("the generator makes legal requests");
    let start = Instant::now();
    let problem = match Problem::new(&request, pools(&request)) {
        Ok(problem) => problem,
        Err(infeasible) => {
            println!("{settings:?}: {infeasible}");
            return;
        }
    };
    let ready = start.elapsed();
    let clock = Clock { start, limit: Duration::from_secs_f64(seconds), steps };
    let mut next = 0.0;
    let solution = solve(&problem, &clock, &mut |progress| {
        let now = cpu_seconds();
        if verbose && now >= next {
            next = now + seconds / 20.0;
            println!(
                "  {now:6.2} s {:7} steps short {:9.0} bound {:9.0} {:?}",
                progress.steps, progress.shortfall_minutes, progress.bound_minutes, progress.score
            );
        }
    });
    let required = problem.required_minutes();
    println!(
        "{:5} agents {:2} queues {:2} days seed {}: {:6.2} s (ready {:.2}), {:8} steps, \
         required {:9.0}, short {:8.0} ({:.3} %), bound {:8.0}, above bound {:.3} %, hard {}",
        settings.agents,
        settings.queues,
        settings.days,
        settings.seed,
        start.elapsed().as_secs_f64(),
        ready.as_secs_f64(),
        solution.steps,
        required,
        solution.shortfall_minutes,
        100.0 * solution.shortfall_minutes / required,
        solution.bound_minutes,
        100.0 * (solution.shortfall_minutes - solution.bound_minutes) / required,
        solution.score.hard
    );
}

fn main() {
    let numbers: Vec<f64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    if let [agents, queues, days, seconds, rest @ ..] = &numbers[..] {
        let load = rest.first().copied().unwrap_or(1.0);
        let seed = rest.get(1).copied().unwrap_or(1.0) as u64;
        run(
            &Settings { agents: *agents as usize, queues: *queues as usize, days: *days as u32, load, seed },
            *seconds,
            rest.get(2).map(|steps| *steps as u64),
            true,
        );
        return;
    }
    for (agents, queues, days, seconds) in [(50, 1, 1, 1.0), (24, 1, 7, 5.0), (150, 1, 7, 30.0), (200, 3, 7, 10.0)] {
        for seed in 1..=3 {
            run(&Settings { agents, queues, days, load: 1.0, seed }, seconds, None, false);
        }
    }
}
