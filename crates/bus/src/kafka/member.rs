//! The client's side of a membership: what it tells of the assignment, and its end.
//!
//! Leaving a group waits for answers of its coordinator, which may be away. A process that is to end waits for them a while only: the
//! others then miss this member after its session's time.

use super::client::{self, Cluster};
use crate::{Error, TopicPartition};
use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance as Event};
use rdkafka::error::KafkaError;
use std::ops::Deref;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process that is to end waits until it has left.
const LEAVING: Duration = Duration::from_secs(5);
/// How often is looked whether the process is to end.
const LOOK: Duration = Duration::from_millis(200);

/// A client that is a member of a group until it is dropped.
pub(super) struct Member {
    cluster: Arc<Cluster>,
    /// Taken when it is dropped.
    client: Option<BaseConsumer<Changes>>,
}

/// Collects the changes of the assignment, which librdkafka tells from within a poll.
#[derive(Default)]
pub(super) struct Changes {
    told: Mutex<Vec<Change>>,
}

/// One of them.
pub(super) enum Change {
    Assigned(Vec<TopicPartition>),
    Revoked(Vec<TopicPartition>),
}

impl ClientContext for Changes {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        client::told(&error, reason);
    }
}

impl ConsumerContext for Changes {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, event: &Event<'_>) {
        let change = match event {
            Event::Assign(list) => Change::Assigned(places(list)),
            Event::Revoke(list) => Change::Revoked(places(list)),
            Event::Error(error) => {
                tracing::warn!(%error, "a rebalance failed");
                return;
            }
        };
        client::lock(&self.told).push(change);
    }
}

fn places(list: &TopicPartitionList) -> Vec<TopicPartition> {
    list.elements().iter().map(|place| (place.topic().to_owned(), place.partition())).collect()
}

impl Member {
    pub(super) fn new(cluster: &Arc<Cluster>, settings: &[(&str, &str)]) -> Result<Self, Error> {
        let client = cluster.client(Changes::default(), settings)?;
        Ok(Self { cluster: Arc::clone(cluster), client: Some(client) })
    }

    /// The changes told since the last call.
    pub(super) fn take_told(&self) -> Vec<Change> {
        std::mem::take(&mut *client::lock(&self.context().told))
    }

    /// Whether there are any.
    pub(super) fn has_told(&self) -> bool {
        !client::lock(&self.context().told).is_empty()
    }
}

impl Deref for Member {
    type Target = BaseConsumer<Changes>;

    fn deref(&self) -> &Self::Target {
        self.client.as_ref().expect("the client is there until the member is dropped")
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let client = self.client.take();
        let (sender, left) = channel();
        let leave = move || {
            drop(client);
            // Nobody may be waiting any more, which is well.
            let _ = sender.send(());
        };
        let leaving = thread::Builder::new().name("fika-leave".to_owned()).spawn(leave);
        let mut ending: Option<Instant> = None;
        while leaving.is_ok() && left.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if self.cluster.drain.has_begun() && ending.get_or_insert_with(Instant::now).elapsed() > LEAVING {
                tracing::warn!("left a group without an answer of its coordinator; the others will notice");
                return;
            }
        }
    }
}
