//! The cluster: configuration of clients, what is known of its topics, and librdkafka's errors in our words.

use super::aside::Held;
use crate::address::is_secret;
use crate::drain::{Drain, Patience};
use crate::{Error, MAX_RECORD_BYTES, Outgoing, TopicPartition};
use rdkafka::admin::AdminClient;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::metadata::MetadataTopic;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::types::{RDKafkaConfRes, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long a question to the brokers may take.
pub(super) const ANSWER: Duration = Duration::from_secs(5);
/// Asking for one topic, whether it exists or not, is the cheapest question that needs an answer.
const ANY_TOPIC: &str = "fika.requests";
/// How long a readiness probe may take.
const PROBE: Duration = Duration::from_secs(3);
/// How long a topic that was just made may take to have its leaders.
const LEADERS: Duration = Duration::from_secs(15);
/// How long a transaction may stay open that was begun by a process which has died since: the brokers end it, or the sentinel does.
const SETTLEMENT: Duration = Duration::from_secs(60);
/// A client that cannot reach its brokers is made anew when it is older than this. One that is told of no broker at all, by one that has
/// just come back and is not yet among those that serve, may be left without any to ask again.
const RENEWAL: Duration = Duration::from_secs(20);
/// How often is said why brokers cannot be reached.
const SELDOM: Duration = Duration::from_secs(60);
/// Room for keys, headers and framing in the brokers' limit for a batch.
pub(super) const BATCH_BYTES: usize = MAX_RECORD_BYTES + 64 * 1024;

/// How to reach the cluster, and what is known of it.
pub(super) struct Cluster {
    pub(super) brokers: String,
    properties: BTreeMap<String, String>,
    probes: Mutex<Arc<Probes>>,
    /// Made when it is first needed.
    admin: Mutex<Option<Arc<Held<AdminClient<Quiet>>>>>,
    /// When all of this ends, once that is known.
    pub(super) drain: Arc<Drain>,
    /// Topics that were seen.
    topics: Mutex<BTreeMap<String, KnownTopic>>,
    /// Members of this process.
    readings: Mutex<Vec<Weak<Reading>>>,
}

/// Clients that only ask questions.
struct Probes {
    /// One that sees committed records.
    committed: Held<BaseConsumer<Quiet>>,
    /// One that sees what is not yet committed, too.
    beyond: Held<BaseConsumer<Quiet>>,
    made: Instant,
}

/// What a member of a group reads now.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) group: String,
    pub(super) places: Mutex<BTreeSet<TopicPartition>>,
}

/// What is known of a topic.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownTopic {
    pub(super) partitions: u32,
    pub(super) compacted: bool,
}

/// Sends librdkafka's log lines and errors to tracing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        told(&error, reason);
    }
}

impl ConsumerContext for Quiet {}

/// An error that the client tells beside its calls. The end of a partition is none. That brokers cannot be reached is told again and again
/// by every client, and by the calls that fail: here it is only said why, and that seldom.
pub(super) fn told(error: &KafkaError, reason: &str) {
    use RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure, PartitionEOF, Resolve};
    static SAID: Mutex<Option<Instant>> = Mutex::new(None);
    match error.rdkafka_error_code() {
        Some(PartitionEOF) => {}
        Some(AllBrokersDown | BrokerTransportFailure | Resolve) if !is_due(&mut lock(&SAID)) => {
            tracing::debug!(target: "librdkafka", %error, reason);
        }
        _ => tracing::warn!(target: "librdkafka", %error, reason),
    }
}

/// Whether it was said long enough ago to be said again, which is noted.
fn is_due(said: &mut Option<Instant>) -> bool {
    let is_due = said.is_none_or(|at| at.elapsed() >= SELDOM);
    if is_due {
        *said = Some(Instant::now());
    }
    is_due
}

pub(super) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error, Info, Notice, Warning};
    match level {
        // The operator's properties are given to all clients, to those that have no use for them, too. A refused transaction is told by
        // the commit that fails, and what happens to a connection comes as an error, too, or is told by the call that it fails.
        _ if ["CONFWARN", "TXNERR", "FAIL", "REQTMOUT"].contains(&facility) => tracing::debug!(target: "librdkafka", facility, message),
        Emerg | Alert | Critical => tracing::error!(target: "librdkafka", facility, message),
        Error | Warning => tracing::warn!(target: "librdkafka", facility, message),
        Notice | Info | Debug => tracing::debug!(target: "librdkafka", facility, message),
    }
}

