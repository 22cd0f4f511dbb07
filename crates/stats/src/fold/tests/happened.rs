//! A made-up centre: what happened in it, the counts of that, and the events that tell it in disorder.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, EpochMs};

use super::*;

/// 2023-11-06T00:00:00Z.
pub(super) const T0: EpochMs = 1_699_228_800_000;
const SLOT_MS: i64 = 900_000;
/// Disorder, plus the longest wrap-up of two minutes, stays inside the window of half an hour.
const MOST_DELAY_MS: i64 = 27 * 60_000;

/// One stay in a queue, in milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Stay {
    queue: u8,
    wait: i64,
    /// Conversation, hold, wrap-up; nothing when the caller left.
    handled: Option<(i64, i64, i64)>,
}

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Happened {
    joined: i64,
    /// The first stay, and where the agent sent the caller next.
    stays: Vec<Stay>,
    end_is_lost: bool,
    /// As one record instead of events; only a call of one stay.
    in_one_record: bool,
    /// Durations on the end event.
    tells_durations: bool,
}

/// One agent's changes: after so many milliseconds, into that state.
#[derive(Debug, Clone)]
pub(super) struct AgentDay {
    starts: i64,
    changes: Vec<(i64, AgentState)>,
    queues: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct Centre {
    calls: Vec<Happened>,
    agents: Vec<AgentDay>,
    /// How late each event comes, and whether it comes again, used in turn.
    delays: Vec<(i64, bool)>,
}

pub(super) fn centre() -> impl Strategy<Value = Centre> {
    let handled = (0..1_500_000_i64, prop_oneof![Just(0_i64), 1..60_000_i64], 0..120_000_i64);
    let stay = (0..3_u8, 0..400_000_i64, proptest::option::weighted(0.8, handled)).prop_map(|(queue, wait, handled)| Stay {
        queue,
        wait,
        handled,
    });
    let call = (
        0..20_000_000_i64,
        proptest::collection::vec(stay, 1..3),
        proptest::bool::weighted(0.15),
        proptest::bool::weighted(0.2),
        any::<bool>(),
    )
        .prop_map(|(joined, stays, end_is_lost, in_one_record, tells_durations)| Happened {
            joined,
            stays,
            end_is_lost,
            in_one_record,
            tells_durations,
        });
    let states = [AgentState::Ready, AgentState::Reserved, AgentState::Talking, AgentState::Hold, AgentState::Wrapup, AgentState::NotReady];
    let change = (1..2_000_000_i64, proptest::sample::select(states.to_vec()));
    let agent = (0..10_000_000_i64, proptest::collection::vec(change, 1..12), proptest::collection::vec(0..3_u8, 1..3))
        .prop_map(|(starts, changes, queues)| AgentDay { starts, changes, queues });
    let delays = proptest::collection::vec((0..MOST_DELAY_MS, proptest::bool::weighted(0.1)), 1..50);
    (proptest::collection::vec(call, 1..40), proptest::collection::vec(agent, 0..4), delays).prop_map(|(calls, agents, delays)| Centre {
        calls,
        agents,
        delays,
    })
}

fn queue(number: u8) -> QueueId {
    QueueId::new(format!("q{number}")).expect("an id")
}

fn key(number: u8, at: i64) -> IntervalKey {
    let start = timestamp_of(T0 + at.div_euclid(SLOT_MS) * SLOT_MS);
    IntervalKey { queue: queue(number), start, length: IntervalLength::QUARTER_HOUR }
}

impl Happened {
    /// Until the caller leaves or speaks to the last agent.
    fn stays(&self) -> &[Stay] {
        let last = self.stays.iter().position(|stay| stay.handled.is_none()).map_or(self.stays.len(), |n| n + 1);
        &self.stays[..if self.in_one_record { 1 } else { last }]
    }

