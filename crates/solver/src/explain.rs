//! Where a roster is short, and what keeps it so.
//!
//! A run of short cells of one pool is looked at through everybody who could serve it: for each agent not on the phones, the rules
//! are asked in turn which of them stands in the way. The rule that stops the most agents is the binding one. Nothing is worded
//! from a template of causes: each count comes from trying.

use fika_model::roster::Shortfall;
use fika_model::{Minute, Span};

use crate::problem::{Person, Problem, ShiftOption};
use crate::state::State;

/// What keeps one agent from one cell, in the order in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bar {
    /// She is on a break that is hers.
    Breaks,
    /// She takes part in something beside calls.
    Activities,
    /// She takes calls, where somebody is missing at a work in the back office.
    Phones,
    /// No template, contract or availability has a shift there.
    Unavailable,
    /// The rest before or after the neighbouring shifts, or the weekly rest.
    Rest,
    /// Days off, shifts a week or days in a row.
    DaysOff,
    /// The week's most paid minutes.
    WeeklyHours,
    /// Nothing: another roster could have her there, at a cost elsewhere.
    Nothing,
}

const BARS: [Bar; 8] =
    [Bar::Breaks, Bar::Activities, Bar::Phones, Bar::Unavailable, Bar::Rest, Bar::DaysOff, Bar::WeeklyHours, Bar::Nothing];

impl Bar {
    fn code(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Activities => "activities",
            Self::Phones => "phones",
            Self::Unavailable => "no-agent-available",
            Self::Rest => "rest",
            Self::DaysOff => "days-off",
            Self::WeeklyHours => "weekly-hours",
            Self::Nothing => "search",
        }
    }
}

/// All runs of short intervals, worst first.
pub(crate) fn shortfalls(state: &State<'_>) -> Vec<Shortfall> {
    let problem = state.problem;
    let per = (problem.request.interval.minutes() / problem.step) as usize;
    let intervals = problem.horizon_cells / per;
    let mut found = Vec::new();
    for pool in 0..problem.pools.len() {
        let short = |interval: usize| (interval * per..(interval + 1) * per).map(|cell| state.coverage.short(pool, cell)).sum::<u32>();
        let mut from = 0;
        while from < intervals {
            if short(from) == 0 {
                from += 1;
                continue;
            }
            let to = (from..intervals).find(|interval| short(*interval) == 0).unwrap_or(intervals);
            found.push(run(state, pool, from * per..to * per));
            from = to;
        }
    }
    found.sort_by(|a, b| {
        let worst = b.person_minutes.total_cmp(&a.person_minutes);
        worst.then_with(|| a.span.start().cmp(&b.span.start())).then_with(|| a.queues.cmp(&b.queues))
    });
    found
}

fn run(state: &State<'_>, pool: usize, cells: std::ops::Range<usize>) -> Shortfall {
    let problem = state.problem;
    let step = problem.step;
    let missing: u32 = cells.clone().map(|cell| state.coverage.short(pool, cell)).sum();
    let worst = cells.clone().max_by_key(|cell| (state.coverage.short(pool, *cell), std::cmp::Reverse(*cell))).unwrap_or(cells.start);
    let mut counts = [0u32; BARS.len()];
    for (n, person) in problem.people.iter().enumerate() {
        if can_serve(problem, person, pool)
            && let Some(bar) = bar(state, n, pool, worst)
        {
            counts[bar as usize] += 1;
        }
    }
    let binding = binding(&counts);
    Shortfall {
        queues: problem.pools[pool].queues.clone(),
        work: problem.pools[pool].work.clone(),
        span: Span::between(Minute::new((cells.start as u32 * step) as i32), Minute::new((cells.end as u32 * step) as i32)),
        person_minutes: f64::from(missing * step),
        most_people: f64::from(state.coverage.short(pool, worst)),
        binding: binding.code().to_owned(),
        reason: reason(binding, &counts),
    }
}

/// Whether a person could be counted for a pool: by the queues that she serves, or by her skill for a work.
fn can_serve(problem: &Problem, person: &Person, pool: usize) -> bool {
    let Some(work) = &problem.pools[pool].work else { return problem.groups[person.group as usize].contains(&(pool as u16)) };
    let skill = problem.request.back_office.iter().find(|known| &known.id == work).map(|known| &known.skill);
    problem.request.agents[person.position].skills.iter().any(|own| Some(&own.skill) == skill)
}

/// The rule that stops the most of those who could otherwise serve; who is never available counts only when nobody else is left.
fn binding(counts: &[u32; BARS.len()]) -> Bar {
    let asked = [Bar::Breaks, Bar::Activities, Bar::Phones, Bar::Rest, Bar::DaysOff, Bar::WeeklyHours, Bar::Nothing];
    let most = asked.into_iter().rev().max_by_key(|bar| counts[*bar as usize]).filter(|bar| counts[*bar as usize] > 0);
    most.unwrap_or(Bar::Unavailable)
}

fn reason(binding: Bar, counts: &[u32; BARS.len()]) -> String {
    let own = counts[binding as usize];
    let others: u32 = counts.iter().sum::<u32>() - own;
    let people = |n: u32| if n == 1 { "1 person".to_owned() } else { format!("{n} people") };
    let off = if others == 0 { String::new() } else { format!("; other reasons keep {}", people(others)) };
    match binding {
        Bar::Breaks => format!("{} on a break that stays{off}", people(own)),
        Bar::Activities => format!("{} in another activity{off}", people(own)),
        Bar::Phones => format!("{} on the phones{off}", people(own)),
        Bar::Unavailable if own == 0 => "everybody who can serve is on the phones".to_owned(),
        Bar::Unavailable => "nobody else has a shift that reaches this time under contract, templates and availability".to_owned(),
        Bar::Rest => format!("{} would lose the rest between shifts or in the week{off}", people(own)),
        Bar::DaysOff => format!("{} would lose days off or work too many days{off}", people(own)),
        Bar::WeeklyHours => format!("{} would pass the contract's weekly minutes{off}", people(own)),
        Bar::Nothing => format!("{} could be here, at the cost of another time{off}", people(own)),
    }
}

