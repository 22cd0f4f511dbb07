//! The best answer of one agent to everybody else's roster: which of the free days to work, which shifts, and where the breaks lie.
//!
//! Offers are first priced by hope, which no arrangement of breaks can beat; only those that the best path uses are arranged
//! exactly, until the path holds none that is not. Of the offers of one paid length on a day the path sees the best, and the best that
//! is late enough to follow any shift of the day before. Rules between days are `path`'s.

use std::sync::Arc;

use crate::bound::Likely;
use crate::breaks::{PlacedBreak, Placer};
use crate::company::Placed;
use crate::field::Field;
use crate::path::{Choice, DayChoices, Pathfinder};
use crate::problem::Problem;
use crate::state::{State, wish_cost};
use crate::weights::PAID_MINUTE;

/// Rounds after which the best path with exact prices only is taken.
const MOST_ROUNDS: usize = 100;
/// The worth of what must not be chosen.
const NEVER: i64 = i64::MIN / 8;

/// What an answer may change on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freedom {
    /// Nothing.
    Fixed,
    /// Where the breaks of this option lie.
    Breaks(u32),
    /// Everything.
    Free,
}

/// A shift that a person may work on a free day.
#[derive(Debug, Clone)]
struct Offer {
    choice: Choice,
    /// Its breaks, once it is arranged exactly.
    breaks: Option<Vec<PlacedBreak>>,
}

/// A place in the path's choices that shows the best of some offers.
#[derive(Debug, Clone, Copy)]
struct Slot {
    from: usize,
    to: usize,
    /// Only offers that begin no earlier.
    earliest: i32,
    /// The offer that is shown.
    shown: usize,
}

/// Working memory for answers.
#[derive(Debug)]
pub(crate) struct Responder {
    field: Field,
    placer: Placer,
    finder: Pathfinder,
    offers: Vec<Vec<Offer>>,
    slots: Vec<Vec<Slot>>,
    days: Vec<DayChoices>,
    path: Vec<Option<usize>>,
    /// The only options that are offered on days that are all free, where not all are.
    likely: Option<Arc<Likely>>,
}

impl Default for Responder {
    fn default() -> Self {
        Self {
            field: Field::default(),
            placer: Placer::default(),
            finder: Pathfinder::coarse(),
            offers: Vec::new(),
            slots: Vec::new(),
            days: Vec::new(),
            path: Vec::new(),
            likely: None,
        }
    }
}

impl Responder {
    /// From now on only the likely options are offered on days that are all free, or all.
    pub(crate) fn narrow(&mut self, likely: Option<Arc<Likely>>) {
        self.likely = likely;
    }

    /// The best legal shifts of a person on the days that are not fixed (her shifts there are lifted), the other days as they are.
    /// `None` when no legal answer was found.
    pub(crate) fn answer(&mut self, state: &State<'_>, person: usize, free: &[Freedom]) -> Option<Vec<(usize, Placed)>> {
        self.field.read(state, person, free, None);
        self.offer(state, person, free, false);
        if let Some(answer) = self.settle(state, person, free) {
            return Some(answer);
        }
        // The best of each length do not fit together: look at all.
        self.likely = None;
        self.offer(state, person, free, true);
        self.settle(state, person, free)
    }

    /// A good legal answer at these prices by cell, found in one look: shifts by hope, then their breaks. `None` when none was found.
    pub(crate) fn sketch(&mut self, state: &State<'_>, person: usize, free: &[Freedom], prices: &[i64]) -> Option<Vec<(usize, Placed)>> {
        let problem = state.problem;
        self.field.read(state, person, free, Some(prices));
        self.offer(state, person, free, false);
        self.finder.best(problem, &problem.people[person], &self.days, 0, &mut self.path)?;
        let shown = |(day, slot): (usize, &Option<usize>)| {
            let slot = slot.filter(|_| free[day] != Freedom::Fixed)?;
            Some((day, self.slots[day][slot].shown))
        };
        let chosen: Vec<(usize, usize)> = self.path.iter().enumerate().filter_map(shown).collect();
        self.arrange_path(problem, free, problem.company.need, missing(state));
        let placed = |(day, offer): (usize, usize)| {
            let offer = &self.offers[day][offer];
            (day, Placed { option: offer.choice.option, breaks: offer.breaks.clone().unwrap_or_default() })
        };
        Some(chosen.into_iter().map(placed).collect())
    }

