//! `fika presets`: the rules of countries and agreements that a request may name.

use std::fmt::Write;
use std::process::ExitCode;

use fika_verify::{break_rule, stretch_rule};
use fika_wire::presets;
use fika_wire::proto::fika::v1::BreakPreset;

use crate::cli;

const EXAMPLE: &str = "Examples:
  fika presets
  fika presets de
  fika presets us-ca --json > california.json

A request takes one with `\"breakPreset\": \"de\"`; its rules are added to the request's own. To change a rule, print the preset as
JSON and put its rules into the request instead.
Exit codes: 0 done; 2 wrong command line; 3 no such preset.";

/// Arguments of `fika presets`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The preset to print; without it, all are listed.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print the preset's file: a `BreakPreset` in protobuf's JSON mapping.
    #[arg(long, requires = "name")]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let text = match &args.name {
        None => list()?,
        Some(name) => {
            let preset = presets::preset(name)?;
            if args.json { presets::file(name).unwrap_or_default().to_owned() } else { describe(&preset)? }
        }
    };
    cli::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn list() -> anyhow::Result<String> {
    let mut out = String::new();
    let width = presets::names().map(str::len).max().unwrap_or_default();
    for name in presets::names() {
        let preset = presets::preset(name)?;
        writeln!(out, "{name:<width$}  {}", preset.title)?;
    }
    Ok(out)
}

/// A preset as people read it: rules, rests, sources, notes.
fn describe(preset: &BreakPreset) -> anyhow::Result<String> {
    let (breaks, stretches, rest) = presets::rules(preset)?;
    let mut out = format!("{}: {}\n", preset.name, preset.title);
    let breaks = breaks.iter().map(|rule| format!("{}: {}", rule.id, break_rule(rule)));
    let stretches = stretches.iter().map(|rule| format!("{}: {}", rule.id, stretch_rule(rule)));
    let rests = [
        (rest.between_shifts.get(), "minutes of rest between shifts"),
        (rest.daily.get(), "minutes of rest in the 24 hours from each shift's start"),
        (rest.weekly.get(), "minutes of rest in a row each week"),
        (rest.days_off_per_week, "days off a week"),
    ];
    let rests = rests.into_iter().filter(|(amount, _)| *amount > 0).map(|(amount, what)| format!("at least {amount} {what}"));
    let lists =
        [("Rules", breaks.chain(stretches).chain(rests).collect()), ("Sources", preset.sources.clone()), ("Notes", preset.notes.clone())];
    for (title, lines) in lists.iter().filter(|(_, lines): &&(&str, Vec<String>)| !lines.is_empty()) {
        write!(out, "\n{title}\n  {}\n", lines.join("\n  "))?;
    }
    Ok(out)
}
