//! The price of strangers and of wishes for colleagues: kept up to date, and paid only where nothing above it is.

use fika_model::Minutes;
use fika_model::people::Wish;
use fika_model::request::RequestParts;

use super::*;
use crate::bound::Bound;
use crate::fairness::tally;
use crate::fixture::{checked, parts};
use crate::generate::pools;
use crate::respond::{Freedom, Responder};
use crate::search::Search;

/// Three people on one day of four hours, each with one rest of 15 minutes, nobody required.
fn problem(change: impl FnOnce(&mut RequestParts)) -> Problem {
    let mut parts = parts(3, 1, |_| 0.0);
    parts.wellbeing.longest_stretch = Minutes::of(180);
    change(&mut parts);
    let request = checked(parts);
    Problem::new(&request, pools(&request)).expect("a feasible problem")
}

/// The shift from eight with its rest so many cells after the start.
fn placed(problem: &Problem, offset: u16) -> Placed {
    let list = &problem.lists[problem.people[0].lists[0] as usize];
    let option = *list.iter().find(|option| problem.options[**option as usize].start_minute == 480).expect("a shift from eight");
    Placed { option, breaks: vec![crate::breaks::PlacedBreak { sort: 0, offset }] }
}

fn entered<'p>(problem: &'p Problem, offsets: &[u16]) -> State<'p> {
    let mut state = State::new(problem);
    offsets.iter().enumerate().for_each(|(person, offset)| state.put(person, 0, placed(problem, *offset)));
    state.settle();
    state
}

#[test]
fn strangers_cost_until_they_share_five_minutes() {
    let problem = problem(|_| ());
    let check = |offsets: &[u16], strangers: i64| {
        let mut state = entered(&problem, offsets);
        assert_eq!(state.meets.cost(), strangers * STRANGERS, "{offsets:?}");
        (0..offsets.len()).for_each(|person| drop(state.lift(person, 0)));
        assert_eq!(state.meets.cost(), 3 * STRANGERS, "nobody is there any more: {offsets:?}");
    };
    check(&[], 3);
    check(&[20, 20], 2);
    check(&[20, 22], 2);
    check(&[20, 23], 3);
    check(&[20, 22, 24], 1);
    check(&[20, 20, 20], 0);
}

#[test]
fn a_wish_for_a_colleague_costs_where_both_are_there_and_do_not_meet() {
    let problem = problem(|parts| parts.agents[0].wishes = vec![Wish::Colleague(parts.agents[1].id.clone())]);
    let denied = |offsets: &[u16]| entered(&problem, offsets).meets.denied;
    assert_eq!([denied(&[20]), denied(&[20, 22]), denied(&[20, 23])], [0, 0, WISH / 5]);
}

/// The answer of the third, and of somebody with a wish, goes where company is as long as every place costs the same.
#[test]
fn an_answer_goes_to_those_not_met_and_to_colleagues_wished_for() {
    let answer = |problem: &Problem, offsets: &[u16]| {
        let state = entered(problem, offsets);
        let person = offsets.len();
        let free = [Freedom::Breaks(placed(problem, 20).option)];
        let found = Responder::default().answer(&state, person, &free).expect("a legal answer");
        found[0].1.breaks[0].offset
    };
    let plain = problem(|parts| parts.wellbeing.social_companions = 0);
    assert_eq!([answer(&plain, &[18]), answer(&plain, &[13])], [18, 13]);
    let wish = |n: usize| problem(move |parts| parts.agents[2].wishes = vec![Wish::Colleague(parts.agents[n].id.clone())]);
    assert_eq!([answer(&wish(0), &[13, 19]), answer(&wish(1), &[13, 19])], [13, 19]);
}

/// A person for whom nothing else counts has her first break in time; where service needs her early, it is late all the same.
#[test]
fn a_first_break_is_late_only_where_service_asks_for_it() {
    let answer = |busy: std::ops::Range<u32>| {
        let mut parts = parts(1, 1, |minute| if busy.contains(&minute) { 1.0 } else { 0.0 });
        parts.wellbeing.longest_stretch = Minutes::of(180);
        let request = checked(parts);
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let state = State::new(&problem);
        let free = [Freedom::Breaks(placed(&problem, 20).option)];
        let found = Responder::default().answer(&state, 0, &free).expect("a legal answer");
        problem.fairness.is_late(&problem, &found[0].1)
    };
    assert!(!answer(0..0));
    assert!(!answer(480..585), "until 09:45 the shift is needed, and a break then is in time");
    assert!(answer(480..600));
}

#[test]
fn kept_up_to_date_is_counted_afresh() {
    let settings = crate::generate::Settings { agents: 22, queues: 2, days: 9, load: 1.0, seed: 3 };
    let request = crate::generate::request(&settings).expect("a request");
    let mut parts = (*request).clone();
    for n in 1..parts.agents.len() {
        let colleague = parts.agents[n - 1].id.clone();
        parts.agents[n].wishes.push(Wish::Colleague(colleague));
    }
    let request = checked(parts);
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let mut search = Search::construct(&problem, 9, &mut Bound::new(&problem));
    for step in 0..200 {
        search.step(Some(f64::from(step) / 200.0));
    }
    let state = &search.state;
    let mut fresh = Meets::new(&problem);
    let mut empty = State::new(&problem);
    for person in (0..problem.people.len()).rev() {
        for day in 0..problem.day_count() {
            if let Some(placed) = state.placed(person, day) {
                fresh.count(&empty, person, day, placed, true);
                empty.put(person, day, placed.clone());
            }
        }
    }
    assert_eq!(state.meets.cost(), fresh.cost());
    let own = |person: usize| tally(state, person).wishes - (0..problem.day_count()).map(|day| own_wishes(state, person, day)).sum::<i64>();
    assert_eq!(state.meets.denied, (0..problem.people.len()).map(own).sum::<i64>(), "as the last touch counts them");
}

/// What a person's own wishes for a day cost, colleagues aside.
fn own_wishes(state: &State<'_>, person: usize, day: usize) -> i64 {
    let problem = state.problem;
    let option = state.placed(person, day).map(|placed| &problem.options[placed.option as usize]);
    crate::state::wish_cost(problem, &problem.people[person], day, option)
}
