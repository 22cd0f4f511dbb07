//! The demo's ACD: a simulated centre that tells what happens in it, call by call and agent by agent.
//!
//! Its staff works an ordinary plan of the old kind, one long break a day. Every now and then it sends an event twice, as real ACDs do.

use fika_model::calendar::{DayIndex, DayMap};
use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, Event};
use fika_model::{AgentId, CallId, QueueId};
use fika_simulation::{Agent, AgentStep, Arrivals, CallStep, Duty, Group, Piece, Queue, Reason, Scenario, Serves, Shape, Times, Trace};

use super::centre::{self, Person, QUEUES, QueueProfile};

/// One event in so many is sent twice.
const DUPLICATE_EVERY: u64 = 199;

/// The source that the events name.
const SOURCE: &str = "/acd/demo";

/// How busy a weekday is against the mean weekday, Monday first.
const WEEKDAY_SHARE: [f64; 7] = [1.16, 1.02, 0.97, 0.95, 0.92, 0.42, 0.0];

/// Weight of each hour of the day, from midnight: a peak in the morning, a dip at noon, a second rise, a quiet evening.
const HOUR_WEIGHT: [f64; 24] =
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 1.25, 1.45, 1.3, 1.0, 1.05, 1.2, 1.15, 1.0, 0.8, 0.6, 0.45, 0.0, 0.0, 0.0, 0.0];

/// The centre over the days of the history, with its staff at work.
pub(crate) fn scenario(days: &DayMap) -> Scenario {
    let periods = days.span().length().get() as usize / 15;
    let day_starts_s = days.days().map(|day| seconds(days.day_span(day).start().get())).collect();
    Scenario {
        day_starts_s,
        day_factor: Shape::Gamma { cv: 0.09 },
        queues: QUEUES.iter().map(|profile| queue(profile, days)).collect(),
        groups: vec![group("all queues", 0..3), group("orders and support", 0..2)],
        agents: centre::people().map(|person| agent(person, days)).collect(),
        ..Scenario::plain(900.0, periods)
    }
}

fn seconds(minutes: i32) -> f64 {
    f64::from(minutes) * 60.0
}

fn group(name: &str, queues: std::ops::Range<usize>) -> Group {
    Group { name: name.to_owned(), serves: queues.map(Serves::queue).collect(), heads: Vec::new(), heads_after: None }
}

fn queue(profile: &QueueProfile, days: &DayMap) -> Queue {
    let periods = days.span().length().get() / 15;
    let calls = |period: u32| {
        let (date, wall) = days.wall_at(fika_model::Minute::new((period * 15) as i32));
        let share = WEEKDAY_SHARE[date.weekday().to_monday_zero_offset() as usize];
        let open = if share < 0.5 { (540..1020).contains(&wall) } else { (480..1200).contains(&wall) };
        let weight = HOUR_WEIGHT[(wall / 60) as usize] / HOUR_WEIGHT.iter().sum::<f64>();
        if open { profile.calls_a_day * share * weight / 4.0 } else { 0.0 }
    };
    let talk = Times { shape: Shape::LogNormal { cv: 1.1 }, mean_s: vec![profile.talk_s] };
    Queue {
        day_factor: Shape::Gamma { cv: 0.06 },
        wrapup: Some(Times { shape: Shape::LogNormal { cv: 0.7 }, mean_s: vec![profile.wrapup_s] }),
        patience: Some(Times::exponential(profile.patience_s)),
        short_abandon_s: 5.0,
        ..Queue::plain(profile.id, Arrivals::Expected((0..periods).map(calls).collect()), talk)
    }
}

fn agent(person: Person, days: &DayMap) -> Agent {
    let mut pieces = Vec::new();
    for day in days.days() {
        shift(person, days, day, &mut pieces);
    }
    Agent { name: person.id(), proficiency: Vec::new(), pieces }
}

