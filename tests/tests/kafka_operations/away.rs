//! A broker that is away at the start, and later: it is waited for, and `/readyz` and the log say so.

use std::time::{Duration, Instant};

use fika_tests::fleet::{BRISK, Fleet};
use fika_tests::kafka::{Broker, Wish};
use fika_tests::program::{fika, get, scratch, until};
use fika_tests::stream::{Noise, Stream};

#[test]
fn kafka_that_is_away_is_waited_for() {
    if !fika_tests::faults_wanted("a broker that is away") {
        return;
    }
    let Some(mut broker) = Broker::start_own_or_skip(&Wish::default()) else { return };
    let folder = scratch("kafka-away");
    broker.kill();
    let mut fleet = Fleet::new(&broker.brokers, "ingest,forecast,planner,api", &BRISK, &folder);
    fleet.join();
    let address = fleet.members()[0].address();
    let not_ready = |role: &str| {
        until("it says that it is not ready", || {
            let (status, reasons) = get(&address, "/readyz")?;
            let told = reasons.contains(&format!("{role} waits for the bus")) && reasons.contains(&broker.brokers);
            (status == 503 && told).then_some(())
        });
    };
    ["ingest", "forecast", "planner", "api"].into_iter().for_each(not_ready);
    assert_eq!(get(&address, "/livez").map(|answer| answer.0), Some(200), "it lives");
    let logged = fleet.members()[0].logged();
    assert!(logged.contains("the bus is away; the service waits for it") && logged.contains(&broker.brokers), "{logged}");

    // One that is told to end while it waits ends at once.
    fleet.join();
    fleet.members()[1].address();
    let begin = Instant::now();
    assert_eq!(fleet.leave(1).code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());

    let stream = Stream::of_events(6, 2_000);
    let ready = || until("it is ready", || (get(&address, "/readyz")?.0 == 200).then_some(()));
    broker.revive();
    ready();
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    bus.append(stream.feed(Noise { duplicates: 0, garbage: 0 }).collect()).expect("it is appended");
    until("everything is counted", || (super::lag(&*bus) == 0).then_some(()));

    // At once: the broker may not have marked the end of the last commit, and alone it never will.
    broker.kill();
    until("it says that it is not ready", || (get(&address, "/readyz")?.0 == 503).then_some(()));
    let lines = fleet.members()[0].logged().lines().count();
    broker.revive();
    ready();
    until("everything is as it was", || (super::offered(&*bus) == stream.calls as i64).then_some(()));
    let more = fleet.members()[0].logged().lines().count() - lines;
    assert!(more < 60, "{more} lines for one outage are noise");
    assert_eq!(fleet.leave(0).code(), Some(0));
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}
