//! A real Apache Kafka for tests: nodes on free loopback ports, from the jars that `tests/kafka/fetch.sh` brings, or the brokers
//! named in `FIKA_TEST_BROKERS`.
//!
//! Where neither is there, tests say `skipped: ...`; with `FIKA_REQUIRE_KAFKA=1` they fail instead. Nodes that were started here
//! are stopped by their process ids when they are dropped, and their data are removed.

mod certificates;
mod node;

use fika_bus::BusAddress;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

pub use certificates::Certificates;
use node::{Node, Plan, Ports};

/// A free port may be taken by another process before the node has it; then the next ones are tried.
const ATTEMPTS: u32 = 3;

/// Why there is no Kafka to test with.
#[derive(Debug)]
pub struct Skip(String);

/// What is wanted of a cluster.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Further nodes beside the first. With any, topics have three replicas.
    pub further_nodes: u16,
    /// Listeners with TLS beside the plain one.
    pub secure: Option<Secure>,
}

/// Listeners that want to know who calls.
#[derive(Debug, Clone)]
pub struct Secure {
    /// Of the authority, the brokers and a client.
    pub certificates: Certificates,
    /// A user's name and password, for SCRAM-SHA-512.
    pub user: (String, String),
}

/// Brokers to test with.
pub struct Broker {
    /// Their addresses, `host:port` separated by commas.
    pub brokers: String,
    nodes: Vec<Node>,
}

impl Broker {
    /// Uses the brokers of `FIKA_TEST_BROKERS`, or starts a node.
    ///
    /// # Panics
    /// When Java and the jars are there and the node does not come up.
    pub fn start() -> Result<Self, Skip> {
        match env::var("FIKA_TEST_BROKERS") {
            Ok(brokers) => Ok(Self { brokers, nodes: Vec::new() }),
            Err(_) => Self::start_own(&Wish::default()),
        }
    }

    /// [`Broker::start`]; prints the reason where there is none, and panics instead with `FIKA_REQUIRE_KAFKA=1`.
    ///
    /// # Panics
    /// As said, and when the node does not come up.
    pub fn start_or_skip() -> Option<Self> {
        told(Self::start())
    }

    /// Brokers that the test may do anything to: never those of `FIKA_TEST_BROKERS`.
    ///
    /// # Panics
    /// As [`Broker::start_or_skip`].
    pub fn start_own_or_skip(wish: &Wish) -> Option<Self> {
        told(Self::start_own(wish))
    }

    fn start_own(wish: &Wish) -> Result<Self, Skip> {
        let libs = libs()?;
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            match Self::launch(&libs, wish) {
                Ok(broker) => return Ok(broker),
                Err(error) => last = error.to_string(),
            }
        }
        // Java and the jars are there: that the nodes do not come up is a failure and no reason to skip.
        panic!("no Kafka after {ATTEMPTS} attempts: {last}");
    }

    fn launch(libs: &Path, wish: &Wish) -> io::Result<Self> {
        // All held together while they are chosen, so that they differ.
        let count = 4 * (usize::from(wish.further_nodes) + 1);
        let held: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<io::Result<_>>()?;
        let free: Vec<u16> = held.iter().map(|port| Ok(port.local_addr()?.port())).collect::<io::Result<_>>()?;
        drop(held);
        let ports: Vec<Ports> =
            free.chunks_exact(4).map(|four| Ports { plain: four[0], controller: four[1], scram: four[2], mutual: four[3] }).collect();
        let plan = Plan { libs: libs.to_owned(), ports, secure: wish.secure.clone() };
        let mut nodes: Vec<Node> = (0..plan.ports.len()).map(|number| Node::start(&plan, number)).collect::<io::Result<_>>()?;
        for node in &mut nodes {
            node.await_answer()?;
        }
        Ok(Self { brokers: plan.addresses(|ports| ports.plain), nodes })
    }

    /// The address of a bus on them, with further client properties.
    pub fn address(&self, properties: &[(&str, &str)]) -> BusAddress {
        let properties: BTreeMap<String, String> =
            properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        BusAddress::Kafka { brokers: self.brokers.clone(), properties }
    }

    /// Where SCRAM over TLS is spoken; empty where nothing secure was wished for.
    pub fn scram(&self) -> String {
        self.nodes.first().map(|node| node.plan.addresses(|ports| ports.scram)).unwrap_or_default()
    }

    /// Where both sides show a certificate.
    pub fn mutual(&self) -> String {
        self.nodes.first().map(|node| node.plan.addresses(|ports| ports.mutual)).unwrap_or_default()
    }

    /// Whether the nodes were started here, so that a test may kill them.
    pub fn is_own(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// How many nodes were started here.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Kills the first node as a power cut would. Its data stay.
    pub fn kill(&mut self) {
        self.kill_node(0);
    }

    /// Kills a node as a power cut would. Its data stay.
    pub fn kill_node(&mut self, number: usize) {
        if let Some(node) = self.nodes.get_mut(number) {
            node.kill();
        }
    }

    /// Makes the first node fall silent, its connections standing; or lets it go on.
    pub fn halt(&mut self, halt: bool) {
        if let Some(node) = self.nodes.first_mut() {
            node.halt(halt);
        }
    }

    /// Starts a killed first node again and waits until it answers.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn revive(&mut self) {
        self.revive_node(0);
        if let Some(node) = self.nodes.first_mut() {
            node.await_answer().expect("the node comes back");
        }
    }

    /// Starts a killed node again, on its data and its ports; does not wait.
    ///
    /// # Panics
    /// When Java does not start.
    pub fn revive_node(&mut self, number: usize) {
        if let Some(node) = self.nodes.get_mut(number) {
            node.run().expect("java starts");
        }
    }

    /// Waits until a node answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn await_node(&mut self, number: usize) {
        if let Some(node) = self.nodes.get_mut(number) {
            node.await_answer().expect("the node comes back");
        }
    }

    /// The resident memory of all nodes that were started here, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        self.nodes.iter().map(|node| crate::program::resident_bytes(node.id())).sum()
    }
}

fn told(broker: Result<Broker, Skip>) -> Option<Broker> {
    match broker {
        Ok(broker) => Some(broker),
        Err(skip) => {
            assert!(env::var("FIKA_REQUIRE_KAFKA").as_deref() != Ok("1"), "FIKA_REQUIRE_KAFKA=1, but {}", skip.0);
            crate::skipped(&skip.0);
            None
        }
    }
}

/// The folder with the jars.
pub fn libs() -> Result<PathBuf, Skip> {
    let libs =
        env::var_os("FIKA_KAFKA_LIBS").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/kafka-libs"), PathBuf::from);
    let is_jar = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("kafka_2.13"));
    if !fs::read_dir(&libs).is_ok_and(|mut entries| entries.any(is_jar)) {
        return Err(Skip("the jars of Apache Kafka are not there; `sh tests/kafka/fetch.sh` brings them".to_owned()));
    }
    let java = Command::new("java").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !java.is_ok_and(|status| status.success()) {
        return Err(Skip("java is not there".to_owned()));
    }
    Ok(libs)
}
