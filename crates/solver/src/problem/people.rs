//! Agents as the search sees them: indices, limits in numbers, and the shifts each may work on each day.

use std::collections::BTreeMap;
use std::ops::Range;

use fika_model::people::{Agent, Contract, Wish};
use fika_model::{DayIndex, Minute, Request, Span, Timestamp};

use crate::problem::limits::{Limits, ShiftLimits};
use crate::problem::{Interner, Pool, Problem, ShiftOption, TeamData};

/// Limits of one agent's week, in paid minutes on shift (credited absences are taken off) and shifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WeekLimits {
    /// Least paid minutes.
    pub(crate) least: i32,
    /// Most paid minutes; negative when the absences alone pass the contract's.
    pub(crate) most: i32,
    /// Most shifts.
    pub(crate) shifts: u32,
    /// Days with or reached by a shift, at most.
    pub(crate) touched: u32,
    /// Rest in minutes that the week must hold; 0 for a week cut off by the horizon.
    pub(crate) rest: i32,
}

/// One agent.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Position in the request.
    pub(crate) position: usize,
    pub(crate) team: u32,
    pub(crate) group: u32,
    /// Per day, the number of the list of options.
    pub(crate) lists: Vec<u32>,
    pub(crate) weeks: Vec<WeekLimits>,
    pub(crate) most_consecutive: u32,
    /// End of the last shift before the horizon in minutes; long ago where not told.
    pub(crate) last_end: i32,
    pub(crate) days_before: u32,
    /// Least rest between shifts, in minutes.
    pub(crate) rest: i32,
    /// Wishes by day: no shift, or a template.
    pub(crate) wishes: Vec<(usize, DayWish)>,
    /// Preferred starts, in minutes after midnight.
    pub(crate) starts_near: Vec<u32>,
    /// What a wish of hers weighs, in percent: more for each year of employment where that is asked for, and more the fewer were granted before.
    pub(crate) wish_percent: i64,
    /// Averages, weekends, nights, rotation and what else a contract may add.
    pub(crate) limits: Limits,
}

/// A wish for one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DayWish {
    Off,
    Template(u16),
}

/// A minute so long ago that no rest is counted from it.
pub(crate) const LONG_AGO: i32 = i32::MIN / 4;

/// The minute at which a shift has ended: an end inside a minute takes all of it.
fn ended(request: &Request, at: Timestamp) -> i32 {
    let minute = request.days.minute_of(at);
    (minute.get() + i32::from(request.days.timestamp(minute) < at)).max(LONG_AGO)
}

/// Enters people, groups, teams and option lists into the problem.
pub(super) fn enter(problem: &mut Problem, pools: &[Pool], blended: bool, variants: &[u16], fixed: &BTreeMap<(usize, usize), Vec<u32>>) {
    let request = problem.request.clone();
    let mut served: Vec<Vec<u16>> = vec![Vec::new(); request.agents.len()];
    for (n, pool) in pools.iter().enumerate().filter(|(_, pool)| blended || pool.work.is_none()) {
        for agent in &pool.agents {
            if let Some(list) = served.get_mut(*agent) {
                list.push(n as u16);
            }
        }
    }
    let teams: BTreeMap<_, u32> = request.teams.iter().enumerate().map(|(n, team)| (&team.id, n as u32)).collect();
    let mut order: Vec<usize> = (0..request.agents.len()).collect();
    order.sort_by_key(|n| &request.agents[*n].id);
    let mut groups = Interner::new();
    let mut lists = OptionLists::new(problem, &request);
    problem.teams = vec![TeamData::default(); request.teams.len()];
    let mut people = Vec::new();
    let size = |team: &fika_model::TeamId| request.agents.iter().filter(|a| &a.team == team).count() as u32;
    let sizes: BTreeMap<_, u32> = request.teams.iter().map(|team| (&team.id, size(&team.id))).collect();
    for position in order {
        let agent = &request.agents[position];
        let Some(contract) = request.contracts.iter().find(|c| c.id == agent.contract) else { continue };
        let team = teams.get(&agent.team).copied().unwrap_or_default();
        problem.teams[team as usize].members.push(people.len() as u32);
        let lonely = problem.company.need > 0 && sizes.get(&agent.team).copied().unwrap_or_default() <= problem.company.companions;
        people.push(Person {
            position,
            team,
            group: groups.number(served[position].clone()),
            lists: if lonely {
                vec![lists.none(); request.days.len()]
            } else {
                let standing = |n: usize| fixed.get(&(position, n)).map_or(&[][..], Vec::as_slice);
                lists.of(agent, contract, variants[position], &standing)
            },
            weeks: weeks(problem, agent, contract),
            most_consecutive: contract.most_consecutive_days,
            last_end: agent.last_shift_end.map_or(LONG_AGO, |at| ended(&request, at)),
            days_before: agent.days_worked_before,
            rest: request.rest.between_shifts.max(request.rest.daily).get() as i32,
            wishes: wishes(&request, agent),
            starts_near: agent.wishes.iter().filter_map(|wish| if let Wish::StartNear(at) = wish { Some(*at) } else { None }).collect(),
            wish_percent: wish_percent(&request, agent),
            limits: Limits::of(&request, agent, contract),
        });
    }
    problem.tails = tails(problem, pools, &served, &mut groups);
    problem.lists = lists.lists.values;
    problem.people = people;
    for (n, pool) in pools.iter().enumerate() {
        if let Some(work) = &pool.work {
            problem.works.push((work.clone(), groups.number(vec![n as u16])));
        }
    }
    problem.groups = groups.values;
}

