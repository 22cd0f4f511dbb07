//! Outputs and offsets together or not at all, whatever happens to the members.

use super::{Case, MOMENT, PATIENCE, Subject, await_assignment, expected, numbered, read, values};
use crate::{Bus, Consumer, Error, Outgoing, Record, Shown, TailFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

pub(super) const CASES: &[Case] = &[
    ("outputs appear with their commit and not before", outputs_appear_with_their_commit),
    ("a commit that fails publishes nothing", a_failed_commit_publishes_nothing),
    ("crashes repeat and lose nothing", crashes_repeat_nothing),
    ("members that come and go repeat and lose nothing", coming_and_going_repeats_nothing),
    ("nor do those that read on while they commit", reading_on_repeats_nothing),
    ("a batch whose partition has moved counts once", a_moved_batch_counts_once),
];

fn copies(records: &[Record], output: &str) -> Vec<Outgoing> {
    records
        .iter()
        .map(|record| Outgoing { topic: output.to_owned(), key: record.key.clone(), value: record.value.clone(), headers: Vec::new() })
        .collect()
}

fn outputs_appear_with_their_commit(subject: &Subject<'_>) {
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, "appear-in", 2), subject.topic(&*bus, "appear-out", 2));
    bus.append(numbered(&input, 0, 50)).expect("it is appended");
    let mut member = bus.subscribe(&subject.name("appear"), &[&input]).expect("it joins");
    let mut follower = subject.open().tail(&[&output], TailFrom::Start).expect("it follows");
    let records = read(&mut *member, 50);
    assert_eq!(values(&*bus, &output), expected(0));
    member.commit(copies(&records, &output)).expect("it commits");
    assert_eq!(values(&*subject.open(), &output), expected(50));
    let deadline = Instant::now() + PATIENCE;
    let mut followed = 0;
    while followed < 50 {
        assert!(Instant::now() < deadline, "{followed} of 50");
        followed += follower.poll(MOMENT).expect("it follows").len();
    }
    assert!(member.poll(10, MOMENT).expect("it polls").is_empty());
    // A member may publish without having read anything.
    member.commit(numbered(&output, 50, 1)).expect("it commits");
    assert_eq!(values(&*bus, &output), expected(51));
}

fn a_failed_commit_publishes_nothing(subject: &Subject<'_>) {
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, "fails-in", 2), subject.topic(&*bus, "fails-out", 2));
    bus.append(numbered(&input, 0, 25)).expect("it is appended");
    let mut member = bus.subscribe(&subject.name("fails"), &[&input]).expect("it joins");
    let records = read(&mut *member, 25);
    let missing = subject.name("fails-missing");
    let outputs = [copies(&records, &output), numbered(&missing, 25, 1)].concat();
    assert_eq!(member.commit(outputs), Err(Error::UnknownTopic { topic: missing }));
    assert_eq!(values(&*bus, &output), expected(0));
    let again = read(&mut *member, 25);
    member.commit(copies(&again, &output)).expect("it commits");
    assert_eq!(values(&*bus, &output), expected(25));
}

fn crashes_repeat_nothing(subject: &Subject<'_>) {
    const COUNT: usize = 400;
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, "crash-in", 3), subject.topic(&*bus, "crash-out", 3));
    let group = subject.name("crash");
    bus.append(numbered(&input, 0, COUNT)).expect("it is appended");
    let mut copied = 0;
    for life in 0.. {
        assert!(life < 20, "{copied} of {COUNT}");
        let bus = subject.open();
        let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
        for _ in 0..3 {
            let records = read_some(&mut *member, COUNT - copied, 37);
            member.commit(copies(&records, &output)).expect("it commits");
            copied += records.len();
        }
        // What was read and not committed when a member dies is the next one's.
        read_some(&mut *member, COUNT - copied, 37);
        if copied == COUNT {
            break;
        }
    }
    assert_eq!(values(&*bus, &output), expected(COUNT));
}

/// Some records, if any are left.
fn read_some(member: &mut dyn Consumer, left: usize, most: usize) -> Vec<Record> {
    let deadline = Instant::now() + PATIENCE;
    let mut records = Vec::new();
    while records.is_empty() && left > 0 {
        assert!(Instant::now() < deadline, "{left} records are left and none comes");
        records = member.poll(most, MOMENT).expect("it polls");
    }
    records
}

