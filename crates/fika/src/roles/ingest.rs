//! The role `ingest`: counts events. Each batch's counters, state and dead letters are committed together with the offsets of its events.
//!
//! What is counted lives in memory between commits; after any error it is thrown away and rebuilt from the compacted topics.

mod decode;
mod line;

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use fika_bus::{Consumer, Error, Outgoing, Record, TopicPartition};
use fika_engine::{Counted, Ingest, IngestEffects, IngestSettings, Part, Rebuild, Stream};
use fika_model::Faults;
use fika_model::event::CallEventKind;
use fika_stats::{Outcome, Settings};
use fika_wire::records::{self, Stamp};
use fika_wire::topics;

use super::{Role, Shared, as_member, changes, groups};
use crate::config::IngestConfig;
use crate::traffic;
use decode::Decoder;
use line::{Decoded, Line};

/// Who says what this role says.
const SOURCE: &str = "/fika/ingest";
const TOPICS: [&str; 2] = [topics::CALLS, topics::AGENTS];
/// How long is waited for events before a look whether the process is to end.
const WAIT: Duration = Duration::from_millis(250);

pub(super) fn session(shared: &Shared) -> Result<(), Error> {
    shared.ensure_topics()?;
    let consumer = shared.bus.subscribe(groups::INGEST, &TOPICS)?;
    as_member(Role::Ingest, consumer, |consumer| count(shared, consumer))
}

fn count(shared: &Shared, consumer: &mut dyn Consumer) -> Result<(), Error> {
    let decoder = Decoder::new(&shared.config.ingest.queues);
    thread::scope(|scope| count_on(shared, consumer, Line::start(scope, &decoder)))
}

fn count_on(shared: &Shared, consumer: &mut dyn Consumer, mut line: Line) -> Result<(), Error> {
    let config = &shared.config.ingest;
    let mut ingest = Ingest::new(settings(config));
    let mut begins = true;
    let mut batch = Decoded::default();
    while !shared.stop.is_set() {
        if batch.records == 0 {
            consumer.poll_each(config.batch, WAIT, &mut |shown| line.take(shown))?;
            batch = line.finish();
        }
        if let Some((assigned, revoked)) = changes(consumer, &mut begins) {
            revoked.iter().filter_map(|(topic, partition)| part_of(topic, *partition)).for_each(|part| ingest.revoke(part));
            ingest.assign(rebuild(shared, &assigned)?);
        }
        shared.works(Role::Ingest);
        if batch.records > 0 {
            batch = take_in(shared, &mut ingest, consumer, &mut line, batch)?;
        }
    }
    Ok(())
}

fn settings(config: &IngestConfig) -> IngestSettings {
    let fold = Settings {
        interval: config.interval,
        threshold_ms: config.threshold.as_millis() as i64,
        short_abandon_ms: config.short_abandon.as_millis() as i64,
        lost_end_after_ms: config.lost_end_after.as_millis() as i64,
        keep_after_end_ms: config.keep_after_end.as_millis() as i64,
        ..Settings::default()
    };
    IngestSettings { fold, ..IngestSettings::default() }
}

/// The partition as the engine names it.
fn part_of(topic: &str, partition: i32) -> Option<Part> {
    let stream = match topic {
        topics::CALLS => Stream::Calls,
        topics::AGENTS => Stream::Agents,
        _ => return None,
    };
    Some(Part { stream, partition })
}

/// Gathers what partitions were left with. A record that cannot be read is passed over and logged: counting goes on without it.
fn rebuild(shared: &Shared, assigned: &[TopicPartition]) -> Result<Rebuild, Error> {
    let settings = settings(&shared.config.ingest);
    let mut rebuild = Rebuild::of(&settings, assigned.iter().filter_map(|(topic, partition)| part_of(topic, *partition)));
    if assigned.is_empty() {
        return Ok(rebuild);
    }
    tracing::info!(partitions = assigned.len(), "the state of these partitions is read");
    let mut passed_over = 0_u64;
    let mut scan = |topic: &str, each: &mut dyn FnMut(&str, &Record) -> bool| {
        shared.bus.scan(topic, &mut |record| {
            let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
            passed_over += u64::from(!key.is_some_and(|key| each(key, &record)));
            ControlFlow::Continue(())
        })
    };
    scan(topics::INGEST_STATE, &mut |key, record| rebuild.state(key, record.value.as_deref()).is_ok())?;
    scan(topics::INTERVALS, &mut |key, record| {
        let Some(value) = record.value.as_deref() else { return true };
        match records::read_interval(&record.headers, value) {
            Ok((cell, counters)) => rebuild.counters(key, cell, counters).is_ok(),
            Err(_) => false,
        }
    })?;
    if passed_over > 0 {
        tracing::warn!(records = passed_over, "state or counters that cannot be read were passed over");
    }
    tracing::info!(partitions = assigned.len(), "counting goes on where it was left");
    Ok(rebuild)
}

