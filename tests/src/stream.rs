//! A made-up ACD of any length: whole calls and agents' states in order, and the same as a feed brings it: twice, late, and with garbage.
//!
//! Everything follows from the seed. The calm stream and the feed tell the same story, so both must be counted alike.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use fika_bus::Outgoing;
use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, EpochMs, Event, timestamp_of};
use fika_model::{AgentId, CallId, IntervalCounters, IntervalKey, IntervalLength, QueueId};
use fika_stats::{OpenState, Watermarks};
use fika_wire::records::Stamp;
use fika_wire::{convert, records};
use prost::Message;

/// 2025-01-06T00:00:00Z.
const BEGIN_MS: EpochMs = 1_736_121_600_000;
/// A call begins so often.
const SPACING_MS: i64 = 2_000;
/// A feed's events come less than this out of order.
pub const DISORDER_MS: i64 = 120_000;
const QUEUES: u64 = 12;
const AGENTS: u64 = 300;
/// The calls of which the agent's states are told, too: one in so many.
const TOLD: u64 = 4;

/// Which noise a feed has, in events of a million.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Events that come once more.
    pub duplicates: u64,
    /// Records that are no events.
    pub garbage: u64,
}

/// A stream of calls.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// What everything follows from.
    pub seed: u64,
    /// How many calls.
    pub calls: u64,
}

/// Numbers that look random: `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same for the same seed and purpose.
    pub const fn new(seed: u64, purpose: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// A number below `bound`.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn queue(n: u64) -> QueueId {
    QueueId::new(format!("queue-{n:02}")).expect("an id")
}

fn agent(n: u64) -> AgentId {
    AgentId::new(format!("agent-{n:03}")).expect("an id")
}

fn agent_event(n: u64, at_ms: EpochMs, state: AgentState) -> Event {
    Event::Agent(AgentEvent {
        event_id: format!("{n}-{at_ms}-{state:?}"),
        source: "/acd/one".to_owned(),
        agent: agent(n),
        state,
        occurred_at_ms: at_ms,
        reason_code: String::new(),
        queues: vec![queue(n % QUEUES), queue((n + 1) % QUEUES)],
    })
}

/// When a call of this key joined its queue; nothing for the key of anything else.
pub fn joined_ms(key: &[u8]) -> Option<EpochMs> {
    let n: i64 = std::str::from_utf8(key).ok()?.strip_prefix("call-")?.parse().ok()?;
    Some(BEGIN_MS + n * SPACING_MS)
}

/// How a feed writes its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A structured event.
    Json,
    /// Attributes in the headers, the data as protobuf.
    Protobuf,
}

fn json(event: &Event) -> Outgoing {
    outgoing(records::event(event))
}

fn outgoing(encoded: records::Encoded) -> Outgoing {
    Outgoing { topic: encoded.topic.to_owned(), key: encoded.key, value: encoded.value, headers: encoded.headers }
}

fn protobuf(event: &Event) -> Outgoing {
    let structured = json(event);
    let (id, at_ms, kind, value) = match event {
        Event::Call(call) => {
            let kind = match call.kind {
                CallEventKind::Queued => "call.queued",
                CallEventKind::Connected => "call.connected",
                CallEventKind::Ended => "call.ended",
                CallEventKind::Abandoned => "call.abandoned",
                _ => "call.wrapup_ended",
            };
            (&call.event_id, call.occurred_at_ms, kind, convert::call_event_message(call).encode_to_vec())
        }
        Event::Agent(agent) => {
            (&agent.event_id, agent.occurred_at_ms, "agent.state_changed", convert::agent_event_message(agent).encode_to_vec())
        }
    };
    let time = timestamp_of(at_ms).to_string();
    let headers = [
        ("content-type", "application/protobuf"),
        ("ce_specversion", "1.0"),
        ("ce_id", id),
        ("ce_source", "/acd/one"),
        ("ce_type", kind),
        ("ce_time", &time),
    ];
    let headers = headers.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    Outgoing { value: Some(value), headers, ..structured }
}

