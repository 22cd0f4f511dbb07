//! Members of the service on one Kafka: real `fika serve` processes that join, leave, and are killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::program;

/// Members, and what each new one is told.
#[derive(Debug)]
pub struct Fleet {
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    folder: PathBuf,
    started: usize,
    members: Vec<Member>,
}

/// One process.
#[derive(Debug)]
pub struct Member {
    child: Child,
    /// Where its log is.
    pub log: PathBuf,
}

/// Client properties with which a member that died is missed soon.
pub const BRISK: [(&str, &str); 4] = [
    ("session.timeout.ms", "3000"),
    ("heartbeat.interval.ms", "500"),
    ("transaction.timeout.ms", "5000"),
    ("max.poll.interval.ms", "60000"),
];

impl Fleet {
    /// No members yet. Each will run `roles` on these brokers and log into a file in `folder`.
    pub fn new(brokers: &str, roles: &str, properties: &[(&str, &str)], folder: &Path) -> Self {
        let mut arguments: Vec<String> =
            ["serve", "--log-format", "json", "--listen", "127.0.0.1:0", "--brokers", brokers, "--roles", roles].map(str::to_owned).into();
        for (name, value) in properties {
            arguments.extend(["--kafka-property".to_owned(), format!("{name}={value}")]);
        }
        Self { arguments, variables: Vec::new(), folder: folder.to_owned(), started: 0, members: Vec::new() }
    }

    /// No members yet, of the bus in a file.
    pub fn embedded(bus: &Path, roles: &str, folder: &Path) -> Self {
        let bus = bus.display().to_string();
        let arguments = ["serve", "--log-format", "json", "--listen", "127.0.0.1:0", "--bus", &bus, "--roles", roles];
        let arguments = arguments.map(str::to_owned).into();
        Self { arguments, variables: Vec::new(), folder: folder.to_owned(), started: 0, members: Vec::new() }
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with further arguments.
    #[must_use]
    pub fn told(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// All members.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// One more member.
    pub fn join(&mut self) {
        let log = self.folder.join(format!("member-{}.log", self.started));
        let file = File::create(&log).expect("a log file");
        let child = Command::new(program::path())
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the service starts");
        self.started += 1;
        self.members.push(Member { child, log });
    }

    /// SIGKILL, in the middle of everything.
    pub fn kill(&mut self, number: usize) {
        let mut member = self.members.remove(number);
        member.child.kill().expect("it was there");
        member.child.wait().expect("it has ended");
    }

    /// SIGTERM; waits until it has drained.
    pub fn leave(&mut self, number: usize) -> ExitStatus {
        let mut member = self.members.remove(number);
        member.signal(Signal::TERM);
        member.child.wait().expect("it has ended")
    }
}

impl Member {
    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it is there");
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The greatest resident memory that it ever had, in bytes.
    pub fn peak_bytes(&self) -> u64 {
        program::memory_bytes(self.child.id(), "VmHWM:")
    }

    /// Where its HTTP interface listens.
    pub fn address(&self) -> String {
        program::until("the HTTP interface listens", || {
            let logged = self.logged();
            let line = logged.lines().find(|line| line.contains("HTTP listens"))?;
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            line["address"].as_str().map(str::to_owned)
        })
    }

    /// What it has logged so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
