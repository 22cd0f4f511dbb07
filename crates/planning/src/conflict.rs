//! Why a request is infeasible: a smallest set of rules that contradict each other, and what relaxing each would give.
//!
//! A deletion filter: rules are relaxed one after the other and stay relaxed where the contradiction stays without them; what is left
//! contradicts, and each of it is needed. How far a rule must give way is found by halving. Nothing is relaxed in what is planned.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use fika_model::forecast::QueueForecast;
use fika_model::people::Agent;
use fika_model::request::RequestParts;
use fika_model::{ActivityId, AgentId, Request, RuleId, TeamId};
use fika_solver::{Contradiction, Infeasible, Pool, Problem, Quota, solve};

use crate::error::PlanError;
use crate::forecasting::forecasts;
use crate::plan::Planned;
use crate::pools::pools;

mod giving;
mod held;

/// Agents that are looked into; the rest share their reasons or are told by their contradictions.
const MOST_AGENTS: usize = 12;
/// The same where each answer takes a search, and the steps of one.
const MOST_SEARCHED: usize = 3;
const SEARCH_STEPS: u64 = 300;
/// Steps of mending after such a search.
const MENDING_STEPS: u64 = 2_000;

/// A short search with a short mending, alike on every machine.
#[derive(Default)]
struct ShortSearch {
    mended: AtomicU64,
}

impl Quota for ShortSearch {
    fn is_reached(&self, steps: u64) -> bool {
        steps >= SEARCH_STEPS
    }

    fn used(&self, steps: u64) -> Option<f64> {
        Some(steps as f64 / SEARCH_STEPS as f64)
    }

    fn gives_up(&self) -> bool {
        self.mended.fetch_add(1, Ordering::Relaxed) >= MENDING_STEPS
    }
}

/// A rule, or some that go together, as one thing to relax.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleGroup {
    /// The contract's least paid minutes a week.
    WeekLeast,
    /// The contract's most paid minutes a week.
    WeekMost,
    /// The contract's bounds of a shift's length.
    ShiftLength,
    /// The contract's most shifts a week.
    DaysPerWeek,
    /// The contract's most days in a row.
    ConsecutiveDays,
    /// The contract's choice of shift templates.
    Templates,
    /// The contract's paid minutes of a day.
    DayPaid,
    /// The contract's least paid minutes on average.
    AverageLeast,
    /// The contract's most paid minutes on average.
    AverageMost,
    /// The contract's free weekends.
    Weekends,
    /// The contract's limits of night shifts.
    Nights,
    /// The contract's forward rotation.
    ForwardRotation,
    /// The contract's limit of how far the starts of a week lie apart.
    StartsWithin,
    /// The agent's availability.
    Availability,
    /// The agent's absences.
    Absences,
    /// The agent's shifts that stand.
    Fixed,
    /// What came before the horizon.
    History,
    /// Rest between shifts.
    RestBetween,
    /// Rest in the 24 hours from the start of a shift.
    DailyRest,
    /// Weekly rest.
    WeeklyRest,
    /// Days off.
    DaysOff,
    /// One break rule.
    Break(RuleId),
    /// Limits of stretches by law.
    Stretches,
    /// Longest stretch of work.
    LongestStretch,
    /// Shortest stretch between breaks.
    ShortestStretch,
    /// No break at the edges.
    Edge,
    /// Social time.
    Social,
    /// No rest break alone.
    NoRestAlone,
    /// Team-mates to be met in a week.
    LeastMet,
    /// The most of a team on break at once.
    LargestGroup,
    /// The windows of what must be held.
    HeldWindows,
    /// The dates of what must be held.
    HeldDates,
    /// The length of what must be held.
    HeldLength,
    /// The quorum of a meeting that must be held.
    Quorum,
    /// The share of the team that must come to a huddle.
    Share,
    /// Everything else that must be held.
    OthersHeld,
    /// The largest share of a team's people on shift on break at once.
    GroupShare,
}

/// A rule of a contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relaxation {
    /// The rule.
    pub group: RuleGroup,
    /// What it says for these agents.
    pub says: String,
    /// What relaxing it alone would give: the nearest bound that is enough, or that it must go. `None` where it alone is not enough.
    pub enough: Option<String>,
}

/// Rules that contradict each other, for the agents they do so for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The agents, in the order of the ids; of what must be held all who may be needed for it.
    pub agents: Vec<AgentId>,
    /// What must be held and cannot be for these rules, where it is that.
    pub held: Option<ActivityId>,
    /// A smallest set: without any one of them the rest do not contradict. Empty where the shift templates alone leave nothing.
    pub rules: Vec<Relaxation>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agents = self.agents.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", ");
        let held = self.held.as_ref().map(|held| format!(" with {held}")).unwrap_or_default();
        if self.rules.is_empty() {
            return write!(f, "for {agents} the shift templates alone leave no legal week{held}");
        }
        let must = self.held.as_ref().map(|held| format!("{held} must be held; ")).unwrap_or_default();
        write!(f, "{must}for {agents} these contradict, and without any one of them the rest do not: ")?;
        for (n, rule) in self.rules.iter().enumerate() {
            let enough = rule.enough.as_ref().map(|enough| format!(" ({enough})")).unwrap_or_default();
            write!(f, "{}{}{enough}", if n > 0 { "; " } else { "" }, rule.says)?;
        }
        Ok(())
    }
}

