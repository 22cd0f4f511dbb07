//! What burdens weigh for each person: unpopular shifts, late breaks, weekend shifts and denied wishes.
//!
//! A burden costs as its square over the exposure that it is shared by (paid time, wishes), what earlier rosters gave beyond a fair share
//! counted in. The sum over all people is least where everybody has her share, so each further burden is dearest for those who carry
//! most. Absent on purpose: company ([`crate::polish`] keeps it) and what is done about any of it.

use std::collections::BTreeMap;

use fika_model::fairness::Burden;
use fika_model::people::Wish;
use fika_model::{AgentId, DayIndex, Minute};

use crate::company::{Placed, SHARED_MINUTES};
use crate::problem::{DayWish, Person, Problem, ShiftOption};
use crate::state::{State, wish_cost};
use crate::weights::{BURDENS, WISH};

mod meets;

pub(crate) use meets::Meets;

/// Parts of a unit of the score into which costs of burdens are told apart.
pub(crate) const PARTS: i64 = 100;
/// The part of a horizon that a person is taken to be there at least, so that a single shift of somebody on leave does not weigh ten.
const LEAST_THERE: i64 = 5;
/// Parts of a burden into which what somebody has carried beyond a fair share is told apart, and the most of it that counts either way.
const DEBT_PARTS: i64 = 100;
const MOST_DEBT: i64 = 3 * DEBT_PARTS;

/// The burdens that a shift brings whatever its breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    pub(crate) unpopular: bool,
    pub(crate) weekend: bool,
}

/// What earlier rosters gave a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// Burdens carried beyond a fair share, in the order of [`Burden::ALL`] and in [`DEBT_PARTS`].
    debt: [i64; 4],
    /// Paid minutes of the horizon that burdens are shared by: full weeks for those of her group who are there most, less for her in proportion.
    paid: i64,
    /// Colleagues she wishes to meet, as people.
    pub(crate) colleagues: Vec<u32>,
    /// People who wish to meet her.
    pub(crate) wished_by: Vec<u32>,
}

/// What is fixed of all this before a search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fairness {
    /// Per option.
    marks: Vec<Marks>,
    /// Per person.
    standings: Vec<Standing>,
    /// People who may be asked for the same, by teams mixed: those of one contract and availability.
    alike: Vec<Vec<u32>>,
    /// A first break that begins more minutes than this after its shift is late.
    late_break: u32,
}

/// What a horizon gives a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Burdens carried, in the order of [`Burden::ALL`].
    pub(crate) carried: [i64; 4],
    /// Wishes asked.
    pub(crate) asked: i64,
    /// What denied wishes cost one by one.
    pub(crate) wishes: i64,
}

impl Tally {
    /// With one day's part in the place of another's.
    pub(crate) fn exchanged(mut self, old: &Self, new: &Self) -> Self {
        for (carried, (old, new)) in self.carried.iter_mut().zip(old.carried.iter().zip(&new.carried)) {
            *carried += new - old;
        }
        self.asked += new.asked - old.asked;
        self.wishes += new.wishes - old.wishes;
        self
    }

    /// Adds what a day gives, worked by this option with a first break at an offset, or off.
    pub(crate) fn add_day(&mut self, problem: &Problem, person: usize, day: usize, placed: Option<&Placed>) {
        let who = &problem.people[person];
        let option = placed.map(|placed| &problem.options[placed.option as usize]);
        self.wishes += wish_cost(problem, who, day, option);
        let (asked, denied) = asked_and_denied(who, day, option);
        self.asked += asked;
        self.carried[Burden::DeniedWishes as usize] += denied;
        let Some(placed) = placed else { return };
        let marks = problem.fairness.marks(placed.option);
        self.carried[Burden::UnpopularShifts as usize] += i64::from(marks.unpopular);
        self.carried[Burden::WeekendShifts as usize] += i64::from(marks.weekend);
        self.carried[Burden::LateBreaks as usize] += i64::from(problem.fairness.is_late(problem, placed));
    }
}

