//! Transactions: outputs and offsets together.
//!
//! Invariant: after an error of [`Transactions::end`] nothing of it is visible, or, where the answer of the brokers was lost, its
//! outcome is settled before the next transaction begins. Either way the group's offsets at the brokers tell what counts.

use super::aside::{Held, Running};
use super::client::{self, BATCH_BYTES, Cluster};
use super::forgotten::{self, Naming};
use super::producer::{PRODUCING, Sink, send};
use crate::drain::{Drain, Patience};
use crate::{Error, Guard, Outgoing, TopicPartition, partition_for};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaError};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The brokers abort a transaction that is open for longer: that of a process that died in the middle of a commit.
const OPEN_MS: &str = "20000";
/// Before the names of guards, so that no member's own name can be one.
const GUARDED: &str = "fika-guard:";
/// How long one step of a commit is tried before it is given up.
const STEP: Duration = Duration::from_secs(10);
/// A step asks the client again after so long, so that it hears when the process is to end.
const SLICE: Duration = Duration::from_secs(2);
/// How long the end of a failed transaction is tried; the brokers end it in any case.
const ABORT: Duration = Duration::from_secs(3);
/// How long the whole is waited for. The steps end by themselves before, unless the client does not come back from one.
const WHOLE: Duration = Duration::from_secs(30);

type Producing = BaseProducer<Watched>;
type Client = Held<Producing>;

/// The transactional producer of one member.
pub(super) struct Transactions {
    id: String,
    /// The name before, where something under it is to be settled.
    left: Option<String>,
    group: String,
    producer: Option<Client>,
}

/// What is published together.
pub(super) struct Batch {
    pub(super) outputs: Vec<Outgoing>,
    pub(super) offsets: TopicPartitionList,
    /// In which standing of the member.
    pub(super) membership: ConsumerGroupMetadata,
}

/// What ends a transaction once more.
pub(super) struct Ending {
    /// Where its end was forgotten.
    pub(super) places: Vec<TopicPartition>,
    /// Offsets that were forgotten with it; none else.
    pub(super) offsets: TopicPartitionList,
    pub(super) membership: ConsumerGroupMetadata,
    pub(super) commits: bool,
}

/// What came of a batch, and of its producer.
pub(super) type Published = (Result<(), Error>, Fate);

/// What became of a producer.
pub(super) enum Fate {
    /// It can be used again.
    Good(Client),
    /// It cannot, and may have left something open.
    Broken,
    /// Somebody else goes under its name now, and has settled what it left.
    Superseded,
    /// There was none.
    Unborn,
}

/// As [`client::Quiet`], and knows whether brokers were lost since the producer was made.
#[derive(Debug, Default)]
pub(super) struct Watched {
    lost: AtomicBool,
}

