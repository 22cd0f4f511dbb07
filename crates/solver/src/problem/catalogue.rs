//! All shifts that templates and break rules allow: a start, a length and where the breaks may lie.
//!
//! Invariant: an option listed here has at least one legal arrangement of breaks. Starts that do not lie on the break grid
//! (a change of clocks by less than a step) are left out. Agents who waive other rules, or whose team takes breaks at another time, have
//! options of their own: a *variant*.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::people::{Agent, FixedShift};
use fika_model::rules::{SameTime, ShiftTemplate};
use fika_model::{DayIndex, Minutes, Request};

use crate::breaks::{BreakPlan, BreakSort, Stretches};
use crate::problem::{Interner, Pool, ShiftOption, limits};

mod asked;
mod same_time;

use asked::{Limited, Shape};
use same_time::Pins;

pub(crate) struct Catalogue {
    pub(crate) options: Vec<ShiftOption>,
    pub(crate) plans: Vec<BreakPlan>,
    /// The variant of each agent, in the order of the request.
    pub(crate) variants: Vec<u16>,
    /// Options of the shifts that stand, by the agent's position and the fixed shift's.
    pub(crate) fixed: BTreeMap<(usize, usize), Vec<u32>>,
    /// Whether some legal arrangements of breaks are left out.
    pub(crate) narrowed: bool,
    /// Lengths in minutes of shifts for which the rules leave no arrangement of breaks, with the template's position.
    pub(crate) unplaceable: Vec<(u16, u32)>,
}

/// What tells the options of agents apart: the rules waived, and the team where teams take breaks at times of their own.
type Variant = (Vec<u16>, Option<u32>);

impl Catalogue {
    pub(crate) fn new(request: &Request, pools: &[Pool], step: u32) -> Self {
        let by_team = request.breaks.iter().any(|rule| matches!(rule.terms.same_time, Some(SameTime::Crew | SameTime::Team)));
        let teams: BTreeMap<_, u32> = request.teams.iter().enumerate().map(|(n, team)| (&team.id, n as u32)).collect();
        let mut members = vec![0; request.teams.len()];
        let variant = |agent: &Agent| {
            let team = teams.get(&agent.team).copied().unwrap_or_default();
            members[team as usize] += 1;
            (waived(request, agent), by_team.then_some(team))
        };
        let of_agents: Vec<Variant> = request.agents.iter().map(variant).collect();
        // Numbers in the order of the variants, so that the order of agents changes nothing.
        let variants: Vec<&Variant> = of_agents.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let number = |variant: &Variant| variants.partition_point(|other| *other < variant) as u16;
        let variant_of: Vec<u16> = of_agents.iter().map(number).collect();
        let interval = request.interval.minutes() as i32;
        let required = |minute: i32| {
            let at = usize::try_from(minute / interval).unwrap_or(usize::MAX);
            pools.iter().filter_map(|pool| pool.required.values().get(at)).map(|people| u64::from(*people)).sum()
        };
        let pins = Pins::new(request, step, &members, &required);
        let mut making = Making { request, step, plans: Interner::new(), known: BTreeMap::new(), options: Vec::new(), narrowed: false };
        making.narrowed = request.breaks.iter().any(|rule| rule.terms.same_time.is_some());
        let mut unplaceable = Vec::new();
        for day in request.days.days() {
            for shape in shapes(request, day, step) {
                for (number, variant) in variants.iter().enumerate() {
                    let pinned = |rule: usize| pins.of(request, rule, shape, variant.1.unwrap_or_default());
                    if !making.enter(shape, number as u16, variant, &pinned) {
                        unplaceable.push((shape.template as u16, shape.length.get()));
                    }
                }
            }
        }
        let mut fixed = BTreeMap::new();
        let mut by_id: Vec<(usize, &Agent)> = request.agents.iter().enumerate().collect();
        by_id.sort_by_key(|(_, agent)| &agent.id);
        for (position, agent) in by_id {
            for (n, standing) in agent.fixed.iter().enumerate() {
                let variant = variants[usize::from(variant_of[position])];
                fixed.insert((position, n), making.stand(standing, variant, &pins));
            }
        }
        unplaceable.sort_unstable();
        unplaceable.dedup();
        let Making { plans, options, narrowed, .. } = making;
        Self { options, plans: plans.values, variants: variant_of, fixed, narrowed, unplaceable }
    }
}

/// The variant of options that are listed for one agent by number.
const STANDING: u16 = u16::MAX;

/// Positions of the rules that an agent waives.
fn waived(request: &Request, agent: &Agent) -> Vec<u16> {
    (0..request.breaks.len()).filter(|n| agent.waives.contains(&request.breaks[*n].id)).map(|n| n as u16).collect()
}

