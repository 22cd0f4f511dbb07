//! Published and recomputed reference values, each with its source; tests only. Values that are known to be misprinted are left out.

use fika_model::demand::StaffingModel;
use fika_model::{Fraction, ServiceLevelFormula, ServiceLevelTarget};

use crate::erlang_a::erlang_a;
use crate::erlang_b::{erlang_b, least_lines};
use crate::erlang_c::erlang_c;
use crate::model::Model;
use crate::oracle::probabilities;
use crate::performance::Performance;
use crate::sizing::{Goal, Sizing, size};
use crate::traffic::{Thresholds, Traffic};

const TOLERANCE: f64 = 1e-4;

fn traffic(calls: f64, minutes: f64, handling_s: f64) -> Traffic {
    Traffic::in_interval(calls, minutes * 60.0, handling_s).expect("in range")
}

fn level(performance: &Performance) -> f64 {
    performance.service_level(ServiceLevelFormula::AbandonsNegative).unwrap_or(f64::NAN)
}

fn close(name: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{name}: {found}, not {expected}");
}

/// Erlang C rows: calls, minutes, handling time, servers, threshold; then probability of waiting, service level, speed of answer.
type ErlangCRow = (f64, f64, f64, u32, f64, Option<f64>, Option<f64>, Option<f64>);

#[test]
fn erlang_c_gives_the_reference_values() {
    let rows: [ErlangCRow; 12] = [
        // CRAN package ErlangC, README.
        (100.0, 30.0, 180.0, 14, 20.0, Some(0.174_131_9), Some(0.888_35), Some(7.835_937)),
        (100.0, 30.0, 180.0, 11, 20.0, Some(0.682_118_2), Some(0.389_613_8), None),
        // Recomputed.
        (100.0, 30.0, 180.0, 12, 20.0, Some(0.449_388), Some(0.640_158), Some(40.4449)),
        (100.0, 30.0, 180.0, 13, 20.0, Some(0.285_270), Some(0.795_595), Some(17.1162)),
        // Inputs of mitan.co.uk's example; a public test file for the second threshold.
        (360.0, 30.0, 240.0, 55, 15.0, Some(0.238_700_9), Some(0.845_883), Some(8.184_03)),
        (360.0, 30.0, 240.0, 55, 20.0, None, Some(0.8668), Some(8.184)),
        (360.0, 30.0, 240.0, 54, 20.0, None, Some(0.817_248), None),
        (360.0, 30.0, 240.0, 53, 20.0, None, Some(0.751_768), None),
        // 10 erlangs, longer calls and threshold.
        (60.0, 30.0, 300.0, 12, 30.0, Some(0.449_39), Some(0.632_07), None),
        (25.0, 15.0, 752.0, 28, 20.0, None, Some(0.919_496), None),
        (25.0, 15.0, 752.0, 27, 20.0, None, Some(0.877_602), None),
        (35.0, 15.0, 752.0, 37, 20.0, None, Some(0.904_216), None),
    ];
    for (calls, minutes, handling_s, servers, threshold_s, waiting, service, asa_s) in rows {
        let performance = erlang_c(traffic(calls, minutes, handling_s), servers, Thresholds::answer(threshold_s));
        let row = format!("{calls} calls, {handling_s} s, {servers} servers");
        for (name, found, expected) in [
            ("probability of waiting", performance.probability_of_waiting, waiting),
            ("service level", level(&performance), service),
            ("speed of answer", performance.asa_s, asa_s),
        ] {
            if let Some(expected) = expected {
                close(&format!("{name} of {row}"), found, expected, TOLERANCE);
            }
        }
    }
}