    fn count(&self, table: &mut Table) {
        let mut joined = self.joined;
        let stays = self.stays();
        for (n, stay) in stays.iter().enumerate() {
            let cell = table.entry(key(stay.queue, joined)).or_default();
            let is_lost = self.end_is_lost && n + 1 == stays.len() && !self.in_one_record;
            let Some((talk, hold, wrapup)) = stay.handled else {
                if is_lost {
                    cell.lost_ends += 1;
                } else {
                    cell.offered += 1;
                    cell.abandoned += 1;
                    cell.abandoned_within += i64::from(stay.wait <= 20_000);
                    cell.short_abandons += i64::from(stay.wait < 5_000);
                    cell.abandoned_wait_ms += stay.wait;
                }
                return;
            };
            cell.offered += 1;
            cell.answered += 1;
            cell.answered_within += i64::from(stay.wait <= 20_000);
            cell.answered_wait_ms += stay.wait;
            if is_lost {
                cell.lost_ends += 1;
                return;
            }
            cell.handled += 1;
            cell.talk_ms += talk;
            cell.hold_ms += hold;
            cell.wrapup_ms += wrapup;
            let handle_s = (talk + hold + wrapup) as f64 / 1000.0;
            cell.handle_s_squared += (handle_s * handle_s).round() as i64;
            joined += stay.wait + talk + hold + 1;
        }
    }

    fn tell(&self, number: usize, told: &mut Vec<(i64, CallEvent)>) {
        let stays = self.stays();
        let mut joined = self.joined;
        for (n, stay) in stays.iter().enumerate() {
            let mut tell = |at: i64, kind: CallEventKind| told.push((at, event(number, (n, stay), at, kind)));
            let is_last = n + 1 == stays.len();
            let answered = joined + stay.wait;
            if self.in_one_record {
                return self.tell_at_once(number, stay, told);
            }
            tell(joined, CallEventKind::Queued);
            let Some((talk, hold, wrapup)) = stay.handled else {
                if !self.end_is_lost {
                    told.push((
                        answered,
                        CallEvent { queue: None, agent: None, ..event(number, (n, stay), answered, CallEventKind::Abandoned) },
                    ));
                }
                return;
            };
            tell(answered, CallEventKind::Connected);
            let parted = answered + talk + hold;
            if is_last && self.end_is_lost {
                return;
            }
            if hold > 0 {
                tell(answered + talk / 2, CallEventKind::Held);
                tell(answered + talk / 2 + hold, CallEventKind::Resumed);
            }
            if !is_last {
                tell(parted, CallEventKind::Transferred);
            } else if self.tells_durations {
                let end = event(number, (n, stay), parted, CallEventKind::Ended);
                told.push((parted, CallEvent { talk_ms: Some(talk), hold_ms: Some(hold), ..end }));
            } else {
                tell(parted, CallEventKind::Ended);
            }
            told.push((parted + wrapup, event(number, (n, stay), parted + wrapup, CallEventKind::WrapupEnded)));
            joined = parted + 1;
        }
    }

    fn tell_at_once(&self, number: usize, stay: &Stay, told: &mut Vec<(i64, CallEvent)>) {
        let part = |part: fn((i64, i64, i64)) -> i64| stay.handled.map(part);
        let (talk_ms, hold_ms, wrapup_ms) = (part(|h| h.0), part(|h| h.1), part(|h| h.2));
        let known = self.joined + stay.wait + [talk_ms, hold_ms, wrapup_ms].into_iter().flatten().sum::<i64>();
        let record = event(number, (0, stay), self.joined, CallEventKind::Completed);
        let wait_ms = Some(stay.wait);
        told.push((known, CallEvent { answered: Some(stay.handled.is_some()), wait_ms, talk_ms, hold_ms, wrapup_ms, ..record }));
    }
}

/// An event of a stay, with its queue and agent.
fn event(call: usize, (leg, stay): (usize, &Stay), at: i64, kind: CallEventKind) -> CallEvent {
    CallEvent {
        event_id: format!("{call}-{leg}-{kind:?}"),
        source: "acd".into(),
        call_id: CallId::new(format!("call-{call}")).expect("an id"),
        kind,
        occurred_at_ms: T0 + at,
        queue: Some(queue(stay.queue)),
        agent: Some(AgentId::new(format!("agent-{leg}")).expect("an id")),
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    }
}

impl AgentDay {
    /// Times and states, with the logging out at the end.
    fn segments(&self) -> Vec<(i64, AgentState)> {
        let mut at = self.starts;
        let mut segments = vec![(at, AgentState::Ready)];
        for (after, state) in &self.changes {
            at += after;
            segments.push((at, *state));
        }
        segments.push((at + 60_000, AgentState::LoggedOut));
        segments
    }

