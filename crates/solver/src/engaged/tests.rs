//! Engagements are kept by the search: on shift, no break over them, off the phones, and everything else legal by a second reading.

use super::*;
use crate::cover::cover;
use crate::evaluate;
use crate::generate::{Settings, pools, request, with_activities};
use crate::solve::{Solution, StepQuota, solve, solve_engaged};
use crate::warm::{Kept, resolve};
use fika_model::{Minute, Minutes, Request};

/// A week of 16 people who are asked for more than calls.
fn week() -> Request {
    let plain = request(&Settings { agents: 16, queues: 1, days: 7, load: 0.9, seed: 5 }).expect("a request");
    with_activities(&plain).expect("a request")
}

fn session(request: &Request, start: i32, length: u16, agents: &[usize]) -> Session {
    let asked = &request.activities[0];
    let activity = Activity {
        code: asked.id.to_string(),
        kind: asked.kind(),
        span: Span::new(Minute::new(start), Minutes::of(length)),
        paid: true,
        queues: Vec::new(),
        companions: Vec::new(),
        choice: None,
        asked: Some(asked.id.clone()),
        with: Vec::new(),
    };
    Session { activity, agents: agents.iter().map(|n| request.agents[*n].id.clone()).collect() }
}

fn solved(request: &Request, sessions: &[Session]) -> Solution {
    let free = Problem::new(request, pools(request)).expect("a feasible problem");
    solve_engaged(&free, &free.engaging(sessions), &StepQuota(1500), &mut |_| ())
}

#[test]
fn who_is_engaged_is_on_shift_then_with_no_break_and_off_the_phones() {
    let request = week();
    let free = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let asked = [session(&request, 1440 + 720, 30, &[0, 1, 2, 3]), session(&request, 2880 + 600, 60, &[0, 5])];
    let engaging = free.engaging(&asked);
    let solution = solve_engaged(&free, &engaging, &StepQuota(1500), &mut |_| ());
    assert_eq!((evaluate::broken(&request, &solution.agents), solution.unmet.len()), (Vec::new(), 0));
    for one in sessions(&solution.agents) {
        let wanted = asked.iter().find(|session| session.activity.span == one.activity.span).expect("a session asked for");
        assert_eq!(one.activity, wanted.activity);
        // Everybody who has a legal week with it.
        let part = |agent: &&AgentId| {
            let person = free.people.iter().position(|person| &request.agents[person.position].id == *agent).expect("a person");
            !engaging.engaged(person).is_empty()
        };
        assert_eq!(one.agents, wanted.agents.iter().filter(part).cloned().collect::<Vec<_>>());
    }
    assert_eq!(sessions(&solution.agents).len(), 2);
    let cover = cover(&free, &solution.agents);
    assert!((cover.shortfall_minutes() - solution.shortfall_minutes).abs() < 1e-9, "counted off the phones");
    assert!(solution.bound_minutes <= solution.shortfall_minutes + 1e-9);
    assert_eq!(solution, solved(&request, &asked), "the same seed and steps give the same roster");
}

#[test]
fn who_cannot_be_there_is_left_out() {
    let request = week();
    // Shifts begin at seven.
    let solution = solved(&request, &[session(&request, 300, 30, &[0, 1])]);
    assert_eq!(sessions(&solution.agents), []);
    assert_eq!(evaluate::broken(&request, &solution.agents), Vec::<String>::new());
}