/// One ordinary day: a start that changes from week to week, one break in the middle.
fn shift(person: Person, days: &DayMap, day: DayIndex, pieces: &mut Vec<Piece>) {
    let weekday = days.weekday(day).to_monday_zero_offset() as usize;
    let week = day.get() / 7;
    let (length, work_days) = match person.contract() {
        "full" => (510, 5),
        "part" => (330, 5),
        _ => (270, 4),
    };
    let off = (person.number + week) % 6;
    if weekday == 6 || weekday == off || (work_days == 4 && weekday == (off + 3) % 6) {
        return;
    }
    let close = if weekday == 5 { 1020 } else { 1200 };
    let open = if weekday == 5 { 540 } else { 480 };
    let latest = close - length;
    let start = (open + [0, 0, 90, 180, 210][(person.number * 2 + week) % 5]).min(latest);
    let from = days.minute_at_wall(day, start).get();
    let (noon, pause) = (from + length as i32 / 2, if length > 360 { 30 } else { 15 });
    let group = usize::from(!person.serves(2));
    let piece = |from: i32, to: i32, duty| Piece { from_s: seconds(from), to_s: seconds(to), duty };
    let reason = if length > 360 { Reason::Meal } else { Reason::RestBreak };
    pieces.push(piece(from, noon, Duty::Phones { group }));
    pieces.push(piece(noon, noon + pause, Duty::Away(reason)));
    pieces.push(piece(noon + pause, from + length as i32, Duty::Phones { group }));
}

/// Turns what the simulation tells into events and hands them to `send`.
pub(crate) struct Acd<F> {
    start_ms: i64,
    seed: u64,
    queues: Vec<QueueId>,
    agents: Vec<AgentId>,
    serves: Vec<Vec<QueueId>>,
    told: u64,
    send: F,
}

impl<F: FnMut(Event)> Acd<F> {
    /// An ACD whose scenario begins at the start of `days`.
    pub(crate) fn new(days: &DayMap, seed: u64, send: F) -> anyhow::Result<Self> {
        let queues = QUEUES.iter().map(|q| QueueId::new(q.id)).collect::<Result<Vec<_>, _>>()?;
        let agents = centre::people().map(|p| AgentId::new(p.id())).collect::<Result<_, _>>()?;
        let serves = vec![queues.clone(), queues[..2].to_vec()];
        Ok(Self { start_ms: days.start().as_millisecond(), seed, queues, agents, serves, told: 0, send })
    }

    fn tell(&mut self, event: Event) {
        self.told += 1;
        if self.told.is_multiple_of(DUPLICATE_EVERY) {
            (self.send)(event.clone());
        }
        (self.send)(event);
    }
}

impl<F: FnMut(Event)> Trace for Acd<F> {
    fn call(&mut self, step: CallStep) {
        let Ok(call_id) = CallId::new(format!("C{}-{:07}", self.seed, step.call)) else { return };
        let kind = match step.kind {
            CallEventKind::Queued => "queued",
            CallEventKind::Offered => "offered",
            CallEventKind::Connected => "connected",
            CallEventKind::Ended => "ended",
            CallEventKind::Abandoned => "abandoned",
            CallEventKind::WrapupEnded => "wrapup",
            _ => return,
        };
        let event = CallEvent {
            event_id: format!("{call_id}-{kind}"),
            source: SOURCE.to_owned(),
            call_id,
            kind: step.kind,
            occurred_at_ms: self.start_ms + step.at_ms,
            queue: Some(self.queues[step.queue].clone()),
            agent: step.agent.map(|agent| self.agents[agent].clone()),
            wait_ms: None,
            talk_ms: None,
            hold_ms: None,
            wrapup_ms: None,
            answered: None,
        };
        self.tell(Event::Call(event));
    }

    fn agent(&mut self, step: AgentStep) {
        let event = AgentEvent {
            event_id: format!("A{}-{}-{}-{:?}", self.seed, step.agent, step.at_ms, step.state),
            source: SOURCE.to_owned(),
            agent: self.agents[step.agent].clone(),
            state: step.state,
            occurred_at_ms: self.start_ms + step.at_ms,
            reason_code: step.reason.map(|reason| reason.code().to_owned()).unwrap_or_default(),
            queues: step.group.filter(|_| step.state != AgentState::LoggedOut).map(|group| self.serves[group].clone()).unwrap_or_default(),
        };
        self.tell(Event::Agent(event));
    }
}
