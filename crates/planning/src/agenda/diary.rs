//! A roster in which activities beside calls are laid and cleared, with its cover kept exact.
//!
//! Invariant: an activity lies over time on queue of one shift, which keeps some time on queue; breaks are never touched.

use std::collections::BTreeMap;

use fika_model::people::Agent;
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Shift};
use fika_model::{ActivityId, AgentId, Minute, Request, Span, TeamId};
use fika_solver::{Cover, Problem, Session, cover, sessions};

use crate::rota::widened;
use crate::trial::{pieces, relaid};

/// A roster under change; people by their position in it.
pub(crate) struct Diary<'a> {
    pub(crate) request: &'a Request,
    pub(crate) cover: Cover<'a>,
    pub(crate) agents: Vec<AgentRoster>,
    /// The agents as the request has them, in the roster's order.
    pub(crate) people: Vec<&'a Agent>,
    /// Everybody of each team, by position.
    teams: BTreeMap<&'a TeamId, Vec<usize>>,
    /// Nothing is laid or cleared that begins before this minute.
    pub(crate) frozen_until: Option<Minute>,
}

impl<'a> Diary<'a> {
    pub(crate) fn new(request: &'a Request, problem: &'a Problem, agents: Vec<AgentRoster>, frozen_until: Option<Minute>) -> Self {
        let known: BTreeMap<&AgentId, &Agent> = request.agents.iter().map(|agent| (&agent.id, agent)).collect();
        let agents: Vec<AgentRoster> = agents.into_iter().filter(|agent| known.contains_key(&agent.agent)).collect();
        // Who is on which queue is settled after this.
        let agents = widened(request, agents);
        let people: Vec<&Agent> = agents.iter().filter_map(|agent| known.get(&agent.agent).copied()).collect();
        let mut teams: BTreeMap<&TeamId, Vec<usize>> = BTreeMap::new();
        people.iter().enumerate().for_each(|(n, person)| teams.entry(&person.team).or_default().push(n));
        Self { request, cover: cover(problem, &agents), agents, people, teams, frozen_until }
    }

    /// The position of an agent.
    pub(crate) fn position(&self, agent: &AgentId) -> Option<usize> {
        self.agents.binary_search_by(|own| own.agent.cmp(agent)).ok()
    }

    /// The positions of those of some agents who are in the roster.
    pub(crate) fn positions<'b>(&self, agents: impl IntoIterator<Item = &'b AgentId>) -> Vec<usize> {
        agents.into_iter().filter_map(|agent| self.position(agent)).collect()
    }

    /// Everybody of a team, by position.
    pub(crate) fn members(&self, team: &TeamId) -> impl Iterator<Item = usize> {
        self.teams.get(team).into_iter().flatten().copied()
    }

    /// Whether nothing may change at a time.
    pub(crate) fn is_frozen(&self, span: Span) -> bool {
        self.frozen_until.is_some_and(|until| span.start() < until)
    }

    /// Time on queue of a person, in order.
    pub(crate) fn on_queue(&self, person: usize) -> impl Iterator<Item = Span> {
        let all = self.agents[person].shifts.iter().flat_map(|shift| &shift.activities);
        all.filter(|activity| activity.kind == ActivityKind::OnQueue).map(|activity| activity.span)
    }

    /// The shift of a person that lasts during all of a time.
    pub(crate) fn shift_during(&self, person: usize, span: Span) -> Option<&Shift> {
        self.agents[person].shifts.iter().find(|shift| shift.span.covers(span))
    }

    /// Whether a person is on the phones in every minute of a time.
    pub(crate) fn is_free(&self, person: usize, span: Span) -> bool {
        self.on_queue(person).any(|free| free.covers(span))
    }

    /// Lays a piece over time on queue; tells whether there was room.
    pub(crate) fn lay(&mut self, person: usize, piece: Activity) -> bool {
        let room = self.is_free(person, piece.span) && !self.is_frozen(piece.span);
        room && self.relay(person, piece.span, |pieces| pieces.push(piece))
    }

    /// Clears the piece of an activity at a time.
    pub(crate) fn clear(&mut self, person: usize, asked: &ActivityId, span: Span) {
        self.relay(person, span, |pieces| pieces.retain(|piece| piece.span != span || piece.asked.as_ref() != Some(asked)));
    }

    fn relay(&mut self, person: usize, span: Span, change: impl FnOnce(&mut Vec<Activity>)) -> bool {
        let own = &mut self.agents[person];
        let Some(at) = own.shifts.iter().position(|shift| shift.span.covers(span)) else { return false };
        let mut changed = pieces(&own.shifts[at]);
        change(&mut changed);
        let Some(shift) = relaid(&own.shifts[at], own.shifts[at].span, changed) else { return false };
        if !shift.activities.iter().any(|activity| activity.kind == ActivityKind::OnQueue) {
            return false;
        }
        self.cover.leave_shift(&own.agent, &own.shifts[at]);
        self.cover.enter_shift(&own.agent, &shift);
        own.shifts[at] = shift;
        true
    }

    /// Puts a shift back as it was.
    pub(crate) fn put_back(&mut self, person: usize, shift: usize, was: Shift) {
        let own = &mut self.agents[person];
        self.cover.leave_shift(&own.agent, &own.shifts[shift]);
        self.cover.enter_shift(&own.agent, &was);
        own.shifts[shift] = was;
    }

    /// Lets people take part in an activity together: all of them, or nobody.
    pub(crate) fn hold(&mut self, activity: &Activity, people: &[usize]) -> Option<Session> {
        let ids: Vec<AgentId> = people.iter().map(|person| self.agents[*person].agent.clone()).collect();
        for (n, person) in people.iter().enumerate() {
            let mut with: Vec<AgentId> = ids.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, id)| id.clone()).collect();
            with.sort();
            if !self.lay(*person, Activity { with, ..activity.clone() }) {
                people[..n].iter().for_each(|person| activity.asked.iter().for_each(|asked| self.clear(*person, asked, activity.span)));
                return None;
            }
        }
        let mut agents = ids;
        agents.sort();
        Some(Session { activity: activity.clone(), agents })
    }

    /// Clears a session for all who take part.
    pub(crate) fn release(&mut self, session: &Session) {
        for person in self.positions(&session.agents) {
            session.activity.asked.iter().for_each(|asked| self.clear(person, asked, session.activity.span));
        }
    }

    /// What is held at present.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        sessions(&self.agents)
    }
}
