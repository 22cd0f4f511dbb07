//! The command's settings and faults, a small feed, and a real bank.

use std::path::Path;

use clap::Parser;

use super::*;

const SETTINGS: Settings = Settings { confidence: 0.95, shortest_s: 0.0 };

fn args(line: &[&str]) -> Result<Args, clap::Error> {
    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }
    Line::try_parse_from(std::iter::once("fit").chain(line.iter().copied())).map(|line| line.args)
}

#[test]
fn files_need_a_format_and_exclude_a_bus() {
    assert!(args(&["a.jsonl", "b.jsonl", "--format", "fika"]).is_ok() && args(&[]).is_ok() && args(&["--bus", "b.sqlite"]).is_ok());
    for line in [&["a.jsonl"][..], &["--format", "fika"], &["a.jsonl", "--format", "fika", "--bus", "b"], &["--confidence", "1"]] {
        assert!(args(line).is_err(), "{line:?}");
    }
    assert!(args(&["--confidence", "0.0099"]).is_err() && args(&["--confidence", "0.01"]).is_ok());
}

#[test]
fn times_are_instants_or_dates() {
    assert_eq!(instant("2026-01-05"), instant("2026-01-05T00:00:00Z"));
    assert_eq!(instant("2026-01-05T02:00:00+02:00"), instant("2026-01-05"));
    assert!(instant("yesterday").is_err() && instant("2026-01-05T02:00:00").is_err());
    let contradiction = |from, to| asked_for(&args(&["--from", from, "--to", to]).expect("times")).is_err();
    assert!(contradiction("2026-01-05", "2026-01-05") && !contradiction("2026-01-05", "2026-01-06"));
    let both = asked_for(&args(&["--from", "2026-01-05", "--to", "2026-01-04", "--queue", ""]).expect("times"));
    assert_eq!(both.map_err(|faults| faults.0.len()).err(), Some(2));
}

const FEED: &str = r#"
{"specversion":"1.0","id":"1","source":"/acd","type":"call.queued","time":"2026-01-05T10:00:00Z","data":{"callId":"a","queueId":"sales"}}
{"specversion":"1.0","id":"2","source":"/acd","type":"call.connected","time":"2026-01-05T10:00:20Z","data":{"callId":"a"}}
{"specversion":"1.0","id":"3","source":"/acd","type":"call.ended","time":"2026-01-05T10:02:00Z","data":{"callId":"a"}}
{"half
{"specversion":"1.0","id":"4","source":"/acd","type":"call.queued","time":"2026-01-05T10:10:00Z","data":{"callId":"b","queueId":"sales"}}
{"specversion":"1.0","id":"5","source":"/acd","type":"call.abandoned","time":"2026-01-05T10:10:40Z","data":{"callId":"b"}}
"#;

fn heard(feed: &str) -> Heard {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("feed.jsonl");
    std::fs::write(&path, feed).expect("the file is written");
    source::files(&[path], "fika", None, &ProgressBar::hidden()).expect("a readable file")
}

#[test]
fn lines_that_cannot_be_read_are_told_and_left_out() {
    let answer = answer(heard(FEED), None, Window::default(), SETTINGS).expect("two calls");
    let text = text::told(&answer, Paint::plain());
    assert!(text.starts_with("sales: 2 calls, brackets hold 95 %\n"), "{text}");
    assert!(
        text.contains("mean 60 s (") && text.contains("1 of 6 records cannot be read") && text.contains("feed.jsonl:5: F1001"),
        "{text}"
    );
    assert!(text.contains("handling time of sales is not known: 1 observations of different handling times, fewer than 2"), "{text}");
    let figures = figures::json(&answer);
    assert_eq!((&figures["faulty_records"], &figures["queues"][0]["patience"]["mean_s"]), (&1.into(), &60.0.into()));
    assert_eq!(figures["queues"][0]["patience"]["survival"][0]["low"], serde_json::Value::Null, "nobody is left after 40 s");
    assert!(figures["queues"][0]["handling_unknown"].is_string() && figures["all"].is_null());
}

#[test]
fn without_calls_everything_that_is_wrong_is_told() {
    let codes = |faults: Faults| faults.0.iter().map(|fault| fault.code).collect::<Vec<_>>();
    let from = Window { from_ms: Some(i64::MAX), to_ms: None };
    let faults = answer(heard(FEED), None, from, SETTINGS).err().map(codes);
    assert_eq!(faults, Some(vec![FaultCode::Malformed, FaultCode::NoHistory]));
    let service = QueueId::new("service").expect("an id");
    let faults = answer(heard(FEED), Some(&service), Window::default(), SETTINGS).err();
    assert!(faults.is_some_and(|faults| faults.0[0].cause.contains("there are sales")));
    let missing = ["a", "b"].map(PathBuf::from);
    let faults = source::files(&missing, "fika", None, &ProgressBar::hidden()).err();
    assert_eq!(faults.map(codes), Some(vec![FaultCode::Missing; 2]), "both files are named");
}

/// Two months of a real bank, held against the sums that were published with it by half hour and type of call.
#[test]
#[allow(clippy::print_stdout, reason = "a skipped check says so")]
fn a_real_bank_is_fitted_as_it_was_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/anonymous_bank_1999");
    if !folder.is_dir() {
        println!("skipped: the bank's calls are not beside the repository");
        return;
    }
    let month = |name: &str, shortest_s: f64| {
        let heard = source::files(&[folder.join(name)], "anonymous-bank", None, &ProgressBar::hidden()).expect("the month can be read");
        answer(heard, None, Window::default(), Settings { shortest_s, ..SETTINGS }).expect("there are calls")
    };
    // Offered calls, abandoned percent, mean and median handling time in seconds. The published means leave out agents that are not
    // known, so that they lie a few seconds above.
    let table = [("calls_1999-01.csv.gz", 30_161, 10.3, 188.0, 116.0), ("calls_1999-02.csv.gz", 31_125, 12.7, 180.0, 109.0)];
    let (mut waited_s, mut abandoned) = (0.0, 0);
    for (name, offered, abandoned_percent, aht_s, median_s) in table {
        let answer = month(name, 0.0);
        let all = &answer.findings[0];
        let (patience, handling) = (all.patience.as_ref().expect("some gave up"), all.handling.as_ref().expect("some were answered"));
        let percent = patience.abandoned as f64 / patience.calls as f64 * 100.0;
        assert!(patience.calls == offered && (percent - abandoned_percent).abs() < 0.06, "{name}: {percent}");
        assert!((handling.sample_mean_s.value - aht_s).abs() < 4.0, "{name}: {handling:?}");
        assert!((handling.sample_median_s - median_s).abs() < 4.0, "{name}: {handling:?}");
        // Brown et al. find the log-normal law once the agents' way to rest, hanging up at once, is left out.
        let without_cut_off = &month(name, 10.0).findings[0];
        let handling = without_cut_off.handling.as_ref().expect("some were answered");
        assert!(handling.distance < 0.03 && handling.exponential_distance > 0.08, "{name}: {handling:?}");
        abandoned += patience.abandoned;
        waited_s += patience.mean_s.unwrap_or_default() * patience.abandoned as f64;
    }
    // All waiting time of the published half hours over all abandons there.
    assert!((waited_s / abandoned as f64 - 354.384).abs() < 0.01, "{}", waited_s / abandoned as f64);
}
