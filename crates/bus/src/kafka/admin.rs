//! Topics: creating those that are missing and comparing those that are there.

use super::client::{ANSWER, BATCH_BYTES, Cluster};
use crate::{Cleanup, Difference, Error, TopicOutcome, TopicSettings};
use rdkafka::admin::{AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::KafkaResult;
use rdkafka::types::RDKafkaErrorCode;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

/// As many replicas as the brokers' `default.replication.factor` says.
const BROKERS_CHOICE: TopicReplication<'static> = TopicReplication::Fixed(-1);

/// How often is looked whether the process is to end.
const LOOK: Duration = Duration::from_millis(200);

/// See [`crate::Bus::ensure_topics`].
pub(super) fn ensure(cluster: &Cluster, wishes: &[TopicSettings]) -> Result<Vec<TopicOutcome>, Error> {
    let outcomes = wishes.iter().map(|wish| ensure_one(cluster, wish)).collect::<Result<_, _>>()?;
    // They are known from now on, so that all of them are looked after together.
    wishes.iter().try_for_each(|wish| cluster.topic(&wish.name).map(drop))?;
    Ok(outcomes)
}

fn ensure_one(cluster: &Cluster, wish: &TopicSettings) -> Result<TopicOutcome, Error> {
    cluster.drain.check()?;
    let topic = wish.name.clone();
    // Another process may make it between the question and the order: then it existed.
    if !cluster.has_topic(&topic)? && create(cluster, wish)? {
        cluster.await_leaders(&topic, true)?;
        return Ok(TopicOutcome::Created { topic });
    }
    let partitions = cluster.await_leaders(&topic, true)?;
    let differences = differences(cluster, wish, partitions)?;
    Ok(TopicOutcome::Existed { topic, differences })
}

/// Answers whether it was made here.
fn create(cluster: &Cluster, wish: &TopicSettings) -> Result<bool, Error> {
    let settings = settings(wish);
    let mut order = NewTopic::new(&wish.name, wish.partitions as i32, BROKERS_CHOICE);
    for (name, value) in &settings {
        order = order.set(name, value);
    }
    let options = AdminOptions::new().request_timeout(Some(ANSWER)).operation_timeout(Some(ANSWER));
    let results = answer(cluster, "create a topic", cluster.admin()?.create_topics([&order], &options))?;
    match results.into_iter().next() {
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
        Some(Err((_, code))) => Err(cluster.code("create a topic", code)),
        Some(Ok(_)) | None => Ok(true),
    }
}

/// The settings of a topic in Kafka's words.
fn settings(wish: &TopicSettings) -> Vec<(&'static str, String)> {
    let mut settings = match wish.cleanup {
        Cleanup::Delete { retention } => {
            let retention_ms = retention.map_or_else(|| "-1".to_owned(), |keep| keep.as_millis().to_string());
            vec![("cleanup.policy", "delete".to_owned()), ("retention.ms", retention_ms)]
        }
        Cleanup::Compact { tombstones } => {
            vec![("cleanup.policy", "compact".to_owned()), ("delete.retention.ms", tombstones.as_millis().to_string())]
        }
    };
    settings.push(("max.message.bytes", BATCH_BYTES.to_string()));
    settings
}

fn differences(cluster: &Cluster, wish: &TopicSettings, partitions: u32) -> Result<Vec<Difference>, Error> {
    let mut differences = Vec::new();
    if partitions != wish.partitions {
        let (wished, found) = (wish.partitions.to_string(), partitions.to_string());
        differences.push(Difference { setting: "partitions", wished, found });
    }
    let there = describe(cluster, &wish.name)?;
    for (setting, wished) in settings(wish) {
        let found = there.get(setting).and_then(|entry| entry.value.clone()).unwrap_or_default();
        if found != wished {
            differences.push(Difference { setting, wished, found });
            if setting == "cleanup.policy" {
                break;
            }
        }
    }
    Ok(differences)
}

fn describe(cluster: &Cluster, topic: &str) -> Result<ConfigResource, Error> {
    let options = AdminOptions::new().request_timeout(Some(ANSWER));
    let question = [ResourceSpecifier::Topic(topic)];
    let answers = answer(cluster, "describe a topic", cluster.admin()?.describe_configs(&question, &options))?;
    match answers.into_iter().next() {
        Some(Ok(resource)) => Ok(resource),
        Some(Err(code)) => Err(cluster.code("describe a topic", code)),
        None => Err(Error::UnknownTopic { topic: topic.to_owned() }),
    }
}

/// Whether a topic is compacted. An operator may forbid us to ask: then the broker will refuse what does not fit.
pub(super) fn is_compacted(cluster: &Cluster, topic: &str) -> bool {
    match describe(cluster, topic) {
        Ok(there) => there.get("cleanup.policy").and_then(|entry| entry.value.as_deref()).is_some_and(|policy| policy.contains("compact")),
        Err(error) => {
            tracing::debug!(topic, %error, "cannot tell whether a topic is compacted");
            false
        }
    }
}

/// Waits for an answer of the admin client, whose own thread brings it: no runtime is needed for that. The client gives up after
/// [`ANSWER`]; where it does not, or the time of the process is over, this does.
fn answer<T>(cluster: &Cluster, operation: &'static str, question: impl Future<Output = KafkaResult<T>>) -> Result<T, Error> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut question = pin!(question);
    let patience = cluster.drain.patience(2 * ANSWER);
    loop {
        match question.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer.map_err(|error| cluster.unanswered(operation, &error)),
            Poll::Pending if patience.is_over() => return Err(cluster.left_behind(operation)),
            Poll::Pending => std::thread::park_timeout(patience.left().min(LOOK)),
        }
    }
}
