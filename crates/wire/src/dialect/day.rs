//! One day of a centre, as each ACD would record it, folded to counters that are worked out from the day itself.
//!
//! [`truth`] plays the day; [`recorders`] write it in each dialect's own form, with what such a feed brings along: callers' numbers,
//! events that nobody needs, types that nobody knows. [`mishap`] repeats and disorders the records. A dialect must then give exactly the
//! counters of the day, less what its ACD does not tell.

use std::collections::BTreeMap;

use fika_model::event::Event;
use fika_model::{IntervalCounters, IntervalKey};
use fika_stats::{Fold, Settings};
use proptest::prelude::*;

use super::{Context, Dialect, Input, Unknown};
use crate::records;

mod mishap;
mod recorders;
mod truth;

use recorders::{CALLER_NAME, CALLER_NUMBER, Recorded, Recorder};
use truth::Day;

type Table = BTreeMap<IntervalKey, IntervalCounters>;

/// What came of a recording.
struct Read {
    table: Table,
    unknown: Unknown,
    refused: usize,
    bytes: Vec<Vec<u8>>,
}

fn read(dialect: &mut dyn Dialect, recorded: &[Recorded]) -> Read {
    let mut fold = Fold::new(Settings::default());
    let mut read = Read { table: Table::new(), unknown: Unknown::default(), refused: 0, bytes: Vec::new() };
    let mut take = |events: Vec<Event>| {
        for event in events {
            let record = records::event(&event);
            read.bytes.extend(record.key.into_iter().chain(record.value));
            fold.apply(&event);
        }
    };
    for record in recorded {
        let mut context = Context { received_ms: Some(record.at_ms), ..Context::default() };
        match dialect.read_in(Input { headers: &record.headers, value: &record.value }, &mut context) {
            Ok(events) => take(events),
            Err(_) => read.refused += 1,
        }
        read.unknown.types += context.unknown.types;
        read.unknown.fields += context.unknown.fields;
    }
    take(dialect.finish());
    let changes = fold.take_counters();
    for (key, counters) in changes.calls.into_iter().chain(changes.agents) {
        read.table.entry(key).or_default().accumulate(&counters, 1);
    }
    read.table.retain(|_, counters| *counters != IntervalCounters::default());
    read
}

/// Holds a table to the day, cell by cell.
fn assert_table(recorder: &Recorder, table: &Table, day: &Day) {
    let expected = day.counters(recorder.knows);
    for key in table.keys().chain(expected.keys()) {
        assert_eq!(table.get(key), expected.get(key), "{}: {key:?}", recorder.name);
    }
}

fn check(recorder: &Recorder, day: &Day, seed: u64) -> Read {
    let mut recorded = (recorder.record)(day);
    recorded.sort_by_key(|record| record.at_ms);
    // A file of lines has its header first, and a stream of records has none.
    let headed = usize::from(recorder.headed);
    let mut disordered = recorded.drain(..headed).collect::<Vec<_>>();
    disordered.extend(mishap::repeated_and_disordered(recorded, seed));
    let read = read(&mut *(recorder.reader)(), &disordered);
    assert_table(recorder, &read.table, day);
    for bytes in &read.bytes {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(CALLER_NUMBER) && !text.contains(CALLER_NAME), "{}: {text}", recorder.name);
    }
    read
}

#[test]
fn every_dialect_tells_the_same_day() {
    let day = truth::written();
    // Worked out by hand from the calls of the written day, so that the reckoning itself is held to something.
    let all = day.counters(truth::Knows::ALL).into_values().fold(IntervalCounters::default(), |mut sum, counters| {
        sum.accumulate(&counters, 1);
        sum
    });
    assert_eq!((all.offered, all.answered, all.abandoned, all.short_abandons, all.handled, all.lost_ends), (14, 11, 3, 1, 10, 1));
    assert_eq!((all.hold_ms, all.wrapup_ms), (75_000, 10 * 15_000));
    for recorder in recorders::all() {
        let read = check(&recorder, &day, 7);
        let fed = (recorder.record)(&day).iter().filter(|record| record.is_strange).count() as u64;
        assert!(read.unknown.types >= fed && (fed > 0 || !recorder.has_types), "{}: {:?} of {fed}", recorder.name, read.unknown);
        assert_eq!(read.refused, 0, "{}", recorder.name);
    }
}

#[test]
fn garbage_between_the_records_is_refused_and_changes_nothing() {
    let day = truth::written();
    for recorder in recorders::all() {
        let mut recorded = (recorder.record)(&day);
        let garbage =
            |value: &[u8]| Recorded { value: value.to_vec(), headers: recorded[recorded.len() - 1].headers.clone(), ..recorded[0].clone() };
        let more = [garbage(b"\xff\xfe\x00"), garbage(b"{\"half\": "), garbage(b"word")];
        let count = more.len();
        recorded.sort_by_key(|record| record.at_ms);
        recorded.extend(more);
        let read = read(&mut *(recorder.reader)(), &recorded);
        assert_eq!(read.refused, count, "{}", recorder.name);
        assert_table(&recorder, &read.table, &day);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_day_is_told_alike_by_all(day in truth::any_day(), seed in any::<u64>()) {
        for recorder in recorders::all() {
            check(&recorder, &day, seed);
        }
    }
}