impl ClientContext for Watched {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        use RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure};
        client::told(&error, reason);
        if matches!(error.rdkafka_error_code(), Some(AllBrokersDown | BrokerTransportFailure)) {
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

impl ProducerContext for Watched {
    type DeliveryOpaque = ();

    /// A record that cannot be delivered makes the commit fail: nothing to note here.
    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

impl Sink<Watched> for Producing {
    fn offer(&self, record: BaseRecord<'_, [u8], [u8], ()>) -> Result<(), KafkaError> {
        self.send(record).map_err(|(error, _)| error)
    }

    fn relieve(&self) {
        self.poll(Duration::from_millis(10));
    }
}

impl Transactions {
    /// `instance` is the operator's name for this member, if it has one: a restarted member then ends what it left open at once.
    pub(super) fn new(group: &str, instance: Option<&str>) -> Self {
        let id = instance.map_or_else(|| new_id(group), |instance| format!("{group}-{instance}"));
        Self { id, left: None, group: group.to_owned(), producer: None }
    }

    /// Publishes a batch under a guard.
    ///
    /// A guard is a producer of its own, under the guard's name: its start ends what others have begun under that name, and what they
    /// have finished can be read then. Who starts later fences it.
    pub(super) fn commit_under(&self, cluster: &Arc<Cluster>, batch: Batch, Guard { name, holds }: Guard<'_>) -> Result<(), Error> {
        cluster.admit(&batch.outputs)?;
        let id = format!("{GUARDED}{name}");
        let home = self.home(cluster, &id);
        let starting = Running::start(&cluster.drain, WHOLE, move || home.start());
        let producer = starting.wait().unwrap_or_else(|| Err(cluster.left_behind("commit")))?;
        if !holds()? {
            return Err(Error::Fenced { group: self.group.clone() });
        }
        // The producer is of no use afterwards; the next one under this name settles what could not be ended.
        let home = self.home(cluster, &id);
        let publishing = Running::start(&cluster.drain, WHOLE, move || home.publish(producer, batch).0);
        publishing.wait().unwrap_or_else(|| Err(cluster.left_behind("commit")))
    }

    /// Begins to publish a batch; [`Transactions::end`] is to be told of it before anything else.
    pub(super) fn begin(&mut self, cluster: &Arc<Cluster>, batch: Batch) -> Running<Published> {
        if self.producer.as_ref().is_some_and(has_lost_brokers) {
            self.producer = None;
            self.leave();
        }
        let (home, left, producer) = (self.home(cluster, &self.id), self.left(cluster), self.producer.take());
        Running::start(&cluster.drain, WHOLE, move || {
            let ready = home.cluster.admit(&batch.outputs).and_then(|()| producer.map_or_else(|| home.start_after(left), Ok));
            match ready {
                Ok(producer) => home.publish(producer, batch),
                Err(error) => (Err(error), Fate::Unborn),
            }
        })
    }

    /// What came of a batch.
    pub(super) fn end(&mut self, cluster: &Cluster, publishing: Running<Published>) -> Result<(), Error> {
        let (outcome, fate) = publishing.wait().unwrap_or_else(|| (Err(cluster.left_behind("commit")), Fate::Broken));
        match fate {
            Fate::Good(producer) => (self.producer, self.left) = (Some(producer), None),
            Fate::Broken => self.leave(),
            Fate::Superseded => (self.id, self.left) = (new_id(&self.group), None),
            Fate::Unborn => {}
        }
        outcome
    }

    /// Makes the brokers settle whatever an earlier transaction of this member left open.
    pub(super) fn settle(&mut self, cluster: &Arc<Cluster>) -> Result<(), Error> {
        if self.producer.is_none() {
            let (home, left) = (self.home(cluster, &self.id), self.left(cluster));
            let starting = Running::start(&cluster.drain, WHOLE, move || home.start_after(left));
            self.producer = Some(starting.wait().unwrap_or_else(|| Err(cluster.left_behind("settle")))?);
            self.left = None;
        }
        Ok(())
    }

    /// Goes on under another name. What was begun under this one is settled first, and no later transaction decides on it: see
    /// [`forgotten`].
    fn leave(&mut self) {
        self.left = Some(std::mem::replace(&mut self.id, new_id(&self.group)));
    }

    fn left(&self, cluster: &Arc<Cluster>) -> Option<Home> {
        self.left.as_ref().map(|id| self.home(cluster, id))
    }

    /// Gives a transaction the end that the brokers have forgotten in some places.
    pub(super) fn end_again(cluster: &Arc<Cluster>, naming: &Naming, ending: Ending) -> Result<(), Error> {
        let home = Home { cluster: Arc::clone(cluster), group: naming.group.clone(), id: naming.id.clone() };
        let header = naming.text();
        let run = move || {
            let producer = home.start()?;
            end_again(&producer, &header, &ending, &home.cluster.drain).map_err(|failure| home.error(&failure))
        };
        let ended = Running::start(&cluster.drain, WHOLE, run);
        ended.wait().unwrap_or_else(|| Err(cluster.left_behind("end a transaction")))
    }

    fn home(&self, cluster: &Arc<Cluster>, id: &str) -> Home {
        Home { cluster: Arc::clone(cluster), group: self.group.clone(), id: id.to_owned() }
    }
}

/// Where a transaction belongs.
struct Home {
    cluster: Arc<Cluster>,
    group: String,
    id: String,
}

impl Home {
    fn start(&self) -> Result<Client, Error> {
        let bytes = BATCH_BYTES.to_string();
        let own = [
            ("message.max.bytes", bytes.as_str()),
            ("transactional.id", &self.id),
            ("transaction.timeout.ms", OPEN_MS),
            // Until all is handed over: at once would be in pieces, each with an answer to wait for.
            ("linger.ms", "5"),
        ];
        let producer: Client = self.cluster.client(Watched::default(), &[PRODUCING, &own].concat())?;
        attempt(self.cluster.drain.patience(STEP), |slice| producer.init_transactions(slice)).map_err(|failure| self.error(&failure))?;
        Ok(producer)
    }

    /// The same after what was left under another name is settled.
    fn start_after(&self, left: Option<Self>) -> Result<Client, Error> {
        if let Some(left) = left {
            drop(left.start()?);
        }
        self.start()
    }

    fn publish(&self, producer: Client, batch: Batch) -> Published {
        let Err(failure) = self.publish_all(&producer, batch) else { return (Ok(()), Fate::Good(producer)) };
        let error = self.error(&failure);
        tracing::debug!(group = self.group, %error, "a transaction failed");
        // A producer whose abort worked is as good as new. Any other is dropped, and so is one whose brokers are away.
        let is_good = !failure.is_broken && !matches!(error, Error::Unreachable { .. }) && abort(&producer).is_ok();
        let fate = match failure.code {
            code if is_superseding(code) => Fate::Superseded,
            _ if is_good => Fate::Good(producer),
            _ => Fate::Broken,
        };
        (Err(error), fate)
    }

    fn publish_all(&self, producer: &Producing, batch: Batch) -> Result<(), Failure> {
        let Batch { outputs, offsets, membership } = batch;
        let drain = &self.cluster.drain;
        attempt(drain.patience(STEP), |_| producer.begin_transaction())?;
        let naming = self.naming(&offsets);
        let mut named = BTreeSet::new();
        // The client copies a record: ours goes as soon as it has it.
        for (place, mut record) in outputs.into_iter().enumerate() {
            if let Some(naming) = &naming
                && self.partition(&record).is_none_or(|partition| named.insert((record.topic.clone(), partition)))
            {
                record.headers.push((forgotten::HEADER.to_owned(), naming.clone().into_bytes()));
            }
            send(producer, &record, || (), drain).map_err(|code| Failure { code, is_broken: false, is_given_up: false })?;
            // Deliveries are noted in a queue that grows until it is served.
            if place % 1_024 == 0 {
                producer.poll(Duration::ZERO);
            }
        }
        // Before the offsets: these are what the group's generation is checked with. Outputs that reached the brokers only after the check
        // could come after a successor has read the topics that hold the state, who would not know that they are still to be settled.
        deliver(producer, drain.patience(STEP))?;
        if offsets.count() > 0 {
            attempt(drain.patience(STEP), |slice| producer.send_offsets_to_transaction(&offsets, &membership, slice))?;
        }
        attempt(drain.patience(STEP), |slice| producer.commit_transaction(slice))
    }

    /// What the first record in each partition says of the transaction that commits these offsets.
    fn naming(&self, offsets: &TopicPartitionList) -> Option<String> {
        let place = offsets.elements().into_iter().next()?;
        let Offset::Offset(next) = place.offset() else { return None };
        let place = (place.topic().to_owned(), place.partition());
        Some(Naming { id: self.id.clone(), group: self.group.clone(), place, next }.text())
    }

    /// The partition that a record goes to, where its key says so.
    fn partition(&self, record: &Outgoing) -> Option<i32> {
        let topic = self.cluster.topic(&record.topic).ok()?;
        record.key.as_deref().map(|key| partition_for(key, topic.partitions))
    }

    fn error(&self, failure: &Failure) -> Error {
        if is_fencing(failure.code) {
            return Error::Fenced { group: self.group.clone() };
        }
        if failure.is_given_up && self.cluster.drain.has_begun() {
            return Error::Draining;
        }
        self.cluster.code("commit", failure.code)
    }
}

/// Why a step failed.
struct Failure {
    code: RDKafkaErrorCode,
    /// The producer cannot be used any more, or nobody knows what became of the transaction.
    is_broken: bool,
    /// There was no time left to try again.
    is_given_up: bool,
}

impl Failure {
    fn of(error: &KafkaError) -> Self {
        Self { code: error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown), is_broken: true, is_given_up: false }
    }

    const fn given_up() -> Self {
        Self { code: RDKafkaErrorCode::OperationTimedOut, is_broken: true, is_given_up: true }
    }
}

/// Writes an end's record to each place, and ends.
fn end_again(producer: &Producing, header: &str, ending: &Ending, drain: &Drain) -> Result<(), Failure> {
    attempt(drain.patience(STEP), |_| producer.begin_transaction())?;
    for (topic, partition) in &ending.places {
        let headers = OwnedHeaders::new().insert(Header { key: forgotten::HEADER, value: Some(header) });
        let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(*partition).key(forgotten::KEY).headers(headers);
        producer.send(record).map_err(|(error, _)| Failure::of(&error))?;
    }
    deliver(producer, drain.patience(STEP))?;
    if ending.offsets.count() > 0 {
        attempt(drain.patience(STEP), |slice| producer.send_offsets_to_transaction(&ending.offsets, &ending.membership, slice))?;
    }
    if ending.commits { attempt(drain.patience(STEP), |slice| producer.commit_transaction(slice)) } else { abort(producer) }
}

/// Serves deliveries until none is outstanding. The client's own `flush` does the same in steps of 100 ms, which would be the time of
/// every commit. A record that was refused makes the next step fail.
fn deliver(producer: &Producing, patience: Patience<'_>) -> Result<(), Failure> {
    while producer.in_flight_count() > 0 {
        if patience.is_over() {
            // Nothing is committed yet: the brokers can be told so.
            return Err(Failure { is_broken: false, ..Failure::given_up() });
        }
        producer.poll(Duration::from_millis(1));
    }
    Ok(())
}

/// Aborts. The client throws away what is still queued, then waits for what is on its way, which only ends when deliveries are served:
/// so it is given short times and asked again.
fn abort(producer: &Producing) -> Result<(), Failure> {
    // Also of a process that is to end: what stays open holds up those who read.
    let no_drain = Drain::default();
    attempt(no_drain.patience(ABORT), |slice| {
        producer.poll(Duration::from_millis(1));
        producer.abort_transaction(slice.min(Duration::from_millis(50)))
    })
}

/// Tries a step, a slice of time at once, while the client says that this may help.
fn attempt(patience: Patience<'_>, step: impl Fn(Duration) -> Result<(), KafkaError>) -> Result<(), Failure> {
    loop {
        let slice = patience.left().min(SLICE);
        if slice.is_zero() {
            return Err(Failure::given_up());
        }
        let error = match step(slice) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let KafkaError::Transaction(detail) = &error else { return Err(Failure::of(&error)) };
        if !detail.is_retriable() || patience.is_over() {
            return Err(Failure { is_broken: is_broken(detail), is_given_up: detail.is_retriable(), ..Failure::of(&error) });
        }
    }
}

fn is_broken(error: &RDKafkaError) -> bool {
    error.is_fatal() || !error.txn_requires_abort()
}

fn new_id(group: &str) -> String {
    format!("{group}-{}", uuid::Uuid::now_v7())
}

/// Whether a producer has lost brokers: the end of its last transaction may have been forgotten, and its next one would decide on it.
fn has_lost_brokers(producer: &Client) -> bool {
    producer.poll(Duration::ZERO);
    producer.context().lost.load(Ordering::Relaxed)
}

/// Whether the brokers say that somebody else goes under a producer's name.
const fn is_superseding(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch | Code::InvalidProducerIdMapping)
}

/// Whether the brokers say that this member's time is over.
pub(super) const fn is_fencing(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    is_superseding(code)
        || matches!(
            code,
            Code::IllegalGeneration
                | Code::UnknownMemberId
                | Code::FencedInstanceId
                | Code::RebalanceInProgress
                | Code::StaleMemberEpoch
                | Code::FencedMemberEpoch
        )
}
