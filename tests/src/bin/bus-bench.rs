//! How fast events become counters: prints a table in Markdown, of one kind of bus after the other.
//!
//! `bus-bench [EVENTS]`: on the embedded bus, and on a real broker where there is one, beside a bare consumer that only reads the same
//! topics and a Kafka Streams program that does the same count. All in one run, each alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use fika_bus::{Bus, BusAddress, Outgoing, TailFrom};
use fika_tests::fleet::Fleet;
use fika_tests::kafka::Broker;
use fika_tests::program::{memory_bytes, scratch, until};
use fika_tests::stream::{Form, Noise, Stream, history, joined_ms, probe, watermarks};
use fika_wire::{records, topics};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

const NOISE: Noise = Noise { duplicates: 50_000, garbage: 0 };
const INPUTS: [&str; 2] = [topics::CALLS, topics::AGENTS];
/// How long probes are sent for the time from event to counter.
const PROBED: Duration = Duration::from_secs(20);
/// As long as a subject may take.
const SLOW: Duration = Duration::from_secs(900);
const BEAT: Duration = Duration::from_millis(50);
/// The state that is rebuilt: queues, days, and intervals of a day in which the centre is open.
const STATE: (u64, u64, u64) = (500, 56, 40);

/// What one subject did.
struct Figure {
    what: String,
    events: u64,
    pace: Pace,
    resident_bytes: u64,
}

/// From the start of a subject to its end, and how fast it was once it had begun.
#[derive(Clone, Copy)]
struct Pace {
    seconds: f64,
    /// Of the events that were left when the first were done: starts and joins of groups are not in it.
    events_per_s: f64,
}

