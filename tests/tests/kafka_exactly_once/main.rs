//! Exactly once, proved: a stream with duplicates, disorder and garbage is counted by members that are killed, join and leave, on three
//! brokers that are killed and started again one at a time, while requests come; then everything is compared with what must have come of it.
//!
//! `FIKA_EVENTS` says how many events (200,000 without it). The order of faults follows from a seed; their moments are the machine's.

mod verdict;

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use fika_bus::{Bus, BusAddress, Outgoing};
use fika_tests::fleet::{BRISK, Fleet};
use fika_tests::kafka::{Broker, Wish};
use fika_tests::program::{fika, scratch, within};
use fika_tests::stream::{Dice, Noise, Stream};
use fika_wire::topics;

const SEED: u64 = 20_250_106;
/// 5 % duplicates, 0.1 % garbage.
const NOISE: Noise = Noise { duplicates: 50_000, garbage: 1_000 };
/// Between two faults.
const PAUSE: Duration = Duration::from_secs(3);
/// As long as the members may take for what is left when the faults are over.
const PATIENCE: Duration = Duration::from_secs(300);
const MEMBERS: usize = 3;
const BATCH: usize = 2_000;
/// Requests that are sent while events come.
const REQUESTS: usize = 24;

/// What was done to the service.
#[derive(Debug, Default)]
struct Faults {
    killed: usize,
    left: usize,
    joined: usize,
    brokers: usize,
}

#[test]
fn kafka_counts_exactly_once_whatever_is_killed() {
    if !fika_tests::faults_wanted("exactly once while members and brokers are killed") {
        return;
    }
    let events = std::env::var("FIKA_EVENTS").map_or(200_000, |text| text.replace('_', "").parse().expect("FIKA_EVENTS is a number"));
    let wish = Wish { further_nodes: 2, ..Wish::default() };
    let given = std::env::var("FIKA_TEST_BROKERS").is_ok();
    let Some(mut broker) = (if given { Broker::start_or_skip() } else { Broker::start_own_or_skip(&wish) }) else { return };
    let stream = Stream::of_events(SEED, events);
    let folder = scratch("kafka-exactly-once");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let begin = Instant::now();
    let mut fleet = Fleet::new(&broker.brokers, "ingest,forecast,planner", &BRISK, &folder);
    (0..MEMBERS).for_each(|_| fleet.join());

    let (sender, sent) = channel();
    let (address, faults) = (broker.address(&[]), Faults::default());
    let faults = std::thread::scope(|scope| {
        scope.spawn(|| {
            feed(&address, stream, &sender);
            // Its end says that all is fed.
            drop(sender);
        });
        torment(&mut broker, &mut fleet, &sent, faults)
    });
    let fed = begin.elapsed();
    let bus = fika_bus::open(&broker.address(&[])).expect("the brokers answer");
    verdict::await_the_end(&*bus, &fleet, Instant::now() + PATIENCE);
    eprintln!("{events} events fed in {:.0} s, all done with after {:.0} s; {faults:?}", fed.as_secs_f64(), begin.elapsed().as_secs_f64());
    verdict::counters_equal_the_offline_fold(&*bus, stream);
    verdict::garbage_is_set_aside(&*bus, &stream.garbage(NOISE));
    verdict::requests_have_one_answer(&*bus, REQUESTS);
    while !fleet.is_empty() {
        assert_eq!(fleet.leave(0).code(), Some(0), "a member drains");
    }
    assert!(faults.killed > 0 && (given || faults.brokers > 0), "{faults:?}");
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}

