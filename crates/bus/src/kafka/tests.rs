//! What a real broker does too rarely to be tested with: answers that the client library never tells of. Its own stand-in for brokers gives
//! them at will. Everything else is tested against Apache Kafka.

use super::*;
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// As long as anything may take that is expected to happen.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_commit_that_the_client_never_ends_is_left_behind() {
    let brokers = MockCluster::new(1).expect("a stand-in");
    for topic in ["in", "out"] {
        brokers.create_topic(topic, 1, 1).expect("a topic");
    }
    let bus = KafkaBus::open(&brokers.bootstrap_servers(), &BTreeMap::new()).expect("it answers");
    let mut member = bus.subscribe("g", &["in"]).expect("it joins");
    let read = |member: &mut dyn Consumer| {
        bus.append(vec![Outgoing::new("in", "k", "v")]).expect("it is appended");
        let begin = Instant::now();
        while member.poll(1, Duration::from_millis(100)).expect("it polls").is_empty() {
            assert!(begin.elapsed() < PATIENCE, "a record was appended");
        }
    };
    read(&mut *member);
    member.commit(vec![Outgoing::new("out", "k", "v")]).expect("it commits");
    read(&mut *member);
    // After this answer librdkafka waits for ever where offsets are sent to a transaction.
    brokers.request_errors(RDKafkaApiKey::TxnOffsetCommit, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR__DESTROY]);
    let (sender, ended) = channel();
    let committing = thread::spawn(move || {
        let outcome = member.commit(vec![Outgoing::new("out", "k", "v")]);
        drop(member);
        sender.send(outcome)
    });
    bus.drain(Instant::now() + Duration::from_secs(2));
    assert_eq!(ended.recv_timeout(PATIENCE), Ok(Err(Error::Draining)));
    committing.join().expect("no panic").expect("it is heard");
}
