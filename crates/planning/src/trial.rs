//! A roster in which something is tried: cover counted exactly, rules tried by the verifier on the team concerned.
//!
//! Invariant: after each change the cover is that of the roster as it stands, and companions are listed as the breaks lie. Only the
//! verifier says what is legal.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::agenda::{Circle, Coach};
use fika_model::demand::DemandSource;
use fika_model::people::Agent;
use fika_model::roster::{Activity, ActivityKind, AgentRoster, IntervalOutcome, Roster, RosterSummary, Shift};
use fika_model::{AgentId, Curve, Digest, Minute, Minutes, Request, Span, TeamId, Violation};
use fika_solver::{Cover, Pool, Problem, cover};
use fika_verify::{Digests, Rule, verify};

use crate::pools::{PoolDemand, pools};

mod shared;

pub use shared::SharedChange;

/// Minutes that two breaks must hold both for their agents to be companions.
const SHARED_MINUTES: u32 = 5;

/// The pools of a request as a roster's summary tells their requirement; what the request's own demand says counts where it tells none.
pub fn pools_of_summary(request: &Request, summary: &RosterSummary) -> Vec<PoolDemand> {
    let mut pools = pools(request, None);
    let grid = request.grid();
    for demand in &mut pools {
        let own: BTreeMap<_, _> =
            summary.intervals.iter().filter(|interval| is_of(interval, &demand.pool)).map(|i| (i.span.start(), i)).collect();
        if own.is_empty() {
            continue;
        }
        let at = |index| own.get(&grid.span(index).start());
        demand.pool.required = Curve::from_fn(grid, |index| at(index).map_or(0, |interval| interval.required.round().max(0.0) as u32));
        demand.calls = Curve::from_fn(grid, |index| at(index).map_or(0.0, |interval| interval.calls));
    }
    pools
}

/// Whether an interval is told of a pool.
fn is_of(interval: &IntervalOutcome, pool: &Pool) -> bool {
    interval.queues == pool.queues && interval.work == pool.work
}

/// A roster under trial.
#[derive(Debug, Clone)]
pub(crate) struct Trial<'a> {
    /// The roster before anything was tried.
    start: Roster,
    roster: Roster,
    cover: Cover<'a>,
    request: &'a Request,
    /// The teams that were asked about, each with its request and what its roster broke before anything was tried.
    teams: BTreeMap<TeamId, (Request, Vec<Violation>)>,
    /// The same for how things are shared.
    circles: BTreeMap<TeamId, (Request, SharedChange)>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(request: &'a Request, problem: &'a Problem, roster: &Roster) -> Self {
        let cover = cover(problem, &roster.agents);
        Self { start: roster.clone(), roster: roster.clone(), cover, request, teams: BTreeMap::new(), circles: BTreeMap::new() }
    }

    pub(crate) fn agent(&self, id: &AgentId) -> Option<&AgentRoster> {
        self.roster.agents.iter().find(|agent| &agent.agent == id)
    }

    pub(crate) const fn cover(&self) -> &Cover<'a> {
        &self.cover
    }

    pub(crate) const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Puts a shift in the place of the one that an agent has at this position; gives the old one back.
    pub(crate) fn replace(&mut self, id: &AgentId, position: usize, shift: Shift) -> Option<Shift> {
        let agent = self.roster.agents.iter_mut().find(|agent| &agent.agent == id)?;
        let slot = agent.shifts.get(position)?;
        let old = slot.clone();
        self.cover.leave(agent);
        agent.shifts[position] = shift;
        self.cover.enter(agent);
        Some(old)
    }

    /// What the team's roster breaks that it did not break before, companions listed anew. The bounds within which an agent may choose a
    /// break's time and the runs on queues are left out.
    pub(crate) fn broken(&mut self, team: &TeamId) -> Vec<Violation> {
        if !self.teams.contains_key(team) {
            let request = of_team(self.request, team);
            let known = violations(&request, &self.start);
            self.teams.insert(team.clone(), (request, known));
        }
        let Some((request, known)) = self.teams.get(team) else { return Vec::new() };
        violations(request, &self.roster).into_iter().filter(|violation| !known.contains(violation)).collect()
    }

    /// What the roster shares otherwise than before anything was tried, as far as a team's breaks change it.
    pub(crate) fn shared(&mut self, team: &TeamId) -> SharedChange {
        if !self.circles.contains_key(team) {
            let request = shared::circle(self.request, team);
            let before = shared::measures(&request, &self.start);
            self.circles.insert(team.clone(), (request, before));
        }
        let Some((request, before)) = self.circles.get(team) else { return SharedChange::default() };
        shared::measures(request, &self.roster).since(*before)
    }
}

