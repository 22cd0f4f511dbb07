//! Published cases, each inside its interval.
//!
//! The cases (a), (b) and (c), and the one with five places to wait, come with a library's examples (`MMC`, `MMCAb`, `SimpleMSK` and
//! `MMCBlocked` of `ContactCenters`, University of Montreal). They state a mean and an interval over 1,000 simulated days. Readings of
//! what they leave open: a call's handling time and patience belong to the period in which it arrives; agents whose number falls
//! finish their calls, and idle ones leave first; an agent who serves two types takes the longest waiting call of both.

use fika_model::ServiceLevelFormula::{AbandonsIgnored, AbandonsNegative, AnsweredOnly};
use fika_simulation::{Arrivals, CallBack, Estimate, Queue, Report, RunSettings, Scenario, Selection, Serves, Shape, Times, run};

use super::fixture::{self, exponential, group, scenario};

fn queue(calls: Vec<f64>, mean_s: Vec<f64>, patience_s: Option<Vec<f64>>) -> Queue {
    fixture::queue(Arrivals::Expected(calls), exponential(mean_s), patience_s.map(exponential))
}

fn thousand_days(scenario: &Scenario) -> Report {
    run(scenario, &RunSettings { replications: 1000, seed: 1, workers: 2 }).expect("a legal scenario")
}

fn twelve_servers(patience_s: Option<Vec<f64>>) -> Scenario {
    let calls = queue(vec![4.2 * 480.0], vec![120.0], patience_s);
    scenario(480.0 * 60.0, 1, vec![calls], vec![group(vec![Serves::queue(0)], vec![12])])
}

/// Both are estimates: the published mean, given with its interval, and ours. They agree when their difference is within 1.96
/// standard errors of a difference; a published interval that is not told is taken to be as wide as ours.
#[track_caller]
fn agrees(what: &str, found: Option<Estimate>, published: f64, (low, high): (f64, f64)) {
    let found = found.expect(what);
    let ours = (found.high - found.low) / 2.0;
    let theirs = (high - low) / 2.0;
    let off = (found.mean - published).abs();
    assert!(off <= ours.hypot(theirs), "{what}: {found:?}, published {published} [{low}, {high}]");
}

#[track_caller]
fn inside(what: &str, found: Option<Estimate>, low: f64, high: f64) {
    let found = found.expect(what);
    assert!((low..=high).contains(&found.mean), "{what}: {found:?} is outside {low} to {high}");
}

#[test]
fn a_twelve_servers_without_impatience() {
    let report = thousand_days(&twelve_servers(None));
    let whole = &report.total.whole;
    inside("service level", whole.service_level(AbandonsNegative), 0.900, 0.904);
    inside("occupancy", report.total.load.whole.occupancy(), 0.694, 0.699);
    agrees("occupancy", report.total.load.whole.occupancy(), 0.695, (0.694, 0.697));
    agrees("speed of answer", whole.asa_s(), 0.099 * 60.0, (0.097 * 60.0, 0.102 * 60.0));
    inside("nobody leaves", whole.abandonment(), 0.0, 0.0);
}

/// "0.975" divides by the answered calls; "counting abandons" (0.968) divides by the answered ones and those who left after the threshold.
#[test]
fn b_twelve_servers_with_impatience() {
    let report = thousand_days(&twelve_servers(Some(vec![60.0])));
    let whole = &report.total.whole;
    inside("service level", whole.service_level(AnsweredOnly), 0.974, 0.9755);
    inside("counting abandons", whole.service_level(AbandonsIgnored), 0.9675, 0.969);
    inside("abandoned a day", Some(whole.abandoned()), 57.7, 59.6);
    agrees("occupancy", report.total.load.whole.occupancy(), 0.675, (0.674, 0.677));
    agrees("speed of answer", whole.asa_s(), 0.024 * 60.0, (0.0235 * 60.0, 0.0245 * 60.0));
}

#[test]
fn twelve_servers_and_five_places_to_wait() {
    let mut scenario = twelve_servers(None);
    scenario.waiting_room = Some(5);
    let report = thousand_days(&scenario);
    let whole = &report.total.whole;
    agrees("blocked a day", Some(whole.blocked()), 18.655, (18.045, 19.265));
    agrees("service level of the answered", whole.service_level(AnsweredOnly), 0.929, (0.928, 0.930));
    agrees("speed of answer", whole.asa_s(), 0.060 * 60.0, (0.059 * 60.0, 0.061 * 60.0));
    // Seventeen lines say the same in another way, since nobody is away.
    let lines = Scenario { waiting_room: None, trunks: Some(17), ..scenario };
    assert_eq!(thousand_days(&lines).total.whole.blocked(), whole.blocked());
}