/// A whole call in a queue of its own, whose counters tell when it was counted.
pub fn probe(n: usize, at_ms: EpochMs) -> Outgoing {
    json(&Event::Call(CallEvent {
        event_id: format!("probe-{n}"),
        source: "/probe".to_owned(),
        call_id: CallId::new(format!("probe-{n}")).expect("an id"),
        kind: CallEventKind::Completed,
        occurred_at_ms: at_ms,
        queue: Some(QueueId::new(format!("probe-{n}")).expect("an id")),
        agent: None,
        wait_ms: Some(1_000),
        talk_ms: Some(1_000),
        hold_ms: Some(0),
        wrapup_ms: Some(0),
        answered: Some(true),
    }))
}

/// The watermarks of all partitions of calls, as `ingest` keeps them: the stream has come to the end of so many days.
pub fn watermarks(days: u64) -> Vec<Outgoing> {
    let calls = Some(BEGIN_MS + days as i64 * 86_400_000);
    let state = OpenState::Watermarks(Watermarks { calls, agents: None }).encode();
    (0..12).map(|n| outgoing(records::ingest_state(format!("calls/{n}/mark"), Some(state.clone())))).collect()
}

/// Counters as they lie on the bus after so many days of so many queues, open for so many intervals a day; one partition's part each.
pub fn history((queues, days, open): (u64, u64, u64)) -> impl Iterator<Item = Outgoing> {
    let stamp = Stamp { id: "1", source: "/fika/ingest", at: timestamp_of(BEGIN_MS) };
    let counters = IntervalCounters {
        offered: 12,
        answered: 11,
        answered_within: 9,
        abandoned: 1,
        handled: 11,
        talk_ms: 2_000_000,
        ..IntervalCounters::default()
    };
    (0..days).flat_map(move |day| {
        (32..32 + open).flat_map(move |quarter| {
            (0..queues).map(move |n| {
                let start = timestamp_of(BEGIN_MS + (day * 96 + quarter) as i64 * 900_000);
                let cell = IntervalKey {
                    queue: QueueId::new(format!("queue-{n:03}")).expect("an id"),
                    start,
                    length: IntervalLength::QUARTER_HOUR,
                };
                let mut record = outgoing(records::interval(&cell, &counters, &stamp));
                record.key = Some(format!("{}|calls/{}", records::interval_key(&cell), n % 12).into_bytes());
                record
            })
        })
    })
}

impl Stream {
    /// A stream of about so many events, before any noise.
    pub const fn of_events(seed: u64, events: u64) -> Self {
        Self { seed, calls: events * 100 / 438 }
    }

    /// The events of a call, in order.
    fn call(&self, n: u64) -> Vec<Event> {
        let mut dice = Dice::new(self.seed, n + 1);
        let joined = BEGIN_MS + n as i64 * SPACING_MS;
        let (wait, talk) = (dice.below(90_000) as i64, 20_000 + dice.below(400_000) as i64);
        let wrapup = dice.below(60_000) as i64;
        let (in_queue, by) = (queue(dice.below(QUEUES)), dice.below(AGENTS));
        let event = |kind: CallEventKind, at_ms: EpochMs, with_agent: bool| {
            Event::Call(CallEvent {
                event_id: format!("{n}-{kind:?}"),
                source: "/acd/one".to_owned(),
                call_id: CallId::new(format!("call-{n:08}")).expect("an id"),
                kind,
                occurred_at_ms: at_ms,
                queue: Some(in_queue.clone()),
                agent: with_agent.then(|| agent(by)),
                wait_ms: None,
                talk_ms: None,
                hold_ms: None,
                wrapup_ms: None,
                answered: None,
            })
        };
        let queued = event(CallEventKind::Queued, joined, false);
        if dice.below(100) < 15 {
            return vec![queued, event(CallEventKind::Abandoned, joined + wait, false)];
        }
        let (answer, end) = (joined + wait, joined + wait + talk);
        let mut events = vec![
            queued,
            event(CallEventKind::Connected, answer, true),
            event(CallEventKind::Ended, end, true),
            event(CallEventKind::WrapupEnded, end + wrapup, true),
        ];
        if n.is_multiple_of(TOLD) {
            events.push(agent_event(by, answer, AgentState::Talking));
            events.push(agent_event(by, end, AgentState::Wrapup));
            events.push(agent_event(by, end + wrapup, AgentState::Ready));
        }
        events
    }