/// Why a plan failed, where rules contradict each other; nothing for any other error.
///
/// Where the search found no roster that keeps every promise, teams alone are searched as well, with a fixed number of steps: what is named
/// then is what a short search does not find a way around.
pub fn reasons(request: &Request, history: Option<&[QueueForecast]>, error: &PlanError) -> Vec<Conflict> {
    let (PlanError::Infeasible(infeasible) | PlanError::Unmet(infeasible)) = error else { return Vec::new() };
    let Ok(forecasts) = forecasts(request, history) else { return Vec::new() };
    let pools: Vec<Pool> = pools(request, forecasts.as_deref()).into_iter().map(|demand| demand.pool).collect();
    conflicts(request, &pools, infeasible, matches!(error, PlanError::Unmet(_)))
}

/// Whether a contradiction is one of an agent or of the team.
fn concerns(one: &Contradiction, id: &AgentId, own_team: &TeamId) -> bool {
    match one {
        Contradiction::TooFewMinutes { agent, .. }
        | Contradiction::NoFittingWeek { agent, .. }
        | Contradiction::FixedShift { agent, .. }
        | Contradiction::CreditAboveMost { agent, .. }
        | Contradiction::NoCompany { agent, .. }
        | Contradiction::TooFewMet { agent, .. } => agent == id,
        Contradiction::TeamTooSmall { team, .. } => team == own_team,
        Contradiction::NoLegalBreaks { .. } | Contradiction::NotHeld { .. } => false,
    }
}

/// Looks into the contradictions of a request; `searched` where a search found them.
pub fn conflicts(request: &Request, pools: &[Pool], infeasible: &Infeasible, searched: bool) -> Vec<Conflict> {
    let named = |agent: &&Agent| infeasible.contradictions.iter().any(|one| concerns(one, &agent.id, &agent.team));
    let mut agents: Vec<AgentId> = request.agents.iter().filter(named).map(|agent| agent.id.clone()).collect();
    agents.sort();
    let mut found: BTreeMap<Vec<RuleGroup>, Conflict> = BTreeMap::new();
    for agent in agents.into_iter().take(if searched { MOST_SEARCHED } else { MOST_AGENTS }) {
        let Some(case) = Case::of(request, pools, &agent, searched) else { continue };
        if case.feasible(&[]) {
            continue;
        }
        let kept = case.filter();
        let conflict = || Conflict { agents: Vec::new(), held: None, rules: kept.iter().map(|group| case.relaxation(group)).collect() };
        found.entry(kept.clone()).or_insert_with(conflict).agents.push(agent);
    }
    let held = infeasible.contradictions.iter().filter_map(|one| match one {
        Contradiction::NotHeld { activity, whom, .. } => looked_into(request, pools, activity, whom),
        _ => None,
    });
    found.into_values().chain(held.take(MOST_SEARCHED)).collect()
}

/// Why something that must be held cannot be.
fn looked_into(request: &Request, pools: &[Pool], activity: &ActivityId, whom: &str) -> Option<Conflict> {
    let contradicts = |searched| Case::of_held(request, pools, activity, whom, searched).filter(|case| !case.feasible(&[]));
    let case = contradicts(false).or_else(|| contradicts(true))?;
    let rules = case.filter().iter().map(|group| case.relaxation(group)).collect();
    let mut agents = case.agents.clone();
    agents.sort();
    Some(Conflict { agents, held: Some(activity.clone()), rules })
}

/// Pools that nobody of a case serves: what is asked for does not matter in it.
fn unserved(pools: &[Pool]) -> Vec<Pool> {
    pools.iter().map(|pool| Pool { agents: Vec::new(), ..pool.clone() }).collect()
}

/// One agent with her team, or those who are needed for an activity, in which rules can be relaxed.
struct Case {
    parts: RequestParts,
    pools: Vec<Pool>,
    agents: Vec<AgentId>,
    teams: BTreeSet<TeamId>,
    /// Whether a search must find a roster; else it is enough that nothing contradicts.
    searched: bool,
    /// What must be held.
    held: Option<ActivityId>,
}

impl Case {
    fn of(request: &Request, pools: &[Pool], agent: &AgentId, searched: bool) -> Option<Self> {
        let own = request.agents.iter().find(|other| &other.id == agent)?;
        let mut parts = (**request).clone();
        parts.activities.clear();
        parts.retain_agents(|other| other.team == own.team);
        parts.demand = fika_model::demand::DemandSource::History { until: None };
        let (agents, teams) = (vec![agent.clone()], BTreeSet::from([own.team.clone()]));
        Some(Self { parts, pools: unserved(pools), agents, teams, searched, held: None })
    }

