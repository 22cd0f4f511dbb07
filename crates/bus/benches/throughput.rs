//! How fast the bus is: `cargo bench -p fika-bus`, on the embedded bus or, with `FIKA_BENCH_BROKERS=host:port`, on Kafka. Events of
//! about 400 bytes are appended in batches while a member of a group reads and commits; then the log is scanned, and single
//! appends are timed. Everything is durable before it counts.

use fika_bus::{Bus, BusAddress, Outgoing, TopicSettings, open};
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

const EVENTS: usize = 600_000;
const BATCH: usize = 1_000;
const VALUE_BYTES: usize = 400;

fn events(topic: &str, from: usize, count: usize) -> Vec<Outgoing> {
    (from..from + count)
        .map(|n| {
            let mut value = format!("{{\"specversion\":\"1.0\",\"id\":\"{n:016}\"").into_bytes();
            value.resize(VALUE_BYTES, b' ');
            let headers = vec![("content-type".to_owned(), b"application/cloudevents+json; charset=UTF-8".to_vec())];
            Outgoing { topic: topic.to_owned(), key: Some(format!("{}", n / 5).into_bytes()), value: Some(value), headers }
        })
        .collect()
}

fn report(what: &str, count: usize, time: Duration) {
    let rate = count as f64 / time.as_secs_f64();
    writeln!(stdout(), "{what}: {count} in {:.2} s, {rate:.0} a second", time.as_secs_f64()).expect("stdout is open");
}

fn append_all(bus: &dyn Bus, topics: &Topics) -> Duration {
    let begin = Instant::now();
    for from in (0..EVENTS).step_by(BATCH) {
        bus.append(events(&topics.input, from, BATCH)).expect("it is appended");
    }
    begin.elapsed()
}

/// Reads everything, publishing one record for ten that were read.
fn consume_all(bus: &dyn Bus, topics: &Topics, most: usize) -> Duration {
    let mut member = bus.subscribe(&format!("{}.group", topics.input), &[&topics.input]).expect("it joins");
    let (begin, mut read) = (Instant::now(), 0);
    while read < EVENTS {
        let records = member.poll(most, Duration::from_secs(1)).expect("it polls");
        read += records.len();
        let outputs = records.iter().step_by(10).map(|record| Outgoing {
            topic: topics.output.clone(),
            key: record.key.as_ref().map(|key| key[..key.len().min(3)].to_vec()),
            value: record.value.clone(),
            headers: Vec::new(),
        });
        member.commit(outputs.collect()).expect("it commits");
    }
    begin.elapsed()
}

/// Topics of their own for every measurement.
struct Topics {
    input: String,
    output: String,
}

fn fresh(bus: &dyn Bus, name: &str) -> Topics {
    let run = std::process::id();
    let topics = Topics { input: format!("bench.{run}.{name}.calls"), output: format!("bench.{run}.{name}.intervals") };
    let settings = [TopicSettings::deleting(&topics.input, 12, None), TopicSettings::compacted(&topics.output, 12)];
    bus.ensure_topics(&settings).expect("they are made");
    topics
}

fn main() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("bus.sqlite");
    let address = match std::env::var("FIKA_BENCH_BROKERS") {
        Ok(brokers) => BusAddress::Kafka { brokers, properties: BTreeMap::new() },
        Err(_) => BusAddress::Embedded(file.clone()),
    };
    let bus = open(&address).expect("the bus opens");

    let topics = fresh(&*bus, "together");
    let begin = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| report("append, with a reader", EVENTS, append_all(&*bus, &topics)));
        scope.spawn(|| report("poll and commit, with a writer", EVENTS, consume_all(&*bus, &topics, 5_000)));
    });
    report("both together", EVENTS, begin.elapsed());

    let topics = fresh(&*bus, "apart");
    report("append alone", EVENTS, append_all(&*bus, &topics));
    report("poll and commit alone", EVENTS, consume_all(&*bus, &topics, 5_000));
    let (begin, mut count) = (Instant::now(), 0);
    let mut each = |_| {
        count += 1;
        ControlFlow::Continue(())
    };
    bus.scan(&topics.input, &mut each).expect("it is read");
    report("scan", count, begin.elapsed());

    let begin = Instant::now();
    (0..500).for_each(|n| bus.append(events(&topics.input, n, 1)).expect("it is appended"));
    report("single appends, one thread", 500, begin.elapsed());
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..250).for_each(|n| bus.append(events(&topics.input, n, 1)).expect("it is appended")));
        }
    });
    report("single appends, eight threads", 2_000, begin.elapsed());
    if let Ok(file) = std::fs::metadata(file) {
        writeln!(stdout(), "file: {} MB", file.len() / 1_000_000).expect("stdout is open");
    }
}
