//! Calls a second: one queue, ten queues with thirty groups, a rostered week. Prints a line for each, beside what is asked for, and whether
//! all cores give the same report as one.

use std::hint::black_box;
use std::time::Instant;

use fika_simulation::{Agent, Arrivals, Duty, Group, Piece, Queue, Reason, RunSettings, Scenario, Serves, Shape, Times, run};

fn queue(calls: f64, talk: Times) -> Queue {
    Queue { patience: Some(Times::exponential(120.0)), ..Queue::plain("calls", Arrivals::Expected(vec![calls]), talk) }
}

fn scenario(queues: Vec<Queue>, groups: Vec<Group>) -> Scenario {
    Scenario { interval_s: 900.0, queues, groups, ..Scenario::plain(28_800.0, 1) }
}

/// The case of twelve servers, with log-normal handling times and impatient callers.
fn one_queue(agents: u32) -> Scenario {
    let talk = Times { shape: Shape::LogNormal { cv: 1.0 }, mean_s: vec![120.0] };
    let calls = 0.35 * f64::from(agents) * 480.0;
    let group = Group { name: "agents".into(), serves: vec![Serves::queue(0)], heads: vec![agents], heads_after: None };
    scenario(vec![queue(calls, talk)], vec![group])
}

/// Ten queues; thirty groups of six agents with three queues each, at a load of 0.9.
fn ten_queues() -> Scenario {
    let talk = Times { shape: Shape::LogNormal { cv: 1.0 }, mean_s: vec![240.0] };
    let queues = (0..10).map(|_| queue(0.9 * 18.0 * 120.0, talk.clone())).collect();
    let group = |n: usize| {
        let serves = |step: usize, rank| Serves { call_rank: rank, agent_rank: rank, ..Serves::queue((n + step) % 10) };
        Group {
            name: format!("group {n}"),
            serves: vec![serves(0, 0), serves(n / 10 + 1, 1), serves(5, 1)],
            heads: vec![6],
            heads_after: None,
        }
    };
    scenario(queues, (0..30).map(group).collect())
}

/// A week of one queue, 15-minute intervals, with people who come, take two breaks and a meal, and go.
fn rostered_week(people: usize) -> Scenario {
    let talk = Times { shape: Shape::LogNormal { cv: 0.9 }, mean_s: vec![300.0] };
    let mut week = scenario(
        vec![queue(0.0, talk)],
        vec![Group { name: "agents".into(), serves: vec![Serves::queue(0)], heads: vec![], heads_after: None }],
    );
    // Sixteen hours a day with a third of the people there, four fifths of them on the phones, at a load of 0.9.
    let calls = people as f64 / 3.0 * 0.8 * 0.9 * 3.0;
    let open = |interval: usize| (28..92).contains(&(interval % 96));
    week.queues[0].arrivals = Arrivals::Expected((0..7 * 96).map(|n| if open(n) { calls } else { 0.0 }).collect());
    (week.period_s, week.periods) = (900.0, 7 * 96);
    week.day_starts_s = (0..7).map(|day| f64::from(day) * 86_400.0).collect();
    week.agents = (0..people).map(rostered).collect();
    week
}

/// Eight hours on five days: the first third from 7, the second from 11, the last from 15 o'clock.
fn rostered(number: usize) -> Agent {
    let mut pieces = Vec::new();
    for day in 0..5 {
        let start_s = ((day + number) % 7 * 86_400 + (7 + 4 * (number % 3)) * 3600) as f64;
        let hours = [0.0, 1.75, 2.0, 4.0, 4.5, 6.0, 6.25, 8.0].map(|hour| start_s + hour * 3600.0);
        for (n, ends) in hours.windows(2).enumerate() {
            let duty =
                if n % 2 == 0 { Duty::Phones { group: 0 } } else { Duty::Away([Reason::RestBreak, Reason::Meal][usize::from(n == 3)]) };
            pieces.push(Piece { from_s: ends[0], to_s: ends[1], duty });
        }
    }
    pieces.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    Agent { name: format!("agent {number}"), proficiency: Vec::new(), pieces }
}

/// Seconds that this thread has run, as Linux counts them: on a machine with other work the better clock.
fn cpu_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

/// Median, least and most of five runs.
fn spread(mut rates: Vec<f64>) -> String {
    rates.sort_by(f64::total_cmp);
    format!("{:5.2} ({:.2} to {:.2})", rates[2], rates[0], rates[4])
}

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench measures time and tells it")]
fn measure(name: &str, scenario: &Scenario, replications: u32, workers: usize, asked: Option<f64>) {
    let (mut by_clock, mut by_cpu) = (Vec::new(), Vec::new());
    for seed in 0..5 {
        let (started, cpu_before_s) = (Instant::now(), cpu_s());
        let report = run(scenario, &RunSettings { replications, seed, workers }).expect("a legal scenario");
        let calls = black_box(&report).simulated_calls / 1e6;
        by_clock.push(calls / started.elapsed().as_secs_f64());
        by_cpu.extend(cpu_before_s.zip(cpu_s()).map(|(before, after)| calls / (after - before)));
    }
    let asked = asked.map_or_else(String::new, |asked| format!("; asked on one core: {asked}"));
    println!("{name:<40} {workers} worker(s), million calls a second of wall clock: {}{asked}", spread(by_clock));
    // With one worker all is done by this thread.
    if workers == 1 && by_cpu.len() == 5 {
        println!("{:<40} and of this thread's own time: {}", "", spread(by_cpu));
    }
}

/// Whether any number of workers gives the same report, to the last bit.
#[expect(clippy::print_stdout, reason = "a bench tells what it found")]
fn same_on_all_cores(name: &str, scenario: &Scenario, replications: u32) {
    let with = |workers| run(scenario, &RunSettings { replications, seed: 9, workers }).expect("a legal scenario");
    let one = with(1);
    let same =
        [2, 3, std::thread::available_parallelism().map_or(1, std::num::NonZero::get)].into_iter().all(|workers| with(workers) == one);
    println!("{name:<40} the report of 2, 3 and all workers is that of one: {same}");
    assert!(same, "{name}: workers change the report");
}

/// The published case of twelve servers, exponential times, nobody leaves: the one that other simulators are held against.
fn twelve_servers() -> Scenario {
    let mut case = one_queue(12);
    case.interval_s = 28_800.0;
    case.queues[0] = Queue::plain("calls", Arrivals::Expected(vec![4.2 * 480.0]), Times::exponential(120.0));
    case
}

fn main() {
    for workers in [1, 2] {
        measure("twelve servers, nobody leaves", &twelve_servers(), 400, workers, Some(3.0));
        measure("one queue, 12 agents, some leave", &one_queue(12), 300, workers, Some(3.0));
        measure("one queue, 1,000 agents", &one_queue(1000), 5, workers, Some(3.0));
        measure("a week of 1,000 rostered people", &rostered_week(1000), 6, workers, None);
        measure("ten queues, thirty groups, 180 agents", &ten_queues(), 50, workers, Some(1.0));
    }
    same_on_all_cores("one queue, 12 agents", &one_queue(12), 100);
    same_on_all_cores("ten queues, thirty groups, 180 agents", &ten_queues(), 20);
}