impl Fairness {
    /// Reads policy and counters; people and options must be there.
    pub(crate) fn of(problem: &Problem) -> Self {
        let request = &problem.request;
        let (policy, days) = (&request.fairness, &request.days);
        let wall = |day: usize, minute: u32| days.minute_at_wall(DayIndex::new(day as u32), minute);
        let bounds: Vec<_> = (0..problem.day_count()).map(|day| (wall(day, policy.early_before), wall(day, policy.late_after))).collect();
        let weekend: Vec<bool> = days.days().map(|day| policy.weekend.holds(days.weekday(day))).collect();
        let marks = |option: &ShiftOption| {
            let (early, late) = bounds[usize::from(option.day)];
            let (start, end) = (Minute::new(option.start_minute), Minute::new(problem.end_minute(option)));
            Marks { unpopular: start < early || end > late, weekend: weekend[usize::from(option.day)] }
        };
        let position = |person: &Person| &request.agents[person.position];
        let numbers: BTreeMap<&AgentId, u32> = problem.people.iter().enumerate().map(|(n, p)| (&position(p).id, n as u32)).collect();
        let alike = alike(problem);
        let debts = debts(problem, &alike);
        let paid = shares_of_time(problem, &alike);
        let standing = |(n, person): (usize, &Person)| {
            let agent = position(person);
            let colleague = |wish: &Wish| match wish {
                Wish::Colleague(id) => numbers.get(id).copied().filter(|colleague| *colleague as usize != n),
                _ => None,
            };
            Standing {
                debt: debts[n],
                paid: paid[n],
                colleagues: agent.wishes.iter().filter_map(colleague).collect(),
                wished_by: Vec::new(),
            }
        };
        let mut standings: Vec<Standing> = problem.people.iter().enumerate().map(standing).collect();
        for person in 0..standings.len() {
            for colleague in standings[person].colleagues.clone() {
                standings[colleague as usize].wished_by.push(person as u32);
            }
        }
        Self { marks: problem.options.iter().map(marks).collect(), standings, alike, late_break: policy.late_break.get() }
    }

    /// One more option that is marked as another.
    pub(crate) fn mark_alike(&mut self, option: u32) {
        self.marks.push(self.marks[option as usize]);
    }

    pub(crate) fn marks(&self, option: u32) -> Marks {
        self.marks[option as usize]
    }

    /// Groups of people who are compared with each other.
    pub(crate) fn alike(&self) -> &[Vec<u32>] {
        &self.alike
    }

    pub(crate) fn standing(&self, person: usize) -> &Standing {
        &self.standings[person]
    }

    /// Whether the first break of a shift is late.
    pub(crate) fn is_late(&self, problem: &Problem, placed: &Placed) -> bool {
        placed.breaks.first().is_some_and(|first| u32::from(first.offset) * problem.step > self.late_break)
    }

    /// Minutes after a shift's start from which on its first break is late.
    pub(crate) fn late_break(&self) -> u32 {
        self.late_break
    }

    /// What a burden costs a person who carries so much of it in the horizon, in [`PARTS`]; `asked` are the horizon's wishes.
    pub(crate) fn cost(&self, person: usize, burden: Burden, carried: i64, asked: i64) -> i64 {
        let standing = &self.standings[person];
        let exposure = if burden == Burden::DeniedWishes { asked } else { standing.paid };
        // A late break can be had by nobody, so it costs even those who had least: their debt counts from the least that there is.
        let least = if burden == Burden::LateBreaks { MOST_DEBT } else { 0 };
        let squares = carried * (2 * (standing.debt[burden as usize] + least) + DEBT_PARTS * carried);
        BURDENS[burden as usize] * i64::from(burden.per()) * squares / exposure.max(1) * PARTS / DEBT_PARTS
    }

    /// What one more of a burden costs her, in units of the score.
    pub(crate) fn price(&self, person: usize, burden: Burden, carried: i64) -> i64 {
        (self.cost(person, burden, carried + 1, 0) - self.cost(person, burden, carried, 0)) / PARTS
    }

