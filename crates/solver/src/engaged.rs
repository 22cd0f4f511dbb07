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
use crate::problem::{Limits, Person, Problem, WeekLimits, contradiction};

mod presence;

pub use presence::Presence;

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

/// What a legal week hangs on.
type WeekKey = (Vec<u32>, Vec<WeekLimits>, u32, i32, u32, Limits);

/// What was found out while people were engaged.
#[derive(Debug, Default)]
struct Known {
    /// The numbers of the lists of options.
    lists: BTreeMap<Vec<u32>, u32>,
    /// What is left of a list around an engagement; whether a plan has room for its breaks around cells; whether there is a legal week.
    covering: BTreeMap<(u32, u32, u32), Option<u32>>,
    room: BTreeMap<(u32, u32, u32), bool>,
    legal: BTreeMap<WeekKey, bool>,
}

impl Known {
    fn of(problem: &Problem) -> Self {
        let lists = problem.lists.iter().enumerate().rev().map(|(number, list)| (list.clone(), number as u32)).collect();
        Self { lists, ..Self::default() }
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
        let mut known = Known::of(self);
        for session in sessions {
            problem.sessions.push(session.clone());
            for agent in &session.agents {
                problem.take_part(agent, &session.activity, &mut known);
            }
        }
        problem.read_reach();
        problem
    }

    /// The same problem with the first of several ways of holding each of some things in which everybody has a legal week with all of its
    /// sessions; without those that have none.
    #[must_use]
    pub fn engaging_first(&self, things: &[Vec<Vec<Session>>]) -> Self {
        let mut problem = self.clone();
        let mut known = Known::of(self);
        for ways in things {
            ways.iter().any(|sessions| problem.hold_all(sessions, &mut known).is_some());
        }
        problem.read_reach();
        problem
    }

    /// How many of those in each session have a legal week with it: each session and each person alone, company left aside.
    pub fn holders(&self, sessions: &[Session]) -> Vec<usize> {
        let mut problem = Self { sessions: Vec::new(), engaged: Vec::new(), ..self.clone() };
        let mut known = Known::of(self);
        let mut holders = Vec::new();
        for session in sessions {
            let alone = |agent: &AgentId| Session { agents: vec![agent.clone()], ..session.clone() };
            let mut has_week = |agent: &&AgentId| {
                let was = problem.hold_all(&[alone(agent)], &mut known);
                let holds = was.is_some();
                problem.let_go(0, was.unwrap_or_default());
                holds
            };
            holders.push(session.agents.iter().filter(|agent| has_week(agent)).count());
        }
        holders
    }

    /// Engages everybody in some sessions, and gives back the people as they were; nobody where that cannot be.
    fn hold_all(&mut self, sessions: &[Session], known: &mut Known) -> Option<Vec<(usize, Person)>> {
        let (number, mut before) = (self.sessions.len(), Vec::new());
        for session in sessions {
            self.sessions.push(session.clone());
            for agent in &session.agents {
                let was = self.person(agent).map(|person| (person, self.people[person].clone()));
                if !self.take_part(agent, &session.activity, known) {
                    self.let_go(number, before);
                    return None;
                }
                before.extend(was);
            }
        }
        Some(before)
    }

    /// Takes the sessions from a number on back, with the people as they were before.
    fn let_go(&mut self, number: usize, before: Vec<(usize, Person)>) {
        for (person, was) in before.into_iter().rev() {
            self.people[person] = was;
            self.engaged[person].retain(|engaged| (engaged.session as usize) < number);
        }
        self.sessions.truncate(number);
    }

    /// Engages one agent in the last session, if she is free then and has a legal week with it.
    fn take_part(&mut self, agent: &AgentId, activity: &Activity, known: &mut Known) -> bool {
        let number = self.sessions.len() as u32 - 1;
        let Some((person, engaged)) = self.part(agent, activity, number) else { return false };
        let day = self.days.partition_point(|day| day.end <= activity.span.start().get());
        let Some(list) = self.covering(person, day, &engaged, known) else { return false };
        let before = self.people[person].clone();
        self.people[person].lists[day] = list;
        let must = &mut self.people[person].limits.must;
        if !must.contains(&(day as u16)) {
            must.push(day as u16);
        }
        let who = &self.people[person];
        let key = (who.lists.clone(), who.weeks.clone(), who.most_consecutive, who.last_end, who.days_before, who.limits.clone());
        let has_week = *known.legal.entry(key).or_insert_with(|| {
            let days = contradiction::choices(self, who, |_| 0);
            Pathfinder::default().best(self, who, &days, 0, &mut Vec::new()).is_some()
        });
        if has_week {
            self.engage(person, engaged);
        } else {
            self.people[person] = before;
        }
        has_week
    }

    /// Engages people who are in a roster, in the shifts that they have there and as far as they are not yet engaged. `stands` tells whether
    /// a person's shift of a day is among those that she may work.
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
                    && !self.is_busy(person, &engaged)
                {
                    self.engage(person, engaged);
                }
            }
            self.sessions.push(session);
        }
    }

    fn person(&self, agent: &AgentId) -> Option<usize> {
        self.people.binary_search_by(|person| self.request.agents[person.position].id.cmp(agent)).ok()
    }

    /// A person and her part in an activity; `None` for people and work that the problem does not know.
    fn part(&self, agent: &AgentId, activity: &Activity, session: u32) -> Option<(usize, Engaged)> {
        let person = self.person(agent)?;
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

    /// The list of a person's options of a day that cover an engagement and can have their breaks around it; `None` without any, and where
    /// she is engaged at that time.
    fn covering(&mut self, person: usize, day: usize, engaged: &Engaged, known: &mut Known) -> Option<u32> {
        let list = self.people[person].lists.get(day).copied().filter(|_| !self.is_busy(person, engaged))?;
        let key = (list, engaged.from, engaged.to);
        if let Some(found) = known.covering.get(&key) {
            return *found;
        }
        let fits = |number: &u32| {
            let option = &self.options[*number as usize];
            self.covers(*number, engaged) && {
                let at = (engaged.from - option.start, engaged.to - option.start);
                *known.room.entry((option.plan, at.0, at.1)).or_insert_with(|| self.has_room(option.plan, at.0..at.1))
            }
        };
        let left: Vec<u32> = self.lists[list as usize].iter().copied().filter(fits).collect();
        let found = (!left.is_empty()).then(|| {
            *known.lists.entry(left).or_insert_with_key(|left| {
                self.lists.push(left.clone());
                self.lists.len() as u32 - 1
            })
        });
        known.covering.insert(key, found);
        found
    }

    /// Whether a person is engaged in something else during some of it.
    fn is_busy(&self, person: usize, engaged: &Engaged) -> bool {
        self.engaged(person).iter().any(|other| other.from < engaged.to && engaged.from < other.to)
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

#[cfg(test)]
mod tests;
