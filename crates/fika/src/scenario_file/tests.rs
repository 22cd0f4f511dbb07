//! What scenario files say, and every way in which one can be wrong.

use fika_simulation::{Arrivals, Duty, Period, Reason, Shape};

use super::*;

const PLAIN: &str =
    "horizon = '8h'\n[[queues]]\nname = 'calls'\narrivals = '4.2/min'\ntalk = '2min'\n[[groups]]\nserves = ['calls']\nagents = 12\n";

const EVERYTHING: &str = r#"
title = "everything"
source = "nowhere"
clock = "08:00"
horizon = "48h"
period = "24h"
interval = "30min"
warm_up = "2h"
day = "24h"
day_factor = { gamma = 25 }
formula = "answered-only"
target = 0.8
replications = 10
seed = 7
threshold = "30s"
short_abandon = "5s"
trunks = 40
waiting_room = 9
selection = "random"
ring = "3s"
recovery = "5min"
absences = [{ share = 0.05, length = "4min" }]
pools = [["a", "b"]]

[[queues]]
name = "a"
arrivals = ["60/h", "30/h"]
day_factor = 0.1
talk = { mean = ["2min", "3min"], shape = "log-normal", cv = 1.2 }
wrapup = { low = "10s", high = "30s", shape = "uniform" }
patience = { mixture = [{ share = 0.01, mean = "0s" }, { share = 0.99, mean = "3min" }] }
call_back = { probability = 0.5, delay = "10min", keeps_patience = true }
hard_share = 0.02
route = ["both", { group = "backup", after = "40s" }]

[[queues]]
name = "b"
arrivals = { calls = 100, gaps = { shape = "erlang", stages = 4 } }
threshold = "1min"
waiting_room = 3
handled_by = "answer"
period_factor = { shape = "log-normal", cv = 0.3 }
follow_up = { probability = 0.25, queue = "c", delay = "5min" }
talk = { rate = "0.5/min", shape = "erlang", stages = 4 }
patience = { shape = "weibull", exponent = 0.7, mean = "2min" }

[[queues]]
name = "c"
arrivals = { at = ["1h", "1h2s"] }
talk = { shape = "empirical", values = ["10s", "30s"] }

[[groups]]
name = "both"
serves = ["a", "b"]
order = "listed"
agents = [3, 2]
agents_after = 1

[[groups]]
name = "backup"
serves = ["a", { queue = "c", agent_rank = 2, proficiency = 1.25, weight = 2.0, reserve = 1, above = 3, talk = "1min" }]

[[agents]]
name = "Ann"
count = 2
group = "backup"
proficiency = { a = 0.8 }
shifts = ["0h to 8h", "24h to 32h"]
breaks = [{ at = "2h to 2h15m" }, { at = "4h to 4h30m", kind = "meal" }]

[[agents]]
name = "Bo"
pieces = [{ at = "0h to 1h", group = "both" }, { at = "1h to 2h", kind = "huddle" }]

[[published]]
figure = "speed-of-answer"
queue = "a"
interval = 3
mean = "5s"
between = ["4s", "6s"]
"#;

fn places(text: &str) -> Vec<String> {
    let faults = read(text).expect_err(text);
    faults.0.into_iter().map(|fault| fault.at).collect()
}

#[test]
fn what_is_left_out_is_plain() {
    let file = read(PLAIN).expect("a legal file");
    let scenario = &file.scenario;
    let Arrivals::Expected(calls) = &scenario.queues[0].arrivals else { panic!("rates") };
    assert!((calls[0] - 4.2 * 480.0).abs() < 1e-9 && calls.len() == 1);
    assert_eq!(scenario.queues[0].talk, fika_simulation::Times::exponential(120.0));
    assert_eq!((scenario.period_s, scenario.periods, scenario.interval_s), (28_800.0, 1, 28_800.0));
    assert_eq!((scenario.queues[0].threshold_s, scenario.queues[0].patience.clone(), scenario.trunks), (20.0, None, None));
    assert_eq!((&scenario.day_starts_s[..], scenario.groups[0].heads.as_slice()), (&[0.0][..], &[12][..]));
    assert_eq!((file.formula, file.replications, file.published.len()), (ServiceLevelFormula::AbandonsNegative, None, 0));
}