    /// What a horizon costs a person, in [`PARTS`].
    pub(crate) fn worth(&self, person: usize, tally: &Tally) -> i64 {
        let cost = |burden: Burden| self.cost(person, burden, tally.carried[burden as usize], tally.asked);
        tally.wishes * PARTS + Burden::ALL.into_iter().map(cost).sum::<i64>()
    }
}

/// People of one contract and availability, in the order of their ids.
fn alike(problem: &Problem) -> Vec<Vec<u32>> {
    let mut groups: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for (n, person) in problem.people.iter().enumerate() {
        let agent = &problem.request.agents[person.position];
        let mut availability = agent.availability.clone();
        availability.sort_unstable();
        groups.entry((&agent.contract, availability)).or_default().push(n as u32);
    }
    groups.into_values().collect()
}

/// The paid minutes that the burdens of each person are shared by.
fn shares_of_time(problem: &Problem, alike: &[Vec<u32>]) -> Vec<i64> {
    let full = i64::from(Burden::UnpopularShifts.per()) * problem.day_count().div_ceil(7) as i64;
    let expected = |person: &u32| {
        let weeks = problem.people[*person as usize].weeks.iter();
        weeks.map(|week| i64::from(week.least) + i64::from(week.most.max(week.least))).sum::<i64>()
    };
    let mut shares = vec![full; problem.people.len()];
    for group in alike {
        let most = group.iter().map(expected).max().unwrap_or(0).max(1);
        for person in group {
            shares[*person as usize] = (full * expected(person) / most).max(full / LEAST_THERE);
        }
    }
    shares
}

/// What each person has carried before beyond her share of what her group has.
fn debts(problem: &Problem, alike: &[Vec<u32>]) -> Vec<[i64; 4]> {
    let mut debts = vec![[0; 4]; problem.people.len()];
    for group in alike {
        for burden in Burden::ALL {
            let of = |person: u32| {
                let position = problem.people[person as usize].position;
                let (carried, exposure) = problem.request.agents[position].history.counters.burden(burden);
                (i64::from(carried), i64::from(exposure))
            };
            let (carried, exposure) = group.iter().map(|person| of(*person)).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            for person in group.iter().filter(|_| exposure > 0) {
                let own = of(*person);
                let debt = DEBT_PARTS * own.0
                    - i64::try_from(i128::from(DEBT_PARTS * carried) * i128::from(own.1) / i128::from(exposure)).unwrap_or(0);
                debts[*person as usize][burden as usize] = debt.clamp(-MOST_DEBT, MOST_DEBT);
            }
        }
    }
    debts
}

/// Wishes of a person for a day, and those of them that a shift of this option, or none, denies. Colleagues are not among them.
fn asked_and_denied(person: &Person, day: usize, option: Option<&ShiftOption>) -> (i64, i64) {
    let (mut asked, mut denied) = (0, 0);
    for (_, wish) in person.wishes.iter().filter(|(wished, _)| *wished == day) {
        asked += 1;
        denied += i64::from(!wish.is_granted(option));
    }
    if let Some(option) = option {
        asked += person.starts_near.len() as i64;
        denied += person.starts_near.iter().filter(|near| !starts_near(option, **near)).count() as i64;
    }
    (asked, denied)
}

impl DayWish {
    /// Whether a day worked by this option, or off, grants it.
    pub(crate) fn is_granted(self, option: Option<&ShiftOption>) -> bool {
        match self {
            Self::Off => option.is_none(),
            Self::Template(template) => option.is_some_and(|option| option.template == template),
        }
    }
}

/// Whether a shift begins within half an hour of a time of the wall clock.
pub(crate) fn starts_near(option: &ShiftOption, near: u32) -> bool {
    (i32::from(option.wall) - near as i32).abs() <= 30
}

