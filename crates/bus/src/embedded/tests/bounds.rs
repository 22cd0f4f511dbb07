//! The file stays bounded: retention, compaction, tombstones.

use super::*;

fn count(bus: &EmbeddedBus) -> i64 {
    bus.shared.ask("count", |connection| connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0))).expect("it counts")
}

fn pages(bus: &EmbeddedBus) -> i64 {
    bus.shared.ask("count", |connection| connection.pragma_query_value(None, "page_count", |row| row.get(0))).expect("it counts")
}

#[test]
fn retention_bounds_the_file() {
    let folder = folder();
    let bus = embedded(&folder.path().join("bus.sqlite"), EmbeddedSettings { retention_check: Duration::ZERO, ..brisk() });
    bus.ensure_topics(&[TopicSettings::deleting("short", 3, Some(Duration::ZERO)), TopicSettings::deleting("for-ever", 1, None)])
        .expect("they are made");
    bus.append(vec![Outgoing::new("for-ever", "k", "v")]).expect("it is appended");
    let mut member = bus.subscribe("g", &["short"]).expect("it joins");
    let batch: Vec<Outgoing> = (0..100_u8).map(|key| Outgoing::new("short", [key], vec![key; 1_000])).collect();
    let mut settled = 0;
    for round in 0..60 {
        bus.append(batch.clone()).expect("it is appended");
        if round == 20 {
            settled = pages(&bus);
        }
        // Records of the same millisecond are not older than zero milliseconds.
        let now = now_ms();
        while now_ms() == now {
            std::hint::spin_loop();
        }
    }
    assert!(count(&bus) <= 101, "{} records", count(&bus));
    assert!(pages(&bus) <= settled + settled / 2, "{} pages after {settled}", pages(&bus));
    // A reader that is overtaken goes on with what is there.
    let records = read(&mut *member, 100);
    assert_eq!(records.len(), 100);
    assert!(records.iter().all(|record| record.offset > 1_000), "only the last batch is left");
    let mut left = 0;
    bus.scan("for-ever", &mut |_| {
        left += 1;
        ControlFlow::Continue(())
    })
    .expect("it is read");
    assert_eq!(left, 1);
}

#[test]
fn records_inside_their_retention_stay() {
    let folder = folder();
    let bus = embedded(&folder.path().join("bus.sqlite"), EmbeddedSettings { retention_check: Duration::ZERO, ..brisk() });
    bus.ensure_topics(&[TopicSettings::deleting("kept", 1, Some(Duration::from_secs(60)))]).expect("it is made");
    for _ in 0..20 {
        bus.append(vec![Outgoing::new("kept", "k", "v")]).expect("it is appended");
    }
    assert_eq!(count(&bus), 20);
}

#[test]
fn compaction_bounds_a_topic_and_drops_old_tombstones() {
    let folder = folder();
    let bus = embedded(&folder.path().join("bus.sqlite"), brisk());
    let compacted =
        |name: &str, tombstones| TopicSettings { name: name.to_owned(), partitions: 1, cleanup: crate::Cleanup::Compact { tombstones } };
    bus.ensure_topics(&[compacted("a", Duration::from_secs(3_600)), compacted("b", Duration::ZERO)]).expect("they are made");
    for round in 0..200 {
        let batch = (0..7_u8).map(|key| Outgoing::new("a", [key], format!("{round}"))).collect();
        bus.append(batch).expect("it is appended");
    }
    // Seven live keys; at most as many again, and not more than `compact_after` and one batch, wait for the next compaction.
    assert!((7..=7 + 10 + 7).contains(&count(&bus)), "{} records", count(&bus));

    let before = count(&bus);
    for key in 0..200_u8 {
        bus.append(vec![Outgoing::new("b", [key], "v"), Outgoing::tombstone("b", [key])]).expect("it is appended");
        let now = now_ms();
        while now_ms() == now {
            std::hint::spin_loop();
        }
    }
    assert!(count(&bus) - before < 40, "{} records of deleted keys", count(&bus) - before);
    for key in 0..200_u8 {
        bus.append(vec![Outgoing::tombstone("a", [key])]).expect("it is appended");
    }
    let mut tombstones = 0;
    bus.scan("a", &mut |record| {
        tombstones += usize::from(record.value.is_none());
        ControlFlow::Continue(())
    })
    .expect("it is read");
    assert_eq!(tombstones, 200, "tombstones stay readable for their hour");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn compaction_never_changes_what_the_keys_mean(
        writes in proptest::collection::vec((0_u8..6, proptest::option::of(any::<u8>())), 0..120),
        batch in 1_usize..30,
    ) {
        let folder = folder();
        let bus = embedded(&folder.path().join("bus.sqlite"), brisk());
        bus.ensure_topics(&[TopicSettings::compacted("t", 2)]).expect("it is made");
        let mut expect = std::collections::BTreeMap::new();
        for chunk in writes.chunks(batch) {
            let outgoing = chunk.iter().map(|(key, value)| {
                expect.insert(vec![*key], value.map(|value| vec![value]));
                Outgoing { topic: "t".into(), key: Some(vec![*key]), value: value.map(|value| vec![value]), headers: Vec::new() }
            }).collect();
            bus.append(outgoing).expect("it is appended");
        }
        let mut found = std::collections::BTreeMap::new();
        bus.scan("t", &mut |record| {
            found.insert(record.key.expect("a key"), record.value);
            ControlFlow::Continue(())
        }).expect("it is read");
        prop_assert_eq!(found, expect);
    }
}
