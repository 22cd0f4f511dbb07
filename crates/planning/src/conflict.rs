//! Why a request is infeasible: a smallest set of rules that contradict each other, and what relaxing each would give.
//!
//! A deletion filter: rules are relaxed one after the other and stay relaxed where the contradiction stays without them; what is left
//! contradicts, and each of it is needed. How far a rule must give way is found by halving. Nothing is relaxed in what is planned.

use std::collections::BTreeMap;
use std::fmt;

use fika_model::forecast::QueueForecast;
use fika_model::people::MinutesRange;
use fika_model::request::RequestParts;
use fika_model::{AgentId, Minutes, Request, RuleId, TeamId};
use fika_solver::{Contradiction, Infeasible, Pool, Problem};

use crate::error::PlanError;
use crate::forecasting::forecasts;
use crate::plan::Planned;
use crate::pools::pools;

/// Agents that are looked into; the rest share their reasons or are told by their contradictions.
const MOST_AGENTS: usize = 12;

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
    /// The agent's availability.
    Availability,
    /// The agent's absences.
    Absences,
    /// What came before the horizon.
    History,
    /// Rest between shifts.
    RestBetween,
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
    /// The agents, in the order of the ids.
    pub agents: Vec<AgentId>,
    /// A smallest set: without any one of them the rest do not contradict. Empty where the shift templates alone leave nothing.
    pub rules: Vec<Relaxation>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agents = self.agents.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", ");
        if self.rules.is_empty() {
            return write!(f, "for {agents} the shift templates alone leave no legal week");
        }
        write!(f, "for {agents} these contradict, and without any one of them the rest do not: ")?;
        for (n, rule) in self.rules.iter().enumerate() {
            let enough = rule.enough.as_ref().map(|enough| format!(" ({enough})")).unwrap_or_default();
            write!(f, "{}{}{enough}", if n > 0 { "; " } else { "" }, rule.says)?;
        }
        Ok(())
    }
}

/// Why a plan failed, where rules contradict each other; nothing for any other error.
pub fn reasons(request: &Request, history: Option<&[QueueForecast]>, error: &PlanError) -> Vec<Conflict> {
    let PlanError::Infeasible(infeasible) = error else { return Vec::new() };
    let Ok(forecasts) = forecasts(request, history) else { return Vec::new() };
    let pools: Vec<Pool> = pools(request, forecasts.as_deref()).into_iter().map(|demand| demand.pool).collect();
    conflicts(request, &pools, infeasible)
}

/// Looks into the contradictions of a request.
pub fn conflicts(request: &Request, pools: &[Pool], infeasible: &Infeasible) -> Vec<Conflict> {
    let mut agents: Vec<AgentId> = Vec::new();
    for one in &infeasible.contradictions {
        match one {
            Contradiction::TooFewMinutes { agent, .. }
            | Contradiction::NoFittingWeek { agent, .. }
            | Contradiction::CreditAboveMost { agent, .. } => agents.push(agent.clone()),
            Contradiction::TeamTooSmall { team, .. } => {
                agents.extend(request.agents.iter().filter(|agent| &agent.team == team).map(|agent| agent.id.clone()));
            }
            _ => {}
        }
    }
    agents.sort();
    agents.dedup();
    let mut found: BTreeMap<Vec<RuleGroup>, Conflict> = BTreeMap::new();
    for agent in agents.into_iter().take(MOST_AGENTS) {
        let Some(case) = Case::of(request, pools, &agent) else { continue };
        if case.feasible(&[]) {
            continue;
        }
        let kept = case.filter();
        let conflict = || Conflict { agents: Vec::new(), rules: kept.iter().map(|group| case.relaxation(group)).collect() };
        found.entry(kept.clone()).or_insert_with(conflict).agents.push(agent);
    }
    found.into_values().collect()
}

/// One agent with her team, in which rules can be relaxed.
struct Case {
    parts: RequestParts,
    pools: Vec<Pool>,
    agent: AgentId,
    team: TeamId,
}

impl Case {
    fn of(request: &Request, pools: &[Pool], agent: &AgentId) -> Option<Self> {
        let own = request.agents.iter().find(|other| &other.id == agent)?;
        let mut parts = (**request).clone();
        parts.agents.retain(|other| other.team == own.team);
        for other in &mut parts.agents {
            other.wishes.clear();
        }
        parts.demand = fika_model::demand::DemandSource::History { until: None };
        let pools = pools.iter().map(|pool| Pool { agents: Vec::new(), ..pool.clone() }).collect();
        Some(Self { parts, pools, agent: agent.clone(), team: own.team.clone() })
    }