/// Copies what comes until it is told to stop; what is refused comes again.
fn copy_until(bus: &dyn Bus, group: &str, input: &str, output: &str, stop: &AtomicBool) {
    let mut member = bus.subscribe(group, &[input]).expect("it joins");
    while !stop.load(Ordering::Relaxed) {
        let records = member.poll(23, MOMENT).expect("it polls");
        match member.commit(copies(&records, output)) {
            Ok(()) | Err(Error::Fenced { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// The same, and reads the next records while it commits those before.
fn copy_ahead_until(bus: &dyn Bus, group: &str, input: &str, output: &str, stop: &AtomicBool) {
    let mut member = bus.subscribe(group, &[input]).expect("it joins");
    let mut records: Vec<Record> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let mut next: Vec<Record> = Vec::new();
        let mut each = |shown| match shown {
            Shown::Record(record) => next.push(record),
            Shown::Forget((topic, partition)) => next.retain(|record| record.topic != topic || record.partition != partition),
        };
        let outcome = match records.as_slice() {
            [] => member.poll_each(23, MOMENT, &mut each).map(drop),
            read => member.commit_and_poll(copies(read, output), 23, MOMENT, &mut each),
        };
        records = match outcome {
            Ok(()) => next,
            Err(Error::Fenced { .. }) => Vec::new(),
            Err(error) => panic!("{error}"),
        };
    }
}

fn coming_and_going_repeats_nothing(subject: &Subject<'_>) {
    copied_by_all(subject, "going", copy_until);
}

fn reading_on_repeats_nothing(subject: &Subject<'_>) {
    copied_by_all(subject, "ahead", copy_ahead_until);
}

fn copied_by_all(subject: &Subject<'_>, name: &str, work: fn(&dyn Bus, &str, &str, &str, &AtomicBool)) {
    const COUNT: usize = 3_000;
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, &format!("{name}-in"), 6), subject.topic(&*bus, &format!("{name}-out"), 2));
    let group = subject.name(name);
    let stop = AtomicBool::new(false);
    let copy = |stop: &AtomicBool| work(&*subject.open(), &group, &input, &output, stop);
    std::thread::scope(|scope| {
        scope.spawn(|| copy(&stop));
        let guard = StopAtEnd(&stop);
        for first in (0..COUNT).step_by(1_000) {
            bus.append(numbered(&input, first, 1_000)).expect("it is appended");
            let short_lived = AtomicBool::new(false);
            std::thread::scope(|inner| {
                inner.spawn(|| copy(&short_lived));
                await_copies(&*bus, &output, first + 500, &short_lived);
            });
        }
        await_copies(&*bus, &output, COUNT, &stop);
        drop(guard);
    });
    assert_eq!(values(&*bus, &output), expected(COUNT));
}

/// Waits until `count` records were copied, then tells a copying member to stop.
fn await_copies(bus: &dyn Bus, output: &str, count: usize, stop: &AtomicBool) {
    let _guard = StopAtEnd(stop);
    let deadline = Instant::now() + PATIENCE;
    let mut tail = bus.tail(&[output], TailFrom::Start).expect("it follows");
    let mut copied = 0;
    while copied < count {
        assert!(Instant::now() < deadline, "{copied} of {count}");
        copied += tail.poll(MOMENT).expect("it follows").len();
    }
}

/// Tells a thread to stop however the scope is left, so that a failure is reported instead of hanging.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn a_moved_batch_counts_once(subject: &Subject<'_>) {
    const COUNT: usize = 60;
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, "moved-in", 4), subject.topic(&*bus, "moved-out", 1));
    let group = subject.name("moved");
    let mut slow = bus.subscribe(&group, &[&input]).expect("it joins");
    await_assignment(&mut *slow, 4);
    bus.append(numbered(&input, 0, COUNT)).expect("it is appended");
    let mut held = read(&mut *slow, COUNT);
    // A second member comes while the first holds everything uncommitted, and the first polls on: either it keeps its partitions
    // until it has committed, or its batch is refused.
    let mut other = subject.open().subscribe(&group, &[&input]).expect("it joins");
    for _ in 0..6 {
        let records = other.poll(100, MOMENT).expect("it polls");
        other.commit(copies(&records, &output)).expect("it commits");
        held.extend(slow.poll(100, MOMENT).expect("it polls"));
    }
    match slow.commit(copies(&held, &output)) {
        Ok(()) | Err(Error::Fenced { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    let deadline = Instant::now() + PATIENCE;
    while values(&*bus, &output).len() < COUNT {
        assert!(Instant::now() < deadline, "{:?}", values(&*bus, &output));
        for member in [&mut slow, &mut other] {
            let records = member.poll(100, MOMENT).expect("it polls");
            member.commit(copies(&records, &output)).expect("it commits");
        }
    }
    assert_eq!(values(&*bus, &output), expected(COUNT));
}
