//! Paths against enumeration, and each rule between days on both sides of its bound.

use fika_model::people::Absence;
use fika_model::{Minutes, Timestamp};

use super::*;
use crate::fixture::{checked, contract, parts};
use crate::problem::people::LONG_AGO;
use crate::random::Stream;

/// A problem of some days whose one person has these limits; the choices come from the test.
fn problem(days: u32, change: impl FnOnce(&mut fika_model::request::RequestParts)) -> Problem {
    let mut parts = parts(1, days, |_| 0.0);
    // Five hours with two rests can be worked too, so that what the tests ask for is not beyond reach from the start.
    parts.templates[0].length_to = Minutes::of(300);
    parts.breaks.push(crate::fixture::rule("second", fika_model::rules::BreakKind::Rest, 240, 1440, 1, 15));
    change(&mut parts);
    Problem::new(&checked(parts), Vec::new()).expect("a feasible problem")
}

fn choice(day: i32, start: i32, length: i32, paid: i32, value: i64) -> Choice {
    Choice { option: 0, value, start: day * 1440 + start, end: day * 1440 + start + length, paid }
}

/// Whether a sequence of choices keeps every rule, read a second time.
fn legal(problem: &Problem, shifts: &[Option<Choice>]) -> bool {
    let person = &problem.people[0];
    let mut last_end = person.last_end;
    let mut row = person.days_before;
    for shift in shifts {
        row = if shift.is_some() { row + 1 } else { 0 };
        if let Some(shift) = shift {
            if shift.start - last_end < person.rest || row > person.most_consecutive {
                return false;
            }
            last_end = shift.end;
        }
    }
    shifts.chunks(7).enumerate().all(|(week, days)| {
        let limits = &person.weeks[week];
        let worked: Vec<&Choice> = days.iter().flatten().collect();
        let paid: i32 = worked.iter().map(|c| c.paid).sum();
        let (from, to) = (week as i32 * 10080, week as i32 * 10080 + days.len() as i32 * 1440);
        let all: Vec<(i32, i32)> =
            std::iter::once((LONG_AGO, person.last_end)).chain(shifts.iter().flatten().map(|c| (c.start, c.end))).collect();
        let touches = |day: i32| all.iter().any(|(start, end)| *start < day + 1440 && day < *end);
        let touched = (0..days.len() as i32).filter(|day| touches(from + day * 1440)).count() as u32;
        let mut free_from = from;
        let mut rested = 0;
        for (start, end) in &all {
            rested = rested.max((*start).min(to) - free_from);
            free_from = free_from.max(*end);
        }
        rested = rested.max(to - free_from);
        paid >= limits.least
            && paid <= limits.most
            && worked.len() as u32 <= limits.shifts
            && touched <= limits.touched
            && rested >= limits.rest
    })
}

fn best_of_all(problem: &Problem, days: &[DayChoices], so_far: &mut Vec<Option<Choice>>, value: i64) -> Option<i64> {
    if so_far.len() == days.len() {
        return legal(problem, so_far).then_some(value);
    }
    let today = &days[so_far.len()];
    let mut best = None;
    let options = today.off.map(|value| (None, value)).into_iter().chain(today.choices.iter().map(|c| (Some(*c), c.value)));
    for (shift, worth) in options {
        so_far.push(shift);
        best = best.max(best_of_all(problem, days, so_far, value + worth));
        so_far.pop();
    }
    best
}

#[test]
fn the_best_path_is_that_of_enumeration() {
    let mut random = Stream::new(11, "paths");
    for case in 0..80 {
        let days = 5 + random.below(4) as u32;
        let least = [0, 300, 600][random.below(3)];
        let problem = problem(days, |parts| {
            parts.contracts = vec![contract(least, [900, 1200][random.below(2)])];
            parts.contracts[0].most_consecutive_days = 2 + random.below(4) as u32;
            parts.contracts[0].most_days_per_week = 3 + random.below(3) as u32;
            parts.rest.days_off_per_week = 1 + random.below(2) as u32;
            parts.rest.weekly = Minutes::of([600, 2100, 2400][random.below(3)]);
            parts.templates[0].start_to = 1200;
            if random.below(2) == 0 {
                parts.agents[0].last_shift_end =
                    Timestamp::from_second(parts.days.start().as_second() + 3600 * (random.below(8) as i64 - 4)).ok();
                parts.agents[0].days_worked_before = 1;
            }
        });
        let list = |day: u32, random: &mut Stream| {
            let shift = |_| {
                choice(
                    day as i32,
                    60 * (6 + random.below(17) as i32),
                    60 * (3 + random.below(6) as i32),
                    60 * (3 + random.below(3) as i32),
                    random.below(50) as i64,
                )
            };
            DayChoices::of((0..2).map(shift).collect(), Some(random.below(20) as i64))
        };
        let days: Vec<DayChoices> = (0..days).map(|day| list(day, &mut random)).collect();
        let expect = best_of_all(&problem, &days, &mut Vec::new(), 0);
        let mut path = Vec::new();
        let mut finder = Pathfinder::default();
        assert_eq!(finder.best(&problem, &problem.people[0], &days, 0, &mut path), expect, "case {case}");
        let mut coarse = Pathfinder::coarse();
        let near = coarse.best(&problem, &problem.people[0], &days, 0, &mut path);
        assert!(near <= expect, "case {case}: a coarse path is never better than the best");
        if near.is_some() {
            let shifts: Vec<Option<Choice>> = path.iter().zip(&days).map(|(n, day)| n.map(|n| day.choices[n])).collect();
            assert!(legal(&problem, &shifts), "case {case}: a coarse path is legal");
        }
        // A change of the last days alone gives the same as a fresh start.
        let mut changed = days.clone();
        let day = changed.len() - 2;
        changed[day].choices[0].value += 40;
        let expect = best_of_all(&problem, &changed, &mut Vec::new(), 0);
        assert_eq!(finder.best(&problem, &problem.people[0], &changed, day, &mut path), expect, "case {case} changed");
    }
}

