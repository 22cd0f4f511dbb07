//! The role `forecast`: forecasts the queues of requests whose demand comes from history, once that history is counted.
//!
//! A request waits until `ingest` has committed all events that were on the bus when the request was read. What is waited for is in memory
//! only: it is found again by scanning requests, forecasts and statuses, so offsets are committed as soon as a request is read. What is
//! said is committed as a member of the group, so that one whose request has gone to another says nothing more.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use fika_bus::{Consumer, Error, Lag, Outgoing, Record, TopicPartition};
use fika_model::demand::DemandSource;
use fika_model::status::{Phase, Progress, State, Status};
use fika_model::{IntervalCounters, IntervalKey, Request, RequestId};
use fika_wire::{records, topics};

use super::{Role, Shared, as_member, changes, groups};
use crate::traffic;

/// Who says what this role says.
const SOURCE: &str = "/fika/forecast";
/// How often those who wait are told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// A request whose history is being counted.
struct Waiting {
    request: Request,
    /// Where the topics of events ended when the request was read.
    ends: BTreeMap<TopicPartition, i64>,
    /// Events that were to be counted at first.
    total: i64,
    told: Option<Instant>,
}

/// How much of what a request waits for is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum History {
    Counted,
    /// So many events are left.
    Left(i64),
}

pub(super) fn session(shared: &Shared) -> Result<(), Error> {
    shared.ensure_topics()?;
    let consumer = shared.bus.subscribe(groups::FORECAST, &[topics::REQUESTS])?;
    as_member(Role::Forecast, consumer, |consumer| attend(shared, consumer))
}

fn attend(shared: &Shared, consumer: &mut dyn Consumer) -> Result<(), Error> {
    let mut waiting: BTreeMap<RequestId, Waiting> = BTreeMap::new();
    let mut begins = true;
    while !shared.stop.is_set() {
        let records = consumer.poll(64, if waiting.is_empty() { Duration::from_millis(500) } else { Duration::from_millis(100) })?;
        shared.works(Role::Forecast);
        if changes(consumer, &mut begins).is_some() {
            waiting = left_undone(shared, &consumer.assignment())?;
        }
        for record in &records {
            if let Some(request) = from_history(record) {
                admit(shared, &mut waiting, request)?;
            }
        }
        let outputs = serve(shared, &mut waiting)?;
        if !records.is_empty() || !outputs.is_empty() {
            consumer.commit(outputs)?;
        }
    }
    Ok(())
}

/// The request of a record, if its demand comes from history. What cannot be read is the planner's to answer.
fn from_history(record: &Record) -> Option<Request> {
    let request = records::read_request(&record.headers, record.value.as_deref()?).ok()?;
    matches!(request.demand, DemandSource::History { .. }).then_some(request)
}

/// Requests of these partitions that have neither all their forecasts nor a final status.
fn left_undone(shared: &Shared, assigned: &[TopicPartition]) -> Result<BTreeMap<RequestId, Waiting>, Error> {
    let mut closed: BTreeMap<RequestId, bool> = BTreeMap::new();
    scan(shared, topics::STATUS, &mut |record, value| {
        if let Ok(status) = records::read_status(&record.headers, value) {
            closed.insert(status.request, status.state.is_final());
        }
    })?;
    let mut done: BTreeMap<RequestId, BTreeSet<String>> = BTreeMap::new();
    scan(shared, topics::FORECASTS, &mut |record, value| {
        if let Ok((request, forecast)) = records::read_forecast(&record.headers, value) {
            done.entry(request).or_default().insert(forecast.queue.to_string());
        } else if let Ok(Status { request, state, .. }) = records::read_status(&record.headers, value) {
            closed.insert(request, state.is_final());
        }
    })?;
    let mut open = BTreeMap::new();
    scan(shared, topics::REQUESTS, &mut |record, _| {
        let ours = assigned.iter().any(|(topic, partition)| *topic == record.topic && *partition == record.partition);
        if let Some(request) = from_history(record).filter(|_| ours) {
            open.insert(request.id.clone(), request);
        }
    })?;
    let mut waiting = BTreeMap::new();
    for (id, request) in open {
        let has = |queue: &str| done.get(&id).is_some_and(|queues| queues.contains(queue));
        let forecast = request.queues.iter().all(|queue| has(queue.id.as_str()));
        if !forecast && !closed.get(&id).copied().unwrap_or(false) {
            admit(shared, &mut waiting, request)?;
        }
    }
    Ok(waiting)
}

/// Shows all records of a topic that have a value.
fn scan(shared: &Shared, topic: &str, each: &mut dyn FnMut(&Record, &[u8])) -> Result<(), Error> {
    shared.bus.scan(topic, &mut |record| {
        if let Some(value) = record.value.as_deref() {
            each(&record, value);
        }
        ControlFlow::Continue(())
    })
}

fn events_lag(shared: &Shared) -> Result<Vec<Lag>, Error> {
    shared.bus.lag(groups::INGEST, &[topics::CALLS, topics::AGENTS])
}