struct Making<'a> {
    request: &'a Request,
    step: u32,
    plans: Interner<BreakPlan>,
    /// The plan of each length and sorts that were met, if they leave a legal arrangement.
    known: BTreeMap<(u32, Vec<BreakSort>), Option<u32>>,
    options: Vec<ShiftOption>,
    narrowed: bool,
}

impl Making<'_> {
    /// Enters every way to cut the breaks of a shape; tells whether there was any.
    fn enter(&mut self, shape: Shape, number: u16, variant: &Variant, pinned: &dyn Fn(usize) -> Option<i32>) -> bool {
        let (request, step) = (self.request, self.step);
        let before = self.options.len();
        for sorts in asked::ways(request, shape, step, &variant.0, pinned) {
            let paid_of = |sort: &BreakSort| !request.breaks[usize::from(sort.rule)].paid;
            let unpaid: u32 = sorts.iter().filter(|sort| paid_of(sort)).map(|sort| sort.count * sort.len * step).sum();
            let Some(plan) = self.plan(shape.length.get(), sorts) else { continue };
            self.options.push(ShiftOption {
                start: shape.start as u32 / step,
                len: shape.length.get() / step,
                start_minute: shape.start,
                paid: shape.length.get().saturating_sub(unpaid),
                template: shape.template as u16,
                day: shape.day.get() as u16,
                plan,
                variant: number,
                wall: limits::wall(request, shape.start),
            });
        }
        self.options.len() > before
    }

    /// Enters a shift that stands; its options, none where the templates or the breaks leave no place for it.
    fn stand(&mut self, standing: &FixedShift, variant: &Variant, pins: &Pins) -> Vec<u32> {
        let (request, step) = (self.request, self.step);
        let Some(day) = request.days.day_at(standing.span.start()) else { return Vec::new() };
        let is = |shape: &Shape| {
            let template = &request.templates[shape.template];
            template.id == standing.template && shape.start == standing.span.start().get() && shape.length == standing.span.length()
        };
        let Some(shape) = shapes(request, day, step).find(is) else { return Vec::new() };
        let before = self.options.len() as u32;
        let own = |rule: usize| standing.breaks.iter().find(|(id, _)| *id == request.breaks[rule].id).map(|(_, start)| start.get());
        let pinned = |rule: usize| own(rule).or_else(|| pins.of(request, rule, shape, variant.1.unwrap_or_default()));
        self.enter(shape, STANDING, variant, &pinned);
        (before..self.options.len() as u32).collect()
    }

    /// The plan of a shift of `length` minutes with these sorts, if it has a legal arrangement and enough break for company.
    fn plan(&mut self, length: u32, sorts: Vec<BreakSort>) -> Option<u32> {
        if let Some(known) = self.known.get(&(length, sorts.clone())) {
            return *known;
        }
        let wellbeing = &self.request.wellbeing;
        let mut limited = sorts.clone();
        let mut stretches = Stretches::of(wellbeing, self.step);
        let outcome = asked::limit(&self.request.stretches, length, self.step, &mut limited, &mut stretches);
        let plan = (outcome != Limited::Impossible).then(|| BreakPlan::new(length / self.step, limited, stretches));
        let need = wellbeing.social.get().div_ceil(self.step);
        let number = plan.filter(|plan| plan.is_possible() && plan.break_cells() >= need).map(|plan| self.plans.number(plan));
        self.narrowed |= outcome == Limited::Narrowed;
        self.known.insert((length, sorts), number);
        number
    }
}

/// The shapes that templates allow on a day, in order of the templates, starts and lengths.
fn shapes(request: &Request, day: DayIndex, step: u32) -> impl Iterator<Item = Shape> + '_ {
    let today = move |(_, template): &(usize, &ShiftTemplate)| template.weekdays.holds(request.days.weekday(day));
    let shapes = move |(template, own): (usize, &ShiftTemplate)| -> Vec<Shape> {
        let minute = |of_day: u32| request.days.minute_at_wall(day, of_day).get();
        starts_and_lengths(own).map(|(of_day, length)| Shape { day, template, start: minute(of_day), length }).collect()
    };
    let all = request.templates.iter().enumerate().filter(today).flat_map(shapes);
    all.filter(move |shape| shape.start >= 0 && (shape.start as u32).is_multiple_of(step))
}

/// Starts (minutes of the day) and lengths of a template.
fn starts_and_lengths(template: &ShiftTemplate) -> impl Iterator<Item = (u32, Minutes)> {
    let starts = (template.start_from..=template.start_to).step_by(template.start_step.get().max(1) as usize);
    let (from, to, step) = (template.length_from.get(), template.length_to.get(), template.length_step.get().max(1));
    starts.flat_map(move |start| (from..=to).step_by(step as usize).map(move |length| (start, Minutes::of(length as u16))))
}
