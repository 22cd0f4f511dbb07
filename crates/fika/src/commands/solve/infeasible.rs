//! What is said when rules contradict a request: a smallest set of them, what relaxing each would give, and never an empty hand.

use std::fmt::Write;
use std::process::ExitCode;

use fika_model::forecast::QueueForecast;
use fika_model::{AgentId, Request};
use fika_planning::{Conflict, PlanError, reasons, serve_the_rest};
use fika_wire::convert;

use super::{Args, done, solve};
use crate::cli::exit;
use crate::files;

/// Agents that one line names; the rest are counted.
const NAMED: usize = 8;

/// Says why, and with `--best-effort` makes the roster of those who can be served.
pub(super) fn run(args: &Args, written: &Request, history: Option<&[QueueForecast]>, error: &PlanError) -> anyhow::Result<ExitCode> {
    eprintln!("{error}\n{}", error.faults());
    if matches!(error, PlanError::Unmet(_)) {
        eprintln!("no promise was broken for it; a longer search may find a roster (--seconds, --steps)");
    }
    eprint!("{}", text(&reasons(written, history, error)));
    if !args.best_effort {
        return Ok(ExitCode::from(exit::NO));
    }
    let Some((request, planned)) =
        serve_the_rest(written, error, |request| solve(args, request, history, Some("those who can be served")))?
    else {
        eprintln!("nobody is left who could be served");
        return Ok(ExitCode::from(exit::NO));
    };
    if let Some(path) = &args.served {
        files::write(path, &convert::request_message(&request))?;
    }
    done(args, &request, &planned)?;
    for asked in &planned.summary.waived {
        eprintln!("{asked} is held if there is room: what must be held cannot be");
    }
    if !planned.summary.left_out.is_empty() {
        eprintln!("without {}: the roster is proved for the other {}", names(&planned.summary.left_out), request.agents.len());
    }
    Ok(ExitCode::from(exit::NO))
}

fn names(agents: &[AgentId]) -> String {
    let mut text = agents.iter().take(NAMED).map(AgentId::as_str).collect::<Vec<_>>().join(", ");
    if let Some(rest @ 1..) = agents.len().checked_sub(NAMED) {
        let _ = write!(text, " and {rest} more");
    }
    text
}

fn text(conflicts: &[Conflict]) -> String {
    let mut out = String::new();
    for conflict in conflicts {
        let held = conflict.held.as_ref();
        if conflict.rules.is_empty() {
            let held = held.map(|held| format!(" with {held}")).unwrap_or_default();
            let _ = writeln!(out, "for {}: the shift templates alone leave no legal week{held}", names(&conflict.agents));
            continue;
        }
        let must = held.map(|held| format!("{held} must be held; ")).unwrap_or_default();
        let _ = writeln!(out, "{must}for {} these contradict, and without any one of them the rest do not:", names(&conflict.agents));
        for rule in &conflict.rules {
            let enough =
                rule.enough.as_ref().map_or_else(|| "; another contradiction stays without it".to_owned(), |text| format!("; {text}"));
            let _ = writeln!(out, "  {}{enough}", rule.says);
        }
    }
    out
}
