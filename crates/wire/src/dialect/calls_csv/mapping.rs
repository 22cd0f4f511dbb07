//! What the user says of a file of completed calls: which column is what, and how times and lengths are written.

use std::collections::BTreeMap;

use fika_model::event::EpochMs;
use fika_model::fault::{FaultCode, Faults};
use fika_model::{QueueId, Timestamp};
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::super::fields::{instant_ms, length_ms};
use crate::convert::is_legal_ms;

/// A mapping, as a TOML file gives it. Times are RFC 3339 or a number since 1970, unless `time_format` says more.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What stands between fields: one character; a comma where nothing is said.
    #[serde(default = "comma")]
    pub separator: String,
    /// The names of the columns, for files that begin with the first call.
    pub header: Option<Vec<String>>,
    /// The IANA time zone of times that do not say theirs; UTC where nothing is said.
    pub time_zone: Option<String>,
    /// The form of times, in the letters of `strptime`, such as `%d.%m.%Y %H:%M:%S`.
    pub time_format: Option<String>,
    /// What lengths are counted in: `ms`, `s`, `min`, or `hh:mm:ss`; seconds where nothing is said.
    #[serde(default)]
    pub unit: Unit,
    /// The queue of all calls, where no column tells it.
    pub queue: Option<String>,
    /// Which column is what.
    pub columns: Columns,
    /// What the column `outcome` says.
    #[serde(default)]
    pub outcome: Outcomes,
}

/// The columns by what they tell. Times may be put together from several columns, with a space between.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The id of the call; never its caller's number. Without it an id is made of the line.
    pub call: Option<String>,
    /// The queue.
    pub queue: Option<String>,
    /// The agent; empty where nobody answered.
    pub agent: Option<String>,
    /// When the call joined the queue.
    pub joined: Names,
    /// When it was answered, where the wait is not told as a length.
    #[serde(default)]
    pub answered_at: Names,
    /// When it ended or was abandoned, where talk or wait are not told as lengths.
    #[serde(default)]
    pub ended_at: Names,
    /// From joining to the answer or to leaving.
    pub wait: Option<String>,
    /// Conversation without hold.
    pub talk: Option<String>,
    /// Time on hold.
    pub hold: Option<String>,
    /// Work after the call.
    pub wrapup: Option<String>,
    /// How it came out; without it a call with an agent, a talk or an answer was answered.
    pub outcome: Option<String>,
}

/// One column or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// One.
    One(String),
    /// Several, joined by a space.
    Several(Vec<String>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Names {
    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        match self {
            Self::One(name) => std::slice::from_ref(name).iter(),
            Self::Several(names) => names.iter(),
        }
    }
}

/// What words in the column `outcome` mean.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// An agent answered.
    #[serde(default)]
    pub answered: Vec<String>,
    /// The caller left the queue unanswered.
    #[serde(default)]
    pub abandoned: Vec<String>,
    /// The line is none of a call that waited.
    #[serde(default)]
    pub left_out: Vec<String>,
}

/// What lengths are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Unit {
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Minutes.
    #[serde(rename = "min")]
    Minutes,
    /// Hours, minutes and seconds between colons, or minutes and seconds.
    #[serde(rename = "hh:mm:ss")]
    Clock,
}

fn comma() -> String {
    ",".to_owned()
}

/// How a call came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    Abandoned,
    LeftOut,
}

/// A mapping that was checked.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) separator: char,
    pub(super) columns: Columns,
    pub(super) queue: Option<QueueId>,
    zone: TimeZone,
    format: Option<String>,
    unit: Unit,
    outcomes: BTreeMap<String, Outcome>,
}

impl Mapping {
    /// Whether the mapping names the columns itself, so that every line can be read alone.
    pub const fn names_columns(&self) -> bool {
        self.header.is_some()
    }

    /// Checks everything that can be checked without a file; all faults at once.
    pub fn check(&self) -> Result<(), Faults> {
        self.plan().map(drop)
    }

