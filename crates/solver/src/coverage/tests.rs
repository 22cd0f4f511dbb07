//! Chains against the best of all ways to spread people over pools.

use fika_model::grid::Curve;

use super::*;
use crate::fixture::{checked, parts};
use crate::problem::Pool;
use crate::random::Stream;

/// A day of three pools, of which the agents serve these sets.
fn problem(serves: &[&[usize]], required: [u32; 3]) -> Problem {
    let request = checked(parts(serves.len(), 1, |_| 0.0));
    let pool = |n: usize| Pool {
        work: None,
        queues: Vec::new(),
        agents: (0..serves.len()).filter(|agent| serves[*agent].contains(&n)).collect(),
        required: Curve::from_fn(request.grid(), |_| required[n]),
    };
    Problem::new(&request, (0..3).map(pool).collect()).expect("a feasible problem")
}

/// The best worth of spreading people of these groups, by trying all ways.
fn best(problem: &Problem, people: &[u32], filled: [u32; 3]) -> i64 {
    let Some((group, rest)) = people.split_first() else {
        let worth = |n: usize| (0..filled[n]).map(|k| marginal(problem.pools[n].required[0], k)).sum::<i64>();
        return (0..3).map(worth).sum::<i64>() * i64::from(problem.step);
    };
    let with = |pool: &u16| {
        let mut filled = filled;
        filled[usize::from(*pool)] += 1;
        best(problem, rest, filled)
    };
    let pools = &problem.groups[*group as usize];
    if pools.is_empty() { best(problem, rest, filled) } else { pools.iter().map(with).max().unwrap_or(0) }
}

#[test]
fn everybody_counts_once_and_where_it_is_worth_the_most() {
    let serves: [&[usize]; 6] = [&[0], &[1], &[0, 1], &[1, 2], &[0, 1, 2], &[]];
    let mut random = Stream::new(3, "coverage");
    for required in [[1, 1, 1], [2, 1, 3], [0, 4, 1], [3, 0, 0]] {
        let problem = problem(&serves, required);
        let mut coverage = Coverage::new(&problem);
        let mut there: Vec<u32> = Vec::new();
        for _ in 0..120 {
            if there.len() == 7 || (!there.is_empty() && random.below(3) == 0) {
                let gone = there.swap_remove(random.below(there.len()));
                coverage.remove(gone, 0..1);
            } else {
                let group = random.below(problem.groups.len()) as u32;
                let price = coverage.prices(group)[0];
                let before = coverage.gained();
                coverage.add(group, 0..1);
                there.push(group);
                assert_eq!(coverage.gained() - before, price, "the price is what the person brings");
            }
            assert_eq!(coverage.gained(), best(&problem, &there, [0; 3]), "{there:?} for {required:?}");
            let counted: u32 = (0..3).map(|pool| coverage.filled(pool, 0)).sum();
            let serving = there.iter().filter(|g| !problem.groups[**g as usize].is_empty()).count();
            assert_eq!(counted as usize, serving, "everybody who serves counts once");
        }
    }
}

#[test]
fn a_removed_person_leaves_no_trace() {
    let problem = problem(&[&[0], &[0, 1], &[1, 2]], [1, 1, 1]);
    let mut coverage = Coverage::new(&problem);
    let fresh: Vec<i64> = (0..3).map(|group| coverage.prices(group)[5]).collect();
    for group in [1, 2, 0, 1] {
        coverage.add(group, 5..6);
    }
    for group in [1, 0, 1, 2] {
        coverage.remove(group, 5..6);
    }
    assert_eq!(coverage.gained(), 0);
    assert_eq!(fresh, (0..3).map(|group| coverage.prices(group)[5]).collect::<Vec<i64>>());
}
