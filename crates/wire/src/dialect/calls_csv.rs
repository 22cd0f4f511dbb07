//! Completed calls, one line of CSV each, with columns as a mapping names them: what call-detail records and reports come as.
//!
//! The mapping says which column is what, and only those columns are looked at. The first line names the columns, unless the mapping
//! does. A quoted field may hold separators and doubled quotes, but no line break. A call without an id of its own gets one made of what
//! is read of it, so that a line that comes twice counts once.

use fika_model::event::{CallEvent, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};
use sha2::{Digest, Sha256};

use super::telling::between;
use super::{Context, Dialect, Form, Input};

mod mapping;

pub use mapping::Mapping;

use mapping::{Outcome, Plan};

pub(super) const NAME: &str = "calls-csv";

/// Reads completed calls.
#[derive(Debug)]
pub(super) struct CallsCsv {
    plan: Plan,
    /// The names of the columns, once they are known.
    header: Option<Vec<String>>,
    places: Places,
}

/// Where each thing stands; a time may be put together from several columns.
#[derive(Debug, Default)]
struct Places {
    call: Option<usize>,
    queue: Option<usize>,
    agent: Option<usize>,
    joined: Vec<usize>,
    answered_at: Vec<usize>,
    ended_at: Vec<usize>,
    wait: Option<usize>,
    talk: Option<usize>,
    hold: Option<usize>,
    wrapup: Option<usize>,
    outcome: Option<usize>,
}

impl CallsCsv {
    pub(super) fn new(mapping: Option<&Mapping>) -> Result<Self, Faults> {
        let Some(mapping) = mapping else {
            return Err(Faults::one(FaultCode::BadSetting, "mapping", "calls-csv needs a mapping that says which column is what"));
        };
        let plan = mapping.plan()?;
        let mut reader = Self { plan, header: None, places: Places::default() };
        if let Some(header) = mapping.header.clone() {
            reader.set_header(header)?;
        }
        Ok(reader)
    }

    fn set_header(&mut self, header: Vec<String>) -> Result<(), Faults> {
        let mut faults = Faults::default();
        let columns = &self.plan.columns;
        let mut place = |name: &str| {
            let place = header.iter().position(|column| column == name);
            if place.is_none() {
                faults.push(FaultCode::Malformed, "", format_args!("the mapping names a column {name:?}, which is not there"));
            }
            place
        };
        let mut one = |name: &Option<String>| name.as_deref().and_then(&mut place);
        let places = Places {
            call: one(&columns.call),
            queue: one(&columns.queue),
            agent: one(&columns.agent),
            wait: one(&columns.wait),
            talk: one(&columns.talk),
            hold: one(&columns.hold),
            wrapup: one(&columns.wrapup),
            outcome: one(&columns.outcome),
            ..Places::default()
        };
        let mut several = |names: &mapping::Names| names.iter().filter_map(|name| place(name)).collect();
        let places = Places {
            joined: several(&columns.joined),
            answered_at: several(&columns.answered_at),
            ended_at: several(&columns.ended_at),
            ..places
        };
        faults.or(Some(()))?;
        (self.places, self.header) = (places, Some(header));
        Ok(())
    }
}

impl Dialect for CallsCsv {
    fn name(&self) -> &'static str {
        NAME
    }

    fn form(&self) -> Form {
        Form::Lines
    }

    fn read_in(&mut self, input: Input<'_>, _: &mut Context) -> Result<Vec<Event>, Faults> {
        let text = std::str::from_utf8(input.value).map_err(|error| Faults::one(FaultCode::Malformed, "", error))?;
        let fields = split(text.strip_prefix('\u{feff}').unwrap_or(text), self.plan.separator)?;
        match &self.header {
            None => {
                self.set_header(fields)?;
                Ok(Vec::new())
            }
            Some(header) if *header == fields => Ok(Vec::new()),
            Some(header) if header.len() != fields.len() => {
                let cause = format_args!("{} columns, where {} are expected", fields.len(), header.len());
                Err(Faults::one(FaultCode::Malformed, "", cause))
            }
            Some(_) => Line { plan: &self.plan, places: &self.places, fields: &fields }.read(),
        }
    }
}

/// The fields of a line.
fn split(line: &str, separator: char) -> Result<Vec<String>, Faults> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut().expect("there is always a field");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            _ if letter == separator && !quoted => fields.push(String::new()),
            _ => field.push(letter),
        }
    }
    if quoted {
        return Err(Faults::one(FaultCode::Malformed, "", "a quoted field has no end"));
    }
    Ok(fields.iter().map(|field| field.trim().to_owned()).collect())
}

