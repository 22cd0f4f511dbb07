//! The bound against its own relaxation, and its parts against slower readings.

use super::*;
use crate::generate::{Settings, pools, request};
use crate::random::Stream;

fn problem(agents: usize, queues: usize, days: u32) -> Problem {
    let request = request(&Settings { agents, queues, days, load: 1.0, seed: 4 }).expect("a request");
    Problem::new(&request, pools(&request)).expect("a feasible problem")
}

#[test]
fn the_bound_rises_and_meets_the_mix() {
    for (agents, queues, days) in [(30, 1, 1), (40, 2, 7)] {
        let problem = problem(agents, queues, days);
        let mut bound = Bound::new(&problem);
        let mut before = 0;
        for _ in 0..80 {
            bound.iterate();
            assert!(bound.cells() >= before, "a bound once proven stays");
            before = bound.cells();
            assert!(before as f64 <= bound.mixed_cells() + 1.0, "{before} above the relaxation's {}", bound.mixed_cells());
        }
        let required: i64 = bound.units.required.iter().sum();
        let gap = (bound.mixed_cells() - before as f64) / required as f64;
        assert!(gap < 0.01, "{agents} agents: {gap} of the requirement between bound and mix");
    }
}

#[test]
fn a_coarse_grid_earns_what_a_fine_one_does() {
    let problem = problem(12, 2, 3);
    let (coarse, fine) = (Units::new(&problem), Units::on(&problem, 1));
    assert_eq!(coarse.cells, 3, "everything generated lies on quarters of an hour");
    let mut random = Stream::new(5, "grid");
    let prices: Vec<f64> = coarse.required.iter().map(|_| random.unit()).collect();
    let (mut of_coarse, mut of_fine) = (Pricer::new(&problem, &coarse), Pricer::new(&problem, &fine));
    for group in 0..problem.groups.len() {
        of_coarse.read(&problem, &coarse, group, |row| prices[row]);
        of_fine.read(&problem, &fine, group, |row| prices[row]);
        for option in 0..problem.options.len() as u32 {
            let value = of_coarse.value(&problem, &coarse, option);
            assert_eq!(value, of_fine.value(&problem, &fine, option), "option {option}");
            assert!(value <= of_coarse.hope(option), "option {option}: a shift never earns more than is hoped for it");
        }
    }
}

/// The best of all sets of at most so many shifts, one a day, with paid time in the range.
fn tried(days: &[Vec<pricing::Best>], shifts: usize, paid: (u32, u32), so_far: (i64, u32)) -> Option<i64> {
    let Some((today, later)) = days.split_first() else {
        return (paid.0..=paid.1).contains(&so_far.1).then_some(so_far.0);
    };
    let off = tried(later, shifts, paid, so_far);
    let on = today
        .iter()
        .filter(|_| shifts > 0)
        .filter_map(|best| tried(later, shifts - 1, paid, (so_far.0 + best.value, so_far.1 + best.paid)));
    on.chain(off).max()
}

#[test]
fn the_best_week_is_the_best_of_all_weeks() {
    let mut random = Stream::new(6, "weeks");
    let mut weeks = week::Weeks::default();
    for _ in 0..200 {
        let best = |random: &mut Stream| pricing::Best {
            paid: 4 + random.below(5) as u32,
            value: random.below(1000) as i64 - 200,
            option: random.below(9) as u32,
        };
        let days: Vec<Vec<pricing::Best>> = (0..4).map(|_| (0..random.below(4)).map(|_| best(&mut random)).collect()).collect();
        let (shifts, least) = (random.below(4), random.below(12) as u32);
        let paid = (least, least + random.below(8) as u32);
        let slices: Vec<&[pricing::Best]> = days.iter().map(Vec::as_slice).collect();
        if let Some(expect) = tried(&days, shifts, paid, (0, 0)) {
            assert_eq!(weeks.best(&slices, shifts, paid.0..=paid.1).0, expect, "{days:?}, {shifts} shifts, {paid:?}");
        }
    }
}

/// A likely option loses no more than a person-cell against the best of its length; the best of each length are all there.
#[test]
fn likely_options_are_those_that_the_prices_speak_for() {
    let problem = problem(30, 2, 3);
    let mut bound = Bound::new(&problem);
    (0..30).for_each(|_| bound.iterate());
    assert!(bound.likely(&problem.clone()).is_empty(), "another problem may number its lists otherwise");
    let likely = bound.likely(&problem);
    let mut fewer = 0;
    for group in 0..problem.groups.len() {
        bound.pricer.read(&problem, &bound.units, group, |row| bound.best_prices[row]);
        for ((_, list), near) in likely.iter().filter(|((of, _), _)| *of as usize == group) {
            let all = &problem.lists[*list as usize];
            fewer += usize::from(near.len() < all.len());
            for option in all {
                let alike = |other: &&u32| problem.options[**other as usize].paid == problem.options[*option as usize].paid;
                let best = all.iter().filter(alike).map(|other| bound.pricer.value(&problem, &bound.units, *other)).max();
                let lost = best.unwrap_or_default() - bound.pricer.value(&problem, &bound.units, *option);
                assert_eq!(near.contains(option), lost <= LIKELY * WHOLE as i64, "group {group}, list {list}, option {option}: {lost}");
            }
        }
    }
    assert!(fewer > 0);
}
