//! Ingest: events become counters, whatever their order and however often they come.

use fika_model::event::{AgentEvent, AgentState, CallEvent};
use fika_model::{AgentId, CallId, QueueId};
use proptest::prelude::*;

use super::*;

/// 2023-11-06T00:00:00Z.
const T0: EpochMs = 1_699_228_800_000;

fn part(stream: Stream, partition: i32) -> Part {
    Part { stream, partition }
}

fn call(n: usize, at_s: i64, kind: CallEventKind) -> Event {
    Event::Call(CallEvent {
        event_id: format!("{n}-{kind:?}"),
        source: "acd".into(),
        call_id: CallId::new(format!("call/{n}")).expect("an id"),
        kind,
        occurred_at_ms: T0 + at_s * 1000,
        queue: Some(QueueId::new("q|1").expect("an id")),
        agent: None,
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    })
}

fn agent(n: usize, at_s: i64, state: AgentState) -> Event {
    let queues = vec![QueueId::new("q|1").expect("an id")];
    let agent = AgentId::new(format!("agent/{n}")).expect("an id");
    let (event_id, source, reason_code) = (format!("{n}-{at_s}"), "acd".into(), String::new());
    Event::Agent(AgentEvent { event_id, source, agent, state, occurred_at_ms: T0 + at_s * 1000, reason_code, queues })
}

/// The two topics as a bus would hold them.
#[derive(Default)]
struct Bus {
    counters: BTreeMap<String, (IntervalKey, IntervalCounters)>,
    states: BTreeMap<String, Vec<u8>>,
}

impl Bus {
    fn commit(&mut self, effects: &IngestEffects) {
        for counted in &effects.counters {
            let cell = format!("{}|{}|15", counted.cell.queue, counted.cell.start);
            self.counters.insert(counted.part.counter_key(&cell), (counted.cell.clone(), counted.counters));
        }
        for (key, state) in &effects.states {
            match state {
                Some(bytes) => self.states.insert(key.to_string(), bytes.clone()),
                None => self.states.remove(&key.to_string()),
            };
        }
    }

    fn rebuild(&self, parts: impl IntoIterator<Item = Part>) -> Rebuild {
        let mut rebuild = Rebuild::of(&IngestSettings::default(), parts);
        for (key, bytes) in &self.states {
            rebuild.state(key, Some(bytes)).expect("readable state");
        }
        for (key, (cell, counters)) in &self.counters {
            rebuild.counters(key, cell.clone(), *counters).expect("a readable key");
        }
        rebuild
    }

    fn total(&self) -> IntervalCounters {
        let mut sum = IntervalCounters::default();
        self.counters.values().for_each(|(_, counters)| sum.accumulate(counters, 1));
        sum
    }
}

fn machine(parts: &[Part]) -> Ingest {
    let mut ingest = Ingest::new(IngestSettings::default());
    ingest.assign(Rebuild::of(&IngestSettings::default(), parts.iter().copied()));
    ingest
}

const NOW: EpochMs = T0 + 30 * 86_400_000;

#[test]
fn partitions_have_their_own_watermark_and_their_own_part_of_a_cell() {
    let (one, two) = (part(Stream::Calls, 1), part(Stream::Calls, 2));
    let mut ingest = machine(&[one, two]);
    let mut bus = Bus::default();
    // Partition 2 is weeks behind partition 1 when both catch up.
    let ahead = [(one, call(1, 20 * 86_400, CallEventKind::Connected)), (two, call(2, 0, CallEventKind::Connected))];
    bus.commit(&ingest.step(NOW, &ahead).expect("assigned"));
    let same_cell = [(two, call(3, 20 * 86_400, CallEventKind::Connected))];
    bus.commit(&ingest.step(NOW, &same_cell).expect("assigned"));
    assert_eq!(bus.total().answered, 3);
    assert_eq!(bus.counters.len(), 3, "one cell has two parts");
    assert_eq!(ingest.watermark_ms(), Some(T0 + 20 * 86_400_000));
}

#[test]
fn what_is_not_assigned_is_an_error_and_changes_nothing() {
    let (one, two) = (part(Stream::Calls, 1), part(Stream::Calls, 2));
    let mut ingest = machine(&[one]);
    let batch = [(one, call(1, 0, CallEventKind::Connected)), (two, call(2, 0, CallEventKind::Connected))];
    assert_eq!(ingest.step(NOW, &batch), Err(Unassigned { part: two }));
    assert_eq!(ingest.step(NOW, &[]), Ok(IngestEffects::default()));
    ingest.revoke(one);
    assert_eq!(ingest.step(NOW, &batch[..1]), Err(Unassigned { part: one }));
}

#[test]
fn events_ahead_of_the_clock_are_refused() {
    let one = part(Stream::Calls, 0);
    let at = |ahead_s: i64| {
        let mut ingest = machine(&[one]);
        ingest.step(T0, &[(one, call(1, 0, CallEventKind::Queued)), (one, call(2, ahead_s, CallEventKind::Queued))]).expect("assigned")
    };
    assert!(at(86_400).refused.is_empty());
    let refused = at(86_401).refused;
    assert_eq!(refused.iter().map(|(position, fault)| (*position, fault.code)).collect::<Vec<_>>(), [(1, FaultCode::BadTime)]);
    assert_eq!(at(86_401).outcomes[&Outcome::Applied], 1);
}

#[test]
fn late_events_are_told_by_kind() {
    let (calls, agents) = (part(Stream::Calls, 0), part(Stream::Agents, 0));
    let mut ingest = machine(&[calls, agents]);
    let batch = [
        (calls, call(1, 86_400, CallEventKind::Queued)),
        (calls, call(2, 0, CallEventKind::Ended)),
        (agents, agent(1, 86_400, AgentState::Ready)),
        (agents, agent(1, 0, AgentState::Ready)),
    ];
    let effects = ingest.step(NOW, &batch).expect("assigned");
    assert_eq!(effects.late_calls, BTreeMap::from([(CallEventKind::Ended, 1)]));
    assert_eq!(effects.late_agents, 1);
}

