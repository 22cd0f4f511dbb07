//! A bound for problems that leave legal rosters out: groups settle their common break before the search, limits of stretches are read
//! strictly. Without the rules that make it so every legal roster is there, and what is short then is short under all rules.

use fika_model::Request;

use crate::bound::Bound;
use crate::problem::{Pool, Problem};

/// Iterations of the bound.
const ITERATIONS: usize = 20;

/// Person-minutes that every roster is short of, where the problem's own search bounds nothing; 0 where it does.
pub fn relaxed_bound(problem: &Problem, pools: Vec<Pool>) -> f64 {
    if !problem.narrowed {
        return 0.0;
    }
    let mut parts = (*problem.request).clone();
    parts.stretches.clear();
    for rule in &mut parts.breaks {
        rule.terms.same_time = None;
    }
    let Ok(relaxed) = Request::check(parts) else { return 0.0 };
    let Ok(relaxed) = Problem::new(&relaxed, pools) else { return 0.0 };
    let mut bound = Bound::new(&relaxed);
    for _ in 0..ITERATIONS {
        if bound.is_finished() {
            break;
        }
        bound.iterate();
    }
    bound.cells() as f64 * f64::from(relaxed.step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{checked, parts};
    use crate::solve::{StepQuota, solve};
    use fika_model::rules::SameTime;
    use fika_model::{Curve, QueueId};

    /// Shortfall, the search's own bound and the relaxed one, of four people of whom `wanted` are asked for.
    fn bounds(wanted: u32, same_time: Option<SameTime>) -> (f64, f64, f64) {
        let mut parts = parts(4, 2, |_| 0.0);
        parts.breaks[0].terms.same_time = same_time;
        let request = checked(parts);
        let required = Curve::from_fn(request.grid(), |at| if (32..64).contains(&(at.get() % 96)) { wanted } else { 0 });
        let pools = vec![Pool { queues: vec![QueueId::new("line").expect("an id")], work: None, agents: (0..4).collect(), required }];
        let problem = Problem::new(&request, pools.clone()).expect("a sound problem");
        let solution = solve(&problem, &StepQuota(300), &mut |_| ());
        (solution.shortfall_minutes, solution.bound_minutes, relaxed_bound(&problem, pools))
    }

    #[test]
    fn breaks_at_the_same_time_have_a_bound_that_holds_and_is_near() {
        let (short, own, relaxed) = bounds(6, Some(SameTime::Site));
        assert!(own.abs() < 1e-9, "the search bounds nothing");
        // Eight shifts of 225 minutes on the phones are all that there can be of 2 days x 8 h x 6 people.
        assert!(relaxed >= 0.99 * (5760.0 - 8.0 * 225.0) && relaxed <= short + 1e-9, "{relaxed} of {short}");
        let (_, own, relaxed) = bounds(6, None);
        assert!(own > 0.0 && relaxed.abs() < 1e-9, "{own} {relaxed}");
    }
}