/// What keeps a person from a cell; `None` when she is on the phones.
fn bar(state: &State<'_>, person: usize, pool: usize, cell: usize) -> Option<Bar> {
    let problem = state.problem;
    let days = problem.days_around(cell, cell + 1);
    for placed in days.clone().filter_map(|day| state.placed(person, day)) {
        if placed.cells(problem).contains(&cell) {
            let away = placed.break_cells(problem).any(|(cells, _)| cells.contains(&cell));
            if away {
                return Some(Bar::Breaks);
            }
            let engaged = problem.held(person, placed).find(|engaged| engaged.cells().contains(&cell));
            let counted =
                engaged.and_then(|engaged| engaged.work).is_some_and(|work| problem.groups[work as usize].contains(&(pool as u16)));
            return match engaged {
                Some(_) => (!counted).then_some(Bar::Activities),
                None => problem.pools[pool].work.as_ref().map(|_| Bar::Phones),
            };
        }
    }
    // The rule that yields last is the one that stops her: the farthest any shift gets through the questions.
    let mut farthest = Bar::Unavailable;
    for day in days {
        let ceiling = ceiling(state, person, day);
        for number in &problem.lists[problem.people[person].lists[day] as usize] {
            let option = &problem.options[*number as usize];
            if (option.start as usize..(option.start + option.len) as usize).contains(&cell) {
                farthest = farthest.max(stopped(state, person, day, option));
                if farthest >= ceiling {
                    break;
                }
            }
        }
    }
    Some(farthest)
}

/// No option of the day gets farther than this: the days at work are the same for all of them.
fn ceiling(state: &State<'_>, person: usize, day: usize) -> Bar {
    if too_many_days(state, person, day) { Bar::DaysOff } else { Bar::Nothing }
}

/// Whether a shift on this day makes too many of them in the week or in a row.
fn too_many_days(state: &State<'_>, person: usize, day: usize) -> bool {
    let problem = state.problem;
    let who = &problem.people[person];
    let (week, _) = problem.week_of(day);
    let limits = &who.weeks[week];
    let works = |other: usize| other == day || state.placed(person, other).is_some();
    let shifts = problem.week_days(week).filter(|other| works(*other)).count() as u32;
    let row_before = (0..day).rev().take_while(|other| works(*other)).count();
    let row_after = (day + 1..problem.day_count()).take_while(|other| works(*other)).count();
    let carried = if row_before == day { who.days_before } else { 0 };
    let row = (row_before + 1 + row_after) as u32 + carried;
    shifts > limits.shifts.min(limits.touched) || row > who.most_consecutive
}

/// The first rule that an option breaks if it takes the place of what the person does on the day, everything else as it is.
fn stopped(state: &State<'_>, person: usize, day: usize, option: &ShiftOption) -> Bar {
    let problem = state.problem;
    let who = &problem.people[person];
    let span = |other: usize| state.placed(person, other).map(|placed| span_of(problem, &problem.options[placed.option as usize]));
    let own = span_of(problem, option);
    let before = (0..day).rev().find_map(span).map_or(who.last_end, |(_, end)| end);
    let after = (day + 1..problem.day_count()).find_map(span);
    if own.0 < before.saturating_add(who.rest) || after.is_some_and(|(start, _)| start < own.1.saturating_add(who.rest)) {
        return Bar::Rest;
    }
    let (week, _) = problem.week_of(day);
    let limits = &who.weeks[week];
    let range = problem.week_days(week);
    if limits.rest > 0 && !holds_rest(state, person, &range, limits.rest, day, own) {
        return Bar::Rest;
    }
    if too_many_days(state, person, day) {
        return Bar::DaysOff;
    }
    let paid = |other: usize| state.placed(person, other).map_or(0, |placed| problem.options[placed.option as usize].paid as i32);
    let sum: i32 = range.filter(|other| *other != day).map(paid).sum();
    if sum + option.paid as i32 > limits.most { Bar::WeeklyHours } else { Bar::Nothing }
}

fn span_of(problem: &Problem, option: &ShiftOption) -> (i32, i32) {
    (option.start_minute, problem.end_minute(option))
}

/// Whether a week still holds its rest with another shift on one day.
fn holds_rest(state: &State<'_>, person: usize, range: &std::ops::Range<usize>, rest: i32, day: usize, own: (i32, i32)) -> bool {
    let problem = state.problem;
    let (start, end) = (problem.days[range.start].start, problem.days[range.end - 1].end);
    let mut free_from = start.max(problem.people[person].last_end);
    for other in range.start.saturating_sub(1)..range.end {
        let shift = if other == day {
            Some(own)
        } else {
            state.placed(person, other).map(|p| span_of(problem, &problem.options[p.option as usize]))
        };
        if let Some((from, to)) = shift {
            if from - free_from >= rest {
                return true;
            }
            free_from = free_from.max(to);
        }
    }
    end - free_from >= rest
}

#[cfg(test)]
mod tests;
