//! Stationary queues, whose truth is known in closed form, and laws that need no stationarity.

use fika_model::ServiceCounts;
use fika_model::ServiceLevelFormula::AbandonsNegative;
use fika_simulation::{Arrivals, CallTally, Part, Queue, RandomAbsence, Report, Scenario, Serves, Shape, SliceReport, Times};

use super::fixture::{agent, constant, covers, exponential, group, hour, phones, queue, scenario, simulate};

const TWO_DAYS_S: f64 = 2.0 * 86_400.0;

fn servers(calls_a_minute: f64, aht_s: f64, patience_s: Option<f64>, agents: u32) -> Scenario {
    let arrivals = Arrivals::Expected(vec![calls_a_minute * TWO_DAYS_S / 60.0]);
    let calls = queue(arrivals, Times::exponential(aht_s), patience_s.map(Times::exponential));
    scenario(TWO_DAYS_S, 1, vec![calls], vec![group(vec![Serves::queue(0)], vec![agents])])
}

/// Erlang A, 48 calls a minute of a minute each, 50 agents, patience two minutes.
#[test]
fn fifty_servers_are_erlang_a() {
    let report = simulate(&servers(48.0, 60.0, Some(120.0), 50), 10);
    let whole = &report.total.whole;
    covers("abandonment", whole.abandonment(), 0.030_912);
    covers("mean wait", whole.wait_s(), 3.7095);
    covers("occupancy", report.total.load.whole.occupancy(), 0.9302);
}

/// Erlang A, ten erlangs of three minutes, 13 agents, patience five minutes.
#[test]
fn thirteen_servers_are_erlang_a() {
    let report = simulate(&servers(10.0 / 3.0, 180.0, Some(300.0), 13), 40);
    let whole = &report.total.whole;
    covers("abandonment", whole.abandonment(), 0.024_96);
    covers("service level", whole.service_level(AbandonsNegative), 0.8582);
    covers("occupancy", report.total.load.whole.occupancy(), 0.7500);
}

/// Half as many calls again as can be answered: a third must leave.
#[test]
fn an_overload_loses_what_it_must() {
    let report = simulate(&servers(30.0, 300.0, Some(300.0), 100), 10);
    covers("abandonment", report.total.whole.abandonment(), 1.0 / 3.0);
}

/// Erlang C: ten erlangs, 14 agents, nobody leaves.
#[test]
fn fourteen_servers_are_erlang_c() {
    let report = simulate(&servers(10.0 / 3.0, 180.0, None, 14), 40);
    covers("service level", report.total.whole.service_level(AbandonsNegative), 0.888_35);
    covers("speed of answer", report.total.whole.asa_s(), 7.835_937);
}

/// Erlang B: as many lines as agents. Its blocking depends on the mean of the handling time alone.
#[test]
fn lines_without_waiting_are_erlang_b() {
    for shape in [Shape::Exponential, Shape::LogNormal { cv: 1.2 }, Shape::Uniform { half_width: 0.5 }] {
        let mut scenario = servers(10.0 / 3.0, 180.0, None, 14);
        scenario.queues[0].talk.shape = shape.clone();
        scenario.trunks = Some(14);
        let report = simulate(&scenario, 20);
        let blocked = report.total.whole.blocked();
        let all = blocked.mean + report.total.whole.offered().mean;
        assert!((blocked.mean / all - 0.056_819).abs() < 0.0015, "{shape:?}: {}", blocked.mean / all);
    }
}

#[test]
fn a_day_factor_spreads_the_days_as_it_says() {
    for (shared, own) in [(0.2, 0.0), (0.0, 0.2), (0.0, 0.0)] {
        let calls = |n: f64| Queue { day_factor_cv: own, ..queue(Arrivals::Expected(vec![n]), constant(1.0), None) };
        let mut scenario =
            scenario(3600.0, 2, vec![calls(200.0), calls(200.0)], vec![group(vec![Serves::queue(0), Serves::queue(1)], vec![50])]);
        scenario.day_factor_cv = shared;
        scenario.day_starts_s = vec![0.0, 3600.0];
        let report = simulate(&scenario, 2000);
        // What Poisson's noise (variance = mean) leaves of the relative variance is the square of the factor's spread.
        let spread = |slice: &SliceReport| {
            let days: Vec<f64> = slice.by_day.iter().map(ServiceCounts::offered).collect();
            let mean = days.iter().sum::<f64>() / days.len() as f64;
            let variance = days.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / days.len() as f64;
            ((variance - mean) / mean.powi(2), mean)
        };
        let (one, mean) = spread(&report.queues[0]);
        let (both, _) = spread(&report.total);
        // Own factors of two equal queues average out, shared ones do not.
        let expected = shared.powi(2) + own.powi(2) / 2.0;
        assert!((mean - 200.0).abs() < 2.5, "{shared} {own}: around {mean}");
        assert!((one - shared.powi(2) - own.powi(2)).abs() < 0.005, "{shared} {own}: {one}");
        assert!((both - expected).abs() < 0.005, "{shared} {own}: {both} together");
    }
}

