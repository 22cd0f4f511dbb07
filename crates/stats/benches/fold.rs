//! Events per second of the fold on one core: a stream of calls and agents as a busy centre sends it, taken in batches.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::io::Write;
use std::time::Instant;

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, Event};
use fika_model::{AgentId, CallId, QueueId};
use fika_stats::{Fold, Settings};

const CALLS: i64 = 100_000;
const BATCH: usize = 5_000;

/// A call every half second: queued, offered, connected, held, resumed, ended, wrap-up, and the agent's states with it.
fn stream() -> Vec<Event> {
    let queues: Vec<QueueId> = (0..10).filter_map(|n| QueueId::new(format!("queue-{n}")).ok()).collect();
    let mut timed = Vec::new();
    for n in 0..CALLS {
        let (Ok(call_id), Ok(agent)) = (CallId::new(format!("16992{n:08}.123")), AgentId::new(format!("agent-{}", n % 400))) else {
            continue;
        };
        let queue = &queues[n as usize % queues.len()];
        let joined_ms = 1_699_228_800_000 + n * 500;
        let mut call = |after_s: i64, kind: CallEventKind| {
            let event = CallEvent {
                event_id: format!("{n}-{after_s}"),
                source: "/acd/pbx-01".into(),
                call_id: call_id.clone(),
                kind,
                occurred_at_ms: joined_ms + after_s * 1000,
                queue: Some(queue.clone()),
                agent: Some(agent.clone()),
                wait_ms: None,
                talk_ms: None,
                hold_ms: None,
                wrapup_ms: None,
                answered: None,
            };
            timed.push((event.occurred_at_ms, Event::Call(event)));
        };
        call(0, CallEventKind::Queued);
        call(8, CallEventKind::Offered);
        call(12, CallEventKind::Connected);
        call(60, CallEventKind::Held);
        call(75, CallEventKind::Resumed);
        call(180, CallEventKind::Ended);
        call(200, CallEventKind::WrapupEnded);
        for (after_s, state) in [(8, AgentState::Reserved), (12, AgentState::Talking), (180, AgentState::Wrapup), (199, AgentState::Ready)]
        {
            let occurred_at_ms = joined_ms + after_s * 1000;
            let event_id = format!("a-{n}-{after_s}");
            let (source, reason_code, queues) = ("/acd/pbx-01".into(), String::new(), vec![queue.clone()]);
            timed.push((
                occurred_at_ms,
                Event::Agent(AgentEvent { event_id, source, agent: agent.clone(), state, occurred_at_ms, reason_code, queues }),
            ));
        }
    }
    timed.sort_by_key(|(at_ms, _)| *at_ms);
    timed.into_iter().map(|(_, event)| event).collect()
}

fn main() -> std::io::Result<()> {
    let events = stream();
    let mut out = std::io::stdout();
    for round in 1..=3 {
        let mut fold = Fold::new(Settings::default());
        let began = Instant::now();
        let (mut cells, mut states, mut bytes) = (0, 0, 0);
        for batch in events.chunks(BATCH) {
            for event in batch {
                fold.apply(event);
            }
            let changes = fold.take_counters();
            cells += changes.calls.len() + changes.agents.len();
        }
        let folded = began.elapsed();
        let mut fold = Fold::new(Settings::default());
        let began = Instant::now();
        for batch in events.chunks(BATCH) {
            for event in batch {
                fold.apply(event);
            }
            fold.take_counters();
            for (_, state) in fold.take_states() {
                states += 1;
                bytes += state.map_or(0, |state| state.encode().len());
            }
        }
        let with_state = began.elapsed();
        let rate = |elapsed: std::time::Duration| events.len() as f64 / elapsed.as_secs_f64() / 1e6;
        writeln!(
            out,
            "round {round}: {} events, {:.2} million events/s; {:.2} with state taken and encoded ({cells} cells, {states} states, {bytes} bytes)",
            events.len(),
            rate(folded),
            rate(with_state)
        )?;
    }
    Ok(())
}
