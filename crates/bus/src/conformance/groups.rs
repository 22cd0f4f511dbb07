//! Groups: who reads what, from where, and how far behind.

use super::{Case, MOMENT, PATIENCE, Subject, await_assignment, by_key, expected, numbered, read, text};
use crate::{Consumer, Rebalance};
use std::time::Instant;

pub(super) const CASES: &[Case] = &[
    ("a group goes on where it has committed", a_group_goes_on),
    ("what was not committed comes again", uncommitted_comes_again),
    ("groups do not meet", groups_do_not_meet),
    ("members share the partitions and take over", members_share_and_take_over),
    ("lag counts what is left, and nothing else", lag_counts_what_is_left),
    ("a reader that waits is woken", a_waiting_reader_is_woken),
];

fn a_group_goes_on(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "goes-on", 4);
    let group = subject.name("goes-on");
    bus.append(numbered(&topic, 0, 100)).expect("it is appended");
    let mut member = bus.subscribe(&group, &[&topic]).expect("it joins");
    let first = read(&mut *member, 100);
    for values in by_key(&first).values() {
        assert!(values.is_sorted_by_key(|value| value[1..].parse::<usize>().expect("a number")), "{values:?}");
    }
    member.commit(Vec::new()).expect("it commits");
    bus.append(numbered(&topic, 100, 20)).expect("it is appended");
    assert_eq!(read(&mut *member, 20).len(), 20);
    member.commit(Vec::new()).expect("it commits");
    member.commit(Vec::new()).expect("a commit of nothing is none");
    drop(member);
    bus.append(numbered(&topic, 120, 3)).expect("it is appended");
    let mut member = subject.open().subscribe(&group, &[&topic]).expect("it joins");
    let mut rest: Vec<String> = read(&mut *member, 3).iter().map(text).collect();
    rest.sort();
    assert_eq!(rest, ["v120", "v121", "v122"]);
    assert!(member.poll(10, MOMENT).expect("it polls").is_empty());
}

fn uncommitted_comes_again(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "comes-again", 2);
    let group = subject.name("comes-again");
    bus.append(numbered(&topic, 0, 30)).expect("it is appended");
    let mut member = bus.subscribe(&group, &[&topic]).expect("it joins");
    assert_eq!(read(&mut *member, 30).len(), 30);
    assert!(member.poll(10, MOMENT).expect("it polls").is_empty(), "not twice to the same member");
    drop(member);
    let mut member = bus.subscribe(&group, &[&topic]).expect("it joins");
    let again: Vec<String> = read(&mut *member, 30).iter().map(text).collect();
    assert_eq!(again.len(), 30);
}

fn groups_do_not_meet(subject: &Subject<'_>) {
    let bus = subject.open();
    let (one, two) = (subject.topic(&*bus, "groups-one", 2), subject.topic(&*bus, "groups-two", 2));
    bus.append([numbered(&one, 0, 10), numbered(&two, 10, 10)].concat()).expect("it is appended");
    for (name, topics, count) in [("groups-a", vec![one.as_str(), two.as_str()], 20), ("groups-b", vec![two.as_str()], 10)] {
        let mut member = bus.subscribe(&subject.name(name), &topics).expect("it joins");
        let records = read(&mut *member, count);
        assert!(records.iter().all(|record| topics.contains(&record.topic.as_str())));
        member.commit(Vec::new()).expect("it commits");
    }
}