#[test]
fn keys_are_read_as_they_are_written() {
    for text in ["calls/3/call/a/b|c", "agents/0/agent/x", "calls/11/mark"] {
        assert_eq!(text.parse::<StateRecordKey>().map(|key| key.to_string()), Ok(text.to_owned()));
    }
    for text in ["", "calls", "calls/3", "calls/-1/mark", "calls/3/mark/x", "trunks/3/mark", "calls/3/call/", "calls/x/mark"] {
        assert!(text.parse::<StateRecordKey>().is_err(), "{text}");
    }
    let key = part(Stream::Agents, 7).counter_key("q|1|2023-11-06T00:00:00Z|15");
    assert_eq!(Part::of_counter_key(&key), Ok(part(Stream::Agents, 7)));
    assert!(Part::of_counter_key("q|1|2023-11-06T00:00:00Z|15").is_err());
}

#[test]
fn counters_that_can_change_no_more_are_not_kept() {
    let one = part(Stream::Calls, 0);
    let settings = IngestSettings::default();
    let mark = fika_stats::OpenState::Watermarks(fika_stats::Watermarks { calls: Some(NOW), agents: None });
    let kept = |start_ms: i64| {
        let mut rebuild = Rebuild::of(&settings, [one]);
        rebuild.state("calls/0/mark", Some(&mark.encode())).expect("readable state");
        let start = timestamp_of(start_ms);
        let cell = IntervalKey { queue: QueueId::new("q").expect("an id"), start, length: settings.fold.interval };
        rebuild.counters(&one.counter_key("q|t|15"), cell, IntervalCounters::default()).expect("a readable key");
        rebuild.into_parts().map(|(_, _, counters)| counters.len()).sum::<usize>()
    };
    let edge = NOW - settings.fold.reach_ms() - 900_000;
    assert_eq!((kept(edge), kept(edge + 1)), (0, 1));
}

#[test]
fn unreadable_state_is_named() {
    let mut rebuild = Rebuild::of(&IngestSettings::default(), [part(Stream::Calls, 0)]);
    assert!(matches!(rebuild.state("calls/0/mark", Some(&[9])), Err(RebuildError::State { .. })));
    assert!(matches!(rebuild.state("nonsense", Some(&[9])), Err(RebuildError::Key(_))));
    assert_eq!(rebuild.state("calls/1/mark", Some(&[9])), Ok(()), "another's state is not looked at");
    assert!(rebuild.wants(part(Stream::Calls, 0)) && !rebuild.wants(part(Stream::Calls, 1)));
}

/// A call or an agent's hour, as events of one partition each.
fn stories() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let call_story =
        (0..7200_i64, 0..60_i64, 0..600_i64, any::<bool>()).prop_map(|(joined, wait, talk, answered)| (joined, wait, talk, answered));
    proptest::collection::vec(call_story, 1..30).prop_map(|stories| {
        let tell = |(n, (joined, wait, talk, answered)): (usize, (i64, i64, i64, bool))| {
            let mut events = vec![call(n, joined, CallEventKind::Queued)];
            if answered {
                events.push(call(n, joined + wait, CallEventKind::Connected));
                events.push(call(n, joined + wait + talk, CallEventKind::Ended));
                events.push(agent(n % 3, joined + wait, AgentState::Talking));
                events.push(agent(n % 3, joined + wait + talk, AgentState::Ready));
            } else {
                events.push(call(n, joined + wait, CallEventKind::Abandoned));
            }
            events
        };
        stories.into_iter().enumerate().map(tell).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Batches that are lost with their process are counted again by the next one; members come and go; nothing is counted twice.
    #[test]
    fn crashes_and_moves_leave_no_trace(stories in stories(), crashes in proptest::collection::vec((any::<bool>(), 1..20_usize), 1..40)) {
        let of = |event: &Event| match event {
            Event::Call(call) => part(Stream::Calls, i32::from(call.call_id.as_str().ends_with(['1', '3', '5', '7', '9']))),
            Event::Agent(_) => part(Stream::Agents, 0),
        };
        let parts = [part(Stream::Calls, 0), part(Stream::Calls, 1), part(Stream::Agents, 0)];
        let mut events: Vec<Event> = stories.into_iter().flatten().collect();
        events.sort_by_key(|event| match event {
            Event::Call(call) => call.occurred_at_ms,
            Event::Agent(agent) => agent.occurred_at_ms,
        });
        let events: Vec<(Part, Event)> = events.into_iter().map(|event| (of(&event), event)).collect();
        let mut calm = Bus::default();
        calm.commit(&machine(&parts).step(NOW, &events).expect("assigned"));

        let mut bus = Bus::default();
        let mut ingest = machine(&parts);
        let mut committed = 0;
        for (crash, batch) in crashes.iter().cycle().take(400) {
            let end = (committed + batch).min(events.len());
            let effects = ingest.step(NOW, &events[committed..end]).expect("assigned");
            if *crash {
                // The commit did not come through. Another process takes up one partition, this one begins again with the others.
                ingest = Ingest::new(IngestSettings::default());
                ingest.assign(bus.rebuild(parts[..1].iter().copied()));
                ingest.assign(bus.rebuild(parts[1..].iter().copied()));
            } else {
                bus.commit(&effects);
                committed = end;
            }
            if committed == events.len() {
                break;
            }
        }
        if committed == events.len() {
            prop_assert_eq!(bus.counters, calm.counters);
        }
    }
}
