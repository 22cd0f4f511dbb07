//! Calls that come whole, in any order, in part, and in one record.

use super::*;

const QUEUED: CallEventKind = CallEventKind::Queued;
const CONNECTED: CallEventKind = CallEventKind::Connected;
const ENDED: CallEventKind = CallEventKind::Ended;
const ABANDONED: CallEventKind = CallEventKind::Abandoned;

fn event(call: &str, kind: CallEventKind, at_s: i64, queue: &str) -> Event {
    let at_ms = 1_700_000_000_000 + at_s * 1000;
    Event::Call(CallEvent {
        event_id: format!("{call}/{kind:?}/{at_s}"),
        source: "/acd".to_owned(),
        call_id: CallId::new(call).expect("an id"),
        kind,
        occurred_at_ms: at_ms,
        queue: (!queue.is_empty()).then(|| QueueId::new(queue).expect("an id")),
        agent: None,
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    })
}

fn calls(events: &[Event]) -> Calls {
    let mut calls = Calls::default();
    for event in events {
        calls.add(event.clone());
    }
    calls
}

/// One answered after 20 s for 100 s, one who gave up after 45 s, one who went from sales to service, one still waiting, one with no end.
fn feed() -> Vec<Event> {
    vec![
        event("a", QUEUED, 0, "sales"),
        event("a", CONNECTED, 20, ""),
        event("a", ENDED, 120, ""),
        event("b", QUEUED, 5, "sales"),
        event("b", ABANDONED, 50, "sales"),
        event("c", QUEUED, 10, "sales"),
        event("c", CONNECTED, 40, "sales"),
        event("c", CallEventKind::Transferred, 100, "sales"),
        event("c", QUEUED, 100, "service"),
        event("c", ABANDONED, 190, "service"),
        event("d", QUEUED, 30, "sales"),
        event("e", QUEUED, 40, "sales"),
        event("e", CONNECTED, 41, "sales"),
    ]
}

fn waits(observed: &Observed) -> Vec<(f64, bool)> {
    observed.waits.iter().map(|wait| (wait.seconds, wait.abandoned)).collect()
}

#[test]
fn calls_are_put_together_by_queue() {
    let observed = calls(&feed()).observed(Window::default());
    let of = |queue: &str| &observed[&QueueId::new(queue).expect("an id")];
    assert_eq!(waits(of("sales")), [(20.0, false), (45.0, true), (30.0, false), (1.0, false)]);
    assert_eq!((of("sales").handling_s.as_slice(), of("sales").unknown_length), ([100.0, 60.0].as_slice(), 1));
    assert_eq!(waits(of("service")), [(90.0, true)]);
    assert_eq!(observed.len(), 2);
}

#[test]
fn order_and_repetition_change_nothing() {
    let feed = feed();
    let expected = calls(&feed).observed(Window::default());
    for turn in 0..feed.len() {
        let mut turned = feed.clone();
        turned.rotate_left(turn);
        turned.extend_from_within(..turn);
        if turn % 2 == 0 {
            turned.reverse();
        }
        assert_eq!(calls(&turned).observed(Window::default()), expected, "turned by {turn}");
    }
}

#[test]
fn windows_hold_calls_that_began_in_them() {
    let began_ms = 1_700_000_005_000;
    let count = |from_ms, to_ms| {
        let observed = calls(&feed()).observed(Window { from_ms, to_ms });
        observed.values().map(|observed| observed.waits.len()).sum::<usize>()
    };
    assert_eq!(count(None, None), 5);
    assert_eq!((count(Some(began_ms), None), count(Some(began_ms + 1), None)), (4, 3));
    assert_eq!((count(None, Some(began_ms)), count(None, Some(began_ms + 1))), (1, 2));
}

#[test]
fn a_call_told_in_one_record_is_a_call() {
    let Event::Call(mut told) = event("x", CallEventKind::Completed, 0, "sales") else { panic!("a call") };
    (told.answered, told.wait_ms, told.talk_ms, told.wrapup_ms) = (Some(true), Some(12_500), Some(60_000), Some(30_000));
    let mut nothing = told.clone();
    nothing.call_id = CallId::new("y").expect("an id");
    (nothing.talk_ms, nothing.wrapup_ms) = (Some(0), Some(0));
    let observed = calls(&[Event::Call(told), Event::Call(nothing)]).observed(Window::default());
    let sales = observed.values().next().expect("one queue");
    assert_eq!((waits(sales), sales.handling_s.as_slice()), (vec![(12.5, false); 2], [90.0].as_slice()));
    assert_eq!((sales.without_length, sales.unknown_length), (1, 0));
}

#[test]
fn a_call_of_too_many_events_keeps_the_first() {
    let events: Vec<Event> = (0..300).map(|n| event("a", CallEventKind::Held, n, "")).collect();
    let calls = calls(&events);
    assert_eq!((calls.excess, calls.len()), (300 - MOST_EVENTS as u64, 1));
}