/// Counts a batch and commits what came of it; meanwhile the next one is read and decoded, which is the answer.
fn take_in(
    shared: &Shared,
    ingest: &mut Ingest,
    consumer: &mut dyn Consumer,
    line: &mut Line,
    mut batch: Decoded,
) -> Result<Decoded, Error> {
    let begin = Instant::now();
    // What is thrown away is read again.
    let again = || Error::Fenced { group: groups::INGEST.to_owned() };
    let effects = ingest.step(traffic::now().as_millisecond(), &batch.events).map_err(|_| again())?;
    batch.set_aside(&effects.refused).ok_or_else(again)?;
    let (outputs, seen) = (outputs(&effects, &batch.dead), Seen::of(&batch));
    let (counted, out, taken, unknown) = (Instant::now(), outputs.len(), batch.records, batch.unknown);
    // The next batch takes its place in memory.
    drop(batch);
    let committed = consumer.commit_and_poll(outputs, shared.config.ingest.batch, WAIT, &mut |shown| line.take(shown));
    let next = line.finish();
    match committed {
        Ok(()) => {
            let (count_ms, commit_ms) = ((counted - begin).as_millis(), counted.elapsed().as_millis());
            tracing::debug!(records = taken, outputs = out, count_ms, commit_ms, "a batch is committed");
            shared.metrics.observe_unknown("fika", unknown);
            observe(shared, &effects, &seen);
            Ok(next)
        }
        Err(Error::Fenced { .. }) => {
            // Nothing was committed, and the records come again from where the group stands; what is given up is told by then.
            tracing::info!(records = taken, "the group changed during a commit; these events are read again");
            ingest.take_back(effects);
            Ok(Decoded::default())
        }
        Err(error) => Err(error),
    }
}

fn outputs(effects: &IngestEffects, dead: &[(Record, Faults)]) -> Vec<Outgoing> {
    let mut outputs = Vec::with_capacity(effects.counters.len() + effects.states.len() + dead.len());
    // One stamp for all, with a number each: fresh ids cost more than the counters.
    let (id, at) = (traffic::fresh_id(), traffic::now());
    for (number, Counted { part, cell, counters }) in effects.counters.iter().enumerate() {
        let stamp = Stamp { id: &format!("{id}/{number}"), source: SOURCE, at };
        let mut record = traffic::outgoing(records::interval(cell, counters, &stamp));
        record.key = Some(part.counter_key(&records::interval_key(cell)).into_bytes());
        outputs.push(record);
    }
    let state = |(key, state): &(fika_engine::StateRecordKey, Option<Vec<u8>>)| {
        traffic::outgoing(records::ingest_state(key.to_string(), state.clone()))
    };
    outputs.extend(effects.states.iter().map(state));
    outputs.extend(dead.iter().map(|(record, faults)| traffic::dead_letter(record, faults)));
    outputs
}

/// What is told of a batch once it is committed.
struct Seen {
    /// How many events each topic brought.
    read: [(&'static str, u64); 2],
    /// Of each record that was set aside: topic, partition and offset.
    dead: Vec<(String, i32, i64, Faults)>,
}

impl Seen {
    fn of(batch: &Decoded) -> Self {
        let count = |stream: Stream| batch.events.iter().filter(|(part, _)| part.stream == stream).count() as u64;
        let place = |(record, faults): &(Record, Faults)| (record.topic.clone(), record.partition, record.offset, faults.clone());
        Self {
            read: [(topics::CALLS, count(Stream::Calls)), (topics::AGENTS, count(Stream::Agents))],
            dead: batch.dead.iter().map(place).collect(),
        }
    }
}

fn observe(shared: &Shared, effects: &IngestEffects, seen: &Seen) {
    let metrics = &shared.metrics;
    for (outcome, events) in &effects.outcomes {
        let name = match outcome {
            Outcome::Applied => "counted",
            Outcome::Duplicate => "duplicate",
            Outcome::TooLate(_) => "too_late",
            Outcome::Excess => "excess",
        };
        metrics.events.with_label_values(&[name]).inc_by(*events);
    }
    let late: u64 = effects.late_calls.values().sum::<u64>() + effects.late_agents;
    if late > 0 {
        tracing::warn!(events = late, "events came too late and are not counted");
    }
    for (topic, events) in &seen.read {
        metrics.events_read.with_label_values(&[topic]).inc_by(*events);
    }
    for (kind, events) in &effects.late_calls {
        metrics.too_late.with_label_values(&[kind_name(*kind)]).inc_by(*events);
    }
    metrics.too_late.with_label_values(&["agent.state_changed"]).inc_by(effects.late_agents);
    for (topic, partition, offset, faults) in &seen.dead {
        let code = faults.0.first().map_or("", |fault| fault.code.code());
        metrics.dead_letters.with_label_values(&[code]).inc();
        tracing::debug!(topic, partition, offset, %faults, "set aside");
    }
    metrics.counters_published.inc_by(effects.counters.len() as u64);
    for Counted { part, cell, counters } in &effects.counters {
        metrics.observe_counters(&part.to_string(), cell, counters);
    }
}

/// The kind of an event as the contract names it.
const fn kind_name(kind: CallEventKind) -> &'static str {
    match kind {
        CallEventKind::Queued => "call.queued",
        CallEventKind::Offered => "call.offered",
        CallEventKind::Connected => "call.connected",
        CallEventKind::Held => "call.held",
        CallEventKind::Resumed => "call.resumed",
        CallEventKind::Transferred => "call.transferred",
        CallEventKind::Ended => "call.ended",
        CallEventKind::Abandoned => "call.abandoned",
        CallEventKind::WrapupEnded => "call.wrapup_ended",
        CallEventKind::Completed => "call.completed",
    }
}
