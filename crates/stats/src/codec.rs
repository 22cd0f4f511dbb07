//! The stored form of open state: one version byte, one kind byte, then variable-length integers (LEB128, zigzag where
//! negative values occur) and texts with their length. Queues are listed once and then named by position.
//!
//! A form that was ever stored must stay readable: new kinds of content get a new version.

use fika_model::event::{AgentState, CallEventKind};
use fika_model::id::IdError;
use fika_model::{AgentId, CallId, QueueId};
use thiserror::Error;

use crate::state::{AgentChange, CallFact, OpenAgent, OpenCall, OpenState, Watermarks};

const VERSION: u8 = 1;
const CALL: u8 = 1;
const AGENT: u8 = 2;
const WATERMARKS: u8 = 3;

/// Bytes that are no state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// They end in the middle.
    #[error("the state ends after {bytes} bytes, in the middle")]
    Short {
        /// How many there are.
        bytes: usize,
    },
    /// They go on after the end.
    #[error("{left} bytes follow the end of the state")]
    Surplus {
        /// How many too many.
        left: usize,
    },
    /// They were written by a version that is not known.
    #[error("state of version {version}, known is {VERSION}")]
    Version {
        /// The version.
        version: u8,
    },
    /// A number stands for nothing.
    #[error("{value} stands for no {what}")]
    Unknown {
        /// What it should stand for.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// A text is not UTF-8.
    #[error("a text of {bytes} bytes is not UTF-8")]
    Text {
        /// Its length.
        bytes: usize,
    },
    /// A text is no id.
    #[error(transparent)]
    Id(#[from] IdError),
}

const KINDS: [CallEventKind; 10] = [
    CallEventKind::Queued,
    CallEventKind::Offered,
    CallEventKind::Connected,
    CallEventKind::Held,
    CallEventKind::Resumed,
    CallEventKind::Transferred,
    CallEventKind::Ended,
    CallEventKind::Abandoned,
    CallEventKind::WrapupEnded,
    CallEventKind::Completed,
];

const STATES: [AgentState; 7] = [
    AgentState::LoggedOut,
    AgentState::Ready,
    AgentState::NotReady,
    AgentState::Reserved,
    AgentState::Talking,
    AgentState::Hold,
    AgentState::Wrapup,
];

impl OpenState {
    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer(vec![VERSION]);
        match self {
            Self::Call(call) => out.call(call),
            Self::Agent(agent) => out.agent(agent),
            Self::Watermarks(marks) => {
                out.0.push(WATERMARKS);
                out.optional(marks.calls);
                out.optional(marks.agents);
            }
        }
        out.0
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut input = Reader { bytes, at: 0 };
        let version = input.byte()?;
        if version != VERSION {
            return Err(CodecError::Version { version });
        }
        let state = match input.byte()? {
            CALL => Self::Call(input.call()?),
            AGENT => Self::Agent(input.agent()?),
            WATERMARKS => Self::Watermarks(Watermarks { calls: input.optional()?, agents: input.optional()? }),
            kind => return Err(CodecError::Unknown { what: "kind of state", value: u64::from(kind) }),
        };
        let left = bytes.len() - input.at;
        if left == 0 { Ok(state) } else { Err(CodecError::Surplus { left }) }
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)) as u64);
    }

    fn optional(&mut self, value: Option<i64>) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            self.signed(value);
        }
    }

    fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn queues(&mut self, queues: &[&QueueId]) {
        self.unsigned(queues.len() as u64);
        for queue in queues {
            self.text(queue.as_str());
        }
    }

    fn call(&mut self, call: &OpenCall) {
        self.0.push(CALL);
        self.text(call.id.as_str());
        let queues = listed(call.facts.iter().filter_map(|fact| fact.queue.as_ref()));
        self.queues(&queues);
        self.unsigned(call.facts.len() as u64);
        let mut earlier_ms = 0;
        for fact in &call.facts {
            self.signed(fact.at_ms - earlier_ms);
            earlier_ms = fact.at_ms;
            self.0.push(position(&KINDS, &fact.kind) as u8);
            self.0.extend_from_slice(&fact.event_hash.to_le_bytes());
            self.0.extend_from_slice(&fact.agent_hash.to_le_bytes());
            self.unsigned(fact.queue.as_ref().map_or(0, |queue| position(&queues, &queue) as u64 + 1));
            for told in [fact.wait_ms, fact.talk_ms, fact.hold_ms, fact.wrapup_ms] {
                self.unsigned(told.map_or(0, |ms| u64::from(ms.max(0).unsigned_abs()) + 1));
            }
            self.0.push(fact.answered.map_or(0, |answered| 1 + u8::from(answered)));
        }
    }

    fn agent(&mut self, agent: &OpenAgent) {
        self.0.push(AGENT);
        self.text(agent.id.as_str());
        let queues = listed(agent.changes.iter().flat_map(|change| &change.queues));
        self.queues(&queues);
        self.unsigned(agent.changes.len() as u64);
        let mut earlier_ms = 0;
        for change in &agent.changes {
            self.signed(change.at_ms - earlier_ms);
            earlier_ms = change.at_ms;
            self.0.push(position(&STATES, &change.state) as u8);
            self.0.extend_from_slice(&change.event_hash.to_le_bytes());
            self.unsigned(change.queues.len() as u64);
            for queue in &change.queues {
                self.unsigned(position(&queues, &queue) as u64);
            }
        }
    }
}

