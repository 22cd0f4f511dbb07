//! Reads settings by dotted name from flags, environment and file, and collects what is wrong with any of them.
//!
//! A setting `ingest.interval` is `interval` in `[ingest]` of the file and `FIKA_INGEST_INTERVAL` in the environment. What the file
//! holds and nobody has asked for is a fault; the environment belongs to others too (Kubernetes adds `FIKA_PORT`), so it isn't searched.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use fika_model::fault::{FaultCode, Faults};
use jiff::SignedDuration;

use super::Environment;
use super::secret;

/// The prefix of Kafka properties in the environment; the rest is the property in capitals with `_` for `.`.
const KAFKA_PREFIX: &str = "FIKA_KAFKA_PROPERTY_";

/// The settings of one process.
#[derive(Debug)]
pub(crate) struct Reader {
    file: BTreeMap<String, String>,
    environment: Environment,
    flags: BTreeMap<String, String>,
    asked: BTreeSet<String>,
    effective: BTreeMap<String, String>,
    faults: Faults,
}

impl Reader {
    /// Settings from a file's table and an environment.
    pub(crate) fn new(table: toml::Table, environment: Environment) -> Self {
        let mut reader = Self {
            file: BTreeMap::new(),
            environment,
            flags: BTreeMap::new(),
            asked: BTreeSet::new(),
            effective: BTreeMap::new(),
            faults: Faults::default(),
        };
        reader.flatten("", table);
        reader
    }

    fn flatten(&mut self, prefix: &str, table: toml::Table) {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            match value {
                toml::Value::Table(inner) => self.flatten(&format!("{name}."), inner),
                other => match text_of(&other) {
                    Some(text) => {
                        self.file.insert(name, text);
                    }
                    None => self.fault(FaultCode::BadSetting, &name, "a text, a number, yes or no, or a list of texts is expected"),
                },
            }
        }
    }

    /// Sets what the command line says.
    pub(crate) fn flag(&mut self, name: &str, value: &str) {
        self.flags.insert(name.to_owned(), value.to_owned());
    }

    /// Notes a fault.
    pub(crate) fn fault(&mut self, code: FaultCode, name: &str, cause: impl Display) {
        self.faults.push(code, name, cause);
    }

    /// The environment that was given.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The setting as text, from the last source that has it.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.asked.insert(name.to_owned());
        let variable = format!("FIKA_{}", name.to_uppercase().replace('.', "_"));
        let value = self.flags.get(name).or_else(|| self.environment.get(&variable)).or_else(|| self.file.get(name)).cloned();
        if let Some(value) = &value {
            self.effective.insert(name.to_owned(), value.clone());
        }
        value
    }

    /// The setting read by `parse`; `default` (as it would be written) where no source has it.
    pub(crate) fn parsed<T, E: Display>(&mut self, name: &str, default: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(name).unwrap_or_else(|| default.to_owned());
        self.effective.insert(name.to_owned(), text.clone());
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(FaultCode::BadSetting, name, format_args!("{:?}: {error}", secret::shown(name, &text)));
                None
            }
        }
    }

    /// All settings below `prefix` by name, without the prefix.
    pub(crate) fn prefixed(&mut self, prefix: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let below = |map: &BTreeMap<String, String>| -> Vec<(String, String)> {
            map.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone()))).collect()
        };
        found.extend(below(&self.file));
        for (variable, value) in &self.environment {
            if let Some(rest) = variable.strip_prefix(KAFKA_PREFIX) {
                found.insert(rest.to_lowercase().replace('_', "."), value.clone());
            }
        }
        found.extend(below(&self.flags));
        for (name, value) in &found {
            self.asked.insert(format!("{prefix}{name}"));
            self.effective.insert(format!("{prefix}{name}"), value.clone());
        }
        found
    }

    /// The settings in force as lines of TOML with dotted keys, secrets as stars.
    pub(crate) fn shown(&self) -> String {
        let line = |(name, value): (&String, &String)| {
            let (section, key) = name.split_once('.').unwrap_or(("", name));
            let key = if key.contains('.') { format!("{key:?}") } else { key.to_owned() };
            let dot = if section.is_empty() { "" } else { "." };
            format!("{section}{dot}{key} = {:?}\n", secret::shown(name, value))
        };
        self.effective.iter().filter(|(_, value)| !value.is_empty()).map(line).collect()
    }

    /// `value` where nothing was wrong; settings of the file that nobody asked for are wrong too.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<T, Faults> {
        let unknown: Vec<String> = self.file.keys().filter(|name| !self.asked.contains(*name)).cloned().collect();
        for name in unknown {
            self.fault(FaultCode::UnknownSetting, &name, "there is no such setting");
        }
        self.faults.0.sort();
        self.faults.or(value)
    }
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            Some(texts?.join(","))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

