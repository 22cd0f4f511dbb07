//! The real bank: two months of its calls go over the bus, and the counters there are those that were published with the data.
//!
//! The data set stays where it is; without it the test says that it is skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::time::Duration;

use fika_bus::{Bus, BusAddress};
use fika_model::{IntervalCounters, IntervalKey};
use fika_tests::bank::{counters, data, months, wait_until_counted};
use fika_tests::program::{Service, fika, scratch};
use fika_tests::skipped;

/// A cell of the published file: local date and time, type of call.
type Cell = (String, String);

/// What both sides know of a cell: offered, answered, abandoned, answered within 20 s, seconds waited.
type Figures = [i64; 5];

/// Answered calls whose service the published file leaves out of `handled`: 981 with no known agent, 362 of no length, 39 of them both. They
/// were answered, and what was recorded of their conversation counts here.
const SERVICES_LEFT_OUT: i64 = 981 + 362 - 39;

/// The cells that differ, and must: one caller came at 23:59:56 on 10 February and joined the queue at 00:00:02. The published file keeps the
/// date of the record and has the call almost a day early, at 00:00 on the 10th.
const DIFFERING: [(&str, &str); 2] = [("1999-02-10 00:00", "PS"), ("1999-02-11 00:00", "PS")];

fn published() -> (BTreeMap<Cell, Figures>, i64) {
    let file = std::fs::File::open(data().expect("the data are there").join("intervals_30min_by_type_1999-01_02.csv.gz"))
        .expect("the published counters open");
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines().skip(1);
    let mut handled = 0;
    let read = |line: std::io::Result<String>| {
        let line = line.expect("a line of text");
        let fields: Vec<&str> = line.split(',').collect();
        let number = |n: usize| fields[n].parse::<i64>().expect("a whole number");
        handled += number(8);
        ((format!("{} {}", fields[0], fields[1]), fields[2].to_owned()), std::array::from_fn(|n| number(n + 3)))
    };
    (lines.map(read).collect(), handled)
}

/// The counters on the bus, by local time and queue, and the handled calls in all.
fn counted(bus: &dyn Bus) -> (BTreeMap<Cell, Figures>, i64) {
    let zone = jiff::tz::TimeZone::get("Asia/Jerusalem").expect("a zone");
    let cells = counters(bus).expect("the counters can be read");
    let handled = cells.values().map(|c| c.handled).sum();
    let cell = |(key, c): (&IntervalKey, &IntervalCounters)| {
        let local = key.start.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let wait_s = (c.answered_wait_ms + c.abandoned_wait_ms) / 1000;
        ((local, key.queue.to_string()), [c.offered, c.answered, c.abandoned, c.answered_within, wait_s])
    };
    (cells.iter().map(cell).filter(|(_, figures)| figures[0] > 0).collect(), handled)
}

#[test]
fn counters_on_the_bus_equal_the_published_ones() {
    let Some(months) = months() else {
        skipped("the bank's calls are not beside the repository");
        return;
    };
    let folder = scratch("bank");
    let file = folder.join("bus.sqlite");
    let service = Service::start(&["--roles", "ingest", "--bus", &file.display().to_string()], &[("FIKA_INGEST_INTERVAL", "30m")]);
    let replayed = fika(&["replay", &months[0], &months[1], "--format", "anonymous-bank", "--bus", &file.display().to_string()]);
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let bus = fika_bus::open(&BusAddress::Embedded(file)).expect("the bus opens");
    assert!(wait_until_counted(&*bus, Duration::from_secs(180)).expect("the lag"), "the events were not counted in time");
    service.stop();
    let ((published, handled_there), (counted, handled_here)) = (published(), counted(&*bus));
    let all: BTreeSet<&Cell> = published.keys().chain(counted.keys()).collect();
    let differ: Vec<&Cell> = all.into_iter().filter(|cell| published.get(*cell) != counted.get(*cell)).collect();
    let shown: Vec<String> =
        differ.iter().take(20).map(|c| format!("{c:?}: published {:?}, counted {:?}", published.get(*c), counted.get(*c))).collect();
    assert_eq!(
        differ,
        DIFFERING.map(|(slot, queue)| (slot.to_owned(), queue.to_owned())).iter().collect::<Vec<_>>(),
        "\n{}",
        shown.join("\n")
    );
    assert_eq!(counted.values().map(|figures| figures[0]).sum::<i64>(), 61_286, "all calls of both months");
    assert_eq!(handled_here - handled_there, SERVICES_LEFT_OUT);
}
