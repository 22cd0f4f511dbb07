//! Lines of the bank, good and bad.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use fika_model::event::{AgentState, CallEvent, CallEventKind, EpochMs, Event, timestamp_of};
use fika_model::fault::Faults;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{AnonymousBank, COLUMNS, near};
use crate::dialect::lines::Lines;
use crate::dialect::{Dialect, Input};

fn read_all(lines: &[&str]) -> Vec<Event> {
    let header = COLUMNS.join(",");
    let mut bank = AnonymousBank::default();
    let mut events = Vec::new();
    for line in std::iter::once(header.as_str()).chain(lines.iter().copied()) {
        events.extend(bank.read(Input::line(line.as_bytes())).expect("a sound record"));
    }
    events.extend(bank.finish());
    events
}

/// What happened, when by the site's clock, and to whom.
fn told(events: &[Event]) -> Vec<String> {
    let zone = TimeZone::get("Asia/Jerusalem").expect("a known zone");
    let clock = |ms: EpochMs| timestamp_of(ms).to_zoned(zone.clone()).strftime("%d %H:%M:%S").to_string();
    let tell = |event: &Event| match event {
        Event::Call(c) => {
            let queue = c.queue.as_ref().map_or("", |q| q.as_str());
            let agent = c.agent.as_ref().map_or("-", |a| a.as_str());
            format!("{} {:?} {queue} {agent} {:?} {:?}", clock(c.occurred_at_ms), c.kind, c.wait_ms, c.talk_ms)
        }
        Event::Agent(a) => format!("{} {} {:?} {:?}", clock(a.occurred_at_ms), a.agent, a.state, a.queues.len()),
    };
    events.iter().map(tell).collect()
}

#[test]
fn records_become_events_in_the_order_of_time() {
    let events = read_all(&[
        "AA0101,1,C1,2,PS,1999-01-03,09:00:00,09:00:05,5,09:00:05,09:00:45,40,AGENT,09:00:44,09:03:44,180,AG01",
        "AA0102,2,0,0,NW,1999-01-03,09:00:10,09:00:12,2,09:00:12,09:00:30,18,HANG,00:00:00,00:00:00,0,NO_SERVER",
        "AA0103,3,0,0,NW,1999-01-03,09:00:20,09:00:22,2,00:00:00,00:00:00,0,HANG,00:00:00,00:00:00,0,NO_SERVER",
        "AA0104,4,0,0,NW,1999-01-03,09:00:20,09:00:22,2,09:00:22,09:00:23,1,PHANTOM,00:00:00,00:00:00,0,NO_SERVER",
        "AA0105,5,0,0,NE,1999-01-03,23:59:50,23:59:55,5,00:00:00,00:00:00,0,AGENT,23:59:54,00:00:24,30,AG01",
        "AA0101,6,0,0,PS,1999-01-04,00:00:00,00:00:01,1,00:00:00,00:00:00,0,AGENT,00:00:02,00:00:12,10,NO_SERVER",
    ]);
    let expect = [
        "03 09:00:05 Queued PS - None None",
        "03 09:00:12 Queued NW - None None",
        "03 09:00:30 Abandoned NW - Some(18000) None",
        "03 09:00:44 AG01 Talking 2",
        "03 09:00:45 Connected PS AG01 Some(40000) None",
        "03 09:03:44 AG01 NotReady 2",
        "03 09:03:45 Ended PS AG01 None Some(180000)",
        "03 23:59:54 AG01 Talking 2",
        "03 23:59:55 Queued NE - None None",
        "03 23:59:55 Connected NE AG01 Some(0) None",
        "04 00:00:01 Queued PS - None None",
        "04 00:00:01 Connected PS - Some(0) None",
        "04 00:00:11 Ended PS - None Some(10000)",
        "04 00:00:24 AG01 LoggedOut 2",
        "04 00:00:25 Ended NE AG01 None Some(30000)",
    ];
    assert_eq!(told(&events), expect);
}

