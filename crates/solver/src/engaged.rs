//! People who are engaged beside calls at set times: whom it takes off the phones, which shifts they may then work, where breaks cannot lie.
//!
//! Invariant: an engagement is held by a shift that covers it with no break in it, and only then counts: its cells are not on the phones.
//! A break over one is a promise broken, as lacking company is. Absent on purpose: which times are good ones.

use std::collections::BTreeMap;
use std::ops::Range;

use fika_model::roster::{Activity, AgentRoster};
use fika_model::{ActivityId, ActivityKind, AgentId, Span};

use crate::breaks::{Placer, Position};
use crate::company::Placed;
use crate::path::Pathfinder;
use crate::problem::{Problem, contradiction};

/// People who take part in the same thing at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What it is and when; nobody is listed in it.
    pub activity: Activity,
    /// Who takes part, in the order of the ids.
    pub agents: Vec<AgentId>,
}

/// One person's part in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Engaged {
    /// First cell and the one after the last.
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// Position in the sessions of the problem.
    pub(crate) session: u32,
    /// The group that her time counts for, where it is work with a demand of its own.
    pub(crate) work: Option<u32>,
}

impl Engaged {
    pub(crate) fn cells(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

/// What makes two pieces of work one session: activity, kind, time, everybody who is named.
type SessionKey<'a> = (&'a ActivityId, ActivityKind, Span, Vec<&'a AgentId>);

/// What a roster has beside calls and breaks, in the order of the activities and of time.
pub fn sessions(agents: &[AgentRoster]) -> Vec<Session> {
    let mut found: BTreeMap<SessionKey<'_>, (&Activity, Vec<AgentId>)> = BTreeMap::new();
    for agent in agents {
        for activity in agent.shifts.iter().flat_map(|shift| &shift.activities) {
            let Some(asked) = &activity.asked else { continue };
            let mut named: Vec<&AgentId> = activity.with.iter().chain([&agent.agent]).collect();
            named.sort_unstable();
            let own = found.entry((asked, activity.kind, activity.span, named)).or_insert_with(|| (activity, Vec::new()));
            own.1.push(agent.agent.clone());
        }
    }
    let session =
        |(activity, agents): (&Activity, Vec<AgentId>)| Session { activity: Activity { with: Vec::new(), ..activity.clone() }, agents };
    found.into_values().map(session).collect()
}

impl Problem {
    /// The same problem with people engaged. Where the shift of a day is still free, only shifts are left that cover the engagement and
    /// have room for their breaks around it, and the day is worked; who has no legal week with such a shift is left out of the session.
    #[must_use]
    pub fn engaging(&self, sessions: &[Session]) -> Self {
        let mut problem = self.clone();
        let mut room = BTreeMap::new();
        let mut legal = BTreeMap::new();
        for session in sessions {
            let number = problem.sessions.len() as u32;
            problem.sessions.push(session.clone());
            for agent in &session.agents {
                let Some((person, engaged)) = problem.part(agent, &session.activity, number) else { continue };
                let day = problem.days.partition_point(|day| day.end <= session.activity.span.start().get());
                let before = problem.people[person].clone();
                let Some(list) = problem.covering(person, day, &engaged, &mut room) else { continue };
                problem.people[person].lists[day] = list;
                let must = &mut problem.people[person].limits.must;
                if !must.contains(&(day as u16)) {
                    must.push(day as u16);
                }
                let who = &problem.people[person];
                let key = (who.lists.clone(), who.weeks.clone(), who.most_consecutive, who.last_end, who.days_before, who.limits.clone());
                let has_week = *legal.entry(key).or_insert_with(|| {
                    let days = contradiction::choices(&problem, who, |_| 0);
                    Pathfinder::default().best(&problem, who, &days, 0, &mut Vec::new()).is_some()
                });
                if has_week {
                    problem.engage(person, engaged);
                } else {
                    problem.people[person] = before;
                }
            }
        }
        problem.read_reach();
        problem
    }

    /// Engages people who are in a roster, in the shifts that they have there. `stands` tells whether a person's shift of a day is among those
    /// that she may work.
    pub(crate) fn engage_standing(&mut self, agents: &[AgentRoster], stands: impl Fn(&Self, usize, usize) -> bool) {
        let known: BTreeMap<&AgentId, &AgentRoster> = agents.iter().map(|roster| (&roster.agent, roster)).collect();
        for session in sessions(agents) {
            let number = self.sessions.len() as u32;
            for agent in &session.agents {
                let roster = known.get(agent);
                let shift = roster.and_then(|roster| roster.shifts.iter().find(|shift| shift.span.covers(session.activity.span)));
                let day = shift.and_then(|shift| self.request.days.day_at(shift.span.start()));
                if let Some((person, engaged)) = self.part(agent, &session.activity, number)
                    && day.is_some_and(|day| stands(self, person, day.get()))
                {
                    self.engage(person, engaged);
                }
            }
            self.sessions.push(session);
        }
    }

    /// A person and her part in an activity; `None` for people and work that the problem does not know.
    fn part(&self, agent: &AgentId, activity: &Activity, session: u32) -> Option<(usize, Engaged)> {
        let person = self.people.binary_search_by(|person| self.request.agents[person.position].id.cmp(agent)).ok()?;
        let step = self.step as i32;
        let cell = |minute: i32| u32::try_from(minute.div_euclid(step)).ok();
        let (from, to) = (cell(activity.span.start().get())?, cell(activity.span.end().get() + step - 1)?);
        let work = self.work_group(activity);
        ((to as usize) <= self.cells).then_some((person, Engaged { from, to, session, work }))
    }

    /// The group that an activity counts for, where it is work with a demand of its own.
    pub(crate) fn work_group(&self, activity: &Activity) -> Option<u32> {
        let asked = activity.asked.as_ref().filter(|_| activity.kind == ActivityKind::BackOffice)?;
        self.works.iter().find(|(work, _)| work == asked).map(|(_, group)| *group)
    }

    fn engage(&mut self, person: usize, engaged: Engaged) {
        if self.engaged.is_empty() {
            self.engaged = vec![Vec::new(); self.people.len()];
        }
        let own = &mut self.engaged[person];
        let at = own.partition_point(|other| other.from <= engaged.from);
        own.insert(at, engaged);
    }

    /// The list of a person's options of a day that cover an engagement and can have their breaks around it; `None` without any.
    fn covering(&mut self, person: usize, day: usize, engaged: &Engaged, room: &mut BTreeMap<(u32, u32, u32), bool>) -> Option<u32> {
        let list = self.people[person].lists.get(day).copied()?;
        let fits = |number: &u32| {
            let option = &self.options[*number as usize];
            self.covers(*number, engaged) && {
                let at = (engaged.from - option.start, engaged.to - option.start);
                *room.entry((option.plan, at.0, at.1)).or_insert_with(|| self.has_room(option.plan, at.0..at.1))
            }
        };
        let left: Vec<u32> = self.lists[list as usize].iter().copied().filter(fits).collect();
        if left.is_empty() {
            return None;
        }
        let known = self.lists.iter().position(|other| *other == left);
        Some(known.unwrap_or_else(|| {
            self.lists.push(left);
            self.lists.len() - 1
        }) as u32)
    }

    /// Whether a shift of an option holds all of an engagement.
    pub(crate) fn covers(&self, option: u32, engaged: &Engaged) -> bool {
        let option = &self.options[option as usize];
        option.start <= engaged.from && engaged.to <= option.start + option.len
    }

    /// Whether a plan's breaks can lie outside some cells of the shift.
    fn has_room(&self, plan: u32, cells: Range<u32>) -> bool {
        let plan = &self.plans[plan as usize];
        let price = |sort: usize, offset: u32| {
            let meets = offset < cells.end && cells.start < offset + plan.sorts[sort].len;
            Position { cost: i64::from(meets), social: 0 }
        };
        Placer::default().place(plan, 0, 0, price, &mut Vec::new()) == Some(0)
    }

    /// What a person is engaged in, in order of time.
    pub(crate) fn engaged(&self, person: usize) -> &[Engaged] {
        self.engaged.get(person).map_or(&[], Vec::as_slice)
    }

    /// What of a person's engagements a shift of hers holds.
    pub(crate) fn held<'a>(&'a self, person: usize, placed: &'a Placed) -> impl Iterator<Item = &'a Engaged> {
        self.inside(person, placed).filter(|engaged| !self.is_cut(engaged, placed))
    }

    /// Cells of a person's engagements that are lost because a break lies over them.
    pub(crate) fn lost_cells(&self, person: usize, placed: &Placed) -> i64 {
        self.inside(person, placed).filter(|engaged| self.is_cut(engaged, placed)).map(|engaged| i64::from(engaged.to - engaged.from)).sum()
    }

    fn inside<'a>(&'a self, person: usize, placed: &Placed) -> impl Iterator<Item = &'a Engaged> + use<'a> {
        let cells = placed.cells(self);
        self.engaged(person).iter().filter(move |engaged| cells.start <= engaged.from as usize && engaged.to as usize <= cells.end)
    }

    fn is_cut(&self, engaged: &Engaged, placed: &Placed) -> bool {
        placed.break_cells(self).any(|(cells, _)| cells.start < engaged.to as usize && (engaged.from as usize) < cells.end)
    }
}

/// For which times people could have a shift at all.
#[derive(Debug)]
pub struct Presence<'p> {
    problem: &'p Problem,
    /// Per list of options that was asked about: starts, each with the latest end of those that begin no later.
    reach: BTreeMap<u32, Vec<(u32, u32)>>,
}