/// The agents of a request in a roster that has others too, companions listed anew.
fn part(request: &Request, roster: &Roster) -> Roster {
    let members: BTreeSet<&AgentId> = request.agents.iter().map(|agent| &agent.id).collect();
    let mut agents: Vec<AgentRoster> = roster.agents.iter().filter(|agent| members.contains(&agent.agent)).cloned().collect();
    list_companions(&mut agents);
    let (parent, generation) = (roster.parent.clone(), roster.generation);
    Roster { id: roster.id.clone(), request: roster.request.clone(), generation, parent, days: roster.days.clone(), agents }
}

/// What the agents of a request break in a roster that has others too.
fn violations(request: &Request, roster: &Roster) -> Vec<Violation> {
    let nothing = Digest([0; 32]);
    let certificate = verify(request, &part(request, roster), Digests { request: nothing, roster: nothing });
    // Both follow the breaks when a roster is published.
    let follows = [Rule::BreakChoice, Rule::QueueInRow, Rule::QueueLeast].map(Rule::id);
    certificate.violations.into_iter().filter(|violation| !follows.contains(&violation.rule.as_str())).collect()
}

/// The request of one team alone, and of those whom it meets beside calls, with nothing that the verifier does not read; the whole where
/// they cannot stand alone.
fn of_team(request: &Request, team: &TeamId) -> Request {
    let teams = meeting(request, team);
    narrowed(request, |agent| teams.contains(&agent.team))
}

/// The request of some agents; the whole where they cannot stand alone.
fn narrowed(request: &Request, keep: impl Fn(&Agent) -> bool) -> Request {
    let mut parts = (**request).clone();
    parts.retain_agents(keep);
    parts.demand = DemandSource::History { until: None };
    Request::check(parts).unwrap_or_else(|_| request.clone())
}

/// A team with all that it meets in activities beside calls, directly or through others.
fn meeting(request: &Request, team: &TeamId) -> BTreeSet<TeamId> {
    let mut teams = BTreeSet::from([team.clone()]);
    let team_of: BTreeMap<&AgentId, &TeamId> = request.agents.iter().map(|agent| (&agent.id, &agent.team)).collect();
    let circles: Vec<BTreeSet<&TeamId>> = request
        .activities
        .iter()
        .filter_map(|asked| match &asked.circle {
            Circle::Meeting { invited, .. } => Some(invited.iter().filter_map(|id| team_of.get(id).copied()).collect()),
            Circle::Coaching { coach: Coach::Agent(coach), coached } => {
                Some(coached.iter().chain([coach]).filter_map(|id| team_of.get(id).copied()).collect())
            }
            _ => None,
        })
        .collect();
    loop {
        let before = teams.len();
        for circle in &circles {
            if circle.iter().any(|other| teams.contains(*other)) {
                teams.extend(circle.iter().map(|other| (*other).clone()));
            }
        }
        if teams.len() == before {
            return teams;
        }
    }
}