#[test]
fn events_before_midnight_come_with_the_next_days_first_record() {
    let mut bank = AnonymousBank::default();
    let mut read = |line: &str| told(&bank.read(Input::line(line.as_bytes())).expect("a sound record")).len();
    assert_eq!(read(&COLUMNS.join(",")), 0);
    assert_eq!(read("A,1,0,0,PS,1999-01-03,23:59:00,23:59:00,0,23:59:00,00:01:00,120,AGENT,00:01:00,00:02:00,60,AG01"), 0);
    assert_eq!(read("A,2,0,0,PS,1999-01-04,07:00:00,07:00:00,0,07:00:00,07:00:10,10,HANG,00:00:00,00:00:00,0,NO_SERVER"), 1);
}

#[test]
fn what_is_no_record_is_refused_with_every_fault() {
    let faults = |lines: &[&str]| {
        let mut bank = AnonymousBank::default();
        let faults: Vec<Faults> = lines.iter().filter_map(|line| bank.read(Input::line(line.as_bytes())).err()).collect();
        faults.into_iter().flat_map(|f| f.0).map(|f| format!("{} {}", f.at, f.code)).collect::<Vec<_>>()
    };
    assert_eq!(faults(&["specversion,id"]), [" F1001"]);
    let header = COLUMNS.join(",");
    assert_eq!(faults(&[&header, "a,b,c"]), [" F1001"]);
    assert_eq!(
        faults(&[&header, "A,1,0,0,,1999-13-03,25:00:00,x,0,09:00,00:01:00,-1,SUNG,00:01:60,00:02:00,long,AG01"]),
        [
            "vru_entry F1005",
            "vru_exit F1005",
            "q_start F1005",
            "ser_start F1005",
            "q_time F1004",
            "ser_time F1002",
            "outcome F1008",
            "date F1005",
            "type F1006",
        ]
    );
}

proptest! {
    #[test]
    fn the_nearest_clock_time_is_at_most_half_a_day_away(clock in 0..86_400_u32, reference in -200_000..200_000_i64) {
        let near = near(clock, reference);
        prop_assert!((near - reference).abs() <= 43_200);
        prop_assert_eq!(near.rem_euclid(86_400), i64::from(clock));
    }
}

/// Counters of a cell, as the published file has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Cell {
    offered: u32,
    answered: u32,
    abandoned: u32,
    answered_20s: u32,
    wait_s: i64,
    handled: u32,
    talk_s: i64,
}

type Cells = BTreeMap<(String, String), Cell>;

fn data_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/anonymous_bank_1999"))
}

fn data_is_there() -> bool {
    let there = data_folder().exists();
    if !there {
        eprintln!("skipped: there is no folder {}", data_folder().display());
    }
    there
}

fn lines_of(name: &str) -> Lines {
    let file = File::open(data_folder().join(name)).expect("the file is in the data folder");
    Lines::new(file, 1 << 20).expect("the file is readable")
}

fn published() -> Cells {
    let mut cells = Cells::new();
    for line in lines_of("intervals_30min_by_type_1999-01_02.csv.gz").skip(1) {
        let bytes = line.expect("a line").bytes;
        let text = String::from_utf8(bytes).expect("text");
        let fields: Vec<&str> = text.split(',').collect();
        let n = |at: usize| fields[at].parse::<u32>().expect("a count");
        let cell = Cell {
            offered: n(3),
            answered: n(4),
            abandoned: n(5),
            answered_20s: n(6),
            wait_s: i64::from(n(7)),
            handled: n(8),
            talk_s: i64::from(n(9)),
        };
        cells.insert((format!("{} {}", fields[0], fields[1]), fields[2].to_owned()), cell);
    }
    cells
}