#[test]
fn every_feature_can_be_said() {
    let file = read(EVERYTHING).unwrap_or_else(|faults| panic!("{faults}"));
    let scenario = &file.scenario;
    assert_eq!((file.begins_at, file.target, file.replications, file.seed), (Some(480), Some(0.8), Some(10), Some(7)));
    assert_eq!((scenario.day_starts_s.clone(), scenario.day_factor.clone()), (vec![0.0, 86_400.0], Shape::Gamma { cv: 0.2 }));
    assert_eq!((scenario.trunks, scenario.waiting_room, scenario.ring_s, scenario.recovery_s), (Some(40), Some(9), 3.0, 300.0));
    assert_eq!((scenario.warm_up_s, scenario.selection, scenario.pools.clone()), (7200.0, Selection::Random, vec![vec![0, 1]]));
    let [a, b, c] = &scenario.queues[..] else { panic!("three queues") };
    assert_eq!((a.threshold_s, b.threshold_s, a.short_abandon_s, a.hard_share), (30.0, 60.0, 5.0, 0.02));
    assert_eq!(a.talk.mean_s, [120.0, 180.0]);
    assert_eq!(
        a.wrapup.as_ref().map(|times| (times.shape.clone(), times.mean_s.clone())),
        Some((Shape::Uniform { half_width: 0.5 }, vec![20.0]))
    );
    assert!(a.patience.as_ref().is_some_and(|times| matches!(&times.shape, Shape::Mixture(parts) if parts.len() == 2)));
    assert!(a.patience.as_ref().is_some_and(|times| (times.mean_s[0] - 178.2).abs() < 1e-9));
    assert_eq!((b.talk.shape.clone(), b.talk.mean_s[0]), (Shape::Gamma { cv: 0.5 }, 120.0));
    assert_eq!((c.arrivals.clone(), c.talk.mean_s.clone()), (Arrivals::Listed(vec![3600.0, 3602.0]), vec![20.0]));
    assert_eq!((b.gaps.clone(), b.waiting_room, b.handled_by), (Shape::Gamma { cv: 0.5 }, Some(3), Period::Answer));
    assert_eq!((b.period_factor.clone(), b.day_factor.clone()), (Shape::LogNormal { cv: 0.3 }, Shape::Constant));
    assert!(b.follow_up.as_ref().is_some_and(|next| (next.queue, &next.delay) == (2, &fika_simulation::Times::exponential(300.0))));
    let [both, backup] = &scenario.groups[..] else { panic!("two groups") };
    assert_eq!(both.serves.iter().map(|serves| (serves.agent_rank, serves.call_rank)).collect::<Vec<_>>(), [(0, 0), (1, 0)]);
    assert_eq!((backup.serves[0].call_rank, backup.serves[0].after_s, backup.serves[1].proficiency), (1, 40.0, 1.25));
    let helped = &backup.serves[1];
    assert_eq!((helped.weight, helped.reserve, helped.above, both.heads_after), (2.0, 1, 3, Some(1)));
    assert_eq!(helped.talk, Some(fika_simulation::Times::exponential(60.0)));
    let [ann, twin, bo] = &scenario.agents[..] else { panic!("three agents") };
    assert_eq!((ann.name.as_str(), twin.name.as_str(), &ann.proficiency[..]), ("Ann 1", "Ann 2", &[0.8, 1.0, 1.0][..]));
    let duties: Vec<Duty> = ann.pieces.iter().map(|piece| piece.duty).collect();
    let phones = Duty::Phones { group: 1 };
    assert_eq!(duties, [phones, Duty::Away(Reason::RestBreak), phones, Duty::Away(Reason::Meal), phones, phones]);
    assert_eq!(bo.pieces[1].duty, Duty::Away(Reason::Huddle));
    assert_eq!((file.published[0].place, file.published[0].interval), (Place::Queue(0, Some(3)), Some((4.0, 6.0))));
}