/// Time on queue that the roster before has in the horizon: the group of those who serve what is named, and the cells.
fn tails(problem: &Problem, pools: &[Pool], served: &[Vec<u16>], groups: &mut Interner<Vec<u16>>) -> Vec<(u32, Range<usize>)> {
    let (request, step) = (&problem.request, problem.step as i32);
    let mut order: Vec<usize> = (0..request.agents.len()).collect();
    order.sort_by_key(|n| &request.agents[*n].id);
    let mut tails = Vec::new();
    for position in order {
        for work in &request.agents[position].history.on_queue_in_horizon {
            let span = work.span(&request.days);
            let named = |pool: &&u16| work.queues.is_empty() || pools[usize::from(**pool)].queues.iter().any(|id| work.queues.contains(id));
            // A cell counts when all of it is worked.
            let first = (span.start().get().max(0) + step - 1) / step;
            let last = (span.end().get().max(0) / step).min(problem.horizon_cells as i32);
            if first < last {
                tails.push((groups.number(served[position].iter().filter(named).copied().collect()), first as usize..last as usize));
            }
        }
    }
    tails
}

fn weeks(problem: &Problem, agent: &Agent, contract: &Contract) -> Vec<WeekLimits> {
    let days = problem.day_count();
    let limits = |week: usize| {
        let range = problem.week_days(week);
        let whole = range.len() == 7;
        let span = Span::between(Minute::new(problem.days[range.start].start), Minute::new(problem.days[range.end - 1].end));
        let credited: i32 = agent.absences.iter().filter(|a| span.holds(a.span.start())).map(|a| a.credited.get() as i32).sum();
        let least = contract.week_paid.least.get() as usize * range.len() / 7;
        WeekLimits {
            least: (least as i32 - credited).max(0),
            most: contract.week_paid.most.get() as i32 - credited,
            shifts: contract.most_days_per_week,
            touched: if whole { 7u32.saturating_sub(problem.days_off) } else { 7 },
            rest: if whole { problem.weekly_rest } else { 0 },
        }
    };
    (0..days.div_ceil(7)).map(limits).collect()
}

/// Half as much for somebody whose wishes were all granted, half as much again for somebody whose wishes never were.
fn wish_percent(request: &Request, agent: &Agent) -> i64 {
    let (asked, granted) = (i64::from(agent.history.counters.wishes_asked), i64::from(agent.history.counters.wishes_granted));
    let seniority = request.fairness.seniority(agent.history.employed_since, request.days.first_date());
    i64::from(seniority) * (150 * (asked + 2) - 100 * (granted + 1)) / (100 * (asked + 2))
}

fn wishes(request: &Request, agent: &Agent) -> Vec<(usize, DayWish)> {
    let wish = |wish: &Wish| match wish {
        Wish::DayOff(date) => Some((request.days.day_of_date(*date)?.get(), DayWish::Off)),
        Wish::Template(date, id) => {
            let template = request.templates.iter().position(|t| &t.id == id)?;
            Some((request.days.day_of_date(*date)?.get(), DayWish::Template(template as u16)))
        }
        Wish::StartNear(_) | Wish::Colleague(_) => None,
    };
    agent.wishes.iter().filter_map(wish).collect()
}