/// Counts the events of calls alone. Handled are those with a known agent and a service of some length, as in the published file.
fn counted(events: &[CallEvent]) -> Cells {
    let zone = TimeZone::get("Asia/Jerusalem").expect("a known zone");
    let mut joined: BTreeMap<&str, (String, String)> = BTreeMap::new();
    let mut cells = Cells::new();
    for event in events {
        let slot_ms = event.occurred_at_ms - event.occurred_at_ms.rem_euclid(1_800_000);
        let slot = || timestamp_of(slot_ms).to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let queue = event.queue.as_ref().map_or("", |queue| queue.as_str());
        let key = joined.entry(event.call_id.as_str()).or_insert_with(|| (slot(), queue.to_owned()));
        let cell = cells.entry(key.clone()).or_default();
        let (wait_s, talk_s) = (event.wait_ms.unwrap_or(0) / 1000, event.talk_ms.unwrap_or(0) / 1000);
        match event.kind {
            CallEventKind::Queued => cell.offered += 1,
            CallEventKind::Connected => {
                cell.answered += 1;
                cell.answered_20s += u32::from(wait_s <= 20);
                cell.wait_s += wait_s;
            }
            CallEventKind::Abandoned => {
                cell.abandoned += 1;
                cell.wait_s += wait_s;
            }
            CallEventKind::Ended if event.agent.is_some() && talk_s > 0 => {
                cell.handled += 1;
                cell.talk_s += talk_s;
            }
            CallEventKind::Ended => {}
            other => panic!("{other:?} is nothing that these records tell"),
        }
    }
    cells
}

fn replay() -> Vec<Event> {
    let mut events = Vec::new();
    let mut bank = AnonymousBank::default();
    for name in ["calls_1999-01.csv.gz", "calls_1999-02.csv.gz"] {
        for line in lines_of(name) {
            let line = line.expect("a line");
            let read = bank.read(Input::line(&line.bytes)).unwrap_or_else(|faults| panic!("{name}:{}: {faults}", line.number));
            events.extend(read);
        }
    }
    events.extend(bank.finish());
    events
}

/// All 5,479 cells are equal but two: one caller entered at 23:59:56 on 10 February and joined the queue at 00:00:02. The published
/// file keeps the date of the record and has the call at 00:00 on the 10th, almost a day early; the event is at 00:00 on the 11th,
/// when it happened.
#[test]
fn two_months_of_calls_count_as_published() {
    if !data_is_there() {
        return;
    }
    let events = replay();
    let clock: Vec<EpochMs> = events.iter().map(super::occurred_at_ms).collect();
    let calls: Vec<CallEvent> = events.iter().filter_map(|e| if let Event::Call(call) = e { Some(call.clone()) } else { None }).collect();
    let (published, counted) = (published(), counted(&calls));
    let keys: std::collections::BTreeSet<_> = published.keys().chain(counted.keys()).collect();
    let differing: Vec<String> =
        keys.into_iter().filter(|key| published.get(*key) != counted.get(*key)).map(|(slot, queue)| format!("{slot} {queue}")).collect();
    assert_eq!((published.len(), calls.iter().filter(|c| c.kind == CallEventKind::Queued).count()), (5479, 61_286));
    assert_eq!(differing, ["1999-02-10 00:00 PS", "1999-02-11 00:00 PS"]);
    let disorder = clock.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert_eq!(disorder, 0, "events come in the order of time");
}

/// Every agent's states make whole days: they begin in a conversation and end logged out.
#[test]
fn agents_days_begin_and_end() {
    if !data_is_there() {
        return;
    }
    let mut states: BTreeMap<String, Vec<(EpochMs, AgentState)>> = BTreeMap::new();
    for event in replay() {
        if let Event::Agent(agent) = event {
            states.entry(agent.agent.to_string()).or_default().push((agent.occurred_at_ms, agent.state));
        }
    }
    assert!(states.len() > 10, "{} agents", states.len());
    for (agent, changes) in states {
        assert!(changes.windows(2).all(|pair| pair[0].0 < pair[1].0), "{agent}: no two changes at one time");
        assert_eq!(changes.last().map(|last| last.1), Some(AgentState::LoggedOut), "{agent}");
    }
}