    fn groups(&self) -> Vec<RuleGroup> {
        use RuleGroup as G;
        let breaks = self.parts.breaks.iter().map(|rule| G::Break(rule.id.clone()));
        let first =
            [G::History, G::Templates, G::ShiftLength, G::ConsecutiveDays, G::DaysPerWeek, G::DaysOff, G::WeeklyRest, G::RestBetween];
        let last = [
            G::ShortestStretch,
            G::Edge,
            G::LongestStretch,
            G::Stretches,
            G::Social,
            G::Absences,
            G::Availability,
            G::WeekMost,
            G::WeekLeast,
        ];
        first.into_iter().chain(breaks).chain(last).collect()
    }

    /// Whether the agent has a legal week with these rules relaxed.
    fn feasible(&self, relaxed: &[RuleGroup]) -> bool {
        self.feasible_with(|parts| relaxed.iter().for_each(|group| self.relax(parts, group)))
    }

    fn feasible_with(&self, change: impl FnOnce(&mut RequestParts)) -> bool {
        let mut parts = self.parts.clone();
        change(&mut parts);
        let Ok(request) = Request::check(parts) else { return false };
        let concerns = |one: &Contradiction| match one {
            Contradiction::TooFewMinutes { agent, .. }
            | Contradiction::NoFittingWeek { agent, .. }
            | Contradiction::CreditAboveMost { agent, .. } => agent == &self.agent,
            Contradiction::TeamTooSmall { team, .. } => team == &self.team,
            _ => false,
        };
        match Problem::new(&request, self.pools.clone()) {
            Ok(_) => true,
            Err(infeasible) => !infeasible.contradictions.iter().any(concerns),
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

    fn contract_of(&self) -> Option<usize> {
        let own = self.parts.agents.iter().find(|agent| agent.id == self.agent)?;
        self.parts.contracts.iter().position(|contract| contract.id == own.contract)
    }

    fn relax(&self, parts: &mut RequestParts, group: &RuleGroup) {
        use RuleGroup as G;
        let shortest = parts.templates.iter().map(|template| template.length_from).min().unwrap_or_default();
        let longest = parts.templates.iter().map(|template| template.length_to).max().unwrap_or_default();
        match group {
            G::WeeklyRest => parts.rest.weekly = Minutes::ZERO,
            G::RestBetween => parts.rest.between_shifts = Minutes::ZERO,
            G::DaysOff => parts.rest.days_off_per_week = 0,
            G::Break(id) => parts.breaks.retain(|rule| &rule.id != id),
            G::LongestStretch => parts.wellbeing.longest_stretch = Minutes::of(1440),
            G::Stretches => parts.stretches.clear(),
            G::ShortestStretch => parts.wellbeing.shortest_stretch = Minutes::ZERO,
            G::Edge => parts.wellbeing.edge = Minutes::ZERO,
            G::Social => parts.wellbeing.social = Minutes::ZERO,
            G::Availability | G::Absences | G::History => {
                if let Some(own) = parts.agents.iter_mut().find(|agent| agent.id == self.agent) {
                    match group {
                        G::Availability => own.availability.clear(),
                        G::Absences => own.absences.clear(),
                        _ => (own.last_shift_end, own.days_worked_before) = (None, 0),
                    }
                }
            }
            G::WeekLeast | G::WeekMost | G::ShiftLength | G::DaysPerWeek | G::ConsecutiveDays | G::Templates => {
                let Some(contract) = self.contract_of().map(|n| &mut parts.contracts[n]) else { return };
                match group {
                    G::WeekLeast => contract.week_paid.least = Minutes::ZERO,
                    G::WeekMost => contract.week_paid.most = Minutes::of(7 * 1440),
                    G::ShiftLength => contract.shift_length = MinutesRange { least: shortest, most: longest },
                    G::DaysPerWeek => contract.most_days_per_week = 7,
                    G::ConsecutiveDays => contract.most_consecutive_days = 92,
                    _ => contract.templates.clear(),
                }
            }
        }
    }

    fn relaxation(&self, group: &RuleGroup) -> Relaxation {
        let enough = self.feasible(std::slice::from_ref(group)).then(|| self.nearest(group));
        Relaxation { group: group.clone(), says: self.says(group), enough }
    }

    /// The nearest bound at which the rule alone gives way.
    fn nearest(&self, group: &RuleGroup) -> String {
        use RuleGroup as G;
        let contract = self.contract_of().map(|n| &self.parts.contracts[n]);
        let (rest, well) = (&self.parts.rest, &self.parts.wellbeing);
        let minutes = |value: u32| Minutes::of(value as u16);
        let of_contract = |parts: &mut RequestParts, set: &dyn Fn(&mut fika_model::people::Contract)| {
            if let Some(n) = self.contract_of() {
                set(&mut parts.contracts[n]);
            }
        };
        match (group, contract) {
            (G::WeekLeast, Some(contract)) => {
                let most = self.largest(contract.week_paid.least.get(), |p, v| of_contract(p, &|c| c.week_paid.least = minutes(v)));
                format!("at most {most} paid minutes a week can be had")
            }
            (G::WeekMost, Some(contract)) => {
                let from = contract.week_paid.most.get();
                let least = self.smallest(from, 7 * 1440, |p, v| of_contract(p, &|c| c.week_paid.most = minutes(v)));
                format!("{least} paid minutes a week must be allowed")
            }
            (G::DaysPerWeek, Some(contract)) => {
                let least = self.smallest(contract.most_days_per_week, 7, |p, v| of_contract(p, &|c| c.most_days_per_week = v));
                format!("{least} shifts a week must be allowed")
            }
            (G::ConsecutiveDays, Some(contract)) => {
                let from = contract.most_consecutive_days;
                let least = self.smallest(from, 92, |p, v| of_contract(p, &|c| c.most_consecutive_days = v));
                format!("{least} days in a row must be allowed")
            }
            (G::RestBetween, _) => {
                let most = self.largest(rest.between_shifts.get(), |p, v| p.rest.between_shifts = minutes(v));
                format!("at most {most} minutes of rest between shifts can be had")
            }
            (G::WeeklyRest, _) => {
                let most = self.largest(rest.weekly.get(), |p, v| p.rest.weekly = minutes(v));
                format!("at most {most} minutes of rest in the week can be had")
            }
            (G::DaysOff, _) => {
                format!("at most {} days off can be had", self.largest(rest.days_off_per_week, |p, v| p.rest.days_off_per_week = v))
            }
            (G::LongestStretch, _) => {
                let least = self.smallest(well.longest_stretch.get(), 1440, |p, v| p.wellbeing.longest_stretch = minutes(v));
                format!("a stretch of {least} minutes must be allowed")
            }
            (G::ShortestStretch, _) => {
                let most = self.largest(well.shortest_stretch.get(), |p, v| p.wellbeing.shortest_stretch = minutes(v));
                format!("a stretch of {most} minutes between breaks must be allowed")
            }
            (G::Edge, _) => {
                let most = self.largest(well.edge.get(), |p, v| p.wellbeing.edge = minutes(v));
                format!("a break {most} minutes from the shift's start or end must be allowed")
            }
            (G::Social, _) => {
                let most = self.largest(well.social.get(), |p, v| p.wellbeing.social = minutes(v));
                format!("at most {most} minutes of social time can be had")
            }
            _ => "without it there is a legal week".to_owned(),
        }
    }

    /// The largest value below a bound that is too much, if zero is not; every smaller one does as well.
    fn largest(&self, too_much: u32, set: impl Fn(&mut RequestParts, u32)) -> u32 {
        let (mut good, mut bad) = (0, too_much);
        while bad > good + 1 {
            let middle = good + (bad - good) / 2;
            if self.feasible_with(|parts| set(parts, middle)) { good = middle } else { bad = middle }
        }
        good
    }

    /// The smallest value above a bound that is too little, up to one that is enough.
    fn smallest(&self, too_little: u32, enough: u32, set: impl Fn(&mut RequestParts, u32)) -> u32 {
        let (mut bad, mut good) = (too_little, enough.max(too_little + 1));
        while good > bad + 1 {
            let middle = bad + (good - bad) / 2;
            if self.feasible_with(|parts| set(parts, middle)) { good = middle } else { bad = middle }
        }
        good
    }

    fn says(&self, group: &RuleGroup) -> String {
        use RuleGroup as G;
        let contract = self.contract_of().map(|n| &self.parts.contracts[n]);
        let own = self.parts.agents.iter().find(|agent| agent.id == self.agent);
        let (rest, well) = (&self.parts.rest, &self.parts.wellbeing);
        match (group, contract, own) {
            (G::WeekLeast, Some(c), _) => format!("contract {}: at least {} paid minutes a week", c.id, c.week_paid.least.get()),
            (G::WeekMost, Some(c), _) => format!("contract {}: at most {} paid minutes a week", c.id, c.week_paid.most.get()),
            (G::ShiftLength, Some(c), _) => {
                format!("contract {}: shifts of {} to {} minutes", c.id, c.shift_length.least.get(), c.shift_length.most.get())
            }
            (G::DaysPerWeek, Some(c), _) => format!("contract {}: at most {} shifts a week", c.id, c.most_days_per_week),
            (G::ConsecutiveDays, Some(c), _) => format!("contract {}: at most {} days in a row", c.id, c.most_consecutive_days),
            (G::Templates, Some(c), _) => format!("contract {}: only {} shift templates", c.id, c.templates.len()),
            (G::Availability, _, Some(own)) => format!("availability in {} windows", own.availability.len()),
            (G::Absences, _, Some(own)) => format!("{} absences", own.absences.len()),
            (G::RestBetween, ..) => format!("{} minutes of rest between shifts", rest.between_shifts.get()),
            (G::WeeklyRest, ..) => format!("{} minutes of rest in each week", rest.weekly.get()),
            (G::DaysOff, ..) => format!("{} days off in each week", rest.days_off_per_week),
            (G::Break(id), ..) => format!("break rule {id}"),
            (G::Stretches, ..) => format!("{} limits of stretches by law", self.parts.stretches.len()),
            (G::LongestStretch, ..) => format!("no stretch longer than {} minutes", well.longest_stretch.get()),
            (G::ShortestStretch, ..) => format!("no stretch between breaks shorter than {} minutes", well.shortest_stretch.get()),
            (G::Edge, ..) => format!("no break within {} minutes of a shift's start or end", well.edge.get()),
            (G::Social, ..) => {
                format!("{} minutes of social time with {} companions", well.social.get(), well.social_companions)
            }
            _ => "the shifts before the horizon".to_owned(),
        }
    }
}

/// The request without the agents that the contradictions name, and those agents; `None` where nobody is named or nobody is left.
fn without_contradicted(request: &Request, infeasible: &Infeasible) -> Option<(Request, Vec<AgentId>)> {
    let named = |agent: &fika_model::people::Agent| {
        infeasible.contradictions.iter().any(|one| match one {
            Contradiction::TooFewMinutes { agent: id, .. }
            | Contradiction::NoFittingWeek { agent: id, .. }
            | Contradiction::FixedShift { agent: id, .. }
            | Contradiction::CreditAboveMost { agent: id, .. }
            | Contradiction::NoCompany { agent: id, .. }
            | Contradiction::TooFewMet { agent: id, .. } => id == &agent.id,
            Contradiction::TeamTooSmall { team, .. } => team == &agent.team,
            Contradiction::NoLegalBreaks { .. } => false,
        })
    };
    let mut out: Vec<AgentId> = request.agents.iter().filter(|agent| named(agent)).map(|agent| agent.id.clone()).collect();
    out.sort();
    if out.is_empty() {
        return None;
    }
    request.without(&out).ok().map(|served| (served, out))
}

/// Where rules contradict a request: the best roster for those who can be served, and their request. Its summary names the others. `solve` is
/// asked until it has one or nobody is left; what it cannot do for another reason is its own error.
pub fn serve_the_rest<E>(
    request: &Request,
    error: &PlanError,
    mut solve: impl FnMut(&Request) -> Result<Result<Planned, PlanError>, E>,
) -> Result<Option<(Request, Planned)>, E> {
    let (PlanError::Infeasible(infeasible) | PlanError::Unmet(infeasible)) = error else { return Ok(None) };
    let (mut infeasible, mut left_out, mut request) = (infeasible.clone(), Vec::new(), request.clone());
    while let Some((served, more)) = without_contradicted(&request, &infeasible) {
        left_out.extend(more);
        request = served;
        match solve(&request)? {
            Ok(mut planned) => {
                left_out.sort();
                planned.summary.left_out = left_out;
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
