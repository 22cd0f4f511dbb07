//! Longer shifts of people who are there: their time on the phones goes on before or after the shift, with a break moved where a stretch
//! would get too long. Rest, breaks, company and everything else must hold; only the hours and the shift's shape are bought.

use fika_model::roster::{RemedyKind, Roster, Shift};
use fika_model::{AgentId, Span, TeamId};
use fika_solver::Problem;
use fika_verify::Rule;

use super::{Tried, Want, meet, minute};
use crate::trial::{Trial, list_companions, longer, pieces, relaid};

/// What overtime buys: the hours, and a shape that no template has.
const BOUGHT: [Rule; 4] = [Rule::ShiftStart, Rule::ShiftLength, Rule::ContractShiftLength, Rule::WeekPaidMost];
/// Agents that are asked, and agents that one remedy names.
const MOST_ASKED: usize = 40;
const MOST_NAMED: usize = 3;
/// How far a break may move for it, in steps of a quarter of an hour.
const BREAK_MOVES: [i32; 4] = [0, 15, 30, 45];

/// A shift that is made longer.
struct Longer {
    agent: AgentId,
    team: TeamId,
    position: usize,
    shift: Shift,
    added: Span,
    gain: f64,
}

/// So many minutes more for up to three agents who then serve during the shortfall.
pub(super) fn hours(want: &Want<'_>, problem: &Problem, minutes: u32) -> Option<Tried> {
    let request = want.making.request;
    let mut trial = Trial::new(request, problem, &want.draft.roster);
    let mut found: Vec<Longer> = Vec::new();
    let mut asked = 0;
    let serves = |agent: &AgentId| want.pool.agents.iter().any(|position| &request.agents[*position].id == agent);
    for agent in want.draft.roster.agents.iter().filter(|agent| serves(&agent.agent)) {
        for (position, shift) in agent.shifts.iter().enumerate() {
            for after in [true, false] {
                let span = longer(shift.span, if after { 0 } else { minutes }, if after { minutes } else { 0 });
                let added =
                    if after { Span::between(shift.span.end(), span.end()) } else { Span::between(span.start(), shift.span.start()) };
                if !meet(added, want.shortfall.span) || asked >= MOST_ASKED {
                    continue;
                }
                asked += 1;
                let mut shapes = BREAK_MOVES.iter().filter_map(|by| shape(shift, span, if after { *by } else { -by }));
                found.extend(shapes.find_map(|shift| tried(&mut trial, &agent.agent, &agent.team, position, shift, added)));
            }
        }
    }
    found.sort_by(|a, b| b.gain.total_cmp(&a.gain).then_with(|| a.agent.cmp(&b.agent)));
    let mut remedy = want.remedy(RemedyKind::Overtime);
    for one in found {
        if remedy.agents.len() == MOST_NAMED || remedy.agents.contains(&one.agent) {
            continue;
        }
        let before = trial.cover().shortfall_minutes();
        let old = trial.replace(&one.agent, one.position, one.shift)?;
        if trial.cover().shortfall_minutes() < before && is_legal(&mut trial, &one.team) {
            remedy.agents.push(one.agent);
            remedy.added.push(one.added);
            remedy.paid_minutes += i64::from(minutes);
        } else {
            trial.replace(&one.agent, one.position, old);
        }
    }
    if remedy.agents.is_empty() {
        return None;
    }
    remedy.shortfall_minutes.1 = trial.cover().shortfall_minutes();
    let mut roster: Roster = trial.roster().clone();
    list_companions(&mut roster.agents);
    Some(Tried { remedy, request: request.clone(), roster })
}

/// The longer shift with the break next to the added time moved towards it.
fn shape(shift: &Shift, span: Span, by: i32) -> Option<Shift> {
    let mut pieces = pieces(shift);
    let next = if by >= 0 { pieces.last_mut() } else { pieces.first_mut() };
    if let Some(piece) = next {
        piece.span = Span::new(minute(piece.span.start(), by), piece.span.length());
    }
    relaid(shift, span, pieces)
}

fn tried(trial: &mut Trial<'_>, agent: &AgentId, team: &TeamId, position: usize, shift: Shift, added: Span) -> Option<Longer> {
    let before = trial.cover().shortfall_minutes();
    let old = trial.replace(agent, position, shift.clone())?;
    let gain = before - trial.cover().shortfall_minutes();
    let legal = gain > 0.0 && is_legal(trial, team);
    trial.replace(agent, position, old);
    legal.then(|| Longer { agent: agent.clone(), team: team.clone(), position, shift, added, gain })
}

fn is_legal(trial: &mut Trial<'_>, team: &TeamId) -> bool {
    trial.broken(team).iter().all(|violation| BOUGHT.iter().any(|rule| rule.id() == violation.rule.as_str()))
}
