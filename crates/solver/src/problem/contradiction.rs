//! Why a request cannot be met: rules and what an agent may work contradict each other.
//!
//! Each contradiction names the agent or the team, the amount asked for and the most that the rules leave.

use std::collections::BTreeMap;
use std::fmt;

use fika_model::calendar::Date;
use fika_model::fault::FaultCode;
use fika_model::{ActivityId, AgentId, Faults, TeamId};
use thiserror::Error;

use crate::path::{Choice, DayChoices, Pathfinder};
use crate::problem::{Person, Problem};

/// One contradiction between hard rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// No shift template, contract and availability together leave an agent enough paid minutes in a week.
    TooFewMinutes {
        /// Position of the agent in the request.
        position: usize,
        /// The agent.
        agent: AgentId,
        /// First day of the week.
        week: Date,
        /// Paid minutes the contract asks for, absences credited.
        least: i32,
        /// The most that the rules leave.
        reachable: i32,
    },
    /// Weeks can be short enough and long enough, but no set of legal shifts lies between the contract's bounds.
    NoFittingWeek {
        /// Position of the agent in the request.
        position: usize,
        /// The agent.
        agent: AgentId,
    },
    /// A shift that stands is not one that template, contract, availability and breaks allow.
    FixedShift {
        /// Position of the agent in the request.
        position: usize,
        /// The agent.
        agent: AgentId,
        /// The day of the shift.
        day: Date,
    },
    /// The credited absences alone pass the contract's most paid minutes.
    CreditAboveMost {
        /// Position of the agent in the request.
        position: usize,
        /// The agent.
        agent: AgentId,
        /// First day of the week.
        week: Date,
        /// By how many minutes.
        excess: i32,
    },
    /// A team is too small for its members to have the companions that social time asks for.
    TeamTooSmall {
        /// The team.
        team: TeamId,
        /// Its members.
        members: u32,
        /// The companions that each member needs.
        companions: u32,
    },
    /// Templates give shifts of a length for which the rules leave no legal breaks, and an agent has no other.
    NoLegalBreaks {
        /// Position of the shift template in the request.
        template: usize,
        /// Length of the shift, in minutes.
        length_minutes: u32,
    },
    /// No arrangement was found that gives a shift its company, and the contract does not let the shift go.
    NoCompany {
        /// Position of the agent in the request.
        position: usize,
        /// The agent.
        agent: AgentId,
        /// The day of the shift.
        day: Date,
        /// Minutes of social time, and of rest with company, that are missing, and of breaks in groups that are too large.
        missing_minutes: i64,
    },
    /// An activity that must be held found no place.
    NotHeld {
        /// Position of the activity in the request.
        position: usize,
        /// The activity.
        activity: ActivityId,
        /// The agent or the team that it is for; empty where it is for everybody invited.
        whom: String,
        /// Why, in a sentence.
        reason: String,
    },
    /// No arrangement was found in which an agent meets as many team-mates in a week as promised.
    TooFewMet {
        /// Position of the agent in the request.
        position: usize,
        /// The agent.
        agent: AgentId,
        /// First day of the week.
        week: Date,
        /// Team-mates to be met.
        required: u32,
        /// Those she meets.
        met: u32,
    },
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewMinutes { agent, week, least, reachable, .. } => write!(
                f,
                "agent {agent} must have {least} paid minutes in the week from {week}; \
                 contract, availability and rest leave at most {reachable}"
            ),
            Self::NoFittingWeek { agent, .. } => {
                write!(f, "no set of legal shifts gives agent {agent} paid minutes between the contract's least and most in every week")
            }
            Self::FixedShift { agent, day, .. } => {
                write!(f, "the fixed shift of agent {agent} on {day} is none that template, contract, availability and breaks allow")
            }
            Self::CreditAboveMost { agent, week, excess, .. } => {
                write!(f, "absences credit agent {agent} with {excess} minutes more than the contract's most in the week from {week}")
            }
            Self::TeamTooSmall { team, members, companions } => {
                write!(f, "team {team} has {members} members; each needs {companions} companions at once for social time")
            }
            Self::NoLegalBreaks { template, length_minutes } => {
                write!(f, "shifts of {length_minutes} minutes (template {template}) have no legal arrangement of breaks")
            }
            Self::NotHeld { activity, whom, reason, .. } if whom.is_empty() => write!(f, "{activity} must be held: {reason}"),
            Self::NotHeld { activity, whom, reason, .. } => write!(f, "{activity} must be held for {whom}: {reason}"),
            Self::NoCompany { agent, day, missing_minutes, .. } => {
                write!(
                    f,
                    "no company found for agent {agent} on {day}: {missing_minutes} minutes are missing, and the contract needs the shift"
                )
            }
            Self::TooFewMet { agent, week, required, met, .. } => {
                write!(f, "agent {agent} meets {met} team-mates in the week from {week}, where {required} are promised")
            }
        }
    }
}

/// A request whose hard rules contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{}", counted(contradictions.len()), contradictions.first().map(ToString::to_string).unwrap_or_default())]
pub struct Infeasible {
    /// All that were found; never empty.
    pub contradictions: Vec<Contradiction>,
}

/// What comes before the first of so many contradictions.
fn counted(contradictions: usize) -> String {
    if contradictions == 1 { "one contradiction: ".to_owned() } else { format!("{contradictions} contradictions, the first: ") }
}

