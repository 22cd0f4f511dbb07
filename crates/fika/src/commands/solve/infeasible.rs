//! What is said when rules contradict a request: a smallest set of them, what relaxing each would give, and never an empty hand.

use std::fmt::Write;
use std::process::ExitCode;

use fika_model::forecast::QueueForecast;
use fika_model::{ActivityId, AgentId, Request};
use fika_planning::{Conflict, PlanError, reasons, without_contradicted};
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
    let (PlanError::Infeasible(infeasible) | PlanError::Unmet(infeasible)) = error else { return Ok(ExitCode::from(exit::NO)) };
    let mut infeasible = infeasible.clone();
    let mut out: Vec<AgentId> = Vec::new();
    let mut request = written.clone();
    loop {
        let Some((served, more)) = without_contradicted(&request, &infeasible) else {
            eprintln!("nobody is left who could be served");
            return Ok(ExitCode::from(exit::NO));
        };
        out.extend(more);
        request = served;
        match solve(args, &request, history, Some("those who can be served"))? {
            Ok(planned) => {
                out.sort();
                if let Some(path) = &args.served {
                    files::write(path, &convert::request_message(&request))?;
                }
                done(args, &request, &planned)?;
                for asked in waived(written, &request) {
                    eprintln!("{asked} is held if there is room: what must be held cannot be");
                }
                if !out.is_empty() {
                    eprintln!("without {}: the roster is proved for the other {}", names(&out), request.agents.len());
                }
                return Ok(ExitCode::from(exit::NO));
            }
            Err(PlanError::Infeasible(next) | PlanError::Unmet(next)) => infeasible = next,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Activities that must be held in one request, and in another need not.
fn waived<'a>(written: &'a Request, served: &'a Request) -> impl Iterator<Item = &'a ActivityId> {
    let need_not = |id: &ActivityId| served.activities.iter().any(|asked| &asked.id == id && !asked.must);
    written.activities.iter().filter(|asked| asked.must).map(|asked| &asked.id).filter(move |id| need_not(id))
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
        if conflict.rules.is_empty() {
            let _ = writeln!(out, "for {}: the shift templates alone leave no legal week", names(&conflict.agents));
            continue;
        }
        let _ = writeln!(out, "for {} these contradict, and without any one of them the rest do not:", names(&conflict.agents));
        for rule in &conflict.rules {
            let enough =
                rule.enough.as_ref().map_or_else(|| "; another contradiction stays without it".to_owned(), |text| format!("; {text}"));
            let _ = writeln!(out, "  {}{enough}", rule.says);
        }
    }
    out
}
