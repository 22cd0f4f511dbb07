//! What goes wrong is told in plain words, and nothing is lost by it.

use super::*;
use rusqlite::Connection;

fn ready(path: &Path) -> EmbeddedBus {
    let bus = embedded(path, EmbeddedSettings { locked_after: Duration::from_millis(200), ..brisk() });
    bus.ensure_topics(&[TopicSettings::deleting("t", 2, None), TopicSettings::deleting("out", 2, None)]).expect("they are made");
    bus
}

fn one() -> Vec<Outgoing> {
    vec![Outgoing::new("t", "k", "v")]
}

fn refused(path: &Path) -> Error {
    EmbeddedBus::open(path, brisk()).map(drop).expect_err("it is refused")
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let folder = folder();
    let text = folder.path().join("text");
    fs::write(&text, "this is no database, and longer than the header of one would be: 0123456789012345678901234567890123456789")
        .expect("it is written");
    let before = fs::read(&text).expect("it is there");
    assert_eq!(refused(&text), Error::NotABus { path: text.clone() });
    assert_eq!(fs::read(&text).expect("it is there"), before);

    let other = folder.path().join("other.sqlite");
    Connection::open(&other).expect("it opens").execute_batch("CREATE TABLE theirs(a)").expect("it is made");
    let before = fs::read(&other).expect("it is there");
    assert_eq!(refused(&other), Error::NotABus { path: other.clone() });
    assert_eq!(fs::read(&other).expect("it is there"), before);

    assert!(matches!(refused(folder.path()), Error::File { operation: "open", .. }), "a folder");
    let below = text.join("bus.sqlite");
    assert!(matches!(refused(&below), Error::File { operation: "make the folder", .. }), "below a file");
}

#[test]
fn a_newer_file_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("bus.sqlite");
    drop(ready(&path));
    Connection::open(&path).expect("it opens").pragma_update(None, "user_version", 99).expect("it is written");
    assert_eq!(refused(&path), Error::Newer { path, found: 99, known: 1 });
}

#[test]
fn a_damaged_file_is_told() {
    let folder = folder();
    let path = folder.path().join("bus.sqlite");
    let bus = ready(&path);
    for _ in 0..50 {
        bus.append(vec![Outgoing::new("t", "k", vec![7; 4_000])]).expect("it is appended");
    }
    drop(bus);
    let mut bytes = fs::read(&path).expect("it is there");
    let length = bytes.len();
    bytes[8_192..length - 100].fill(0xa5);
    fs::write(&path, bytes).expect("it is written");
    let found = EmbeddedBus::open(&path, brisk()).and_then(|bus| bus.scan("t", &mut |_| ControlFlow::Continue(())));
    assert_eq!(found, Err(Error::Corrupt { path: path.clone(), code: "SQLITE_CORRUPT" }));

    fs::write(&path, b"SQLite format 3\0 and then nothing that makes sense").expect("it is written");
    assert!(matches!(refused(&path), Error::NotABus { .. } | Error::Corrupt { .. }));
}

#[test]
fn a_locked_file_is_waited_for_and_then_told() {
    let folder = folder();
    let path = folder.path().join("bus.sqlite");
    let bus = ready(&path);
    let other = Connection::open(&path).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is locked");
    let begin = Instant::now();
    assert_eq!(bus.append(one()), Err(Error::Locked { path: path.clone(), waited_s: 0 }));
    assert!(begin.elapsed() >= Duration::from_millis(150), "it waits first");
    bus.check().expect("reading goes on");
    other.execute_batch("COMMIT").expect("it is let go");
    bus.append(one()).expect("it is appended");
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let folder = folder();
    let path = folder.path().join("bus.sqlite");
    let bus = ready(&path);
    bus.append(one()).expect("it is appended");
    let limit = |pages: i64| {
        bus.shared.writer.transact(&bus.shared.file, "limit", |tx| tx.pragma_update(None, "max_page_count", pages)).expect("it is limited");
    };
    let mut member = bus.subscribe("g", &["t"]).expect("it joins");
    assert_eq!(read(&mut *member, 1).len(), 1);
    limit(1);
    let large = |topic: &str| vec![Outgoing::new(topic, "k", vec![1; 1_000_000])];
    assert_eq!(bus.append(large("t")), Err(Error::DiskFull { path: path.clone() }));
    assert_eq!(member.commit(large("out")), Err(Error::DiskFull { path: path.clone() }));
    limit(1_000_000);
    assert_eq!(read(&mut *member, 1).len(), 1, "it comes again");
    member.commit(large("out")).expect("it commits");
    bus.append(large("t")).expect("it is appended");
    assert_eq!(read(&mut *member, 1)[0].offset, 1, "what failed has left nothing");
}

#[test]
fn a_hung_member_is_fenced_and_comes_back() {
    let folder = folder();
    let path = folder.path().join("bus.sqlite");
    let bus = ready(&path);
    bus.append(one()).expect("it is appended");
    let mut hung = bus.subscribe("g", &["t"]).expect("it joins");
    assert_eq!(read(&mut *hung, 1).len(), 1);
    // To this one, whoever has not polled within the last millisecond is hung.
    let impatient = embedded(&path, EmbeddedSettings { member_timeout: Duration::from_millis(1), ..brisk() });
    let mut other = impatient.subscribe("g", &["t"]).expect("it joins");
    assert_eq!(read(&mut *other, 1).len(), 1);
    assert_eq!(hung.commit(vec![Outgoing::new("out", "k", "twice")]), Err(Error::Fenced { group: "g".into() }));
    other.commit(vec![Outgoing::new("out", "k", "once")]).expect("it commits");
    drop(other);
    assert!(hung.poll(10, Duration::from_millis(100)).expect("it polls").is_empty(), "the other has committed it");
    bus.append(one()).expect("it is appended");
    let rebalance = hung.take_rebalance().expect("it has come back");
    assert_eq!((rebalance.assigned.len(), rebalance.revoked.len()), (2, 2));
    assert_eq!(read(&mut *hung, 1).len(), 1);
    hung.commit(Vec::new()).expect("it commits");
    let mut values = Vec::new();
    bus.scan("out", &mut |record| {
        values.push(record.value);
        ControlFlow::Continue(())
    })
    .expect("it is read");
    assert_eq!(values, [Some(b"once".to_vec())]);
}

#[test]
fn lock_files_go_with_their_process() {
    let folder = folder();
    let path = folder.path().join("bus.sqlite");
    let members = folder.path().join("bus.sqlite-members");
    let bus = ready(&path);
    let member = bus.subscribe("g", &["t"]).expect("it joins");
    assert_eq!(fs::read_dir(&members).expect("it is there").count(), 1);
    // What a process that was killed leaves: a file that nobody holds.
    fs::write(members.join("dead"), "").expect("it is written");
    assert!(!bus.shared.liveness.is_alive("dead"));
    assert!(!members.join("dead").exists());
    drop((member, bus));
    assert!(!members.exists());
}
