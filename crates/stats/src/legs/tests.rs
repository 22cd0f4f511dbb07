//! Legs of calls under duplicates, disorder and lost ends.

use fika_model::event::CallEvent;
use fika_model::{AgentId, CallId, QueueId};

use super::*;
use crate::queues::Queues;

/// 2023-11-06T00:00:00Z.
const T0: EpochMs = 1_699_228_800_000;

/// An event at a second of the day: `kind queue agent`, with `-` for what is not told.
fn event(at_s: i64, kind: CallEventKind, queue: &str, agent: &str) -> CallEvent {
    CallEvent {
        event_id: format!("{at_s}-{kind:?}-{queue}"),
        source: "test".into(),
        call_id: CallId::new("c").expect("an id"),
        kind,
        occurred_at_ms: T0 + at_s * 1000,
        queue: (queue != "-").then(|| QueueId::new(queue).expect("an id")),
        agent: (agent != "-").then(|| AgentId::new(agent).expect("an id")),
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    }
}

fn told(mut event: CallEvent, durations_s: [i64; 4]) -> CallEvent {
    let [wait, talk, hold, wrapup] = durations_s.map(|s| (s >= 0).then_some(s * 1000));
    event.wait_ms = wait;
    event.talk_ms = talk;
    event.hold_ms = hold;
    event.wrapup_ms = wrapup;
    event
}

/// Queue, interval of 15 minutes, answered, abandoned, wait, talk, hold, wrap-up (seconds; wait of either outcome), lost ends.
type Expected<'a> = (&'a str, i64, i64, i64, i64, i64, i64, i64, i64);

