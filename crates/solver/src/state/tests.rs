//! Worth that is kept up to date against worth counted afresh, under the search's own changes.

use fika_model::Fraction;

use super::*;
use crate::bound::Bound;
use crate::fixture::checked;
use crate::generate::{Settings, pools, request};
use crate::search::Search;

/// The same shifts put into an empty state.
fn afresh<'p>(state: &State<'p>) -> State<'p> {
    let mut fresh = State::new(state.problem);
    for person in 0..state.problem.people.len() {
        for day in 0..state.problem.day_count() {
            if let Some(placed) = state.placed(person, day) {
                fresh.put(person, day, placed.clone());
            }
        }
    }
    fresh.settle();
    fresh
}

#[test]
fn worth_kept_up_to_date_is_worth_counted_afresh() {
    for (agents, queues, days, share) in [(14, 1, 7, None), (18, 3, 5, None), (24, 1, 5, Some(Fraction::percent(30)))] {
        let mut parts = (*request(&Settings { agents, queues, days, load: 1.1, seed: 5 }).expect("a request")).clone();
        parts.wellbeing.largest_group_share = share;
        let request = checked(parts);
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let mut search = Search::construct(&problem, 9, &mut Bound::new(&problem));
        for step in 0..300 {
            search.step(Some(f64::from(step) / 300.0));
            if step % 30 == 0 {
                let fresh = afresh(&search.state);
                assert_eq!(search.state.worth(), fresh.worth(), "step {step}");
                assert_eq!(search.state.lack_minutes(), fresh.lack_minutes());
                assert_eq!(search.state.coverage.short_cells(), fresh.coverage.short_cells());
            }
        }
        search.back_to_best();
        assert_eq!(afresh(&search.state).worth(), search.best, "the best roster met is the one gone back to");
    }
}