/// What a horizon gives a person, her colleagues' breaks as they are.
pub(crate) fn tally(state: &State<'_>, person: usize) -> Tally {
    let problem = state.problem;
    let mut tally = Tally::default();
    for day in 0..problem.day_count() {
        let own = state.placed(person, day);
        tally.add_day(problem, person, day, own);
        for colleague in &problem.fairness.standing(person).colleagues {
            let (Some(own), Some(other)) = (own, state.placed(*colleague as usize, day)) else { continue };
            if minutes_in_common(problem, &own.cells(problem), &other.cells(problem)) < SHARED_MINUTES {
                continue;
            }
            tally.asked += 1;
            if !share_a_break(problem, own, other) {
                tally.carried[Burden::DeniedWishes as usize] += 1;
                tally.wishes += WISH / 5 * problem.people[person].wish_percent / 100;
            }
        }
    }
    tally
}

fn minutes_in_common(problem: &Problem, a: &std::ops::Range<usize>, b: &std::ops::Range<usize>) -> u32 {
    a.end.min(b.end).saturating_sub(a.start.max(b.start)) as u32 * problem.step
}

/// Whether a break of the one holds five minutes of a break of the other.
pub(crate) fn share_a_break(problem: &Problem, a: &Placed, b: &Placed) -> bool {
    let shares = |cells: &std::ops::Range<usize>| {
        b.break_cells(problem).any(|(other, _)| minutes_in_common(problem, cells, &other) >= SHARED_MINUTES)
    };
    a.break_cells(problem).any(|(cells, _)| shares(&cells))
}

#[cfg(test)]
mod tests {
    use fika_model::fairness::FairCounters;
    use fika_model::request::RequestParts;

    use super::*;
    use crate::fixture::{checked, parts};
    use crate::generate::pools;

    /// What the first unpopular shift of a week costs each of three people.
    fn prices(change: impl FnOnce(&mut RequestParts)) -> Vec<i64> {
        let mut parts = parts(3, 7, |_| 1.0);
        change(&mut parts);
        let request = checked(parts);
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        (0..3).map(|person| problem.fairness.price(person, Burden::UnpopularShifts, 0)).collect()
    }

    fn carried(paid_minutes: u32, unpopular_shifts: u32) -> FairCounters {
        FairCounters { paid_minutes, unpopular_shifts, ..FairCounters::default() }
    }

    #[test]
    fn who_carried_more_than_a_fair_share_pays_more() {
        let check = |before: [FairCounters; 3], expect: [i64; 3]| {
            let found = prices(|parts| {
                parts.agents.iter_mut().zip(before).for_each(|(agent, counters)| agent.history.counters = counters);
            });
            assert_eq!(found, expect, "{before:?}");
        };
        let price = |debt: i64| BURDENS[0] * (2 * debt + 1);
        check([carried(0, 0); 3], [price(0); 3]);
        check([carried(4800, 2); 3], [price(0); 3]);
        check([carried(4800, 4), carried(4800, 1), carried(4800, 1)], [price(2), price(-1), price(-1)]);
        // Half the time there makes half the share; and no debt counts for more than three.
        check([carried(4800, 4), carried(4800, 4), carried(2400, 2)], [price(0); 3]);
        check([carried(4800, 30), carried(4800, 0), carried(4800, 0)], [price(3), price(-3), price(-3)]);
    }

    #[test]
    fn others_of_another_contract_or_availability_are_not_compared_with() {
        let found = prices(|parts| {
            parts.agents[0].history.counters = carried(4800, 4);
            parts.agents[1].history.counters = carried(4800, 1);
            let all_day = fika_model::people::WallWindow { weekdays: fika_model::people::Weekdays::ALL, from_minute: 0, to_minute: 1440 };
            parts.agents[1].availability = vec![all_day];
        });
        assert_eq!(found, [BURDENS[0]; 3]);
    }

    #[test]
    fn each_further_burden_costs_more_than_the_one_before() {
        let request = checked(parts(3, 7, |_| 1.0));
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        for burden in Burden::ALL {
            let costs: Vec<i64> = (0..6).map(|carried| problem.fairness.cost(0, burden, carried, 6)).collect();
            assert!(costs[0] == 0 && costs.windows(3).all(|of| of[2] - of[1] > of[1] - of[0]), "{burden:?}: {costs:?}");
        }
    }
}