fn members_share_and_take_over(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "shared", 6);
    let group = subject.name("shared");
    let mut one = bus.subscribe(&group, &[&topic]).expect("it joins");
    await_assignment(&mut *one, 6);
    let all: Vec<(String, i32)> = (0..6).map(|partition| (topic.clone(), partition)).collect();
    assert_eq!(one.take_rebalance(), Some(Rebalance { assigned: all.clone(), revoked: Vec::new() }));
    assert_eq!(one.take_rebalance(), None);

    let mut two = subject.open().subscribe(&group, &[&topic]).expect("it joins");
    await_balance(&mut *one, &mut *two, 3);
    let mut together = [one.assignment(), two.assignment()].concat();
    together.sort();
    assert_eq!(together, all, "each partition has one reader");
    let given = one.take_rebalance().expect("partitions went");
    assert_eq!(given, Rebalance { assigned: Vec::new(), revoked: two.assignment() }, "the others stayed");

    bus.append(numbered(&topic, 0, 60)).expect("it is appended");
    let mut found: Vec<String> = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while found.len() < 60 {
        assert!(Instant::now() < deadline, "{} of 60", found.len());
        for member in [&mut one, &mut two] {
            found.extend(member.poll(100, MOMENT).expect("it polls").iter().map(text));
            member.commit(Vec::new()).expect("it commits");
        }
    }
    found.sort_by_key(|value| value[1..].parse::<usize>().expect("a number"));
    assert_eq!(found, expected(60), "each record once");

    drop(one);
    await_assignment(&mut *two, 6);
    assert_eq!(two.assignment(), all);
    bus.append(numbered(&topic, 60, 10)).expect("it is appended");
    assert_eq!(read(&mut *two, 10).len(), 10, "nothing again, nothing missing");
}

fn await_balance(one: &mut dyn Consumer, two: &mut dyn Consumer, each: usize) {
    let deadline = Instant::now() + PATIENCE;
    while one.assignment().len() != each || two.assignment().len() != each {
        assert!(Instant::now() < deadline, "{:?} and {:?}", one.assignment(), two.assignment());
        assert!(one.poll(1, MOMENT).expect("it polls").is_empty());
        assert!(two.poll(1, MOMENT).expect("it polls").is_empty());
    }
}

fn lag_counts_what_is_left(subject: &Subject<'_>) {
    let bus = subject.open();
    let (topic, output) = (subject.topic(&*bus, "lagging", 3), subject.topic(&*bus, "lagging-out", 1));
    let group = subject.name("lagging");
    let behind = |group: &str, topic: &str| -> i64 {
        let lags = bus.lag(group, &[topic]).expect("it is known");
        assert!(lags.iter().all(|lag| lag.committed.is_none_or(|committed| lag.end >= committed)), "{lags:?}");
        lags.iter().map(|lag| lag.behind).sum()
    };
    assert_eq!(behind(&group, &topic), 0, "an empty topic");
    bus.append(numbered(&topic, 0, 40)).expect("it is appended");
    assert_eq!(behind(&group, &topic), 40, "a group that has never read");
    let mut member = bus.subscribe(&group, &[&topic]).expect("it joins");
    let records = read(&mut *member, 40);
    assert_eq!(behind(&group, &topic), 40, "read is not committed");
    member.commit(records.iter().take(5).map(|record| crate::Outgoing::new(&output, "k", text(record))).collect()).expect("it commits");
    assert_eq!(behind(&group, &topic), 0);
    bus.append(numbered(&topic, 40, 4)).expect("it is appended");
    assert_eq!(behind(&group, &topic), 4);

    // The end of the output is a mark of the transaction: what lies before it is all there is to be read.
    let reader = subject.name("lagging-reader");
    let mut member = bus.subscribe(&reader, &[&output]).expect("it joins");
    assert_eq!(read(&mut *member, 5).len(), 5);
    member.commit(Vec::new()).expect("it commits");
    assert_eq!(behind(&reader, &output), 0);
}

fn a_waiting_reader_is_woken(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "woken", 2);
    let mut member = subject.open().subscribe(&subject.name("woken"), &[&topic]).expect("it joins");
    await_assignment(&mut *member, 2);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let begin = Instant::now();
            let records = member.poll(10, PATIENCE).expect("it polls");
            (records.len(), begin.elapsed())
        });
        bus.append(numbered(&topic, 0, 1)).expect("it is appended");
        let (count, waited) = waiting.join().expect("no panic");
        assert_eq!(count, 1);
        assert!(waited < PATIENCE / 2, "woken after {waited:?}");
    });
}
