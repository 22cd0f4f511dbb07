//! The bus on a real Apache Kafka: the promises of both makes, and what only Kafka can break.

use fika_bus::{Bus, BusAddress, Consumer, Error, Outgoing, Record, TopicSettings, conformance};
use fika_tests::kafka::Broker;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As long as anything may take that is expected to happen.
const PATIENCE: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(200);

/// Unique names, for brokers that outlive the test.
fn prefix(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    format!("fika-test.{}.{name}", now.as_millis())
}

fn open(broker: &Broker, properties: &[(&str, &str)]) -> Arc<dyn Bus> {
    fika_bus::open(&broker.address(properties)).expect("the broker answers")
}

fn conforms(properties: &[(&str, &str)]) {
    let Some(broker) = Broker::start_or_skip() else { return };
    for (number, (promise, examine)) in conformance::cases().into_iter().enumerate() {
        let begin = Instant::now();
        examine(&conformance::Subject { open: &|| open(&broker, properties), prefix: prefix(&format!("case{number}")) });
        eprintln!("{promise}: {:.2} s", begin.elapsed().as_secs_f64());
    }
}

#[test]
fn kafka_conforms_with_the_classic_group_protocol() {
    conforms(&[]);
}

#[test]
fn kafka_conforms_with_the_new_group_protocol() {
    conforms(&[("group.protocol", "consumer")]);
}
