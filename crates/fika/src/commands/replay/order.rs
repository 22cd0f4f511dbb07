//! Puts events in order of time with bounded memory.
//!
//! A file of calls tells each call as a whole, so its events reach into the future. Events wait here until the file has moved on by
//! [`WINDOW_MS`]; one that comes even later than that goes out at once, late, as an ACD's would.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fika_model::event::{EpochMs, Event};

/// How far back in time a later line may reach: a day and a half, in milliseconds.
const WINDOW_MS: i64 = 36 * 3_600_000;

/// When an event happened.
pub(super) fn time_of(event: &Event) -> EpochMs {
    match event {
        Event::Call(call) => call.occurred_at_ms,
        Event::Agent(agent) => agent.occurred_at_ms,
    }
}

/// An event that waits, by time and then by arrival.
struct Waiting(EpochMs, u64, Event);

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// Events on their way from a file to the bus.
#[derive(Default)]
pub(super) struct Reorder {
    heap: BinaryHeap<Reverse<Waiting>>,
    arrived: u64,
    newest_ms: Option<EpochMs>,
}

impl Reorder {
    /// Takes an event.
    pub(super) fn push(&mut self, event: Event) {
        let at = time_of(&event);
        self.newest_ms = Some(self.newest_ms.map_or(at, |newest| newest.max(at)));
        self.heap.push(Reverse(Waiting(at, self.arrived, event)));
        self.arrived += 1;
    }

    /// The next event that nothing can come before any more; `last` says that the file is over.
    pub(super) fn pop(&mut self, last: bool) -> Option<Event> {
        let due = self.newest_ms?.saturating_sub(WINDOW_MS);
        let Reverse(Waiting(at, ..)) = self.heap.peek()?;
        if last || *at <= due { self.heap.pop().map(|Reverse(Waiting(_, _, event))| event) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use fika_model::AgentId;
    use fika_model::event::{AgentEvent, AgentState};

    use super::*;

    fn at(ms: EpochMs, id: &str) -> Event {
        Event::Agent(AgentEvent {
            event_id: id.to_owned(),
            source: "test".to_owned(),
            agent: AgentId::new("ada").expect("an id"),
            state: AgentState::Ready,
            occurred_at_ms: ms,
            reason_code: String::new(),
            queues: Vec::new(),
        })
    }

    #[test]
    fn events_leave_in_order_of_time_and_then_of_arrival() {
        let mut order = Reorder::default();
        for (ms, id) in [(5, "a"), (3, "b"), (5, "c"), (4, "d")] {
            order.push(at(ms, id));
        }
        assert!(order.pop(false).is_none(), "a later line may still come first");
        let times: Vec<String> = std::iter::from_fn(|| order.pop(true))
            .map(|event| match event {
                Event::Agent(agent) => agent.event_id,
                Event::Call(call) => call.event_id,
            })
            .collect();
        assert_eq!(times, ["b", "d", "a", "c"]);
    }

    #[test]
    fn events_leave_when_the_file_has_moved_on() {
        let mut order = Reorder::default();
        order.push(at(0, "old"));
        order.push(at(WINDOW_MS - 1, "new"));
        assert!(order.pop(false).is_none());
        order.push(at(WINDOW_MS, "newer"));
        assert!(order.pop(false).is_some() && order.pop(false).is_none());
    }
}
