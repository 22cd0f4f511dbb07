//! Rosters for generated requests: shortfall above the proven bound, time, memory, each roster judged by the verifier.
//!
//! `cargo bench -p fika-planning --bench rosters [-- sizes | large | linear | loads | agents queues days seconds [seed [last seed]]]`.
//! Words after it: `processor` for seconds of the main thread's processor time instead of the clock's, on a machine with other work;
//! `steps` for a number of steps instead of seconds; `alone` for the same requests without company at breaks. Without arguments the
//! sizes up to 1,000 agents over five seeds or nine, and what agents and days cost.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints it")]

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use fika_model::{Certificate, Digest, Minutes, Request, Roster, RosterId, Verdict};
use fika_solver::generate::{Settings, pools, request};
use fika_solver::{Problem, Quota, Solution, StepQuota, solve};
use fika_verify::{Digests, verify};

/// Hours required over hours that contracts hold on the phones.
const LOAD: f64 = 1.04;
const SEEDS: u64 = 5;
/// Of a day of few people, which takes a second and varies most.
const SEEDS_OF_A_DAY: u64 = 9;
/// The share of the time that the search may take, as in `fika solve`; the rest is for mending and for saying why it is short.
const SEARCH: f64 = 0.9;
const LATE: f64 = 0.95;

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
        Some(self.seconds() / (SEARCH * self.limit.as_secs_f64()))
    }

    fn is_late(&self) -> bool {
        self.seconds() >= LATE * self.limit.as_secs_f64()
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

/// What is measured, beside the size.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    processor: bool,
    steps: bool,
    alone: bool,
}

struct Measured {
    gap: f64,
    paid: f64,
    seconds: f64,
}

impl Asked {
    fn quota(self, amount: f64) -> Box<dyn Quota> {
        if self.steps {
            return Box::new(StepQuota(amount as u64));
        }
        let processor = self.processor.then(processor_seconds);
        Box::new(Deadline { start: Instant::now(), processor, limit: Duration::from_secs_f64(amount) })
    }

    fn request(self, settings: &Settings) -> Request {
        let request = request(settings).expect("the generator makes legal requests");
        if !self.alone {
            return request;
        }
        let mut parts = (*request).clone();
        parts.wellbeing.social = Minutes::ZERO;
        parts.wellbeing.no_rest_alone = false;
        Request::check(parts).expect("a legal request is legal with fewer rules")
    }

    /// Solves one request and prints a line of the table.
    fn run(self, settings: &Settings, amount: f64) -> Measured {
        let request = self.request(settings);
        let (start, processor) = (Instant::now(), processor_seconds());
        let quota = self.quota(amount);
        let problem = Problem::new(&request, pools(&request)).expect("generated requests are feasible");
        let solution = solve(&problem, &*quota, &mut |_| {});
        let (seconds, processor) = (start.elapsed().as_secs_f64(), processor_seconds() - processor);
        let certificate = judged(&request, &solution);
        let required = problem.required_minutes();
        let gap = 100.0 * (solution.shortfall_minutes - solution.bound_minutes) / required;
        let paid = 100.0 * solution.score.cost as f64 / required;
        println!(
            "| {} | {} | {} | {} | {seconds:.1} | {processor:.1} | {} | {:.2} | {:.2} | {gap:.2} | {paid:.1} | {} | {:.0} |",
            settings.agents,
            settings.queues,
            settings.days,
            settings.seed,
            solution.steps,
            100.0 * solution.shortfall_minutes / required,
            100.0 * solution.bound_minutes / required,
            if certificate.verdict() == Verdict::Proved { "proved" } else { "REFUTED" },
            peak_mib()
        );
        Measured { gap, paid, seconds }
    }

    fn sizes(self, sizes: &[(usize, usize, u32, f64)], seeds: RangeInclusive<u64>) {
        head();
        let mut medians = Vec::new();
        for (agents, queues, days, amount) in sizes {
            let one = |seed| self.run(&Settings { agents: *agents, queues: *queues, days: *days, load: LOAD, seed }, *amount).gap;
            let mut gaps: Vec<f64> = seeds.clone().map(one).collect();
            gaps.sort_by(f64::total_cmp);
            let median = gaps[gaps.len() / 2];
            medians.push(format!("{agents} agents, {queues} queues, {days} days, {amount}: median {median:.2} % above bound"));
        }
        println!("\n{}\n", medians.join("\n"));
    }

    /// The same steps for each agent and day: what one of them costs at each size.
    fn linear(self) {
        head();
        let mut told = Vec::new();
        for (agents, queues, days) in [(125, 3, 7), (250, 3, 7), (500, 3, 7), (1000, 3, 7), (1000, 3, 28), (2000, 3, 28)] {
            let cells = agents as f64 * f64::from(days);
            let settings = Settings { agents, queues, days, load: LOAD, seed: 1 };
            let measured = Self { steps: true, ..self }.run(&settings, cells * 4.0);
            let each = 1e3 * measured.seconds / cells;
            told.push(format!("{agents} agents x {days} days = {cells}: {each:.2} ms each, {:.2} % above bound", measured.gap));
        }
        println!("\n{}\n", told.join("\n"));
    }

    /// From staff that is plentiful to staff that is scarce: paid hours over required ones, and what is lost.
    fn loads(self) {
        head();
        let mut told = Vec::new();
        for load in [0.98, 1.0, 1.02, 1.04, 1.06, 1.08] {
            let measured = self.run(&Settings { agents: 200, queues: 3, days: 7, load, seed: 1 }, 10.0);
            told.push(format!("load {load}: paid {:.1} % of required, {:.2} % above bound", measured.paid, measured.gap));
        }
        println!("\n{}\n", told.join("\n"));
    }
}

fn judged(request: &Request, solution: &Solution) -> Certificate {
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

fn head() {
    println!(
        "| agents | queues | days | seed | s | processor s | steps | short % | bound % | above bound % | paid of required % | verifier | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let is = |word: &str| words.iter().any(|other| other == word);
    let asked = Asked { processor: is("processor"), steps: is("steps"), alone: is("alone") };
    let numbers: Vec<f64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    if let [agents, queues, days, amount, seeds @ ..] = &numbers[..] {
        let first = seeds.first().copied().unwrap_or(1.0) as u64;
        let last = seeds.get(1).map_or(first, |last| *last as u64);
        asked.sizes(&[(*agents as usize, *queues as usize, *days as u32, *amount)], first..=last);
    } else if is("large") {
        asked.sizes(&[(5000, 12, 28, 300.0)], 1..=SEEDS);
    } else if is("linear") {
        asked.linear();
    } else if is("loads") {
        asked.loads();
    } else {
        asked.sizes(&[(50, 1, 1, 1.0)], 1..=SEEDS_OF_A_DAY);
        asked.sizes(&[(200, 3, 7, 10.0), (1000, 6, 7, 30.0)], 1..=SEEDS);
        if !is("sizes") {
            asked.linear();
        }
    }
}