#[test]
fn rates_hold_in_their_periods() {
    let calls = queue(Arrivals::Expected(vec![50.0, 0.0, 150.0, 10.0]), exponential(vec![10.0, 10.0, 20.0, 40.0]), None);
    let report = simulate(&scenario(900.0, 4, vec![calls], vec![group(vec![Serves::queue(0)], vec![100])]), 800);
    for (interval, (calls, aht_s)) in report.total.intervals.iter().zip([(50.0, 10.0), (0.0, 0.0), (150.0, 20.0), (10.0, 40.0)]) {
        covers("calls", Some(interval.offered()), calls);
        if calls > 0.0 {
            covers("handling time", interval.aht_s(), aht_s);
        } else {
            assert_eq!(interval.service_level(AbandonsNegative), None);
        }
    }
}

/// Absences take their share of the time planned on the phones, though calls delay them.
#[test]
fn absences_take_their_share() {
    let planned = 40.0 * 4.0;
    let calls = queue(Arrivals::Expected(vec![planned * 9.0]), Times::exponential(240.0), Some(Times::exponential(300.0)));
    let mut scenario = hour(calls);
    scenario.period_s *= 4.0;
    scenario.agents = (0..40).map(|_| agent(vec![phones(0.0, 4.0 * 3600.0)])).collect();
    scenario.absences = vec![RandomAbsence { share: 4.0 / 60.0, length_s: 240.0 }, RandomAbsence { share: 0.1, length_s: 900.0 }];
    let report = simulate(&scenario, 100);
    let present = report.total.load.whole.staffed_s().mean / 3600.0 / planned;
    // Nobody begins a shift absent, so a little less than the share is taken.
    assert!((0.833..0.843).contains(&present), "present {present}, planned {}", 1.0 - 4.0 / 60.0 - 0.1);
}

/// A centre that begins empty spoils the mean wait of a short run; after the warm-up it is Erlang C's.
#[test]
fn a_warm_up_is_left_out_of_the_whole() {
    let mut scenario = servers(10.0 / 3.0, 180.0, None, 11);
    scenario.interval_s = 1800.0;
    let cold = simulate(&scenario, 60);
    scenario.warm_up_s = 6.0 * 3600.0;
    let warm = simulate(&scenario, 60);
    assert_eq!(warm.total.intervals, cold.total.intervals);
    let offered = |intervals: &[CallTally]| intervals.iter().map(|tally| tally.offered().mean).sum::<f64>();
    assert!((warm.total.whole.offered().mean - offered(&cold.total.intervals[12..])).abs() < 1e-6);
    assert!((warm.total.days[0].offered().mean - warm.total.whole.offered().mean).abs() < 1e-6);
    let staffed: f64 = cold.total.load.intervals[12..].iter().map(|load| load.staffed_s().mean).sum();
    assert!((warm.total.load.whole.staffed_s().mean - staffed).abs() < 1e-3);
    let wait = |report: &Report| report.total.whole.asa_s().map_or(0.0, |asa| asa.mean);
    assert!(wait(&warm) > wait(&cold) * 1.02, "{} against {}", wait(&warm), wait(&cold));
}

/// Patience that a share of callers have none of: those who find nobody free leave at once, as `P(wait)` times the share says.
#[test]
fn callers_without_patience_leave_at_once() {
    let mut scenario = servers(10.0 / 3.0, 180.0, Some(120.0), 11);
    let part = |share, mean| Part { share, mean, shape: Shape::Exponential };
    let mixed = Shape::Mixture(vec![part(0.3, 0.0), part(0.7, 120.0)]);
    scenario.queues[0].patience = Some(Times { shape: mixed, mean_s: vec![84.0] });
    scenario.queues[0].threshold_s = 0.0;
    let whole = simulate(&scenario, 60).total.whole;
    let counts = whole.counts();
    let waiting = 1.0 - counts.answered_within / counts.offered();
    let at_once = counts.abandoned_within / counts.offered();
    assert!((at_once / waiting - 0.3).abs() < 0.02, "{at_once} of {waiting}");
}
