//! One node of Apache Kafka: broker and controller in one process, with its data in a folder of its own.

use super::Secure;
use fika_bus::{BusAddress, Error};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a node may take to answer.
const START: Duration = Duration::from_secs(90);
/// Any name of 22 characters of base64 will do.
const CLUSTER: &str = "fikaTestsOneNodeAAAAAA";

/// The ports of one node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) plain: u16,
    pub(super) controller: u16,
    pub(super) scram: u16,
    pub(super) mutual: u16,
}

/// A cluster as it is to be.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) libs: PathBuf,
    /// Of each node.
    pub(super) ports: Vec<Ports>,
    pub(super) secure: Option<Secure>,
}

/// A node.
pub(super) struct Node {
    pub(super) plan: Plan,
    number: usize,
    folder: TempDir,
    child: Child,
}

impl Plan {
    /// One port of each node, as addresses.
    pub(super) fn addresses(&self, port: impl Fn(&Ports) -> u16) -> String {
        self.ports.iter().map(|ports| format!("127.0.0.1:{}", port(ports))).collect::<Vec<_>>().join(",")
    }

    fn java(&self) -> Command {
        let mut command = Command::new("java");
        command.args(["-Xmx512m", "-XX:+UseSerialGC"]);
        if self.ports.len() > 1 {
            // Three nodes share the machine with what is tested: quick to start is better than quick in the long run.
            command.args(["-Xmx320m", "-XX:TieredStopAtLevel=1"]);
        }
        let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/log4j2.properties");
        command.arg(format!("-Dlog4j2.configurationFile={}", log.display()));
        command.arg("-cp").arg(self.libs.join("*"));
        command
    }

    /// A node that is broker and controller. What would make tests wait is set short.
    fn properties(&self, number: usize, data: &Path) -> String {
        let Ports { plain, controller, scram, mutual } = self.ports[number];
        let voters: Vec<String> =
            self.ports.iter().enumerate().map(|(n, ports)| format!("{}@127.0.0.1:{}", n + 1, ports.controller)).collect();
        let replicas = self.ports.len().min(3);
        let in_sync = if replicas > 1 { 2 } else { 1 };
        let (mut listeners, mut advertised) = (format!("PLAINTEXT://127.0.0.1:{plain}"), format!("PLAINTEXT://127.0.0.1:{plain}"));
        let mut protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned();
        let mut secure = String::new();
        if let Some(wish) = &self.secure {
            let more = format!(",SCRAM://127.0.0.1:{scram},MUTUAL://127.0.0.1:{mutual}");
            listeners += &more;
            advertised += &more;
            protocols += ",SCRAM:SASL_SSL,MUTUAL:SSL";
            secure = wish.properties();
        }
        format!(
            "process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map={protocols}
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=4
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
replica.lag.time.max.ms=3000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=300
group.consumer.heartbeat.interval.ms=500
{secure}",
            id = number + 1,
            voters = voters.join(","),
            data = data.display()
        )
    }
}

impl Secure {
    fn properties(&self) -> String {
        let folder = self.certificates.folder.display();
        format!(
            "ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/authority.pem
listener.name.mutual.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.scram.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"
        )
    }
}

impl Node {
    /// Formats the folder and starts the process; does not wait until it answers.
    pub(super) fn start(plan: &Plan, number: usize) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("fika-kafka").tempdir()?;
        let file = folder.path().join("server.properties");
        fs::write(&file, plan.properties(number, &folder.path().join("data")))?;
        let mut format = plan.java();
        format.args(["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c"]).arg(&file);
        if let Some(Secure { user: (name, password), .. }) = &plan.secure {
            format.arg("--add-scram").arg(format!("SCRAM-SHA-512=[name={name},password={password}]"));
        }
        let output = format.stdin(Stdio::null()).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()));
        }
        let child = spawn(plan, folder.path())?;
        Ok(Self { plan: plan.clone(), number, folder, child })
    }

    /// Starts the process again.
    pub(super) fn run(&mut self) -> io::Result<()> {
        self.child = spawn(&self.plan, self.folder.path())?;
        Ok(())
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn await_answer(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + START;
        let brokers = format!("127.0.0.1:{}", self.plan.ports[self.number].plain);
        let address = BusAddress::Kafka { brokers, properties: BTreeMap::new() };
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

    pub(super) fn halt(&self, halt: bool) {
        let signal = if halt { Signal::STOP } else { Signal::CONT };
        kill_process(Pid::from_child(&self.child), signal).expect("the node is there");
    }

    pub(super) fn kill(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let ended = self.child.try_wait().ok().flatten();
            self.folder.disable_cleanup(true);
            eprintln!("node {}, ended: {ended:?}, kept in {}\n{}", self.number + 1, self.folder.path().display(), self.log());
        }
        self.kill();
    }
}

fn spawn(plan: &Plan, folder: &Path) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("node.log"))?;
    plan.java()
        // Libraries that are unpacked for the process go with its folder.
        .arg(format!("-Djava.io.tmpdir={}", folder.display()))
        .arg("kafka.Kafka")
        .arg(folder.join("server.properties"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}
