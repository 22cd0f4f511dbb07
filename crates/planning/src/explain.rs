//! Why a break or an activity is where it is, and why it is not elsewhere: found out by trying every other place.
//!
//! Each place is tried for the break alone and for it together with those who share it. The verifier says which rule a place breaks and by
//! how much; the exact count of cover says what it costs. A better place, if there is one, is told as such.

use fika_model::roster::{Activity, ActivityKind, Roster, Shift};
use fika_model::{ActivityId, AgentId, Minute, Request, RuleId, Span, Violation};
use fika_solver::{Cover, Pool, Problem};
use thiserror::Error;

use crate::error::PlanError;
use crate::trial::{SharedChange, Trial, amount, longer, pieces, relaid, with_break_at};

/// Why there is no explanation.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// The roster has no such agent.
    #[error("the roster has no agent {agent}")]
    NoAgent {
        /// Who was asked about.
        agent: AgentId,
    },
    /// The agent has no shift to speak of.
    #[error("agent {agent} has no shift in the whole roster")]
    NoShift {
        /// Who was asked about.
        agent: AgentId,
    },
    /// The request allows no roster to compare with.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// What happens when something is tried.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Every rule holds.
    Legal {
        /// Person-minutes short more than now; negative where it is better.
        more_short: f64,
        /// Where most of them are missing, and how many there.
        worst: Option<(Span, f64)>,
        /// What is shared otherwise.
        shared: SharedChange,
    },
    /// Rules are broken: the first as the certificate orders them, and how many in all.
    Broken {
        /// The rule.
        rule: RuleId,
        /// For whom, where it is one agent's.
        agent: Option<AgentId>,
        /// By how much, in `unit`.
        by: i64,
        /// The unit of the amount.
        unit: &'static str,
        /// The violation in a sentence.
        cause: String,
        /// How many violations there are.
        violations: usize,
    },
    /// It lies in another break or outside the shift.
    NoRoom,
}

impl Effect {
    /// Whether it is legal, and no worse than now in anything and better in something: less short, or as short and better shared.
    pub fn is_better(&self) -> bool {
        let Self::Legal { more_short, shared, .. } = self else { return false };
        let (worse, better) = shared.worse_and_better();
        *more_short < 0.0 || (*more_short <= 0.0 && better && !worse)
    }

    /// Whether it is legal and worse than now: shorter, or as short and worse shared.
    pub fn is_worse(&self) -> bool {
        let Self::Legal { more_short, shared, .. } = self else { return false };
        *more_short > 0.0 || (*more_short >= 0.0 && shared.worse_and_better().0)
    }
}

/// A place that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Where the break begins.
    pub start: Minute,
    /// The break alone.
    pub alone: Effect,
    /// The break and those of the companions by as much; `None` without companions.
    pub together: Option<Effect>,
}

impl Place {
    /// The better of the two effects.
    pub fn best(&self) -> &Effect {
        let rank = |effect: &Effect| match effect {
            Effect::Legal { more_short, shared, .. } => (0, (*more_short * 1000.0) as i64, shared.worse_and_better()),
            Effect::Broken { by, .. } => (1, *by, (false, false)),
            Effect::NoRoom => (2, 0, (false, false)),
        };
        self.together.as_ref().filter(|together| rank(together) < rank(&self.alone)).unwrap_or(&self.alone)
    }
}

/// What was found out about one moment of one agent.
#[derive(Debug, Clone, PartialEq)]
pub enum Explanation {
    /// She is on a break.
    Break(BreakPlaces),
    /// She works; the nearest break moved to this moment, or nothing where the shift has no break.
    Work {
        /// The shift.
        shift: Span,
        /// The break, where it is, and what happens if it begins here.
        nearest: Option<(Span, Place)>,
    },
    /// She is off; the nearest shift made long enough, its breaks as they are.
    Off {
        /// The shift.
        shift: Span,
        /// As long as it would have to be.
        longer: Span,
        /// What happens.
        effect: Effect,
        /// Person-minutes short in the interval asked about, now.
        short_here: f64,
    },
}

/// A break and every other place it could have.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakPlaces {
    /// The shift.
    pub shift: Span,
    /// The break.
    pub span: Span,
    /// Rest, meal or another activity.
    pub kind: ActivityKind,
    /// Who shares it, or takes part in it.
    pub companions: Vec<AgentId>,
    /// The activity or the work of the request that it is held for, where it is no break.
    pub asked: Option<ActivityId>,
    /// The rule that is broken without it, if any.
    pub rule: Option<RuleId>,
    /// Earliest and latest start at which that rule is not broken, whatever else is.
    pub window: Option<(Minute, Minute)>,
    /// Every other start on the break step, in order.
    pub places: Vec<Place>,
}

