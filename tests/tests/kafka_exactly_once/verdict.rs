//! What must have come of the stream and of the requests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use fika_bus::{Bus, Outgoing, Record, TailFrom};
use fika_model::status::State;
use fika_model::{IntervalCounters, IntervalKey};
use fika_stats::{Fold, Settings};
use fika_tests::fleet::Fleet;
use fika_tests::stream::Stream;
use fika_wire::{records, topics};

use super::scan;

/// A day for twelve people that is solved in a moment.
const DAY: &str = include_str!("../../examples/day.json");
const STEPS: u64 = 200;

/// The records of the `n`th request: now and then one that comes twice, one that cannot be read, or another one of the same id.
pub(super) fn requests(n: usize) -> Vec<Outgoing> {
    let request = |text: String| Outgoing::new(topics::REQUESTS, format!("request-{n}"), text);
    let good = event(n, 1);
    match n % 6 {
        1 => vec![request(good.clone()), request(good)],
        3 => vec![request(good), request(event(n, 2))],
        5 => vec![request(format!("{{\"id\": \"request-{n}\", \"horizon\": 5"))],
        _ => vec![request(good)],
    }
}

/// The request as a structured event.
fn event(n: usize, seed: u64) -> String {
    let mut day: serde_json::Value = serde_json::from_str(DAY).expect("JSON");
    day["id"] = format!("request-{n}").into();
    day["seed"] = seed.to_string().into();
    day["budget"] = serde_json::json!({ "steps": STEPS.to_string() });
    serde_json::json!({
        "specversion": "1.0", "id": format!("{n}-{seed}"), "source": "/test", "type": "fika.v1.RosterRequest",
        "time": "2025-01-06T00:00:00Z", "datacontenttype": "application/json", "data": day
    })
    .to_string()
}

/// Waits until everything is counted and every request has an answer.
pub(super) fn await_the_end(bus: &dyn Bus, fleet: &Fleet, deadline: Instant) {
    let mut tail = bus.tail(&[topics::STATUS], TailFrom::Start).expect("it follows");
    let mut answered = BTreeSet::new();
    loop {
        for record in tail.poll(Duration::from_secs(1)).expect("it follows") {
            if status(&record).is_final() {
                answered.insert(record.key);
            }
        }
        // Nobody can tell it while offsets wait for the end of a dead member's transaction.
        let lag = bus.lag("fika-ingest", &[topics::CALLS, topics::AGENTS]).map(|lags| lags.iter().map(|lag| lag.behind).sum::<i64>());
        if lag == Ok(0) && answered.len() == super::REQUESTS {
            return;
        }
        let logs = || fleet.members().iter().map(fika_tests::fleet::Member::logged).collect::<Vec<_>>().join("\n---\n");
        assert!(Instant::now() < deadline, "{lag:?} events are left, answered are {answered:?}\n{}", logs());
    }
}

fn status(record: &Record) -> State {
    records::read_status(&record.headers, record.value.as_deref().expect("a status")).expect("a status can be read").state
}

/// Counters that are all zero say nothing.
fn telling(counters: BTreeMap<IntervalKey, IntervalCounters>) -> BTreeMap<IntervalKey, IntervalCounters> {
    counters.into_iter().filter(|(_, counters)| *counters != IntervalCounters::default()).collect()
}

/// The counters on the bus against one fold over the calm stream: in order, nothing twice, no partitions.
pub(super) fn counters_equal_the_offline_fold(bus: &dyn Bus, stream: Stream) {
    let mut fold = Fold::new(Settings::default());
    let mut expected: BTreeMap<IntervalKey, [IntervalCounters; 2]> = BTreeMap::new();
    let mut take = |fold: &mut Fold| {
        let changes = fold.take_counters();
        changes.calls.into_iter().for_each(|(cell, counters)| expected.entry(cell).or_default()[0] = counters);
        changes.agents.into_iter().for_each(|(cell, counters)| expected.entry(cell).or_default()[1] = counters);
    };
    for (n, event) in stream.calm().enumerate() {
        fold.apply(&event);
        if n % 10_000 == 0 {
            take(&mut fold);
        }
    }
    take(&mut fold);
    let add = |[mut calls, agents]: [IntervalCounters; 2]| {
        calls.accumulate(&agents, 1);
        calls
    };
    let expected = telling(expected.into_iter().map(|(cell, parts)| (cell, add(parts))).collect());

    let mut parts = BTreeMap::new();
    scan(bus, topics::INTERVALS, |record| {
        let value = record.value.as_deref().expect("counters");
        parts.insert(record.key, records::read_interval(&record.headers, value).expect("counters can be read"));
    });
    let mut found: BTreeMap<IntervalKey, IntervalCounters> = BTreeMap::new();
    for (cell, counters) in parts.into_values() {
        found.entry(cell).or_default().accumulate(&counters, 1);
    }
    let found = telling(found);
    let wrong: Vec<_> = expected.iter().filter(|(cell, counters)| found.get(*cell) != Some(counters)).collect();
    let surplus = found.keys().filter(|cell| !expected.contains_key(*cell)).count();
    let sum = |of: &BTreeMap<IntervalKey, IntervalCounters>| {
        let mut sum = IntervalCounters::default();
        for counters in of.values() {
            sum.accumulate(counters, 1);
        }
        sum
    };
    assert_eq!(sum(&found), sum(&expected));
    assert!(wrong.is_empty() && surplus == 0, "{} cells differ, {surplus} are surplus; the first: {:?}", wrong.len(), wrong.first());
    assert_eq!(sum(&found).offered, stream.calls as i64, "every call once");
}

