//! Arrangements against enumeration, and both sides of each bound.

use super::*;
use crate::random::Stream;

const STRETCHES: Stretches = Stretches { longest: 24, shortest: 9, edge: 9 };

fn rest(count: u32, len: u32, first: u32, last: u32) -> BreakSort {
    BreakSort { rule: 0, count, len, rest: true, first, last }
}

fn is_possible(len: u32, sorts: Vec<BreakSort>) -> bool {
    BreakPlan::new(len, sorts, STRETCHES).is_possible()
}

#[test]
fn a_shift_without_breaks_is_no_longer_than_a_stretch() {
    assert!(is_possible(24, Vec::new()) && !is_possible(25, Vec::new()));
}

#[test]
fn stretches_and_edges_hold_on_both_sides() {
    // Two stretches of 24 cells around a rest of 3; one cell more is too long.
    assert!(is_possible(51, vec![rest(1, 3, 0, 51)]) && !is_possible(52, vec![rest(1, 3, 0, 52)]));
    // Edges of 9 on both sides; one cell less does not hold them.
    assert!(is_possible(21, vec![rest(1, 3, 0, 21)]) && !is_possible(20, vec![rest(1, 3, 0, 20)]));
    // Two rests need a stretch of 9 between them.
    assert!(is_possible(33, vec![rest(2, 3, 0, 33)]) && !is_possible(32, vec![rest(2, 3, 0, 32)]));
    // A window that ends before the edge leaves no place.
    assert!(is_possible(30, vec![rest(1, 3, 0, 9)]) && !is_possible(30, vec![rest(1, 3, 0, 8)]));
}

/// All legal arrangements, by trying every start of every break.
fn every(plan: &BreakPlan, so_far: &mut Vec<PlacedBreak>, from: u32, found: &mut Vec<Vec<PlacedBreak>>) {
    if plan.allows(so_far) {
        found.push(so_far.clone());
    }
    for sort in 0..plan.sorts.len() {
        for offset in from..plan.len {
            so_far.push(PlacedBreak { sort: sort as u16, offset: offset as u16 });
            if so_far.len() as u32 <= plan.sorts.iter().map(|s| s.count).sum::<u32>() {
                every(plan, so_far, offset + 1, found);
            }
            so_far.pop();
        }
    }
}

#[test]
fn the_cheapest_arrangement_is_that_of_enumeration() {
    let stretches = Stretches { longest: 8, shortest: 2, edge: 2 };
    let meal = |first, last| BreakSort { rule: 1, count: 1, len: 3, rest: false, first, last };
    let mut random = Stream::new(7, "arrangements");
    for case in 0..60 {
        let len = 14 + random.below(7) as u32;
        let sorts = vec![rest(2, 1 + random.below(2) as u32, 0, len), meal(random.below(6) as u32, 5 + random.below(9) as u32)];
        let plan = BreakPlan::new(len, sorts, stretches);
        let costs: Vec<i64> = (0..len).map(|_| random.below(100) as i64).collect();
        let social: Vec<u32> = (0..len).map(|_| random.below(2) as u32).collect();
        let (need, missing) = (random.below(4) as u32, 30);
        let price = |sort: usize, offset: u32| {
            let cells = offset as usize..((offset + plan.sorts[sort].len) as usize).min(len as usize);
            Position { cost: costs[cells.clone()].iter().sum(), social: social[cells].iter().sum() }
        };
        let whole = |breaks: &[PlacedBreak]| {
            let all = breaks.iter().map(|b| price(b.sort as usize, u32::from(b.offset)));
            let (cost, got) = all.fold((0, 0), |(cost, got), p| (cost + p.cost, got + p.social));
            cost + i64::from(need.saturating_sub(got)) * missing
        };
        let mut found = Vec::new();
        every(&plan, &mut Vec::new(), 0, &mut found);
        let mut breaks = Vec::new();
        let placed = Placer::default().place(&plan, need, missing, price, &mut breaks);
        assert_eq!(placed, found.iter().map(|one| whole(one)).min(), "case {case}: {plan:?}");
        if let Some(cost) = placed {
            assert!(plan.allows(&breaks), "case {case}: {breaks:?}");
            assert_eq!(whole(&breaks), cost);
            for spot in &breaks {
                let known =
                    plan.spots().iter().any(|(s, first, last)| *s == spot.sort && (*first..=*last).contains(&u32::from(spot.offset)));
                assert!(known, "a break outside the spots of its sort");
            }
        }
    }
}
