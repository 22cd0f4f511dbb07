//! What holds in every run: told in order, each call one life, each agent one thing at a time, every break in full, and counts that
//! are those of the telling. Scenarios are random.

use std::collections::BTreeMap;

use fika_model::event::{AgentState, CallEventKind};
use fika_simulation::{
    Agent, Arrivals, CallBack, Duty, Live, Piece, Prepared, Queue, RandomAbsence, Reason, RunSettings, Scenario, Serves, Shape, Times, run,
};
use proptest::prelude::*;

use super::fixture::{Diary, group, queue, scenario};

fn queues() -> impl Strategy<Value = Vec<Queue>> {
    let one = (0.0..60.0_f64, 20.0..400.0_f64, proptest::option::of(5.0..200.0_f64), 0.0..1.0_f64, any::<bool>());
    proptest::collection::vec(one, 1..4).prop_map(|all| {
        let of = |(calls, talk_s, patience_s, hard_share, wrapup): (f64, f64, Option<f64>, f64, bool)| Queue {
            wrapup: wrapup.then(|| Times::exponential(30.0)),
            call_back: wrapup.then(|| CallBack { probability: 0.5, delay: Times::exponential(200.0), keeps_patience: false }),
            hard_share,
            day_factor: Shape::Gamma { cv: 0.2 },
            ..queue(
                Arrivals::Expected(vec![calls, 0.0, calls * 2.0]),
                Times { shape: Shape::LogNormal { cv: 1.0 }, mean_s: vec![talk_s] },
                patience_s.map(Times::exponential),
            )
        };
        all.into_iter().map(of).collect()
    })
}

fn pieces(groups: usize) -> impl Strategy<Value = Vec<Piece>> {
    proptest::collection::vec((0_u32..600, 60_u32..1200, 0_u8..6, 0..groups), 0..8).prop_map(|steps| {
        let mut from = 0;
        let mut pieces = Vec::new();
        for (gap, length, duty, group) in steps {
            // Half of the pieces follow at once, half after a gap.
            from += if gap < 300 { 0 } else { gap };
            let duty = match duty {
                0 => Duty::Away(Reason::RestBreak),
                1 => Duty::Away(Reason::Meal),
                2 => Duty::Away(Reason::OtherWork),
                _ => Duty::Phones { group },
            };
            pieces.push(Piece { from_s: f64::from(from), to_s: f64::from(from + length), duty });
            from += length;
        }
        pieces
    })
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let extras = (proptest::option::of(1_u32..12), proptest::option::of(0_u32..6), 0.0..10.0_f64, 0.0..200.0_f64, any::<bool>());
    let heads = proptest::collection::vec(proptest::collection::vec(0_u32..5, 3), 1..4);
    let people = proptest::collection::vec(pieces(1), 0..6);
    (queues(), heads, people, extras).prop_map(|(queues, heads, people, (trunks, waiting_room, ring_s, recovery_s, absent))| {
        let serves = |n: usize, queues: usize| {
            let of = |queue: usize| Serves {
                call_rank: (queue + n) as u32 % 2,
                after_s: 20.0 * ((n + queue) % 3) as f64,
                ..Serves::queue(queue)
            };
            (0..queues).filter(|queue| (queue + n) % 3 != 2).map(of).collect()
        };
        let groups = heads.into_iter().enumerate().map(|(n, heads)| group(serves(n, queues.len()), heads)).collect();
        let mut scenario = scenario(1200.0, 3, queues, groups);
        scenario.agents = people.into_iter().map(|pieces| Agent { name: "agent".into(), proficiency: Vec::new(), pieces }).collect();
        scenario.day_starts_s = vec![0.0, 2400.0];
        scenario.trunks = trunks;
        scenario.waiting_room = waiting_room;
        scenario.ring_s = if ring_s < 5.0 { 0.0 } else { ring_s };
        scenario.recovery_s = recovery_s;
        scenario.absences = if absent { vec![RandomAbsence { share: 0.1, length_s: 120.0 }] } else { Vec::new() };
        scenario
    })
}

fn calls_live_once(diary: &Diary) -> Result<(), TestCaseError> {
    use CallEventKind::{Abandoned, Connected, Ended, Offered, Queued, WrapupEnded};
    let mut last: BTreeMap<u64, CallEventKind> = BTreeMap::new();
    for step in &diary.calls {
        let legal = match (last.insert(step.call, step.kind), step.kind) {
            (None, Queued) | (Some(Queued), Offered | Abandoned) => true,
            (Some(before), now) => [(Offered, Connected), (Connected, Ended), (Ended, WrapupEnded)].contains(&(before, now)),
            _ => false,
        };
        prop_assert!(legal, "{step:?}");
    }
    prop_assert!(last.values().all(|kind| matches!(kind, WrapupEnded | Abandoned)), "every call comes to its end");
    Ok(())
}

