//! The settings of `fika serve`: every name, default and range in one place.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use fika_bus::BusAddress;
use fika_model::fault::{FaultCode, Faults};
use fika_model::{IntervalLength, QueueId};
use fika_wire::dialect::{self, Mapping};
use fika_wire::topics;

use super::mapping_file;
use super::reader::{Reader, parse_bytes, parse_length};
use super::{BusArgs, Environment};
use crate::roles::Role;

/// What the flags of `fika serve` say beyond the bus.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    /// The roles, separated by commas.
    pub(crate) roles: Option<String>,
    /// The address to listen on.
    pub(crate) listen: Option<String>,
    /// Topics of ACDs with their dialects, each written topic=dialect.
    pub(crate) sources: Vec<String>,
    /// The file that says which column of calls-csv is what.
    pub(crate) mapping: Option<String>,
}

/// Settings of the HTTP interface.
#[derive(Debug, Clone)]
pub(crate) struct HttpConfig {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// The largest request body, in bytes.
    pub(crate) body_limit_bytes: usize,
    /// How many requests' statuses are kept in memory.
    pub(crate) keep_requests: usize,
    /// How many rosters are kept in memory.
    pub(crate) keep_rosters: usize,
}

/// Settings of the counters.
#[derive(Debug, Clone)]
pub(crate) struct IngestConfig {
    /// The length of the intervals that are counted.
    pub(crate) interval: IntervalLength,
    /// The acceptable waiting time.
    pub(crate) threshold: Duration,
    /// Abandons before this are short.
    pub(crate) short_abandon: Duration,
    /// A call without news for so long has lost its end.
    pub(crate) lost_end_after: Duration,
    /// Events may come this much after a call's end and still count.
    pub(crate) keep_after_end: Duration,
    /// The queues that exist; empty means that any may.
    pub(crate) queues: Vec<QueueId>,
    /// The most records of one batch.
    pub(crate) batch: usize,
    /// Topics of ACDs, with the name of the dialect of each.
    pub(crate) sources: BTreeMap<String, String>,
    /// Which column of calls-csv is what, for these topics and for HTTP.
    pub(crate) mapping: Option<Mapping>,
}

/// Settings of solves.
#[derive(Debug, Clone)]
pub(crate) struct PlannerConfig {
    /// The memory a solve may take, in bytes.
    pub(crate) memory_bytes: u64,
    /// The wall-clock time a solve may take in all.
    pub(crate) wall: Duration,
    /// How many solves run at once.
    pub(crate) solves: usize,
}

/// All settings.
#[derive(Debug, Clone)]
pub(crate) struct ServiceConfig {
    /// The bus.
    pub(crate) bus: BusAddress,
    /// The roles to run.
    pub(crate) roles: Vec<Role>,
    /// HTTP.
    pub(crate) http: HttpConfig,
    /// Counters.
    pub(crate) ingest: IngestConfig,
    /// Solves.
    pub(crate) planner: PlannerConfig,
    /// How long a drain may take.
    pub(crate) grace: Duration,
}

impl ServiceConfig {
    /// Reads everything; the text is the settings in force, secrets as stars.
    pub(crate) fn read(file: Option<&Path>, environment: Environment, bus: &BusArgs, flags: &Flags) -> Result<(Self, String), Faults> {
        let table = match file {
            Some(path) => table(path)?,
            None => toml::Table::new(),
        };
        let mut reader = Reader::new(table, environment);
        if let Some(roles) = &flags.roles {
            reader.flag("service.roles", roles);
        }
        if let Some(listen) = &flags.listen {
            reader.flag("http.listen", listen);
        }
        if !flags.sources.is_empty() {
            reader.flag("ingest.sources", &flags.sources.join(","));
        }
        if let Some(mapping) = &flags.mapping {
            reader.flag("ingest.mapping", mapping);
        }
        let parts = (
            bus.read(&mut reader),
            reader.parsed("service.roles", "ingest,forecast,planner,api", Role::parse_list),
            http(&mut reader),
            ingest(&mut reader),
            planner(&mut reader),
            reader.parsed("service.grace", "25s", parse_length),
        );
        let shown = reader.shown();
        let config = match parts {
            (Some(bus), Some(roles), Some(http), Some(ingest), Some(planner), Some(grace)) => {
                Some(Self { bus, roles, http, ingest, planner, grace })
            }
            _ => None,
        };
        Ok((reader.finish(config)?, shown))
    }

