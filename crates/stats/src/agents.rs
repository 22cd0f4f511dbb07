//! What agents do over time, as recent changes of state, and the staffed and idle time that comes of it.
//!
//! Invariant: the cells hold, for each agent, the time between each two changes, and the time since the last change up to
//! the last interval boundary that the watermark has passed. A change is taken in at any place that is not further behind the
//! watermark than the settings say; what lies before is settled, and all but the last change of it is forgotten.
//! Of changes under one event id the first in the order stands. States that last no time are passed over: of changes at
//! the same millisecond the last in [`rank`] stands.

use std::cmp::Ordering;
use std::collections::HashMap;

use fika_model::AgentId;
use fika_model::event::{AgentEvent, AgentState, EpochMs};

use crate::cells::Cells;
use crate::fact::{LAST_MS, stable_hash};
use crate::fold::{Outcome, TooLate};
use crate::queues::{NONE, Queues};
use crate::settings::Settings;
use crate::state::{AgentChange, OpenAgent, OpenState, StateKey};

/// An agent not heard of for longer is forgotten, and with it the queues that were told last: 45 days.
const FORGOTTEN_AFTER_MS: i64 = 45 * 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    at: EpochMs,
    id: u64,
    /// The number of the list of queues; [`NONE`] where not told.
    queues: u32,
    state: AgentState,
}

impl Change {
    fn order(&self, other: &Self, queues: &Queues) -> Ordering {
        let quick = (self.at, rank(self.state), self.id).cmp(&(other.at, rank(other.state), other.id));
        quick.then_with(|| queues.names_of(self.queues).cmp(&queues.names_of(other.queues)))
    }
}

/// Which of two changes at the same millisecond comes first: the one into a state that may well last no time.
const fn rank(state: AgentState) -> u8 {
    match state {
        AgentState::Wrapup => 0,
        AgentState::Ready => 1,
        AgentState::Reserved => 2,
        AgentState::Talking => 3,
        AgentState::Hold => 4,
        AgentState::NotReady => 5,
        AgentState::LoggedOut => 6,
    }
}

const fn is_staffed(state: AgentState) -> bool {
    !matches!(state, AgentState::LoggedOut | AgentState::NotReady)
}

#[derive(Debug)]
struct Timeline {
    agent: AgentId,
    changes: Vec<Change>,
    changed: bool,
}

/// All agents with recent changes.
#[derive(Debug)]
pub(crate) struct Agents {
    settings: Settings,
    watermark: Option<EpochMs>,
    numbers: HashMap<AgentId, usize>,
    timelines: Vec<Timeline>,
    forgotten: Vec<AgentId>,
}

