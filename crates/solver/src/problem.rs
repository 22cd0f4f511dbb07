//! The problem in dense form: cells of one break step, indices instead of ids, legal shifts enumerated.
//!
//! Invariant: people are in the order of their ids, so the order of agents in a request changes nothing; every
//! shift option has at least one legal arrangement of its breaks. Ids go in here once and come out in `output`.
//! Absent on purpose: prices, counts and anything else that a search changes.

use std::collections::BTreeMap;

use fika_model::grid::Curve;
use fika_model::{ActivityId, QueueId, Request};

use crate::breaks::BreakPlan;
use crate::engaged::{Engaged, Session};
use crate::fairness::Fairness;
use crate::warm::Keep;

mod catalogue;
pub(crate) mod contradiction;
mod limits;
pub(crate) mod people;

pub use contradiction::{Contradiction, Infeasible};
pub(crate) use limits::{Limits, WeekendDay};
pub(crate) use people::{DayWish, Person, WeekLimits};

/// Queues that exactly the same agents serve, staffed as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// The queues.
    pub queues: Vec<QueueId>,
    /// The work in the back office that is meant, where there are no queues.
    pub work: Option<ActivityId>,
    /// Who serves them, as positions in the request's agents.
    pub agents: Vec<usize>,
    /// People needed on the phones, per planning interval.
    pub required: Curve<u32>,
}

/// A shift that somebody may work: a start and a length on one day, with the plan of its breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShiftOption {
    /// First cell.
    pub(crate) start: u32,
    /// Length in cells.
    pub(crate) len: u32,
    /// Start in minutes of the horizon.
    pub(crate) start_minute: i32,
    /// Paid minutes.
    pub(crate) paid: u32,
    /// Position of its template in the request.
    pub(crate) template: u16,
    /// Day on which it begins.
    pub(crate) day: u16,
    /// Its break plan.
    pub(crate) plan: u32,
    /// The agents that it is for; see [`catalogue::Catalogue`].
    pub(crate) variant: u16,
    /// Its start by the wall clock, in minutes after midnight.
    pub(crate) wall: u16,
}

/// A day of the horizon in minutes from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    pub(crate) start: i32,
    pub(crate) end: i32,
}

/// A pool with its requirement per cell.
#[derive(Debug, Clone)]
pub(crate) struct PoolData {
    pub(crate) queues: Vec<QueueId>,
    pub(crate) work: Option<ActivityId>,
    pub(crate) required: Vec<u32>,
}

/// A team: its members in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct TeamData {
    pub(crate) members: Vec<u32>,
}

/// The promises about company, in cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CompanyRules {
    /// Cells of social time each shift needs.
    pub(crate) need: u32,
    /// Companions that make a cell social.
    pub(crate) companions: u32,
    /// Whether rest breaks must not be taken alone.
    pub(crate) never_alone: bool,
    /// Whether [`Problem::most_away`] says anything.
    pub(crate) limits_groups: bool,
    /// Team-mates to be met in a week.
    pub(crate) least_met: u32,
}

