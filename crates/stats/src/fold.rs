//! The fold of one partition: events in, changed counters and changed state out.

use std::collections::BTreeMap;

use fika_model::event::{CallEventKind, Event};
use fika_model::{IntervalCounters, IntervalKey};

use crate::agents::Agents;
use crate::calls::Calls;
use crate::cells::Cells;
use crate::queues::Queues;
use crate::settings::Settings;
use crate::state::{OpenState, StateKey, Watermarks};

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It told something new.
    Applied,
    /// It was known.
    Duplicate,
    /// It came too late and was left out.
    TooLate(TooLate),
    /// Its call has so many events already that it was left out.
    Excess,
}

/// Why an event is too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TooLate {
    /// Its call is remembered no longer, or it would begin one too far in the past.
    Forgotten,
    /// It speaks of a time whose counters are not changed any more.
    Frozen,
    /// The agent's day is settled at that time.
    Settled,
}

/// How many events came to what, since the fold was made. Not part of the state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tallies {
    /// By outcome, all kinds of events together.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Call events that came too late, by kind.
    pub late_calls: BTreeMap<CallEventKind, u64>,
    /// Agent events that came too late.
    pub late_agents: u64,
}

/// Counters that changed, each with its full new value. Counters of a cell that stand in both lists add up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// From call events.
    pub calls: Vec<(IntervalKey, IntervalCounters)>,
    /// From agent events.
    pub agents: Vec<(IntervalKey, IntervalCounters)>,
}

/// The fold of the events of one partition.
///
/// **How late is too late.** The *watermark* of a stream (calls, agents) is the greatest time of any event seen in it; a
/// call told in one record counts with its end. A call is closed when it has ended or was abandoned, or when the watermark
/// passes its last event by [`Settings::lost_end_after_ms`]; it is forgotten when the watermark passes its last event
/// (or that closing) by [`Settings::keep_after_end_ms`], and at the latest [`Settings::longest_call_ms`] after its first.
/// A call event is taken in if its call is remembered, or if it is not further behind the watermark than
/// `keep_after_end_ms` and so may begin a call. An agent event is taken in if it is not further behind than that.
/// All else is too late: counted in [`Tallies`], never applied. So every stream whose events come less than
/// `keep_after_end_ms` out of order, of calls without a silence longer than `lost_end_after_ms` and with wrap-up that ends
/// inside `keep_after_end_ms` less the disorder, gives exactly the counters of the complete stream in order.
#[derive(Debug)]
pub struct Fold {
    settings: Settings,
    queues: Queues,
    calls: Calls,
    call_cells: Cells,
    agents: Agents,
    agent_cells: Cells,
    taken: Watermarks,
    tallies: Tallies,
}

impl Fold {
    /// An empty fold. The longest call is taken as long as the other lengths need it.
    pub fn new(settings: Settings) -> Self {
        let settings = settings.widened();
        Self {
            settings,
            queues: Queues::default(),
            calls: Calls::new(settings),
            call_cells: Cells::new(settings),
            agents: Agents::new(settings),
            agent_cells: Cells::new(settings),
            taken: Watermarks::default(),
            tallies: Tallies::default(),
        }
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: &Event) -> Outcome {
        let outcome = match event {
            Event::Call(call) => self.calls.apply(call, &mut self.queues, &mut self.call_cells),
            Event::Agent(agent) => self.agents.apply(agent, &mut self.queues, &mut self.agent_cells),
        };
        *self.tallies.outcomes.entry(outcome).or_default() += 1;
        if matches!(outcome, Outcome::TooLate(_)) {
            match event {
                Event::Call(call) => *self.tallies.late_calls.entry(call.kind).or_default() += 1,
                Event::Agent(_) => self.tallies.late_agents += 1,
            }
        }
        outcome
    }

    /// The greatest event times seen.
    pub fn watermarks(&self) -> Watermarks {
        Watermarks { calls: self.calls.watermark(), agents: self.agents.watermark() }
    }

    /// What became of the events so far.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Calls that are remembered.
    pub fn open_calls(&self) -> usize {
        self.calls.len()
    }

    /// Agents that are remembered.
    pub fn open_agents(&self) -> usize {
        self.agents.len()
    }

    /// Cells that are remembered because they can still change.
    pub fn open_cells(&self) -> usize {
        self.call_cells.len() + self.agent_cells.len()
    }

    /// The counters that changed since the last call, in the order of their keys.
    pub fn take_counters(&mut self) -> Changes {
        let frozen = |mark: Option<i64>| mark.map(|mark| mark - self.settings.longest_call_ms);
        let marks = self.watermarks();
        Changes {
            calls: self.call_cells.take(&self.queues, frozen(marks.calls)),
            agents: self.agent_cells.take(&self.queues, frozen(marks.agents)),
        }
    }

    /// The state that changed since the last call, in the order of its keys; `None` for what is forgotten.
    pub fn take_states(&mut self) -> Vec<(StateKey, Option<OpenState>)> {
        let mut states = Vec::new();
        self.calls.take_states(&self.queues, &mut states);
        self.agents.take_states(&self.queues, &mut states);
        let marks = self.watermarks();
        if marks != self.taken {
            self.taken = marks;
            states.push((StateKey::Watermarks, Some(OpenState::Watermarks(marks))));
        }
        // Where something was forgotten and began anew, the new state stands.
        states.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.is_some().cmp(&a.1.is_some())));
        states.dedup_by(|later, earlier| later.0 == earlier.0);
        states
    }

    /// A fold that goes on where another one stopped: from all its state and its counters as they were taken at that
    /// point. Counters that cannot change any more are passed over.
    pub fn restore(
        settings: Settings,
        states: impl IntoIterator<Item = OpenState>,
        counters: impl IntoIterator<Item = CountersOf>,
    ) -> Self {
        let mut fold = Self::new(settings);
        let states: Vec<OpenState> = states.into_iter().collect();
        for state in &states {
            if let OpenState::Watermarks(marks) = state {
                fold.calls.restore_watermark(marks.calls);
                fold.agents.restore_watermark(marks.agents);
                fold.taken = *marks;
            }
        }
        for state in &states {
            match state {
                OpenState::Call(call) => fold.calls.restore(call, &mut fold.queues),
                OpenState::Agent(agent) => fold.agents.restore(agent, &mut fold.queues),
                OpenState::Watermarks(_) => {}
            }
        }
        let marks = fold.watermarks();
        for counted in counters {
            let (mark, cells, (key, counters)) = match counted {
                CountersOf::Calls(key, counters) => (marks.calls, &mut fold.call_cells, (key, counters)),
                CountersOf::Agents(key, counters) => (marks.agents, &mut fold.agent_cells, (key, counters)),
            };
            let slot = key.start.as_millisecond();
            let is_live = mark.is_none_or(|mark| slot + fold.settings.interval_ms() > mark - fold.settings.longest_call_ms);
            if is_live && key.length == fold.settings.interval {
                cells.restore(fold.queues.number(&key.queue), slot, counters);
            }
        }
        fold
    }
}

/// Counters as they were taken, with the stream that they came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountersOf {
    /// From [`Changes::calls`].
    Calls(IntervalKey, IntervalCounters),
    /// From [`Changes::agents`].
    Agents(IntervalKey, IntervalCounters),
}

#[cfg(test)]
mod tests;