    /// A legal answer for a person who has no shift on the free days, looked for among all paths. `None` only where no legal week exists.
    pub(crate) fn any(&mut self, state: &State<'_>, person: usize, free: &[Freedom]) -> Option<Vec<(usize, Placed)>> {
        let problem = state.problem;
        self.field.read(state, person, free, None);
        self.offer(state, person, free, true);
        Pathfinder::default().best(problem, &problem.people[person], &self.days, 0, &mut self.path)?;
        self.arrange_path(problem, free, problem.company.need, missing(state));
        Some(self.answer_of(free))
    }

    fn settle(&mut self, state: &State<'_>, person: usize, free: &[Freedom]) -> Option<Vec<(usize, Placed)>> {
        let who = &state.problem.people[person];
        let mut changed = 0;
        for _ in 0..MOST_ROUNDS {
            self.finder.best(state.problem, who, &self.days, changed, &mut self.path)?;
            match self.arrange_path(state.problem, free, state.problem.company.need, missing(state)) {
                Some(day) => changed = day,
                None => return Some(self.answer_of(free)),
            }
        }
        self.exact_only(free);
        self.finder.best(state.problem, who, &self.days, 0, &mut self.path)?;
        Some(self.answer_of(free))
    }

    /// Lists what each day offers; with `all`, every offer is a choice of its own.
    fn offer(&mut self, state: &State<'_>, person: usize, free: &[Freedom], all: bool) {
        let problem = state.problem;
        let who = &problem.people[person];
        let count = problem.day_count();
        self.days.resize_with(count, DayChoices::default);
        self.offers.resize_with(count, Vec::new);
        self.slots.resize_with(count, Vec::new);
        let [.., late_break] = state.burden_prices(person);
        self.placer.set_late(problem.fairness.late_break() / problem.step, late_break);
        let mut latest_end = who.last_end;
        for (day, freedom) in free.iter().enumerate() {
            let today = &mut self.days[day];
            today.choices.clear();
            self.offers[day].clear();
            self.slots[day].clear();
            today.off = (*freedom == Freedom::Free).then(|| -wish_cost(problem, who, day, None));
            if *freedom == Freedom::Fixed {
                *today = match state.placed(person, day) {
                    Some(placed) => {
                        let option = &problem.options[placed.option as usize];
                        let (start, end) = (option.start_minute, problem.end_minute(option));
                        latest_end = latest_end.max(end);
                        DayChoices::of(vec![Choice { option: placed.option, value: 0, start, end, paid: option.paid as i32 }], None)
                    }
                    None => DayChoices::of(Vec::new(), Some(0)),
                };
                continue;
            }
            self.hope_for(state, person, day, *freedom);
            self.days[day].earliest = self.offers[day].iter().map(|o| o.choice.start).min().unwrap_or(i32::MAX);
            self.days[day].longest = self.offers[day].iter().map(|o| o.choice.paid).max().unwrap_or(0);
            self.cut_slots(day, latest_end.saturating_add(who.rest), all);
            latest_end = self.offers[day].iter().map(|o| o.choice.end).fold(latest_end, i32::max);
        }
    }

    fn hope_for(&mut self, state: &State<'_>, person: usize, day: usize, freedom: Freedom) {
        let problem = state.problem;
        let who = &problem.people[person];
        let [unpopular, weekend, _] = state.burden_prices(person);
        let likely = self.likely.clone();
        let free = likely.as_ref().and_then(|likely| likely.get(&(who.group, who.lists[day])));
        let free = free.unwrap_or(&problem.lists[who.lists[day] as usize]);
        let only = if let Freedom::Breaks(option) = freedom { Some([option]) } else { None };
        for number in only.as_ref().map_or(free.as_slice(), |one| one.as_slice()) {
            let option = &problem.options[*number as usize];
            let marks = problem.fairness.marks(*number);
            let value = self.field.hope(option, &problem.plans[option.plan as usize], problem.company.need)
                - i64::from(option.paid) * PAID_MINUTE
                - wish_cost(problem, who, day, Some(option))
                - i64::from(marks.unpopular) * unpopular
                - i64::from(marks.weekend) * weekend;
            let (start, end) = (option.start_minute, problem.end_minute(option));
            let choice = Choice { option: *number, value, start, end, paid: option.paid as i32 };
            self.offers[day].push(Offer { choice, breaks: None });
        }
        self.offers[day].sort_by_key(|offer| (offer.choice.paid, offer.choice.option));
    }