/// Lists at each break the team-mates who share it, as the contract asks for.
pub(crate) fn list_companions(agents: &mut [AgentRoster]) {
    let mut teams: BTreeMap<TeamId, Vec<(Minute, AgentId, Span)>> = BTreeMap::new();
    for agent in agents.iter() {
        let own = agent.shifts.iter().flat_map(Shift::breaks).map(|b| (b.span.start(), agent.agent.clone(), b.span));
        teams.entry(agent.team.clone()).or_default().extend(own);
    }
    for breaks in teams.values_mut() {
        breaks.sort();
    }
    let longest = teams.values().flatten().map(|(_, _, span)| span.length().get() as i32).max().unwrap_or_default();
    for agent in agents {
        let Some(breaks) = teams.get(&agent.team) else { continue };
        for activity in agent.shifts.iter_mut().flat_map(|shift| &mut shift.activities).filter(|activity| activity.kind.is_break()) {
            let from = Minute::new(activity.span.start().get() - longest);
            let near = breaks[breaks.partition_point(|(start, ..)| *start < from)..].iter();
            let shares =
                |(_, mate, span): &&(Minute, AgentId, Span)| mate != &agent.agent && span.overlap(activity.span).get() >= SHARED_MINUTES;
            let met = near.take_while(|(start, ..)| *start < activity.span.end()).filter(shares);
            let mut mates: Vec<AgentId> = met.map(|(_, mate, _)| mate.clone()).collect();
            mates.sort();
            mates.dedup();
            activity.companions = mates;
        }
    }
}

/// A shift with other pieces that are no time on queue, the rest filled with time on queue: the queues of a moment stay. `None` where two
/// pieces overlap, one leaves the shift, or the shift has no time on queue at all.
pub(crate) fn relaid(shift: &Shift, span: Span, pieces: Vec<Activity>) -> Option<Shift> {
    let work: Vec<&Activity> = shift.activities.iter().filter(|activity| activity.kind == ActivityKind::OnQueue).collect();
    let fill = |from: Minute, to: Minute, activities: &mut Vec<Activity>| {
        let mut from = from;
        for (n, piece) in work.iter().enumerate() {
            let ends = work.get(n + 1).filter(|next| next.queues != piece.queues).map_or(to, |next| next.span.start().min(to));
            if from < ends && (n + 1 == work.len() || work[n + 1].queues != piece.queues) {
                activities.push(Activity { span: Span::between(from, ends), ..(*piece).clone() });
                from = ends;
            }
        }
    };
    if work.is_empty() {
        return None;
    }
    let mut pieces = pieces;
    pieces.sort_by_key(|piece| piece.span.start());
    let mut activities = Vec::new();
    let mut at = span.start();
    for piece in pieces {
        if piece.span.start() < at || piece.span.end() > span.end() {
            return None;
        }
        if at < piece.span.start() {
            fill(at, piece.span.start(), &mut activities);
        }
        at = piece.span.end();
        activities.push(piece);
    }
    if at < span.end() {
        fill(at, span.end(), &mut activities);
    }
    Some(Shift { span, activities, ..shift.clone() })
}

/// Pieces of a shift that are no time on queue.
pub(crate) fn pieces(shift: &Shift) -> Vec<Activity> {
    shift.activities.iter().filter(|activity| activity.kind != ActivityKind::OnQueue).cloned().collect()
}

/// The shift with one break begun elsewhere.
pub(crate) fn with_break_at(shift: &Shift, of: Span, start: Minute) -> Option<Shift> {
    let mut pieces = pieces(shift);
    let moved = pieces.iter_mut().find(|piece| piece.span == of)?;
    moved.span = Span::new(start, of.length());
    relaid(shift, shift.span, pieces)
}

/// By how much a violation misses what is asked.
pub(crate) fn amount(violation: &Violation) -> i64 {
    (violation.required - violation.found).abs()
}

/// So many minutes more than a span.
pub(crate) fn longer(span: Span, before: u32, after: u32) -> Span {
    let start = Minute::new(span.start().get() - before as i32);
    Span::between(start, span.end().plus(Minutes::of(after as u16)))
}
