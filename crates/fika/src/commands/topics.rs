//! `fika topics`: creates the topics with their settings, and names what differs in those that exist.

use std::fmt::Write;
use std::process::ExitCode;

use fika_bus::{Cleanup, TopicOutcome, TopicSettings};
use serde_json::json;

use crate::cli;
use crate::config::BusArgs;
use crate::traffic;

const EXAMPLE: &str = "Examples:
  fika topics --brokers kafka-1:9092
  fika topics --json

Topics that exist are left as they are; settings that differ from what fika wants are named.
Exit codes: 0 all topics are there; 2 wrong command line; 3 faults in the settings; 4 the bus cannot be reached.";

/// Arguments of `fika topics`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    #[command(flatten)]
    bus: BusArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let bus = args.bus.open()?;
    let wanted = traffic::topic_settings();
    let outcomes = bus.ensure_topics(&wanted)?;
    let rows: Vec<(&TopicSettings, TopicOutcome)> = wanted.iter().zip(outcomes).collect();
    cli::print(&if args.json { as_json(&rows) } else { as_table(&rows) })?;
    Ok(ExitCode::SUCCESS)
}

fn policy(cleanup: Cleanup) -> &'static str {
    match cleanup {
        Cleanup::Delete { .. } => "delete",
        Cleanup::Compact { .. } => "compact",
    }
}

fn kept(cleanup: Cleanup) -> String {
    match cleanup {
        Cleanup::Delete { retention: None } => "for ever".to_owned(),
        Cleanup::Delete { retention: Some(age) } => format!("{} days", age.as_secs() / 86_400),
        Cleanup::Compact { .. } => "latest per key".to_owned(),
    }
}

fn as_table(rows: &[(&TopicSettings, TopicOutcome)]) -> String {
    let mut text = format!("{:<24} {:>10} {:<8} {:<16} {}\n", "topic", "partitions", "policy", "kept", "outcome");
    for (topic, outcome) in rows {
        let (policy, kept) = (policy(topic.cleanup), kept(topic.cleanup));
        let outcome = match outcome {
            TopicOutcome::Created { .. } => "created".to_owned(),
            TopicOutcome::Existed { differences, .. } if differences.is_empty() => "was there".to_owned(),
            TopicOutcome::Existed { differences, .. } => {
                let named: Vec<String> = differences.iter().map(ToString::to_string).collect();
                format!("was there, but {}", named.join(", "))
            }
        };
        let _ = writeln!(text, "{:<24} {:>10} {policy:<8} {kept:<16} {outcome}", topic.name, topic.partitions);
    }
    text
}

fn as_json(rows: &[(&TopicSettings, TopicOutcome)]) -> String {
    let row = |(topic, outcome): &(&TopicSettings, TopicOutcome)| {
        let differences: Vec<_> = match outcome {
            TopicOutcome::Created { .. } => Vec::new(),
            TopicOutcome::Existed { differences, .. } => {
                differences.iter().map(|d| json!({"setting": d.setting, "wished": d.wished, "found": d.found})).collect()
            }
        };
        json!({
            "topic": topic.name,
            "partitions": topic.partitions,
            "cleanup_policy": policy(topic.cleanup),
            "created": matches!(outcome, TopicOutcome::Created { .. }),
            "differences": differences,
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    format!("{}\n", json!({ "topics": rows }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fika_bus::Difference;

    use super::*;

    #[test]
    fn what_differs_is_named_in_both_forms() {
        let calls = TopicSettings::deleting("acd.calls", 12, Some(Duration::from_secs(7 * 86_400)));
        let state = TopicSettings::compacted("fika.status", 12);
        let differs = Difference { setting: "partitions", wished: "12".to_owned(), found: "3".to_owned() };
        let rows = [
            (&calls, TopicOutcome::Created { topic: "acd.calls".to_owned() }),
            (&state, TopicOutcome::Existed { topic: "fika.status".to_owned(), differences: vec![differs] }),
        ];
        let table = as_table(&rows);
        assert!(table.contains("7 days") && table.contains("partitions is 3 instead of 12"), "{table}");
        let parsed: serde_json::Value = serde_json::from_str(&as_json(&rows)).expect("JSON");
        assert_eq!(parsed["topics"][0]["created"], true);
        assert_eq!(parsed["topics"][1]["differences"][0]["found"], "3");
    }
}
