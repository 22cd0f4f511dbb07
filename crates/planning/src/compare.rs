//! Two rosters side by side: what changed for each agent, and when more or fewer people are on the phones.
//!
//! Times are minutes of the first roster's horizon; rosters of other days are shifted onto it. A shift that begins on the same day in both is
//! one shift, moved or with other breaks; any other was added or is gone.

use std::collections::BTreeMap;

use fika_model::roster::{Activity, ActivityKind, Roster, Shift};
use fika_model::{ActivityId, AgentId, Minute, Minutes, Span};

/// A break that is elsewhere in a shift that is otherwise the same or moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedBreak {
    /// Rest or meal.
    pub kind: ActivityKind,
    /// Where it was; `None` for a new one.
    pub from: Option<Span>,
    /// Where it is; `None` for one that is gone.
    pub to: Option<Span>,
}

/// An activity beside calls, or a block of work, that is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedActivity {
    /// What of the request it is held for.
    pub asked: ActivityId,
    /// Where it was; `None` for a new one.
    pub from: Option<Span>,
    /// Where it is; `None` for one that is gone.
    pub to: Option<Span>,
}

/// What changed for one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentChange {
    /// The agent.
    pub agent: AgentId,
    /// Shifts on days that had none.
    pub added: Vec<Span>,
    /// Shifts of days that have none any more.
    pub gone: Vec<Span>,
    /// Shifts that begin or end at another time on the same day: before and after.
    pub moved: Vec<(Span, Span)>,
    /// Breaks at other times in shifts that are on the same day in both.
    pub breaks: Vec<MovedBreak>,
    /// Activities beside calls at other times.
    pub activities: Vec<MovedActivity>,
    /// Paid minutes more (or fewer).
    pub paid_minutes: i64,
}

/// A run of time with more people on the phones in one roster than in the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoverChange {
    /// When.
    pub span: Span,
    /// People on the phones in the first roster, mean over the span.
    pub before: f64,
    /// In the second.
    pub after: f64,
}

/// What two rosters differ in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Agents for whom something changed, in the order of the ids.
    pub agents: Vec<AgentChange>,
    /// Runs of quarters of an hour with more or fewer people, in order of time.
    pub cover: Vec<CoverChange>,
}

impl Comparison {
    /// Whether all shifts, breaks and activities are the same.
    pub fn is_equal(&self) -> bool {
        self.agents.is_empty()
    }

    /// Shifts added, gone or moved.
    pub fn changed_shifts(&self) -> usize {
        self.agents.iter().map(|agent| agent.added.len() + agent.gone.len() + agent.moved.len()).sum()
    }

    /// Activities beside calls at another time, each person's piece counted.
    pub fn moved_activities(&self) -> usize {
        self.agents.iter().map(|agent| agent.activities.len()).sum()
    }

    /// Breaks at another time.
    pub fn moved_breaks(&self) -> usize {
        self.agents.iter().map(|agent| agent.breaks.len()).sum()
    }
}

/// The pieces of one activity belong together in the order of time.
fn moved_activities(old: &[Shift], new: &[Shift], onto: impl Fn(Span) -> Span) -> Vec<MovedActivity> {
    let mut pieces: BTreeMap<&ActivityId, [Vec<Span>; 2]> = BTreeMap::new();
    for (side, shifts) in [old, new].into_iter().enumerate() {
        for activity in shifts.iter().flat_map(|shift| &shift.activities) {
            if let Some(asked) = &activity.asked {
                pieces.entry(asked).or_default()[side].push(if side == 0 { activity.span } else { onto(activity.span) });
            }
        }
    }
    let mut moved = Vec::new();
    for (asked, [old, new]) in pieces {
        let pairs = (0..old.len().max(new.len())).map(|n| (old.get(n).copied(), new.get(n).copied()));
        moved.extend(pairs.filter(|(from, to)| from != to).map(|(from, to)| MovedActivity { asked: asked.clone(), from, to }));
    }
    moved
}

/// Minutes of a piece of cover.
const PIECE_MINUTES: i32 = 15;