    pub(super) fn plan(&self) -> Result<Plan, Faults> {
        let mut faults = Faults::default();
        let mut bad = |at: &str, cause: &str| faults.push(FaultCode::BadSetting, at, cause);
        let mut letters = self.separator.chars();
        let separator = letters.next().unwrap_or_default();
        if letters.next().is_some() || matches!(separator, '\0' | '"' | '\n' | '\r') {
            bad("separator", "it is one character, and neither a quote nor the end of a line");
        }
        if self.columns.joined.iter().next().is_none() {
            bad("columns.joined", "it names the columns of the time at which a call joined its queue");
        }
        if self.queue.is_some() == self.columns.queue.is_some() {
            bad("queue", "either a column tells the queue, or one queue is given for all calls");
        }
        let listed = !(self.outcome.answered.is_empty() && self.outcome.abandoned.is_empty());
        if self.columns.outcome.is_some() != listed {
            bad("outcome", "the column of outcomes and the list of their words belong together");
        }
        let mut outcomes = BTreeMap::new();
        let lists = [
            (&self.outcome.answered, Outcome::Answered),
            (&self.outcome.abandoned, Outcome::Abandoned),
            (&self.outcome.left_out, Outcome::LeftOut),
        ];
        for (words, outcome) in lists {
            for word in words {
                if outcomes.insert(word.clone(), outcome).is_some() {
                    bad("outcome", "a word is listed twice");
                }
            }
        }
        let queue = self.queue.as_ref().and_then(|queue| faults.take(FaultCode::BadId, "queue", QueueId::new(queue.as_str())));
        let zone = match &self.time_zone {
            None => Some(TimeZone::UTC),
            Some(name) => faults.take(FaultCode::UnknownZone, "time_zone", TimeZone::get(name)),
        };
        let plan = zone.map(|zone| Plan {
            separator,
            columns: self.columns.clone(),
            queue,
            zone,
            format: self.time_format.clone(),
            unit: self.unit,
            outcomes,
        });
        faults.or(plan)
    }
}

impl Plan {
    /// The instant that a text tells; of two that a clock shows alike the earlier one.
    pub(super) fn instant_ms(&self, text: &str) -> Option<EpochMs> {
        let zoned = |at: DateTime| self.zone.to_ambiguous_zoned(at).compatible().ok().map(|zoned| zoned.timestamp());
        let at = match &self.format {
            None => match instant_ms(text) {
                Some(ms) => return Some(ms),
                None => zoned(text.parse().ok()?),
            },
            Some(format) => {
                let read = strtime::parse(format, text).ok()?;
                match read.to_timestamp() {
                    Ok(at) => Some(at),
                    Err(_) => zoned(read.to_datetime().ok()?),
                }
            }
        };
        at.map(Timestamp::as_millisecond).filter(|ms| is_legal_ms(*ms))
    }

    /// A length in milliseconds.
    pub(super) fn length_ms(&self, text: &str) -> Result<i64, (FaultCode, &'static str)> {
        match self.unit {
            Unit::Milliseconds => length_ms(text, 1),
            Unit::Seconds => length_ms(text, 1000),
            Unit::Minutes => length_ms(text, 60_000),
            Unit::Clock => clock_ms(text),
        }
    }

    /// What a word in the column of outcomes means.
    pub(super) fn outcome(&self, word: &str) -> Option<Outcome> {
        self.outcomes.get(word).copied()
    }
}

fn clock_ms(text: &str) -> Result<i64, (FaultCode, &'static str)> {
    const WRONG: (FaultCode, &str) = (FaultCode::WrongType, "it is not of the form hh:mm:ss");
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes, seconds] => (hours, minutes, seconds),
        [minutes, seconds] => ("0", minutes, seconds),
        _ => return Err(WRONG),
    };
    let below_60 = |ms: i64| if ms < 60_000 { Ok(ms) } else { Err(WRONG) };
    let hours_ms = length_ms(hours, 3_600_000).map_err(|_| WRONG)?;
    let minutes_ms = below_60(length_ms(minutes, 1000).map_err(|_| WRONG)?)? * 60;
    let seconds_ms = below_60(length_ms(seconds, 1000).map_err(|_| WRONG)?)?;
    Ok(hours_ms + minutes_ms + seconds_ms)
}
