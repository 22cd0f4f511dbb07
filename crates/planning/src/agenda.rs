//! Activities beside calls: proposed before the search, placed at least cost in the roster that it finds, and gone on from.
//!
//! What needs many people at once gets a time first, so that the search brings them together. In the roster found, everything missing is
//! placed where the phones lose least, by exact count; then the search goes on around what is placed, and it is placed again. Wellbeing is
//! not for sale: breaks and stretches stay what they are. What found no place is told with the reason.

use std::collections::BTreeMap;

use fika_model::agenda::{Circle, Occasion, Party};
use fika_model::roster::{ActivityKind, ActivityOutcome, AgentRoster, Roster};
use fika_model::{ActivityId, Minute};
use fika_solver::{Contradiction, Kept, Presence, Problem, Progress, Quota, Session, Solution, StepQuota, resolve, solve, solve_engaged};

use crate::error::PlanError;
use crate::making::Making;

mod blocks;
mod diary;
mod early;
mod place;
mod recall;
mod share;
mod slots;

pub(crate) use diary::Diary;
use early::Load;
use place::Missed;
pub(crate) use place::piece_of;
#[cfg(test)]
pub(crate) use place::place;
use recall::Recall;
use share::Share;
pub(crate) use slots::Slots;

/// The share of the budget after which each round of placing begins.
const ROUNDS: [f64; 2] = [0.6, 0.85];