/// Explains what an agent does at a minute of the horizon.
///
/// # Errors
/// The agent or her shifts are not there, or the request allows no roster.
pub fn explain(request: &Request, pools: Vec<Pool>, roster: &Roster, agent: &AgentId, at: Minute) -> Result<Explanation, ExplainError> {
    let problem = Problem::new(request, pools).map_err(PlanError::from)?;
    let mut trial = Trial::new(request, &problem, roster);
    let own = trial.agent(agent).ok_or_else(|| ExplainError::NoAgent { agent: agent.clone() })?;
    let far = |shift: &Shift| (shift.span.start().minutes_since(at)).max(at.minutes_since(shift.span.end())).max(0);
    let nearest = own.shifts.iter().enumerate().min_by_key(|(_, shift)| (far(shift), shift.span.start()));
    let Some((position, shift)) = nearest else { return Err(ExplainError::NoShift { agent: agent.clone() }) };
    let (shift, step) = (shift.clone(), request.break_step.get() as i32);
    if !shift.span.holds(at) {
        return Ok(off(request, &mut trial, agent, position, &shift, at));
    }
    let here = shift.activities.iter().find(|activity| activity.span.holds(at));
    if let Some(activity) = here.filter(|activity| activity.kind != ActivityKind::OnQueue) {
        let before = trial.cover().clone();
        let (rule, fits) = asks(request, &mut trial, agent, position, &shift, activity.span);
        let mut places = Vec::new();
        let last = shift.span.end().get() - activity.span.length().get() as i32;
        // The run of starts that fit around where it is.
        let (mut window, mut closed): (Option<(Minute, Minute)>, bool) = (None, false);
        for start in (shift.span.start().get()..=last).step_by(step.max(1) as usize).map(Minute::new) {
            let place = place(&mut trial, &before, agent, position, &shift, activity.span, start);
            if rule.is_some() && fits(&place.alone, rule.as_ref()) {
                window = if closed { window } else { Some((window.map_or(start, |(from, _)| from), start)) };
            } else if start < activity.span.start() {
                window = None;
            } else {
                closed = true;
            }
            if start != activity.span.start() {
                places.push(place);
            }
        }
        let companions = sharing(activity).to_vec();
        let (asked, window) = (activity.asked.clone(), window.or_else(|| asked_window(request, activity)));
        return Ok(Explanation::Break(BreakPlaces {
            shift: shift.span,
            span: activity.span,
            kind: activity.kind,
            companions,
            asked,
            rule,
            window,
            places,
        }));
    }
    let distance = |span: Span| span.start().minutes_since(at).max(at.minutes_since(span.end())).max(0);
    let nearest = shift.breaks().map(|activity| activity.span).min_by_key(|span| (distance(*span), span.start()));
    let start = Minute::new(at.get().div_euclid(step.max(1)) * step.max(1));
    let before = trial.cover().clone();
    let nearest = nearest.map(|span| (span, place(&mut trial, &before, agent, position, &shift, span, start)));
    Ok(Explanation::Work { shift: shift.span, nearest })
}

/// Which rule is broken without the break, and whether an effect leaves that rule whole.
fn asks(
    request: &Request,
    trial: &mut Trial<'_>,
    agent: &AgentId,
    position: usize,
    shift: &Shift,
    of: Span,
) -> (Option<RuleId>, impl Fn(&Effect, Option<&RuleId>) -> bool + use<>) {
    let without = pieces(shift).into_iter().filter(|piece| piece.span != of).collect();
    let rule = relaid(shift, shift.span, without).and_then(|bare| {
        let team = team_of(trial, agent)?;
        let old = trial.replace(agent, position, bare)?;
        let broken = trial.broken(&team);
        trial.replace(agent, position, old);
        let own = |violation: &&Violation| request.breaks.iter().any(|rule| rule.id == violation.rule);
        broken.iter().find(own).map(|violation| violation.rule.clone())
    });
    let fits = |effect: &Effect, asked: Option<&RuleId>| match effect {
        Effect::Legal { .. } => true,
        Effect::Broken { rule, .. } => Some(rule) != asked,
        Effect::NoRoom => false,
    };
    (rule, fits)
}

/// Who shares a break, or takes part in an activity.
fn sharing(activity: &Activity) -> &[AgentId] {
    if activity.asked.is_some() { &activity.with } else { &activity.companions }
}

