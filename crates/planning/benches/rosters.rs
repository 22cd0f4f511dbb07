//! Rosters for generated requests: shortfall above the proven bound, time, memory, each roster judged by the verifier.
//!
//! `cargo bench -p fika-planning --bench rosters [-- sizes | large | linear | agents queues days seconds seed]`, and `processor` after
//! it for seconds of the main thread's processor time instead of the clock's, on a machine with other work. Without arguments the sizes up to
//! 1,000 agents over five seeds, and what agents and days cost.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints it")]

use std::time::{Duration, Instant};

use fika_model::{Certificate, Digest, Roster, RosterId, Verdict};
use fika_solver::generate::{Settings, pools, request};
use fika_solver::{Problem, Quota, Solution, StepQuota, solve};
use fika_verify::{Digests, verify};

/// Hours required over hours that contracts hold on the phones.
const LOAD: f64 = 1.04;
const SEEDS: u64 = 5;

/// A deadline by the clock, or by the main thread's processor time.
struct Deadline {
    start: Instant,
    processor: Option<f64>,
    limit: Duration,
}

impl Deadline {
    fn seconds(&self) -> f64 {
        self.processor.map_or_else(|| self.start.elapsed().as_secs_f64(), |before| processor_seconds() - before)
    }
}

impl Quota for Deadline {
    fn is_reached(&self, steps: u64) -> bool {
        self.used(steps).is_some_and(|used| used >= 1.0)
    }

    fn used(&self, _: u64) -> Option<f64> {
        Some(self.seconds() / self.limit.as_secs_f64())
    }
}

/// Processor time of the main thread (Linux: the first number of its scheduler statistics, in nanoseconds).
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// The most memory that this process has held so far, in MiB.
fn peak_mib() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

struct Measured {
    gap: f64,
    seconds: f64,
}

fn judged(request: &fika_model::Request, solution: &Solution) -> Certificate {
    let roster = Roster {
        id: RosterId::new("bench").expect("a short id"),
        request: request.id.clone(),
        generation: 1,
        parent: None,
        days: request.days.clone(),
        agents: solution.agents.clone(),
    };
    verify(request, &roster, Digests { request: Digest([0; 32]), roster: Digest([0; 32]) })
}

/// Solves one request and prints a line of the table.
fn run(settings: &Settings, quota: impl Fn() -> Box<dyn Quota>) -> Measured {
    let request = request(settings).expect("the generator makes legal requests");
    let start = Instant::now();
    let quota = quota();
    let problem = Problem::new(&request, pools(&request)).expect("generated requests are feasible");
    let solution = solve(&problem, &*quota, &mut |_| {});
    let seconds = start.elapsed().as_secs_f64();
    let certificate = judged(&request, &solution);
    let required = problem.required_minutes();
    let gap = 100.0 * (solution.shortfall_minutes - solution.bound_minutes) / required;
    println!(
        "| {} | {} | {} | {} | {seconds:.1} | {} | {:.2} | {:.2} | {gap:.2} | {:.1} | {} | {:.0} |",
        settings.agents,
        settings.queues,
        settings.days,
        settings.seed,
        solution.steps,
        100.0 * solution.shortfall_minutes / required,
        100.0 * solution.bound_minutes / required,
        100.0 * solution.score.cost as f64 / required,
        if certificate.verdict() == Verdict::Proved { "proved" } else { "REFUTED" },
        peak_mib()
    );
    Measured { gap, seconds }
}

fn head() {
    println!(
        "| agents | queues | days | seed | s | steps | short % | bound % | above bound % | paid of required % | verifier | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
}

fn sizes(sizes: &[(usize, usize, u32, f64)], seeds: std::ops::RangeInclusive<u64>, processor: bool) {
    head();
    let mut medians = Vec::new();
    for (agents, queues, days, seconds) in sizes {
        let deadline = || -> Box<dyn Quota> {
            let processor = processor.then(processor_seconds);
            Box::new(Deadline { start: Instant::now(), processor, limit: Duration::from_secs_f64(*seconds) })
        };
        let one = |seed| run(&Settings { agents: *agents, queues: *queues, days: *days, load: LOAD, seed }, deadline).gap;
        let mut gaps: Vec<f64> = seeds.clone().map(one).collect();
        gaps.sort_by(f64::total_cmp);
        medians
            .push(format!("{agents} agents, {queues} queues, {days} days, {seconds} s: median {:.2} % above bound", gaps[gaps.len() / 2]));
    }
    println!("\n{}\n", medians.join("\n"));
}

/// The same steps for each agent and day: what one of them costs at each size.
fn linear() {
    head();
    let mut told = Vec::new();
    for (agents, queues, days) in [(125, 3, 7), (250, 3, 7), (500, 3, 7), (1000, 3, 7), (1000, 3, 28), (2000, 3, 28)] {
        let cells = agents as u64 * u64::from(days);
        let measured = run(&Settings { agents, queues, days, load: LOAD, seed: 1 }, || Box::new(StepQuota(cells * 4)));
        let each = 1e3 * measured.seconds / cells as f64;
        told.push(format!("{agents} agents x {days} days = {cells}: {each:.2} ms each, {:.2} % above bound", measured.gap));
    }
    println!("\n{}\n", told.join("\n"));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let processor = words.iter().any(|word| word == "processor");
    let asked = |word: &str| words.iter().any(|other| other == word);
    let numbers: Vec<f64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let usual = [(50, 1, 1, 1.0), (200, 3, 7, 10.0), (1000, 6, 7, 30.0)];
    if let [agents, queues, days, seconds, rest @ ..] = &numbers[..] {
        let seed = rest.first().copied().unwrap_or(1.0) as u64;
        sizes(&[(*agents as usize, *queues as usize, *days as u32, *seconds)], seed..=seed, processor);
    } else if asked("large") {
        sizes(&[(5000, 12, 28, 300.0)], 1..=SEEDS, processor);
    } else if asked("linear") {
        linear();
    } else {
        sizes(&usual, 1..=SEEDS, processor);
        if !asked("sizes") {
            linear();
        }
    }
}
