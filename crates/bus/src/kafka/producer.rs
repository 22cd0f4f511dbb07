//! Appending: one idempotent producer per bus, shared by all threads.
//!
//! Invariant: an append returns with success only when every record of it was acknowledged by all in-sync replicas.

use super::aside::Held;
use super::client::{self, BATCH_BYTES, Cluster, lock};
use crate::drain::Drain;
use crate::{Error, Outgoing};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What every producer of ours has in common.
pub(super) const PRODUCING: &[(&str, &str)] = &[
    ("enable.idempotence", "true"),
    ("partitioner", "murmur2_random"),
    ("compression.codec", "lz4"),
    ("linger.ms", "5"),
    ("batch.size", "1000000"),
    ("queue.buffering.max.messages", "200000"),
    ("queue.buffering.max.kbytes", "65536"),
];

/// How long the client tries to get a record acknowledged before it gives it up.
const DELIVERY_MS: &str = "30000";
/// How long an append waits for the client's answers, which come by then.
const ANSWERS: Duration = Duration::from_secs(60);

/// How long a record waits for room in the client's queue; the oldest ones there are given up before.
const FULL: Duration = Duration::from_secs(60);
/// An append looks so often whether the process is to end.
const LOOK: Duration = Duration::from_millis(200);

/// A producer for all threads.
type Shared = Arc<Held<ThreadedProducer<Deliveries>>>;

/// The shared producer; made when it is first needed, and again after it has broken.
#[derive(Default)]
pub(super) struct Appender {
    producer: Mutex<Option<Shared>>,
}

/// The outcome of one append as it comes in, record by record.
#[derive(Default)]
struct Pending {
    state: Mutex<Outstanding>,
    done: Condvar,
}

#[derive(Default)]
struct Outstanding {
    records: usize,
    failed: Option<RDKafkaErrorCode>,
}

/// Notes deliveries.
struct Deliveries;

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        client::told(&error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Arc<Pending>;

    fn delivery(&self, result: &DeliveryResult<'_>, pending: Arc<Pending>) {
        let failed = result.as_ref().err().map(|(error, _)| error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown));
        pending.settle(1, failed);
    }
}

impl Pending {
    fn settle(&self, records: usize, failed: Option<RDKafkaErrorCode>) {
        let mut state = lock(&self.state);
        state.records -= records;
        state.failed = state.failed.or(failed);
        if state.records == 0 {
            self.done.notify_all();
        }
    }

    /// Waits for the outcome: a failure of any record, or that it is not known in time.
    fn wait(&self, cluster: &Cluster) -> Result<(), Error> {
        let patience = cluster.drain.patience(ANSWERS);
        let mut state = lock(&self.state);
        while state.records > 0 {
            if patience.is_over() {
                return Err(cluster.left_behind("append"));
            }
            state = self.done.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.failed.map_or(Ok(()), |code| Err(cluster.code("append", code)))
    }
}

impl Appender {
    /// See [`crate::Bus::append`].
    pub(super) fn append(&self, cluster: &Cluster, batch: &[Outgoing]) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        cluster.drain.check_publishing()?;
        cluster.admit(batch)?;
        let producer = self.producer(cluster)?;
        let pending = Arc::new(Pending::default());
        lock(&pending.state).records = batch.len();
        for (place, record) in batch.iter().enumerate() {
            if let Err(error) = send(&**producer, record, || Arc::clone(&pending), &cluster.drain) {
                pending.settle(batch.len() - place, Some(error));
                break;
            }
        }
        let outcome = pending.wait(cluster);
        let has_broken = producer.client().fatal_error().is_some();
        if has_broken {
            tracing::warn!("the producer has broken and is made anew");
        }
        // One that could not reach the brokers for so long may be cut off for good, as those that ask may be.
        if has_broken || matches!(outcome, Err(Error::Unreachable { .. })) {
            *lock(&self.producer) = None;
        }
        outcome
    }

    fn producer(&self, cluster: &Cluster) -> Result<Shared, Error> {
        let mut producer = lock(&self.producer);
        if let Some(producer) = &*producer {
            return Ok(Arc::clone(producer));
        }
        let bytes = BATCH_BYTES.to_string();
        let own = [("message.max.bytes", bytes.as_str()), ("delivery.timeout.ms", DELIVERY_MS)];
        let made = Arc::new(cluster.client(Deliveries, &[PRODUCING, &own].concat())?);
        *producer = Some(Arc::clone(&made));
        Ok(made)
    }
}

/// Something that takes a record: the two kinds of producer.
pub(super) trait Sink<C: ProducerContext> {
    /// Hands a record to the client's queue.
    fn offer(&self, record: BaseRecord<'_, [u8], [u8], C::DeliveryOpaque>) -> Result<(), KafkaError>;
    /// Waits a moment until the queue may have room.
    fn relieve(&self);
}

impl<C: ProducerContext + 'static> Sink<C> for ThreadedProducer<C> {
    fn offer(&self, record: BaseRecord<'_, [u8], [u8], C::DeliveryOpaque>) -> Result<(), KafkaError> {
        self.send(record).map_err(|(error, _)| error)
    }

    fn relieve(&self) {
        // Its own thread serves the queue, too; whoever comes first.
        self.poll(Duration::from_millis(2));
    }
}

/// Puts a record into the client's queue; waits while that is full, which is all the back-pressure there is.
pub(super) fn send<C, S>(
    producer: &S,
    record: &Outgoing,
    opaque: impl Fn() -> C::DeliveryOpaque,
    drain: &Drain,
) -> Result<(), RDKafkaErrorCode>
where
    C: ProducerContext,
    S: Sink<C>,
{
    let patience = drain.patience(FULL);
    loop {
        let mut outgoing = BaseRecord::with_opaque_to(&record.topic, opaque());
        outgoing.key = record.key.as_deref();
        outgoing.payload = record.value.as_deref();
        outgoing.headers = headers(&record.headers);
        match producer.offer(outgoing) {
            Ok(()) => return Ok(()),
            Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) if !patience.is_over() => producer.relieve(),
            Err(error) => return Err(error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown)),
        }
    }
}

fn headers(headers: &[(String, Vec<u8>)]) -> Option<OwnedHeaders> {
    if headers.is_empty() {
        return None;
    }
    let mut owned = OwnedHeaders::new_with_capacity(headers.len());
    for (name, value) in headers {
        // A header's name is a C string to librdkafka: it cannot hold a zero byte.
        owned = owned.insert(Header { key: &name.replace('\0', ""), value: Some(value) });
    }
    Some(owned)
}
