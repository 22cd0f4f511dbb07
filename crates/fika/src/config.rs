//! Configuration: a TOML file, then the environment, then flags; the later wins.
//!
//! Everything is read, and all its faults are told at once, before any file or socket is opened. The environment is an
//! input: [`Environment`] is taken once, in `serve` and in [`BusArgs`], and handed down. Secrets print as `***`.

pub(crate) mod mapping_file;
mod reader;
mod secret;
mod service;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use fika_bus::{Bus, BusAddress};
use fika_model::fault::{FaultCode, Faults};

pub(crate) use reader::{Reader, parse_length};
pub(crate) use service::{Flags, IngestConfig, PlannerConfig, ServiceConfig};

/// Variables of the environment by name; what is not UTF-8 is left out.
pub(crate) type Environment = BTreeMap<String, String>;

/// The environment of this process.
pub(crate) fn environment() -> Environment {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// Which bus, for every command that needs one.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct BusArgs {
    /// The file of the embedded bus [env: `FIKA_BUS_FILE`; default: `fika/bus.sqlite` in the state folder of the user].
    #[arg(long, value_name = "FILE", conflicts_with = "brokers", help_heading = "Bus")]
    pub(crate) bus: Option<PathBuf>,
    /// The brokers of an Apache Kafka to use as the bus [env: `FIKA_BUS_BROKERS`].
    #[arg(long, value_name = "HOST:PORT,...", help_heading = "Bus")]
    pub(crate) brokers: Option<String>,
    /// A property for the Kafka client, such as `security.protocol=SASL_SSL` [env: `FIKA_KAFKA_PROPERTY_SECURITY_PROTOCOL`].
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Bus")]
    pub(crate) kafka_property: Vec<String>,
}

impl BusArgs {
    /// Lays the flags over what `reader` has and reads which bus is meant.
    pub(crate) fn read(&self, reader: &mut Reader) -> Option<BusAddress> {
        if let Some(file) = &self.bus {
            reader.flag("bus.file", &file.to_string_lossy());
            reader.flag("bus.brokers", "");
        }
        if let Some(brokers) = &self.brokers {
            reader.flag("bus.brokers", brokers);
            reader.flag("bus.file", "");
        }
        for property in &self.kafka_property {
            match property.split_once('=') {
                Some((key, value)) if !key.is_empty() => reader.flag(&format!("kafka.{key}"), value),
                _ => reader.fault(FaultCode::BadSetting, "--kafka-property", "a property is written key=value"),
            }
        }
        address(reader)
    }

    /// The bus that flags and environment mean, without a configuration file.
    pub(crate) fn address(&self) -> Result<BusAddress, Faults> {
        let mut reader = Reader::new(toml::Table::new(), environment());
        let address = self.read(&mut reader);
        reader.finish(address)
    }

    /// Opens that bus for a command that has nothing to do where there is none: a file that is missing is an error, and stays missing.
    pub(crate) fn open_existing(&self) -> anyhow::Result<Arc<dyn Bus>> {
        let address = self.address()?;
        fika_bus::open_existing(&address).with_context(|| format!("the bus at {} cannot be opened", describe(&address)))
    }

    /// Opens that bus.
    pub(crate) fn open(&self) -> anyhow::Result<Arc<dyn Bus>> {
        open(&self.address()?)
    }
}

/// Makes the folder of an embedded bus where it is missing.
pub(crate) fn make_folder(address: &BusAddress) -> anyhow::Result<()> {
    if let BusAddress::Embedded(file) = address
        && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    Ok(())
}

/// Opens a bus; the folder of an embedded one is made where it is missing.
pub(crate) fn open(address: &BusAddress) -> anyhow::Result<Arc<dyn Bus>> {
    make_folder(address)?;
    fika_bus::open(address).with_context(|| format!("the bus at {} cannot be opened", describe(address)))
}

/// The bus in a few words, without its properties.
pub(crate) fn describe(address: &BusAddress) -> String {
    match address {
        BusAddress::Embedded(file) => file.display().to_string(),
        BusAddress::Kafka { brokers, .. } => format!("Kafka {brokers}"),
    }
}

