//! The same callers for different rosters, and the same report whoever runs it.

use fika_model::ServiceLevelFormula::AbandonsNegative;
use fika_model::event::CallEventKind::Queued;
use fika_simulation::{Arrivals, Better, CallBack, Queue, RandomAbsence, RunSettings, Scenario, Serves, Shape, Times, compare, run};

use super::fixture::{Diary, agent, away, constant, group, phones, queue, scenario};

/// Two queues with everything that is random in it.
fn busy(heads: u32) -> Scenario {
    let calls = |calls: f64| Queue {
        wrapup: Some(Times::exponential(20.0)),
        hard_share: 0.1,
        call_back: Some(CallBack { probability: 0.4, delay: Times::exponential(300.0), keeps_patience: false }),
        ..queue(
            Arrivals::Expected(vec![calls, calls * 1.5]),
            Times { shape: Shape::LogNormal { cv: 1.0 }, mean_s: vec![180.0] },
            Some(Times { shape: Shape::Gamma { cv: 1.3 }, mean_s: vec![90.0] }),
        )
    };
    let serves = vec![Serves::queue(0), Serves { after_s: 15.0, agent_rank: 1, ..Serves::queue(1) }];
    let groups = vec![group(serves, vec![heads]), group(vec![Serves::queue(1)], vec![heads])];
    let mut scenario = scenario(3600.0, 2, vec![calls(100.0), calls(120.0)], groups);
    let rest = fika_simulation::Reason::RestBreak;
    scenario.agents = vec![agent(vec![phones(0.0, 3000.0), away(3000.0, 3900.0, rest), phones(3900.0, 7200.0)])];
    scenario.day_factor = Shape::Gamma { cv: 0.1 };
    scenario.day_starts_s = vec![0.0, 3600.0];
    scenario.recovery_s = 120.0;
    scenario.absences = vec![RandomAbsence { share: 0.05, length_s: 240.0 }];
    scenario.pools = vec![vec![0, 1]];
    scenario
}

fn settings(workers: usize) -> RunSettings {
    RunSettings { replications: 20, seed: 11, workers }
}

#[test]
fn workers_do_not_change_a_bit() {
    let alone = run(&busy(6), &settings(1)).expect("a legal scenario");
    for workers in [2, 3, 64] {
        assert_eq!(run(&busy(6), &settings(workers)).as_ref(), Ok(&alone), "{workers} workers");
    }
    let other = RunSettings { seed: 12, ..settings(1) };
    assert_ne!(run(&busy(6), &other).as_ref(), Ok(&alone));
    assert_eq!(alone.pools[0].whole, alone.total.whole);
}

#[test]
fn settings_out_of_range_are_refused() {
    for (replications, workers, legal) in [(2, 1, true), (1, 1, false), (0, 1, false), (2, 0, false)] {
        assert_eq!(run(&busy(1), &RunSettings { replications, seed: 1, workers }).is_ok(), legal, "{replications} {workers}");
    }
}

#[test]
fn another_roster_sees_the_same_callers() {
    let first_attempts = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        for queue in &mut scenario.queues {
            queue.call_back = None;
        }
        let diary = Diary::of(&scenario, 5, 3);
        diary.calls.iter().filter(|step| step.kind == Queued).map(|step| (step.at_ms, step.queue, step.call)).collect::<Vec<_>>()
    };
    let calls = first_attempts(&busy(6));
    assert!(calls.len() > 400);
    assert_eq!(calls, first_attempts(&busy(9)));
    assert_ne!(calls, first_attempts(&Scenario { day_factor: Shape::Constant, ..busy(6) }));
}

/// Handling times belong to the calls: with enough agents in both, the same total is handled.
#[test]
fn another_roster_handles_the_same_work() {
    let work = |heads| {
        let report = run(&busy(heads), &settings(1)).expect("a legal scenario");
        (report.total.whole.answered().mean, report.total.whole.aht_s().expect("calls").mean)
    };
    let (calls, aht_s) = work(60);
    let (other_calls, other_aht_s) = work(90);
    assert!((calls - other_calls).abs() < 1e-9 && (aht_s - other_aht_s).abs() < 1e-6);
}

#[test]
fn a_comparison_finds_the_better_roster_and_nothing_where_there_is_nothing() {
    let same = compare(&busy(6), &busy(6), AbandonsNegative, &settings(1)).expect("legal scenarios");
    assert_eq!(same.better(), Better::NotClear);
    assert!(same.difference.is_some_and(|difference| difference.mean.abs() + difference.high - difference.low < 1e-12));
    let more = compare(&busy(6), &busy(7), AbandonsNegative, &settings(2)).expect("legal scenarios");
    assert_eq!(more.better(), Better::Second);
    let fewer = compare(&busy(7), &busy(6), AbandonsNegative, &settings(2)).expect("legal scenarios");
    assert_eq!(fewer.better(), Better::First);
    // The same calls in both make the interval of the difference narrower than that of either level.
    let width = |estimate: Option<fika_simulation::Estimate>| estimate.map_or(f64::NAN, |e| e.high - e.low);
    assert!(width(more.difference) < 0.8 * width(more.first.total.whole.service_level(AbandonsNegative)));
    let other = scenario(3600.0, 1, vec![queue(Arrivals::Expected(vec![1.0]), constant(1.0), None)], Vec::new());
    assert!(compare(&busy(6), &other, AbandonsNegative, &settings(1)).is_err());
}
