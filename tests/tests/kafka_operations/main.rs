//! The service as an operator runs it on Kafka: several members at once, with TLS and passwords, an ACD's own topic, while brokers are
//! away, through a rolling restart, told to end, and far behind.

mod away;
mod behind;
mod dialect;
mod drain;
mod lineage;
mod rolling;
mod secure;

use std::ops::ControlFlow;

use fika_bus::{Bus, Record};

/// Shows all records of a topic.
fn scan(bus: &dyn Bus, topic: &str, mut each: impl FnMut(Record)) {
    let mut each = |record| {
        each(record);
        ControlFlow::Continue(())
    };
    bus.scan(topic, &mut each).expect("the topic can be read");
}

/// The events of both topics that are not counted yet.
fn lag(bus: &dyn Bus) -> i64 {
    // While the group's coordinator is being found nobody can tell; then all may be left.
    bus.lag("fika-ingest", &["acd.calls", "acd.agents"]).map_or(i64::MAX, |lags| lags.iter().map(|lag| lag.behind).sum())
}

/// The calls offered, by all counters on the bus.
fn offered(bus: &dyn Bus) -> i64 {
    let mut parts = std::collections::BTreeMap::new();
    scan(bus, "fika.intervals", |record| {
        let (_, counters) =
            fika_wire::records::read_interval(&record.headers, record.value.as_deref().expect("counters")).expect("counters can be read");
        parts.insert(record.key, counters.offered);
    });
    parts.values().sum()
}