#[test]
fn erlang_c_gives_the_reference_values_of_small_and_slow_cases() {
    let fourteen = erlang_c(traffic(100.0, 30.0, 180.0), 14, Thresholds::default());
    close("occupancy", fourteen.occupancy, 0.714_285_7, 1e-7);
    let one = erlang_c(Traffic::new(0.5 / 180.0, 180.0).expect("in range"), 1, Thresholds::default());
    close("one agent at half an erlang", one.probability_of_waiting, 0.5, 1e-12);
    let two = erlang_c(traffic(80.0, 480.0, 270.0), 2, Thresholds::default());
    close("two agents, waiting", two.probability_of_waiting, 0.204_545, TOLERANCE);
    close("two agents, service level", level(&two), 0.813_544, TOLERANCE);
    close("two agents, speed of answer", two.asa_s, 44.1818, TOLERANCE);
    let within = level(&erlang_c(traffic(35.0, 15.0, 752.0), 37, Thresholds::default()));
    assert!((0.9042..=0.9043).contains(&within), "{within}");
}

fn sizing(calls: f64, minutes: f64, handling_s: f64, percent: u8, ceiling: f64) -> Sizing {
    let target = ServiceLevelTarget { fraction: Fraction::percent(percent), ..ServiceLevelTarget::default() };
    size(Model::ErlangC, traffic(calls, minutes, handling_s), &Goal { occupancy_ceiling: ceiling, ..Goal::service(target) })
}

#[test]
fn the_least_numbers_of_people_are_the_published_ones() {
    for (calls, minutes, handling_s, percent, ceiling, people) in [
        (100.0, 30.0, 180.0, 80, 0.85, 14),
        (100.0, 30.0, 180.0, 85, 0.85, 14),
        (100.0, 30.0, 180.0, 90, 0.85, 15),
        (360.0, 30.0, 240.0, 80, 1.0, 54),
        (25.0, 15.0, 752.0, 90, 1.0, 28),
    ] {
        assert_eq!(sizing(calls, minutes, handling_s, percent, ceiling).phones(), people, "{calls} calls, {percent} %");
    }
    close("occupancy at 85 %", sizing(100.0, 30.0, 180.0, 85, 0.85).predicted.occupancy, 0.7143, TOLERANCE);
    close("occupancy at 90 %", sizing(100.0, 30.0, 180.0, 90, 0.85).predicted.occupancy, 0.6667, TOLERANCE);
}

#[test]
fn erlang_b_gives_the_reference_values() {
    for (load, servers, blocking) in
        [(2.0, 5, 0.036_697), (10.0, 14, 0.056_819), (5.0, 10, 0.018_385), (1.0, 1, 0.5), (10.0, 17, 0.012_949)]
    {
        close(&format!("{load} erlangs, {servers} servers"), erlang_b(load, servers), blocking, 1e-6);
    }
    assert_eq!(least_lines(10.0, 0.02), Ok(17));
}

#[test]
fn erlang_a_gives_the_values_of_a_public_queueing_package() {
    let traffic = Traffic::new(0.1, 240.0).expect("in range");
    let patient = erlang_a(traffic, 28, 300.0, Thresholds::default());
    close("queue length", patient.queue_length, 0.683_326, 1e-6);
    close("mean wait", patient.mean_wait_s, 6.833_262, 1e-5);
    close("calls in the system", patient.queue_length + patient.occupancy * 28.0, 24.136_665, 1e-5);
    close("chance of 30 in the system", probabilities(0.1, 240.0, 28, 300.0, 80)[30], 0.036_551, 1e-6);
    let hasty = erlang_a(traffic, 25, 30.0, Thresholds::default());
    close("abandoned", hasty.abandoned, 0.097_591, 1e-6);
}