fn listed<'a>(queues: impl Iterator<Item = &'a QueueId>) -> Vec<&'a QueueId> {
    let mut listed: Vec<&QueueId> = queues.collect();
    listed.sort_unstable();
    listed.dedup();
    listed
}

fn position<T: PartialEq>(list: &[T], value: &T) -> usize {
    list.iter().position(|known| known == value).unwrap_or_default()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Result<&[u8], CodecError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(CodecError::Short { bytes: self.bytes.len() })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Result<u64, CodecError> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(word))
    }

    fn unsigned(&mut self) -> Result<u64, CodecError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(CodecError::Unknown { what: "number of 64 bits", value })
    }

    fn signed(&mut self) -> Result<i64, CodecError> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn time(&mut self, earlier_ms: i64) -> Result<i64, CodecError> {
        let delta = self.signed()?;
        earlier_ms.checked_add(delta).ok_or(CodecError::Unknown { what: "time", value: delta.unsigned_abs() })
    }

    fn optional(&mut self) -> Result<Option<i64>, CodecError> {
        if self.byte()? == 0 { Ok(None) } else { self.signed().map(Some) }
    }

    /// A number of things of at least one byte each, so that no more are announced than can be there.
    fn count(&mut self) -> Result<usize, CodecError> {
        let count = self.unsigned()?;
        let left = self.bytes.len() - self.at;
        usize::try_from(count).ok().filter(|count| *count <= left).ok_or(CodecError::Short { bytes: self.bytes.len() })
    }

    fn text(&mut self) -> Result<String, CodecError> {
        let length = self.count()?;
        let bytes = self.take(length)?.to_vec();
        String::from_utf8(bytes).map_err(|_| CodecError::Text { bytes: length })
    }

    fn queues(&mut self) -> Result<Vec<QueueId>, CodecError> {
        (0..self.count()?).map(|_| Ok(QueueId::new(self.text()?)?)).collect()
    }

    fn pick<T: Clone>(&mut self, from: &[T], what: &'static str) -> Result<T, CodecError> {
        let value = self.unsigned()?;
        let found = usize::try_from(value).ok().and_then(|index| from.get(index));
        found.cloned().ok_or(CodecError::Unknown { what, value })
    }

    fn told(&mut self) -> Result<Option<i32>, CodecError> {
        match self.unsigned()? {
            0 => Ok(None),
            value => i32::try_from(value - 1).map(Some).map_err(|_| CodecError::Unknown { what: "duration", value }),
        }
    }

    fn call(&mut self) -> Result<OpenCall, CodecError> {
        let id = CallId::new(self.text()?)?;
        let queues: Vec<Option<QueueId>> = std::iter::once(None).chain(self.queues()?.into_iter().map(Some)).collect();
        let mut facts = Vec::new();
        let mut at_ms = 0;
        for _ in 0..self.count()? {
            at_ms = self.time(at_ms)?;
            facts.push(CallFact {
                at_ms,
                kind: self.pick(&KINDS, "kind of call event")?,
                event_hash: self.word()?,
                agent_hash: self.word()?,
                queue: self.pick(&queues, "queue")?,
                wait_ms: self.told()?,
                talk_ms: self.told()?,
                hold_ms: self.told()?,
                wrapup_ms: self.told()?,
                answered: self.pick(&[None, Some(false), Some(true)], "answer")?,
            });
        }
        Ok(OpenCall { id, facts })
    }

    fn agent(&mut self) -> Result<OpenAgent, CodecError> {
        let id = AgentId::new(self.text()?)?;
        let queues = self.queues()?;
        let mut changes = Vec::new();
        let mut at_ms = 0;
        for _ in 0..self.count()? {
            at_ms = self.time(at_ms)?;
            let state = self.pick(&STATES, "agent state")?;
            let event_hash = self.word()?;
            let queues = (0..self.count()?).map(|_| self.pick(&queues, "queue")).collect::<Result<_, _>>()?;
            changes.push(AgentChange { at_ms, state, event_hash, queues });
        }
        Ok(OpenAgent { id, changes })
    }
}

#[cfg(test)]
mod tests;