    fn cut_slots(&mut self, day: usize, after_any: i32, all: bool) {
        let offers = &self.offers[day];
        let mut from = 0;
        for to in 1..=offers.len() {
            let same = to < offers.len() && offers[to].choice.paid == offers[from].choice.paid;
            if same && !all {
                continue;
            }
            let anything = Slot { from, to, earliest: i32::MIN, shown: from };
            self.slots[day].push(anything);
            if !all
                && offers[from..to].iter().any(|o| o.choice.start >= after_any)
                && offers[from..to].iter().any(|o| o.choice.start < after_any)
            {
                self.slots[day].push(Slot { earliest: after_any, ..anything });
            }
            from = to;
        }
        for slot in 0..self.slots[day].len() {
            let shown = self.slots[day][slot].shown;
            self.days[day].choices.push(self.offers[day][shown].choice);
            self.show(day, slot);
        }
    }

    /// Shows the best offer of a slot.
    fn show(&mut self, day: usize, slot: usize) {
        let Slot { from, to, earliest, .. } = self.slots[day][slot];
        let offers = &self.offers[day];
        let fits = (from..to).filter(|n| offers[*n].choice.start >= earliest);
        if let Some(best) = fits.max_by_key(|n| (offers[*n].choice.value, std::cmp::Reverse(*n))) {
            self.slots[day][slot].shown = best;
            self.days[day].choices[slot] = offers[best].choice;
        }
    }

    /// Arranges the breaks of every shift of the path that is not yet exact; returns the first day with one.
    fn arrange_path(&mut self, problem: &Problem, free: &[Freedom], need: u32, missing: i64) -> Option<usize> {
        let mut arranged = None;
        for day in (0..self.path.len()).filter(|day| free[*day] != Freedom::Fixed) {
            let Some(slot) = self.path[day] else { continue };
            let shown = self.slots[day][slot].shown;
            if self.offers[day][shown].breaks.is_some() {
                continue;
            }
            arranged = arranged.or(Some(day));
            let offer = &mut self.offers[day][shown];
            let option = &problem.options[offer.choice.option as usize];
            let plan = &problem.plans[option.plan as usize];
            let hoped = self.field.hope(option, plan, need);
            let mut breaks = Vec::new();
            let price = |sort: usize, offset: u32| self.field.position(option, &plan.sorts[sort], offset);

            let cost = self.placer.place(plan, need, missing, price, &mut breaks);
            offer.choice.value += cost.map_or(NEVER, |cost| self.field.cover(option) - cost - hoped);
            offer.breaks = Some(breaks);
            for slot in 0..self.slots[day].len() {
                if self.slots[day][slot].shown == shown {
                    self.show(day, slot);
                }
            }
        }
        arranged
    }

    fn exact_only(&mut self, free: &[Freedom]) {
        for day in (0..self.days.len()).filter(|day| free[*day] != Freedom::Fixed) {
            for offer in &mut self.offers[day] {
                if offer.breaks.is_none() {
                    offer.choice.value = NEVER;
                }
            }
            (0..self.slots[day].len()).for_each(|slot| self.show(day, slot));
            let offers = &self.offers[day];
            let mut shown = self.slots[day].iter().map(|slot| offers[slot.shown].breaks.is_some()).collect::<Vec<_>>().into_iter();
            self.days[day].choices.retain(|_| shown.next().unwrap_or(false));
            self.slots[day].retain(|slot| offers[slot.shown].breaks.is_some());
        }
    }

    fn answer_of(&self, free: &[Freedom]) -> Vec<(usize, Placed)> {
        let placed = |day: usize| {
            let slot = self.path[day].filter(|_| free[day] != Freedom::Fixed)?;
            let offer = &self.offers[day][self.slots[day][slot].shown];
            Some((day, Placed { option: offer.choice.option, breaks: offer.breaks.clone().unwrap_or_default() }))
        };
        (0..self.path.len()).filter_map(placed).collect()
    }
}

/// What a social cell costs that a shift lacks.
fn missing(state: &State<'_>) -> i64 {
    state.lack_price * i64::from(state.problem.step)
}
