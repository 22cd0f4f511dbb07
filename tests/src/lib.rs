//! What tests that cross crates share: a real broker, real and made-up days of calls, the program itself, and the tree of the repository.

#![allow(clippy::missing_panics_doc, reason = "a test that cannot go on fails, and that is all there is to say")]

pub mod bank;
pub mod fleet;
pub mod january;
pub mod kafka;
pub mod program;
pub mod repository;
pub mod staffed_day;
pub mod stream;

/// Names a check that this machine cannot do. Written past the runner's capture, so that it is seen although the test passes.
pub fn skipped(what: &str) {
    use std::io::Write;
    // Where standard error is closed nobody could read the line.
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}

/// Whether the long tests that break a real broker are asked for, by `FIKA_KAFKA_FAULTS=1`; they need minutes of both cores.
pub fn faults_wanted(what: &str) -> bool {
    let wanted = std::env::var("FIKA_KAFKA_FAULTS").as_deref() == Ok("1");
    if !wanted {
        skipped(&format!("{what}; make test-kafka-faults runs it"));
    }
    wanted
}