fn agents_do_one_thing(diary: &Diary) -> Result<(), TestCaseError> {
    use AgentState::{LoggedOut, NotReady, Ready, Reserved, Talking, Wrapup};
    let mut state: BTreeMap<usize, AgentState> = BTreeMap::new();
    for step in &diary.agents {
        let before = state.insert(step.agent, step.state).unwrap_or(LoggedOut);
        let legal = match step.state {
            Reserved => before == Ready,
            Talking => before == Reserved,
            Wrapup => before == Talking,
            Ready | NotReady | LoggedOut => before != Reserved,
            AgentState::Hold => false,
        };
        prop_assert!(legal, "{before:?} then {step:?}");
        prop_assert_eq!(step.reason.is_some(), step.state == NotReady);
    }
    Ok(())
}

/// Each break that begins lasts exactly as long as it was planned to, however late it began; and none is lost.
fn breaks_are_full(scenario: &Scenario, diary: &Diary) -> Result<(), TestCaseError> {
    for (n, agent) in scenario.agents.iter().enumerate() {
        let planned: Vec<&Piece> =
            agent.pieces.iter().filter(|piece| matches!(piece.duty, Duty::Away(reason) if reason.is_break())).collect();
        let states = diary.states(n);
        let taken: Vec<(f64, f64)> = states
            .iter()
            .enumerate()
            .filter(|(_, (_, _, reason))| reason.is_some_and(Reason::is_break))
            .map(|(at, (from, _, _))| (*from, states.get(at + 1).map_or(f64::INFINITY, |(to, _, _)| *to)))
            .collect();
        prop_assert_eq!(taken.len(), planned.len());
        for ((from, to), piece) in taken.iter().zip(planned) {
            prop_assert!(*from >= piece.from_s - 1e-3, "no break begins early");
            prop_assert!((to - from - (piece.to_s - piece.from_s)).abs() < 2e-3, "{from} to {to}, planned {piece:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_run_is_a_possible_day(scenario in scenarios(), seed in any::<u64>()) {
        let diary = Diary::of(&scenario, seed, 1);
        prop_assert!(diary.at_ms.windows(2).all(|pair| pair[0] <= pair[1]), "told in the order of time");
        calls_live_once(&diary)?;
        agents_do_one_thing(&diary)?;
        breaks_are_full(&scenario, &diary)?;
    }

    #[test]
    fn a_report_counts_what_is_told(scenario in scenarios(), seed in any::<u64>()) {
        let report = run(&scenario, &RunSettings { replications: 2, seed, workers: 1 }).expect("a legal scenario");
        let diaries: Vec<Diary> = (0..2).map(|n| Diary::of(&scenario, seed, n)).collect();
        let told = |kind| diaries.iter().flat_map(|diary| &diary.calls).filter(|step| step.kind == kind).count();
        let whole = &report.total.whole;
        prop_assert_eq!((whole.answered().mean * 2.0).round() as usize, told(CallEventKind::Connected));
        prop_assert_eq!((whole.abandoned().mean * 2.0).round() as usize, told(CallEventKind::Abandoned));
        let by_agent: f64 = report.agents.iter().map(|agent| agent.calls).sum();
        prop_assert!((by_agent - whole.answered().mean).abs() < 1e-9);
        let busy: f64 = report.agents.iter().map(|agent| agent.busy_s).sum();
        prop_assert!((busy - report.total.load.whole.busy_s().mean).abs() < 1e-6);
        prop_assert!(report.total.load.whole.busy_s().mean <= report.total.load.whole.staffed_s().mean + 1e-6);
        let offered: f64 = report.total.by_day.iter().map(fika_model::ServiceCounts::offered).sum();
        prop_assert!((offered - report.simulated_calls).abs() < 1e-9);
    }

    #[test]
    fn a_run_in_steps_is_the_same_run(scenario in scenarios(), seed in any::<u64>(), step_s in 1.0..900.0_f64) {
        let plan = Prepared::new(&scenario).expect("a legal scenario");
        let mut live = Live::new(&plan, seed, 0, Diary::default());
        let mut until_s = 0.0;
        while !live.run_until(until_s) {
            prop_assert!(live.trace_mut().at_ms.last().is_none_or(|at| *at as f64 <= until_s * 1000.0 + 0.5));
            until_s += step_s;
        }
        prop_assert_eq!(live.finish(), Diary::of(&scenario, seed, 0));
    }
}
