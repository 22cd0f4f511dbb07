//! A meeting or another activity held at another time: whoever takes part is back on the phones in the shortfall. Each other time at which all
//! of them are on the phones is looked at; the cheapest are tried, and the verifier says whether the windows and the rest allow them.

use fika_model::roster::{ActivityKind, RemedyKind, Roster};
use fika_model::{AgentId, Minutes, Span};
use fika_solver::{Problem, Session};

use super::{Tried, Want, meet};
use crate::agenda::{Diary, Slots};
use crate::trial::{Trial, list_companions};

/// Activities that are tried for a shortfall, and times that each is tried at.
const MOST_SESSIONS: usize = 8;
const MOST_TIMES: usize = 4;

/// The move of one activity that helps most.
pub(super) fn activity(want: &Want<'_>, problem: &Problem) -> Option<Tried> {
    let request = want.making.request;
    let mut diary = Diary::new(request, problem, want.draft.roster.agents.clone(), None);
    let serves = |agent: &AgentId| want.pool.agents.iter().any(|position| &request.agents[*position].id == agent);
    let in_the_way = |session: &Session| {
        let held = session.activity.kind != ActivityKind::BackOffice;
        held && meet(session.activity.span, want.shortfall.span) && session.agents.iter().any(serves)
    };
    let sessions: Vec<Session> = diary.sessions().into_iter().filter(in_the_way).take(MOST_SESSIONS).collect();
    let mut best: Option<(i64, Session, Span, Roster)> = None;
    for session in sessions {
        for (worth, to, roster) in elsewhere(want, problem, &mut diary, &session) {
            if best.as_ref().is_none_or(|(most, ..)| worth < *most) {
                best = Some((worth, session.clone(), to, roster));
            }
        }
    }
    let (_, session, to, roster) = best?;
    let mut remedy = want.remedy(RemedyKind::ActivityMoved);
    remedy.shortfall_minutes.1 = fika_solver::cover(problem, &roster.agents).shortfall_minutes();
    remedy.moved = Some((session.activity.asked?, session.activity.span, to));
    remedy.agents = session.agents;
    Some(Tried { remedy, request: request.clone(), roster })
}

/// The rosters with a session at other times, each proved, with how short they are in thousandths of a person-minute.
fn elsewhere(want: &Want<'_>, problem: &Problem, diary: &mut Diary<'_>, session: &Session) -> Vec<(i64, Span, Roster)> {
    let request = want.making.request;
    let (from, people) = (session.activity.span, diary.positions(&session.agents));
    let Some(asked) = request.activities.iter().find(|asked| Some(&asked.id) == session.activity.asked.as_ref()) else { return Vec::new() };
    let within = request.occasions().into_iter().find(|one| one.activity.id == asked.id && one.span.covers(from)).map(|one| one.span);
    let windows = within.map_or_else(Vec::new, |span| asked.windows_in(&request.days, span));
    diary.release(session);
    let slots = Slots::read(diary, &people, &windows);
    let all = slots.all(from.length(), request.break_step.get());
    let mut times: Vec<_> =
        all.filter(|slot| slot.there.len() == people.len() && slot.span.overlap(want.shortfall.span) == Minutes::ZERO).collect();
    times.sort_by_key(|slot| (slot.cost, slot.span));
    let mut found = Vec::new();
    for slot in times.into_iter().take(MOST_TIMES) {
        let moved = fika_model::Activity { span: slot.span, ..session.activity.clone() };
        let Some(held) = diary.hold(&moved, &people) else { continue };
        let short = diary.cover.shortfall_minutes();
        if short < want.draft.solution.shortfall_minutes && is_proved(want, problem, diary, session) {
            let mut roster = Roster { agents: diary.agents.clone(), ..want.draft.roster.clone() };
            list_companions(&mut roster.agents);
            found.push(((short * 1000.0) as i64, slot.span, roster));
        }
        diary.release(&held);
    }
    diary.hold(&session.activity, &people);
    found
}

/// Whether the teams of those who take part keep every rule.
fn is_proved(want: &Want<'_>, problem: &Problem, diary: &Diary<'_>, session: &Session) -> bool {
    let mut trial = Trial::new(want.making.request, problem, &want.draft.roster);
    for agent in &session.agents {
        let Some(own) = diary.position(agent).map(|n| &diary.agents[n]) else { return false };
        own.shifts.iter().enumerate().for_each(|(position, shift)| drop(trial.replace(agent, position, shift.clone())));
    }
    let mut teams: Vec<_> = session.agents.iter().filter_map(|agent| trial.agent(agent).map(|own| own.team.clone())).collect();
    teams.dedup();
    teams.iter().all(|team| trial.broken(team).is_empty())
}
