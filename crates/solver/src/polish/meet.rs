//! Breaks that move: beside those of somebody not met, or to where a first break is not late; or two breaks that change places.

use fika_model::fairness::Burden;

use super::{Change, Polish};
use crate::breaks::PlacedBreak;
use crate::company::{Placed, SHARED_MINUTES};
use crate::fairness::share_a_break;
use crate::problem::Problem;

/// Ways to bring two people together on one day that are tried.
const MOST_WAYS: usize = 12;
/// How many times their usual worth meetings have while breaks are laid anew: more than even cover above the requirement.
const ZEAL: i64 = 100;
/// Earlier places of a late first break that are tried.
const MOST_PLACES: usize = 6;

/// A break of a shift on a day: first cell and length.
type Piece = (usize, usize);

/// The shift with one break begun in another cell, where its plan allows that.
pub(super) fn with_break_at(problem: &Problem, placed: &Placed, n: usize, cell: usize) -> Option<Placed> {
    let option = &problem.options[placed.option as usize];
    let offset = u16::try_from(cell.checked_sub(option.start as usize)?).ok()?;
    let mut breaks = placed.breaks.clone();
    breaks[n] = PlacedBreak { offset, ..breaks[n] };
    breaks.sort_by_key(|one| one.offset);
    problem.plans[option.plan as usize].allows(&breaks).then_some(Placed { option: placed.option, breaks })
}

pub(super) fn pieces(problem: &Problem, placed: &Placed) -> Vec<Piece> {
    placed.break_cells(problem).map(|(cells, _)| (cells.start, cells.len())).collect()
}

impl Polish<'_, '_> {
    /// Lets everybody meet as many team-mates in each week as promised, and at least one. Tells whether anything changed.
    pub(super) fn keep_promises(&mut self) -> bool {
        let mut better = false;
        for (person, week, mates) in self.meetings.owing() {
            let days = self.state.problem.week_days(week);
            for mate in mates {
                better |= days.clone().any(|day| self.bring(person, mate, day));
            }
        }
        better
    }

    /// Brings strangers together, and people with the colleagues they wish to meet.
    pub(super) fn bring_together(&mut self) -> bool {
        let problem = self.state.problem;
        let mut strangers = self.meetings.strangers();
        self.random.shuffle(&mut strangers);
        let mut better = false;
        for (a, b) in strangers {
            better |= (0..problem.day_count()).any(|day| self.bring(a, b, day));
        }
        let wished =
            |person: usize| problem.fairness.standing(person).colleagues.iter().map(move |colleague| (person, *colleague as usize));
        let wished: Vec<(usize, usize)> = (0..problem.people.len()).flat_map(wished).collect();
        for (person, colleague) in wished {
            for day in 0..problem.day_count() {
                better |= self.bring(person, colleague, day);
            }
        }
        better
    }

    /// Tries to give two people a break together on a day.
    fn bring(&mut self, a: usize, b: usize, day: usize) -> bool {
        let problem = self.state.problem;
        let (Some(first), Some(second)) = (self.state.placed(a, day), self.state.placed(b, day)) else { return false };
        if share_a_break(problem, first, second) || self.is_fixed(a, day) || self.is_fixed(b, day) {
            return false;
        }
        let mut ways = self.ways(a, b, day);
        ways.extend(self.ways(b, a, day));
        ways.into_iter().take(MOST_WAYS).any(|way| self.attempt(&way)) || self.lay_together(a, b, day)
    }

    /// Lays the breaks of one or both of a day anew where they cost least, and among such places where most meetings are.
    fn lay_together(&mut self, a: usize, b: usize, day: usize) -> bool {
        self.state.meets.set_zeal(ZEAL);
        let better = [vec![a], vec![b], vec![a, b]].into_iter().any(|people| {
            let changes: Vec<Change> = people.into_iter().map(|one| (one, day, self.state.placed(one, day).cloned())).collect();
            self.attempt_with(&changes, Self::make_anew)
        });
        self.state.meets.set_zeal(1);
        better
    }

