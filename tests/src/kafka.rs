//! A real Apache Kafka for tests: one node on free loopback ports, from the jars that `tests/kafka/fetch.sh` brings, or the brokers
//! named in `FIKA_TEST_BROKERS`.
//!
//! Where neither is there, tests say `skipped: ...`; with `FIKA_REQUIRE_KAFKA=1` they fail instead. A node that was started here
//! is stopped by its process id when it is dropped, and its data are removed.

use fika_bus::{BusAddress, Error};
use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fmt, fs, io};
use tempfile::TempDir;

/// How long a node may take to answer.
const START: Duration = Duration::from_secs(60);
/// A free port may be taken by another process before the node has it; then the next ones are tried.
const ATTEMPTS: u32 = 3;
/// Any name of 22 characters of base64 will do.
const CLUSTER: &str = "fikaTestsOneNodeAAAAAA";

/// Why there is no Kafka to test with.
#[derive(Debug)]
pub struct Skip(String);

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A broker to test with.
pub struct Broker {
    /// Its address, `host:port`.
    pub brokers: String,
    node: Option<Node>,
}

struct Node {
    folder: TempDir,
    libs: PathBuf,
    child: Child,
}

impl Broker {
    /// Uses the brokers of `FIKA_TEST_BROKERS`, or starts a node.
    ///
    /// # Panics
    /// When Java and the jars are there and the node does not come up.
    pub fn start() -> Result<Self, Skip> {
        if let Ok(brokers) = env::var("FIKA_TEST_BROKERS") {
            return Ok(Self { brokers, node: None });
        }
        let libs = libs()?;
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            match Self::launch(&libs) {
                Ok(broker) => return Ok(broker),
                Err(error) => last = error.to_string(),
            }
        }
        // Java and the jars are there: that the node does not come up is a failure and no reason to skip.
        panic!("no Kafka after {ATTEMPTS} attempts: {last}");
    }

    /// [`Broker::start`]; prints the reason where there is none, and panics instead with `FIKA_REQUIRE_KAFKA=1`.
    ///
    /// # Panics
    /// As said, and when the node does not come up.
    pub fn start_or_skip() -> Option<Self> {
        match Self::start() {
            Ok(broker) => Some(broker),
            Err(skip) => {
                assert!(env::var("FIKA_REQUIRE_KAFKA").as_deref() != Ok("1"), "FIKA_REQUIRE_KAFKA=1, but {skip}");
                crate::skipped(&skip.0);
                None
            }
        }
    }

    /// The address of a bus on it, with further client properties.
    pub fn address(&self, properties: &[(&str, &str)]) -> BusAddress {
        let properties: BTreeMap<String, String> =
            properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        BusAddress::Kafka { brokers: self.brokers.clone(), properties }
    }

    /// Whether the node was started here, so that a test may kill it.
    pub fn is_own(&self) -> bool {
        self.node.is_some()
    }

    /// Kills the node as a power cut would. Its data stay.
    pub fn kill(&mut self) {
        if let Some(node) = &mut self.node {
            node.kill();
        }
    }

    /// Starts a killed node again, on its data and its port, and waits until it answers.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn revive(&mut self) {
        if let Some(node) = &mut self.node {
            node.child = run(&node.libs, node.folder.path()).expect("java starts");
            let brokers = self.brokers.clone();
            node.await_answer(&brokers).expect("the node comes back");
        }
    }

    fn launch(libs: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("fika-kafka").tempdir()?;
        // Held together while they are chosen, so that they differ.
        let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let [port, controller] = [listeners[0].local_addr()?.port(), listeners[1].local_addr()?.port()];
        drop(listeners);
        fs::write(folder.path().join("server.properties"), properties(folder.path(), port, controller))?;
        format(libs, folder.path())?;
        let child = run(libs, folder.path())?;
        let brokers = format!("127.0.0.1:{port}");
        let mut node = Node { folder, libs: libs.to_owned(), child };
        node.await_answer(&brokers)?;
        Ok(Self { brokers, node: Some(node) })
    }
}

impl Node {
    fn await_answer(&mut self, brokers: &str) -> io::Result<()> {
        let deadline = Instant::now() + START;
        let address = BusAddress::Kafka { brokers: brokers.to_owned(), properties: BTreeMap::new() };
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("the node ended with {status}: {}", self.log())));
            }
            match fika_bus::open(&address) {
                Ok(_) => return Ok(()),
                Err(Error::Unreachable { .. }) if Instant::now() < deadline => {}
                Err(error) => return Err(io::Error::other(format!("{error}: {}", self.log()))),
            }
        }
    }

    /// The end of the node's log.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("node.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn kill(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The folder with the jars.
fn libs() -> Result<PathBuf, Skip> {
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

fn java(libs: &Path) -> Command {
    let mut command = Command::new("java");
    command.arg("-Xmx512m").arg("-cp").arg(libs.join("*"));
    command
}

fn format(libs: &Path, folder: &Path) -> io::Result<()> {
    let output = java(libs)
        .args(["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c"])
        .arg(folder.join("server.properties"))
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()))
}

fn run(libs: &Path, folder: &Path) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("node.log"))?;
    java(libs)
        .arg("kafka.Kafka")
        .arg(folder.join("server.properties"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

/// One node that is broker and controller. What needs replicas elsewhere is set to one; what would make tests wait is set short.
fn properties(folder: &Path, port: u16, controller: u16) -> String {
    let data = folder.join("data");
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=300
group.consumer.heartbeat.interval.ms=500
",
        data = data.display()
    )
}
