//! The parent's side against children that misbehave; the real child is tested through the command line.

use super::*;

fn job() -> JobLine {
    JobLine {
        request: v1::RosterRequest::default(),
        forecasts: Vec::new(),
        roster_id: "o1".to_owned(),
        generation: 1,
        memory_bytes: 1 << 30,
        finish: false,
    }
}

/// Runs a shell script as the child and gives its progress and its outcome.
fn outcome(script: &str, wall: Duration) -> (Vec<Progress>, Outcome) {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    let mut child = Child::run(command, &job(), Limits { memory_bytes: 512 << 20, wall }).expect("a shell");
    let mut heard = Vec::new();
    loop {
        match child.next(Duration::from_secs(60)) {
            Some(News::Progress(progress)) => heard.push(progress),
            Some(News::Ended(outcome)) => {
                assert!(child.next(Duration::ZERO).is_none(), "nothing follows the end");
                return (heard, outcome);
            }
            None => panic!("no news in a minute"),
        }
    }
}

#[track_caller]
fn dies(script: &str, expect: &Death) {
    match outcome(script, Duration::from_secs(60)).1 {
        Outcome::Died(death) => assert_eq!(&death, expect),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_way_to_die_has_its_name() {
    dies("read job; kill -9 $$", &Death::Signal(9));
    dies("kill -15 $$", &Death::Signal(15));
    dies("echo 'memory allocation of 8 bytes failed' >&2; kill -6 $$", &Death::OutOfMemory(512 << 20));
    dies("echo 'terminate called: std::bad_alloc' >&2; exit 134", &Death::OutOfMemory(512 << 20));
    dies("read job; exit 0", &Death::NoResult(0, String::new()));
    dies("read job; echo oops >&2; exit 70", &Death::NoResult(70, "oops".to_owned()));
    let (_, outcome) = outcome("echo '{\"status\":'; read forever", Duration::from_secs(60));
    assert!(matches!(outcome, Outcome::Died(Death::Unreadable(_))), "{outcome:?}");
}

#[test]
fn a_child_that_does_not_end_is_ended() {
    let limit = Duration::from_millis(50);
    let (_, silent) = outcome("while read line; do :; done; exec cat", limit);
    assert!(matches!(&silent, Outcome::Died(death) if *death == Death::WallLimit(limit)), "{silent:?}");
    let (_, deaf) = outcome("exec 1>&-; while read line; do :; done", limit);
    assert!(matches!(&deaf, Outcome::Died(death) if *death == Death::WallLimit(limit)), "{deaf:?}");
}

#[test]
fn progress_and_answers_are_read_and_a_result_before_a_crash_does_not_count() {
    let progress = r#"{"status":{"requestId":"r1","at":"2026-03-01T00:00:00Z","progress":{"phase":"SOLVE","done":0.5,"steps":"7"}}}"#;
    let fault = r#"{"at":"agents[0]","code":"F2003","cause":"no rest","action":"rest"}"#;
    let answer = |kind: &str| format!(r#"{{"status":{{"requestId":"r1","at":"2026-03-01T00:00:00Z","{kind}":{{"faults":[{fault}]}}}}}}"#);
    let (heard, infeasible) = outcome(&format!("echo '{progress}'; echo '{}'", answer("infeasible")), Duration::from_secs(60));
    assert_eq!((heard.len(), heard[0].steps), (1, 7));
    assert!(matches!(infeasible, Outcome::Infeasible(faults, None) if faults.0[0].at == "agents[0]"));
    assert!(matches!(outcome(&format!("echo '{}'", answer("failed")), Duration::from_secs(60)).1, Outcome::Failed(_)));
    let (_, crashed) = outcome(&format!("echo '{}'; kill -9 $$", answer("failed")), Duration::from_secs(60));
    assert!(matches!(crashed, Outcome::Died(Death::Signal(9))));
}

#[test]
fn a_child_hears_that_it_is_to_finish() {
    let mut command = Command::new("sh");
    command.args(["-c", "read job; read word; echo $word >&2; exit 3"]);
    let mut child = Child::run(command, &job(), Limits { memory_bytes: 1 << 29, wall: Duration::from_secs(60) }).expect("a shell");
    child.finish();
    let Some(News::Ended(Outcome::Died(death))) = child.next(Duration::from_secs(60)) else { panic!("it ends") };
    assert_eq!(death, Death::NoResult(3, "finish".to_owned()));
}

#[test]
fn last_words_are_cut_and_do_not_stop_a_child() {
    let (_, flood) = outcome("head -c 300000 /dev/zero | tr '\\0' 'x' >&2; exit 3", Duration::from_secs(60));
    let Outcome::Died(Death::NoResult(3, words)) = flood else { panic!("{flood:?}") };
    assert_eq!(words.len(), LAST_WORDS);
}
