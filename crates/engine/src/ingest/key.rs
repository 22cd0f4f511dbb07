//! Keys of the records that hold counters and state: each names the partition that it belongs to.

use std::fmt;
use std::str::FromStr;

use fika_model::{AgentId, CallId};
use fika_stats::StateKey;
use thiserror::Error;

/// Which of the two input streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Call events.
    Calls,
    /// Agent events.
    Agents,
}

/// A partition of an input stream; written `calls/3` or `agents/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// The stream.
    pub stream: Stream,
    /// The number of the partition.
    pub partition: i32,
}

/// A key that is none of these.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{key:?} is no key of {what}")]
pub struct KeyError {
    /// What it should be a key of.
    pub what: &'static str,
    /// The key.
    pub key: String,
}

impl Part {
    /// The key of a record with this part of a cell's counters, from the cell's own key.
    pub fn counter_key(self, cell_key: &str) -> String {
        format!("{cell_key}|{self}")
    }

    /// The part that a counter record's key names.
    pub fn of_counter_key(key: &str) -> Result<Self, KeyError> {
        let error = || KeyError { what: "a partition's counters", key: key.to_owned() };
        key.rsplit_once('|').and_then(|(_, part)| part.parse().ok()).ok_or_else(error)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stream = match self.stream {
            Stream::Calls => "calls",
            Stream::Agents => "agents",
        };
        write!(f, "{stream}/{}", self.partition)
    }
}

impl FromStr for Part {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let read = || {
            let (stream, partition) = text.split_once('/')?;
            let stream = match stream {
                "calls" => Stream::Calls,
                "agents" => Stream::Agents,
                _ => return None,
            };
            Some(Self { stream, partition: partition.parse().ok().filter(|number| *number >= 0)? })
        };
        read().ok_or_else(|| KeyError { what: "a partition", key: text.to_owned() })
    }
}

/// The key of a state record; written `calls/3/call/<id>`, `agents/3/agent/<id>` or `calls/3/mark`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateRecordKey {
    /// The partition.
    pub part: Part,
    /// What in it.
    pub key: StateKey,
}

impl fmt::Display for StateRecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            StateKey::Call(id) => write!(f, "{}/call/{id}", self.part),
            StateKey::Agent(id) => write!(f, "{}/agent/{id}", self.part),
            StateKey::Watermarks => write!(f, "{}/mark", self.part),
        }
    }
}

impl FromStr for StateRecordKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let read = || {
            let mut pieces = text.splitn(4, '/');
            let part = format!("{}/{}", pieces.next()?, pieces.next()?).parse().ok()?;
            let key = match (pieces.next()?, pieces.next()) {
                ("call", Some(id)) => StateKey::Call(CallId::new(id).ok()?),
                ("agent", Some(id)) => StateKey::Agent(AgentId::new(id).ok()?),
                ("mark", None) => StateKey::Watermarks,
                _ => return None,
            };
            Some(Self { part, key })
        };
        read().ok_or_else(|| KeyError { what: "a partition's state", key: text.to_owned() })
    }
}
