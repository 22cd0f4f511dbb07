//! What happens to callers: routing, overflow, lines, further attempts, and what a scenario must not say.

use fika_model::event::CallEventKind::{Abandoned, Connected, Queued};
use fika_simulation::{Arrivals, CallBack, Queue, RandomAbsence, Scenario, Selection, Serves, Shape, Times};

use super::fixture::{Diary, agent, constant, group, hour, listed, phones, queue, scenario, simulate};

fn two_agents(queue: Queue) -> Scenario {
    let all_day = || agent(vec![phones(0.0, 3600.0)]);
    Scenario { agents: vec![all_day(), all_day()], ..hour(queue) }
}

#[test]
fn the_agent_who_has_been_idle_longest_takes_the_call() {
    // Agent 0 is busy until 60 and agent 1 until 80; agent 0 has then been idle longer.
    assert_eq!(Diary::of(&two_agents(listed(&[10.0, 30.0, 100.0, 110.0], 50.0)), 1, 0).answered_by(), [0, 1, 0, 1]);
}

#[test]
fn calls_go_to_the_group_they_rank_first_and_overflow_after_a_time() {
    let serves = |call_rank, after_s| Serves { call_rank, after_s, ..Serves::queue(0) };
    let with = |second| {
        let groups = vec![group(vec![serves(0, 0.0)], vec![1]), group(vec![second], vec![1])];
        Diary::of(&scenario(3600.0, 1, vec![listed(&[10.0, 20.0, 25.0], 500.0)], groups), 1, 0)
    };
    let ranked = with(serves(1, 0.0));
    assert_eq!((ranked.answered_by(), ranked.seconds(Connected)), (vec![0, 1, 0], vec![10.0, 20.0, 510.0]));
    let later = with(serves(0, 30.0));
    assert_eq!((later.answered_by(), later.seconds(Connected)), (vec![0, 1, 0], vec![10.0, 50.0, 510.0]));
    let never = with(serves(0, 3000.0));
    assert_eq!((never.answered_by(), never.seconds(Connected)), (vec![0, 0, 0], vec![10.0, 510.0, 1010.0]));
}

/// An agent of the overflow group who becomes free takes a call only when it has waited long enough.
#[test]
fn a_free_agent_leaves_young_calls_to_others() {
    let own = Serves { after_s: 60.0, ..Serves::queue(0) };
    let groups = vec![group(vec![own, Serves::queue(1)], vec![1])];
    let diary = Diary::of(&scenario(3600.0, 1, vec![listed(&[50.0], 10.0), listed(&[10.0], 90.0)], groups), 1, 0);
    assert_eq!(diary.seconds(Connected), [10.0, 110.0], "free at 100, the call has waited 50; it overflows at 110");
}

#[test]
fn agents_rank_queues_and_take_the_longest_waiting_among_equals() {
    let with = |ranks: [u32; 2]| {
        let serves = ranks.iter().enumerate().map(|(queue, rank)| Serves { agent_rank: *rank, ..Serves::queue(queue) }).collect();
        let queues = vec![listed(&[10.0, 30.0], 100.0), listed(&[20.0], 100.0)];
        let diary = Diary::of(&scenario(3600.0, 1, queues, vec![group(serves, vec![1])]), 1, 0);
        diary.calls.iter().filter(|step| step.kind == Connected).map(|step| step.queue).collect::<Vec<_>>()
    };
    assert_eq!(with([0, 0]), [0, 1, 0]);
    assert_eq!(with([0, 1]), [0, 0, 1]);
    assert_eq!(with([1, 0]), [0, 1, 0]);
}

#[test]
fn random_selection_uses_all_alike() {
    let mut scenario = two_agents(queue(Arrivals::Expected(vec![60.0]), constant(1.0), None));
    scenario.groups.push(group(vec![Serves::queue(0)], vec![2]));
    let share = |selection, scenario: &Scenario| {
        let report = simulate(&Scenario { selection, ..scenario.clone() }, 400);
        (report.agents[0].calls + report.agents[1].calls) / report.total.whole.answered().mean
    };
    assert!((share(Selection::Random, &scenario) - 0.5).abs() < 0.02);
    scenario.groups[1].heads = vec![6];
    assert!((share(Selection::Random, &scenario) - 0.25).abs() < 0.02);
}

#[test]
fn ringing_counts_as_waiting() {
    let mut scenario = two_agents(listed(&[10.0, 11.0, 12.0], 50.0));
    scenario.ring_s = 5.0;
    assert_eq!(Diary::of(&scenario, 1, 0).seconds(Connected), [15.0, 16.0, 70.0]);
    assert!(simulate(&scenario, 2).total.whole.asa_s().is_some_and(|asa| (asa.mean - (5.0 + 5.0 + 58.0) / 3.0).abs() < 1e-9));
}