impl Agents {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, watermark: None, numbers: HashMap::new(), timelines: Vec::new(), forgotten: Vec::new() }
    }

    pub(crate) fn watermark(&self) -> Option<EpochMs> {
        self.watermark
    }

    pub(crate) fn len(&self) -> usize {
        self.timelines.len()
    }

    /// Takes in a change of state.
    pub(crate) fn apply(&mut self, event: &AgentEvent, queues: &mut Queues, cells: &mut Cells) -> Outcome {
        let at = event.occurred_at_ms.clamp(0, LAST_MS);
        if self.watermark.is_some_and(|mark| at < mark - self.settings.keep_after_end_ms) {
            return Outcome::TooLate(TooLate::Settled);
        }
        let id = stable_hash(&event.source, &event.event_id);
        let change = Change { at, id, queues: queues.list(&event.queues), state: event.state };
        let boundary = self.watermark.map_or(EpochMs::MIN, |mark| self.settings.slot(mark));
        let number = self.number(&event.agent);
        let timeline = &mut self.timelines[number];
        let Err(position) = timeline.changes.binary_search_by(|known| known.order(&change, queues)) else { return Outcome::Duplicate };
        let rival = timeline.changes.iter().position(|known| known.id == id);
        if rival.is_some_and(|rival| rival < position) {
            return Outcome::Duplicate;
        }
        // Queues that are not told are carried on, so nothing before the neighbour changes.
        let from = position.saturating_sub(1);
        Self::count(timeline, from, boundary, &self.settings, queues, cells, -1);
        if let Some(rival) = rival {
            timeline.changes.remove(rival);
        }
        timeline.changes.insert(position, change);
        Self::count(timeline, from, boundary, &self.settings, queues, cells, 1);
        timeline.changed = true;
        self.advance(at, queues, cells);
        Outcome::Applied
    }

    fn number(&mut self, agent: &AgentId) -> usize {
        if let Some(number) = self.numbers.get(agent) {
            return *number;
        }
        let number = self.timelines.len();
        self.numbers.insert(agent.clone(), number);
        self.timelines.push(Timeline { agent: agent.clone(), changes: Vec::new(), changed: false });
        number
    }

    /// Adds the time from change `from` on to the cells, `sign` times; the last change lasts to `boundary`.
    fn count(timeline: &Timeline, from: usize, boundary: EpochMs, settings: &Settings, queues: &Queues, cells: &mut Cells, sign: i64) {
        let changes = &timeline.changes;
        let carried = changes.iter().take(from + 1).rev().find(|change| change.queues != NONE);
        let mut list = carried.map_or(NONE, |change| change.queues);
        for (index, change) in changes.iter().enumerate().skip(from) {
            list = if change.queues == NONE { list } else { change.queues };
            let to = changes.get(index + 1).map_or(boundary, |next| next.at);
            if is_staffed(change.state) && to > change.at && to - change.at <= settings.longest_agent_state_ms {
                for queue in queues.members(list) {
                    cells.add_staffed(*queue, change.at, to, change.state == AgentState::Ready, sign);
                }
            }
        }
    }

    /// Moves the watermark; at a new interval boundary counts what lasts on, and forgets what is settled.
    fn advance(&mut self, at: EpochMs, queues: &Queues, cells: &mut Cells) {
        let old = self.watermark;
        let mark = old.map_or(at, |mark| mark.max(at));
        self.watermark = Some(mark);
        let new_boundary = self.settings.slot(mark);
        let old_boundary = old.map_or(new_boundary, |mark| self.settings.slot(mark));
        if new_boundary == old_boundary {
            return;
        }
        for timeline in &mut self.timelines {
            let last = timeline.changes.len().saturating_sub(1);
            Self::count(timeline, last, old_boundary, &self.settings, queues, cells, -1);
            Self::count(timeline, last, new_boundary, &self.settings, queues, cells, 1);
            Self::settle(&mut timeline.changes, mark - self.settings.keep_after_end_ms);
        }
        self.forget(mark);
    }

    /// Drops the changes that are followed by one before `limit`; the first one left carries the queues on.
    fn settle(changes: &mut Vec<Change>, limit: EpochMs) {
        let settled = changes.iter().skip(1).take_while(|next| next.at < limit).count();
        if settled > 0 {
            let list = changes[..=settled].iter().rev().find(|change| change.queues != NONE).map_or(NONE, |change| change.queues);
            changes.drain(..settled);
            changes[0].queues = list;
        }
    }

    /// Forgets the agents that have not been heard of for long.
    fn forget(&mut self, mark: EpochMs) {
        let limit = mark - FORGOTTEN_AFTER_MS.max(self.settings.longest_agent_state_ms + self.settings.keep_after_end_ms);
        let is_gone = |timeline: &Timeline| timeline.changes.last().is_none_or(|change| change.at < limit);
        if !self.timelines.iter().any(is_gone) {
            return;
        }
        let (gone, kept) = std::mem::take(&mut self.timelines).into_iter().partition(is_gone);
        self.timelines = kept;
        let gone: Vec<Timeline> = gone;
        self.forgotten.extend(gone.into_iter().map(|timeline| timeline.agent));
        self.numbers = self.timelines.iter().enumerate().map(|(number, timeline)| (timeline.agent.clone(), number)).collect();
    }

    /// Adds to `states` the agents that changed, and with `None` those that were forgotten.
    pub(crate) fn take_states(&mut self, queues: &Queues, states: &mut Vec<(StateKey, Option<OpenState>)>) {
        states.extend(self.forgotten.drain(..).map(|agent| (StateKey::Agent(agent), None)));
        for timeline in self.timelines.iter_mut().filter(|timeline| timeline.changed) {
            timeline.changed = false;
            let exported = |change: &Change| AgentChange {
                at_ms: change.at,
                state: change.state,
                event_hash: change.id,
                queues: queues.names_of(change.queues),
            };
            let open = OpenAgent { id: timeline.agent.clone(), changes: timeline.changes.iter().map(exported).collect() };
            states.push((StateKey::Agent(timeline.agent.clone()), Some(OpenState::Agent(open))));
        }
    }

    pub(crate) fn restore_watermark(&mut self, watermark: Option<EpochMs>) {
        self.watermark = watermark.map(|mark| mark.clamp(0, LAST_MS));
    }

    /// Takes an agent up again, whose time is counted already.
    pub(crate) fn restore(&mut self, open: &OpenAgent, queues: &mut Queues) {
        let number = self.number(&open.id);
        let imported = |change: &AgentChange| Change {
            at: change.at_ms.clamp(0, LAST_MS),
            id: change.event_hash,
            queues: queues.list(&change.queues),
            state: change.state,
        };
        self.timelines[number].changes = open.changes.iter().map(imported).collect();
        self.timelines[number].changes.sort_by(|a, b| a.order(b, queues));
    }
}
