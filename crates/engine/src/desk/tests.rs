//! The desk: requests accepted once, given up with reasons, rosters published whole.

use fika_model::Curve;
use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::status::Phase;

use super::*;

mod commands;
pub(crate) mod fixture;
mod interleaved;

use fixture::{child_of, contradicted, digest, forecast, id, publication, request, solved, solved_child};

/// What the desk says to an input, in short: each effect in a word or two.
fn told(desk: &mut Desk, input: Input) -> Vec<String> {
    desk.step(input).iter().map(short).collect()
}

fn short(effect: &Effect) -> String {
    let state = |state: &State| match state {
        State::Accepted => "accepted".to_owned(),
        State::Progress(_) => "progress".to_owned(),
        State::Done { roster, generation } => format!("done {roster} {generation}"),
        State::Infeasible { roster: Some((roster, generation)), .. } => format!("infeasible, {roster} {generation} for the rest"),
        State::Infeasible { .. } => "infeasible".to_owned(),
        State::Failed { faults } => format!("failed {}", codes(faults)),
    };
    match effect {
        Effect::PublishStatus { request, state: said } => format!("{request} {}", state(said)),
        Effect::NeedForecast { request, queues } => {
            format!("{request} needs {}", queues.iter().map(QueueId::as_str).collect::<Vec<_>>().join(","))
        }
        Effect::StartSolve(job) => {
            let briefly = if job.finish { " briefly" } else { "" };
            format!("{} solve {}{briefly} as generation {}", job.request.id, job.attempt, job.generation)
        }
        Effect::StopSolve { request, attempt } => format!("{request} stop {attempt}"),
        Effect::FinishSolve { request, attempt } => format!("{request} finish {attempt}"),
        Effect::Publish { roster, state: said, .. } => format!("{} {}", roster.request, state(said)),
        Effect::Reject { request, faults } => format!("{} rejected {}", request.as_ref().map_or("-", RequestId::as_str), codes(faults)),
        Effect::GiveUp { request, faults } => format!("{request} given up {}", codes(faults)),
    }
}

fn codes(faults: &Faults) -> String {
    faults.0.iter().map(|fault| fault.code.code()).collect::<Vec<_>>().join(",")
}

fn ask(name: &str) -> Input {
    Input::Request { request: Box::new(request(name, &[])), digest: digest(name) }
}

fn desk() -> Desk {
    Desk::new(DeskSettings::default())
}

#[test]
fn a_request_with_its_demand_is_solved_and_published() {
    let mut desk = desk();
    assert_eq!(told(&mut desk, ask("r")), ["r accepted", "r solve 1 as generation 1"]);
    let progress = Progress { phase: Phase::Solve, done: 0.5, steps: 1, score: None, shortfall_minutes: None };
    assert_eq!(told(&mut desk, Input::Progress { request: id("r"), attempt: 1, progress }), ["r progress"]);
    assert_eq!(told(&mut desk, Input::Progress { request: id("r"), attempt: 2, progress }), [""; 0]);
    assert_eq!(told(&mut desk, solved("r", 1)), ["r done r 1"]);
    assert_eq!(told(&mut desk, solved("r", 1)), [""; 0], "an answer is given once");
    assert_eq!(told(&mut desk, ask("r")), [""; 0], "the same request once more");
    assert_eq!(desk.load(), Load::default());
}

#[test]
fn an_id_stands_for_one_request() {
    let mut desk = desk();
    told(&mut desk, ask("r"));
    let other = || Input::Request { request: Box::new(request("r", &[])), digest: digest("another") };
    assert_eq!(told(&mut desk, other()), ["r rejected F2002"]);
    told(&mut desk, solved("r", 1));
    assert_eq!(told(&mut desk, other()), ["r rejected F2002"], "also after the answer");
}

