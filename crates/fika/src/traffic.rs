//! Where the bus's bytes and the wire's messages meet.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fika_bus::{Cleanup, Outgoing, Record, TopicSettings};
use fika_model::{Faults, Timestamp};
use fika_wire::records::{self, Encoded, Origin, Stamp};
use fika_wire::topics;
use uuid::Uuid;

/// The time now.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millisecond(since.as_millis() as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// An id that nobody has; later ones sort after earlier ones.
pub(crate) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

/// Runs `write` with a stamp of this source, now.
pub(crate) fn stamped<T>(source: &str, write: impl FnOnce(&Stamp<'_>) -> T) -> T {
    write(&Stamp { id: &fresh_id(), source, at: now() })
}

/// A message's record as the bus takes it.
pub(crate) fn outgoing(encoded: Encoded) -> Outgoing {
    Outgoing { topic: encoded.topic.to_owned(), key: encoded.key, value: encoded.value, headers: encoded.headers }
}

/// A record set aside, with its faults.
pub(crate) fn dead_letter(record: &Record, faults: &Faults) -> Outgoing {
    let origin = Origin {
        topic: &record.topic,
        partition: record.partition,
        offset: record.offset,
        timestamp_ms: record.timestamp_ms,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers: &record.headers,
    };
    outgoing(records::dead_letter(&origin, faults))
}

/// All topics with their settings, as the bus takes them.
pub(crate) fn topic_settings() -> Vec<TopicSettings> {
    let setting = |topic: &topics::Topic| TopicSettings {
        name: topic.name.to_owned(),
        partitions: topic.partitions,
        cleanup: match topic.cleanup {
            topics::Cleanup::Delete { retention_ms } => Cleanup::Delete { retention: Some(Duration::from_millis(retention_ms as u64)) },
            topics::Cleanup::Compact => Cleanup::Compact { tombstones: Duration::from_secs(7 * 86_400) },
        },
    };
    topics::ALL.iter().map(setting).collect()
}