    /// When the last agent goes home.
    fn end_ms(&self) -> EpochMs {
        BEGIN_MS + self.calls as i64 * SPACING_MS + 3_600_000
    }

    fn farewells(&self) -> Vec<Event> {
        (0..AGENTS).map(|n| agent_event(n, self.end_ms(), AgentState::LoggedOut)).collect()
    }

    /// All events in the order of their times, each once.
    pub fn calm(&self) -> impl Iterator<Item = Event> {
        Feed::new(*self, None).filter_map(|arrival| match arrival {
            Arrival::Event(event) => Some(event),
            Arrival::Garbage(_) => None,
        })
    }

    /// The records of a feed with this noise, and disorder inside two minutes.
    pub fn feed(&self, noise: Noise) -> impl Iterator<Item = Outgoing> {
        self.feed_as(noise, Form::Json)
    }

    /// The same in a form.
    pub fn feed_as(&self, noise: Noise, form: Form) -> impl Iterator<Item = Outgoing> {
        Feed::new(*self, Some(noise)).map(move |arrival| match arrival {
            Arrival::Event(event) if form == Form::Protobuf => protobuf(&event),
            Arrival::Event(event) => json(&event),
            Arrival::Garbage(n) => garbage(n),
        })
    }

    /// The values of the garbage in that feed.
    pub fn garbage(&self, noise: Noise) -> BTreeSet<Vec<u8>> {
        let garbage = Feed::new(*self, Some(noise)).filter_map(|arrival| match arrival {
            Arrival::Garbage(n) => self::garbage(n).value,
            Arrival::Event(_) => None,
        });
        garbage.collect()
    }
}