/// Disjoint pieces of time in order, in minutes of the horizon.
type Pieces = Vec<(i32, i32)>;

/// The lists of options by day, each kept once however many agents share it.
struct OptionLists<'a> {
    request: &'a Request,
    options: Vec<ShiftOption>,
    by_day: Vec<Vec<u32>>,
    step: u32,
    lists: Interner<Vec<u32>>,
    /// Lists of agents without absences, by contract, joined availability and variant.
    known: BTreeMap<(usize, Pieces, u16), Vec<u32>>,
}

impl<'a> OptionLists<'a> {
    fn new(problem: &Problem, request: &'a Request) -> Self {
        let mut by_day = vec![Vec::new(); request.days.len()];
        for (n, option) in problem.options.iter().enumerate() {
            by_day[option.day as usize].push(n as u32);
        }
        Self { request, options: problem.options.clone(), by_day, step: problem.step, lists: Interner::new(), known: BTreeMap::new() }
    }

    fn none(&mut self) -> u32 {
        self.lists.number(Vec::new())
    }

    fn of<'f>(&mut self, agent: &Agent, contract: &Contract, variant: u16, standing: &dyn Fn(usize) -> &'f [u32]) -> Vec<u32> {
        let position = self.request.contracts.iter().position(|c| c.id == contract.id).unwrap_or_default();
        let key = (position, self.available(agent), variant);
        let alone = !agent.absences.is_empty() || !agent.fixed.is_empty();
        if let Some(lists) = self.known.get(&key).filter(|_| !alone) {
            return lists.clone();
        }
        let absent: Vec<(i32, i32)> = agent.absences.iter().map(|a| (a.span.start().get(), a.span.end().get())).collect();
        let allowed: Vec<bool> =
            self.request.templates.iter().map(|t| contract.templates.is_empty() || contract.templates.contains(&t.id)).collect();
        let single = ShiftLimits::of(self.request, agent, contract);
        let mut numbers = Vec::new();
        for day in 0..self.by_day.len() {
            let mut list: Vec<u32> = Vec::new();
            let fixed =
                agent.fixed.iter().position(|fixed| self.request.days.day_at(fixed.span.start()) == Some(DayIndex::new(day as u32)));
            let today = fixed.map_or_else(|| self.by_day[day].clone(), |n| standing(n).to_vec());
            for number in &today {
                let option = &self.options[*number as usize];
                let minutes = option.len * self.step;
                let (start, end) = (option.start_minute, option.start_minute + minutes as i32);
                let fits = (option.variant == variant || fixed.is_some())
                    && single.allow(start, minutes, option.paid)
                    && allowed[option.template as usize]
                    && contract.shift_length.least.get() <= minutes
                    && minutes <= contract.shift_length.most.get()
                    && key.1.iter().any(|(from, to)| *from <= start && end <= *to)
                    && !absent.iter().any(|(from, to)| *from < end && start < *to && from < to);
                let same = |other: &ShiftOption| (other.start, other.len, other.plan) == (option.start, option.len, option.plan);
                let twin = |other: &u32| same(&self.options[*other as usize]);
                if fits && !list.iter().any(twin) {
                    list.push(*number);
                }
            }
            numbers.push(self.lists.number(list));
        }
        if !alone {
            self.known.insert(key, numbers.clone());
        }
        numbers
    }

    /// Availability as disjoint pieces of time, in order.
    fn available(&self, agent: &Agent) -> Pieces {
        if agent.availability.is_empty() {
            return vec![(i32::MIN, i32::MAX)];
        }
        let days = &self.request.days;
        // A last shift may reach into the day after the horizon.
        let all = || (0..=days.len() as u32).map(DayIndex::new);
        let windows = agent.availability.iter().flat_map(|w| all().filter_map(move |day| w.on(days, day)));
        let mut pieces: Pieces = windows.map(|span| (span.start().get(), span.end().get())).collect();
        pieces.sort_unstable();
        let mut joined: Pieces = Vec::new();
        for (from, to) in pieces {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        joined
    }
}
