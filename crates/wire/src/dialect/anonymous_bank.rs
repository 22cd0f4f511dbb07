//! Call records of the "Anonymous Bank" centre (Technion, 1999), one line a call, in the order of entry.
//!
//! A record becomes call.queued and call.connected and call.ended, or call.queued and call.abandoned. The queue is the type of call. A call
//! that an agent took without queueing has waited 0 s at the end of its announcement; one that hung up there was never offered and
//! is left out, as are phantoms. Waits and talks are those of the record, which can differ from its clock times by a second or two.
//!
//! Agents' states are known only from their services: talking in a service, ready between two, not ready where more than 30 minutes
//! lie between, logged out after the day's last one. What came before the first service of a day is not known. The queues of an
//! agent are the types served that day. Customer, priority and what else names a caller is never read.
//!
//! Events are held until the day is over and come in the order of time, midnight or not.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, Date, QueueId};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::{Context, Dialect, Form, Input};

mod agents;

use agents::Services;

pub(super) const NAME: &str = "anonymous-bank";
const COLUMNS: [&str; 17] = [
    "vru_line",
    "call_id",
    "customer",
    "priority",
    "type",
    "date",
    "vru_entry",
    "vru_exit",
    "vru_time",
    "q_start",
    "q_exit",
    "q_time",
    "outcome",
    "ser_start",
    "ser_exit",
    "ser_time",
    "server",
];
/// What the record has for a time that there was not, and for an agent that is not known.
const NO_TIME: u32 = 0;
const NO_SERVER: &str = "NO_SERVER";
const HALF_DAY_S: i64 = 12 * 3600;

/// Reads the records of the "Anonymous Bank".
#[derive(Debug, Default)]
pub struct AnonymousBank {
    zone: Option<TimeZone>,
    header_seen: bool,
    day: Option<Date>,
    /// Events of the day so far, and of the day before where they fell behind midnight.
    held: Vec<Event>,
    services: Services,
}

impl Dialect for AnonymousBank {
    fn name(&self) -> &'static str {
        NAME
    }

    fn form(&self) -> Form {
        Form::Lines
    }

    fn read_in(&mut self, input: Input<'_>, _: &mut Context) -> Result<Vec<Event>, Faults> {
        let line = std::str::from_utf8(input.value).map_err(|error| Faults::one(FaultCode::Malformed, "", error))?;
        let fields: Vec<&str> = line.split(',').collect();
        if fields == COLUMNS {
            self.header_seen = true;
            return Ok(Vec::new());
        }
        if !self.header_seen {
            return Err(Faults::one(FaultCode::Malformed, "", "no line before this one names the columns of this format"));
        }
        let record = Record::parse(&fields)?;
        let zone = self.zone.get_or_insert_with(|| TimeZone::get("Asia/Jerusalem").expect("the zone is in the bundled database")).clone();
        let done = if self.day.is_some_and(|day| day != record.date) {
            let midnight = epoch_ms(&zone, record.date, 0);
            self.take_until(midnight)
        } else {
            Vec::new()
        };
        self.day = Some(record.date);
        self.hold(&record, &zone);
        Ok(done)
    }

    fn finish(&mut self) -> Vec<Event> {
        self.take_until(EpochMs::MAX)
    }
}

impl AnonymousBank {
    /// Ends the day: its events before `midnight`, in the order of time.
    fn take_until(&mut self, midnight: EpochMs) -> Vec<Event> {
        self.held.extend(std::mem::take(&mut self.services).into_events());
        self.held.sort_by_key(occurred_at_ms);
        let after = self.held.partition_point(|event| occurred_at_ms(event) < midnight);
        let rest = self.held.split_off(after);
        std::mem::replace(&mut self.held, rest)
    }

    fn hold(&mut self, record: &Record, zone: &TimeZone) {
        if record.outcome == Outcome::NotOffered {
            return;
        }
        let queued_ms = epoch_ms(zone, record.date, record.joined_s);
        let left_ms = queued_ms + record.wait_ms;
        self.held.push(record.event(CallEventKind::Queued, "queued", queued_ms));
        if record.outcome == Outcome::Abandoned {
            self.held.push(record.event(CallEventKind::Abandoned, "abandoned", left_ms));
            return;
        }
        self.held.push(record.event(CallEventKind::Connected, "connected", left_ms));
        self.held.push(record.event(CallEventKind::Ended, "ended", left_ms + record.talk_ms));
        if let (Some(agent), Some(start_s)) = (&record.agent, record.service_s) {
            let start_ms = epoch_ms(zone, record.date, start_s);
            self.services.add(agent, &record.queue, start_ms, start_ms + record.talk_ms);
        }
    }
}

fn occurred_at_ms(event: &Event) -> EpochMs {
    match event {
        Event::Call(call) => call.occurred_at_ms,
        Event::Agent(agent) => agent.occurred_at_ms,
    }
}

/// The instant at which the wall clock of the site shows so many seconds after the midnight of `date`; the day before and after count on.
fn epoch_ms(zone: &TimeZone, date: Date, seconds: i64) -> EpochMs {
    let at = date.at(0, 0, 0, 0).saturating_add(seconds.seconds());
    zone.to_ambiguous_zoned(at).compatible().map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Answered,
    Abandoned,
    /// A phantom, or a caller who hung up during the announcement.
    NotOffered,
}

