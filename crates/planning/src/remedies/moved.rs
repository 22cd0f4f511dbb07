//! A meeting or another activity held at another time: whoever takes part is back on the phones in the shortfall. Each other time in its windows
//! at which all of them are on the phones is counted; the best are tried, and the verifier says whether they are legal.

use fika_model::roster::{Activity, ActivityKind, AgentRoster, RemedyKind, Roster};
use fika_model::{AgentId, Minutes, Span};
use fika_solver::{Problem, Session, cover};

use super::{Tried, Want, meet};
use crate::agenda::{Diary, Slots};
use crate::trial::{Trial, list_companions};

/// Activities that are looked at for a shortfall, times of each that are counted, and moves that are tried.
const MOST_SESSIONS: usize = 8;
const MOST_TIMES: usize = 4;
const MOST_TRIED: usize = 6;

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
    let mut moves: Vec<(i64, usize, Span)> = Vec::new();
    for (n, session) in sessions.iter().enumerate() {
        moves.extend(elsewhere(want, &mut diary, session).into_iter().map(|(short, to)| (short, n, to)));
    }
    moves.sort_unstable();
    for (_, n, to) in moves.into_iter().take(MOST_TRIED) {
        let (session, people) = (&sessions[n], diary.positions(&sessions[n].agents));
        diary.release(session);
        let held = diary.hold(&Activity { span: to, ..session.activity.clone() }, &people)?;
        let agents = want.with_rota(request, diary.agents.clone());
        let short = cover(problem, &agents).shortfall_minutes();
        if short < want.draft.solution.shortfall_minutes && is_proved(want, problem, &agents, session) {
            let mut remedy = want.remedy(RemedyKind::ActivityMoved);
            remedy.shortfall_minutes.1 = short;
            remedy.moved = Some((session.activity.asked.clone()?, session.activity.span, to));
            remedy.agents.clone_from(&session.agents);
            let mut roster = Roster { agents, ..want.draft.roster.clone() };
            list_companions(&mut roster.agents);
            return Some(Tried { remedy, request: request.clone(), roster });
        }
        diary.release(&held);
        diary.hold(&session.activity, &people)?;
    }
    None
}

/// Other times of a session, the cheapest first, with how short the roster is then, in thousandths of a person-minute, where it is less.
fn elsewhere(want: &Want<'_>, diary: &mut Diary<'_>, session: &Session) -> Vec<(i64, Span)> {
    let request = want.making.request;
    let (from, people) = (session.activity.span, diary.positions(&session.agents));
    let of_it = |one: &fika_model::Occasion<'_>| Some(&one.activity.id) == session.activity.asked.as_ref() && one.span.covers(from);
    let occasions = request.occasions();
    let Some(occasion) = occasions.iter().find(|one| of_it(one)) else { return Vec::new() };
    diary.release(session);
    let slots = Slots::read(diary, &people, &occasion.activity.windows_in(&request.days, occasion.span));
    let all = slots.all(from.length(), request.break_step.get());
    let apart = |span: Span| span.overlap(want.shortfall.span) == Minutes::ZERO;
    let mut times: Vec<_> = all.filter(|slot| slot.there.len() == people.len() && apart(slot.span)).collect();
    times.sort_by_key(|slot| (slot.cost, slot.span));
    let mut found = Vec::new();
    for slot in times.into_iter().take(MOST_TIMES) {
        if let Some(held) = diary.hold(&Activity { span: slot.span, ..session.activity.clone() }, &people) {
            let short = diary.cover.shortfall_minutes();
            if short < want.draft.solution.shortfall_minutes {
                found.push(((short * 1000.0) as i64, slot.span));
            }
            diary.release(&held);
        }
    }
    diary.hold(&session.activity, &people);
    found
}

/// Whether the teams of those who take part keep every rule.
fn is_proved(want: &Want<'_>, problem: &Problem, agents: &[AgentRoster], session: &Session) -> bool {
    let mut trial = Trial::new(want.making.request, problem, &want.draft.roster);
    let mut teams = Vec::new();
    for own in agents.iter().filter(|own| session.agents.contains(&own.agent)) {
        teams.push(own.team.clone());
        own.shifts.iter().enumerate().for_each(|(position, shift)| drop(trial.replace(&own.agent, position, shift.clone())));
    }
    teams.dedup();
    teams.iter().all(|team| trial.broken(team).is_empty())
}
