//! What happens to agents: breaks, ends of shifts, recovery, head counts. Calls come at listed times, so each case is exact.

use fika_model::event::AgentState::{LoggedOut, NotReady, Ready, Reserved, Talking, Wrapup};
use fika_model::event::CallEventKind::{Abandoned, Connected, Ended};
use fika_simulation::{Agent, Duty, Piece, Queue, Reason, Scenario, Serves};

use super::fixture::{Diary, agent, away, constant, group, hour, listed, phones, simulate};

fn one_agent(queue: Queue, pieces: Vec<Piece>) -> Scenario {
    Scenario { agents: vec![agent(pieces)], ..hour(queue) }
}

#[test]
fn a_break_made_late_by_a_call_keeps_its_full_length() {
    let plan = vec![phones(0.0, 200.0), away(200.0, 800.0, Reason::RestBreak), phones(800.0, 2000.0)];
    let scenario = one_agent(listed(&[100.0, 900.0], 300.0), plan);
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!(diary.seconds(Connected), [100.0, 1000.0], "the second caller waits for the end of the break");
    let rest = Some(Reason::RestBreak);
    let expected = [
        (0.0, Ready, None),
        (100.0, Reserved, None),
        (100.0, Talking, None),
        (400.0, NotReady, rest),
        (1000.0, Ready, None),
        (1000.0, Reserved, None),
        (1000.0, Talking, None),
        (1300.0, Ready, None),
        (2000.0, LoggedOut, None),
    ];
    assert_eq!(diary.states(0), expected);
    let report = simulate(&scenario, 2);
    assert!((report.breaks.taken().mean - 1.0).abs() < 1e-9 && (report.breaks.longest_delay_s - 200.0).abs() < 1e-9);
    assert!(report.breaks.mean_delay_s().is_some_and(|delay| (delay.mean - 200.0).abs() < 1e-9));
    assert_eq!(report.breaks.delay_classes.iter().filter(|(_, share)| *share > 0.0).collect::<Vec<_>>(), [&(300.0, 1.0)]);
    assert!((report.agents[0].break_delay_s - 200.0).abs() < 1e-9);
}

#[test]
fn a_break_on_time_is_not_late() {
    let plan = vec![phones(0.0, 400.0), away(400.0, 800.0, Reason::Meal), phones(800.0, 2000.0)];
    let report = simulate(&one_agent(listed(&[100.0], 300.0), plan), 2);
    assert!(report.breaks.delayed_share().is_some_and(|share| share.mean.abs() < 1e-9));
    assert!(report.breaks.longest_delay_s.abs() < 1e-9);
}

#[test]
fn a_break_is_taken_even_if_the_call_outlasts_it() {
    let plan = vec![phones(0.0, 200.0), away(200.0, 300.0, Reason::RestBreak), phones(300.0, 2000.0)];
    let diary = Diary::of(&one_agent(listed(&[100.0], 500.0), plan), 1, 0);
    assert_eq!(diary.states(0)[3..5], [(600.0, NotReady, Some(Reason::RestBreak)), (700.0, Ready, None)]);
}

/// Two breaks with a call over both: neither is lost.
#[test]
fn two_late_breaks_follow_each_other() {
    let rest = |from, to| away(from, to, Reason::RestBreak);
    let plan = vec![phones(0.0, 200.0), rest(200.0, 300.0), phones(300.0, 400.0), rest(400.0, 500.0), phones(500.0, 3000.0)];
    let diary = Diary::of(&one_agent(listed(&[100.0], 500.0), plan), 1, 0);
    let away = Some(Reason::RestBreak);
    assert_eq!(diary.states(0)[3..6], [(600.0, NotReady, away), (700.0, NotReady, away), (800.0, Ready, None)]);
}

#[test]
fn other_work_made_late_ends_as_planned() {
    let plan = vec![phones(0.0, 200.0), away(200.0, 800.0, Reason::Huddle), phones(800.0, 2000.0)];
    let diary = Diary::of(&one_agent(listed(&[100.0], 300.0), plan.clone()), 1, 0);
    assert_eq!(diary.states(0)[3..5], [(400.0, NotReady, Some(Reason::Huddle)), (800.0, Ready, None)]);
    let missed = Diary::of(&one_agent(listed(&[100.0], 900.0), plan), 1, 0);
    assert_eq!(missed.states(0)[3..], [(1000.0, Ready, None), (2000.0, LoggedOut, None)]);
}

