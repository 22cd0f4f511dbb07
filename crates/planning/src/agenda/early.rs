//! Times for what needs many people at once, chosen before the search so that it brings them together.
//!
//! Of the times that the most people could have a shift for, the one at which the fewest calls are to be answered against the hours around
//! it, so that shifts that hold it are shifts that are needed. A time is a proposal: it moves when the roster is known.

use std::collections::BTreeMap;

use fika_model::agenda::{Circle, Occasion, Party};
use fika_model::{AgentId, Minute, Request, Span};
use fika_solver::{Pool, Presence, Session};

use super::place::{fewest, piece_of};

/// Minutes before and after a time that it is measured against.
const AROUND: usize = 180;
/// Parts of a team meet at least so many minutes apart.
const APART: i32 = 240;

/// What is to be answered by interval, with the people who are proposed to be away.
pub(super) struct Load {
    needed: Vec<f64>,
    interval: i32,
}

impl Load {
    pub(super) fn of(request: &Request, pools: &[Pool]) -> Self {
        let needed = |cell: usize| pools.iter().filter_map(|pool| pool.required.values().get(cell)).map(|people| f64::from(*people)).sum();
        Self { needed: (0..request.grid().len()).map(needed).collect(), interval: request.interval.minutes() as i32 }
    }

    /// How much a time stands out from the hours around it; less is quieter.
    pub(super) fn at(&self, span: Span) -> f64 {
        let cell = |minute: i32| (minute / self.interval).clamp(0, self.needed.len() as i32 - 1) as usize;
        let (from, to) = (cell(span.start().get()), cell(span.end().get() - 1));
        let mean = |cells: &[f64]| cells.iter().sum::<f64>() / cells.len().max(1) as f64;
        let near = AROUND / self.interval as usize;
        mean(&self.needed[from..=to]) - mean(&self.needed[from.saturating_sub(near)..(to + near + 1).min(self.needed.len())])
    }

    fn add(&mut self, span: Span, people: usize) {
        for cell in span.start().get() / self.interval..=(span.end().get() - 1) / self.interval {
            if let Some(needed) = self.needed.get_mut(cell.max(0) as usize) {
                *needed += people as f64;
            }
        }
    }
}

/// Proposes a time for each huddle and meeting, with the people who are to have a shift then.
pub(crate) fn propose(request: &Request, pools: &[Pool], presence: &mut Presence<'_>) -> Vec<Session> {
    let mut load = Load::of(request, pools);
    let mut teams: BTreeMap<&fika_model::TeamId, Vec<&AgentId>> = BTreeMap::new();
    for agent in &request.agents {
        teams.entry(&agent.team).or_default().push(&agent.id);
    }
    for members in teams.values_mut() {
        members.sort_unstable();
    }
    let mut sessions = Vec::new();
    for occasion in request.occasions() {
        let session = |span: Span, agents: Vec<&AgentId>| {
            let mut agents: Vec<AgentId> = agents.into_iter().cloned().collect();
            agents.sort_unstable();
            Session { activity: piece_of(occasion.activity, span), agents }
        };
        match (&occasion.activity.circle, occasion.party) {
            (Circle::Meeting { invited, quorum }, _) => {
                let mut invited: Vec<&AgentId> = invited.iter().collect();
                invited.sort_unstable();
                if let Some((span, mut there)) =
                    choose(request, &occasion, presence, &mut load, &invited, None).filter(|(_, there)| there.len() >= *quorum as usize)
                {
                    there.truncate(*quorum as usize);
                    sessions.push(session(span, there));
                }
            }
            (Circle::Huddle { least_share, halves, .. }, Party::Team(team)) => {
                let members = teams.get(team).map_or(&[][..], Vec::as_slice);
                let Some((span, there)) = choose(request, &occasion, presence, &mut load, members, None) else { continue };
                if !halves {
                    // A huddle that too few can come to is looked for again when the roster is known.
                    if fewest(least_share.get(), members.len()).is_some_and(|fewest| there.len() >= fewest.div_ceil(2)) {
                        sessions.push(session(span, there));
                    }
                    continue;
                }
                let (mut first, rest): (Vec<&AgentId>, Vec<&AgentId>) = members.iter().partition(|agent| there.contains(agent));
                let half = members.len().div_ceil(2);
                let more = first.split_off(first.len().min(half));
                let others: Vec<&AgentId> = rest.into_iter().chain(more).collect();
                if let Some((second, there)) = choose(request, &occasion, presence, &mut load, &others, Some(span)) {
                    sessions.push(session(span, first));
                    sessions.push(session(second, there));
                }
            }
            _ => {}
        }
    }
    sessions
}

/// A time for some people, with those of them who could have a shift then; they count as away from then on.
fn choose<'r>(
    request: &Request,
    occasion: &Occasion<'_>,
    presence: &mut Presence<'_>,
    load: &mut Load,
    people: &[&'r AgentId],
    from: Option<Span>,
) -> Option<(Span, Vec<&'r AgentId>)> {
    let span = quietest(request, occasion, presence, load, people, from)?;
    let there: Vec<&AgentId> = people.iter().copied().filter(|agent| presence.may_hold(agent, span)).collect();
    load.add(span, there.len());
    Some((span, there))
}

/// The time for which most of some people could have a shift; of those the quietest, then the first.
fn quietest(
    request: &Request,
    occasion: &Occasion<'_>,
    presence: &mut Presence<'_>,
    load: &Load,
    people: &[&AgentId],
    from: Option<Span>,
) -> Option<Span> {
    let length = occasion.activity.length;
    let mut best: Option<(usize, f64, Span)> = None;
    for window in occasion.activity.windows_in(&request.days, occasion.span) {
        let first = window.start().get() + (load.interval - window.start().get().rem_euclid(load.interval)) % load.interval;
        for start in (first..=window.end().get() - length.get() as i32).step_by(load.interval as usize) {
            let span = Span::new(Minute::new(start), length);
            if from.is_some_and(|from| (from.start().get() - start).abs() < APART) {
                continue;
            }
            let there = people.iter().filter(|agent| presence.may_hold(agent, span)).count();
            let load = load.at(span);
            let better = |(most, quiet, _): &(usize, f64, Span)| there > *most || (there == *most && load < *quiet - 1e-9);
            if there > 1 && best.as_ref().is_none_or(better) {
                best = Some((there, load, span));
            }
        }
    }
    best.map(|(.., span)| span)
}
