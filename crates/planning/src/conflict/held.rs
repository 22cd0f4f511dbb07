//! Why something that must be held beside calls cannot be: its people, in whose rules and in whose own terms of it things are relaxed.
//!
//! Looked at first: has each who is needed a legal week with a shift that holds it, whatever others do? If so, it is searched for in the
//! teams alone. What the first look says is a proof; what the second says is what a short search does not find a way around.

use fika_model::agenda::{AskedActivity, Circle, Coach, Occasion, Party};
use fika_model::people::Agent;
use fika_model::request::RequestParts;
use fika_model::roster::ActivityOutcome;
use fika_model::{ActivityId, AgentId, Digest, Fraction, Minute, Minutes, Request, Roster, RosterId, Span};
use fika_solver::{Pool, Problem, Session};

use super::{Case, RuleGroup, ShortSearch, unserved};
use crate::agenda::{piece_of, solved};
use crate::making::Making;
use crate::plan::{PlanIds, PlanSettings};
use crate::pools::pools;
use crate::seal::Seal;

/// No digest: what is made here is looked at and dropped.
struct Unsealed;

impl Seal for Unsealed {
    fn request(&self, _: &Request) -> Digest {
        Digest([0; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([0; 32])
    }
}

impl Case {
    /// An activity that must be held for somebody; with their teams and what else must be held where it is to be searched for.
    pub(super) fn of_held(request: &Request, pools: &[Pool], activity: &ActivityId, whom: &str, searched: bool) -> Option<Self> {
        let position = request.activities.iter().position(|asked| &asked.id == activity)?;
        let mut parts = (**request).clone();
        let asked = &mut parts.activities[position];
        asked.must = true;
        let named = |id: &AgentId| id.as_str() == whom;
        let of_team = |agent: &AgentId| request.agents.iter().filter(|own| &own.id == agent).map(|own| own.team.clone()).next();
        let agents: Vec<AgentId> = match &mut asked.circle {
            Circle::Training { agents, .. } => {
                agents.retain(named);
                agents.clone()
            }
            Circle::Coaching { coach, coached } => {
                let others = std::mem::take(coached);
                coached.extend(others.iter().filter(|id| named(id)).cloned());
                let team = coached.first().and_then(of_team);
                let may = |agent: &&Agent| {
                    coach.may_be(agent)
                        && (matches!(coach, Coach::Agent(_)) || (Some(&agent.team) == team.as_ref() && !others.contains(&agent.id)))
                };
                coached.iter().cloned().chain(request.agents.iter().filter(may).map(|agent| agent.id.clone())).collect()
            }
            Circle::Meeting { invited, .. } => invited.clone(),
            Circle::Huddle { teams, .. } => {
                *teams = request.teams.iter().map(|team| team.id.clone()).filter(|team| team.as_str() == whom).collect();
                request.agents.iter().filter(|agent| teams.contains(&agent.team)).map(|agent| agent.id.clone()).collect()
            }
        };
        let of_them = |agent: &Agent| agents.contains(&agent.id);
        let teams = request.agents.iter().filter(|agent| of_them(agent)).map(|agent| agent.team.clone()).collect();
        let mut case = Self { parts, pools: unserved(pools), agents, teams, searched, held: Some(activity.clone()) };
        case.narrow();
        (!case.agents.is_empty()).then_some(case)
    }

    /// Leaves nobody and nothing that has no part in it.
    fn narrow(&mut self) {
        let Self { parts, agents, teams, searched, held, .. } = self;
        parts.activities.retain(|asked| Some(&asked.id) == held.as_ref() || (*searched && asked.must));
        parts.back_office.clear();
        parts.demand = fika_model::demand::DemandSource::History { until: None };
        if *searched {
            parts.retain_agents(|agent| teams.contains(&agent.team));
        } else {
            parts.retain_agents(|agent| agents.contains(&agent.id));
            // Company is a matter of the whole team.
            parts.wellbeing.social = Minutes::ZERO;
            (parts.wellbeing.no_rest_alone, parts.wellbeing.least_met_a_week) = (false, 0);
        }
    }

    /// What can be relaxed of the activity itself.
    pub(super) fn groups_of_held(&self) -> Vec<RuleGroup> {
        use RuleGroup as G;
        let Some(asked) = self.asked(&self.parts) else { return Vec::new() };
        let circle = match &asked.circle {
            Circle::Meeting { .. } => Some(G::Quorum),
            Circle::Huddle { .. } => Some(G::Share),
            _ => None,
        };
        let windows = (!asked.windows.is_empty()).then_some(G::HeldWindows);
        let dates = asked.dates.map(|_| G::HeldDates);
        let others = (self.parts.activities.len() > 1).then_some(G::OthersHeld);
        [others, dates, windows, circle, Some(G::HeldLength)].into_iter().flatten().collect()
    }

    pub(super) fn asked<'p>(&self, parts: &'p RequestParts) -> Option<&'p AskedActivity> {
        parts.activities.iter().find(|asked| Some(&asked.id) == self.held.as_ref())
    }