impl Pace {
    /// Watches how many events are left, until none is.
    fn of(begin: Instant, events: u64, mut left: impl FnMut() -> u64) -> Self {
        let mut first = None;
        loop {
            assert!(begin.elapsed() < SLOW, "it is too slow");
            let left = left();
            if left < events && first.is_none() {
                first = Some((Instant::now(), left));
            }
            if left == 0 {
                break;
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        let events_per_s = first.map_or(f64::NAN, |(at, left)| left as f64 / at.elapsed().as_secs_f64());
        Self { seconds, events_per_s }
    }
}

impl Figure {
    #[allow(clippy::print_stdout, reason = "a program of its own")]
    fn show(&self, bare: Option<&Self>) {
        let Pace { seconds, events_per_s } = self.pace;
        let ratio = bare.map_or_else(|| "-".to_owned(), |bare| format!("{:.2}", events_per_s / bare.pace.events_per_s));
        let (what, events, memory) = (&self.what, self.events, self.resident_bytes >> 20);
        println!("| {what} | {events} | {seconds:.1} | {events_per_s:.0} | {ratio} | {memory} |");
    }
}

fn fill(bus: &dyn Bus, stream: Stream, form: Form) -> u64 {
    let mut feed = stream.feed_as(NOISE, form).peekable();
    let mut count = 0;
    while feed.peek().is_some() {
        let batch: Vec<Outgoing> = feed.by_ref().take(10_000).collect();
        count += batch.len() as u64;
        bus.append(batch).expect("it is appended");
    }
    count
}

fn make_topics(address: &BusAddress) {
    let output = match address {
        BusAddress::Embedded(path) => fika_tests::program::fika(&["topics", "--bus", &path.display().to_string()]),
        BusAddress::Kafka { brokers, .. } => fika_tests::program::fika(&["topics", "--brokers", brokers]),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn fleet(address: &BusAddress, folder: &Path) -> Fleet {
    match address {
        BusAddress::Embedded(path) => Fleet::embedded(path, "ingest", folder),
        BusAddress::Kafka { brokers, .. } => Fleet::new(brokers, "ingest", &[], folder),
    }
}

/// The events that a group has still to count, a moment later; all, as long as nobody can tell.
fn behind(bus: &dyn Bus, group: &str, of: &[&str]) -> u64 {
    std::thread::park_timeout(BEAT);
    bus.lag(group, of).map_or(u64::MAX, |lags| lags.iter().map(|lag| lag.behind.unsigned_abs()).sum())
}

/// The service from its start to the last committed counter.
fn service(what: &str, bus: &dyn Bus, address: &BusAddress, folder: &Path, events: u64) -> Figure {
    let begin = Instant::now();
    let mut fleet = fleet(address, folder);
    fleet.join();
    let pace = Pace::of(begin, events, || behind(bus, "fika-ingest", &INPUTS));
    let resident_bytes = fleet.members()[0].peak_bytes();
    assert_eq!(fleet.leave(0).code(), Some(0));
    Figure { what: what.to_owned(), events, pace, resident_bytes }
}

/// A consumer that only reads what the service reads.
fn bare(brokers: &str, events: u64) -> Figure {
    let begin = Instant::now();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("group.id", format!("bare-{}", std::process::id()));
    config.set("auto.offset.reset", "earliest").set("isolation.level", "read_committed").set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    consumer.subscribe(&INPUTS).expect("it subscribes");
    let mut left = events;
    let pace = Pace::of(begin, events, || {
        for _ in 0..20_000.min(left) {
            left -= u64::from(matches!(consumer.poll(Duration::from_secs(1)), Some(Ok(_))));
        }
        left
    });
    Figure { what: "bare rdkafka consumer, reads only".to_owned(), events, pace, resident_bytes: 0 }
}

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The Kafka Streams program, from its start to its last commit.
fn streams(bus: &dyn Bus, brokers: &str, folder: &Path) -> Option<Figure> {
    let root = fika_tests::repository::root();
    let libs = root.join("target/streams-libs");
    if !libs.is_dir() {
        fika_tests::skipped("the jars of Kafka Streams are not there; `sh tests/kafka/fetch.sh streams` brings them");
        return None;
    }
    let application = format!("streams-{}", std::process::id());
    let output = format!("{application}-counts");
    bus.ensure_topics(&[fika_bus::TopicSettings::deleting(&output, 12, None)]).expect("it is made");
    let begin = Instant::now();
    let child = Command::new("java")
        .args(["-Xmx1g", "-cp"])
        .arg(libs.join("*"))
        .arg(root.join("tests/peers/streams/WindowedCount.java"))
        .args([brokers, &application])
        .arg(folder.join("streams"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("java starts");
    let mut peer = Peer(child);
    let between = format!("{application}-by-queue-repartition");
    // Each event is counted after it has come through the topic between.
    let calls = behind(bus, &application, &[topics::CALLS]);
    let pace = Pace::of(begin, calls, || {
        assert!(peer.0.try_wait().expect("its status").is_none(), "the program has ended");
        let (read, counted) = (behind(bus, &application, &[topics::CALLS]), behind(bus, &application, &[&between]));
        read.saturating_add(if read < calls { counted } else { 0 })
    });
    Some(Figure {
        what: "Kafka Streams, call events only".to_owned(),
        events: calls,
        pace,
        resident_bytes: memory_bytes(peer.0.id(), "VmHWM:"),
    })
}

/// Median and 99th percentile of the time from an event's append to its visible counter, at so many events a second.
fn delays(bus: &dyn Bus, address: &BusAddress, folder: &Path, rate: f64) -> (Duration, Duration) {
    let mut fleet = fleet(address, folder);
    fleet.join();
    let mut tail = bus.tail(&[topics::INTERVALS], TailFrom::End).expect("it follows");
    let each = ((rate * BEAT.as_secs_f64()) as usize).max(1);
    let stream = Stream::of_events(99, 4_000_000);
    let mut load = stream.feed(NOISE);
    let (mut sent, mut delays) = (BTreeMap::new(), Vec::new());
    let (begin, mut n) = (Instant::now(), 0);
    while begin.elapsed() < PROBED || !sent.is_empty() {
        if begin.elapsed() < PROBED && begin.elapsed() >= BEAT * n {
            let mut batch: Vec<Outgoing> = load.by_ref().take(each).collect();
            let at_ms = batch.iter().rev().find_map(|record| joined_ms(record.key.as_deref()?)).unwrap_or_default();
            batch.push(probe(n as usize, at_ms));
            sent.insert(format!("probe-{n}"), Instant::now());
            bus.append(batch).expect("it is appended");
            n += 1;
        }
        for record in tail.poll(Duration::from_millis(2)).expect("it follows") {
            let Ok((cell, _)) = records::read_interval(&record.headers, record.value.as_deref().unwrap_or_default()) else { continue };
            if let Some(at) = sent.remove(cell.queue.as_str()) {
                delays.push(at.elapsed());
            }
        }
        assert!(begin.elapsed() < PROBED * 4, "{} probes are lost", sent.len());
    }
    assert_eq!(fleet.leave(0).code(), Some(0));
    // The first seconds are those of the start.
    let mut delays = delays.split_off(delays.len() / 2);
    delays.sort_unstable();
    (delays[delays.len() / 2], delays[delays.len() * 99 / 100])
}

/// From the start of a member to its first word after it has read the counters of many queues.
fn rebuild(bus: &dyn Bus, address: &BusAddress, folder: &Path) -> (u64, f64, u64) {
    let mut cells = 0;
    let mut records = history(STATE).peekable();
    while records.peek().is_some() {
        let batch: Vec<Outgoing> = records.by_ref().take(10_000).collect();
        cells += batch.len() as u64;
        bus.append(batch).expect("it is appended");
    }
    bus.append(watermarks(STATE.1)).expect("it is appended");
    let begin = Instant::now();
    let mut fleet = fleet(address, folder);
    fleet.join();
    until("the state is rebuilt", || fleet.members()[0].logged().contains("counting goes on").then_some(()));
    let seconds = begin.elapsed().as_secs_f64();
    let peak = fleet.members()[0].peak_bytes();
    assert_eq!(fleet.leave(0).code(), Some(0));
    (cells, seconds, peak)
}

#[allow(clippy::print_stdout, reason = "a program of its own")]
fn examine(name: &str, fresh: &dyn Fn() -> BusAddress, events: u64, folder: &Path) {
    println!("\n{name}\n\n| what | events | s with start | events/s once begun | to bare | MB at most |\n|---|---|---|---|---|---|");
    let mut full = 0.0;
    for (what, form) in [("service, JSON", Form::Json), ("service, protobuf", Form::Protobuf)] {
        let address = fresh();
        make_topics(&address);
        let bus = fika_bus::open(&address).expect("the bus opens");
        let count = fill(&*bus, Stream::of_events(7, events), form);
        let reference = if let BusAddress::Kafka { brokers, .. } = &address { Some(bare(brokers, count)) } else { None };
        if let Some(figure) = &reference {
            figure.show(None);
        }
        let figure = service(what, &*bus, &address, folder, count);
        figure.show(reference.as_ref());
        if form == Form::Json {
            full = figure.pace.events_per_s;
            if let BusAddress::Kafka { brokers, .. } = &address
                && let Some(peer) = streams(&*bus, brokers, folder)
            {
                peer.show(reference.as_ref());
            }
        }
    }
    let address = fresh();
    make_topics(&address);
    let bus = fika_bus::open(&address).expect("the bus opens");
    let (p50, p99) = delays(&*bus, &address, folder, full / 10.0);
    println!("\nevent to visible counter at {:.0} events/s: p50 {} ms, p99 {} ms", full / 10.0, p50.as_millis(), p99.as_millis());
    let address = fresh();
    make_topics(&address);
    let bus = fika_bus::open(&address).expect("the bus opens");
    let (cells, seconds, peak) = rebuild(&*bus, &address, folder);
    println!("state of {cells} cells rebuilt in {seconds:.1} s, {} MB at most", peak >> 20);
}

fn main() -> ExitCode {
    let events = std::env::args().nth(1).map_or(200_000, |text| text.parse().expect("a number of events"));
    let folder = scratch("bus-bench");
    let files = std::cell::Cell::new(0);
    let file = || {
        files.set(files.get() + 1);
        BusAddress::Embedded(folder.join(format!("bus-{}.sqlite", files.get())))
    };
    examine("Embedded bus", &file, events, &folder);
    let brokers = std::cell::RefCell::new(None);
    if fika_tests::kafka::libs().is_ok() {
        // A broker of its own for each measurement, so that none starts with another's records.
        let own = || {
            let broker = Broker::start_own_or_skip(&fika_tests::kafka::Wish::default()).expect("the jars are there");
            let address = broker.address(&[]);
            *brokers.borrow_mut() = Some(broker);
            address
        };
        examine("Apache Kafka, one broker on the same machine", &own, events, &folder);
    } else {
        fika_tests::skipped("there is no Apache Kafka");
    }
    std::fs::remove_dir_all(folder).expect("the folder goes");
    ExitCode::SUCCESS
}
