//! Where a bus is. Debug output never shows a secret.

use crate::{Bus, EmbeddedBus, EmbeddedSettings, Error, KafkaBus};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Which bus to open.
#[derive(Clone, PartialEq, Eq)]
pub enum BusAddress {
    /// A file on this machine; made when it is missing.
    Embedded(PathBuf),
    /// Apache Kafka.
    Kafka {
        /// Bootstrap brokers, `host:port` separated by commas.
        brokers: String,
        /// Further client properties in librdkafka's names: TLS, SASL, `client.id`, `group.protocol`, `group.instance.id` ...
        properties: BTreeMap<String, String>,
    },
}

/// Opens a bus. The embedded one makes its file; Kafka is asked for its metadata, so that a wrong address is told at once.
pub fn open(address: &BusAddress) -> Result<Arc<dyn Bus>, Error> {
    Ok(match address {
        BusAddress::Embedded(path) => Arc::new(EmbeddedBus::open(path, EmbeddedSettings::default())?),
        BusAddress::Kafka { brokers, properties } => Arc::new(KafkaBus::open(brokers, properties)?),
    })
}

/// Opens a bus that must be there: where the embedded one has no file, none is made.
pub fn open_existing(address: &BusAddress) -> Result<Arc<dyn Bus>, Error> {
    if let BusAddress::Embedded(path) = address
        && !path.exists()
    {
        return Err(Error::NoFile { path: path.clone() });
    }
    open(address)
}

impl fmt::Debug for BusAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(path) => f.debug_tuple("Embedded").field(path).finish(),
            Self::Kafka { brokers, properties } => {
                let shown: BTreeMap<&str, &str> =
                    properties.iter().map(|(name, value)| (name.as_str(), if is_secret(name) { "***" } else { value })).collect();
                f.debug_struct("Kafka").field("brokers", brokers).field("properties", &shown).finish()
            }
        }
    }
}

/// Whether a client property holds a secret. Errs on the side of hiding: everything of a key or keystore but its location.
pub(crate) fn is_secret(property: &str) -> bool {
    let property = property.to_ascii_lowercase();
    let telling = ["password", "secret", "token", "jaas", "oauthbearer.config", "ssl.key", "ssl.keystore", "passphrase"];
    telling.iter().any(|part| property.contains(part)) && !property.ends_with(".location")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_that_must_be_there_is_not_made() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("below").join("bus.sqlite");
        let address = BusAddress::Embedded(path.clone());
        assert_eq!(open_existing(&address).map(drop), Err(Error::NoFile { path: path.clone() }));
        assert!(!path.exists() && !folder.path().join("below").exists());
        open(&address).expect("it is made");
        open_existing(&address).expect("it is there");
    }

    #[test]
    fn debug_output_hides_secrets() {
        let secrets = ["sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.jaas.config"];
        let plain = ["sasl.username", "security.protocol", "ssl.ca.location", "ssl.key.location", "group.instance.id"];
        let properties = secrets.iter().chain(&plain).map(|name| ((*name).to_owned(), format!("value-of-{name}"))).collect();
        let shown = format!("{:?}", BusAddress::Kafka { brokers: "b:9092".into(), properties });
        for name in secrets {
            assert!(shown.contains(name) && !shown.contains(&format!("value-of-{name}")), "{name} in {shown}");
        }
        for name in plain {
            assert!(shown.contains(&format!("value-of-{name}")), "{name} in {shown}");
        }
    }
}