/// What is taken of a record. Seconds count from the midnight of `date` and may lie on the day before or after.
#[derive(Debug)]
struct Record {
    date: Date,
    call: CallId,
    queue: QueueId,
    outcome: Outcome,
    /// When the call joined the queue, or could have.
    joined_s: i64,
    wait_ms: i64,
    service_s: Option<i64>,
    talk_ms: i64,
    agent: Option<AgentId>,
}

impl Record {
    fn parse(fields: &[&str]) -> Result<Self, Faults> {
        let Ok(fields) = <[&str; COLUMNS.len()]>::try_from(fields) else {
            return Err(Faults::one(
                FaultCode::Malformed,
                "",
                format_args!("{} columns, where {} are expected", fields.len(), COLUMNS.len()),
            ));
        };
        let [line, id, _, _, kind, date, entry, vru_exit, _, q_start, _, q_time, outcome, ser_start, _, ser_time, server] = fields;
        let mut faults = Faults::default();
        let entry_s = clock(&mut faults, "vru_entry", entry);
        let vru_exit_s = clock(&mut faults, "vru_exit", vru_exit);
        let q_start_s = clock(&mut faults, "q_start", q_start);
        let ser_start_s = clock(&mut faults, "ser_start", ser_start);
        let wait_s = length(&mut faults, "q_time", q_time);
        let talk_s = length(&mut faults, "ser_time", ser_time);
        let queued = q_start_s != NO_TIME;
        let joined_s = near(if queued { q_start_s } else { vru_exit_s }, i64::from(entry_s));
        let outcome = match outcome {
            "AGENT" => Outcome::Answered,
            "HANG" if queued => Outcome::Abandoned,
            "HANG" | "PHANTOM" => Outcome::NotOffered,
            other => {
                faults.push(FaultCode::UnknownType, "outcome", format_args!("{other:?} is none of AGENT, HANG, PHANTOM"));
                Outcome::NotOffered
            }
        };
        let known_date = faults.take(FaultCode::BadTime, "date", date.parse::<Date>());
        let call = faults.take(FaultCode::BadId, "call_id", CallId::new(format!("{date}/{line}/{id}")));
        let queue = faults.take(FaultCode::BadId, "type", QueueId::new(kind));
        let known_agent = (server != NO_SERVER && outcome == Outcome::Answered).then(|| AgentId::new(server));
        let agent = known_agent.and_then(|agent| faults.take(FaultCode::BadId, "server", agent));
        let parts = known_date.zip(call).zip(queue).map(|((date, call), queue)| Self {
            date,
            call,
            queue,
            outcome,
            joined_s,
            wait_ms: wait_s * 1000,
            service_s: (ser_start_s != NO_TIME).then(|| near(ser_start_s, joined_s + wait_s)),
            talk_ms: talk_s * 1000,
            agent,
        });
        faults.or(parts)
    }

    fn event(&self, kind: CallEventKind, step: &str, occurred_at_ms: EpochMs) -> Event {
        let left = matches!(kind, CallEventKind::Connected | CallEventKind::Abandoned);
        let ended = kind == CallEventKind::Ended;
        Event::Call(CallEvent {
            event_id: format!("{}/{step}", self.call),
            source: NAME.to_owned(),
            call_id: self.call.clone(),
            kind,
            occurred_at_ms,
            queue: Some(self.queue.clone()),
            agent: if left || ended { self.agent.clone() } else { None },
            wait_ms: left.then_some(self.wait_ms),
            talk_ms: ended.then_some(self.talk_ms),
            hold_ms: None,
            wrapup_ms: None,
            answered: None,
        })
    }
}

/// The seconds of `clock_s` on the day, the day before or the day after, whichever lies nearest to `reference_s`.
fn near(clock_s: u32, reference_s: i64) -> i64 {
    let day_s = 2 * HALF_DAY_S;
    let clock_s = i64::from(clock_s);
    clock_s + (reference_s - clock_s + HALF_DAY_S).div_euclid(day_s) * day_s
}

/// Seconds after midnight of "HH:MM:SS".
fn clock(faults: &mut Faults, column: &str, text: &str) -> u32 {
    let mut parts = text.split(':').map(|part| if part.len() == 2 { part.parse::<u32>().ok() } else { None });
    match (parts.next().flatten(), parts.next().flatten(), parts.next().flatten(), parts.next()) {
        (Some(h), Some(m), Some(s), None) if h < 24 && m < 60 && s < 60 => h * 3600 + m * 60 + s,
        _ => {
            faults.push(FaultCode::BadTime, column, format_args!("{text:?} is no time of the form HH:MM:SS"));
            0
        }
    }
}

/// A length in whole seconds, not negative and not longer than a day.
fn length(faults: &mut Faults, column: &str, text: &str) -> i64 {
    match text.parse::<i64>() {
        Ok(seconds) if (0..=86_400).contains(&seconds) => seconds,
        Ok(seconds) => {
            faults.push(FaultCode::OutOfRange, column, format_args!("{seconds} s is outside 0 to 86400"));
            0
        }
        Err(_) => {
            faults.push(FaultCode::WrongType, column, format_args!("{text:?} is no number of seconds"));
            0
        }
    }
}

/// A change of an agent's state, as this dialect's only source tells it.
fn agent_event(agent: &AgentId, state: AgentState, occurred_at_ms: EpochMs, queues: &[QueueId]) -> Event {
    Event::Agent(AgentEvent {
        event_id: format!("{agent}/{occurred_at_ms}"),
        source: NAME.to_owned(),
        agent: agent.clone(),
        state,
        occurred_at_ms,
        reason_code: String::new(),
        queues: queues.to_vec(),
    })
}

#[cfg(test)]
mod tests;
