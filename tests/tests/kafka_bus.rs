//! The bus on a real Apache Kafka: the promises of both makes, under both group protocols, and what only a broker can break.
//!
//! A member that is to be killed is this test program again, running the test `child` with its task in the environment.

use fika_bus::{Bus, BusAddress, Consumer, Error, Outgoing, Record, TailFrom, TopicSettings, conformance};
use fika_tests::kafka::Broker;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::collections::BTreeMap;
use std::env;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// As long as anything may take that is expected to happen.
const PATIENCE: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(100);
/// Members and transactions whose process has died are given up quickly.
const BRISK: &[(&str, &str)] = &[
    ("session.timeout.ms", "1500"),
    ("heartbeat.interval.ms", "400"),
    ("max.poll.interval.ms", "1500"),
    ("transaction.timeout.ms", "3000"),
];

/// Unique names, for brokers that outlive the test.
fn prefix(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    format!("fika-test.{}.{name}", now.as_millis())
}

fn open(broker: &Broker, properties: &[(&str, &str)]) -> Arc<dyn Bus> {
    fika_bus::open(&broker.address(properties)).expect("the broker answers")
}

#[test]
fn kafka_keeps_the_promises_of_a_bus() {
    let Some(broker) = Broker::start_or_skip() else { return };
    let examine = |protocol: &'static str| {
        let properties: &[(&str, &str)] = &[("group.protocol", protocol)];
        for (number, (promise, examine)) in conformance::cases().into_iter().enumerate() {
            let subject = conformance::Subject { open: &|| open(&broker, properties), prefix: prefix(&format!("{protocol}{number}")) };
            timed(&format!("{protocol}: {promise}"), || examine(&subject));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| examine("classic"));
        scope.spawn(|| examine("consumer"));
        scope.spawn(|| timed("an open transaction", || an_open_transaction_is_told(&broker)));
        scope.spawn(|| timed("one of a member that died", || what_a_dead_member_left_open_is_aborted(&broker)));
    });
}

/// Nobody reads past it, and whoever waits is told where it is. What it holds up is not said to be read.
fn an_open_transaction_is_told(broker: &Broker) {
    let bus = open(broker, &[]);
    let (topic, _) = topics(&*bus, "open", 1);
    let group = prefix("open");
    let mut member = bus.subscribe(&group, &[&topic]).expect("it joins");
    read(&mut *member, 1);
    member.commit(Vec::new()).expect("it commits");
    let behind = || bus.lag(&group, &[&topic]).expect("it is told").iter().map(|lag| lag.behind).sum::<i64>();
    assert_eq!(behind(), 0);
    let stranger = left_open(broker, &prefix("stranger"), &topic, OwnedHeaders::new());
    assert_eq!(behind(), 1);
    let scan = || bus.scan(&topic, &mut |_| ControlFlow::Continue(()));
    assert_eq!(scan(), Err(Error::OpenTransaction { topic: topic.clone(), partition: 2, waited_s: 60 }));
    stranger.abort_transaction(PATIENCE).expect("it is aborted");
    assert_eq!(scan(), Ok(()));
    assert_eq!(behind(), 0);
}

/// Its group has not read as far as the transaction says, so it cannot have been committed.
fn what_a_dead_member_left_open_is_aborted(broker: &Broker) {
    let bus = open(broker, &[]);
    let (input, output) = topics(&*bus, "left", 1);
    let (group, id) = (prefix("left"), prefix("left-member"));
    let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
    let records = read(&mut *member, 1);
    let (partition, next) = (records[0].partition, records[0].offset + 1);
    member.commit(copies(records, &output)).expect("it commits");
    let beyond = format!("{id}\n{group}\n{input}\n{partition}\n{}", next + 1);
    let headers = OwnedHeaders::new().insert(Header { key: "fika-transaction", value: Some(&beyond) });
    let _dead = left_open(broker, &id, &output, headers);
    assert_eq!(numbers(&*bus, &output), [0]);
}