/// One machine with everything on it: the only broker and all members die together, each time just after a commit. The broker may have
/// answered that without having marked its end, and alone it never will.
#[test]
fn kafka_counts_exactly_once_whatever_a_power_cut_leaves() {
    const CUTS: i64 = 4;
    // Small, so that it is often in a commit.
    const EVENTS_A_COMMIT: &str = "50";
    if !fika_tests::faults_wanted("exactly once after power cuts") {
        return;
    }
    let Some(mut broker) = Broker::start_own_or_skip(&Wish::default()) else { return };
    let stream = Stream::of_events(SEED, 60_000);
    let folder = scratch("kafka-power-cuts");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    let records: Vec<Outgoing> = stream.feed(NOISE).collect();
    let all = records.len() as i64;
    for batch in records.chunks(BATCH) {
        bus.append(batch.to_vec()).expect("it is appended");
    }
    let begin = Instant::now();
    let mut fleet = Fleet::new(&broker.brokers, "ingest", &BRISK, &folder).with("FIKA_INGEST_BATCH", EVENTS_A_COMMIT);
    let mut forgotten = 0;
    for cut in (0..=CUTS).rev() {
        (0..2).for_each(|_| fleet.join());
        // After an outage nobody can tell the lag for a while: then all may be left.
        let lag = || bus.lag("fika-ingest", &[topics::CALLS, topics::AGENTS]).map_or(all, |lags| lags.iter().map(|lag| lag.behind).sum());
        within(PATIENCE, "events are counted", || (lag() <= all * cut / (CUTS + 1)).then_some(()));
        forgotten += fleet.members().iter().map(|one| one.logged().matches("had forgotten to mark the end").count()).sum::<usize>();
        if cut > 0 {
            broker.kill();
            while !fleet.is_empty() {
                fleet.kill(0);
            }
            broker.revive();
        }
    }
    eprintln!("{all} records, {CUTS} power cuts, {forgotten} transactions ended again, {:.0} s", begin.elapsed().as_secs_f64());
    verdict::counters_equal_the_offline_fold(&*bus, stream);
    while !fleet.is_empty() {
        assert_eq!(fleet.leave(0).code(), Some(0), "a member drains");
    }
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}

/// Appends the stream, and requests between. A batch that failed is appended again: a part of it may come twice.
fn feed(address: &BusAddress, stream: Stream, sent: &Sender<usize>) {
    let bus = persistent(|| fika_bus::open(address));
    let mut records = stream.feed(NOISE).peekable();
    let every = stream.calls as usize * 4 / BATCH / REQUESTS;
    let (mut total, mut batches, mut asked) = (0, 0, 0);
    while records.peek().is_some() {
        let batch: Vec<Outgoing> = records.by_ref().take(BATCH).collect();
        total += batch.len();
        persistent(|| bus.append(batch.clone()));
        batches += 1;
        if batches % every.max(1) == 0 && asked < REQUESTS {
            persistent(|| bus.append(verdict::requests(asked)));
            asked += 1;
        }
        if sent.send(total).is_err() {
            return;
        }
    }
    (asked..REQUESTS).for_each(|n| persistent(|| bus.append(verdict::requests(n))));
}

/// Tries until it works: brokers come and go.
fn persistent<T>(work: impl Fn() -> Result<T, fika_bus::Error>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match work() {
            Ok(done) => return done,
            Err(error) => assert!(error.is_transient() || Instant::now() < deadline, "{error}"),
        }
    }
}

/// Does something to the service every few seconds until the feed has ended; then leaves a whole cluster and all members behind.
fn torment(broker: &mut Broker, fleet: &mut Fleet, sent: &Receiver<usize>, mut faults: Faults) -> Faults {
    let mut dice = Dice::new(SEED, u64::MAX);
    let mut down: Option<usize> = None;
    let mut round = 0;
    while let ControlFlow::Continue(()) = pause(sent) {
        fleet.kill(dice.below(fleet.len() as u64) as usize);
        fleet.join();
        faults.killed += 1;
        match round % 6 {
            // A broker goes, one at a time, and comes back two rounds later.
            1 if broker.nodes() > 1 => {
                down = Some(faults.brokers % broker.nodes());
                broker.kill_node(faults.brokers % broker.nodes());
                faults.brokers += 1;
            }
            3 => down.into_iter().for_each(|number| broker.revive_node(number)),
            5 => {
                down.take().into_iter().for_each(|number| broker.await_node(number));
                fleet.join();
                faults.joined += 1;
                assert_eq!(fleet.leave(0).code(), Some(0), "it leaves within the grace");
                faults.left += 1;
            }
            _ => {}
        }
        round += 1;
    }
    if let Some(number) = down {
        if matches!(round % 6, 2 | 3) {
            broker.revive_node(number);
        }
        broker.await_node(number);
    }
    faults
}

/// Lets some seconds pass; breaks when the feed has ended.
fn pause(sent: &Receiver<usize>) -> ControlFlow<()> {
    let until = Instant::now() + PAUSE;
    loop {
        match sent.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return ControlFlow::Continue(()),
            Err(RecvTimeoutError::Disconnected) => return ControlFlow::Break(()),
        }
    }
}

/// Shows all records of a topic.
fn scan(bus: &dyn Bus, topic: &str, mut each: impl FnMut(fika_bus::Record)) {
    let mut each = |record| {
        each(record);
        ControlFlow::Continue(())
    };
    bus.scan(topic, &mut each).expect("the topic can be read");
}
