//! The log without groups: topics, appending, scanning, following.

use super::{Case, MOMENT, PATIENCE, Subject, by_key, expected, numbered, values};
use crate::{Error, MAX_RECORD_BYTES, Outgoing, Record, Tail, TailFrom, TopicOutcome, TopicSettings, partition_for};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] = &[
    ("topics are made once and left alone", topics_are_made_once),
    ("what cannot be written is refused", what_cannot_be_written_is_refused),
    ("a record comes back as it was", a_record_comes_back_as_it_was),
    ("records of a key keep their order and place", keys_keep_order_and_place),
    ("appends of several writers are all there", concurrent_appends_are_all_there),
    ("a scan stops when it is told to", a_scan_stops_when_told),
    ("a compacted topic keeps the latest of each key", compaction_keeps_the_latest),
    ("a tail follows from the start or from the end", a_tail_follows),
];

fn topics_are_made_once(subject: &Subject<'_>) {
    let bus = subject.open();
    bus.check().expect("the bus answers");
    let (one, two) = (subject.name("made-once"), subject.name("made-once-too"));
    let wish = TopicSettings::deleting(&one, 3, Some(Duration::from_secs(24 * 3_600)));
    let made = bus.ensure_topics(std::slice::from_ref(&wish)).expect("it is made");
    assert_eq!(made, [TopicOutcome::Created { topic: one.clone() }]);
    let again = subject.open().ensure_topics(&[wish.clone(), TopicSettings::compacted(&two, 1)]).expect("it is found");
    let expect = [TopicOutcome::Existed { topic: one.clone(), differences: Vec::new() }, TopicOutcome::Created { topic: two }];
    assert_eq!(again, expect);
    let other = TopicSettings::deleting(&one, 4, Some(Duration::from_secs(48 * 3_600)));
    let found = bus.ensure_topics(&[other]).expect("differences are no error");
    let TopicOutcome::Existed { differences, .. } = &found[0] else { panic!("{found:?}") };
    let named: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["partitions is 3 instead of 4", "retention.ms is 86400000 instead of 172800000"]);
    for bad in [TopicSettings::compacted("not a name", 1), TopicSettings::compacted(subject.name("none"), 0)] {
        let refused = bus.ensure_topics(&[bad]);
        assert!(matches!(refused, Err(Error::TopicSettings { .. })), "{refused:?}");
    }
}

fn what_cannot_be_written_is_refused(subject: &Subject<'_>) {
    let bus = subject.open();
    let missing = subject.name("missing");
    let unknown = Err(Error::UnknownTopic { topic: missing.clone() });
    assert_eq!(bus.append(numbered(&missing, 0, 1)), unknown);
    assert_eq!(bus.scan(&missing, &mut |_| ControlFlow::Continue(())), unknown);
    assert_eq!(bus.subscribe("g", &[&missing]).map(drop), unknown);
    assert_eq!(bus.tail(&[&missing], TailFrom::Start).map(drop), unknown);
    assert_eq!(bus.lag("g", &[&missing]).map(drop), unknown);

    let compacted = subject.name("refusing");
    bus.ensure_topics(&[TopicSettings::compacted(&compacted, 1)]).expect("it is made");
    let with_value = |bytes: usize| Outgoing::new(&compacted, "key", vec![0x2a; bytes - 3]);
    let too_large = bus.append(vec![with_value(MAX_RECORD_BYTES + 1)]);
    let limit = MAX_RECORD_BYTES;
    assert_eq!(too_large, Err(Error::TooLarge { topic: compacted.clone(), bytes: limit + 1, limit }));
    let without_key = Outgoing { key: None, ..Outgoing::new(&compacted, "", "value") };
    assert_eq!(bus.append(vec![without_key]), Err(Error::KeyMissing { topic: compacted.clone() }));
    bus.append(vec![with_value(MAX_RECORD_BYTES)]).expect("a record of the greatest size fits");
    let mut sizes = Vec::new();
    bus.scan(&compacted, &mut |record| {
        sizes.push(record.value.map_or(0, |value| value.len()));
        ControlFlow::Continue(())
    })
    .expect("it is read");
    assert_eq!(sizes, [MAX_RECORD_BYTES - 3]);
}

fn a_record_comes_back_as_it_was(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "as-it-was", 1);
    let header = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    let written = vec![
        Outgoing {
            topic: topic.clone(),
            key: Some(vec![0, 255, 7]),
            value: Some(vec![0xc3, 0x28, 0]),
            headers: vec![header("content-type", b"a/b"), header("twice", b"1"), header("twice", &[0, 200]), header("empty", b"")],
        },
        Outgoing { topic: topic.clone(), key: None, value: Some(Vec::new()), headers: Vec::new() },
        Outgoing::tombstone(&topic, "gone"),
    ];
    let before = wall_clock_ms();
    bus.append(written.clone()).expect("it is appended");
    let mut found = Vec::new();
    subject
        .open()
        .scan(&topic, &mut |record| {
            found.push(record);
            ControlFlow::Continue(())
        })
        .expect("it is read");
    assert_eq!(found.len(), written.len());
    for (found, written) in found.iter().zip(&written) {
        assert_eq!((&found.key, &found.value, &found.headers), (&written.key, &written.value, &written.headers));
        assert_eq!((&found.topic, found.partition), (&topic, 0));
        assert!((before - 60_000..=before + 60_000).contains(&found.timestamp_ms), "{} near {before}", found.timestamp_ms);
    }
    assert!(found.is_sorted_by(|a, b| a.offset < b.offset));
}