    fn count(&self, table: &mut Table) {
        let mut queues = self.queues.clone();
        queues.sort_unstable();
        queues.dedup();
        for pair in self.segments().windows(2) {
            let ((from, state), (to, _)) = (pair[0], pair[1]);
            if matches!(state, AgentState::NotReady | AgentState::LoggedOut) {
                continue;
            }
            for slot in from / SLOT_MS..=to / SLOT_MS {
                let inside = to.min((slot + 1) * SLOT_MS) - from.max(slot * SLOT_MS);
                for number in &queues {
                    let cell = table.entry(key(*number, slot * SLOT_MS)).or_default();
                    cell.staffed_ms += inside;
                    cell.idle_ms += if state == AgentState::Ready { inside } else { 0 };
                }
            }
        }
    }

    fn tell(&self, number: usize, told: &mut Vec<(i64, Event)>) {
        for (n, (at, state)) in self.segments().into_iter().enumerate() {
            let queues = if n == 0 { self.queues.iter().map(|number| queue(*number)).collect() } else { Vec::new() };
            let agent = AgentId::new(format!("agent-{number}")).expect("an id");
            let event_id = format!("agent-{number}-{n}");
            let event =
                AgentEvent { event_id, source: "acd".into(), agent, state, occurred_at_ms: T0 + at, reason_code: String::new(), queues };
            told.push((at, Event::Agent(event)));
        }
    }
}

impl Centre {
    /// The counts of what happened.
    pub(super) fn offline(&self) -> Table {
        let mut table = Table::new();
        self.calls.iter().for_each(|call| call.count(&mut table));
        self.agents.iter().for_each(|agent| agent.count(&mut table));
        table.retain(|_, counters| *counters != IntervalCounters::default());
        table
    }

    /// The events as they come, and one a day later that closes what is open.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut told: Vec<(i64, Event)> = Vec::new();
        for (number, agent) in self.agents.iter().enumerate() {
            agent.tell(number, &mut told);
        }
        let mut of_calls = Vec::new();
        self.calls.iter().enumerate().for_each(|(number, call)| call.tell(number, &mut of_calls));
        told.extend(of_calls.into_iter().map(|(known, event)| (known, Event::Call(event))));
        let mut delays = self.delays.iter().cycle();
        let mut arrivals: Vec<(i64, Event)> = Vec::new();
        for (known, event) in told {
            let (delay, again) = delays.next().copied().unwrap_or_default();
            arrivals.push((known + delay, event.clone()));
            if again {
                arrivals.push((known + MOST_DELAY_MS - delay, event));
            }
        }
        arrivals.sort_by_key(|(arrival, _)| *arrival);
        let mut events: Vec<Event> = arrivals.into_iter().map(|(_, event)| event).collect();
        events.push(Event::Call(closing()));
        events
    }

    /// The events of the calls' first ten minutes, with no later one that would close any.
    pub(super) fn calls_of_ten_minutes(&self) -> Vec<Event> {
        let mut told = Vec::new();
        self.calls
            .iter()
            .enumerate()
            .for_each(|(number, call)| Happened { joined: call.joined % 600_000, ..call.clone() }.tell(number, &mut told));
        let early = |(known, _): &(i64, CallEvent)| *known < 600_000;
        let mut events: Vec<Event> = told.into_iter().filter(early).map(|(_, event)| Event::Call(event)).collect();
        if events.is_empty() {
            events.push(Event::Call(closing()));
        }
        events
    }
}

/// An event of a call that counts nowhere, late enough to close all others.
fn closing() -> CallEvent {
    let stay = Stay { queue: 0, wait: 0, handled: None };
    CallEvent { queue: None, agent: None, ..event(usize::MAX, (0, &stay), 86_400_000, CallEventKind::Offered) }
}