impl Infeasible {
    /// The contradictions as faults of the request, each with its place.
    pub fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        for one in &self.contradictions {
            let at = match one {
                Contradiction::TooFewMinutes { position, .. }
                | Contradiction::NoFittingWeek { position, .. }
                | Contradiction::FixedShift { position, .. }
                | Contradiction::CreditAboveMost { position, .. }
                | Contradiction::NoCompany { position, .. }
                | Contradiction::TooFewMet { position, .. } => format!("agents[{position}]"),
                Contradiction::NotHeld { position, .. } => format!("activities[{position}].must"),
                Contradiction::TeamTooSmall { .. } => "wellbeing.socialCompanions".to_owned(),
                Contradiction::NoLegalBreaks { template, .. } => format!("shiftTemplates[{template}]"),
            };
            faults.push(FaultCode::Contradiction, at, one);
        }
        faults
    }
}

/// Looks at every agent alone: is there any legal week?
pub(super) fn find(problem: &Problem, unplaceable: Vec<(u16, u32)>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut finder = Pathfinder::default();
    let mut known: BTreeMap<_, bool> = BTreeMap::new();
    let mut without_shift = false;
    for person in &problem.people {
        let agent = &problem.request.agents[person.position];
        let before = found.len();
        for (week, limits) in person.weeks.iter().enumerate() {
            if limits.most < 0 {
                let week = problem.request.days.date(fika_model::DayIndex::new(week as u32 * 7));
                found.push(Contradiction::CreditAboveMost {
                    position: person.position,
                    agent: agent.id.clone(),
                    week,
                    excess: -limits.most,
                });
            }
        }
        let key = (&person.lists, &person.weeks, person.most_consecutive, person.last_end, person.days_before, &person.limits);
        let before_fixed = found.len();
        fixed_without_option(problem, person, &mut found);
        if found.len() > before_fixed {
            continue;
        }
        let legal = *known
            .entry(key)
            .or_insert_with(|| finder.best(problem, person, &choices(problem, person, |_| 0), 0, &mut Vec::new()).is_some());
        if legal || found.len() > before {
            continue;
        }
        without_shift |= person.lists.iter().any(|list| problem.lists[*list as usize].is_empty());
        found.push(why(problem, &mut finder, person));
    }
    if without_shift {
        found.extend(
            unplaceable
                .into_iter()
                .map(|(template, length_minutes)| Contradiction::NoLegalBreaks { template: usize::from(template), length_minutes }),
        );
    }
    small_teams(problem, &mut found);
    found
}

/// Shifts that stand although some rule forbids each of their options.
fn fixed_without_option(problem: &Problem, person: &Person, found: &mut Vec<Contradiction>) {
    let agent = &problem.request.agents[person.position];
    for day in &person.limits.must {
        if problem.lists[person.lists[usize::from(*day)] as usize].is_empty() {
            let day = problem.request.days.date(fika_model::DayIndex::new(u32::from(*day)));
            found.push(Contradiction::FixedShift { position: person.position, agent: agent.id.clone(), day });
        }
    }
}

fn small_teams(problem: &Problem, found: &mut Vec<Contradiction>) {
    let companions = problem.company.companions;
    let must_work = |n: &u32| problem.people[*n as usize].weeks.iter().any(|week| week.least > 0);
    for (team, data) in problem.request.teams.iter().zip(&problem.teams) {
        let members = data.members.len() as u32;
        if problem.company.need > 0 && members <= companions && data.members.iter().any(must_work) {
            found.retain(|one| {
                !matches!(one, Contradiction::TooFewMinutes { agent, .. }
                if data.members.iter().any(|n| &problem.request.agents[problem.people[*n as usize].position].id == agent))
            });
            found.push(Contradiction::TeamTooSmall { team: team.id.clone(), members, companions });
        }
    }
}

fn why(problem: &Problem, finder: &mut Pathfinder, person: &Person) -> Contradiction {
    let agent = problem.request.agents[person.position].id.clone();
    let mut free = person.clone();
    for week in &mut free.weeks {
        week.least = 0;
    }
    let days = choices(problem, &free, i64::from);
    let mut path = Vec::new();
    finder.best(problem, &free, &days, 0, &mut path);
    for (week, limits) in person.weeks.iter().enumerate() {
        let paid = |day: usize| path.get(day).copied().flatten().map_or(0, |n: usize| days[day].choices[n].paid);
        let reachable: i32 = problem.week_days(week).map(paid).sum();
        if reachable < limits.least {
            let week = problem.request.days.date(fika_model::DayIndex::new(week as u32 * 7));
            return Contradiction::TooFewMinutes { position: person.position, agent, week, least: limits.least, reachable };
        }
    }
    Contradiction::NoFittingWeek { position: person.position, agent }
}

/// Every option of every day, priced by its paid minutes.
pub(crate) fn choices(problem: &Problem, person: &Person, value: impl Fn(i32) -> i64) -> Vec<DayChoices> {
    let choice = |number: &u32| {
        let option = &problem.options[*number as usize];
        let paid = option.paid as i32;
        Choice { option: *number, value: value(paid), start: option.start_minute, end: problem.end_minute(option), paid }
    };
    let day = |list: &u32| DayChoices::of(problem.lists[*list as usize].iter().map(choice).collect(), Some(0));
    person.lists.iter().map(day).collect()
}

#[cfg(test)]
mod tests;