    /// Breaks of one that change places with those of a team-mate who has company of the other, then breaks that move there alone.
    fn ways(&self, one: usize, other: usize, day: usize) -> Vec<Vec<Change>> {
        let problem = self.state.problem;
        let (Some(own), Some(wanted)) = (self.state.placed(one, day), self.state.placed(other, day)) else { return Vec::new() };
        let least = SHARED_MINUTES.div_ceil(problem.step) as usize;
        let wanted = pieces(problem, wanted);
        let meets = |start: usize, len: usize| wanted.iter().any(|(from, of)| (start + len).min(from + of) >= start.max(*from) + least);
        let mut ways = Vec::new();
        for mate in problem.teams[problem.people[one].team as usize].members.iter().map(|mate| *mate as usize) {
            if mate == one || mate == other || self.is_fixed(mate, day) {
                continue;
            }
            let Some(theirs) = self.state.placed(mate, day) else { continue };
            for (m, (to, length)) in pieces(problem, theirs).into_iter().enumerate().filter(|(_, (to, length))| meets(*to, *length)) {
                for (n, (from, _)) in pieces(problem, own).into_iter().enumerate().filter(|(_, (_, len))| *len == length) {
                    let swapped = with_break_at(problem, own, n, to).zip(with_break_at(problem, theirs, m, from));
                    ways.extend(swapped.map(|(own, theirs)| vec![(one, day, Some(own)), (mate, day, Some(theirs))]));
                }
            }
        }
        for (to, length) in &wanted {
            for (n, (_, len)) in pieces(problem, own).into_iter().enumerate() {
                let last = (to + length).saturating_sub(len);
                let mut starts = vec![*to, last];
                starts.dedup();
                let moved = starts.into_iter().filter(|start| meets(*start, len)).filter_map(|start| with_break_at(problem, own, n, start));
                ways.extend(moved.map(|own| vec![(one, day, Some(own))]));
            }
        }
        ways
    }

    /// Lets first breaks that are late begin earlier, most of all for those who had many: in the place of a team-mate's first break, or alone.
    pub(super) fn advance_late_breaks(&mut self) -> bool {
        let problem = self.state.problem;
        let mut people: Vec<usize> = (0..problem.people.len()).collect();
        self.random.shuffle(&mut people);
        let mut better = false;
        for person in people {
            for day in 0..problem.day_count() {
                let late = |placed: &Placed| problem.fairness.is_late(problem, placed);
                if self.state.placed(person, day).is_some_and(late) && !self.is_fixed(person, day) {
                    better |= self.advance(person, day);
                }
            }
        }
        better
    }

    fn advance(&mut self, person: usize, day: usize) -> bool {
        let problem = self.state.problem;
        let Some(own) = self.state.placed(person, day).cloned() else { return false };
        let Some((from, length)) = pieces(problem, &own).first().copied() else { return false };
        let latest = problem.options[own.option as usize].start as usize + (problem.fairness.late_break() / problem.step) as usize;
        let mut ways: Vec<Vec<Change>> = Vec::new();
        for mate in problem.teams[problem.people[person].team as usize].members.iter().map(|mate| *mate as usize) {
            let Some(theirs) = self.state.placed(mate, day).filter(|_| mate != person && !self.is_fixed(mate, day)) else { continue };
            let Some((to, _)) = pieces(problem, theirs).first().copied().filter(|(to, len)| *to <= latest && *len == length) else {
                continue;
            };
            let Some(swapped) = with_break_at(problem, theirs, 0, from) else { continue };
            if problem.fairness.is_late(problem, &swapped) && !self.is_cheaper(person, mate) {
                continue;
            }
            ways.extend(with_break_at(problem, &own, 0, to).map(|own| vec![(person, day, Some(own)), (mate, day, Some(swapped))]));
        }
        let alone = (0..=latest).rev().filter_map(|cell| with_break_at(problem, &own, 0, cell)).take(MOST_PLACES);
        ways.extend(alone.map(|own| vec![(person, day, Some(own))]));
        ways.into_iter().any(|way| self.attempt(&way))
    }

    /// Whether one late break less for the one is worth more than one more for the other costs.
    fn is_cheaper(&self, one: usize, other: usize) -> bool {
        let carried = |person: usize| self.tallies[person].carried[Burden::LateBreaks as usize];
        let price = |person: usize, carried: i64| self.state.problem.fairness.price(person, Burden::LateBreaks, carried);
        price(other, carried(other)) < price(one, carried(one) - 1)
    }
}
