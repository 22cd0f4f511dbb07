//! Commits that must not both be, and calls of a process that is to end.

use super::{Case, PATIENCE, Subject, numbered, read, text, values};
use crate::{Bus, Consumer, Error, Guard};
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] = &[
    ("of two commits under one guard only one is published", one_of_two_is_published),
    ("a guard that does not hold publishes nothing", a_guard_that_does_not_hold),
    ("a bus that drains reads no more and still commits", a_drain_stops_reading_first),
    ("a bus whose time is over gives everything up", a_drain_that_is_over_gives_up),
];

const ROUNDS: usize = 4;
/// How long one waits for the other to have looked, too. Under a guard that may be in vain.
const MEETING: Duration = Duration::from_millis(500);

/// Where two meet.
#[derive(Default)]
struct Meeting {
    there: Mutex<usize>,
    came: Condvar,
}

impl Meeting {
    fn attend(&self) {
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        *there += 1;
        self.came.notify_all();
        drop(self.came.wait_timeout_while(there, MEETING, |there| *there < 2));
    }
}

fn has(bus: &dyn Bus, topic: &str, value: &str) -> Result<bool, Error> {
    let mut found = false;
    bus.scan(topic, &mut |record| {
        found |= text(&record) == value;
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Two members of different groups look whether anybody has published, meet, and publish: without the guard both would.
fn one_of_two_is_published(subject: &Subject<'_>) {
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, "guard-in", 1), subject.topic(&*bus, "guard-out", 2));
    let name = subject.name("guard");
    let join = |group: &str| {
        let own = subject.open();
        let member = own.subscribe(&subject.name(group), &[&input]).expect("it joins");
        (own, member)
    };
    let mut members = [join("guard-one"), join("guard-two")];
    for round in 0..ROUNDS {
        bus.append(numbered(&input, round, 1)).expect("it is appended");
        let meeting = Meeting::default();
        let publish = |own: &dyn Bus, member: &mut dyn Consumer| {
            read(member, 1);
            let mut holds = || {
                let is_free = !has(own, &output, &format!("v{round}"))?;
                meeting.attend();
                Ok(is_free)
            };
            member.commit_under(Guard { name: &name, holds: &mut holds }, numbered(&output, round, 1))
        };
        let outcomes: Vec<Result<(), Error>> = std::thread::scope(|scope| {
            let running: Vec<_> = members.iter_mut().map(|(own, member)| scope.spawn(|| publish(&**own, &mut **member))).collect();
            running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let published = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Fenced { .. }))).count();
        assert_eq!((published, refused), (1, 1), "round {round}: {outcomes:?}");
        assert_eq!(values(&*bus, &output), super::expected(round + 1));
        for ((_, member), outcome) in members.iter_mut().zip(outcomes) {
            if outcome.is_err() {
                assert_eq!(read(&mut **member, 1).len(), 1, "what was refused comes again");
                member.commit(Vec::new()).expect("it commits");
            }
        }
    }
}

fn a_guard_that_does_not_hold(subject: &Subject<'_>) {
    let bus = subject.open();
    let (input, output) = (subject.topic(&*bus, "void-in", 1), subject.topic(&*bus, "void-out", 1));
    let (group, name) = (subject.name("void"), subject.name("void-guard"));
    bus.append(numbered(&input, 0, 3)).expect("it is appended");
    let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
    read(&mut *member, 3);
    let refused = member.commit_under(Guard { name: &name, holds: &mut || Ok(false) }, numbered(&output, 0, 1));
    assert_eq!(refused, Err(Error::Fenced { group }));
    read(&mut *member, 3);
    let unknown = Error::UnknownTopic { topic: "none".into() };
    let failed = member.commit_under(Guard { name: &name, holds: &mut || Err(unknown.clone()) }, numbered(&output, 0, 1));
    assert_eq!(failed, Err(unknown));
    assert_eq!(values(&*bus, &output), super::expected(0));
    read(&mut *member, 3);
    member.commit_under(Guard { name: &name, holds: &mut || Ok(true) }, numbered(&output, 0, 1)).expect("it commits");
    assert_eq!(values(&*bus, &output), super::expected(1));
}

fn a_drain_stops_reading_first(subject: &Subject<'_>) {
    let (bus, other) = (subject.open(), subject.open());
    let (input, output) = (subject.topic(&*bus, "drain-in", 2), subject.topic(&*bus, "drain-out", 2));
    let group = subject.name("drain");
    bus.append(numbered(&input, 0, 20)).expect("it is appended");
    let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
    read(&mut *member, 20);
    let mut shown = 0;
    let stopped = bus.scan(&input, &mut |_| {
        shown += 1;
        bus.drain(Instant::now() + PATIENCE);
        ControlFlow::Continue(())
    });
    assert_eq!((stopped, shown), (Err(Error::Draining), 1), "a scan that runs stops");
    assert_eq!(bus.lag(&group, &[&input]), Err(Error::Draining));
    bus.append(numbered(&output, 0, 1)).expect("it is appended");
    member.commit(numbered(&output, 1, 1)).expect("it commits");
    drop(member);
    assert_eq!(values(&*other, &output), super::expected(2));
    let mut successor = other.subscribe(&group, &[&input]).expect("it joins");
    super::await_assignment(&mut *successor, 2);
}

fn a_drain_that_is_over_gives_up(subject: &Subject<'_>) {
    let (bus, other) = (subject.open(), subject.open());
    let (input, output) = (subject.topic(&*bus, "over-in", 2), subject.topic(&*bus, "over-out", 2));
    let group = subject.name("over");
    bus.append(numbered(&input, 0, 20)).expect("it is appended");
    let mut member = bus.subscribe(&group, &[&input]).expect("it joins");
    read(&mut *member, 20);
    bus.drain(Instant::now());
    let begin = Instant::now();
    assert_eq!(member.commit(numbered(&output, 0, 1)), Err(Error::Draining));
    assert_eq!(bus.append(numbered(&output, 0, 1)), Err(Error::Draining));
    drop(member);
    assert!(begin.elapsed() < PATIENCE / 2, "{:?}", begin.elapsed());
    assert_eq!(values(&*other, &output), super::expected(0));
    let mut successor = other.subscribe(&group, &[&input]).expect("it joins");
    read(&mut *successor, 20);
}