/// A request made ready for the search.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(crate) request: Request,
    /// Minutes a cell.
    pub(crate) step: u32,
    /// Cells of the horizon and of the shifts that reach beyond it.
    pub(crate) cells: usize,
    /// Cells of the horizon.
    pub(crate) horizon_cells: usize,
    pub(crate) days: Vec<Day>,
    pub(crate) pools: Vec<PoolData>,
    /// The pools that the agents of each group serve; a group is a distinct set.
    pub(crate) groups: Vec<Vec<u16>>,
    pub(crate) options: Vec<ShiftOption>,
    pub(crate) plans: Vec<BreakPlan>,
    /// Lists of options that agents share; see [`Person::lists`].
    pub(crate) lists: Vec<Vec<u32>>,
    /// Per list, the first cell of its options and the one after their last.
    pub(crate) list_reach: Vec<(u32, u32)>,
    pub(crate) people: Vec<Person>,
    /// Time on queue that the roster before has in the horizon, by group.
    pub(crate) tails: Vec<(u32, std::ops::Range<usize>)>,
    pub(crate) teams: Vec<TeamData>,
    pub(crate) company: CompanyRules,
    /// What burdens weigh for each person.
    pub(crate) fairness: Fairness,
    /// Rest that each whole week must hold, in minutes.
    pub(crate) weekly_rest: i32,
    /// Days off in each whole week.
    pub(crate) days_off: u32,
    /// The roster to go on from, if there is one.
    pub(crate) keep: Option<Keep>,
    /// Whether a shift may reach into another day than the one on which it begins.
    pub(crate) overnight: bool,
    /// Whether some legal rosters are left out, so that no bound over those that are here holds for all.
    pub(crate) narrowed: bool,
    /// What part of a weekend each day is.
    pub(crate) weekends: Vec<Option<WeekendDay>>,
    /// Work with a demand of its own, each with the group whose people count for it alone.
    pub(crate) works: Vec<(ActivityId, u32)>,
    /// What people take part in beside calls, and by person; nothing at all where nobody does.
    pub(crate) sessions: Vec<Session>,
    pub(crate) engaged: Vec<Vec<Engaged>>,
}

impl Problem {
    /// Makes a request ready: enumerates the legal shifts, checks that every agent alone has a legal week.
    ///
    /// # Errors
    /// [`Infeasible`] with every contradiction between the rules and what an agent may work.
    pub fn new(request: &Request, pools: Vec<Pool>) -> Result<Self, Infeasible> {
        Self::read(request, pools, false)
    }

    /// The same, but people on the phones count for work in the back office as well, cell by cell, as if there were no blocks: what a search
    /// begins with that is to leave room for them. No roster is less short than one of these.
    ///
    /// # Errors
    /// As [`Problem::new`].
    pub fn blended(request: &Request, pools: Vec<Pool>) -> Result<Self, Infeasible> {
        Self::read(request, pools, true)
    }

    fn read(request: &Request, pools: Vec<Pool>, blended: bool) -> Result<Self, Infeasible> {
        let step = request.break_step.get();
        let days: Vec<Day> = request
            .days
            .days()
            .map(|day| {
                let span = request.days.day_span(day);
                Day { start: span.start().get(), end: span.end().get() }
            })
            .collect();
        let catalogue = catalogue::Catalogue::new(request, &pools, step);
        let horizon_cells = (request.days.span().length().get() / step) as usize;
        let reach = catalogue.options.iter().map(|o| (o.start + o.len) as usize).max().unwrap_or(0);
        let wellbeing = &request.wellbeing;
        let mut problem = Self {
            request: request.clone(),
            step,
            cells: horizon_cells.max(reach) + 1,
            horizon_cells,
            days,
            pools: Vec::new(),
            groups: Vec::new(),
            options: catalogue.options,
            plans: catalogue.plans,
            lists: Vec::new(),
            list_reach: Vec::new(),
            people: Vec::new(),
            tails: Vec::new(),
            teams: Vec::new(),
            company: CompanyRules {
                need: wellbeing.social.get().div_ceil(step),
                companions: wellbeing.social_companions,
                never_alone: wellbeing.no_rest_alone,
                limits_groups: wellbeing.largest_group.is_some() || wellbeing.largest_group_share.is_some(),
                least_met: wellbeing.least_met_a_week,
            },
            fairness: Fairness::default(),
            weekly_rest: request.rest.weekly.get() as i32,
            days_off: request.rest.days_off_per_week,
            keep: None,
            overnight: false,
            narrowed: catalogue.narrowed,
            weekends: limits::weekend_days(request),
            works: Vec::new(),
            sessions: Vec::new(),
            engaged: Vec::new(),
        };
        let reaches = |option: &ShiftOption| problem.end_minute(option) > problem.days[usize::from(option.day)].end;
        problem.overnight = problem.options.iter().any(reaches);
        people::enter(&mut problem, &pools, blended, &catalogue.variants, &catalogue.fixed);
        problem.read_reach();
        problem.fairness = Fairness::of(&problem);
        problem.pools = pools.into_iter().map(|pool| problem.pool_data(pool)).collect();
        let contradictions = contradiction::find(&problem, catalogue.unplaceable);
        if contradictions.is_empty() { Ok(problem) } else { Err(Infeasible { contradictions }) }
    }

