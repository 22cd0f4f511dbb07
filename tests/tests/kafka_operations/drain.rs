//! SIGTERM in every phase: a member ends within its grace with code 0, leaves its group, and what it had begun is another's.
//!
//! A broker that is halted (SIGSTOP) keeps its connections and answers nothing, which is worse for those who wait than one that is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use fika_bus::{Bus, Outgoing};
use fika_tests::fleet::Fleet;
use fika_tests::kafka::{Broker, Wish};
use fika_tests::program::{fika, scratch, until, within};
use fika_tests::stream::{Noise, Stream, history, watermarks};

/// As the settings have it when nothing is said.
const GRACE: Duration = Duration::from_secs(25);
/// A member that did not leave would be missed only after so long.
const SESSION: Duration = Duration::from_secs(45);
const QUIET: Noise = Noise { duplicates: 0, garbage: 0 };

const COUNTS: &str = "counting goes on";
const READS: &str = "the state of these partitions is read";
const FAILS: &str = "the bus failed";
/// Said of a request right before its roster is committed.
const DONE: &str = r#""state":"done""#;

/// Tells the only member to end.
fn leave(fleet: &mut Fleet, phase: &str) {
    let begin = Instant::now();
    let log = fleet.members()[0].log.clone();
    let code = fleet.leave(0).code();
    let took = begin.elapsed();
    eprintln!("{phase}: ended after {:.1} s", took.as_secs_f64());
    let logged = || std::fs::read_to_string(&log).unwrap_or_default();
    assert!(code == Some(0) && took < GRACE, "{phase}: {code:?} after {took:?}\n{}", logged());
}

fn hears(fleet: &Fleet, words: &str) {
    until(words, || fleet.members()[0].logged().contains(words).then_some(()));
}

/// A new member, as far as its log holds these words.
fn member(broker: &Broker, folder: &Path, words: &str) -> Fleet {
    let session = SESSION.as_millis().to_string();
    let mut fleet = Fleet::new(&broker.brokers, "ingest,forecast,planner,api", &[("session.timeout.ms", &session)], folder);
    fleet.join();
    hears(&fleet, words);
    fleet
}

/// To a broker that is silent, or to one that is gone.
fn a_roster_on_its_way(broker: &mut Broker, folder: &Path, bus: &dyn Bus, kill: bool) {
    let mut fleet = member(broker, folder, COUNTS);
    let request = |n: usize| super::lineage::request(&format!("{kill}-{n}"), n, None);
    bus.append((0..6).map(request).collect()).expect("it is appended");
    hears(&fleet, DONE);
    if kill {
        broker.kill();
    } else {
        broker.halt(true);
    }
    leave(&mut fleet, "a roster on its way");
    if kill {
        broker.revive();
    } else {
        broker.halt(false);
    }
}

#[test]
fn kafka_members_drain_in_every_phase() {
    if !fika_tests::faults_wanted("members that are told to end") {
        return;
    }
    let Some(mut broker) = Broker::start_own_or_skip(&Wish::default()) else { return };
    let folder = scratch("kafka-drain");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    let stream = Stream::of_events(21, 150_000);
    let mut feed = stream.feed(QUIET);
    let mut append = |count: usize| {
        let batch: Vec<Outgoing> = feed.by_ref().take(count).collect();
        bus.append(batch).expect("it is appended");
    };

    append(30_000);
    let mut fleet = member(&broker, &folder, COUNTS);
    leave(&mut fleet, "under load");
    // What it read belongs to the next one at once: it has left.
    let begin = Instant::now();
    let mut fleet = member(&broker, &folder, COUNTS);
    assert!(begin.elapsed() < SESSION / 2, "the next one waits {:?}", begin.elapsed());

    append(60_000);
    broker.halt(true);
    leave(&mut fleet, "a commit in flight");
    broker.halt(false);

    let mut fleet = member(&broker, &folder, COUNTS);
    append(20_000);
    broker.halt(true);
    hears(&fleet, FAILS);
    leave(&mut fleet, "after a failed commit");
    broker.halt(false);

    for kill in [false, true] {
        a_roster_on_its_way(&mut broker, &folder, &*bus, kill);
    }

    let mut fleet = member(&broker, &folder, COUNTS);
    broker.kill();
    hears(&fleet, FAILS);
    leave(&mut fleet, "waiting for a broker that is gone");
    broker.revive();

    bus.append(feed.collect()).expect("it is appended");
    let mut fleet = member(&broker, &folder, COUNTS);
    within(SESSION * 4, "everything is counted", || (super::lag(&*bus) == 0).then_some(()));
    assert_eq!(super::offered(&*bus), stream.calls as i64);
    leave(&mut fleet, "idle");

    // A state that takes a while to be read.
    let mut cells = history((300, 28, 40)).peekable();
    while cells.peek().is_some() {
        bus.append(cells.by_ref().take(20_000).collect()).expect("it is appended");
    }
    bus.append(watermarks(28)).expect("it is appended");
    let mut fleet = member(&broker, &folder, READS);
    leave(&mut fleet, "reading its state");
    let mut fleet = member(&broker, &folder, READS);
    broker.halt(true);
    leave(&mut fleet, "reading its state from a silent broker");
    broker.halt(false);
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}
