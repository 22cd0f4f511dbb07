//! Partitions' state and counters, gathered from the compacted topics that hold them.

use std::collections::BTreeMap;

use fika_model::event::EpochMs;
use fika_model::{IntervalCounters, IntervalKey};
use fika_stats::{CodecError, CountersOf, OpenState, StateKey};
use thiserror::Error;

use super::IngestSettings;
use super::key::{KeyError, Part, StateRecordKey, Stream};

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RebuildError {
    /// Its key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Its value.
    #[error("the state of {key} cannot be read")]
    State {
        /// The record's key.
        key: String,
        /// Why.
        source: CodecError,
    },
}

#[derive(Debug, Default)]
struct Gathered {
    states: BTreeMap<StateKey, OpenState>,
    counters: BTreeMap<IntervalKey, IntervalCounters>,
}

impl Gathered {
    fn watermark(&self) -> Option<EpochMs> {
        match self.states.get(&StateKey::Watermarks) {
            Some(OpenState::Watermarks(marks)) => marks.calls.or(marks.agents),
            _ => None,
        }
    }
}

/// What some partitions were left with. Feed it all records of the state topic first, then those of the counters, each in the
/// order of the topic; records of other partitions are passed over, of each key the last one stands.
#[derive(Debug)]
pub struct Rebuild {
    parts: BTreeMap<Part, Gathered>,
    /// Counters so far behind the watermark cannot change any more; the bus holds them, and nobody needs them here.
    useless_after_ms: i64,
}

impl Rebuild {
    /// Of these partitions, by the settings with which they are counted on.
    pub fn of(settings: &IngestSettings, parts: impl IntoIterator<Item = Part>) -> Self {
        // An interval begins before it ends.
        let useless_after_ms = settings.fold.reach_ms() + i64::from(settings.fold.interval.seconds()) * 1000;
        Self { parts: parts.into_iter().map(|part| (part, Gathered::default())).collect(), useless_after_ms }
    }

    /// Whether a partition is among them.
    pub fn wants(&self, part: Part) -> bool {
        self.parts.contains_key(&part)
    }

    /// A record of the state topic.
    pub fn state(&mut self, key: &str, value: Option<&[u8]>) -> Result<(), RebuildError> {
        let StateRecordKey { part, key: state_key } = key.parse()?;
        let Some(gathered) = self.parts.get_mut(&part) else { return Ok(()) };
        match value {
            Some(bytes) => {
                let state = OpenState::decode(bytes).map_err(|source| RebuildError::State { key: key.to_owned(), source })?;
                gathered.states.insert(state_key, state);
            }
            None => {
                gathered.states.remove(&state_key);
            }
        }
        Ok(())
    }

    /// A record of the counters' topic, with its key as written and its content as read.
    pub fn counters(&mut self, key: &str, cell: IntervalKey, counters: IntervalCounters) -> Result<(), RebuildError> {
        let part = Part::of_counter_key(key)?;
        if let Some(gathered) = self.parts.get_mut(&part) {
            let limit = gathered.watermark().map_or(i64::MIN, |mark| mark - self.useless_after_ms);
            if cell.start.as_millisecond() > limit {
                gathered.counters.insert(cell, counters);
            }
        }
        Ok(())
    }

    /// Each partition with its state and its counters.
    pub(super) fn into_parts(self) -> impl Iterator<Item = (Part, Vec<OpenState>, Vec<CountersOf>)> {
        self.parts.into_iter().map(|(part, gathered)| {
            let counted = |(cell, counters)| match part.stream {
                Stream::Calls => CountersOf::Calls(cell, counters),
                Stream::Agents => CountersOf::Agents(cell, counters),
            };
            (part, gathered.states.into_values().collect(), gathered.counters.into_iter().map(counted).collect())
        })
    }
}
