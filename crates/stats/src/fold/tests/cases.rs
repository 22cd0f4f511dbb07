//! Single cases: both sides of each limit of lateness, and bounded memory.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind};

use super::happened::T0;
use super::*;

const MINUTE: i64 = 60_000;

fn call(id: &str, at_ms: i64, kind: CallEventKind) -> Event {
    Event::Call(CallEvent {
        event_id: format!("{id}-{at_ms}-{kind:?}"),
        source: "acd".into(),
        call_id: CallId::new(id).expect("an id"),
        kind,
        occurred_at_ms: T0 + at_ms,
        queue: Some(QueueId::new("q").expect("an id")),
        agent: None,
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    })
}

fn agent(id: &str, at_ms: i64, state: AgentState) -> Event {
    let queues = vec![QueueId::new("q").expect("an id")];
    let agent = AgentId::new(id).expect("an id");
    let event_id = format!("{id}-{at_ms}-{state:?}");
    Event::Agent(AgentEvent {
        event_id,
        source: "acd".into(),
        agent,
        state,
        occurred_at_ms: T0 + at_ms,
        reason_code: String::new(),
        queues,
    })
}

fn total(log: &Log) -> IntervalCounters {
    let mut sum = IntervalCounters::default();
    log.table().values().for_each(|counters| sum.accumulate(counters, 1));
    sum
}

/// Applies all and gives the last outcome and the sums.
fn check(events: &[Event]) -> (Outcome, IntervalCounters) {
    let mut fold = Fold::new(Settings::default());
    let mut last = Outcome::Applied;
    for event in events {
        last = fold.apply(event);
    }
    let mut log = Log::default();
    log.take(&mut fold);
    (last, total(&log))
}

use CallEventKind::{Abandoned, Connected, Ended, Offered, Queued, WrapupEnded};

#[test]
fn an_unknown_call_begins_only_inside_the_window() {
    let at = |behind: i64| check(&[call("a", 600 * MINUTE, Offered), call("b", 600 * MINUTE - behind, Connected)]);
    assert_eq!(at(30 * MINUTE).0, Outcome::Applied);
    assert_eq!(at(30 * MINUTE).1.answered, 1);
    assert_eq!(at(30 * MINUTE + 1).0, Outcome::TooLate(TooLate::Forgotten));
    assert_eq!(at(30 * MINUTE + 1).1.answered, 0);
}

#[test]
fn an_ended_call_takes_stragglers_for_half_an_hour() {
    let ended = [call("a", 0, Queued), call("a", 1000, Connected), call("a", 61_000, Ended)];
    let wrapup = |mark: i64| check(&[&ended[..], &[call("b", mark, Offered), call("a", 91_000, WrapupEnded)]].concat());
    assert_eq!(wrapup(61_000 + 30 * MINUTE).1.wrapup_ms, 30_000);
    assert_eq!(wrapup(61_000 + 30 * MINUTE + 1).1.wrapup_ms, 0);
    // And is not counted once more by its own repetitions.
    let again = check(&[&ended[..], &[call("b", 61_001 + 30 * MINUTE, Offered), call("a", 61_000, Ended)]].concat());
    assert_eq!((again.0, again.1.answered), (Outcome::TooLate(TooLate::Forgotten), 1));
}

#[test]
fn a_silent_call_is_closed_after_four_hours_and_corrected_for_half_an_hour() {
    let open = [call("a", 0, Queued), call("a", 1000, Connected)];
    let after = |mark: i64, last: Event| check(&[&open[..], &[call("b", mark, Offered), last]].concat()).1;
    let quiet = || call("b", 240 * MINUTE, Abandoned);
    assert_eq!(after(1000 + 240 * MINUTE, quiet()).lost_ends, 0);
    assert_eq!(after(1001 + 240 * MINUTE, quiet()).lost_ends, 1);
    let late_end = |mark: i64| after(mark, call("a", 61_000, Ended));
    let corrected = late_end(1000 + 270 * MINUTE);
    assert_eq!((corrected.lost_ends, corrected.handled, corrected.talk_ms, corrected.answered), (0, 1, 60_000, 1));
    let forgotten = late_end(1001 + 270 * MINUTE);
    assert_eq!((forgotten.lost_ends, forgotten.handled, forgotten.answered), (1, 0, 1));
}

#[test]
fn the_end_of_a_forgotten_call_counts_nothing_again() {
    let mut events = vec![call("a", 0, Queued), call("a", 1000, Connected), call("b", 300 * MINUTE, Offered)];
    let Event::Call(mut end) = call("a", 301 * MINUTE, Ended) else { unreachable!("a call's event") };
    (end.wait_ms, end.talk_ms) = (Some(1000), Some(301 * MINUTE - 1000));
    events.push(Event::Call(end));
    let (outcome, sum) = check(&events);
    assert_eq!((outcome, sum.answered, sum.lost_ends), (Outcome::TooLate(TooLate::Forgotten), 1, 1));
}