fn wall_clock_ms() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.as_millis() as i64)
}

fn keys_keep_order_and_place(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "in-order", 5);
    for first in (0..300).step_by(30) {
        bus.append(numbered(&topic, first, 30)).expect("it is appended");
    }
    let mut records: Vec<Record> = Vec::new();
    bus.scan(&topic, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })
    .expect("it is read");
    assert_eq!(records.len(), 300);
    for record in &records {
        assert_eq!(record.partition, partition_for(record.key.as_ref().expect("a key"), 5));
    }
    for (key, values) in by_key(&records) {
        let numbers: Vec<usize> = values.iter().map(|value| value[1..].parse().expect("a number")).collect();
        assert_eq!(numbers.len(), 30, "{key:?}");
        assert!(numbers.is_sorted(), "{key:?} {numbers:?}");
    }
}

fn concurrent_appends_are_all_there(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "many-writers", 3);
    let others = [subject.open(), bus.clone(), bus.clone(), bus.clone()];
    std::thread::scope(|scope| {
        for (writer, bus) in others.iter().enumerate() {
            let topic = &topic;
            scope.spawn(move || {
                for first in (writer * 50..(writer + 1) * 50).step_by(5) {
                    bus.append(numbered(topic, first, 5)).expect("it is appended");
                }
            });
        }
    });
    assert_eq!(values(&*bus, &topic), expected(200));
}

fn a_scan_stops_when_told(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.topic(&*bus, "scanned", 2);
    assert_eq!(values(&*bus, &topic), expected(0), "an empty topic has an end, too");
    bus.append(numbered(&topic, 0, 20)).expect("it is appended");
    let mut seen = 0;
    bus.scan(&topic, &mut |_| {
        seen += 1;
        if seen == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .expect("stopping is no error");
    assert_eq!(seen, 7);
}

fn compaction_keeps_the_latest(subject: &Subject<'_>) {
    let bus = subject.open();
    let topic = subject.name("latest");
    bus.ensure_topics(&[TopicSettings::compacted(&topic, 2)]).expect("it is made");
    for round in 0..50 {
        let mut batch: Vec<Outgoing> = (0..20).map(|key| Outgoing::new(&topic, format!("k{key}"), format!("{round}"))).collect();
        batch.push(Outgoing::tombstone(&topic, "k3"));
        bus.append(batch).expect("it is appended");
    }
    let mut latest: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
    bus.scan(&topic, &mut |record| {
        latest.insert(record.key.expect("a key"), record.value);
        ControlFlow::Continue(())
    })
    .expect("it is read");
    assert_eq!(latest.remove(b"k3".as_slice()).flatten(), None, "deleted");
    assert_eq!(latest.len(), 19);
    assert!(latest.values().all(|value| value.as_deref() == Some(b"49")), "{latest:?}");
}

fn a_tail_follows(subject: &Subject<'_>) {
    let bus = subject.open();
    let (one, two) = (subject.topic(&*bus, "followed", 3), subject.topic(&*bus, "followed-too", 1));
    bus.append(numbered(&one, 0, 10)).expect("it is appended");
    let mut from_start = bus.tail(&[&one, &two], TailFrom::Start).expect("it starts");
    let mut from_end = subject.open().tail(&[&one, &two], TailFrom::End).expect("it starts");
    assert!(from_end.poll(MOMENT).expect("it works").is_empty(), "nothing is new");
    assert_eq!(follow(&mut *from_start, 10).len(), 10);
    bus.append(numbered(&one, 10, 5)).expect("it is appended");
    bus.append(numbered(&two, 15, 5)).expect("it is appended");
    for tail in [&mut from_start, &mut from_end] {
        let mut found = follow(&mut **tail, 10);
        found.sort_by_key(|value| value[1..].parse::<usize>().expect("a number"));
        assert_eq!(found, expected(20)[10..]);
    }
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| follow(&mut *from_end, 1));
        bus.append(numbered(&two, 20, 1)).expect("it is appended");
        assert_eq!(waiting.join().expect("the follower is woken"), ["v20"]);
    });
}

fn follow(tail: &mut dyn Tail, count: usize) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    let mut found = Vec::new();
    while found.len() < count {
        assert!(Instant::now() < deadline, "{found:?} of {count}");
        found.extend(tail.poll(MOMENT).expect("it works").iter().map(super::text));
    }
    found
}