#[test]
fn demand_from_history_is_waited_for() {
    let mut desk = desk();
    let ask = || Input::Request { request: Box::new(request("r", &["b", "a"])), digest: digest("r") };
    assert_eq!(told(&mut desk, ask()), ["r accepted", "r needs a,b"]);
    assert_eq!(told(&mut desk, forecast("r", "a")), [""; 0]);
    assert_eq!(told(&mut desk, forecast("r", "unknown")), [""; 0]);
    assert_eq!(desk.load(), Load { awaiting_demand: 1, ..Load::default() });
    let effects = desk.step(forecast("r", "b"));
    let [Effect::StartSolve(job)] = effects.as_slice() else { panic!("{effects:?}") };
    let queues: Vec<&str> = job.forecasts.iter().flatten().map(|forecast| forecast.queue.as_str()).collect();
    assert_eq!(queues, ["b", "a"], "in the order of the request");
    // Forecasts may be read before the request.
    let mut early = Desk::new(DeskSettings::default());
    told(&mut early, forecast("r", "a"));
    told(&mut early, forecast("r", "b"));
    assert_eq!(told(&mut early, ask()), ["r accepted", "r solve 1 as generation 1"]);
    // Whoever forecasts may give up.
    let mut without = Desk::new(DeskSettings::default());
    told(&mut without, ask());
    told(&mut without, Input::Status { request: id("r"), state: State::Failed { faults: Faults::default() } });
    assert_eq!(told(&mut without, forecast("r", "a")), [""; 0]);
    assert_eq!(told(&mut without, forecast("r", "b")), [""; 0]);
}

#[test]
fn a_solver_that_dies_is_tried_three_times() {
    let mut desk = desk();
    let died = |attempt| Input::Died { request: id("r"), attempt, cause: "killed by signal 9".into() };
    told(&mut desk, ask("r"));
    assert_eq!(told(&mut desk, died(1)), ["r solve 2 as generation 1"]);
    assert_eq!(told(&mut desk, died(1)), [""; 0], "news of an attempt that is over");
    assert_eq!(told(&mut desk, died(2)), ["r solve 3 as generation 1"]);
    let effects = desk.step(died(3));
    assert_eq!(effects.iter().map(short).collect::<Vec<_>>(), ["r failed F4001,F4001,F4001", "r given up F4001,F4001,F4001"]);
    let Effect::PublishStatus { state: State::Failed { faults }, .. } = &effects[0] else { panic!("{effects:?}") };
    assert_eq!(faults.0[1].cause, "attempt 2: killed by signal 9");
    assert_eq!(told(&mut desk, solved("r", 3)), [""; 0]);
}

#[test]
fn a_verdict_of_the_solver_is_not_tried_again() {
    for (input, expected) in [
        (Input::Infeasible { request: id("r"), attempt: 1, faults: Faults::default(), rest: None }, "r infeasible"),
        (Input::Failed { request: id("r"), attempt: 1, faults: Faults::one(FaultCode::NoHistory, "", "no") }, "r failed F2009"),
    ] {
        let mut desk = desk();
        told(&mut desk, ask("r"));
        assert_eq!(told(&mut desk, input), [expected]);
        assert_eq!(desk.load(), Load::default());
    }
}

