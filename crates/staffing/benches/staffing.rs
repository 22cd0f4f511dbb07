//! Times the staffing mathematics and prints a table: best, median and worst of several rounds, on one core. Long rounds are this thread's
//! own time where Linux counts it, so that other work on the machine is not in them; it counts too coarsely for short ones.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark reads the clock and prints")]

use std::hint::black_box;
use std::time::Instant;

use fika_model::demand::{LoadModel, StaffingPolicy};
use fika_model::forecast::IntervalForecast;
use fika_model::rules::WellbeingPolicy;
use fika_model::{Curve, Grid, IntervalLength, Timestamp};
use fika_staffing::{Thresholds, Traffic, erlang_a, erlang_b, erlang_c, requirement};

const ROUNDS: usize = 9;

/// Seconds that this thread has run, or that have passed since a moment where nobody counts them.
fn own_s(since: Instant) -> f64 {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds: Option<f64> = counted.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Seconds of each round by the wall's clock, shortest first.
fn rounds(work: impl FnMut()) -> Vec<f64> {
    timed(work, |begin| begin.elapsed().as_secs_f64())
}

/// Seconds of each round that this thread has run, shortest first.
fn own_rounds(work: impl FnMut()) -> Vec<f64> {
    timed(work, own_s)
}

fn timed(mut work: impl FnMut(), clock_s: impl Fn(Instant) -> f64) -> Vec<f64> {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            let before_s = clock_s(begin);
            work();
            clock_s(begin) - before_s
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn print_row(name: &str, times: &[f64], calls: f64) {
    let micros = |time: f64| time / calls * 1e6;
    println!("{name:<64} {:>11.3} {:>11.3} {:>11.3}", micros(times[0]), micros(times[ROUNDS / 2]), micros(times[ROUNDS - 1]));
}

fn evaluations() {
    println!("{:<64} {:>11} {:>11} {:>11}", "one evaluation, microseconds", "best", "median", "worst");
    for servers in [10_u32, 100, 1_000, 10_000] {
        for share in [0.9, 1.0, 1.1] {
            let load = f64::from(servers) * share;
            let traffic = Traffic::new(load / 240.0, 240.0).expect("in range");
            let repeats = 200_000 / servers.max(100);
            let times = rounds(|| {
                for _ in 0..repeats {
                    black_box(erlang_a(black_box(traffic), servers, 180.0, Thresholds::default()));
                }
            });
            print_row(&format!("Erlang A, {servers} servers, load {:.0} %", share * 100.0), &times, f64::from(repeats));
        }
        let traffic = Traffic::new(f64::from(servers) * 0.95 / 240.0, 240.0).expect("in range");
        let times = rounds(|| {
            for _ in 0..1_000 {
                black_box(erlang_c(black_box(traffic), servers, Thresholds::default()));
            }
        });
        print_row(&format!("Erlang C, {servers} servers, load 95 %"), &times, 1_000.0);
        let times = rounds(|| {
            for _ in 0..1_000 {
                black_box(erlang_b(black_box(traffic.load_erlangs()), servers));
            }
        });
        print_row(&format!("Erlang B, {servers} servers, load 95 %"), &times, 1_000.0);
    }
}

/// A year and more of quarter hours with two peaks a day, weekends, and a spread above Poisson's.
fn year(peak_erlangs: f64, intervals: usize) -> Curve<IntervalForecast> {
    let (handling_s, interval_s) = (240.0, 900.0);
    let grid = Grid::new(Timestamp::UNIX_EPOCH, IntervalLength::QUARTER_HOUR, intervals as u32);
    Curve::from_fn(grid, |index| {
        let hour = (index.get() % 96) as f64 / 4.0;
        let bump = |centre: f64, width: f64| (-((hour - centre) / width).powi(2)).exp();
        let week = if index.get() / 96 % 7 >= 5 { 0.4 } else { 1.0 };
        let calls_mean = peak_erlangs * interval_s / handling_s * week * (0.02 + bump(10.5, 2.2) + 0.85 * bump(15.5, 2.6));
        let calls_sd = (calls_mean + (0.1 * calls_mean).powi(2)).sqrt();
        IntervalForecast { calls_mean, calls_sd, aht_s: handling_s + 20.0 * bump(13.0, 4.0) }
    })
}

fn requirements() {
    println!("\n{:<64} {:>11} {:>11} {:>11}", "requirement of one queue-interval, microseconds", "best", "median", "worst");
    let intervals = 100_000;
    for peak in [8.0, 50.0, 300.0, 2_000.0] {
        let forecast = year(peak, intervals);
        for (name, patience_s, load) in [
            ("Erlang A, modified offered load", Some(180.0), LoadModel::ModifiedOfferedLoad),
            ("Erlang C, stationary", None, LoadModel::Stationary),
        ] {
            let policy = StaffingPolicy { load, ..StaffingPolicy::default() };
            let times = own_rounds(|| {
                black_box(requirement(black_box(&forecast), patience_s, &policy, &WellbeingPolicy::default()));
            });
            let seconds = times[ROUNDS / 2];
            print_row(&format!("{name}, peak {peak} E (100,000: {seconds:.3} s)"), &times, intervals as f64);
        }
    }
}

/// What is asked of the mathematics, and what it does.
fn asked() {
    let traffic = Traffic::new(1_000.0 / 240.0, 240.0).expect("in range");
    let one = rounds(|| {
        for _ in 0..1_000 {
            black_box(erlang_a(black_box(traffic), 1_000, 180.0, Thresholds::default()));
        }
    });
    println!("\nErlang A at 1,000 servers: {:.2} microseconds (median); asked: under 20", one[ROUNDS / 2] * 1e3);
    let forecast = year(50.0, 100_000);
    let all = own_rounds(|| {
        black_box(requirement(black_box(&forecast), Some(180.0), &StaffingPolicy::default(), &WellbeingPolicy::default()));
    });
    println!("requirement of 100,000 queue-intervals, one core: {:.3} s (median); asked: under 1", all[ROUNDS / 2]);
}

fn main() {
    evaluations();
    requirements();
    asked();
}