#[test]
fn the_threshold_and_the_limit_of_short_abandons_are_kept_on_both_sides() {
    let with = |patience_s| Queue { patience: Some(constant(patience_s)), short_abandon_s: 5.0, ..listed(&[10.0], 50.0) };
    for (patience_s, within, short) in [(4.0, 1.0, 1.0), (5.0, 1.0, 0.0), (20.0, 1.0, 0.0), (20.5, 0.0, 0.0)] {
        let counts = simulate(&hour(with(patience_s)), 2).total.whole.counts();
        let found = (counts.abandoned_within, counts.short_abandons, counts.abandoned_within + counts.abandoned_late);
        assert_eq!(found, (within, short, 1.0), "patience {patience_s}");
    }
}

#[test]
fn busy_lines_turn_callers_away_until_one_is_free() {
    let wrapup = Queue { wrapup: Some(constant(100.0)), ..listed(&[10.0, 20.0, 30.0, 65.0], 50.0) };
    let mut scenario = two_agents(wrapup);
    scenario.trunks = Some(2);
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!(diary.seconds(Queued), [10.0, 20.0, 65.0], "at 60 a conversation ends and its line is free, though its wrap-up goes on");
    let report = simulate(&scenario, 2);
    assert!((report.total.whole.blocked().mean - 1.0).abs() < 1e-9 && (report.total.whole.offered().mean - 3.0).abs() < 1e-9);
}

#[test]
fn a_full_waiting_room_turns_callers_away_but_never_from_an_idle_agent() {
    let mut scenario = two_agents(listed(&[10.0, 20.0, 30.0, 40.0], 500.0));
    scenario.waiting_room = Some(0);
    assert_eq!(Diary::of(&scenario, 1, 0).seconds(Queued), [10.0, 20.0]);
    scenario.waiting_room = Some(1);
    assert_eq!(Diary::of(&scenario, 1, 0).seconds(Queued), [10.0, 20.0, 30.0]);
}

#[test]
fn callers_who_left_try_again_until_the_horizon_ends() {
    let back = CallBack { probability: 1.0, delay: constant(1000.0), keeps_patience: false };
    let mut scenario = hour(Queue { patience: Some(constant(10.0)), call_back: Some(back), ..listed(&[100.0], 50.0) });
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!(diary.seconds(Queued), [100.0, 1110.0, 2120.0, 3130.0]);
    assert_eq!(diary.seconds(Abandoned), [110.0, 1120.0, 2130.0, 3140.0]);
    assert!((simulate(&scenario, 2).further_attempts.mean - 3.0).abs() < 1e-9);
    scenario.queues[0].call_back = Some(CallBack { probability: 0.0, delay: constant(1000.0), keeps_patience: false });
    assert_eq!(Diary::of(&scenario, 1, 0).seconds(Queued), [100.0]);
}

#[test]
fn calls_that_nobody_can_answer_are_cut_and_count_as_abandoned() {
    let report = simulate(&hour(listed(&[100.0, 3000.0], 50.0)), 2);
    assert!((report.cut.mean - 2.0).abs() < 1e-9 && (report.total.whole.abandoned().mean - 2.0).abs() < 1e-9);
}

#[test]
fn every_fault_of_a_scenario_is_named() {
    let mut scenario = two_agents(listed(&[20.0, 10.0], 50.0));
    scenario.queues[0].talk = Times { shape: Shape::LogNormal { cv: -1.0 }, mean_s: vec![1.0, 2.0, 3.0] };
    scenario.queues[0].hard_share = 1.5;
    scenario.groups[0].serves.push(Serves::queue(7));
    scenario.agents[1].pieces = vec![phones(0.0, 20.0), phones(10.0, 30.0)];
    scenario.absences = vec![RandomAbsence { share: 0.5, length_s: 60.0 }, RandomAbsence { share: 0.5, length_s: 60.0 }];
    scenario.pools = vec![vec![0, 0]];
    scenario.day_starts_s = vec![0.0, 4000.0];
    scenario.interval_s = 1000.0;
    let faults = scenario.check().expect_err("it is full of faults");
    let places: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
    let expected = [
        "interval_s",
        "day_starts_s",
        "queues[0].arrivals",
        "queues[0].talk.mean_s",
        "queues[0].talk.cv",
        "queues[0].hard_share",
        "groups[0].serves[1]",
        "agents[1].pieces[1]",
        "absences",
        "pools[0]",
    ];
    assert_eq!(places, expected);
    assert!(two_agents(listed(&[10.0, 20.0], 50.0)).check().is_ok());
}