/// The piece of a mate's shift that goes with a break or an activity at a time.
fn shared<'a>(mate: &'a Shift, of: Span, asked: Option<&ActivityId>) -> Option<&'a Activity> {
    match asked {
        Some(_) => mate.activities.iter().find(|activity| activity.span == of && activity.asked.as_ref() == asked),
        None => mate.breaks().max_by_key(|b| b.span.overlap(of)).filter(|b| b.span.overlap(of).get() > 0),
    }
}

/// Earliest and latest start that the windows of an activity allow around where it is.
fn asked_window(request: &Request, activity: &Activity) -> Option<(Minute, Minute)> {
    let asked = request.activities.iter().find(|asked| Some(&asked.id) == activity.asked.as_ref())?;
    let mut windows =
        request.occasions().into_iter().filter(|one| one.activity.id == asked.id).flat_map(|one| asked.windows_in(&request.days, one.span));
    let window = windows.find(|window| window.covers(activity.span))?;
    Some((window.start(), Minute::new(window.end().get() - activity.span.length().get() as i32)))
}

fn team_of(trial: &Trial<'_>, agent: &AgentId) -> Option<fika_model::TeamId> {
    trial.agent(agent).map(|own| own.team.clone())
}

fn place(trial: &mut Trial<'_>, before: &Cover<'_>, agent: &AgentId, position: usize, shift: &Shift, of: Span, start: Minute) -> Place {
    let alone = tried(trial, before, vec![(agent.clone(), position, with_break_at(shift, of, start))]);
    let own = shift.activities.iter().find(|activity| activity.span == of);
    let companions = own.map(|activity| sharing(activity).to_vec()).unwrap_or_default();
    let asked = own.and_then(|activity| activity.asked.clone());
    let delta = start.minutes_since(of.start());
    let mut changes = vec![(agent.clone(), position, with_break_at(shift, of, start))];
    for mate in &companions {
        let found = trial.agent(mate).and_then(|own| {
            own.shifts.iter().enumerate().find_map(|(n, other)| {
                let shared = shared(other, of, asked.as_ref())?;
                let to = Minute::new(shared.span.start().get() + delta);
                Some((mate.clone(), n, with_break_at(other, shared.span, to)))
            })
        });
        changes.extend(found);
    }
    let together = (changes.len() > 1).then(|| tried(trial, before, changes));
    Place { start, alone, together }
}

/// The effect of some changed shifts of one team, which are taken back.
fn tried(trial: &mut Trial<'_>, before: &Cover<'_>, changes: Vec<(AgentId, usize, Option<Shift>)>) -> Effect {
    let Some(team) = changes.first().and_then(|(agent, ..)| team_of(trial, agent)) else { return Effect::NoRoom };
    if changes.iter().any(|(_, _, shift)| shift.is_none()) {
        return Effect::NoRoom;
    }
    let mut old = Vec::new();
    for (agent, position, shift) in changes {
        let was = shift.and_then(|shift| trial.replace(&agent, position, shift));
        old.extend(was.map(|was| (agent, position, was)));
    }
    let effect = effect(trial, before, &team);
    for (agent, position, was) in old {
        trial.replace(&agent, position, was);
    }
    effect
}

fn effect(trial: &mut Trial<'_>, before: &Cover<'_>, team: &fika_model::TeamId) -> Effect {
    let broken = trial.broken(team);
    match broken.first() {
        None => Effect::Legal {
            more_short: trial.cover().shortfall_minutes() - before.shortfall_minutes(),
            worst: trial.cover().worst_against(before),
            shared: trial.shared(team),
        },
        Some(first) => Effect::Broken {
            rule: first.rule.clone(),
            agent: first.agent.clone(),
            by: amount(first),
            unit: first.unit,
            cause: first.cause.clone(),
            violations: broken.len(),
        },
    }
}

fn off(request: &Request, trial: &mut Trial<'_>, agent: &AgentId, position: usize, shift: &Shift, at: Minute) -> Explanation {
    let interval = request.interval.minutes() as i32;
    let from = at.get().div_euclid(interval) * interval;
    let here = Span::between(Minute::new(from), Minute::new(from + interval));
    let before = trial.cover().clone();
    let (early, late) = (shift.span.start().minutes_since(here.start()).max(0), here.end().minutes_since(shift.span.end()).max(0));
    let reach = longer(shift.span, early as u32, late.min(i32::from(u16::MAX)) as u32);
    let effect = tried(trial, &before, vec![(agent.clone(), position, relaid(shift, reach, pieces(shift)))]);
    Explanation::Off { shift: shift.span, longer: reach, effect, short_here: before.shortfall_in(here) }
}

#[cfg(test)]
mod tests;