fn check(events: &[CallEvent], lost: bool, expected: &[Expected<'_>]) {
    let mut queues = Queues::default();
    let mut facts: Vec<Fact> = events.iter().map(|event| Fact::of(event, &mut queues)).collect();
    facts.sort_by(|a, b| a.order(b, &queues));
    let (mut legs, mut shares) = (Vec::new(), Vec::new());
    evaluate(&facts, lost, &Settings::default(), &mut legs, &mut shares);
    let found: Vec<Expected<'_>> = shares
        .iter()
        .map(|share| {
            let c = &share.counters;
            assert_eq!(c.offered, c.answered + c.abandoned);
            let name = queues.name(share.queue).map_or("-", QueueId::as_str);
            let wait = c.answered_wait_ms + c.abandoned_wait_ms;
            let s = |ms: i64| ms / 1000;
            (name, (share.slot - T0) / 900_000, c.answered, c.abandoned, s(wait), s(c.talk_ms), s(c.hold_ms), s(c.wrapup_ms), c.lost_ends)
        })
        .collect();
    assert_eq!(found, expected);
}

use CallEventKind::{Abandoned, Completed, Connected, Ended, Held, Offered, Queued, Resumed, Transferred, WrapupEnded};

#[test]
fn a_call_counts_in_the_interval_in_which_it_joined() {
    let call = [
        event(890, Queued, "a", "-"),
        event(900, Offered, "a", "x"),
        event(905, Connected, "a", "x"),
        event(950, Held, "-", "x"),
        event(970, Resumed, "-", "x"),
        event(1005, Ended, "-", "-"),
        event(1035, WrapupEnded, "-", "x"),
    ];
    check(&call, false, &[("a", 0, 1, 0, 15, 80, 20, 30, 0)]);
    check(&call[..1], false, &[]);
    check(&call[..1], true, &[("a", 0, 0, 0, 0, 0, 0, 0, 1)]);
    check(&call[..3], false, &[("a", 0, 1, 0, 15, 0, 0, 0, 0)]);
    check(&call[..3], true, &[("a", 0, 1, 0, 15, 0, 0, 0, 1)]);
    check(&[event(890, Queued, "a", "-"), event(893, Abandoned, "-", "-")], false, &[("a", 0, 0, 1, 3, 0, 0, 0, 0)]);
}

#[test]
fn told_durations_stand_in_for_missing_events() {
    check(&[told(event(1005, Ended, "a", "-"), [15, 80, 20, 30])], false, &[("a", 0, 1, 0, 15, 80, 20, 30, 0)]);
    check(&[told(event(890, Completed, "a", "-"), [15, 80, 20, 30])], false, &[("a", 0, 1, 0, 15, 80, 20, 30, 0)]);
    let left = CallEvent { answered: Some(false), ..told(event(890, Completed, "a", "-"), [15, -1, -1, -1]) };
    check(&[left], false, &[("a", 0, 0, 1, 15, 0, 0, 0, 0)]);
    check(&[told(event(905, Abandoned, "a", "-"), [15, -1, -1, -1])], false, &[("a", 0, 0, 1, 15, 0, 0, 0, 0)]);
    // Nothing tells when these joined.
    check(&[event(905, Abandoned, "a", "-")], true, &[]);
    check(&[event(905, Ended, "a", "-")], true, &[]);
    check(&[event(905, WrapupEnded, "a", "x")], true, &[]);
    // An answer without a queue before it waited for nothing; without any queue it counts nowhere.
    check(&[event(905, Connected, "a", "x"), event(965, Ended, "-", "x")], false, &[("a", 1, 1, 0, 0, 60, 0, 0, 0)]);
    check(&[event(905, Connected, "-", "x"), event(965, Ended, "-", "x")], false, &[]);
    // A whole record besides the single events is the same call.
    let both = [
        event(890, Queued, "a", "-"),
        CallEvent { answered: Some(true), ..told(event(890, Completed, "a", "x"), [15, 80, 0, -1]) },
        event(905, Connected, "a", "x"),
        event(985, Ended, "a", "x"),
    ];
    check(&both, false, &[("a", 0, 1, 0, 15, 80, 0, 0, 0)]);
}

#[test]
fn each_queue_of_a_transferred_call_counts_its_own_leg() {
    let call = [
        event(0, Queued, "a", "-"),
        event(10, Connected, "a", "x"),
        event(70, Transferred, "-", "x"),
        event(70, Queued, "b", "-"),
        event(95, WrapupEnded, "-", "x"),
        event(1000, Connected, "b", "y"),
        event(1050, Ended, "-", "y"),
        event(1060, WrapupEnded, "-", "y"),
    ];
    let both = [("a", 0, 1, 0, 10, 60, 0, 25, 0), ("b", 0, 1, 0, 930, 50, 0, 10, 0)];
    check(&call, false, &both);
    // The transfer's event is lost: the entry into the next queue tells it.
    check(&[&call[..2], &call[3..]].concat(), false, &both);
    // Back into the same queue.
    let back = [
        event(0, Queued, "a", "-"),
        event(10, Connected, "a", "x"),
        event(70, Transferred, "a", "x"),
        event(71, Queued, "a", "-"),
        event(80, WrapupEnded, "a", "x"),
        event(91, Abandoned, "a", "-"),
    ];
    check(&back, false, &[("a", 0, 1, 0, 10, 60, 0, 10, 0), ("a", 0, 0, 1, 20, 0, 0, 0, 0)]);
}

#[test]
fn a_leg_that_left_unanswered_for_another_queue_counts_there_only() {
    let overflow = [event(0, Queued, "a", "-"), event(60, Queued, "b", "-"), event(70, Connected, "b", "x"), event(80, Ended, "-", "-")];
    check(&overflow, false, &[("b", 0, 1, 0, 10, 10, 0, 0, 0)]);
    let told = [event(0, Queued, "a", "-"), event(60, Transferred, "a", "-"), event(60, Queued, "b", "-"), event(65, Abandoned, "b", "-")];
    check(&told, true, &[("b", 0, 0, 1, 5, 0, 0, 0, 0)]);
}

#[test]
fn a_transfer_from_agent_to_agent_adds_no_call_and_no_time() {
    let call = [
        event(0, Queued, "a", "-"),
        event(10, Connected, "a", "x"),
        event(70, Transferred, "-", "x"),
        event(75, Connected, "a", "y"),
        told(event(300, Ended, "a", "y"), [-1, 225, 0, -1]),
    ];
    check(&call, false, &[("a", 0, 1, 0, 10, 60, 0, 0, 0)]);
}

#[test]
fn odd_orders_and_repetitions_are_one_call() {
    // The answer carries a time two seconds before the entry into the queue, as real data has it.
    check(
        &[event(2, Queued, "a", "-"), event(0, Connected, "a", "x"), event(60, Ended, "a", "x")],
        false,
        &[("a", 0, 1, 0, 0, 60, 0, 0, 0)],
    );
    let twice = [
        event(0, Queued, "a", "-"),
        CallEvent { event_id: "other".into(), ..event(0, Queued, "a", "-") },
        event(5, Queued, "a", "-"),
        event(10, Connected, "a", "x"),
        CallEvent { event_id: "again".into(), ..event(10, Connected, "a", "x") },
        event(20, Ended, "-", "-"),
        event(25, Ended, "-", "-"),
    ];
    check(&twice, false, &[("a", 0, 1, 0, 10, 10, 0, 0, 0)]);
    // A hang-up that is reported as an end after an abandon is still an abandon; an answer outweighs it.
    let hung_up = [event(0, Queued, "a", "-"), event(30, Abandoned, "a", "-"), event(30, Ended, "a", "-")];
    check(&hung_up, false, &[("a", 0, 0, 1, 30, 0, 0, 0, 0)]);
    let answered = [event(0, Queued, "a", "-"), event(30, Abandoned, "a", "-"), event(30, Connected, "a", "x")];
    check(&answered, false, &[("a", 0, 1, 0, 30, 0, 0, 0, 0)]);
    // Nobody saw the answer: the call counts, its wait and handling are not made up.
    check(&[event(0, Queued, "a", "-"), event(90, Ended, "a", "-")], true, &[("a", 0, 1, 0, 0, 0, 0, 0, 0)]);
}

#[test]
fn thresholds_have_two_sides() {
    let within = |outcome: CallEventKind, wait_ms: i64| {
        let mut queues = Queues::default();
        let end = CallEvent { occurred_at_ms: T0 + wait_ms, ..event(0, outcome, "a", "x") };
        let facts = [Fact::of(&event(0, Queued, "a", "-"), &mut queues), Fact::of(&end, &mut queues)];
        let (mut legs, mut shares) = (Vec::new(), Vec::new());
        evaluate(&facts, false, &Settings::default(), &mut legs, &mut shares);
        let c = shares[0].counters;
        (c.answered_within, c.abandoned_within, c.short_abandons)
    };
    assert_eq!(within(Connected, 20_000), (1, 0, 0));
    assert_eq!(within(Connected, 20_001), (0, 0, 0));
    assert_eq!(within(Abandoned, 4_999), (0, 1, 1));
    assert_eq!(within(Abandoned, 5_000), (0, 1, 0));
    assert_eq!(within(Abandoned, 20_000), (0, 1, 0));
    assert_eq!(within(Abandoned, 20_001), (0, 0, 0));
}

#[test]
fn handling_times_are_squared_in_seconds() {
    let mut queues = Queues::default();
    let completed = told(event(0, Completed, "a", "x"), [0, 80, 20, 30]);
    let (mut legs, mut shares) = (Vec::new(), Vec::new());
    evaluate(&[Fact::of(&completed, &mut queues)], false, &Settings::default(), &mut legs, &mut shares);
    assert_eq!(shares[0].counters.handle_s_squared, 130 * 130);
    assert_eq!(shares[0].counters.handled, 1);
}