#[test]
fn all_faults_are_told_with_their_places() {
    let text = "horizon = '8h'\nthreshhold = '20s'\n[[queues]]\nname = 'a'\narrivals = '4.2'\ntalk = { mean = 2, shape = 'bell' }\n\
        prio = 1\n[[groups]]\nserves = ['b']\nagents = -1\n[[published]]\nfigure = 'joy'\nmean = 1\n";
    let found = places(text);
    let expected = [
        "groups[0].agents",
        "groups[0].serves[0]",
        "published[0].figure",
        "queues[0].arrivals",
        "queues[0].prio",
        "queues[0].talk.mean",
        "queues[0].talk.shape",
        "threshhold",
    ];
    assert_eq!(found, expected);
}

#[test]
fn single_faults_have_their_place() {
    let check = |change: (&str, &str), place: &str| assert_eq!(places(&PLAIN.replace(change.0, change.1)), [place], "{change:?}");
    check(("'8h'", "'8'"), "horizon");
    check(("horizon = '8h'", "horizon = '8h'\nperiod = '3h'"), "period");
    check(("horizon = '8h'", "horizon = '8h'\nperiods = 2\nperiod = '3h'"), "horizon");
    check(("horizon = '8h'", "title = 'x'"), "horizon");
    check(("'4.2/min'", "['4/min', '5/min']"), "queues[0].arrivals");
    check(("'2min'", "{ shape = 'constant' }"), "queues[0].talk.mean");
    check(("'2min'", "{ mean = '2min', shape = 'gamma' }"), "queues[0].talk.cv");
    check(("'2min'", "{ mean = '2min', rate = '1/min' }"), "queues[0].talk.rate");
    check(("'2min'", "'0/min'"), "queues[0].talk");
    check(("agents = 12", "agents = 12\norder = 'best'"), "groups[0].order");
    check(("'4.2/min'", "{ rate = '4.2/min', gaps = 'erlang' }"), "queues[0].arrivals.gaps");
    check(("'4.2/min'", "{ at = ['1s'], gaps = 'constant' }"), "queues[0].arrivals");
    check(("talk = ", "handled_by = 'noon'\ntalk = "), "queues[0].handled_by");
    check(("talk = ", "follow_up = { probability = 0.5, queue = 'z' }\ntalk = "), "queues[0].follow_up.queue");
    check(("['calls']", "[{ queue = 'calls', talk = { shape = 'constant' } }]"), "groups[0].serves[0].talk.mean");
    check(("['calls']", "[{ queue = 'calls', weight = -1 }]"), "groups[0].serves[0].weight");
    check(("talk = ", "route = ['none']\ntalk = "), "queues[0].route[0]");
    check(("serves = ['calls']", "serves = ['calls', 'calls']"), "groups[0].serves[1]");
    check(("agents = 12", "agents = 12\n[[agents]]\nname = 'Ann'\nshifts = ['0h to 1h']"), "agents[0].group");
    check(("agents = 12", "agents = 12\n[[agents]]\ngroup = 'group 1'\nshifts = ['1h to 0h']"), "agents[0].shifts[0]");
    check(
        ("agents = 12", "agents = 12\n[[agents]]\ngroup = 'group 1'\nshifts = ['0h to 1h']\nbreaks = [{ at = '2h to 3h' }]"),
        "agents[0].breaks",
    );
    check(("agents = 12", "agents = 12\n[[published]]\nfigure = 'wait'"), "published[0].mean");
    check(("agents = 12", "agents = 12\n[[published]]\nfigure = 'wait'\ngroup = 'group 1'\nmean = 1"), "published[0].group");
    check(("horizon", "warm_up = '8h'\ninterval = '1h'\nhorizon"), "warm_up_s");
    check(("horizon = '8h'", "horizon = "), "line 1");
}