/// `Bilingual`: a week of five days from 8 to 17 h, 100 calls of each language in the first hour and 50 in each further one; 7, 7 and 4
/// agents, any free one takes the call; conversation uniform 3 to 7 and 4 to 6 minutes, patience exponential of 2, forty lines; three of
/// four who left try again after 20 minutes, as patient as before. Published agents' loads are busy time, to the last call, over planned
/// time. Its count of calls in time adds the waits of a caller's attempts, ours takes each attempt alone; it is not compared.
#[test]
fn two_languages_and_callers_who_try_again() {
    let calls: Vec<f64> = (0..24 * 7).map(|hour| if hour / 24 >= 5 { 0.0 } else { [100.0, 50.0][usize::from(hour % 24 > 8)] }).collect();
    let open = |hour: usize| hour / 24 < 5 && (8..17).contains(&(hour % 24));
    let calls: Vec<f64> = calls.iter().enumerate().map(|(hour, calls)| if open(hour) { *calls } else { 0.0 }).collect();
    let language = |half_width| Queue {
        threshold_s: 60.0,
        call_back: Some(CallBack { probability: 0.75, delay: fixture::constant(1200.0), keeps_patience: true }),
        ..fixture::queue(
            Arrivals::Expected(calls.clone()),
            Times { shape: Shape::Uniform { half_width }, mean_s: vec![300.0] },
            Some(Times::exponential(120.0)),
        )
    };
    let heads = |count| (0..24 * 7).map(|hour| if open(hour) { count } else { 0 }).collect::<Vec<u32>>();
    let groups = vec![
        group(vec![Serves::queue(0)], heads(7)),
        group(vec![Serves::queue(1)], heads(7)),
        group(vec![Serves::queue(0), Serves::queue(1)], heads(4)),
    ];
    let mut scenario = scenario(3600.0, 24 * 7, vec![language(0.4), language(0.2)], groups);
    scenario.trunks = Some(40);
    scenario.selection = Selection::Random;
    let report = run(&scenario, &RunSettings { replications: 600, seed: 1, workers: 2 }).expect("a legal scenario");
    let whole = &report.total.whole;
    agrees("served", Some(whole.answered()), 4967.235, (4962.946, 4971.524));
    agrees("abandoned", Some(whole.abandoned()), 142.868, (141.209, 144.527));
    assert!((report.further_attempts.mean - 107.168).abs() < 3.0, "{:?} attempts after the first", report.further_attempts);
    let planned_s = 45.0 * 3600.0;
    for (group, (agents, published)) in report.groups.iter().zip([(7.0, 0.476_24), (7.0, 0.476_39), (4.0, 0.632_54)]) {
        let load = group.to_last_call.busy_s().mean / planned_s / agents;
        assert!((load - published).abs() < 0.0025, "a load of {load}, published {published}");
    }
}

/// Service level: answered within 20 s over answered and abandoned later than that. Occupancy: of group 0, until the last call is over.
#[test]
fn c_three_types_two_groups_and_a_random_day() {
    let calls = |rates: [f64; 3]| rates.map(|per_minute| per_minute * 120.0).to_vec();
    let minutes = |rates: [f64; 3]| rates.map(|per_minute| 60.0 / per_minute).to_vec();
    let of_type = |rates| queue(calls(rates), minutes([0.5, 0.6, 0.4]), Some(minutes([0.3, 0.4, 0.2])));
    let queues = vec![of_type([4.2, 5.3, 3.2]), of_type([5.1, 4.3, 4.8]), of_type([6.3, 5.2, 4.8])];
    let serves = |queue, call_rank| Serves { call_rank, ..Serves::queue(queue) };
    let groups = vec![group(vec![serves(1, 0), serves(0, 0)], vec![12, 18, 9]), group(vec![serves(2, 0), serves(1, 1)], vec![15, 20, 11])];
    let mut scenario = scenario(7200.0, 3, queues, groups);
    scenario.day_factor = Shape::Gamma { cv: 28.7_f64.powf(-0.5) };
    scenario.interval_s = 7200.0;
    let report = run(&scenario, &RunSettings { replications: 2000, seed: 1, workers: 2 }).expect("a legal scenario");
    let whole = &report.total.whole;
    inside("service level", whole.service_level(AbandonsIgnored), 0.494, 0.509);
    agrees("occupancy of group 0", report.groups[0].to_last_call.occupancy(), 0.881, (0.877, 0.884));
    agrees("served", Some(whole.answered()), 4297.305, (4270.150, 4324.460));
    agrees("abandoned", Some(whole.abandoned()), 910.335, (876.133, 944.537));
    let good = [[170.154, 599.334, 15.490], [262.936, 511.648, 34.697], [259.806, 613.732, 24.888]];
    let spread = [[11.638, 10.356, 3.415], [16.678, 10.744, 6.854], [19.256, 12.292, 5.498]];
    for (queue, (means, widths)) in good.iter().zip(&spread).enumerate() {
        for (period, (mean, width)) in means.iter().zip(widths).enumerate() {
            let found = report.queues[queue].intervals[period].counts().answered_within;
            // Nine comparisons of two estimates: 3 standard errors of the difference each.
            let allowed = 3.0 / 1.96 * (width / 2.0) * 1.5_f64.sqrt();
            assert!((found - mean).abs() < allowed, "type {queue}, period {period}: {found}, published {mean}");
        }
    }
}
