//! Three shifts whose breaks must meet, from where no search has been.

use fika_model::Minutes;

use super::*;
use crate::fixture::{checked, contract, parts};

/// Three people, starts up to 90 minutes apart, two companions for fifteen minutes each.
fn problem(companions: u32, minutes: u16) -> Problem {
    let mut parts = parts(3, 1, |_| 0.0);
    parts.contracts = vec![contract(0, 1200)];
    parts.wellbeing.social = Minutes::of(minutes);
    parts.wellbeing.social_companions = companions;
    parts.wellbeing.no_rest_alone = true;
    parts.wellbeing.longest_stretch = Minutes::of(150);
    Problem::new(&checked(parts), Vec::new()).expect("a feasible problem")
}

fn lack(problem: &Problem, starts: [u32; 3]) -> Option<i64> {
    let mut state = State::new(problem);
    let option = |start: u32| problem.options.iter().position(|o| o.start == start / 5).expect("a start of the template") as u32;
    let shifts: Vec<(usize, u32)> = starts.iter().enumerate().map(|(n, start)| (n, option(*start))).collect();
    let placed = arrange(&state, &shifts)?;
    for ((person, _), placed) in shifts.iter().zip(placed) {
        assert!(problem.plans[problem.options[placed.option as usize].plan as usize].allows(&placed.breaks));
        state.put(*person, 0, placed);
    }
    state.settle();
    Some(state.lack_minutes())
}

#[test]
fn breaks_meet_where_they_can() {
    // Each rest begins 75 to 150 minutes after its start: with starts half an hour apart all three can still rest together.
    assert_eq!(lack(&problem(2, 15), [480, 510, 540]), Some(0));
    // With two hours between the first and the last, their rests cannot meet: the first and the last lack social time.
    let missing = lack(&problem(2, 15), [480, 540, 600]).expect("an answer");
    assert!(missing > 0);
    // Where less than a third of those on shift may be away, company still takes all three of them; without company only one.
    let mut parts = (*problem(2, 15).request).clone();
    parts.wellbeing.largest_group_share = Some(fika_model::Fraction::percent(33));
    let limited = |parts: &fika_model::request::RequestParts| Problem::new(&checked(parts.clone()), Vec::new()).expect("feasible");
    assert_eq!(lack(&limited(&parts), [480, 510, 540]), Some(0));
    (parts.wellbeing.social, parts.wellbeing.no_rest_alone) = (Minutes::ZERO, false);
    assert_eq!(lack(&limited(&parts), [480, 480, 480]), Some(0));
    // Where one companion for five minutes is enough, the one in the middle rests with both.
    assert_eq!(lack(&problem(1, 5), [480, 540, 570]), Some(0));
}
