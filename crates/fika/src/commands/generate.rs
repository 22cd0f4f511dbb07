//! `fika generate`: a request that looks like a real centre's, from a seed.

use std::path::PathBuf;
use std::process::ExitCode;

use fika_model::demand::DemandSource;
use fika_model::people::AgentSkill;
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::{Curve, FaultCode, Faults, Minutes, QueueId, Request, SkillId};
use fika_solver::generate::{Settings, request, with_activities, with_colleagues};
use fika_wire::{convert, json};

use crate::{cli, files, summary};

const EXAMPLE: &str = "Examples:
  fika generate --agents 200 --queues 3 --weeks 1 --seed 1 -o week.json
  fika solve week.json --seconds 10 -o roster.json --plot search.svg
  fika generate --agents 50 --queues 1 --days 1 | fika solve - --seconds 1
  fika generate --agents 60 --queues 3 --one-queue 120 --hard-queue 120 | fika solve - --seconds 10

Mixed contracts and availability, teams of 8 to 15, skills that overlap, wishes, absences. The demand is given as people
required, scaled to the staff. The same arguments give the same request.
Exit codes: 0 done; 2 wrong command line; 3 no request can be made of these numbers.";

/// Arguments of `fika generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// How many agents.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    agents: u32,
    /// How many queues.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=99))]
    queues: u32,
    /// How many weeks, from a Monday on.
    #[arg(long, value_name = "W", conflicts_with = "days", value_parser = clap::value_parser!(u32).range(1..=8))]
    weeks: Option<u32>,
    /// How many days instead of weeks [default: 7].
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(u32).range(1..=56))]
    days: Option<u32>,
    /// The seed of every choice.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Hours required over hours that the contracts hold on the phones; at 1.04 about as many hours are paid as are required.
    #[arg(long, value_name = "X", default_value_t = 1.04)]
    load: f64,
    /// A further queue, hard, that every third agent can serve for so many minutes a day; a twentieth of the demand goes to it.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u16).range(30..=1440))]
    hard_queue: Option<u16>,
    /// Most minutes in a row on one queue, for agents who can serve several.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u16).range(60..=1440))]
    one_queue: Option<u16>,
    /// Ask for huddles, training, coaching, meetings and mail beside the calls, which stay what they are without.
    #[arg(long)]
    activities: bool,
    /// Let one agent of seven wish for breaks with a colleague.
    #[arg(long)]
    colleagues: bool,
    /// How long a solve is to search, in seconds, as the request says it.
    #[arg(long, value_name = "N")]
    seconds: Option<u32>,
    /// Where to write the request [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print what was made as JSON; the request itself always is.
    #[arg(long, requires = "output")]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if !(0.1..=10.0).contains(&args.load) {
        return Err(Faults::one(FaultCode::OutOfRange, "--load", format!("{} is not between 0.1 and 10", args.load)).into());
    }
    let days = args.days.unwrap_or(args.weeks.unwrap_or(1) * 7);
    let made = request(&Settings { agents: args.agents as usize, queues: args.queues as usize, days, load: args.load, seed: args.seed })?;
    let made = if args.colleagues { with_colleagues(&made)? } else { made };
    let made = if args.activities { with_activities(&made)? } else { made };
    let mut parts = (*made).clone();
    parts.budget = Budget { steps: None, seconds: args.seconds };
    parts.wellbeing.most_on_one_queue = args.one_queue.map(Minutes::of);
    if let Some(minutes) = args.hard_queue {
        add_hard_queue(&mut parts, Minutes::of(minutes))?;
    }
    let made = Request::check(parts)?;
    let message = convert::request_message(&made);
    let Some(output) = &args.output else {
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&message)))?;
        return Ok(ExitCode::SUCCESS);
    };
    files::write(output, &message)?;
    let hours = required_hours(&made);
    if args.json {
        let told = serde_json::json!({
            "output": output, "id": made.id.as_str(), "agents": args.agents, "teams": made.teams.len(), "queues": args.queues,
            "days": days, "requiredHours": hours,
        });
        cli::print(&format!("{told}\n"))?;
    } else {
        cli::print(&format!(
            "{} agents in {} teams, {} queues, {days} days, {} hours required: {}\n",
            summary::thousands(u64::from(args.agents)),
            made.teams.len(),
            args.queues,
            summary::thousands(hours as u64),
            output.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One agent of so many can serve the hard queue, and one call of so many is for it.
const HARD_AGENTS: usize = 3;
const HARD_SHARE: f64 = 0.05;

fn add_hard_queue(parts: &mut RequestParts, minutes: Minutes) -> anyhow::Result<()> {
    let (id, skill) = (QueueId::new("queue-hard")?, SkillId::new("skill-hard")?);
    for agent in parts.agents.iter_mut().step_by(HARD_AGENTS) {
        let priority = agent.skills.len() as u32 + 1;
        agent.skills.push(AgentSkill { skill: skill.clone(), proficiency: 1.0, priority });
    }
    if let DemandSource::Required(demand) = &mut parts.demand
        && let Some(grid) = demand.first().map(|(_, curve)| curve.grid())
    {
        let all = |at| demand.iter().filter_map(|(_, curve)| curve.at(at)).sum::<f64>();
        let hard = Curve::from_fn(grid, |at| (all(at) * HARD_SHARE).round());
        for (_, curve) in demand.iter_mut() {
            *curve = Curve::from_fn(grid, |at| curve.at(at).map_or(0.0, |people| (people * (1.0 - HARD_SHARE)).round()));
        }
        demand.push((id.clone(), hard));
    }
    let hours = parts.queues.first().map(|queue| queue.hours.clone()).unwrap_or_default();
    parts.queues.push(Queue { id, name: String::new(), skill: skill.clone(), hours, hard_minutes_per_day: Some(minutes) });
    parts.skills.push(skill);
    Ok(())
}

/// Person-hours that the demand asks for.
fn required_hours(request: &Request) -> f64 {
    let DemandSource::Required(demand) = &request.demand else { return 0.0 };
    let people: f64 = demand.iter().flat_map(|(_, curve)| curve.values()).sum();
    people * f64::from(request.interval.minutes()) / 60.0
}
