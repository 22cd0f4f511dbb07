//! Topics as their owner wants them, and what became of the wish.

use std::fmt;
use std::time::Duration;

/// How a topic forgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleanup {
    /// Records older than this are deleted. None: kept for ever.
    Delete {
        /// Age at which a record may go.
        retention: Option<Duration>,
    },
    /// The latest record of each key is kept.
    Compact {
        /// How long a tombstone stays readable before it goes too. Longer than any reader's outage.
        tombstones: Duration,
    },
}

/// The settings of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSettings {
    /// Name, as Kafka allows it: 1 to 249 of `a-z A-Z 0-9 . _ -`.
    pub name: String,
    /// Number of partitions, 1 or more. Fixed for the life of the topic, because keys are placed by it.
    pub partitions: u32,
    /// How the topic forgets.
    pub cleanup: Cleanup,
}

impl TopicSettings {
    /// A topic whose records are deleted after `retention`, or never.
    pub fn deleting(name: impl Into<String>, partitions: u32, retention: Option<Duration>) -> Self {
        Self { name: name.into(), partitions, cleanup: Cleanup::Delete { retention } }
    }

    /// A topic that keeps the latest record of each key, and tombstones for a day.
    pub fn compacted(name: impl Into<String>, partitions: u32) -> Self {
        Self { name: name.into(), partitions, cleanup: Cleanup::Compact { tombstones: Duration::from_secs(24 * 3_600) } }
    }
}

/// One setting of an existing topic that is not as wished. It was left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Name of the setting, in Kafka's words: `partitions`, `cleanup.policy`, `retention.ms` ...
    pub setting: &'static str,
    /// What was wished for.
    pub wished: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {} instead of {}", self.setting, self.found, self.wished)
    }
}

/// What became of a wished-for topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicOutcome {
    /// It was made.
    Created {
        /// Its name.
        topic: String,
    },
    /// It was there already.
    Existed {
        /// Its name.
        topic: String,
        /// The settings that are not as wished; nothing was changed.
        differences: Vec<Difference>,
    },
}

/// Checks a wish before any make sees it.
pub(crate) fn check_settings(wish: &TopicSettings) -> Result<(), crate::Error> {
    let name = wish.name.as_str();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let cause = if name.is_empty() || name.len() > 249 {
        "a name has 1 to 249 characters"
    } else if name == "." || name == ".." || !name.chars().all(allowed) {
        "a name is made of letters, digits, points, underscores and hyphens"
    } else if !(1..=MOST_PARTITIONS).contains(&wish.partitions) {
        "a topic has 1 to 1000 partitions"
    } else {
        return Ok(());
    };
    Err(crate::Error::TopicSettings { topic: name.to_owned(), cause })
}

/// More partitions than this in one topic are a mistake.
const MOST_PARTITIONS: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_on_both_sides_of_each_bound() {
        let long = "a".repeat(249);
        let too_long = "a".repeat(250);
        let cases = [
            ("acd.calls", 12, true),
            (long.as_str(), 1, true),
            (too_long.as_str(), 1, false),
            ("", 1, false),
            ("..", 1, false),
            ("a b", 1, false),
            ("a/b", 1, false),
            ("ä", 1, false),
            ("t", 0, false),
            ("t", 1_000, true),
            ("t", 1_001, false),
        ];
        for (name, partitions, expect) in cases {
            let wish = TopicSettings::compacted(name, partitions);
            assert_eq!(check_settings(&wish).is_ok(), expect, "{name:?} with {partitions}");
        }
    }
}
