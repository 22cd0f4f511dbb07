//! When groups take the breaks that they take at the same time: settled once, before the search, for each rule, day and group.
//!
//! The time is the one at which the most shapes of shift have a legal arrangement of their breaks, and of those the one at which the fewest
//! people are required or away with groups that were settled before. Shapes for which it is impossible are given to nobody of the group.

use std::collections::BTreeMap;

use fika_model::rules::SameTime;
use fika_model::{DayIndex, Request};

use super::asked::{self, Limited, Shape};
use super::shapes;
use crate::breaks::{BreakPlan, BreakSort, Stretches};

/// A rule, a day, and the team and template that tell groups apart.
type Key = (usize, usize, Option<u32>, Option<usize>);

/// Starts in minutes of the horizon.
#[derive(Debug, Default)]
pub(super) struct Pins(BTreeMap<Key, i32>);

/// The group of a shift under a rule.
fn key(same: SameTime, rule: usize, shape: Shape, team: u32) -> Key {
    let day = shape.day.get();
    match same {
        SameTime::Crew => (rule, day, Some(team), Some(shape.template)),
        SameTime::Team => (rule, day, Some(team), None),
        SameTime::Site => (rule, day, None, None),
    }
}

impl Pins {
    /// Settles every group's time for teams of so many members. `required` is the number of people required at a minute of the horizon.
    pub(super) fn new(request: &Request, step: u32, members: &[u64], required: &dyn Fn(i32) -> u64) -> Self {
        let mut pins = Self::default();
        let mut known = BTreeMap::new();
        let mut away: BTreeMap<i32, u64> = BTreeMap::new();
        let rules = request.breaks.iter().enumerate().filter_map(|(n, rule)| Some((n, rule.terms.same_time?)));
        for (rule, same) in rules {
            let mut groups: BTreeMap<Key, Vec<Shape>> = BTreeMap::new();
            for day in request.days.days() {
                for shape in shapes(request, day, step).filter(|shape| asked::due(request, *shape, &request.breaks[rule]) > 0) {
                    for team in 0..if same == SameTime::Site { 1 } else { members.len() } {
                        groups.entry(key(same, rule, shape, team as u32)).or_default().push(shape);
                    }
                }
            }
            for (group, shapes) in groups {
                let team = group.2.unwrap_or_default();
                let busy = |minute: i32| required(minute) + away.get(&minute).copied().unwrap_or_default();
                if let Some(at) = pins.settle(request, step, (rule, team), &shapes, &busy, &mut known) {
                    pins.0.insert(group, at);
                    let interval = request.interval.minutes() as usize;
                    for minute in (at..at + request.breaks[rule].scheduled().get() as i32).step_by(interval) {
                        *away.entry(minute).or_default() += members.get(team as usize).copied().unwrap_or_default();
                    }
                }
            }
        }
        pins
    }

    /// The start that a rule's break has in a shift of a member of the team, if its group has one.
    pub(super) fn of(&self, request: &Request, rule: usize, shape: Shape, team: u32) -> Option<i32> {
        let same = request.breaks[rule].terms.same_time?;
        self.0.get(&key(same, rule, shape, team)).copied()
    }

    fn settle(
        &self,
        request: &Request,
        step: u32,
        (rule, team): (usize, u32),
        shapes: &[Shape],
        required: &dyn Fn(i32) -> u64,
        known: &mut BTreeMap<(u32, Vec<BreakSort>), bool>,
    ) -> Option<i32> {
        let length = request.breaks[rule].scheduled().get() as i32;
        let day = request.days.day_span(shapes.first().map_or(DayIndex::new(0), |shape| shape.day)).start().get();
        let end = shapes.iter().map(|shape| shape.start + shape.length.get() as i32).max()?;
        let interval = request.interval.minutes() as usize;
        let mut best: Option<(usize, std::cmp::Reverse<u64>, std::cmp::Reverse<i32>)> = None;
        for at in (day..end).step_by(interval) {
            let pinned = |shape: Shape, other: usize| if other == rule { Some(at) } else { self.of(request, other, shape, team) };
            let fits = |shape: &&Shape| possible(request, **shape, step, &|other| pinned(**shape, other), known);
            let count = shapes.iter().filter(fits).count();
            let people: u64 = (at..at + length).step_by(interval).map(required).sum();
            let found = (count, std::cmp::Reverse(people), std::cmp::Reverse(at));
            if count > 0 && best.is_none_or(|best| found > best) {
                best = Some(found);
            }
        }
        best.map(|(_, _, at)| at.0)
    }
}

fn possible(
    request: &Request,
    shape: Shape,
    step: u32,
    pinned: &dyn Fn(usize) -> Option<i32>,
    known: &mut BTreeMap<(u32, Vec<BreakSort>), bool>,
) -> bool {
    asked::ways(request, shape, step, &[], pinned).into_iter().any(|mut sorts| {
        let mut stretches = Stretches::of(&request.wellbeing, step);
        if asked::limit(&request.stretches, shape.length.get(), step, &mut sorts, &mut stretches) == Limited::Impossible {
            return false;
        }
        let plan = |sorts: &[BreakSort]| BreakPlan::new(shape.length.get() / step, sorts.to_vec(), stretches).is_possible();
        *known.entry((shape.length.get(), sorts)).or_insert_with_key(|(_, sorts)| plan(sorts))
    })
}