/// The case of Mandelbaum and Zeltyn, "The Palm/Erlang-A queue", beside Erlang C on the same input.
#[test]
fn erlang_a_gives_the_values_of_fifty_agents_at_ninety_six_percent_load() {
    let traffic = Traffic::new(0.8, 60.0).expect("in range");
    let a = erlang_a(traffic, 50, 120.0, Thresholds::default());
    for (name, found, expected) in [
        ("abandoned", a.abandoned, 0.030_912),
        ("mean wait", a.mean_wait_s, 3.7095),
        ("queue", a.queue_length, 2.9676),
        // 0.96 (1 - 0.030912); a table that gives 0.9302 here contradicts its own abandonment.
        ("occupancy", a.occupancy, 0.930_324),
        ("waiting", a.probability_of_waiting, 0.4678),
    ] {
        close(name, found, expected, TOLERANCE);
    }
    let c = erlang_c(traffic, 50, Thresholds::default());
    for (name, found, expected) in [
        ("speed of answer", c.asa_s, 20.8337),
        ("queue", c.queue_length, 16.66696),
        ("occupancy", c.occupancy, 0.96),
        ("waiting", c.probability_of_waiting, 0.694_456),
    ] {
        close(name, found, expected, TOLERANCE);
    }
}

#[test]
fn erlang_a_gives_the_values_of_small_and_overloaded_groups() {
    let small = erlang_a(traffic(100.0, 30.0, 180.0), 13, 300.0, Thresholds::default());
    close("waiting", small.probability_of_waiting, 0.2258, TOLERANCE);
    close("abandoned", small.abandoned, 0.024_96, TOLERANCE);
    close("occupancy", small.occupancy, 0.75, TOLERANCE);
    close("service level", level(&small), 0.8582, TOLERANCE);
    for (share, abandoned, service) in [(1.0, 0.039_86, 0.7265), (1.5, 0.333_33, 0.0001)] {
        let traffic = Traffic::new(share * 100.0 / 300.0, 300.0).expect("in range");
        let performance = erlang_a(traffic, 100, 300.0, Thresholds::default());
        close("abandoned", performance.abandoned, abandoned, TOLERANCE);
        close("service level", level(&performance), service, TOLERANCE);
        let endless = erlang_c(traffic, 100, Thresholds::default());
        assert!(!endless.stable && level(&endless) == 0.0 && endless.asa_s == f64::INFINITY, "{endless:?}");
    }
}

/// One queue passes or fails 80/20 by the formula alone.
#[test]
fn the_formula_decides() {
    let performance = erlang_a(traffic(100.0, 30.0, 180.0), 12, 300.0, Thresholds::default());
    for (formula, expected) in [
        (ServiceLevelFormula::AbandonsNegative, 0.772),
        (ServiceLevelFormula::AbandonsIgnored, 0.786),
        (ServiceLevelFormula::AbandonsPositive, 0.790),
        (ServiceLevelFormula::AnsweredOnly, 0.807),
    ] {
        close(formula.name(), performance.service_level(formula).unwrap_or_default(), expected, 5e-4);
    }
}

/// Sizes for 80/20 with and without impatience, recomputed exactly beside the literature.
#[test]
fn patience_saves_people() {
    let needed = |calls: f64, minutes: f64, handling_s: f64, percent: u8, patience_s: Option<f64>| {
        let target = ServiceLevelTarget { fraction: Fraction::percent(percent), ..ServiceLevelTarget::default() };
        let model = Model::resolve(StaffingModel::Auto, patience_s).expect("in range");
        let sizing = size(model, traffic(calls, minutes, handling_s), &Goal::service(target));
        (sizing.phones(), (level(&sizing.predicted) * 1000.0).round() as i32)
    };
    assert_eq!(needed(100.0, 30.0, 300.0, 80, Some(180.0)), (19, 807));
    assert_eq!(needed(100.0, 30.0, 300.0, 80, None).0, 21);
    assert_eq!(needed(20.0, 15.0, 360.0, 80, Some(120.0)), (10, 824));
    assert_eq!(needed(20.0, 15.0, 360.0, 80, None).0, 12);
    assert_eq!(needed(10.0, 15.0, 240.0, 80, Some(120.0)), (5, 907));
    assert_eq!(needed(10.0, 15.0, 240.0, 80, None), (5, 867));
    assert_eq!(needed(200.0, 30.0, 180.0, 90, Some(90.0)), (24, 921));
    assert_eq!(needed(200.0, 30.0, 180.0, 90, None).0, 26);
}