/// A transaction of one record in the topic's third partition.
fn left_open(broker: &Broker, id: &str, topic: &str, headers: OwnedHeaders) -> BaseProducer {
    let mut config = rdkafka::ClientConfig::new();
    config.set("bootstrap.servers", &broker.brokers).set("transactional.id", id).set("transaction.timeout.ms", "600000");
    let producer: BaseProducer = config.create().expect("a producer");
    producer.init_transactions(PATIENCE).expect("the broker answers");
    producer.begin_transaction().expect("it begins");
    let record = BaseRecord::to(topic).partition(2).key("k").payload("7").headers(headers);
    producer.send(record).map_err(|(error, _)| error).expect("there is room");
    producer.flush(PATIENCE).expect("it is written");
    producer
}

/// Two topics, an input with `count` numbered records and an output.
fn topics(bus: &dyn Bus, name: &str, count: usize) -> (String, String) {
    let (input, output) = (prefix(&format!("{name}-in")), prefix(&format!("{name}-out")));
    bus.ensure_topics(&[TopicSettings::deleting(&input, 4, None), TopicSettings::deleting(&output, 4, None)]).expect("they are made");
    bus.append((0..count).map(|n| Outgoing::new(&input, format!("{n}"), format!("{n}"))).collect()).expect("it is appended");
    (input, output)
}

fn copies(records: Vec<Record>, output: &str) -> Vec<Outgoing> {
    let copy = |record: Record| Outgoing { topic: output.to_owned(), key: record.key, value: record.value, headers: record.headers };
    records.into_iter().map(copy).collect()
}

