//! For which times people could have a shift, each day alone.

use std::collections::BTreeMap;

use fika_model::{AgentId, Span};

use crate::problem::Problem;

/// For which times people could have a shift at all.
#[derive(Debug)]
pub struct Presence<'p> {
    problem: &'p Problem,
    /// Per list of options that was asked about: starts, each with the latest end of those that begin no later.
    reach: BTreeMap<u32, Vec<(u32, u32)>>,
}

impl<'p> Presence<'p> {
    /// Of the people of a problem.
    pub const fn new(problem: &'p Problem) -> Self {
        Self { problem, reach: BTreeMap::new() }
    }

    /// Whether an agent may work a shift that begins on the day of a time and lasts during all of it, other shifts left aside.
    pub fn may_hold(&mut self, agent: &AgentId, span: Span) -> bool {
        let problem = self.problem;
        let Some(person) = problem.person(agent) else { return false };
        let day = problem.days.partition_point(|day| day.end <= span.start().get());
        let Some(list) = problem.people[person].lists.get(day).copied() else { return false };
        let reach = self.reach.entry(list).or_insert_with(|| {
            let options = problem.lists[list as usize].iter().map(|number| &problem.options[*number as usize]);
            let mut reach: Vec<(u32, u32)> = options.map(|option| (option.start, option.start + option.len)).collect();
            reach.sort_unstable();
            let mut latest = 0;
            for (_, end) in &mut reach {
                latest = latest.max(*end);
                *end = latest;
            }
            reach
        });
        let step = problem.step as i32;
        let (from, to) = (span.start().get().div_euclid(step), (span.end().get() + step - 1).div_euclid(step));
        let begun = reach.partition_point(|(start, _)| i64::from(*start) <= i64::from(from));
        begun > 0 && i64::from(reach[begun - 1].1) >= i64::from(to)
    }
}
