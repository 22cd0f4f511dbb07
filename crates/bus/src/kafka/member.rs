//! The client's side of a membership: what it tells of the assignment.
//!
//! Its end leaves the group. Where the coordinator does not answer to that, the others miss this member after its session's time.

use super::aside::Held;
use super::client::{self, Cluster};
use crate::{Error, TopicPartition};
use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance as Event};
use rdkafka::error::KafkaError;
use std::ops::Deref;
use std::sync::Mutex;

/// A client that is a member of a group until it is dropped.
pub(super) struct Member(Held<BaseConsumer<Changes>>);

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
    pub(super) fn new(cluster: &Cluster, settings: &[(&str, &str)]) -> Result<Self, Error> {
        cluster.client(Changes::default(), settings).map(Self)
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
        &self.0
    }
}