/// Searches for a roster with everything in it that the request asks for beside calls, as far as there is room.
pub(crate) fn solved(making: &Making<'_>, quota: &dyn Quota, observe: &mut dyn FnMut(&Progress)) -> Result<Solution, PlanError> {
    let request = making.request;
    if !request.asks_beside_calls() {
        return Ok(solve(&making.problem()?, quota, observe));
    }
    let blended = Problem::blended(request, making.solver_pools())?;
    let proposed = early::propose(request, &making.solver_pools(), &mut Presence::new(&blended));
    let engaging = blended.engaging(&proposed);
    let first = Share::of(quota, 0, 0.0, ROUNDS[0]);
    let mut solution = solve_engaged(&blended, &engaging, &first, observe);
    drop(engaging);
    if !solution.unmet.is_empty() {
        // Bringing people together left somebody alone: without it, nobody need be.
        let steps = solution.steps;
        let bound = solution.bound_minutes;
        solution = solve(&blended, &Share::of(quota, steps, 0.0, ROUNDS[0]), observe);
        solution.steps += steps;
        solution.bound_minutes = solution.bound_minutes.max(bound);
    }
    drop(blended);
    let bound = solution.bound_minutes;
    let used = |steps: u64| quota.used(steps).unwrap_or_default();
    let (mut steps, begun) = (solution.steps, used(solution.steps));
    let mut best = settled(making, solution, None, true)?;
    // What placing once takes of the budget is left to each round for its end; of steps it takes none.
    let placing = used(steps) - begun;
    for (n, from) in ROUNDS.iter().enumerate() {
        if placing > 0.0 && used(steps) + 2.0 * placing > 1.0 {
            break;
        }
        let (problem, agents) = recalled(making, best.agents.clone())?;
        let until = ROUNDS.get(n + 1).copied().unwrap_or(1.0) - placing;
        let part = Share::of(quota, steps, from.min(until - 0.01), until);
        let part = if best.unmet.is_empty() { part.or_nothing() } else { part };
        let kept = Kept { agents: &agents, change_price_minutes: 0, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
        let before = steps;
        let mut hear = |progress: &Progress| observe(&Progress { steps: progress.steps + before, bound_minutes: bound, ..*progress });
        let next = resolve(problem, &kept, &part, &mut hear);
        steps += next.steps;
        if !next.unmet.is_empty() && best.unmet.is_empty() {
            continue;
        }
        let next = settled(making, next, None, true)?;
        let rank = |solution: &Solution| (!solution.unmet.is_empty(), missing(making, &solution.agents), solution.score);
        if rank(&next) < rank(&best) {
            best = next;
        }
    }
    Ok(Solution { steps, bound_minutes: bound.min(best.shortfall_minutes), ..best })
}

/// A solution with what fell out of it placed again, and all of it moved to where it costs less if `improve` says so, counted anew; as it is
/// where nothing is asked for beside calls.
pub(crate) fn settled(making: &Making<'_>, solution: Solution, frozen_until: Option<Minute>, improve: bool) -> Result<Solution, PlanError> {
    if !making.request.asks_beside_calls() {
        return Ok(solution);
    }
    let agents = arranged(making, solution.agents.clone(), frozen_until, improve)?;
    recounted(making, &Solution { agents, ..solution })
}

/// A solution as it counts by the pools as they are now.
pub(crate) fn recounted(making: &Making<'_>, solution: &Solution) -> Result<Solution, PlanError> {
    let kept = Kept { agents: &solution.agents, change_price_minutes: 0, fixed: &|_, _| true, breaks_only: false, frozen_until: None };
    let counted = resolve(making.problem()?, &kept, &StepQuota(0), &mut |_| ());
    let fairness = solution.score.fairness;
    let mut counted = Solution { steps: solution.steps, bound_minutes: solution.bound_minutes, ..counted };
    counted.score.fairness = fairness;
    Ok(counted)
}

/// The problem in which those who take part in what found no place are brought together, as far as they have legal weeks with it, and the
/// roster to go on from.
fn recalled(making: &Making<'_>, agents: Vec<AgentRoster>) -> Result<(Problem, Vec<AgentRoster>), PlanError> {
    let problem = making.problem()?;
    let told = fika_verify::activities(making.request, &making.roster_of(&agents));
    let occasions = making.request.occasions();
    let missing: Vec<&Occasion<'_>> =
        told.iter().filter(|outcome| !outcome.is_held()).filter_map(|outcome| occasions.iter().find(|one| is_told(one, outcome))).collect();
    if missing.is_empty() {
        return Ok((problem, agents));
    }
    let mut diary = Diary::new(making.request, &problem, agents, None);
    // What is held of a training is looked for again with the rest of it.
    for session in diary.sessions() {
        if missing.iter().any(|one| Some(&one.activity.id) == session.activity.asked.as_ref() && belongs(&diary, one, &session)) {
            diary.release(&session);
        }
    }
    let load = Load::of(making.request, &making.solver_pools());
    let mut recall = Recall { diary: &diary, presence: Presence::new(&problem), load };
    let ways: Vec<_> = missing.iter().map(|occasion| recall.ways(occasion)).collect();
    Ok((problem.engaging_first(&ways), diary.agents))
}

/// Whether an outcome is told of an occasion.
fn is_told(occasion: &Occasion<'_>, outcome: &ActivityOutcome) -> bool {
    let party = match occasion.party {
        Party::Agent(agent) => outcome.agent.as_ref() == Some(agent),
        Party::Team(team) => outcome.team.as_ref() == Some(team),
        Party::Invited => true,
    };
    party && occasion.activity.id == outcome.activity && occasion.span == outcome.span
}

/// Everything that must be held and is not, with the reason.
pub(crate) fn unmet(making: &Making<'_>, roster: &Roster) -> Result<Vec<Contradiction>, PlanError> {
    let must = |id: &ActivityId| making.request.activities.iter().position(|asked| &asked.id == id && asked.must);
    let is_fine = |outcome: &ActivityOutcome| outcome.is_held() || must(&outcome.activity).is_none();
    if fika_verify::activities(making.request, roster).iter().all(is_fine) {
        return Ok(Vec::new());
    }
    let told = outcomes(making, roster)?.into_iter().filter(|outcome| !outcome.is_held());
    let not_held = |outcome: ActivityOutcome| {
        let position = must(&outcome.activity)?;
        let whom = outcome.agent.map(|id| id.to_string()).or(outcome.team.map(|id| id.to_string())).unwrap_or_default();
        Some(Contradiction::NotHeld { position, activity: outcome.activity, whom, reason: outcome.reason })
    };
    Ok(told.filter_map(not_held).collect())
}

/// What became of everything asked for, as the verifier counts it; what is missing with the reason, found by trying.
pub(crate) fn outcomes(making: &Making<'_>, roster: &Roster) -> Result<Vec<ActivityOutcome>, PlanError> {
    let mut told = fika_verify::activities(making.request, roster);
    if told.iter().all(ActivityOutcome::is_held) {
        return Ok(told);
    }
    let problem = making.problem()?;
    let mut diary = Diary::new(making.request, &problem, roster.agents.clone(), None);
    let occasions = making.request.occasions();
    for outcome in told.iter_mut().filter(|outcome| !outcome.is_held()) {
        let Some(occasion) = occasions.iter().find(|one| is_told(one, outcome)) else { continue };
        let (held, missed) = place::place(&mut diary, occasion, outcome.minutes.1);
        for session in &held {
            diary.release(session);
        }
        let unused = || Missed { binding: "search", reason: "there is room for it, and the search did not use it".to_owned() };
        let missed = missed.unwrap_or_else(unused);
        missed.binding.clone_into(&mut outcome.binding);
        outcome.reason = missed.reason;
    }
    Ok(told)
}

/// How many occasions are not wholly held.
pub(crate) fn missing(making: &Making<'_>, agents: &[AgentRoster]) -> usize {
    fika_verify::activities(making.request, &making.roster_of(agents)).iter().filter(|outcome| !outcome.is_held()).count()
}

/// The roster with what is not sound cleared, what is missing placed, and, where `improve` says so, what is held moved to where it costs less.
fn arranged(
    making: &Making<'_>,
    agents: Vec<AgentRoster>,
    frozen_until: Option<Minute>,
    improve: bool,
) -> Result<Vec<AgentRoster>, PlanError> {
    let problem = making.problem()?;
    let mut diary = Diary::new(making.request, &problem, agents, frozen_until);
    arrange(&mut diary, improve);
    if !making.request.back_office.is_empty() {
        blocks::place(&mut diary, improve);
        if improve {
            arrange(&mut diary, true);
        }
    }
    Ok(diary.agents)
}

/// The same for everything but blocks of work.
fn arrange(diary: &mut Diary<'_>, improve: bool) {
    let mut occasions = diary.request.occasions();
    occasions.sort_by_key(|one| (!one.activity.must, rank(&one.activity.circle)));
    let mut known: BTreeMap<ActivityId, Vec<Session>> = BTreeMap::new();
    for session in diary.sessions() {
        if let Some(asked) = session.activity.asked.clone() {
            known.entry(asked).or_default().push(session);
        }
    }
    release_strays(diary, &occasions, &known);
    for occasion in &occasions {
        let all = known.get(&occasion.activity.id).map_or(&[][..], Vec::as_slice);
        let own: Vec<Session> = all.iter().filter(|session| belongs(diary, occasion, session)).cloned().collect();
        let sound = place::is_sound(diary, occasion, &own);
        let held: u32 = own.iter().map(|session| session.activity.span.length().get()).sum();
        let in_pieces = matches!(occasion.activity.circle, Circle::Training { .. });
        let whole = !own.is_empty() && (!in_pieces || held >= occasion.activity.length.get());
        let frozen = own.iter().any(|session| diary.is_frozen(session.activity.span));
        if !sound || (whole && improve && !frozen) {
            anew(diary, occasion, &own, sound);
        } else if !whole {
            place::place(diary, occasion, if in_pieces { held } else { 0 });
        }
    }
}

/// Clears what is left of sessions whose others are gone, so that they are no occasion's any more.
fn release_strays(diary: &mut Diary<'_>, occasions: &[Occasion<'_>], known: &BTreeMap<ActivityId, Vec<Session>>) {
    let strays: Vec<&Session> = known
        .values()
        .flatten()
        .filter(|session| {
            let own = occasions.iter().filter(|one| Some(&one.activity.id) == session.activity.asked.as_ref());
            !diary.is_frozen(session.activity.span)
                && session.activity.kind != ActivityKind::BackOffice
                && !own.clone().any(|one| belongs(diary, one, session))
        })
        .collect();
    for session in strays {
        diary.release(session);
    }
}