impl Cluster {
    pub(super) fn connect(brokers: &str, properties: &BTreeMap<String, String>) -> Result<Self, Error> {
        let drain = Arc::<Drain>::default();
        let probes = Probes::start(brokers, properties, &drain)?;
        Ok(Self {
            brokers: brokers.to_owned(),
            properties: properties.clone(),
            probes: Mutex::new(Arc::new(probes)),
            admin: Mutex::default(),
            drain,
            topics: Mutex::default(),
            readings: Mutex::default(),
        })
    }

    /// A client of this cluster. The operator's properties win over `defaults`.
    pub(super) fn client<C, T>(&self, context: C, defaults: &[(&str, &str)]) -> Result<Held<T>, Error>
    where
        C: ClientContext,
        T: FromClientConfigAndContext<C> + Send + 'static,
    {
        let mut config = ClientConfig::new();
        set(&mut config, &self.properties, &self.brokers, defaults);
        let made = T::from_config_and_context(&config, context).map_err(|error| self.error("start a client", &error))?;
        Ok(Held::new(&self.drain, made))
    }

    /// The client for topics and their settings.
    pub(super) fn admin(&self) -> Result<Arc<Held<AdminClient<Quiet>>>, Error> {
        let mut admin = lock(&self.admin);
        if let Some(admin) = &*admin {
            return Ok(Arc::clone(admin));
        }
        let made = Arc::new(self.client(Quiet, &[])?);
        *admin = Some(Arc::clone(&made));
        Ok(made)
    }

    /// A member that reads nothing yet.
    pub(super) fn reading(&self, group: &str) -> Arc<Reading> {
        let reading = Arc::new(Reading { group: group.to_owned(), places: Mutex::default() });
        let mut readings = lock(&self.readings);
        readings.retain(|other| other.strong_count() > 0);
        readings.push(Arc::downgrade(&reading));
        reading
    }

    /// Whether a member of this process reads a place for a group.
    pub(super) fn reads(&self, group: &str, place: &TopicPartition) -> bool {
        let readings = lock(&self.readings);
        readings.iter().filter_map(Weak::upgrade).any(|one| one.group == group && lock(&one.places).contains(place))
    }