/// Every record that is garbage has one dead letter: key, value and headers byte for byte, then reason, origin and time.
pub(super) fn garbage_is_set_aside(bus: &dyn Bus, garbage: &BTreeSet<Vec<u8>>) {
    let mut letters: BTreeMap<(String, String, String), Vec<Record>> = BTreeMap::new();
    let header = |letter: &Record, name: &str| {
        let found = letter.headers.iter().rev().find(|(known, _)| known == name);
        String::from_utf8(found.unwrap_or_else(|| panic!("no header {name}")).1.clone()).expect("text")
    };
    scan(bus, topics::DEAD_LETTERS, |letter| {
        let origin =
            (header(&letter, "fika-original-topic"), header(&letter, "fika-original-partition"), header(&letter, "fika-original-offset"));
        letters.entry(origin).or_default().push(letter);
    });
    let mut seen = BTreeSet::new();
    let mut check = |record: Record| {
        let origin = (record.topic.clone(), record.partition.to_string(), record.offset.to_string());
        let found = letters.remove(&origin).unwrap_or_default();
        let [letter] = found.as_slice() else { panic!("{} dead letters of {origin:?}", found.len()) };
        assert_eq!((&letter.key, &letter.value), (&record.key, &record.value), "{origin:?}");
        assert_eq!(letter.headers[..record.headers.len()], record.headers[..], "{origin:?}");
        assert_eq!(header(letter, "fika-original-time"), fika_model::event::timestamp_of(record.timestamp_ms).to_string());
        assert!(header(letter, "fika-error-code").starts_with('F') && !header(letter, "fika-error-reason").is_empty());
        seen.extend(record.value);
    };
    for topic in [topics::CALLS, topics::AGENTS] {
        scan(bus, topic, |record| {
            if record.value.as_ref().is_some_and(|value| garbage.contains(value)) {
                check(record);
            }
        });
    }
    assert_eq!(seen.len(), garbage.len(), "all garbage came");
    // What is left are requests: those that cannot be read, and the second of each two that share an id.
    let left: Vec<&Record> = letters.values().flatten().collect();
    let codes: BTreeMap<String, usize> = left.iter().fold(BTreeMap::new(), |mut codes, letter| {
        *codes.entry(header(letter, "fika-error-code")).or_default() += 1;
        codes
    });
    assert!(left.iter().all(|letter| header(letter, "fika-original-topic") == topics::REQUESTS), "{left:?}");
    assert_eq!(letters.values().filter(|of_one| of_one.len() > 1).count(), 0, "{codes:?}");
    assert!(codes.get("F1001").is_some_and(|n| *n >= super::REQUESTS / 6), "{codes:?}");
    assert!(codes.get("F2002").is_some_and(|n| *n >= super::REQUESTS / 6), "{codes:?}");
}

/// Every request has one last status, and each that is done one roster, whole.
pub(super) fn requests_have_one_answer(bus: &dyn Bus, count: usize) {
    let mut finals: BTreeMap<String, Vec<State>> = BTreeMap::new();
    scan(bus, topics::STATUS, |record| {
        let state = status(&record);
        let answers = finals.entry(String::from_utf8(record.key.expect("a key")).expect("text")).or_default();
        assert!(answers.is_empty(), "{state:?} was said after the answer {answers:?}");
        if state.is_final() {
            answers.push(state);
        }
    });
    assert_eq!(finals.len(), count, "{:?}", finals.keys());
    let mut summaries: BTreeMap<String, usize> = BTreeMap::new();
    scan(bus, topics::ROSTER_SUMMARIES, |record| *summaries.entry(text(record.key)).or_default() += 1);
    let mut agents: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    scan(bus, topics::ROSTERS, |record| {
        let value = record.value.as_deref().expect("a roster");
        let agent = records::read_agent_roster(&record.headers, value).expect("a roster can be read");
        *agents.entry(agent.roster_id).or_default().entry(agent.agent_id).or_default() += 1;
    });
    let asked: serde_json::Value = serde_json::from_str(DAY).expect("JSON");
    let people = asked["agents"].as_array().expect("agents").len();
    for (request, answers) in &finals {
        let n: usize = request.rsplit('-').next().expect("a number").parse().expect("a number");
        match answers.as_slice() {
            [State::Failed { .. }] if n % 6 == 5 => assert_eq!(summaries.get(request), None),
            [State::Done { .. }] if n % 6 != 5 => {
                assert_eq!(summaries.get(request), Some(&1), "{request} has one summary");
                let of_one = agents.get(request).expect("its agents");
                assert!(of_one.len() == people && of_one.values().all(|n| *n == 1), "{request}: {of_one:?}");
            }
            other => panic!("{request}: {other:?}"),
        }
    }
}

fn text(bytes: Option<Vec<u8>>) -> String {
    String::from_utf8(bytes.expect("a key")).expect("text")
}
