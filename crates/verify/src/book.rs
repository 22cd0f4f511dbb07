//! Request and roster side by side: each agent's roster with the agent, the contract and the team-mates it belongs to.
//!
//! Only looks up; judges nothing. A roster entry whose agent the request does not know has no person here: the rule
//! `roster.agents` names it, and no other rule can be tried on it.

use std::collections::BTreeMap;

use fika_model::people::{Agent, Contract};
use fika_model::roster::{Activity, AgentRoster, Shift};
use fika_model::{AgentId, DayIndex, Request, Roster, Span, TeamId};

/// One agent with what the roster gives her.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) contract: &'a Contract,
    pub(crate) roster: &'a AgentRoster,
}

impl<'a> Person<'a> {
    /// The person's id.
    pub(crate) fn id(&self) -> &'a AgentId {
        &self.agent.id
    }
}

/// A break and whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TeamBreak<'a> {
    pub(crate) agent: &'a AgentId,
    pub(crate) span: Span,
}

/// A shift and whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TeamShift<'a> {
    pub(crate) agent: &'a AgentId,
    pub(crate) shift: &'a Shift,
}

/// What the members of one team do, in order of the start.
#[derive(Debug, Default)]
pub(crate) struct TeamTime<'a> {
    breaks: Vec<TeamBreak<'a>>,
    shifts: Vec<TeamShift<'a>>,
    longest_break: i32,
    longest_shift: i32,
    /// Its people, by their place in the book.
    members: Vec<usize>,
}

impl<'a> TeamTime<'a> {
    /// The breaks that team-mates of `agent` have at some minute of `span`.
    pub(crate) fn breaks_of_mates(&self, agent: &AgentId, span: Span) -> impl Iterator<Item = TeamBreak<'a>> {
        let from = self.breaks.partition_point(|b| b.span.start().minutes_since(span.start()) < -self.longest_break);
        let overlapping = self.breaks[from..].iter().take_while(move |b| b.span.start() < span.end());
        overlapping.filter(move |b| b.agent != agent && b.span.overlap(span).get() > 0).copied()
    }

    /// The shifts of team-mates of `agent` that have some minute of `span`.
    pub(crate) fn shifts_of_mates_near(&self, agent: &AgentId, span: Span) -> impl Iterator<Item = TeamShift<'a>> {
        let from = self.shifts.partition_point(|s| s.shift.span.start().minutes_since(span.start()) < -self.longest_shift);
        let overlapping = self.shifts[from..].iter().take_while(move |s| s.shift.span.start() < span.end());
        overlapping.filter(move |s| s.agent != agent && s.shift.span.overlap(span).get() > 0).copied()
    }

    /// The shifts of team-mates of `agent` that last during the whole of `span`.
    pub(crate) fn shifts_of_mates(&self, agent: &AgentId, span: Span) -> impl Iterator<Item = TeamShift<'a>> {
        let from = self.shifts.partition_point(|s| s.shift.span.start().minutes_since(span.start()) < -self.longest_shift);
        let begun = self.shifts[from..].iter().take_while(move |s| s.shift.span.start() <= span.start());
        begun.filter(move |s| s.agent != agent && s.shift.span.covers(span)).copied()
    }
}

/// The two messages, looked up in each other.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    pub(crate) request: &'a Request,
    pub(crate) roster: &'a Roster,
    /// Roster entries of known agents, in the roster's order.
    pub(crate) people: Vec<Person<'a>>,
    teams: BTreeMap<&'a TeamId, TeamTime<'a>>,
}

impl<'a> Book<'a> {
    pub(crate) fn new(request: &'a Request, roster: &'a Roster) -> Self {
        let agents: BTreeMap<_, _> = request.agents.iter().map(|agent| (&agent.id, agent)).collect();
        let contracts: BTreeMap<_, _> = request.contracts.iter().map(|contract| (&contract.id, contract)).collect();
        let person = |entry: &'a AgentRoster| {
            let agent = *agents.get(&entry.agent)?;
            let contract = *contracts.get(&agent.contract)?;
            Some(Person { agent, contract, roster: entry })
        };
        let people: Vec<_> = roster.agents.iter().filter_map(person).collect();
        let mut teams: BTreeMap<&TeamId, TeamTime<'a>> = BTreeMap::new();
        for (n, person) in people.iter().enumerate() {
            let team = teams.entry(&person.agent.team).or_default();
            team.members.push(n);
            for shift in &person.roster.shifts {
                team.shifts.push(TeamShift { agent: person.id(), shift });
                team.breaks.extend(shift.breaks().map(|b| TeamBreak { agent: person.id(), span: b.span }));
            }
        }
        for team in teams.values_mut() {
            team.breaks.sort_by_key(|b| (b.span.start(), b.agent));
            team.shifts.sort_by_key(|s| (s.shift.span.start(), s.agent));
            team.longest_break = team.breaks.iter().map(|b| b.span.length().get() as i32).max().unwrap_or_default();
            team.longest_shift = team.shifts.iter().map(|s| s.shift.span.length().get() as i32).max().unwrap_or_default();
        }
        Self { request, roster, people, teams }
    }

    /// What the team of this person does.
    pub(crate) fn team_of(&self, person: &Person<'a>) -> &TeamTime<'a> {
        self.teams.get(&person.agent.team).expect("every person's team was entered")
    }

    /// The people of a team, in the roster's order.
    pub(crate) fn members(&self, team: &TeamId) -> impl Iterator<Item = &Person<'a>> {
        self.teams.get(team).into_iter().flat_map(|team| &team.members).map(|n| &self.people[*n])
    }

    /// Every person with each of the own shifts.
    pub(crate) fn shifts(&self) -> impl Iterator<Item = (&Person<'a>, &'a Shift)> {
        self.people.iter().flat_map(|person| person.roster.shifts.iter().map(move |shift| (person, shift)))
    }

    /// Every person with each of the own activities.
    pub(crate) fn activities(&self) -> impl Iterator<Item = (&Person<'a>, &'a Shift, &'a Activity)> {
        self.shifts().flat_map(|(person, shift)| shift.activities.iter().map(move |activity| (person, shift, activity)))
    }

    /// The local day on which a shift begins, inside the horizon.
    pub(crate) fn day_of(&self, shift: &Shift) -> Option<DayIndex> {
        self.request.days.day_at(shift.span.start())
    }

    /// The weeks of the horizon, each as its days: seven from the first day on, the last one perhaps fewer.
    pub(crate) fn weeks(&self) -> impl Iterator<Item = Vec<DayIndex>> + use<> {
        let days: Vec<_> = self.request.days.days().collect();
        let weeks: Vec<_> = days.chunks(7).map(<[DayIndex]>::to_vec).collect();
        weeks.into_iter()
    }

    /// The piece of time from the first of these days to the end of the last.
    pub(crate) fn span_of(&self, days: &[DayIndex]) -> Span {
        let piece = |day: Option<&DayIndex>| day.map_or(self.request.days.span(), |day| self.request.days.day_span(*day));
        Span::between(piece(days.first()).start(), piece(days.last()).end())
    }
}
