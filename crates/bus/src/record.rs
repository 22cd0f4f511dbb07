//! What travels: records as read and records to be written. Keys, values and headers are bytes and stay as they are.

/// The largest record that either make accepts, in bytes of key, value and headers together.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// A record as it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Name of the topic.
    pub topic: String,
    /// Partition of the topic, from 0.
    pub partition: i32,
    /// Place within the partition; rises, may have gaps.
    pub offset: i64,
    /// Key: records of one key keep their order. None: no key.
    pub key: Option<Vec<u8>>,
    /// Value. None: a tombstone, which on a compacted topic deletes the key.
    pub value: Option<Vec<u8>>,
    /// Headers in their order; a name may occur more than once.
    pub headers: Vec<(String, Vec<u8>)>,
    /// When the record was appended, in milliseconds since 1970-01-01T00:00:00Z.
    pub timestamp_ms: i64,
}

/// A record to be appended. Its partition follows from its key; see [`crate::partition_for`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Name of the topic, which must exist.
    pub topic: String,
    /// Key. None: any partition will do (not allowed on a compacted topic).
    pub key: Option<Vec<u8>>,
    /// Value. None: a tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers in their order.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Outgoing {
    /// A record with a key, a value and no headers.
    pub fn new(topic: impl Into<String>, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self { topic: topic.into(), key: Some(key.into()), value: Some(value.into()), headers: Vec::new() }
    }

    /// A tombstone: deletes `key` from a compacted topic.
    pub fn tombstone(topic: impl Into<String>, key: impl Into<Vec<u8>>) -> Self {
        Self { topic: topic.into(), key: Some(key.into()), value: None, headers: Vec::new() }
    }

    /// Bytes of key, value and headers together.
    pub fn bytes(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.key.as_ref().map_or(0, Vec::len) + self.value.as_ref().map_or(0, Vec::len) + headers
    }
}