    /// The settings when nothing is said, over a bus: for the demonstration and for tests.
    pub(crate) fn over(bus: BusAddress) -> Self {
        Self {
            bus,
            roles: Role::ALL.to_vec(),
            http: HttpConfig {
                listen: SocketAddr::from(([127, 0, 0, 1], 0)),
                body_limit_bytes: 16_000_000,
                keep_requests: 10_000,
                keep_rosters: 32,
            },
            ingest: IngestConfig {
                interval: IntervalLength::QUARTER_HOUR,
                threshold: Duration::from_secs(20),
                short_abandon: Duration::from_secs(5),
                lost_end_after: Duration::from_secs(4 * 3600),
                keep_after_end: Duration::from_secs(1800),
                queues: Vec::new(),
                batch: 20_000,
                sources: BTreeMap::new(),
                mapping: None,
            },
            planner: PlannerConfig { memory_bytes: 4 << 30, wall: Duration::from_secs(900), solves: 1 },
            grace: Duration::from_secs(25),
        }
    }
}

fn table(path: &Path) -> Result<toml::Table, Faults> {
    let place = || path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Faults::one(FaultCode::Missing, place(), error))?;
    text.parse().map_err(|error: toml::de::Error| Faults::one(FaultCode::Malformed, place(), error.to_string().trim_end()))
}

fn http(reader: &mut Reader) -> Option<HttpConfig> {
    let listen = reader.parsed("http.listen", "127.0.0.1:8080", |text| {
        text.parse::<SocketAddr>().map_err(|_| "give an address and a port, such as 0.0.0.0:8080")
    });
    let body_limit = reader.parsed("http.body_limit", "16MB", |text| match parse_bytes(text)? {
        bytes @ 1_000..=1_000_000_000 => Ok(bytes as usize),
        _ => Err("a body may be limited to 1kB to 1GB".to_owned()),
    });
    let keep_requests = reader.parsed("http.keep_requests", "10000", |text| count(text, 1, 1_000_000));
    let keep_rosters = reader.parsed("http.keep_rosters", "32", |text| count(text, 1, 10_000));
    Some(HttpConfig { listen: listen?, body_limit_bytes: body_limit?, keep_requests: keep_requests?, keep_rosters: keep_rosters? })
}

fn ingest(reader: &mut Reader) -> Option<IngestConfig> {
    let interval = reader.parsed("ingest.interval", "15m", |text| {
        let seconds = parse_length(text)?.as_secs();
        let minutes = if seconds % 60 == 0 { (seconds / 60) as i64 } else { 0 };
        IntervalLength::new(minutes).map_err(|error| error.to_string())
    });
    let threshold = reader.parsed("ingest.threshold", "20s", parse_length);
    let short_abandon = reader.parsed("ingest.short_abandon", "5s", parse_length);
    let lost_end_after = reader.parsed("ingest.lost_end_after", "4h", parse_length);
    let keep_after_end = reader.parsed("ingest.keep_after_end", "30m", parse_length);
    let queues = reader.parsed("ingest.queues", "", |text| {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(QueueId::new).collect::<Result<Vec<_>, _>>()
    });
    let batch = reader.parsed("ingest.batch", "20000", |text| count(text, 1, 1_000_000));
    let sources = reader.parsed("ingest.sources", "", parse_sources);
    let mapping = reader.parsed("ingest.mapping", "", |path| {
        let mapping = if path.is_empty() { None } else { Some(mapping_file::read(Path::new(path))?) };
        Ok::<_, Faults>(mapping)
    });
    let in_csv = |dialect: &String| dialect == "calls-csv";
    if sources.as_ref().is_some_and(|sources| sources.values().any(in_csv)) {
        // A record of a topic stands alone: there is no first line that names the columns.
        match &mapping {
            Some(Some(mapping)) if !mapping.names_columns() => {
                reader.fault(FaultCode::BadSetting, "ingest.mapping", "for a topic the mapping names the columns itself (header)");
            }
            Some(None) => reader.fault(FaultCode::BadSetting, "ingest.mapping", "a topic in calls-csv needs a mapping"),
            _ => {}
        }
    }
    Some(IngestConfig {
        interval: interval?,
        threshold: threshold?,
        short_abandon: short_abandon?,
        lost_end_after: lost_end_after?,
        keep_after_end: keep_after_end?,
        queues: queues?,
        batch: batch?,
        sources: sources?,
        mapping: mapping?,
    })
}