/// A record that is no event, each in its own way.
fn garbage(n: u64) -> Outgoing {
    let event = |time: &str, data: &str| {
        format!(r#"{{"specversion":"1.0","id":"g{n}","source":"/acd/one","type":"call.queued","time":"{time}","data":{data}}}"#)
    };
    let value = match n % 5 {
        0 => [b"\xff\xfe no text ".as_slice(), &n.to_be_bytes()].concat(),
        1 => format!(r#"{{"specversion":"1.0","id":"half-{n}"#).into_bytes(),
        2 => event("2025-01-06T00:00:00Z", r#"{"queueId":"queue-01"}"#).into_bytes(),
        3 => event("1970-01-06T00:00:00Z", r#"{"callId":"c","queueId":"queue-01"}"#).into_bytes(),
        _ => event("2025-01-06T00:00:00Z", r#"{"callId":"c","waitMs":"-1"}"#).into_bytes(),
    };
    let headers =
        vec![("trace".to_owned(), format!("g{n}").into_bytes()), ("content-type".to_owned(), b"application/cloudevents+json".to_vec())];
    let topic = if n.is_multiple_of(7) { "acd.agents" } else { "acd.calls" };
    Outgoing { topic: topic.to_owned(), key: Some(format!("g{n}").into_bytes()), value: Some(value), headers }
}

enum Arrival {
    Event(Event),
    Garbage(u64),
}

/// Something on its way: when it arrives, and the number that makes the order one.
struct Waiting {
    at: (EpochMs, u64),
    arrival: Arrival,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
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
        self.at.cmp(&other.at)
    }
}

struct Feed {
    stream: Stream,
    noise: Option<Noise>,
    dice: Dice,
    next_call: u64,
    sent: u64,
    on_the_way: BinaryHeap<Reverse<Waiting>>,
    ready: VecDeque<Arrival>,
}

impl Feed {
    fn new(stream: Stream, noise: Option<Noise>) -> Self {
        let dice = Dice::new(stream.seed, 0);
        Self { stream, noise, dice, next_call: 0, sent: 0, on_the_way: BinaryHeap::new(), ready: VecDeque::new() }
    }

    fn send(&mut self, events: Vec<Event>) {
        for event in events {
            let happened = match &event {
                Event::Call(call) => call.occurred_at_ms,
                Event::Agent(agent) => agent.occurred_at_ms,
            };
            let Some(noise) = self.noise else {
                self.push(happened, Arrival::Event(event));
                continue;
            };
            if self.dice.below(1_000_000) < noise.duplicates {
                let late = self.late();
                self.push(happened + late, Arrival::Event(event.clone()));
            }
            if self.dice.below(1_000_000) < noise.garbage {
                self.push(happened, Arrival::Garbage(self.sent));
            }
            let late = self.late();
            self.push(happened + late, Arrival::Event(event));
        }
    }

    fn late(&mut self) -> i64 {
        self.dice.below(DISORDER_MS as u64) as i64
    }

    fn push(&mut self, at: EpochMs, arrival: Arrival) {
        self.sent += 1;
        self.on_the_way.push(Reverse(Waiting { at: (at, self.sent), arrival }));
    }

    /// Takes everything that arrives before `until`.
    fn arrive(&mut self, until: EpochMs) {
        while self.on_the_way.peek().is_some_and(|Reverse(next)| next.at.0 < until) {
            self.ready.extend(self.on_the_way.pop().map(|Reverse(next)| next.arrival));
        }
    }
}

impl Iterator for Feed {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        while self.ready.is_empty() && self.next_call <= self.stream.calls {
            if self.next_call == self.stream.calls {
                self.send(self.stream.farewells());
                self.arrive(EpochMs::MAX);
            } else {
                self.arrive(BEGIN_MS + self.next_call as i64 * SPACING_MS);
                self.send(self.stream.call(self.next_call));
            }
            self.next_call += 1;
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOISE: Noise = Noise { duplicates: 50_000, garbage: 1_000 };

    #[test]
    fn the_feed_is_the_calm_stream_with_the_noise_that_was_asked_for() {
        let stream = Stream::of_events(7, 20_000);
        let calm: Vec<Event> = stream.calm().collect();
        assert!(calm.len().abs_diff(20_000) < 500, "{}", calm.len());
        let times: Vec<EpochMs> = calm.iter().map(time).collect();
        assert!(times.is_sorted());
        let feed: Vec<Outgoing> = stream.feed(NOISE).collect();
        let garbage = stream.garbage(NOISE);
        assert!((5..50).contains(&garbage.len()), "{}", garbage.len());
        let duplicates = feed.len() - calm.len() - garbage.len();
        assert!((800..1_200).contains(&duplicates), "{duplicates}");
        let distinct: BTreeSet<&Vec<u8>> =
            feed.iter().filter_map(|record| record.value.as_ref()).filter(|value| !garbage.contains(*value)).collect();
        assert_eq!(distinct.len(), calm.len());
    }

    fn time(event: &Event) -> EpochMs {
        match event {
            Event::Call(call) => call.occurred_at_ms,
            Event::Agent(agent) => agent.occurred_at_ms,
        }
    }

    #[test]
    fn the_same_seed_is_the_same_feed() {
        let records = |seed| Stream::of_events(seed, 500).feed(NOISE).collect::<Vec<_>>();
        assert_eq!(records(3), records(3));
        assert_ne!(records(3), records(4));
    }
}
