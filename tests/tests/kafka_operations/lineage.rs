//! Rosters that want to take the place of the same one, made by different members: only one is published, on both makes of the bus.

use std::collections::BTreeMap;
use std::time::Duration;

use fika_bus::{Bus, Outgoing, TailFrom};
use fika_model::fault::FaultCode;
use fika_model::status::State;
use fika_tests::fleet::Fleet;
use fika_tests::kafka::Broker;
use fika_tests::program::{fika, scratch, until};
use fika_wire::{records, topics};
use serde_json::{Value, json};

const DAY: &str = include_str!("../../examples/day.json");
/// Each with a roster of its own and two that want to take its place. With so many it is rare that no two members race.
const SITES: usize = 6;
/// A member solves so many requests at once: all of them.
const SOLVES: (&str, &str) = ("FIKA_PLANNER_SOLVES", "12");

/// A request of a site, as an event; where it names a roster, that is of generation 1.
pub(super) fn request(id: &str, site: usize, parent: Option<&str>) -> Outgoing {
    let mut day: Value = serde_json::from_str(DAY).expect("JSON");
    day["id"] = id.into();
    day["site"]["id"] = format!("site-{site}").into();
    day["budget"] = json!({ "steps": "200" });
    if let Some(parent) = parent {
        day["replaces"] = json!({"rosterId": parent, "generation": "1"});
        // All heirs are ready at the same time, whichever member makes them.
        day["budget"] = json!({ "seconds": 2 });
    }
    let event = json!({
        "specversion": "1.0", "id": id, "source": "/test", "type": "fika.v1.RosterRequest", "time": "2025-01-06T00:00:00Z",
        "datacontenttype": "application/json", "data": day
    });
    Outgoing::new(topics::REQUESTS, id, event.to_string())
}

/// The final statuses, as soon as there are so many; a request has one.
fn answers(bus: &dyn Bus, count: usize) -> BTreeMap<String, State> {
    let mut tail = bus.tail(&[topics::STATUS], TailFrom::Start).expect("it follows");
    let mut answers = BTreeMap::new();
    until("all are answered", || {
        for record in tail.poll(Duration::from_millis(100)).expect("it follows") {
            let status = records::read_status(&record.headers, record.value.as_deref().expect("a status")).expect("a status can be read");
            if status.state.is_final() {
                let before = answers.insert(status.request.to_string(), status.state);
                assert!(before.is_none(), "{before:?}");
            }
        }
        (answers.len() >= count).then_some(())
    });
    answers
}

fn one_heir_each(bus: &dyn Bus, fleet: Fleet) {
    let mut fleet = fleet.with(SOLVES.0, SOLVES.1);
    (0..3).for_each(|_| fleet.join());
    let parent = |site: usize| format!("parent-{site}");
    bus.append((0..SITES).map(|site| request(&parent(site), site, None)).collect()).expect("it is appended");
    let first = answers(bus, SITES);
    assert!(first.values().all(|state| matches!(state, State::Done { .. })), "{first:?}");
    let heir = |site: usize, n: usize| request(&format!("heir-{site}-{n}"), site, Some(&parent(site)));
    bus.append((0..SITES).flat_map(|site| [heir(site, 1), heir(site, 2)]).collect()).expect("it is appended");
    let all = answers(bus, 3 * SITES);
    // Of each request that has a roster: in which turn each was published.
    let mut published: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    super::scan(bus, topics::ROSTER_SUMMARIES, |record| {
        let (_, summary) = records::read_roster_summary(&record.headers, record.value.as_deref().expect("a summary")).expect("a summary");
        let turn = record.headers.into_iter().find(|(name, _)| name == "fika-turn").expect("a turn").1;
        published.entry(summary.request.to_string()).or_default().push(turn);
    });
    for site in 0..SITES {
        let outcomes = [1, 2].map(|n| &all[&format!("heir-{site}-{n}")]);
        let is_done = |state: &&&State| matches!(state, State::Done { generation: 2, .. });
        let is_outdated = |state: &&&State| matches!(state, State::Failed { faults } if faults.0[0].code == FaultCode::Outdated);
        assert_eq!((outcomes.iter().filter(is_done).count(), outcomes.iter().filter(is_outdated).count()), (1, 1), "{outcomes:?}");
        let heirs: Vec<&[u8]> =
            [1, 2].iter().filter_map(|n| published.get(&format!("heir-{site}-{n}"))).flatten().map(Vec::as_slice).collect();
        assert_eq!((published[&parent(site)].as_slice(), heirs), ([b"1".to_vec()].as_slice(), vec![b"2".as_slice()]), "{published:?}");
    }
    while !fleet.is_empty() {
        assert_eq!(fleet.leave(0).code(), Some(0));
    }
}

#[test]
fn kafka_publishes_one_of_two_rosters_that_want_the_same_place() {
    let Some(broker) = Broker::start_or_skip() else { return };
    let folder = scratch("kafka-lineage");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    one_heir_each(&*bus, Fleet::new(&broker.brokers, "planner", &[], &folder));
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}

#[test]
fn the_embedded_bus_publishes_one_of_two_rosters_that_want_the_same_place() {
    let folder = scratch("embedded-lineage");
    let file = folder.join("bus.sqlite");
    assert!(fika(&["topics", "--bus", &file.display().to_string()]).status.success());
    let bus = fika_bus::open(&fika_bus::BusAddress::Embedded(file.clone())).expect("the bus opens");
    one_heir_each(&*bus, Fleet::embedded(&file, "planner", &folder));
    drop(bus);
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}