/// Notes where the events end now: that much must be counted before the request is forecast.
fn admit(shared: &Shared, waiting: &mut BTreeMap<RequestId, Waiting>, request: Request) -> Result<(), Error> {
    let lags = events_lag(shared)?;
    let total = lags.iter().map(|lag| lag.behind).sum();
    let ends = lags.into_iter().map(|lag| ((lag.topic, lag.partition), lag.end)).collect();
    tracing::info!(request = request.id.as_str(), events = total, "the request waits for its history to be counted");
    waiting.entry(request.id.clone()).or_insert(Waiting { request, ends, total, told: None });
    Ok(())
}

/// What is left to be counted of what had come before `ends`.
fn counted(ends: &BTreeMap<TopicPartition, i64>, lags: &[Lag]) -> History {
    let left = |lag: &Lag| {
        let end = ends.get(&(lag.topic.clone(), lag.partition)).copied().unwrap_or(0);
        if lag.behind == 0 || end == 0 { 0 } else { (end - lag.committed.unwrap_or(0)).clamp(0, lag.behind) }
    };
    match lags.iter().map(left).sum() {
        0 => History::Counted,
        left => History::Left(left),
    }
}

/// What to tell those who wait: how far it is, and the forecasts of those whose history is counted.
fn serve(shared: &Shared, waiting: &mut BTreeMap<RequestId, Waiting>) -> Result<Vec<Outgoing>, Error> {
    let mut outputs = Vec::new();
    if waiting.is_empty() {
        return Ok(outputs);
    }
    let lags = events_lag(shared)?;
    let mut ready = Vec::new();
    for (id, entry) in waiting.iter_mut() {
        match counted(&entry.ends, &lags) {
            History::Counted => ready.push(id.clone()),
            History::Left(left) if entry.told.is_none_or(|told| told.elapsed() > TELL_EVERY) => {
                entry.told = Some(Instant::now());
                let done = 1.0 - left as f64 / entry.total.max(left) as f64;
                outputs.push(told(id, Phase::History, done));
            }
            History::Left(_) => {}
        }
    }
    if ready.is_empty() {
        return Ok(outputs);
    }
    let cells = history(shared)?;
    for id in ready {
        if let Some(entry) = waiting.remove(&id) {
            outputs.extend(forecasts(&entry.request, &cells));
        }
    }
    Ok(outputs)
}

fn told(id: &RequestId, phase: Phase, done: f64) -> Outgoing {
    status(id, State::Progress(Progress { phase, done, steps: 0, score: None, shortfall_minutes: None }))
}

fn status(id: &RequestId, state: State) -> Outgoing {
    let status = Status { request: id.clone(), at: traffic::now(), state };
    traffic::outgoing(traffic::stamped(SOURCE, |stamp| records::status(&status, stamp)))
}

/// All counters on the bus: of each record key, which names cell and partition, the latest. Those of one cell add up.
fn history(shared: &Shared) -> Result<Vec<(IntervalKey, IntervalCounters)>, Error> {
    let mut parts = BTreeMap::new();
    scan(shared, topics::INTERVALS, &mut |record, value| match records::read_interval(&record.headers, value) {
        Ok(counted) => {
            parts.insert(record.key.clone(), counted);
        }
        Err(faults) => tracing::warn!(offset = record.offset, %faults, "counters that cannot be read; the forecast does without them"),
    })?;
    Ok(parts.into_values().collect())
}

/// The forecasts of all queues together, or why there are none.
fn forecasts(request: &Request, cells: &[(IntervalKey, IntervalCounters)]) -> Vec<Outgoing> {
    let forecasts = match fika_engine::forecasts(cells, request) {
        Ok(forecasts) => forecasts,
        Err(faults) => {
            tracing::warn!(request = request.id.as_str(), %faults, "no forecast can be made");
            // The planner has the last word on a request: somebody may just be cancelling it.
            let told = status(&request.id, State::Failed { faults });
            return vec![Outgoing { topic: topics::FORECASTS.to_owned(), ..told }];
        }
    };
    tracing::info!(request = request.id.as_str(), cells = cells.len(), queues = forecasts.len(), "forecast");
    let record = |forecast| traffic::outgoing(traffic::stamped(SOURCE, |stamp| records::forecast(&request.id, forecast, stamp)));
    std::iter::once(told(&request.id, Phase::Forecast, 1.0)).chain(forecasts.iter().map(record)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(partition: i32, committed: Option<i64>, end: i64, behind: i64) -> Lag {
        Lag { topic: topics::CALLS.to_owned(), partition, committed, end, behind }
    }

    fn check(ends: &[i64], lags: &[Lag], expect: History) {
        let ends = ends.iter().enumerate().map(|(n, end)| ((topics::CALLS.to_owned(), n as i32), *end)).collect();
        assert_eq!(counted(&ends, lags), expect);
    }

    #[test]
    fn only_what_was_there_when_the_request_came_is_waited_for() {
        check(&[10], &[lag(0, Some(9), 10, 1)], History::Left(1));
        check(&[10], &[lag(0, Some(10), 500, 490)], History::Counted);
        check(&[10], &[lag(0, None, 10, 10)], History::Left(10));
        check(&[0], &[lag(0, None, 0, 0)], History::Counted);
        check(&[10, 5], &[lag(0, Some(4), 10, 6), lag(1, Some(5), 5, 0)], History::Left(6));
    }

    #[test]
    fn a_tail_of_control_records_is_nothing_to_wait_for() {
        check(&[10], &[lag(0, Some(9), 10, 0)], History::Counted);
    }
}
