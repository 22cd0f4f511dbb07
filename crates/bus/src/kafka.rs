//! The bus on Apache Kafka, through librdkafka.
//!
//! Invariants: appends are idempotent and acknowledged by all replicas; a commit is one Kafka transaction of outputs and offsets,
//! fenced by the group's generation; every reader sees committed records only. Partitions are chosen as the Java client does.
//!
//! Deliberately absent: changing existing topics, and waiting for a broker that is away: that is told at once, and the caller
//! tries again.

mod admin;
mod aside;
mod client;
mod consumer;
mod forgotten;
mod lag;
mod member;
mod producer;
mod reader;
mod transaction;

use crate::{Bus, Consumer, Error, Lag, Outgoing, Record, Tail, TailFrom, TopicOutcome, TopicSettings};
use client::Cluster;
use forgotten::Sentinel;
use lag::LagReaders;
use producer::Appender;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// A bus on a Kafka cluster.
pub struct KafkaBus {
    cluster: Arc<Cluster>,
    appender: Appender,
    lag_readers: LagReaders,
    sentinel: Sentinel,
}

impl KafkaBus {
    /// Connects to the cluster. `brokers` are `host:port` separated by commas; `properties` are librdkafka's and go before our own
    /// settings, so that an operator can change every one of them.
    pub fn open(brokers: &str, properties: &BTreeMap<String, String>) -> Result<Self, Error> {
        let cluster = Arc::new(Cluster::connect(brokers, properties)?);
        cluster.check()?;
        Ok(Self { cluster, appender: Appender::default(), lag_readers: LagReaders::default(), sentinel: Sentinel::default() })
    }
}

impl Bus for KafkaBus {
    fn ensure_topics(&self, topics: &[TopicSettings]) -> Result<Vec<TopicOutcome>, Error> {
        topics.iter().try_for_each(crate::topic::check_settings)?;
        admin::ensure(&self.cluster, topics)
    }

    fn append(&self, batch: Vec<Outgoing>) -> Result<(), Error> {
        self.appender.append(&self.cluster, &batch)
    }

    fn subscribe(&self, group: &str, topics: &[&str]) -> Result<Box<dyn Consumer>, Error> {
        self.sentinel.begin(&self.cluster);
        Ok(Box::new(consumer::KafkaConsumer::join(Arc::clone(&self.cluster), group, topics)?))
    }

    fn scan(&self, topic: &str, each: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), Error> {
        reader::scan(&self.cluster, topic, each)
    }

    fn tail(&self, topics: &[&str], from: TailFrom) -> Result<Box<dyn Tail>, Error> {
        Ok(Box::new(reader::KafkaTail::start(Arc::clone(&self.cluster), topics, from)?))
    }

    fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Error> {
        self.lag_readers.lag(&self.cluster, group, topics)
    }

    fn drain(&self, by: Instant) {
        self.cluster.drain.begin(by);
    }

    fn check(&self) -> Result<(), Error> {
        self.cluster.check()
    }
}

#[cfg(test)]
mod tests;