/// Reads topics with their dialects, such as `asterisk_ami=asterisk-ami`, separated by commas.
fn parse_sources(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut sources = BTreeMap::new();
    for source in text.split(',').map(str::trim).filter(|source| !source.is_empty()) {
        let Some((topic, name)) = source.split_once('=').map(|(topic, name)| (topic.trim(), name.trim())) else {
            return Err(format!("{source:?} is not of the form topic=dialect"));
        };
        if topics::settings(topic).is_some() {
            return Err(format!("the topic {topic:?} is fika's own"));
        }
        if !dialect::STREAMED.contains(&name) {
            return Err(format!("{name:?} is none of {}", dialect::STREAMED.join(", ")));
        }
        if sources.insert(topic.to_owned(), name.to_owned()).is_some() {
            return Err(format!("the topic {topic:?} is named twice"));
        }
    }
    Ok(sources)
}

fn planner(reader: &mut Reader) -> Option<PlannerConfig> {
    let memory = reader.parsed("planner.memory", "4GiB", |text| match parse_bytes(text)? {
        bytes if bytes >= 256 << 20 => Ok(bytes),
        _ => Err("a solve needs at least 256MiB".to_owned()),
    });
    let wall = reader.parsed("planner.wall", "15m", parse_length);
    let solves = reader.parsed("planner.solves", "1", |text| count(text, 1, 256));
    Some(PlannerConfig { memory_bytes: memory?, wall: wall?, solves: solves? })
}

fn count(text: &str, least: usize, most: usize) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a whole number from {least} to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: &[(&str, &str)], flags: &Flags) -> Result<(ServiceConfig, String), Faults> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        ServiceConfig::read(None, environment, &BusArgs { bus: Some("b.sqlite".into()), ..BusArgs::default() }, flags)
    }

    #[test]
    fn silence_means_the_defaults() {
        let (config, shown) = read(&[], &Flags::default()).expect("defaults are sound");
        let plain = ServiceConfig::over(config.bus.clone());
        assert_eq!(format!("{:?}", config.ingest), format!("{:?}", plain.ingest));
        assert_eq!(format!("{:?}", config.planner), format!("{:?}", plain.planner));
        assert_eq!((config.roles, config.grace), (plain.roles, plain.grace));
        assert!(shown.contains("ingest.interval = \"15m\"") && shown.contains("bus.file = \"b.sqlite\""), "{shown}");
    }

    #[test]
    fn ranges_are_held_on_both_sides() {
        let check = |name: &str, value: &str, sound: bool| {
            assert_eq!(read(&[(name, value)], &Flags::default()).is_ok(), sound, "{name}={value}");
        };
        check("FIKA_INGEST_INTERVAL", "60m", true);
        check("FIKA_INGEST_INTERVAL", "61m", false);
        check("FIKA_INGEST_INTERVAL", "90s", false);
        check("FIKA_HTTP_BODY_LIMIT", "1kB", true);
        check("FIKA_HTTP_BODY_LIMIT", "999B", false);
        check("FIKA_PLANNER_SOLVES", "1", true);
        check("FIKA_PLANNER_SOLVES", "0", false);
        check("FIKA_PLANNER_MEMORY", "256MiB", true);
        check("FIKA_PLANNER_MEMORY", "255MiB", false);
        check("FIKA_SERVICE_ROLES", "api", true);
        check("FIKA_SERVICE_ROLES", "api,chef", false);
        check("FIKA_INGEST_SOURCES", "asterisk_ami=asterisk-ami, connect=amazon-connect", true);
        check("FIKA_INGEST_SOURCES", "asterisk_ami", false);
        check("FIKA_INGEST_SOURCES", "asterisk_ami=morse", false);
        check("FIKA_INGEST_SOURCES", "bank=anonymous-bank", false);
        check("FIKA_INGEST_SOURCES", "acd.calls=webex", false);
        check("FIKA_INGEST_SOURCES", "a=webex,a=twilio", false);
        check("FIKA_INGEST_SOURCES", "calls=calls-csv", false);
        check("FIKA_INGEST_MAPPING", "/no/such/mapping.toml", false);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let environment = [("FIKA_INGEST_THRESHOLD", "20"), ("FIKA_PLANNER_WALL", "-1s"), ("FIKA_SERVICE_GRACE", "x")];
        let faults = read(&environment, &Flags { listen: Some("nowhere".to_owned()), ..Flags::default() }).expect_err("four faults");
        assert_eq!(faults.0.len(), 4, "{faults}");
    }
}