/// Compares two rosters.
pub fn compare(before: &Roster, after: &Roster) -> Comparison {
    let ahead = (after.days.start().as_second() - before.days.start().as_second()) / 60;
    let onto = |span: Span| Span::new(Minute::new(span.start().get() + ahead as i32), span.length());
    let still = |span: Span| span;
    let mut agents: BTreeMap<&AgentId, (&[Shift], &[Shift])> = BTreeMap::new();
    for agent in &before.agents {
        agents.entry(&agent.agent).or_default().0 = &agent.shifts;
    }
    for agent in &after.agents {
        agents.entry(&agent.agent).or_default().1 = &agent.shifts;
    }
    let date = |span: Span| before.days.wall_at(span.start()).0;
    let mut changes = Vec::new();
    for (agent, (old, new)) in agents {
        let mut change = AgentChange {
            agent: agent.clone(),
            added: Vec::new(),
            gone: Vec::new(),
            moved: Vec::new(),
            breaks: Vec::new(),
            activities: moved_activities(old, new, onto),
            paid_minutes: paid(new) - paid(old),
        };
        let twin = |shift: &Shift| new.iter().find(|other| date(onto(other.span)) == date(shift.span));
        for shift in old {
            match twin(shift) {
                None => change.gone.push(shift.span),
                Some(other) => {
                    if onto(other.span) != shift.span {
                        change.moved.push((shift.span, onto(other.span)));
                    }
                    change.breaks.extend(moved_breaks(shift, other, onto));
                }
            }
        }
        let known = |shift: &&Shift| old.iter().any(|other| date(other.span) == date(onto(shift.span)));
        change.added = new.iter().filter(|shift| !known(shift)).map(|shift| onto(shift.span)).collect();
        let shifts = change.added.is_empty() && change.gone.is_empty() && change.moved.is_empty();
        let same = shifts && change.breaks.is_empty() && change.activities.is_empty();
        if !same || change.paid_minutes != 0 {
            changes.push(change);
        }
    }
    Comparison { agents: changes, cover: cover_changes(&people(before, still), &people(after, onto)) }
}

fn paid(shifts: &[Shift]) -> i64 {
    shifts.iter().map(|shift| i64::from(shift.paid().get())).sum()
}

/// Breaks of the same kind and place in the order of the shift belong together.
fn moved_breaks(old: &Shift, new: &Shift, onto: impl Fn(Span) -> Span) -> Vec<MovedBreak> {
    let of = |shift: &Shift, kind: ActivityKind| shift.breaks().filter(|b| b.kind == kind).map(|b: &Activity| b.span).collect::<Vec<_>>();
    let mut moved = Vec::new();
    for kind in [ActivityKind::RestBreak, ActivityKind::Meal] {
        let (old, new) = (of(old, kind), of(new, kind));
        for n in 0..old.len().max(new.len()) {
            let (from, to) = (old.get(n).copied(), new.get(n).copied().map(&onto));
            if from != to {
                moved.push(MovedBreak { kind, from, to });
            }
        }
    }
    moved
}

/// People-minutes on the phones by piece of time.
fn people(roster: &Roster, onto: impl Fn(Span) -> Span) -> BTreeMap<i32, i64> {
    let mut pieces = BTreeMap::new();
    let activities = roster.agents.iter().flat_map(|agent| &agent.shifts).flat_map(|shift| &shift.activities);
    for span in activities.filter(|activity| activity.kind == ActivityKind::OnQueue).map(|activity| onto(activity.span)) {
        let (from, to) = (span.start().get().div_euclid(PIECE_MINUTES), (span.end().get() - 1).div_euclid(PIECE_MINUTES));
        for piece in from..=to {
            let cell = Span::new(Minute::new(piece * PIECE_MINUTES), Minutes::of(PIECE_MINUTES as u16));
            *pieces.entry(piece).or_default() += i64::from(cell.overlap(span).get());
        }
    }
    pieces
}

fn cover_changes(before: &BTreeMap<i32, i64>, after: &BTreeMap<i32, i64>) -> Vec<CoverChange> {
    let at = |pieces: &BTreeMap<i32, i64>, piece: i32| pieces.get(&piece).copied().unwrap_or_default();
    let ends = |pieces: &BTreeMap<i32, i64>| Some((*pieces.first_key_value()?.0, *pieces.last_key_value()?.0));
    let reach = [ends(before), ends(after)].into_iter().flatten();
    let Some((first, last)) = reach.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return Vec::new() };
    let mut changes = Vec::new();
    let mut from = first;
    while from <= last {
        let sign = |piece: i32| (at(after, piece) - at(before, piece)).signum();
        let to = (from..=last).find(|piece| sign(*piece) != sign(from)).unwrap_or(last + 1);
        if sign(from) != 0 {
            let mean = |pieces| (from..to).map(|piece| at(pieces, piece)).sum::<i64>() as f64 / f64::from((to - from) * PIECE_MINUTES);
            let span = Span::between(Minute::new(from * PIECE_MINUTES), Minute::new(to * PIECE_MINUTES));
            changes.push(CoverChange { span, before: mean(before), after: mean(after) });
        }
        from = to;
    }
    changes
}

#[cfg(test)]
mod tests;
