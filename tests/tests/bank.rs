//! The real bank: two months of its calls go over the bus, and the counters there are those that were published with the data.
//!
//! The data set stays where it is; without it the test says that it is skipped.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fika_bus::{Bus, BusAddress};
use fika_model::IntervalCounters;
use fika_tests::program::{Service, fika, scratch};
use fika_tests::repository::root;
use fika_wire::{records, topics};

/// A cell of the published file: local date and time, type of call.
type Cell = (String, String);

/// What both sides know of a cell: offered, answered, abandoned, answered within 20 s, seconds waited, calls with a known service, their seconds.
type Figures = [i64; 7];

/// The cells that differ, and must: one caller came at 23:59:56 on 10 February and joined the queue at 00:00:02. The published file keeps the
/// date of the record and has the call almost a day early, at 00:00 on the 10th.
const DIFFERING: [(&str, &str); 2] = [("1999-02-10 00:00", "PS"), ("1999-02-11 00:00", "PS")];

fn data() -> PathBuf {
    root().join("../shared/data/anonymous_bank_1999")
}

fn published() -> BTreeMap<Cell, Figures> {
    let file = std::fs::File::open(data().join("intervals_30min_by_type_1999-01_02.csv.gz")).expect("the published counters open");
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines().skip(1);
    let read = |line: std::io::Result<String>| {
        let line = line.expect("a line of text");
        let fields: Vec<&str> = line.split(',').collect();
        let figures = std::array::from_fn(|n| fields[n + 3].parse::<f64>().expect("a number").round() as i64);
        ((format!("{} {}", fields[0], fields[1]), fields[2].to_owned()), figures)
    };
    lines.map(read).collect()
}

/// The counters on the bus, by local time and queue. Counters of one cell under several keys add up.
fn counted(bus: &dyn Bus) -> BTreeMap<Cell, Figures> {
    let mut latest = BTreeMap::new();
    bus.scan(topics::INTERVALS, &mut |record| {
        let value = record.value.expect("no tombstones among counters");
        latest.insert(record.key, records::read_interval(&record.headers, &value).expect("counters can be read"));
        ControlFlow::Continue(())
    })
    .expect("the topic can be read");
    let zone = jiff::tz::TimeZone::get("Asia/Jerusalem").expect("a zone");
    let mut cells: BTreeMap<Cell, IntervalCounters> = BTreeMap::new();
    for (key, counters) in latest.into_values() {
        let local = key.start.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        cells.entry((local, key.queue.to_string())).or_default().accumulate(&counters, 1);
    }
    let figures = |c: &IntervalCounters| {
        let wait_s = (c.answered_wait_ms + c.abandoned_wait_ms) / 1000;
        [c.offered, c.answered, c.abandoned, c.answered_within, wait_s, c.handled, c.talk_ms / 1000]
    };
    cells.iter().map(|(cell, c)| (cell.clone(), figures(c))).filter(|(_, figures)| figures[0] > 0).collect()
}

#[test]
fn counters_on_the_bus_equal_the_published_ones() {
    if !data().is_dir() {
        println!("skipped: the bank's calls are not beside the repository");
        return;
    }
    let folder = scratch("bank");
    let file = folder.join("bus.sqlite");
    let service = Service::start(&["--roles", "ingest", "--bus", &file.display().to_string()], &[("FIKA_INGEST_INTERVAL", "30m")]);
    let months = ["calls_1999-01.csv.gz", "calls_1999-02.csv.gz"].map(|name| data().join(name).display().to_string());
    let replayed = fika(&["replay", &months[0], &months[1], "--format", "anonymous-bank", "--bus", &file.display().to_string()]);
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let bus = fika_bus::open(&BusAddress::Embedded(file)).expect("the bus opens");
    let until = Instant::now() + Duration::from_secs(180);
    let mut quiet = bus.tail(&[topics::INTERVALS], fika_bus::TailFrom::End).expect("a tail");
    while bus.lag("fika-ingest", &[topics::CALLS, topics::AGENTS]).expect("the lag").iter().any(|lag| lag.behind > 0) {
        assert!(Instant::now() < until, "the events were not counted in time");
        quiet.poll(Duration::from_millis(200)).expect("the bus answers");
    }
    service.stop();
    let (published, counted) = (published(), counted(&*bus));
    let all: std::collections::BTreeSet<&Cell> = published.keys().chain(counted.keys()).collect();
    let differ: Vec<&Cell> = all.into_iter().filter(|cell| published.get(*cell) != counted.get(*cell)).collect();
    let shown: Vec<String> =
        differ.iter().take(20).map(|c| format!("{c:?}: published {:?}, counted {:?}", published.get(*c), counted.get(*c))).collect();
    assert_eq!(differ, DIFFERING.map(|(slot, queue)| (slot.to_owned(), queue.to_owned())).iter().collect::<Vec<_>>(), "\n{}", shown.join("\n"));
    assert_eq!(counted.values().map(|figures| figures[0]).sum::<i64>(), 61_286, "all calls of both months");
}