#[test]
fn an_agents_day_is_settled_after_half_an_hour() {
    let day = [agent("x", 0, AgentState::Ready), agent("x", 60 * MINUTE, AgentState::LoggedOut)];
    let pause = |at: i64| check(&[&day[..], &[agent("x", at, AgentState::NotReady)]].concat());
    assert_eq!(pause(30 * MINUTE).1.staffed_ms, 30 * MINUTE);
    let late = pause(30 * MINUTE - 1);
    assert_eq!((late.0, late.1.staffed_ms, late.1.idle_ms), (Outcome::TooLate(TooLate::Settled), 60 * MINUTE, 60 * MINUTE));
}

#[test]
fn a_state_without_an_end_counts_up_to_the_last_boundary_and_in_the_end_not_at_all() {
    let with_clock = |now: i64| check(&[agent("x", 0, AgentState::Talking), agent("clock", now, AgentState::LoggedOut)]).1.staffed_ms;
    assert_eq!(with_clock(14 * MINUTE), 0);
    assert_eq!(with_clock(16 * MINUTE), 15 * MINUTE);
    assert_eq!(with_clock(12 * 60 * MINUTE), 12 * 60 * MINUTE);
    assert_eq!(with_clock(12 * 60 * MINUTE + 15 * MINUTE), 0);
}

#[test]
fn late_agent_events_may_tell_queues_for_what_follows() {
    let untold = |at: i64, state: AgentState| {
        let Event::Agent(mut event) = agent("x", at, state) else { unreachable!("an agent's event") };
        event.queues.clear();
        Event::Agent(event)
    };
    let events = [
        untold(20 * MINUTE, AgentState::Talking),
        untold(25 * MINUTE, AgentState::Ready),
        untold(29 * MINUTE, AgentState::LoggedOut),
        agent("x", 10 * MINUTE, AgentState::Ready),
    ];
    let sum = check(&events).1;
    assert_eq!((sum.staffed_ms, sum.idle_ms), (19 * MINUTE, 14 * MINUTE));
}

#[test]
fn too_late_events_are_counted_by_kind() {
    let mut fold = Fold::new(Settings::default());
    fold.apply(&call("a", 600 * MINUTE, Queued));
    fold.apply(&call("a", 600 * MINUTE, Queued));
    fold.apply(&call("b", 0, Ended));
    fold.apply(&agent("x", 600 * MINUTE, AgentState::Ready));
    fold.apply(&agent("x", 0, AgentState::Ready));
    let tallies = fold.tallies();
    assert_eq!(tallies.late_calls, BTreeMap::from([(Ended, 1)]));
    assert_eq!(tallies.late_agents, 1);
    assert_eq!(tallies.outcomes[&Outcome::Duplicate], 1);
    assert_eq!(tallies.outcomes[&Outcome::Applied], 2);
}

#[test]
fn memory_holds_open_and_recent_calls_only() {
    let mut fold = Fold::new(Settings::default());
    let mut forgotten = 0;
    for n in 0..20_000_i64 {
        let id = format!("c{n}");
        fold.apply(&call(&id, n * 30_000, Queued));
        fold.apply(&call(&id, n * 30_000 + 10_000, Connected));
        fold.apply(&call(&id, n * 30_000 + 20_000, Ended));
        fold.apply(&agent("x", n * 30_000, if n % 2 == 0 { AgentState::Ready } else { AgentState::Talking }));
        if n % 10 == 0 {
            fold.take_counters();
            forgotten += fold.take_states().iter().filter(|(_, state)| state.is_none()).count();
        }
        assert!(fold.open_calls() <= 62, "{} calls", fold.open_calls());
        assert!(fold.open_cells() <= 2 * 102, "{} cells", fold.open_cells());
    }
    assert!(forgotten > 19_000);
}

#[test]
fn a_call_that_never_stops_telling_is_cut_off() {
    let mut fold = Fold::new(Settings::default());
    let outcomes: Vec<Outcome> = (0..300).map(|n| fold.apply(&call("a", n * 1000, CallEventKind::Held))).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Excess).count(), 300 - 256);
}

#[test]
fn times_at_the_ends_of_the_clock_do_not_break_the_sums() {
    for at in [i64::MIN, -1, 0, i64::MAX] {
        let Event::Call(mut event) = call("a", 0, Connected) else { unreachable!("a call's event") };
        event.occurred_at_ms = at;
        event.wait_ms = Some(i64::MAX);
        let mut fold = Fold::new(Settings::default());
        assert_eq!(fold.apply(&Event::Call(event)), Outcome::Applied);
        fold.take_counters();
    }
}