    fn pool_data(&self, pool: Pool) -> PoolData {
        let per_interval = (self.request.interval.minutes() / self.step) as usize;
        let value = |cell: usize| pool.required.values().get(cell / per_interval).copied().unwrap_or(0);
        let required = (0..self.cells).map(|cell| if cell < self.horizon_cells { value(cell) } else { 0 }).collect();
        PoolData { queues: pool.queues, work: pool.work, required }
    }

    /// Reads the reach of each list again.
    pub(crate) fn read_reach(&mut self) {
        self.list_reach = self.lists.iter().map(|list| self.reach_of(list)).collect();
    }

    fn reach_of(&self, list: &[u32]) -> (u32, u32) {
        let options = || list.iter().map(|n| &self.options[*n as usize]);
        let first = options().map(|option| option.start).min().unwrap_or(u32::MAX);
        (first, options().map(|option| option.start + option.len).max().unwrap_or(0))
    }

    /// The days whose shifts may hold a cell of the range.
    pub(crate) fn days_around(&self, first: usize, last: usize) -> std::ops::Range<usize> {
        let minute = |cell: usize| (cell as u32 * self.step) as i32;
        let from = self.days.partition_point(|day| day.end <= minute(first)).saturating_sub(1);
        let to = self.days.partition_point(|day| day.start < minute(last));
        from..to.max(from)
    }

    /// How many days the horizon has.
    pub(crate) fn day_count(&self) -> usize {
        self.days.len()
    }

    /// The week of a day and whether the horizon holds all of that week.
    pub(crate) fn week_of(&self, day: usize) -> (usize, bool) {
        (day / 7, (day / 7 + 1) * 7 <= self.days.len())
    }

    /// First and last day (exclusive) of a week.
    pub(crate) fn week_days(&self, week: usize) -> std::ops::Range<usize> {
        week * 7..((week + 1) * 7).min(self.days.len())
    }

    /// Person-minutes required on the phones over all pools.
    pub fn required_minutes(&self) -> f64 {
        let cells: u64 = self.pools.iter().flat_map(|p| &p.required).map(|r| u64::from(*r)).sum();
        cells as f64 * f64::from(self.step)
    }

    /// Most of a team on break at once while so many of it are on shift; everybody where no policy says else.
    pub(crate) fn most_away(&self, on_shift: u32) -> u32 {
        let wellbeing = &self.request.wellbeing;
        let by_share = wellbeing.group_by_share(on_shift).unwrap_or(u32::MAX);
        wellbeing.largest_group.map_or(by_share, |largest| largest.min(by_share))
    }

    /// How many agents there are.
    pub fn agent_count(&self) -> usize {
        self.people.len()
    }

    /// The end of an option in minutes of the horizon.
    pub(crate) fn end_minute(&self, option: &ShiftOption) -> i32 {
        option.start_minute + (option.len * self.step) as i32
    }
}

/// Gives equal values one number, in the order of their first appearance.
pub(crate) struct Interner<T> {
    index: BTreeMap<T, u32>,
    pub(crate) values: Vec<T>,
}

impl<T: Ord + Clone> Interner<T> {
    pub(crate) fn new() -> Self {
        Self { index: BTreeMap::new(), values: Vec::new() }
    }

    pub(crate) fn number(&mut self, value: T) -> u32 {
        if let Some(number) = self.index.get(&value) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.index.insert(value.clone(), number);
        self.values.push(value);
        number
    }
}