    /// Whether the activity can be held under a request.
    pub(super) fn is_holdable(&self, request: &Request, problem: &Problem) -> bool {
        let Some(held) = &self.held else { return true };
        if self.searched {
            return is_found(request);
        }
        let occasions = request.occasions();
        occasions.iter().filter(|one| &one.activity.id == held).all(|one| has_time(request, problem, one))
    }
}

/// Whether a short search holds everything that a request asks for.
fn is_found(request: &Request) -> bool {
    let Ok(roster) = RosterId::new("trial") else { return false };
    let making = Making {
        request,
        forecasts: None,
        pools: pools(request, None),
        ids: PlanIds { roster, generation: 1 },
        settings: PlanSettings { simulated_calls: 0, workers: 1, cut_rounds: 0, remedies: 0 },
        seal: &Unsealed,
        stays: None,
    };
    let Ok(solution) = solved(&making, &ShortSearch::default(), &mut |_| ()) else { return false };
    let told = fika_verify::activities(request, &making.roster_of(&solution.agents));
    solution.unmet.is_empty() && told.iter().all(ActivityOutcome::is_held)
}

/// Whether there is a time at which each who is needed could be there.
fn has_time(request: &Request, problem: &Problem, occasion: &Occasion<'_>) -> bool {
    let asked = occasion.activity;
    // Each list of people, of whom so many are needed at once.
    let (circles, needed): (Vec<Vec<AgentId>>, usize) = match (&asked.circle, occasion.party) {
        (Circle::Training { .. }, Party::Agent(agent)) => (vec![vec![agent.clone()]], 1),
        (Circle::Coaching { coach, .. }, Party::Agent(agent)) => {
            let may = |other: &&Agent| &other.id != agent && coach.may_be(other);
            (request.agents.iter().filter(may).map(|coach| vec![agent.clone(), coach.id.clone()]).collect(), 2)
        }
        (Circle::Meeting { invited, quorum }, _) => (vec![invited.clone()], *quorum as usize),
        // Of a team as many must come as work: that is for the search.
        _ => return true,
    };
    let length = asked.least_piece();
    let step = request.break_step.get() as usize;
    asked.windows_in(&request.days, occasion.span).into_iter().any(|window| {
        let starts = (window.start().get()..=window.end().get() - length.get() as i32).filter(|start| start.rem_euclid(step as i32) == 0);
        let spans: Vec<Span> = starts.map(|start| Span::new(Minute::new(start), length)).collect();
        circles.iter().any(|agents| {
            let sessions: Vec<Session> =
                spans.iter().map(|span| Session { activity: piece_of(asked, *span), agents: agents.clone() }).collect();
            problem.holders(&sessions).into_iter().any(|there| there >= needed)
        })
    })
}