    fn groups(&self) -> Vec<RuleGroup> {
        use RuleGroup as G;
        let breaks = self.parts.breaks.iter().map(|rule| G::Break(rule.id.clone()));
        let first = [
            G::History,
            G::Templates,
            G::ShiftLength,
            G::DayPaid,
            G::StartsWithin,
            G::ForwardRotation,
            G::Nights,
            G::Weekends,
            G::ConsecutiveDays,
            G::DaysPerWeek,
            G::DaysOff,
            G::WeeklyRest,
            G::DailyRest,
            G::RestBetween,
        ];
        let last = [
            G::ShortestStretch,
            G::Edge,
            G::LongestStretch,
            G::Stretches,
            G::LargestGroup,
            G::GroupShare,
            G::LeastMet,
            G::NoRestAlone,
            G::Social,
            G::Fixed,
            G::Absences,
            G::Availability,
            G::AverageMost,
            G::AverageLeast,
            G::WeekMost,
            G::WeekLeast,
        ];
        first.into_iter().chain(breaks).chain(last).chain(self.groups_of_held()).collect()
    }

    /// Whether the agent has a legal week with these rules relaxed.
    fn feasible(&self, relaxed: &[RuleGroup]) -> bool {
        self.feasible_with(|parts| relaxed.iter().for_each(|group| self.relax(parts, group)))
    }

    fn feasible_with(&self, change: impl FnOnce(&mut RequestParts)) -> bool {
        let mut parts = self.parts.clone();
        change(&mut parts);
        let Ok(request) = Request::check(parts) else { return false };
        let mine = |one: &Contradiction| {
            let of_team = |agent: &AgentId| request.agents.iter().find(|own| &own.id == agent).map(|own| &own.team);
            self.agents.iter().any(|agent| of_team(agent).is_some_and(|team| concerns(one, agent, team)))
        };
        match Problem::new(&request, self.pools.clone()) {
            Ok(problem) if self.held.is_some() => self.is_holdable(&request, &problem),
            Ok(problem) if self.searched => !solve(&problem, &ShortSearch::default(), &mut |_| ()).unmet.iter().any(mine),
            Ok(_) => true,
            Err(infeasible) => !infeasible.contradictions.iter().any(mine),
        }
    }

    /// What is left when every rule has gone that can go; each of it is needed.
    fn filter(&self) -> Vec<RuleGroup> {
        let groups = self.groups();
        if !self.feasible(&groups) {
            return Vec::new();
        }
        let mut relaxed: Vec<RuleGroup> = Vec::new();
        for group in &groups {
            relaxed.push(group.clone());
            if self.feasible(&relaxed) {
                relaxed.pop();
            }
        }
        groups.into_iter().filter(|group| !relaxed.contains(group)).collect()
    }
}

/// The request without the agents that the contradictions name, and those agents; activities that must be held and cannot be are held if
/// there is room, and named too. `None` where nothing is named or nobody is left.
fn without_contradicted(request: &Request, infeasible: &Infeasible) -> Option<(Request, Vec<AgentId>, Vec<ActivityId>)> {
    let named = |agent: &&Agent| infeasible.contradictions.iter().any(|one| concerns(one, &agent.id, &agent.team));
    let mut out: Vec<AgentId> = request.agents.iter().filter(named).map(|agent| agent.id.clone()).collect();
    let not_held = |one: &Contradiction| if let Contradiction::NotHeld { activity, .. } = one { Some(activity.clone()) } else { None };
    let mut waived: Vec<ActivityId> = infeasible.contradictions.iter().filter_map(not_held).collect();
    out.sort();
    waived.sort();
    waived.dedup();
    if out.is_empty() && waived.is_empty() {
        return None;
    }
    request.without(&out, &waived).ok().map(|served| (served, out, waived))
}

/// Where rules contradict a request: the best roster for those who can be served, and their request. Its summary names the others. `solve`
/// is asked until it has one or nobody is left; what it cannot do for another reason is its own error.
pub fn serve_the_rest<E>(
    request: &Request,
    error: &PlanError,
    mut solve: impl FnMut(&Request) -> Result<Result<Planned, PlanError>, E>,
) -> Result<Option<(Request, Planned)>, E> {
    let (PlanError::Infeasible(infeasible) | PlanError::Unmet(infeasible)) = error else { return Ok(None) };
    let (mut infeasible, mut left_out, mut waived, mut request) = (infeasible.clone(), Vec::new(), Vec::new(), request.clone());
    while let Some((served, more, given_way)) = without_contradicted(&request, &infeasible) {
        left_out.extend(more);
        waived.extend(given_way);
        request = served;
        match solve(&request)? {
            Ok(mut planned) => {
                left_out.sort();
                waived.sort();
                (planned.summary.left_out, planned.summary.waived) = (left_out, waived);
                return Ok(Some((request, planned)));
            }
            Err(PlanError::Infeasible(next) | PlanError::Unmet(next)) => infeasible = next,
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