#[test]
fn what_stands_is_gone_on_from_and_shifts_change_only_around_it() {
    let request = week();
    let first = solved(&request, &[session(&request, 1440 + 720, 30, &[0, 1, 2, 3])]);
    let kept = Kept { agents: &first.agents, change_price_minutes: 0, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let next = resolve(problem, &kept, &StepQuota(400), &mut |_| ());
    assert_eq!(sessions(&next.agents), sessions(&first.agents));
    assert_eq!(evaluate::broken(&request, &next.agents), Vec::<String>::new());
    assert!(next.score.service <= first.score.service);
}

#[test]
fn no_roster_is_less_short_than_one_whose_work_is_not_in_blocks() {
    let request = week();
    let blended = Problem::blended(&request, pools(&request)).expect("a feasible problem");
    let strict = Problem::new(&request, pools(&request)).expect("a feasible problem");
    assert_eq!((blended.works.len(), strict.works.len(), strict.pools.len()), (1, 1, 2));
    let together = solve(&blended, &StepQuota(1500), &mut |_| ());
    let apart = solve(&strict, &StepQuota(1500), &mut |_| ());
    assert!(together.bound_minutes <= apart.shortfall_minutes);
    let mail: f64 = strict.pools[1].required.iter().map(|people| f64::from(*people * strict.step)).sum();
    assert!(apart.shortfall_minutes >= mail, "nobody is at it without a block");
}

#[test]
fn presence_is_what_options_of_the_day_allow() {
    let request = week();
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let mut presence = Presence::new(&problem);
    for (n, agent) in request.agents.iter().enumerate() {
        let person = problem.people.iter().find(|person| person.position == n).expect("a person");
        for start in (0..7 * 1440).step_by(90) {
            let span = Span::new(Minute::new(start), Minutes::of(30));
            let list = &problem.lists[person.lists[start as usize / 1440] as usize];
            let covers = |number: &u32| {
                let option = &problem.options[*number as usize];
                option.start_minute <= start && start + 30 <= problem.end_minute(option)
            };
            assert_eq!(presence.may_hold(&agent.id, span), list.iter().any(covers), "{} at {start}", agent.id);
        }
    }
}

#[test]
fn the_first_way_that_all_have_a_legal_week_for_is_taken_and_what_is_not_leaves_no_trace() {
    let request = week();
    let free = Problem::new(&request, pools(&request)).expect("a feasible problem");
    // Nobody begins before seven; nobody is at two things at once.
    let night = session(&request, 120, 30, &[0, 1]);
    let (noon, later) = (session(&request, 1440 + 720, 30, &[0, 1]), session(&request, 1440 + 735, 30, &[1, 2]));
    let at_ten = |n: usize| session(&request, 2880 + 600, 60, &[n]);
    let half = (3..16).map(at_ten).find(|one| free.holders(std::slice::from_ref(one)) == [1]).expect("somebody may be there");
    let things = vec![
        vec![vec![night.clone()], vec![noon.clone()]],
        vec![vec![later.clone()]],
        vec![vec![half.clone(), night.clone()], vec![half.clone()]],
    ];
    let engaging = free.engaging_first(&things);
    assert_eq!(engaging.sessions, [noon.clone(), half.clone()]);
    let plain = free.engaging(&[noon.clone(), half]);
    assert_eq!((&engaging.engaged, &plain.engaged), (&plain.engaged, &engaging.engaged));
    let weeks = |problem: &Problem| problem.people.iter().map(|who| (who.lists.clone(), who.limits.must.clone())).collect::<Vec<_>>();
    let options = |problem: &Problem| -> Vec<Vec<Vec<u32>>> {
        let lists = |lists: Vec<u32>| lists.into_iter().map(|list| problem.lists[list as usize].clone()).collect();
        weeks(problem).into_iter().map(|(own, _)| lists(own)).collect()
    };
    assert_eq!(options(&engaging), options(&plain));
    assert_eq!(free.holders(&[night, noon]), [0, 2]);
}

#[test]
fn who_has_no_shift_on_the_day_of_an_engagement_is_asked_for_one() {
    let request = week();
    let free = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let solution = solve(&free, &StepQuota(400), &mut |_| ());
    let day = |shift: &fika_model::Shift| request.days.day_at(shift.span.start()).map(fika_model::DayIndex::get);
    let is_off = |own: &AgentRoster, asked: usize| own.shifts.iter().all(|shift| day(shift) != Some(asked));
    let position = |own: &AgentRoster| request.agents.iter().position(|agent| agent.id == own.agent).expect("an agent");
    let able = |own: &AgentRoster, asked: usize| {
        let one = session(&request, asked as i32 * 1440 + 660, 30, &[position(own)]);
        (free.holders(std::slice::from_ref(&one)) == [1]).then_some(one)
    };
    let found = solution.agents.iter().find_map(|own| (0..5).find_map(|at| is_off(own, at).then(|| able(own, at)).flatten()));
    let asked = found.expect("somebody is off on a day on which she may work");
    let kept = Kept { agents: &solution.agents, change_price_minutes: 0, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
    let next = resolve(free.engaging_first(&[vec![vec![asked.clone()]]]), &kept, &StepQuota(0), &mut |_| ());
    assert_eq!(sessions(&next.agents), [asked]);
    assert_eq!((evaluate::broken(&request, &next.agents), next.unmet.len()), (Vec::new(), 0));
}