/// How a command line names the bus, without its properties.
pub(crate) fn flag(address: &BusAddress) -> String {
    match address {
        BusAddress::Embedded(file) => format!("--bus {}", file.display()),
        BusAddress::Kafka { brokers, .. } => format!("--brokers {brokers}"),
    }
}

fn address(reader: &mut Reader) -> Option<BusAddress> {
    let brokers = reader.text("bus.brokers").filter(|brokers| !brokers.is_empty());
    let file = reader.text("bus.file").filter(|file| !file.is_empty());
    let properties = reader.prefixed("kafka.");
    match (brokers, file) {
        (Some(_), Some(_)) => {
            reader.fault(FaultCode::Contradiction, "bus", "both a file and brokers are given");
            None
        }
        (Some(brokers), None) => Some(BusAddress::Kafka { brokers, properties }),
        (None, Some(file)) => Some(BusAddress::Embedded(PathBuf::from(file))),
        (None, None) => {
            let file = default_file(reader.environment());
            if file.is_none() {
                reader.fault(FaultCode::Missing, "bus.file", "neither XDG_STATE_HOME nor HOME tells where state is kept");
            }
            file.map(BusAddress::Embedded)
        }
    }
}

/// Where the embedded bus lives when nobody says: the state folder of the XDG base directory specification.
fn default_file(environment: &Environment) -> Option<PathBuf> {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("fika").join("bus.sqlite"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, environment: &[(&str, &str)], args: &BusArgs) -> Result<BusAddress, Faults> {
        let table = file.parse().expect("TOML in the test");
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut reader = Reader::new(table, environment);
        let address = args.read(&mut reader);
        reader.finish(address)
    }

    fn file(args: Result<BusAddress, Faults>) -> String {
        describe(&args.expect("an address"))
    }

    #[test]
    fn the_later_source_wins() {
        let none = BusArgs::default();
        let home = [("HOME", "/users/ada")];
        assert_eq!(file(check("", &home, &none)), "/users/ada/.local/state/fika/bus.sqlite");
        assert_eq!(file(check("", &[("XDG_STATE_HOME", "/s")], &none)), "/s/fika/bus.sqlite");
        assert_eq!(file(check("[bus]\nfile = 'a'", &home, &none)), "a");
        assert_eq!(file(check("[bus]\nfile = 'a'", &[("FIKA_BUS_FILE", "b")], &none)), "b");
        let flags = BusArgs { brokers: Some("k:9092".to_owned()), ..BusArgs::default() };
        assert_eq!(file(check("[bus]\nfile = 'a'", &[("FIKA_BUS_FILE", "b")], &flags)), "Kafka k:9092");
    }

    #[test]
    fn two_buses_or_none_are_faults() {
        assert!(check("[bus]\nfile = 'a'\nbrokers = 'k:1'", &[], &BusArgs::default()).is_err());
        assert!(check("", &[], &BusArgs::default()).is_err());
        let bad = BusArgs { kafka_property: vec!["novalue".to_owned()], bus: Some("f".into()), brokers: None };
        assert_eq!(check("", &[], &bad).map_err(|faults| faults.0.len()).err(), Some(1));
    }

    #[test]
    fn kafka_properties_come_from_all_three() {
        let args = BusArgs { kafka_property: vec!["client.id=flag".to_owned()], ..BusArgs::default() };
        let toml = "[bus]\nbrokers = 'k:1'\n[kafka]\n\"security.protocol\" = 'SSL'\n\"client.id\" = 'file'";
        let Ok(BusAddress::Kafka { properties, .. }) = check(toml, &[("FIKA_KAFKA_PROPERTY_SASL_PASSWORD", "x")], &args) else {
            panic!("a Kafka address was expected");
        };
        let expected = [("client.id", "flag"), ("sasl.password", "x"), ("security.protocol", "SSL")];
        let found: Vec<(&str, &str)> = properties.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(found, expected);
    }
}
