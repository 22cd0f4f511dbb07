//! Stationary queues, whose truth is known in closed form, and laws that need no stationarity.

use fika_model::ServiceCounts;
use fika_model::ServiceLevelFormula::AbandonsNegative;
use fika_simulation::{Arrivals, CallTally, FollowUp, Part, Queue, RandomAbsence, Report, Scenario, Serves, Shape, SliceReport, Times};

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
        let blocking = simulate(&scenario, 100).total.whole.blocking();
        covers(&format!("blocking with {shape:?}"), blocking, 0.056_819);
    }
}

#[test]
fn a_day_factor_spreads_the_days_as_it_says() {
    for (shared, own) in [(0.2, 0.0), (0.0, 0.2), (0.0, 0.0)] {
        let calls = |n: f64| Queue { day_factor: Shape::Gamma { cv: own }, ..queue(Arrivals::Expected(vec![n]), constant(1.0), None) };
        let mut scenario =
            scenario(3600.0, 2, vec![calls(200.0), calls(200.0)], vec![group(vec![Serves::queue(0), Serves::queue(1)], vec![50])]);
        scenario.day_factor = Shape::Gamma { cv: shared };
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

/// Calls that come like clockwork to one agent: the chance of waiting solves `x = exp(-(1 - x) m g)` with `m` calls handled in a unit of
/// time and `g` the gap, and the mean wait is `x / (m (1 - x))` (Kendall 1953).
#[test]
fn regular_calls_wait_as_kendall_says() {
    let mut scenario = servers(0.8, 60.0, None, 1);
    scenario.queues[0].gaps = Shape::Constant;
    let report = simulate(&scenario, 60);
    let root = (0..200).fold(0.5_f64, |x, _| (-(1.0 - x) * 1.25).exp());
    covers("mean wait", report.total.whole.wait_s(), 60.0 * root / (1.0 - root));
    covers("waited", report.total.whole.waited_share(), root);
}

/// Erlang C, ten erlangs and twelve agents: how many wait, and how long those who do.
#[test]
fn queues_are_as_long_as_erlang_c_says() {
    let report = simulate(&servers(10.0 / 3.0, 180.0, None, 12), 60);
    covers("queue length", Some(report.total.queue_length()), 0.449_388 * 10.0 / 2.0);
    covers("waited", report.total.whole.waited_share(), 0.449_388);
    covers("wait of those who wait", report.total.whole.wait_of_waiting_s(), 90.0);
    covers("busy agents", Some(report.total.load.busy_agents()), 10.0);
}

/// Two classes at one group without preemption (Cobham 1954): with `w = C s / n`, the first waits `w / (1 - r1)` and the second
/// `w / ((1 - r1) (1 - r))`.
#[test]
fn the_important_wait_less_as_cobham_says() {
    let calls = |minute: f64| queue(Arrivals::Expected(vec![minute * TWO_DAYS_S / 60.0]), Times::exponential(180.0), None);
    let serves = vec![Serves::queue(0), Serves { agent_rank: 1, ..Serves::queue(1) }];
    let scenario = scenario(TWO_DAYS_S, 1, vec![calls(4.0 / 3.0), calls(2.0)], vec![group(serves, vec![12])]);
    let report = simulate(&scenario, 60);
    let (waiting, first, all) = (0.449_388, 4.0 / 12.0, 10.0 / 12.0);
    covers("the important", report.queues[0].whole.wait_s(), waiting * 15.0 / (1.0 - first));
    covers("the others", report.queues[1].whole.wait_s(), waiting * 15.0 / ((1.0 - first) * (1.0 - all)));
}

/// Callers who were served return with probability a half after a time: the agents see twice the load (Erlang R).
#[test]
fn returning_callers_double_the_load() {
    let mut scenario = servers(2.0, 120.0, None, 12);
    scenario.queues[0].follow_up = Some(FollowUp { probability: 0.5, queue: 0, delay: Times::exponential(600.0) });
    scenario.warm_up_s = 86_400.0 / 2.0;
    let report = simulate(&scenario, 40);
    covers("busy agents", Some(report.total.load.busy_agents()), 8.0);
    covers("offered", Some(report.total.whole.offered()), 2.0 * 1440.0 * 1.5 * 2.0);
}

/// Lost calls with agents kept back: calls of the second queue are lost when at most two of ten agents are idle. A birth-death process.
#[test]
fn kept_agents_lose_the_calls_that_theory_says() {
    let calls =
        |a: f64| Queue { waiting_room: Some(0), ..queue(Arrivals::Expected(vec![a * TWO_DAYS_S / 60.0]), Times::exponential(60.0), None) };
    let serves = vec![Serves::queue(0), Serves { reserve: 2, ..Serves::queue(1) }];
    let report = simulate(&scenario(TWO_DAYS_S, 1, vec![calls(4.0), calls(5.0)], vec![group(serves, vec![10])]), 40);
    let mut weights = vec![1.0_f64];
    for busy in 0..10_u32 {
        let rate = if busy < 8 { 9.0 } else { 4.0 };
        weights.push(weights[busy as usize] * rate / f64::from(busy + 1));
    }
    let all: f64 = weights.iter().sum();
    covers("first queue", report.queues[0].whole.blocking(), weights[10] / all);
    covers("second queue", report.queues[1].whole.blocking(), weights[8..].iter().sum::<f64>() / all);
}
