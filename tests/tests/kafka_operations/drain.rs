//! SIGTERM in every phase: a member ends within its grace with code 0, leaves its group, and what it had begun is another's.
//!
//! A broker that is halted (SIGSTOP) keeps its connections and answers nothing, which is worse for those who wait than one that is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use fika_bus::{Bus, Outgoing};
use fika_tests::fleet::Fleet;
use fika_tests::kafka::{Broker, Wish};
use fika_tests::program::{fika, scratch, until};
use fika_tests::stream::{Noise, Stream, history, watermarks};

/// As the settings have it when nothing is said.
const GRACE: Duration = Duration::from_secs(25);
/// A member that is not missed within this has left by itself: its session lasts longer.
const PATIENT: [(&str, &str); 2] = [("session.timeout.ms", "45000"), ("group.instance.id", "")];
const QUIET: Noise = Noise { duplicates: 0, garbage: 0 };

/// Tells the member to end and says how long it took.
fn leave(fleet: &mut Fleet, phase: &str) -> Duration {
    let begin = Instant::now();
    let logged = fleet.members()[0].log.clone();
    let code = fleet.leave(0).code();
    let took = begin.elapsed();
    eprintln!("{phase}: ended after {:.1} s", took.as_secs_f64());
    let logged = || std::fs::read_to_string(&logged).unwrap_or_default();
    assert_eq!(code, Some(0), "{phase}, after {took:?}:\n{}", logged());
    assert!(took < GRACE, "{phase}: {took:?}\n{}", logged());
    took
}

fn joined(broker: &Broker, folder: &Path, awaited: &str) -> Fleet {
    let mut fleet = Fleet::new(&broker.brokers, "ingest,forecast,planner,api", &PATIENT[..1], folder);
    fleet.join();
    until(awaited, || fleet.members()[0].logged().contains(awaited).then_some(()));
    fleet
}

fn works(broker: &Broker, folder: &Path) -> Fleet {
    joined(broker, folder, "the role ingest works")
}

/// Everything is counted, by a member that has joined after the one before has left.
fn all_is_counted_soon(bus: &dyn Bus, stream: Stream, since: Instant, phase: &str) {
    until("everything is counted", || (super::lag(bus) == 0).then_some(()));
    assert!(since.elapsed() < Duration::from_secs(40), "{phase}: {:?}", since.elapsed());
    assert_eq!(super::offered(bus), stream.calls as i64, "{phase}");
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

    // Under load, with a broker that answers: what is in hand is committed, and the group is left.
    append(30_000);
    let mut fleet = works(&broker, &folder);
    leave(&mut fleet, "under load");

    // A commit is on its way when the broker falls silent.
    append(60_000);
    let mut fleet = works(&broker, &folder);
    broker.halt(true);
    leave(&mut fleet, "a commit in flight");
    broker.halt(false);

    // The commit has failed and the member tries to come back.
    let mut fleet = works(&broker, &folder);
    append(20_000);
    broker.halt(true);
    until("a commit fails", || fleet.members()[0].logged().contains("the bus failed").then_some(()));
    leave(&mut fleet, "after a failed commit");
    broker.halt(false);

    // It reads its state when the broker falls silent; and with a broker that answers, too.
    let cells: Vec<Outgoing> = history((200, 28, 40)).collect();
    bus.append(cells).expect("it is appended");
    bus.append(watermarks(28)).expect("it is appended");
    let mut fleet = joined(&broker, &folder, "fika starts");
    until("it reads its state", || has_read(&fleet).then_some(()));
    leave(&mut fleet, "reading its state");
    let mut fleet = joined(&broker, &folder, "fika starts");
    until("it reads its state", || has_read(&fleet).then_some(()));
    broker.halt(true);
    leave(&mut fleet, "reading its state from a silent broker");
    broker.halt(false);

    // The broker is away altogether.
    let mut fleet = works(&broker, &folder);
    broker.kill();
    until("it waits", || fleet.members()[0].logged().contains("the bus failed").then_some(()));
    leave(&mut fleet, "waiting for a broker");
    broker.revive();

    bus.append(feed.collect()).expect("it is appended");
    let since = Instant::now();
    let mut fleet = works(&broker, &folder);
    all_is_counted_soon(&*bus, stream, since, "in the end");
    leave(&mut fleet, "idle");
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}

/// Whether the member has begun to read: it takes more memory than a start needs.
fn has_read(fleet: &Fleet) -> bool {
    fleet.members()[0].logged().contains("state is read")
}
