//! The topics: names, keys and settings, as data.
//!
//! This list, `proto/asyncapi.yaml` and real messages are held together by a test.

/// What the broker does with old records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleanup {
    /// They go after the retention time.
    Delete {
        /// How long they stay, in milliseconds.
        retention_ms: i64,
    },
    /// The latest record of each key stays.
    Compact,
}

/// A topic and how it is to be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// What the keys of its records are.
    pub key: &'static str,
    /// How many partitions it has. More can be added only by moving keys to others.
    pub partitions: u32,
    /// What is done with old records.
    pub cleanup: Cleanup,
    /// The largest batch of records that it takes, in bytes.
    pub max_message_bytes: u32,
}

impl Topic {
    /// The settings as Kafka names them.
    pub fn config(&self) -> Vec<(&'static str, String)> {
        let mut config = vec![("max.message.bytes", self.max_message_bytes.to_string())];
        match self.cleanup {
            Cleanup::Delete { retention_ms } => {
                config.push(("cleanup.policy", "delete".to_owned()));
                config.push(("retention.ms", retention_ms.to_string()));
            }
            Cleanup::Compact => {
                config.push(("cleanup.policy", "compact".to_owned()));
                config.push(("delete.retention.ms", (7 * DAY_MS).to_string()));
            }
        }
        config
    }
}

/// Call events, from the ACD.
pub const CALLS: &str = "acd.calls";
/// Agent events, from the ACD.
pub const AGENTS: &str = "acd.agents";
/// Interval counters.
pub const INTERVALS: &str = "fika.intervals";
/// Forecasts made for requests.
pub const FORECASTS: &str = "fika.forecasts";
/// Requests for rosters.
pub const REQUESTS: &str = "fika.requests";
/// Commands about requests: to cancel one, or to finish its search.
pub const COMMANDS: &str = "fika.commands";
/// How requests are doing.
pub const STATUS: &str = "fika.status";
/// Rosters, one record per agent and period.
pub const ROSTERS: &str = "fika.rosters";
/// Roster summaries.
pub const ROSTER_SUMMARIES: &str = "fika.roster-summaries";
/// Records that could not be read, byte for byte.
pub const DEAD_LETTERS: &str = "fika.dead-letters";
/// Calls and agents that the counters still need to know, for a fold that goes on where another one stopped.
pub const INGEST_STATE: &str = "fika.ingest-state";

const DAY_MS: i64 = 86_400_000;
const PARTITIONS: u32 = 12;
/// The message limit and room for the envelope; one for all topics, because every reader and writer must be ready for the largest.
const MESSAGE_BYTES: u32 = (16 << 20) + 65_536;

const fn kept(name: &'static str, key: &'static str) -> Topic {
    Topic { name, key, partitions: PARTITIONS, cleanup: Cleanup::Compact, max_message_bytes: MESSAGE_BYTES }
}

const fn passing(name: &'static str, key: &'static str, days: i64) -> Topic {
    let cleanup = Cleanup::Delete { retention_ms: days * DAY_MS };
    Topic { name, key, partitions: PARTITIONS, cleanup, max_message_bytes: MESSAGE_BYTES }
}

/// Every topic.
pub const ALL: [Topic; 11] = [
    passing(CALLS, "root call id", 28),
    passing(AGENTS, "agent id", 28),
    kept(INTERVALS, "queue id|start as RFC 3339|length in minutes|calls or agents/partition"),
    passing(FORECASTS, "request id|queue id", 90),
    kept(REQUESTS, "request id"),
    passing(COMMANDS, "request id", 90),
    kept(STATUS, "request id"),
    kept(ROSTERS, "agent id:first date"),
    kept(ROSTER_SUMMARIES, "roster id"),
    passing(DEAD_LETTERS, "the key of the record that was set aside", 90),
    kept(INGEST_STATE, "call id, agent id, or the partition's watermarks, as the counters name them"),
];

/// The settings of a topic.
pub fn settings(name: &str) -> Option<&'static Topic> {
    ALL.iter().find(|topic| topic.name == name)
}

#[cfg(test)]
mod tests;