/// Polls until `count` records have come; while the broker is away, again.
fn read(member: &mut dyn Consumer, count: usize) -> Vec<Record> {
    let deadline = Instant::now() + PATIENCE;
    let mut records = Vec::new();
    while records.len() < count {
        assert!(Instant::now() < deadline, "{} of {count}", records.len());
        match member.poll(1_000, MOMENT) {
            Ok(more) => records.extend(more),
            Err(Error::Unreachable { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    records
}

/// The numbers in a topic, sorted.
fn numbers(bus: &dyn Bus, topic: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    bus.scan(topic, &mut |record| {
        let text = String::from_utf8(record.value.expect("a value")).expect("text");
        numbers.push(text.parse().expect("a number"));
        ControlFlow::Continue(())
    })
    .expect("it is read");
    numbers.sort_unstable();
    numbers
}

#[test]
fn kafka_faults_lose_and_repeat_nothing() {
    let Some(mut broker) = Broker::start_or_skip() else { return };
    timed("a hung member is fenced", || a_hung_member_is_fenced(&broker));
    timed("killed members", || killed_members_leave_nothing_half_done(&broker, ""));
    timed("killed members with a name", || killed_members_leave_nothing_half_done(&broker, "desk-1"));
    if broker.is_own() {
        timed("an outage", || an_outage_is_told_and_got_over(&mut broker));
        timed("a forgotten end", || an_end_that_the_broker_forgot_is_marked(&mut broker));
    } else {
        fika_tests::skipped("the broker is not ours to kill");
    }
}

fn timed(what: &str, examine: impl FnOnce()) {
    let begin = Instant::now();
    examine();
    eprintln!("{what}: {:.1} s", begin.elapsed().as_secs_f64());
}

fn a_hung_member_is_fenced(broker: &Broker) {
    let bus = open(broker, BRISK);
    let (input, output) = topics(&*bus, "hung", 50);
    let group = prefix("hung");
    let mut hung = bus.subscribe(&group, &[&input]).expect("it joins");
    let held = read(&mut *hung, 50);
    // The first member does not poll any more, so its partitions go to the second.
    let mut other = bus.subscribe(&group, &[&input]).expect("it joins");
    let records = read(&mut *other, 50);
    assert_eq!(hung.commit(copies(held, &output)), Err(Error::Fenced { group: group.clone() }));
    other.commit(copies(records, &output)).expect("it commits");
    assert_eq!(numbers(&*bus, &output), (0..50).collect::<Vec<_>>());
    drop(other);
    // The fenced one comes back and goes on where the other has committed.
    bus.append(vec![Outgoing::new(&input, "50", "50")]).expect("it is appended");
    // While the other is still leaving, the group may change once more between reading and committing.
    copy_one(&mut *hung, &output);
    assert_eq!(numbers(&*bus, &output), (0..51).collect::<Vec<_>>());
}

/// Copies a record, and reads it again as long as it is fenced.
fn copy_one(member: &mut dyn Consumer, output: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let records = read(member, 1);
        match member.commit(copies(records, output)) {
            Ok(()) => break,
            Err(Error::Fenced { .. }) => assert!(Instant::now() < deadline, "it stays fenced"),
            Err(error) => panic!("{error}"),
        }
    }
}

const TASK: &str = "FIKA_KAFKA_TEST_TASK";

/// What a child does until it is killed; nothing when this is run as a test. Its task: brokers, instance, group, input, output.
#[test]
fn child() {
    let Ok(task) = env::var(TASK) else { return };
    let [brokers, instance, group, input, output] = task.split(' ').collect::<Vec<_>>()[..] else { panic!("{task:?}") };
    let mut properties: BTreeMap<String, String> = BRISK.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if !instance.is_empty() {
        properties.insert("group.instance.id".to_owned(), instance.to_owned());
    }
    let bus = fika_bus::open(&BusAddress::Kafka { brokers: brokers.to_owned(), properties }).expect("the broker answers");
    let mut member = bus.subscribe(group, &[input]).expect("it joins");
    loop {
        let records = member.poll(17, MOMENT).expect("it polls");
        member.commit(copies(records, output)).expect("it commits");
    }
}

/// Kills a copying member several times. With the name of an instance its successor takes over at once; without, after the
/// session and the transaction of the dead one have timed out.
fn killed_members_leave_nothing_half_done(broker: &Broker, instance: &str) {
    const COUNT: usize = 2_000;
    let bus = open(broker, &[]);
    let (input, output) = topics(&*bus, &format!("killed{instance}"), COUNT);
    let group = prefix(&format!("killed{instance}"));
    let mut tail = bus.tail(&[&output], TailFrom::Start).expect("it follows");
    let deadline = Instant::now() + PATIENCE;
    let mut copied = 0;
    for life in 1.. {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(TASK, format!("{} {instance} {group} {input} {output}", broker.brokers))
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        let until = if life < 5 { (COUNT / 8 * life).max(copied + 1) } else { COUNT };
        while copied < until.min(COUNT) {
            assert!(Instant::now() < deadline, "{copied} of {COUNT}");
            copied += tail.poll(MOMENT).expect("it follows").len();
        }
        child.kill().expect("it is killed");
        child.wait().expect("it has ended");
        if copied >= COUNT {
            break;
        }
    }
    assert_eq!(numbers(&*bus, &output), (0..COUNT).collect::<Vec<_>>());
}

fn an_outage_is_told_and_got_over(broker: &mut Broker) {
    let bus = open(broker, &[("delivery.timeout.ms", "2000")]);
    let (input, output) = topics(&*bus, "outage", 100);
    let group = prefix("outage");
    let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
    let held = read(&mut *member, 100);
    broker.kill();
    let begin = Instant::now();
    assert!(matches!(bus.check(), Err(Error::Unreachable { .. })));
    assert!(begin.elapsed() < Duration::from_secs(5), "told after {:?}", begin.elapsed());
    let begin = Instant::now();
    let opened = fika_bus::open(&broker.address(&[])).map(drop);
    let Err(error @ Error::Unreachable { .. }) = opened else { panic!("{opened:?}") };
    assert!(error.to_string().contains(&broker.brokers), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(5), "told after {:?}", begin.elapsed());
    let lost = bus.append(vec![Outgoing::new(&input, "lost", "100")]);
    assert!(matches!(lost, Err(Error::Unreachable { .. })), "{lost:?}");
    let uncommitted = member.commit(copies(held, &output));
    assert!(matches!(uncommitted, Err(Error::Unreachable { .. })), "{uncommitted:?}");
    let polled = member.poll(10, MOMENT);
    assert!(matches!(polled, Err(Error::Unreachable { .. })), "{polled:?}");

    broker.revive();
    let records = read(&mut *member, 100);
    member.commit(copies(records, &output)).expect("it commits");
    assert_eq!(numbers(&*bus, &output), (0..100).collect::<Vec<_>>());
    bus.append(vec![Outgoing::new(&input, "100", "100")]).expect("it is appended");
    assert_eq!(read(&mut *member, 1).len(), 1);
    bus.check().expect("it answers again");
}

/// The broker has answered a commit and dies before it has marked its end in the partitions: alone, it never will.
fn an_end_that_the_broker_forgot_is_marked(broker: &mut Broker) {
    let bus = open(broker, &[]);
    let (input, output) = topics(&*bus, "forgotten", 20);
    let group = prefix("forgotten");
    let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
    let mut count = 20;
    loop {
        let records = read(&mut *member, 20);
        member.commit(copies(records, &output)).expect("it commits");
        broker.kill();
        broker.revive();
        if waits_for_an_end(broker, &output) {
            break;
        }
        assert!(count < 200, "it was never forgotten, so nothing was tried");
        bus.append((count..count + 20).map(|n| Outgoing::new(&input, format!("{n}"), format!("{n}"))).collect()).expect("it is appended");
        count += 20;
    }
    assert_eq!(numbers(&*bus, &output), (0..count).collect::<Vec<_>>());
    let behind = |topic: &str| bus.lag(&group, &[topic]).expect("it is told").iter().map(|lag| lag.behind).sum::<i64>();
    assert_eq!(behind(&input), 0, "the offsets count with the records");
    // What ended the transaction is a record of its own, which nobody is shown.
    let reading = prefix("forgotten-reading");
    let mut reader = bus.subscribe(&reading, &[&output]).expect("it joins");
    let records = read(&mut *reader, count);
    assert!(records.iter().all(|record| record.value.is_some() && record.headers.is_empty()));
    reader.commit(Vec::new()).expect("it commits");
    assert_eq!(bus.lag(&reading, &[&output]).expect("it is told").iter().map(|lag| lag.behind).sum::<i64>(), 0);
    bus.append(vec![Outgoing::new(&input, "more", format!("{count}"))]).expect("it is appended");
    // Whose transaction was ended in its stead is fenced, and goes on.
    copy_one(&mut *member, &output);
    assert_eq!(numbers(&*bus, &output), (0..=count).collect::<Vec<_>>());
}

/// Whether somewhere a record is not followed by the mark of its transaction's end, though the broker had time for that.
fn waits_for_an_end(broker: &Broker, topic: &str) -> bool {
    let probe = |isolation: &str| -> BaseConsumer {
        let mut config = rdkafka::ClientConfig::new();
        config.set("bootstrap.servers", &broker.brokers).set("group.id", "probe").set("isolation.level", isolation);
        config.create().expect("a client")
    };
    let (committed, all) = (probe("read_committed"), probe("read_uncommitted"));
    let end = |probe: &BaseConsumer, partition| probe.fetch_watermarks(topic, partition, PATIENCE).expect("the broker answers").1;
    let waits = || (0..4).any(|partition| end(&committed, partition) < end(&all, partition));
    let deadline = Instant::now() + Duration::from_secs(5);
    while waits() && Instant::now() < deadline {
        std::thread::park_timeout(MOMENT);
    }
    waits()
}