#[test]
fn a_contradicted_request_has_the_roster_of_those_who_can_be_served() {
    let mut desk = desk();
    let (ask, infeasible) = contradicted("r", "a2");
    told(&mut desk, ask);
    let effects = desk.step(infeasible);
    assert_eq!(effects.iter().map(short).collect::<Vec<_>>(), ["r infeasible, r 1 for the rest"]);
    let [Effect::Publish { summary, state: State::Infeasible { faults, .. }, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((codes(faults).as_str(), summary.left_out[0].as_str()), ("F2003", "a2"));
    assert_eq!(summary.certificate.verdict(), fika_model::Verdict::Proved);
    // A roster that is not that of the others proves nothing.
    let mut other = Desk::new(DeskSettings::default());
    let (ask, infeasible) = contradicted("r", "a1");
    told(&mut other, ask);
    assert_eq!(told(&mut other, infeasible), ["r solve 2 as generation 1"]);
}

#[test]
fn requests_take_turns() {
    let mut desk = desk();
    told(&mut desk, ask("a"));
    assert_eq!(told(&mut desk, ask("b")), ["b accepted"]);
    assert_eq!(told(&mut desk, ask("c")), ["c accepted"]);
    assert_eq!(desk.load(), Load { awaiting_demand: 0, waiting: 2, solving: 1 });
    // One whose solver died goes behind the others: it must not hold them up.
    let died = Input::Died { request: id("a"), attempt: 1, cause: String::new() };
    assert_eq!(told(&mut desk, died), ["b solve 1 as generation 1"]);
    assert_eq!(told(&mut desk, solved("b", 1)), ["b done b 1", "c solve 1 as generation 1"]);
}

#[test]
fn a_roster_that_is_not_proved_is_not_published() {
    let mut broken: Vec<(&str, Input)> = Vec::new();
    let change = |change: fn(&mut Roster, &mut RosterSummary, &mut Digests)| {
        let Input::Solved { request, attempt, mut roster, mut summary, mut digests } = solved("r", 1) else { unreachable!("solved") };
        change(&mut roster, &mut summary, &mut digests);
        Input::Solved { request, attempt, roster, summary, digests }
    };
    broken.push(("an agent is missing", change(|roster, _, _| roster.agents.clear())));
    broken.push(("the certificate is of another roster", change(|_, summary, _| summary.certificate.roster = digest("another"))));
    broken.push(("the request was another", change(|_, _, digests| digests.request = digest("another"))));
    broken.push(("the roster is of another request", change(|roster, _, _| roster.request = id("other"))));
    broken.push(("the summary is of another roster", change(|_, summary, _| summary.roster = lineage::roster_id(&id("other")))));
    for (what, input) in broken {
        let mut desk = desk();
        told(&mut desk, ask("r"));
        assert_eq!(told(&mut desk, input), ["r solve 2 as generation 1"], "{what}");
    }
    let mut once_only = Desk::new(DeskSettings { most_attempts: 1, ..DeskSettings::default() });
    told(&mut once_only, ask("r"));
    let unproved = change(|roster, _, _| roster.agents.clear());
    assert_eq!(told(&mut once_only, unproved), ["r failed F4002", "r given up F4002"]);
}

#[test]
fn the_certificate_that_is_published_is_the_desks_own() {
    let mut desk = desk();
    told(&mut desk, ask("r"));
    let Input::Solved { request, attempt, roster, mut summary, digests } = solved("r", 1) else { unreachable!("solved") };
    summary.certificate.rules.clear();
    let effects = desk.step(Input::Solved { request, attempt, roster, summary, digests });
    let [Effect::Publish { summary, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(summary.certificate.checks() > 0);
}

#[test]
fn a_parent_must_be_current_when_asked_and_when_published() {
    let mut desk = Desk::new(DeskSettings { most_solves: 9, ..DeskSettings::default() });
    assert_eq!(told(&mut desk, child_of("early", "a", 1)), ["early failed F2010"]);
    told(&mut desk, ask("a"));
    told(&mut desk, solved("a", 1));
    assert_eq!(told(&mut desk, child_of("wrong", "a", 2)), ["wrong failed F2010"]);
    assert_eq!(told(&mut desk, child_of("b", "a", 1)), ["b accepted", "b solve 1 as generation 2"]);
    assert_eq!(told(&mut desk, child_of("c", "a", 1)), ["c accepted", "c solve 1 as generation 2"]);
    assert_eq!(told(&mut desk, solved_child("c", "a", 1)), ["c done c 2"]);
    assert_eq!(told(&mut desk, solved_child("b", "a", 1)), ["b failed F2010"], "its parent has been replaced by c");
    assert_eq!(told(&mut desk, child_of("d", "c", 2)), ["d accepted", "d solve 1 as generation 3"]);
}

#[test]
fn a_parent_that_is_replaced_while_its_child_waits_fails_the_child() {
    let mut desk = desk();
    told(&mut desk, ask("a"));
    told(&mut desk, solved("a", 1));
    told(&mut desk, ask("b"));
    assert_eq!(told(&mut desk, child_of("c", "a", 1)), ["c accepted"]);
    assert_eq!(told(&mut desk, solved("b", 1)), ["b done b 1", "c failed F2010"]);
}

#[test]
fn another_process_may_publish_too() {
    let mut desk = desk();
    told(&mut desk, publication("y", 7, 2000));
    told(&mut desk, publication("x", 3, 1000));
    told(&mut desk, Input::Status { request: id("x"), state: State::Failed { faults: Faults::default() } });
    told(&mut desk, Input::Status { request: id("y"), state: State::Failed { faults: Faults::default() } });
    told(&mut desk, ask("y"));
    told(&mut desk, ask("x"));
    assert_eq!(told(&mut desk, child_of("of-x", "x", 3)), ["of-x failed F2010"], "the last one published is current");
    assert_eq!(told(&mut desk, child_of("of-y", "y", 7)), ["of-y accepted", "of-y solve 1 as generation 8"]);
    let mut answered = Desk::new(DeskSettings::default());
    told(&mut answered, ask("r"));
    let done = State::Done { roster: lineage::roster_id(&id("r")), generation: 1 };
    assert_eq!(told(&mut answered, Input::Status { request: id("r"), state: done }), ["r stop 1"]);
    assert_eq!(told(&mut answered, solved("r", 1)), [""; 0]);
}

#[test]
fn a_roster_whose_request_nobody_here_has_seen_is_current_all_the_same() {
    let mut desk = desk();
    let Input::Published(elsewhere) = publication("elsewhere", 4, 1000) else { unreachable!("a publication") };
    let period = Period::of(&request("any", &[]));
    told(&mut desk, Input::Published(Publication { period: Some(period), ..elsewhere }));
    assert_eq!(told(&mut desk, child_of("wrong", "elsewhere", 3)), ["wrong failed F2010"]);
    assert_eq!(told(&mut desk, child_of("right", "elsewhere", 4)), ["right accepted", "right solve 1 as generation 5"]);
}

#[test]
fn what_may_be_published_follows_from_what_was() {
    let period = Period::of(&request("any", &[]));
    let other = Period { days: period.days + 1, ..period.clone() };
    let by = |name: &str, generation, (turn, at_ms), period: Option<&Period>| {
        let Input::Published(publication) = publication(name, generation, at_ms) else { unreachable!("a publication") };
        Publication { period: period.cloned(), turn, ..publication }
    };
    let parent = fika_model::roster::Parent { roster: lineage::roster_id(&id("a")), generation: 2 };
    // The turn of who names that parent, and of who names none and replaces whatever is there.
    let check = |before: &[Publication], heir: Option<u64>, root: u64| {
        assert_eq!(turn(Some(&parent), &period, before.to_vec()), heir, "{before:?}");
        assert_eq!(turn(None, &period, before.to_vec()), Some(root), "{before:?}");
    };
    check(&[], None, 1);
    check(&[by("a", 2, (1, 1), Some(&period))], Some(2), 2);
    check(&[by("a", 1, (1, 1), Some(&period))], None, 2);
    check(&[by("a", 2, (1, 1), Some(&other))], None, 1);
    check(&[by("a", 2, (7, 1), None)], Some(8), 1);
    check(&[by("a", 2, (1, 1), Some(&period)), by("b", 3, (1, 2), Some(&other))], Some(2), 2);
    // Records without a turn are before all others, in the order of their times.
    check(&[by("a", 2, (0, 2), Some(&period)), by("b", 1, (0, 1), Some(&period))], Some(1), 1);
    check(&[by("a", 2, (0, 1), Some(&period)), by("b", 3, (0, 2), Some(&period))], None, 1);
    check(&[by("a", 2, (1, 1), Some(&period)), by("b", 1, (0, 2), Some(&period))], Some(2), 2);
}

#[test]
fn clocks_and_generations_do_not_say_which_roster_is_current() {
    let period = Period::of(&request("any", &[]));
    let by = |name: &str, generation, turn, at_ms| {
        let Input::Published(publication) = publication(name, generation, at_ms) else { unreachable!("a publication") };
        Publication { period: Some(period.clone()), turn, ..publication }
    };
    // `b` began anew after `a`, made by a member whose clock is an hour behind.
    let (a, b) = (by("a", 6, 6, 3_600_000), by("b", 1, 7, 0));
    for before in [[a.clone(), b.clone()], [b, a]] {
        let parent = |name, generation| fika_model::roster::Parent { roster: lineage::roster_id(&id(name)), generation };
        assert_eq!(turn(Some(&parent("a", 6)), &period, before.to_vec()), None);
        assert_eq!(turn(Some(&parent("b", 1)), &period, before.to_vec()), Some(8));
        let mut desk = desk();
        for publication in before {
            told(&mut desk, Input::Published(publication));
        }
        assert_eq!(told(&mut desk, child_of("of-a", "a", 6)), ["of-a failed F2010"]);
        assert_eq!(told(&mut desk, child_of("of-b", "b", 1)), ["of-b accepted", "of-b solve 1 as generation 2"]);
    }
}

#[test]
fn a_request_that_cannot_be_forecast_fails_once() {
    let ask = || Input::Request { request: Box::new(request("r", &["a"])), digest: digest("r") };
    let untold = || Input::NoForecast { request: id("r"), faults: Faults::one(FaultCode::NoHistory, "queues[0].id", "nothing") };
    let mut desk = desk();
    assert_eq!(told(&mut desk, untold()), [""; 0], "of a request that has not come");
    assert_eq!(told(&mut desk, ask()), ["r accepted", "r needs a"]);
    assert_eq!(told(&mut desk, untold()), ["r failed F2009"]);
    assert_eq!(told(&mut desk, untold()), [""; 0]);
    let mut cancelled = Desk::new(DeskSettings::default());
    told(&mut cancelled, ask());
    told(&mut cancelled, Input::Cancel { request: id("r"), reason: "enough".to_owned() });
    assert_eq!(told(&mut cancelled, untold()), [""; 0], "it has its answer");
    let mut forecast_first = Desk::new(DeskSettings::default());
    told(&mut forecast_first, ask());
    told(&mut forecast_first, forecast("r", "a"));
    assert_eq!(told(&mut forecast_first, untold()), [""; 0], "it is being solved");
}

#[test]
fn unsound_requests_are_answered_where_their_id_is_known() {
    let faults = || Faults::one(FaultCode::Missing, "agents", "none");
    let mut desk = desk();
    assert_eq!(told(&mut desk, Input::Unsound { request: None, faults: faults() }), ["- rejected F1003"]);
    let named = || Input::Unsound { request: Some(id("r")), faults: faults() };
    assert_eq!(told(&mut desk, named()), ["r failed F1003", "r rejected F1003"]);
    assert_eq!(told(&mut desk, named()), ["r rejected F1003"]);
    told(&mut desk, ask("open"));
    let open = Input::Unsound { request: Some(id("open")), faults: faults() };
    assert_eq!(told(&mut desk, open), ["open rejected F1003"], "a sound request keeps its status");
    assert_eq!(desk.load().solving, 1);
}

#[test]
fn a_desk_that_starts_takes_up_what_has_no_answer() {
    let mut desk = desk();
    told(&mut desk, Input::Status { request: id("done"), state: State::Failed { faults: Faults::default() } });
    told(&mut desk, Input::Status { request: id("open"), state: State::Accepted });
    assert_eq!(told(&mut desk, ask("done")), [""; 0]);
    assert_eq!(told(&mut desk, ask("open")), ["open solve 1 as generation 1"], "it was accepted before");
    assert_eq!(told(&mut desk, Input::Released { request: id("open") }), ["open stop 1"]);
    assert_eq!(told(&mut desk, solved("open", 1)), [""; 0]);
}