#[test]
fn a_call_at_the_end_of_a_shift_is_finished_and_reported() {
    let scenario = one_agent(listed(&[100.0], 300.0), vec![phones(0.0, 200.0), phones(900.0, 1000.0)]);
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!(diary.states(0)[2..], [(100.0, Talking, None), (400.0, LoggedOut, None), (900.0, Ready, None), (1000.0, LoggedOut, None)]);
    let report = simulate(&scenario, 2);
    assert!((report.agents[0].overtime_s - 200.0).abs() < 1e-9 && (report.agents[0].staffed_s - 500.0).abs() < 1e-9);
    assert!(report.total.load.whole.occupancy().is_some_and(|occupancy| (occupancy.mean - 0.6).abs() < 1e-9));
}

#[test]
fn recovery_follows_a_hard_call_and_yields_to_a_break() {
    let hard = Queue { hard_share: 1.0, wrapup: Some(constant(50.0)), ..listed(&[100.0, 160.0], 100.0) };
    let plan = vec![phones(0.0, 690.0), away(690.0, 890.0, Reason::RestBreak), phones(890.0, 2000.0)];
    let mut scenario = one_agent(hard, plan);
    scenario.recovery_s = 300.0;
    let diary = Diary::of(&scenario, 1, 0);
    let (recovery, rest) = (Some(Reason::Recovery), Some(Reason::RestBreak));
    let expected = [
        (0.0, Ready, None),
        (100.0, Reserved, None),
        (100.0, Talking, None),
        (200.0, Wrapup, None),
        (250.0, NotReady, recovery),
        (550.0, Ready, None),
        (550.0, Reserved, None),
        (550.0, Talking, None),
        (650.0, Wrapup, None),
        (700.0, NotReady, rest),
        (900.0, Ready, None),
        (2000.0, LoggedOut, None),
    ];
    assert_eq!(diary.states(0), expected, "the break that waited for the second call takes the place of its recovery");
    assert!((simulate(&scenario, 2).recoveries.mean - 1.0).abs() < 1e-9);
    scenario.recovery_s = 600.0;
    let cut_short = Diary::of(&scenario, 1, 0).states(0);
    assert_eq!(cut_short[4..7], [(250.0, NotReady, recovery), (690.0, NotReady, rest), (890.0, Ready, None)], "a break ends recovery");
    scenario.recovery_s = 0.0;
    assert_eq!(Diary::of(&scenario, 1, 0).seconds(Connected), [100.0, 250.0]);
}

#[test]
fn idle_agents_leave_first_and_busy_ones_after_their_call() {
    let calls = listed(&[10.0, 20.0, 1900.0, 1910.0], 2000.0);
    let scenario = |heads| Scenario {
        period_s: 1000.0,
        interval_s: 1000.0,
        periods: 3,
        groups: vec![group(vec![Serves::queue(0)], heads)],
        ..hour(calls.clone())
    };
    let idle = Diary::of(&scenario(vec![3, 2, 2]), 1, 0);
    assert_eq!(idle.states(2), [(0.0, Ready, None), (1000.0, LoggedOut, None)], "two talk; the idle one goes");
    let busy = Diary::of(&scenario(vec![3, 1, 2]), 1, 0);
    assert_eq!(busy.seconds(Ended).first(), Some(&2010.0));
    // One of the two on a call was to leave and, since the count rose again at 2000, stays.
    assert_eq!(busy.agents.iter().filter(|step| step.state == LoggedOut).count(), 1);
    let gone = Diary::of(&scenario(vec![3, 1, 1]), 1, 0);
    assert_eq!(
        gone.agents.iter().filter(|step| step.state == LoggedOut).map(|step| step.at_ms).collect::<Vec<_>>(),
        [1_000_000, 2_010_000]
    );
}

#[test]
fn proficiency_shortens_talk_and_wrapup() {
    let calls = Queue { wrapup: Some(constant(60.0)), ..listed(&[100.0], 120.0) };
    let mut scenario = Scenario { agents: vec![Agent { proficiency: vec![2.0], ..agent(vec![phones(0.0, 3600.0)]) }], ..hour(calls) };
    scenario.groups[0].serves[0].proficiency = 1.5;
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!(diary.seconds(Ended), [140.0]);
    assert!((simulate(&scenario, 2).agents[0].busy_s - 60.0).abs() < 1e-9);
}

#[test]
fn an_agent_can_change_the_group_between_two_pieces() {
    let queues = vec![listed(&[100.0, 700.0], 50.0), listed(&[200.0], 50.0)];
    let second = |from_s, to_s| Piece { from_s, to_s, duty: Duty::Phones { group: 1 } };
    let mut scenario = one_agent(listed(&[], 1.0), vec![phones(0.0, 500.0), second(500.0, 1000.0), phones(1000.0, 2000.0)]);
    scenario.queues = queues;
    scenario.groups.push(group(vec![Serves::queue(1)], Vec::new()));
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!(diary.seconds(Connected), [100.0, 500.0, 1000.0], "each call waits until she serves its queue");
    assert!(diary.seconds(Abandoned).is_empty());
}