/// Clears an occasion's sessions and holds it again; back to what was where that was sound and no worse: of a huddle first by who comes.
fn anew(diary: &mut Diary<'_>, occasion: &Occasion<'_>, own: &[Session], sound: bool) {
    let is_huddle = matches!(occasion.activity.circle, Circle::Huddle { .. });
    let come = |sessions: &[Session]| if is_huddle { sessions.iter().map(|session| session.agents.len()).sum() } else { 0_usize };
    let before = (come(own), diary.cover.worth());
    for session in own {
        diary.release(session);
    }
    let (held, missed) = place::place(diary, occasion, 0);
    if sound && (missed.is_some() || (come(&held), diary.cover.worth()) <= before) {
        for session in &held {
            diary.release(session);
        }
        for session in own {
            let people = diary.positions(&session.agents);
            diary.hold(&session.activity, &people);
        }
    }
}

/// Whether a session is one of an occasion's.
fn belongs(diary: &Diary<'_>, occasion: &Occasion<'_>, session: &Session) -> bool {
    occasion.span.holds(session.activity.span.start())
        && match occasion.party {
            Party::Agent(agent) => session.agents.contains(agent),
            Party::Invited => true,
            Party::Team(team) => {
                session.agents.first().and_then(|agent| diary.position(agent)).is_some_and(|n| &diary.agents[n].team == team)
            }
        }
}

/// Who needs the most people at once is placed first.
const fn rank(circle: &Circle) -> u8 {
    match circle {
        Circle::Huddle { .. } => 0,
        Circle::Meeting { .. } => 1,
        Circle::Coaching { .. } => 2,
        Circle::Training { .. } => 3,
    }
}

#[cfg(test)]
mod tests;