/// How the terms of the activity give way.
impl Case {
    pub(super) fn relax_held(&self, parts: &mut RequestParts, group: &RuleGroup) {
        use RuleGroup as G;
        let step = parts.break_step.get();
        if matches!(group, G::OthersHeld) {
            parts.activities.retain(|asked| Some(&asked.id) == self.held.as_ref());
        }
        let Some(asked) = parts.activities.iter_mut().find(|asked| Some(&asked.id) == self.held.as_ref()) else { return };
        match group {
            G::HeldWindows => asked.windows.clear(),
            G::HeldDates => asked.dates = None,
            G::HeldLength => set_length(asked, step),
            G::Quorum => set_quorum(asked, 2),
            G::Share => set_share(asked, 1),
            _ => {}
        }
    }

    /// The nearest bound at which a term of the activity alone is enough.
    pub(super) fn nearest_held(&self, group: &RuleGroup) -> Option<String> {
        use RuleGroup as G;
        let (asked, step) = (self.asked(&self.parts)?, self.parts.break_step.get());
        let of_it = |parts: &mut RequestParts, set: &dyn Fn(&mut AskedActivity)| {
            parts.activities.iter_mut().filter(|asked| Some(&asked.id) == self.held.as_ref()).for_each(set);
        };
        match (group, &asked.circle) {
            (G::HeldLength, _) => {
                let most = self.largest(asked.length.get() / step, |p, v| of_it(p, &|asked| set_length(asked, v.max(1) * step)));
                Some(format!("at most {} minutes of it can be held", most.max(1) * step))
            }
            (G::Quorum, Circle::Meeting { quorum, .. }) => {
                let most = self.largest(*quorum, |p, v| of_it(p, &|asked| set_quorum(asked, v.max(2))));
                Some(format!("at most {} of those invited can be there at one time", most.max(2)))
            }
            (G::Share, Circle::Huddle { least_share, .. }) => {
                let percent = (least_share.get() * 100.0).ceil() as u32;
                let most = self.largest(percent, |p, v| of_it(p, &|asked| set_share(asked, v.max(1))));
                Some(format!("at most {} percent of the team can meet", most.max(1)))
            }
            _ => None,
        }
    }

    pub(super) fn says_held(&self, group: &RuleGroup) -> Option<String> {
        use RuleGroup as G;
        let asked = self.asked(&self.parts)?;
        let id = &asked.id;
        Some(match (group, &asked.circle) {
            (G::HeldWindows, _) => format!("{id} lies in one of its {} windows", asked.windows.len()),
            (G::HeldDates, _) => asked.dates.map(|(from, to)| format!("{id} lies on a day from {from} to {to}"))?,
            (G::HeldLength, _) => format!("{id} takes {} minutes", asked.length.get()),
            (G::Quorum, Circle::Meeting { quorum, invited }) => format!("{quorum} of {} make {id} a meeting", invited.len()),
            (G::Share, Circle::Huddle { least_share, .. }) => format!("{:.0} percent of the team come to {id}", least_share.get() * 100.0),
            (G::OthersHeld, _) => {
                let others: Vec<&str> =
                    self.parts.activities.iter().filter(|other| &other.id != id).map(|other| other.id.as_str()).collect();
                format!("{} must be held too", others.join(", "))
            }
            _ => return None,
        })
    }
}

fn set_length(asked: &mut AskedActivity, minutes: u32) {
    let length = Minutes::of(minutes as u16);
    asked.length = length;
    if let Circle::Training { smallest_piece: Some(least), .. } = &mut asked.circle {
        *least = (*least).min(length);
    }
}

const fn set_quorum(asked: &mut AskedActivity, people: u32) {
    if let Circle::Meeting { quorum, .. } = &mut asked.circle {
        *quorum = people;
    }
}

fn set_share(asked: &mut AskedActivity, percent: u32) {
    if let Circle::Huddle { least_share, .. } = &mut asked.circle {
        *least_share = Fraction::new(f64::from(percent) / 100.0).unwrap_or(*least_share);
    }
}