/// A length of time with its unit, such as `15m`, `20s`, `1h30m` or `500ms`; not negative, at most 366 days.
pub(crate) fn parse_length(text: &str) -> Result<Duration, String> {
    let units = "give a number with a unit, such as 20s, 15m or 1h30m";
    if text.trim().parse::<f64>().is_ok() {
        return Err(format!("the unit is missing; {units}"));
    }
    let length: SignedDuration = text.trim().parse().map_err(|_| units.to_owned())?;
    let most = SignedDuration::from_hours(366 * 24);
    if length.is_negative() || length > most {
        return Err("a length of time is between 0 and 366 days".to_owned());
    }
    Duration::try_from(length).map_err(|_| units.to_owned())
}

/// A number of bytes with its unit, such as `16MB`, `512MiB` or `2GB`.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let scale = match unit.trim() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("give a whole number with a unit, such as 512kB, 16MB or 2GiB".to_owned()),
    };
    number.parse::<u64>().ok().and_then(|n| n.checked_mul(scale)).ok_or_else(|| "the number is too large or missing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(file: &str, environment: &[(&str, &str)]) -> Reader {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Reader::new(file.parse().expect("TOML in the test"), environment)
    }

    #[test]
    fn lengths_need_a_unit() {
        let check = |text: &str, seconds: Option<f64>| assert_eq!(parse_length(text).ok().map(|d| d.as_secs_f64()), seconds, "{text}");
        check("15m", Some(900.0));
        check("1h30m", Some(5400.0));
        check("500ms", Some(0.5));
        check("0s", Some(0.0));
        check("15", None);
        check("-5s", None);
        check("400d", None);
        check("9000h", None);
        check("soon", None);
    }

    #[test]
    fn sizes_need_a_unit() {
        let check = |text: &str, bytes: Option<u64>| assert_eq!(parse_bytes(text).ok(), bytes, "{text}");
        check("16MB", Some(16_000_000));
        check("2 GiB", Some(2 << 30));
        check("0B", Some(0));
        check("16", None);
        check("MB", None);
        check("99999999999999999999GB", None);
    }

    #[test]
    fn all_faults_are_told_and_unknown_settings_are_faults() {
        let mut reader = reader("[ingest]\ninterval = 'soon'\nintervall = '15m'\n[http]\nlisten = 1979-05-27\n", &[]);
        let interval = reader.parsed("ingest.interval", "15m", parse_length);
        assert_eq!(interval, None);
        let faults = reader.finish(interval).expect_err("three faults");
        let places: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
        assert_eq!(places, ["http.listen", "ingest.interval", "ingest.intervall"]);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let mut reader = reader("[kafka]\n\"sasl.password\" = 'hush'", &[("FIKA_KAFKA_PROPERTY_SSL_KEY_PASSWORD", "hush")]);
        reader.prefixed("kafka.");
        let shown = reader.shown();
        assert!(!shown.contains("hush") && shown.contains("kafka.\"sasl.password\" = \"***\""), "{shown}");
    }
}
