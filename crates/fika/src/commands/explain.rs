//! `fika explain`: why is this break here, and why not elsewhere.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, Minute, Request, Roster};
use fika_planning::{ExplainError, Explanation, explain};

use crate::cli::{self, exit};
use crate::paint::Paint;
use crate::{demand, files, when};

mod text;
mod value;

const EXAMPLE: &str = "Examples:
  fika explain week.json roster.json --agent A05 --at 2026-11-24T11:15
  fika explain week.json roster.json --agent A05 --at 2026-11-24T11:15 --json

The break is moved to every other place of its shift, alone and together with those who share it; the verifier says
which rule each place breaks and by how much, and the count of cover what it costs. While the agent works, the nearest
break is moved to the moment asked about; while she is off, the nearest shift is made long enough. What is required
is read from the roster's summary, or worked out from the request where there is none.
Exit codes: 0 explained; 1 the request allows no roster at all; 2 wrong command line; 3 faults in a file or a time
outside the horizon, or no such agent.";

/// Arguments of `fika explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request: a `RosterRequest` in protobuf's JSON mapping.
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// The roster: a `Roster` in protobuf's JSON mapping.
    #[arg(value_name = "ROSTER")]
    roster: PathBuf,
    /// The agent.
    #[arg(long, value_name = "ID")]
    agent: String,
    /// The moment, by the site's wall clock (2026-11-24T11:15) or as an instant (2026-11-24T10:15:00Z).
    #[arg(long, value_name = "TIME")]
    at: String,
    #[command(flatten)]
    demand: demand::Args,
    /// Print everything that was tried as JSON.
    #[arg(long)]
    json: bool,
}

/// What was asked.
struct Asked<'a> {
    request: &'a Request,
    roster: &'a Roster,
    agent: &'a AgentId,
    at: Minute,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (request, (roster, summary)) = files::pair(&args.request, &args.roster)?;
    let agent = AgentId::new(args.agent.as_str()).map_err(|error| Faults::one(FaultCode::BadId, "--agent", error))?;
    let at = when::minute(&roster.days, &args.at, "--at")?;
    let pools = args.demand.pools(&request, summary.as_ref())?.into_iter().map(|demand| demand.pool).collect();
    let explanation = match explain(&request, pools, &roster, &agent, at) {
        Ok(explanation) => explanation,
        Err(ExplainError::Plan(error)) if error.is_infeasible() => {
            eprintln!("{error}\n{}", error.faults());
            return Ok(ExitCode::from(exit::NO));
        }
        Err(error @ (ExplainError::NoAgent { .. } | ExplainError::NoShift { .. })) => {
            return Err(Faults::one(FaultCode::UnknownReference, "--agent", error).into());
        }
        Err(ExplainError::Plan(error)) => return Err(error).context("the request cannot be planned"),
    };
    let asked = Asked { request: &request, roster: &roster, agent: &agent, at };
    cli::print(&told(args, &asked, &explanation))?;
    Ok(ExitCode::SUCCESS)
}

fn told(args: &Args, asked: &Asked<'_>, explanation: &Explanation) -> String {
    if args.json {
        return format!("{:#}\n", value::value(asked, explanation));
    }
    text::text(asked, explanation, Paint::for_stdout())
}
