//! The progress of a request, for a person at a terminal.

use std::fmt::Write;
use std::time::{Duration, Instant};

use fika_model::status::{Phase, State};
use indicatif::{ProgressBar, ProgressStyle};

/// What to do about a bus without a planner.
pub(crate) const ADVICE: &str = "run `fika serve` with the role planner (and ingest and forecast, for demand from history) on the same bus";

/// Silence after which the reader is told what may be wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a request stands, in words.
pub(crate) fn words(state: &State) -> &'static str {
    match state {
        State::Accepted => "accepted",
        State::Progress(progress) => match progress.phase {
            Phase::History => "waiting for the history to be counted",
            Phase::Forecast => "forecasting",
            Phase::Requirement => "working out who is required",
            Phase::Solve => "building shifts and breaks",
            Phase::Simulate => "simulating callers",
            Phase::Verify => "checking every rule",
            Phase::Publish => "publishing",
        },
        State::Done { .. } => "done",
        State::Infeasible { .. } => "infeasible",
        State::Failed { .. } => "failed",
    }
}

/// The progress that a person sees.
pub(crate) struct Bar {
    line: ProgressBar,
    began: Instant,
    heard: bool,
    advised: bool,
}

impl Bar {
    /// A bar; a hidden one shows nothing.
    pub(crate) fn new(hidden: bool) -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(1_000) };
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { line: bar, began: Instant::now(), heard: false, advised: false }
    }

    /// Shows what was heard; nothing heard may be worth a word, too.
    pub(crate) fn show(&mut self, state: Option<&State>) {
        self.heard |= state.is_some();
        if !self.heard && !self.advised && self.began.elapsed() > PATIENCE {
            self.advised = true;
            self.line.suspend(|| eprintln!("no planner has answered for {} s; {ADVICE}; still waiting", PATIENCE.as_secs()));
        }
        let Some(state) = state else { return };
        let mut message = words(state).to_owned();
        if let State::Progress(progress) = state {
            self.line.set_position((progress.done.clamp(0.0, 1.0) * 1_000.0) as u64);
            if let Some(short) = progress.shortfall_minutes {
                let _ = write!(message, ", {:.1} person-hours short", short / 60.0);
            }
        }
        self.line.set_message(message);
    }

    /// Takes it away.
    pub(crate) fn clear(&self) {
        self.line.finish_and_clear();
    }
}