impl<'p> Presence<'p> {
    /// Of the people of a problem.
    pub const fn new(problem: &'p Problem) -> Self {
        Self { problem, reach: BTreeMap::new() }
    }

    /// Whether an agent may work a shift that begins on the day of a time and lasts during all of it, other shifts left aside.
    pub fn may_hold(&mut self, agent: &AgentId, span: Span) -> bool {
        let problem = self.problem;
        let Ok(person) = problem.people.binary_search_by(|person| problem.request.agents[person.position].id.cmp(agent)) else {
            return false;
        };
        let day = problem.days.partition_point(|day| day.end <= span.start().get());
        let Some(list) = problem.people[person].lists.get(day).copied() else { return false };
        let reach = self.reach.entry(list).or_insert_with(|| {
            let options = problem.lists[list as usize].iter().map(|number| &problem.options[*number as usize]);
            let mut reach: Vec<(u32, u32)> = options.map(|option| (option.start, option.start + option.len)).collect();
            reach.sort_unstable();
            let mut latest = 0;
            for (_, end) in &mut reach {
                latest = latest.max(*end);
                *end = latest;
            }
            reach
        });
        let step = problem.step as i32;
        let (from, to) = (span.start().get().div_euclid(step), (span.end().get() + step - 1).div_euclid(step));
        let begun = reach.partition_point(|(start, _)| i64::from(*start) <= i64::from(from));
        begun > 0 && i64::from(reach[begun - 1].1) >= i64::from(to)
    }
}

#[cfg(test)]
mod tests;