    /// A property that the operator has set.
    pub(super) fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.probes().committed.fetch_metadata(Some(ANY_TOPIC), PROBE).map(drop).map_err(|error| self.unanswered("answer", &error))
    }

    fn probes(&self) -> Arc<Probes> {
        Arc::clone(&lock(&self.probes))
    }

    /// The error of a question. Who asks may be cut off for good: see [`RENEWAL`].
    pub(super) fn unanswered(&self, operation: &'static str, error: &KafkaError) -> Error {
        let error = self.error(operation, error);
        if matches!(error, Error::Unreachable { .. }) {
            drop(self.renew());
        }
        error
    }

    /// Answers the clients before, which take a moment to end: nobody else should wait for that.
    fn renew(&self) -> impl Sized {
        let mut probes = lock(&self.probes);
        if probes.made.elapsed() < RENEWAL {
            return None;
        }
        let made = Probes::start(&self.brokers, &self.properties, &self.drain).ok()?;
        let before = std::mem::replace(&mut *probes, Arc::new(made));
        Some((before, lock(&self.admin).take()))
    }

    /// The topic as it is known; asks the brokers about one that is not.
    pub(super) fn topic(&self, name: &str) -> Result<KnownTopic, Error> {
        if let Some(known) = lock(&self.topics).get(name) {
            return Ok(*known);
        }
        let partitions = self.await_leaders(name, false)?;
        let compacted = super::admin::is_compacted(self, name);
        let known = KnownTopic { partitions, compacted };
        lock(&self.topics).insert(name.to_owned(), known);
        Ok(known)
    }

    /// The number of partitions of a topic, as soon as each has its leader; a topic that was just made needs a moment for that.
    /// `made` says that the topic is known to have been made, though the broker that is asked may not have heard of it yet.
    pub(super) fn await_leaders(&self, name: &str, made: bool) -> Result<u32, Error> {
        let patience = self.drain.patience(LEADERS);
        loop {
            let probes = self.probes();
            let answer = probes.committed.fetch_metadata(Some(name), ANSWER);
            let metadata = answer.map_err(|error| self.unanswered("describe a topic", &error))?;
            let topic = metadata.topics().iter().find(|topic| topic.name() == name);
            let state = match topic {
                None => RDKafkaErrorCode::UnknownTopicOrPartition,
                Some(topic) if topic.error().is_none() && is_led(topic) => return Ok(topic.partitions().len() as u32),
                Some(topic) => topic.error().map_or(RDKafkaErrorCode::LeaderNotAvailable, RDKafkaErrorCode::from),
            };
            let is_passing = match state {
                RDKafkaErrorCode::LeaderNotAvailable => true,
                RDKafkaErrorCode::UnknownTopicOrPartition => made,
                _ => false,
            };
            if !is_passing || patience.is_over() {
                return Err(self.given_up(patience, self.topic_error(name, state)));
            }
            pause(&probes.committed, Duration::from_millis(20));
        }
    }

    /// Whether the cluster has a topic of this name.
    pub(super) fn has_topic(&self, name: &str) -> Result<bool, Error> {
        match self.await_leaders(name, false) {
            Ok(_) => Ok(true),
            Err(Error::UnknownTopic { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn topic_error(&self, name: &str, code: RDKafkaErrorCode) -> Error {
        match code {
            RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic => Error::UnknownTopic { topic: name.to_owned() },
            code => self.code("describe a topic", code),
        }
    }

    /// For every partition of the topics that are known, the offset after the last record, or after the last committed one.
    pub(super) fn all_ends(&self, committed: bool) -> Result<BTreeMap<TopicPartition, i64>, Error> {
        let mut question = TopicPartitionList::new();
        for (topic, known) in &*lock(&self.topics) {
            for partition in 0..known.partitions as i32 {
                let end = question.add_partition_offset(topic, partition, Offset::End);
                end.map_err(|error| self.error("read the ends of topics", &error))?;
            }
        }
        if question.count() == 0 {
            return Ok(BTreeMap::new());
        }
        let probes = self.probes();
        let probe = if committed { &probes.committed } else { &probes.beyond };
        let ends = probe.offsets_for_times(question, ANSWER).map_err(|error| self.unanswered("read the ends of topics", &error))?;
        let end = |place: TopicPartitionListElem<'_>| match (place.error(), place.offset()) {
            (Ok(()), Offset::Offset(offset)) => Some(((place.topic().to_owned(), place.partition()), offset)),
            _ => None,
        };
        Ok(ends.elements().into_iter().filter_map(end).collect())
    }

    /// Offsets of the first record and after the last committed one.
    pub(super) fn watermarks(&self, topic: &str, partition: i32) -> Result<(i64, i64), Error> {
        self.ends(&self.probes().committed, topic, partition)
    }

    /// Offsets of the first record and after the last one, committed or not.
    pub(super) fn watermarks_beyond(&self, topic: &str, partition: i32) -> Result<(i64, i64), Error> {
        self.ends(&self.probes().beyond, topic, partition)
    }

    /// Those of [`Self::watermarks`], after everything has been settled that was in the partition as of the call. The brokers answer a
    /// commit before they have marked it in every partition: who reads up to the end at once would miss what was answered already.
    pub(super) fn settled_watermarks(&self, topic: &str, partition: i32) -> Result<(i64, i64), Error> {
        let (_, all) = self.watermarks_beyond(topic, partition)?;
        let patience = self.drain.patience(SETTLEMENT);
        loop {
            self.drain.check()?;
            let (low, end) = self.watermarks(topic, partition)?;
            if end >= all {
                return Ok((low, end));
            }
            if patience.is_over() {
                let open = Error::OpenTransaction { topic: topic.to_owned(), partition, waited_s: SETTLEMENT.as_secs() };
                return Err(self.given_up(patience, open));
            }
            pause(&self.probes().committed, Duration::from_millis(5));
        }
    }

    /// Asks again while a partition is changing its leader, or has just got its first.
    fn ends(&self, probe: &BaseConsumer<Quiet>, topic: &str, partition: i32) -> Result<(i64, i64), Error> {
        use RDKafkaErrorCode::{FencedLeaderEpoch, LeaderNotAvailable, NotLeaderForPartition, OffsetNotAvailable, UnknownLeaderEpoch};
        let patience = self.drain.patience(ANSWER);
        loop {
            let error = match probe.fetch_watermarks(topic, partition, ANSWER) {
                Ok(ends) => return Ok(ends),
                Err(error) => error,
            };
            let is_passing = matches!(
                error.rdkafka_error_code(),
                Some(FencedLeaderEpoch | LeaderNotAvailable | NotLeaderForPartition | OffsetNotAvailable | UnknownLeaderEpoch)
            );
            if !is_passing || patience.is_over() {
                return Err(self.unanswered("read the ends of a topic", &error));
            }
            pause(probe, Duration::from_millis(20));
        }
    }

    /// Refuses a batch that cannot be written, before any of it is.
    pub(super) fn admit(&self, batch: &[Outgoing]) -> Result<(), Error> {
        for record in batch {
            let topic = self.topic(&record.topic)?;
            let bytes = record.bytes();
            if bytes > MAX_RECORD_BYTES {
                return Err(Error::TooLarge { topic: record.topic.clone(), bytes, limit: MAX_RECORD_BYTES });
            }
            if record.key.is_none() && topic.compacted {
                return Err(Error::KeyMissing { topic: record.topic.clone() });
            }
        }
        Ok(())
    }

    /// The error of something that was tried for too long: a process that is to end gives up before it has tried enough.
    pub(super) fn given_up(&self, patience: Patience<'_>, error: Error) -> Error {
        if self.drain.has_begun() && patience.is_over() { Error::Draining } else { error }
    }

    /// The error of something that has not come back.
    pub(super) fn left_behind(&self, operation: &'static str) -> Error {
        if self.drain.has_begun() { Error::Draining } else { self.code(operation, RDKafkaErrorCode::OperationTimedOut) }
    }

    pub(super) fn error(&self, operation: &'static str, error: &KafkaError) -> Error {
        wrap(&self.brokers, &self.properties, operation, error)
    }

    pub(super) fn code(&self, operation: &'static str, code: RDKafkaErrorCode) -> Error {
        code_error(&self.brokers, operation, code)
    }
}

impl Probes {
    fn start(brokers: &str, properties: &BTreeMap<String, String>, drain: &Arc<Drain>) -> Result<Self, Error> {
        let probe = |isolation: &str| {
            let mut config = ClientConfig::new();
            set(&mut config, properties, brokers, &[]);
            config.set("isolation.level", isolation).set("allow.auto.create.topics", "false");
            let made = BaseConsumer::from_config_and_context(&config, Quiet);
            made.map(|client| Held::new(drain, client)).map_err(|error| wrap(brokers, properties, "start a client", &error))
        };
        Ok(Self { committed: probe("read_committed")?, beyond: probe("read_uncommitted")?, made: Instant::now() })
    }
}

/// The offsets that a group has committed in these places. Those that wait for the end of a transaction are an error.
pub(super) fn committed<C: ConsumerContext>(
    member: &BaseConsumer<C>,
    places: TopicPartitionList,
) -> Result<TopicPartitionList, KafkaError> {
    let known = member.committed_offsets(places, ANSWER)?;
    known.elements().iter().try_for_each(TopicPartitionListElem::error)?;
    Ok(known)
}

/// Lets a moment pass in which the client serves what has come up; it reads nothing.
fn pause(probe: &BaseConsumer<Quiet>, moment: Duration) {
    if let Some(Err(error)) = probe.poll(moment) {
        tracing::debug!(%error, "while waiting for the brokers");
    }
}

fn is_led(topic: &MetadataTopic) -> bool {
    !topic.partitions().is_empty() && topic.partitions().iter().all(|partition| partition.leader() >= 0)
}

fn set(config: &mut ClientConfig, properties: &BTreeMap<String, String>, brokers: &str, defaults: &[(&str, &str)]) {
    config.set("client.id", "fika");
    // An outage is noticed by the calls that fail; every lost connection in the log is noise.
    config.set("log.connection.close", "false");
    config.set("reconnect.backoff.max.ms", "2000");
    // The service's own metrics tell of it; a client that pushes its own waits for that when it ends.
    config.set("enable.metrics.push", "false");
    config.set_log_level(RDKafkaLogLevel::Warning);
    let all = defaults.iter().copied().chain(properties.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    for (name, value) in all {
        config.set(name, value);
    }
    config.set("bootstrap.servers", brokers);
}

fn wrap(brokers: &str, properties: &BTreeMap<String, String>, operation: &'static str, error: &KafkaError) -> Error {
    match error {
        KafkaError::ClientConfig(result, _, property, _) => Error::Property {
            property: property.clone(),
            cause: match result {
                RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN => "there is no such property",
                _ => "its value is not allowed",
            },
        },
        KafkaError::ClientCreation(reason) => {
            Error::Kafka { brokers: brokers.to_owned(), operation, code: without_secrets(reason, properties) }
        }
        other => match other.rdkafka_error_code() {
            Some(code) => code_error(brokers, operation, code),
            None => Error::Kafka { brokers: brokers.to_owned(), operation, code: other.to_string() },
        },
    }
}

/// The client library's reason; should it quote a secret, stars stand in its place.
fn without_secrets(reason: &str, properties: &BTreeMap<String, String>) -> String {
    let secrets = properties.iter().filter(|(name, value)| is_secret(name) && !value.is_empty());
    secrets.fold(reason.to_owned(), |reason, (_, secret)| reason.replace(secret.as_str(), "***"))
}

fn code_error(brokers: &str, operation: &'static str, code: RDKafkaErrorCode) -> Error {
    use RDKafkaErrorCode::{
        AllBrokersDown, BrokerTransportFailure, MessageTimedOut, OperationTimedOut, RequestTimedOut, Resolve, TimedOutQueue,
    };
    let brokers = brokers.to_owned();
    match code {
        AllBrokersDown | BrokerTransportFailure | MessageTimedOut | OperationTimedOut | RequestTimedOut | Resolve | TimedOutQueue => {
            Error::Unreachable { brokers, operation, code: code.to_string() }
        }
        _ => Error::Kafka { brokers, operation, code: code.to_string() },
    }
}

/// Locks; what these mutexes guard is whole at every moment, so a holder that panicked does no harm.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_said_seldom() {
        let mut said = None;
        assert_eq!([is_due(&mut said), is_due(&mut said)], [true, false]);
        said = Instant::now().checked_sub(SELDOM);
        assert!(is_due(&mut said));
    }

    #[test]
    fn who_is_cut_off_for_good_is_made_anew() {
        let brokers = rdkafka::mocking::MockCluster::new(1).expect("a stand-in");
        let none = BTreeMap::new();
        let cluster = Cluster::connect(&brokers.bootstrap_servers(), &none).expect("it starts");
        let cut_off = |made| Arc::new(Probes { made, ..Probes::start("127.0.0.1:1", &none, &cluster.drain).expect("they start") });
        *lock(&cluster.probes) = cut_off(Instant::now());
        assert!(matches!(cluster.check(), Err(Error::Unreachable { .. })));
        assert!(matches!(cluster.check(), Err(Error::Unreachable { .. })), "young ones may still get through");
        *lock(&cluster.probes) = cut_off(Instant::now().checked_sub(RENEWAL).expect("a clock that has run for a while"));
        assert!(matches!(cluster.check(), Err(Error::Unreachable { .. })));
        assert_eq!(cluster.check(), Ok(()));
    }

    #[test]
    fn a_reason_that_quotes_a_secret_shows_stars() {
        let properties = [("sasl.password", "hush"), ("client.id", "hushed")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shown = without_secrets("cannot use \"hush\" here", &properties.into());
        assert_eq!(shown, "cannot use \"***\" here");
    }
}
