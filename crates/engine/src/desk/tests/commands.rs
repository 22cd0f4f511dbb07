//! Requests that are cancelled, and searches that are to end.

use super::*;

fn cancel(name: &str) -> Input {
    Input::Cancel { request: id(name), reason: "the day was closed".to_owned() }
}

fn finish(name: &str) -> Input {
    Input::Finish { request: id(name) }
}

#[test]
fn a_request_is_cancelled_wherever_it_stands() {
    let mut solving = desk();
    told(&mut solving, ask("r"));
    told(&mut solving, ask("next"));
    assert_eq!(told(&mut solving, cancel("r")), ["r stop 1", "r failed F4003", "next solve 1 as generation 1"]);
    assert_eq!(told(&mut solving, cancel("r")), [""; 0], "once is enough");
    assert_eq!(told(&mut solving, solved("r", 1)), [""; 0], "nothing is published any more");
    assert_eq!(told(&mut solving, ask("r")), [""; 0], "the same request stays cancelled");

    let mut waiting = desk();
    told(&mut waiting, ask("first"));
    told(&mut waiting, ask("r"));
    assert_eq!(told(&mut waiting, cancel("r")), ["r failed F4003"]);
    assert_eq!(waiting.load().waiting, 0);

    let mut early = desk();
    assert_eq!(told(&mut early, cancel("r")), [""; 0], "it is not known yet");
    let effects = early.step(ask("r"));
    let [Effect::PublishStatus { state: State::Failed { faults }, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(faults.0[0].cause, "it was cancelled: the day was closed");
}

#[test]
fn a_command_after_the_answer_changes_nothing() {
    let mut desk = desk();
    told(&mut desk, ask("r"));
    told(&mut desk, solved("r", 1));
    assert_eq!(told(&mut desk, cancel("r")), [""; 0]);
    assert_eq!(told(&mut desk, finish("r")), [""; 0]);
    // Another process may have given the answer.
    told(&mut desk, Input::Status { request: id("s"), state: State::Failed { faults: Faults::default() } });
    assert_eq!(told(&mut desk, cancel("s")), [""; 0]);
    assert_eq!(told(&mut desk, ask("s")), [""; 0]);
}

#[test]
fn a_search_is_told_to_end_and_its_successor_too() {
    let mut desk = desk();
    told(&mut desk, ask("r"));
    assert_eq!(told(&mut desk, finish("r")), ["r finish 1"]);
    assert_eq!(told(&mut desk, finish("r")), [""; 0], "once is enough");
    let died = Input::Died { request: id("r"), attempt: 1, cause: String::new() };
    assert_eq!(told(&mut desk, died), ["r solve 2 briefly as generation 1"]);
    assert_eq!(told(&mut desk, solved("r", 2)), ["r done r 1"]);
    told(&mut desk, finish("early"));
    assert_eq!(told(&mut desk, ask("early")), ["early accepted", "early solve 1 briefly as generation 1"]);
    told(&mut desk, cancel("early"));
    assert_eq!(told(&mut desk, ask("other")), ["other accepted", "other solve 1 as generation 1"]);
}

#[test]
fn whoever_takes_a_request_over_knows_its_commands() {
    let mut desk = desk();
    told(&mut desk, ask("r"));
    assert_eq!(told(&mut desk, Input::Released { request: id("r") }), ["r stop 1"]);
    assert_eq!(told(&mut desk, cancel("r")), [""; 0], "it is another's now");
    assert_eq!(told(&mut desk, ask("r")), ["r failed F4003"], "and back again");
}