struct Line<'a> {
    plan: &'a Plan,
    places: &'a Places,
    fields: &'a [String],
}

impl Line<'_> {
    fn text(&self, place: Option<usize>) -> &str {
        place.and_then(|place| self.fields.get(place)).map_or("", String::as_str)
    }

    fn time(&self, faults: &mut Faults, name: &str, places: &[usize]) -> Option<EpochMs> {
        let parts: Vec<&str> = places.iter().map(|place| self.text(Some(*place))).collect();
        if parts.iter().all(|part| part.is_empty()) {
            return None;
        }
        let at = self.plan.instant_ms(&parts.join(" "));
        if at.is_none() {
            faults.push(FaultCode::BadTime, name, "it is no time of the mapping's form between 1980 and 2200");
        }
        at
    }

    fn length(&self, faults: &mut Faults, name: &str, place: Option<usize>) -> Option<i64> {
        let text = self.text(place);
        if text.is_empty() {
            return None;
        }
        self.plan.length_ms(text).map_err(|(code, cause)| faults.push(code, name, cause)).ok()
    }

    fn read(&self) -> Result<Vec<Event>, Faults> {
        let mut faults = Faults::default();
        let places = self.places;
        let joined = self.time(&mut faults, "joined", &places.joined);
        if joined.is_none() && faults.0.is_empty() {
            faults.push(FaultCode::Missing, "joined", "it is empty");
        }
        let answered_at = self.time(&mut faults, "answered_at", &places.answered_at);
        let ended_at = self.time(&mut faults, "ended_at", &places.ended_at);
        let hold_ms = self.length(&mut faults, "hold", places.hold);
        let told_wait = self.length(&mut faults, "wait", places.wait);
        let told_talk = self.length(&mut faults, "talk", places.talk);
        let wrapup_ms = self.length(&mut faults, "wrapup", places.wrapup);
        let agent = Some(self.text(places.agent)).filter(|text| !text.is_empty());
        let agent = agent.and_then(|text| faults.take(FaultCode::BadId, "agent", AgentId::new(text)));
        let queue = match &self.plan.queue {
            Some(queue) => Some(queue.clone()),
            None => faults.take(FaultCode::BadId, "queue", QueueId::new(self.text(places.queue))),
        };
        let talked = told_talk.is_some_and(|ms| ms > 0) || answered_at.is_some();
        let outcome = match places.outcome {
            None if agent.is_some() || talked => Outcome::Answered,
            None => Outcome::Abandoned,
            Some(place) => self.plan.outcome(self.text(Some(place))).unwrap_or_else(|| {
                faults.push(FaultCode::UnknownType, "outcome", "it is none of those that the mapping lists");
                Outcome::LeftOut
            }),
        };
        let answered = outcome == Outcome::Answered;
        let wait_ms = told_wait.or_else(|| between(joined, if answered { answered_at } else { ended_at }));
        let spoke_from = answered_at.or_else(|| Some(joined? + wait_ms?));
        let by_times = || between(spoke_from, ended_at).map(|ms| (ms - hold_ms.unwrap_or(0)).max(0));
        let talk_ms = told_talk.or_else(by_times).filter(|_| answered);
        let call = match places.call {
            Some(place) => faults.take(FaultCode::BadId, "call", CallId::new(self.text(Some(place)))),
            None => Some(own_id(joined, queue.as_ref(), agent.as_ref(), [wait_ms, talk_ms])),
        };
        let event = call.zip(joined).map(|(call_id, occurred_at_ms)| CallEvent {
            event_id: format!("{call_id}/completed/{occurred_at_ms}"),
            source: NAME.to_owned(),
            call_id,
            kind: CallEventKind::Completed,
            occurred_at_ms,
            queue,
            agent,
            wait_ms,
            talk_ms,
            hold_ms: hold_ms.filter(|_| answered),
            wrapup_ms: wrapup_ms.filter(|_| answered),
            answered: Some(answered),
        });
        let event = faults.or(event)?;
        Ok(if outcome == Outcome::LeftOut { Vec::new() } else { vec![Event::Call(event)] })
    }
}

/// An id made of what the line tells, for calls that have none.
fn own_id(joined: Option<EpochMs>, queue: Option<&QueueId>, agent: Option<&AgentId>, lengths: [Option<i64>; 2]) -> CallId {
    let hash = Sha256::digest(format!("{joined:?}|{queue:?}|{agent:?}|{lengths:?}"));
    let number = hash.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    CallId::new(format!("{number:032x}")).expect("32 digits are a legal id")
}

#[cfg(test)]
mod tests;