#[test]
fn factors_are_written_in_several_ways() {
    let factor = |text: &str| read(&format!("day_factor = {text}\n{PLAIN}")).map(|file| file.scenario.day_factor);
    assert_eq!(factor("0.2"), Ok(Shape::Gamma { cv: 0.2 }));
    assert_eq!(factor("{ cv = 0.2 }"), Ok(Shape::Gamma { cv: 0.2 }));
    assert_eq!(factor("{ gamma = 4 }"), Ok(Shape::Gamma { cv: 0.5 }));
    assert_eq!(factor("{ shape = 'log-normal', cv = 0.2 }"), Ok(Shape::LogNormal { cv: 0.2 }));
    assert_eq!(factor("{ shape = 'empirical', values = [1, 3] }"), Ok(Shape::Empirical(vec![1.0, 3.0])));
    for (wrong, place) in [
        ("{ cv = 0.2, gamma = 4 }", "day_factor"),
        ("{}", "day_factor"),
        ("{ gamma = 0 }", "day_factor.gamma"),
        ("{ shape = 'log-normal' }", "day_factor.cv"),
        ("{ shape = 'gamma', cv = -1 }", "day_factor.cv"),
        ("'much'", "day_factor"),
    ] {
        assert_eq!(factor(wrong).map_err(|faults| faults.0[0].at.clone()), Err(place.to_owned()), "{wrong}");
    }
}

#[test]
fn lists_may_tell_the_time_before_and_after() {
    let text = "period = '1h'\nperiods = 2\n[[queues]]\nname = 'a'\narrivals = ['0/h', '3/h', '4/h', '0/h']\n\
        talk = ['9min', '1min', '2min', '3min']\npatience = { rate = ['1/min', '1/min', '2/min', '4/min'] }\n\
        [[groups]]\nserves = ['a']\nagents = [9, 5, 6, 2]\n";
    let scenario = read(text).unwrap_or_else(|faults| panic!("{faults}")).scenario;
    assert_eq!(scenario.queues[0].arrivals, Arrivals::Expected(vec![3.0, 4.0]));
    assert_eq!(scenario.queues[0].talk.mean_s, [60.0, 120.0, 180.0]);
    assert_eq!(scenario.queues[0].patience.as_ref().map(|times| times.mean_s.clone()), Some(vec![60.0, 30.0, 15.0]));
    assert_eq!((scenario.groups[0].heads.clone(), scenario.groups[0].heads_after), (vec![5, 6], Some(2)));
    assert_eq!(places(&text.replace("'0/h', '3/h'", "'3/h'")), ["queues[0].arrivals"], "three values for two periods");
}

#[test]
fn a_route_orders_groups_and_refuses_what_contradicts_it() {
    let two = "horizon = '8h'\n[[queues]]\nname = 'a'\narrivals = '4/min'\ntalk = '2min'\nroute = ROUTE\n\
        [[groups]]\nname = 'x'\nserves = ['a']\n[[groups]]\nname = 'y'\nserves = [{ queue = 'a', RANK }]\n";
    let file = |route: &str, rank: &str| read(&two.replace("ROUTE", route).replace("RANK", rank));
    let ranks = |route: &str| -> Vec<u32> {
        let file = file(route, "proficiency = 1.0").unwrap_or_else(|faults| panic!("{faults}"));
        file.scenario.groups.iter().map(|group| group.serves[0].call_rank).collect()
    };
    assert_eq!(ranks("['x', 'y']"), [0, 1]);
    assert_eq!(ranks("['y', 'x']"), [1, 0]);
    assert_eq!(ranks("[['x', 'y']]"), [0, 0]);
    for (route, rank) in [("['x']", "proficiency = 1.0"), ("['x', 'y']", "call_rank = 1"), ("['x', 'x', 'y']", "proficiency = 1.0")] {
        assert!(file(route, rank).is_err(), "{route} {rank}");
    }
}