/// Whether these shifts, one choice a day and no day off where one is given, have a legal path.
fn goes(problem: &Problem, shifts: &[Option<Choice>]) -> bool {
    let day = |shift: &Option<Choice>| DayChoices::of(shift.iter().copied().collect(), shift.is_none().then_some(0));
    let days: Vec<DayChoices> = shifts.iter().map(day).collect();
    Pathfinder::default().best(problem, &problem.people[0], &days, 0, &mut Vec::new()).is_some()
}

#[expect(clippy::unnecessary_wraps, reason = "a day off is `None` in the same list")]
fn at(day: i32, start: i32) -> Option<Choice> {
    Some(choice(day, start, 240, 240, 0))
}

#[test]
fn rest_between_shifts_holds_on_both_sides() {
    let problem = problem(2, |_| {});
    // The first ends at 22:00; eleven hours later it is 09:00.
    assert!(goes(&problem, &[at(0, 1080), at(1, 540)]) && !goes(&problem, &[at(0, 1080), at(1, 539)]));
}

#[test]
fn rest_counts_from_the_last_shift_before_the_horizon() {
    let ended = |minutes: i64| {
        problem(1, |parts| {
            parts.agents[0].last_shift_end = Timestamp::from_second(parts.days.start().as_second() - 60 * minutes).ok();
        })
    };
    assert!(goes(&ended(180), &[at(0, 480)]) && !goes(&ended(179), &[at(0, 480)]));
}

#[test]
fn paid_minutes_hold_on_both_sides_and_absences_count() {
    let most = |most: u16| problem(2, |parts| parts.contracts = vec![contract(0, most)]);
    assert!(goes(&most(480), &[at(0, 480), at(1, 480)]) && !goes(&most(479), &[at(0, 480), at(1, 480)]));
    // The least of a week cut off after two days is two sevenths, rounded down: 480 of 1,680 to 1,683.
    let least = |least: u16| problem(2, |parts| parts.contracts = vec![contract(least, 2400)]);
    assert!(goes(&least(1683), &[at(0, 480), at(1, 480)]) && !goes(&least(1684), &[at(0, 480), at(1, 480)]));
    let credited = |minutes: u16| {
        problem(2, |parts| {
            parts.contracts = vec![contract(1680, 2400)];
            let span = fika_model::Span::new(fika_model::Minute::new(60), Minutes::of(60));
            parts.agents[0].absences = vec![Absence { span, code: "leave".into(), credited: Minutes::of(minutes) }];
        })
    };
    assert!(goes(&credited(240), &[at(0, 480), None]) && !goes(&credited(239), &[at(0, 480), None]));
}

#[test]
fn days_hold_on_both_sides() {
    let row = |most: u32, before: u32| {
        problem(3, |parts| {
            parts.contracts[0].most_consecutive_days = most;
            parts.agents[0].days_worked_before = before;
        })
    };
    let three = [at(0, 480), at(1, 480), at(2, 480)];
    assert!(goes(&row(3, 0), &three) && !goes(&row(2, 0), &three));
    assert!(goes(&row(4, 1), &three) && !goes(&row(3, 1), &three));
    let shifts = |most: u32| problem(3, |parts| parts.contracts[0].most_days_per_week = most);
    assert!(goes(&shifts(3), &three) && !goes(&shifts(2), &three));
}

#[test]
fn days_off_hold_and_a_night_shift_takes_two_days() {
    let off = |days: u32| {
        problem(7, |parts| {
            parts.rest.days_off_per_week = days;
            parts.rest.weekly = Minutes::ZERO;
        })
    };
    let three = [at(0, 480), None, at(2, 480), None, at(4, 480), None, None];
    assert!(goes(&off(4), &three) && !goes(&off(5), &three));
    let nights = [at(0, 1320), None, at(2, 480), None, at(4, 480), None, None];
    assert!(goes(&off(3), &nights) && !goes(&off(4), &nights), "the shift that begins at 22:00 reaches into the next day");
    // A night that ends at midnight reaches nowhere.
    let evening = [at(0, 1200), None, at(2, 480), None, at(4, 480), None, None];
    assert!(goes(&off(4), &evening));
}

#[test]
fn weekly_rest_lies_inside_the_week_and_holds_on_both_sides() {
    let rest = |minutes: u16| {
        problem(7, |parts| {
            parts.rest.weekly = Minutes::of(minutes);
            parts.contracts = vec![contract(0, 2400)];
            parts.contracts[0].most_days_per_week = 6;
            parts.contracts[0].most_consecutive_days = 6;
        })
    };
    // Six mornings from 08:00 to 12:00: the rest from Saturday noon to the week's end has 36 hours.
    let mornings: Vec<Option<Choice>> = (0..7).map(|day| if day < 6 { at(day, 480) } else { None }).collect();
    assert!(goes(&rest(36 * 60), &mornings) && !goes(&rest(36 * 60 + 1), &mornings));
}
