//! The program as a person starts it: the real binary, built by the same cargo run.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::repository::root;

/// The path of the `fika` binary: the one that `FIKA_BINARY` names, or it is built on the first call, which costs nothing when it is there.
pub fn path() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(build).clone()
}

fn build() -> PathBuf {
    if let Some(given) = std::env::var_os("FIKA_BINARY") {
        return given.into();
    }
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bin", "fika", "--message-format=json-render-diagnostics"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut executables = messages.filter_map(|m| Some(PathBuf::from(m["executable"].as_str()?)));
    executables.next_back().expect("cargo names the binary")
}

/// Runs the program to its end.
pub fn fika(arguments: &[&str]) -> Output {
    Command::new(path()).args(arguments).output().expect("the program starts")
}

/// As long as anything may take that is expected to happen.
const PATIENCE: Duration = Duration::from_secs(120);

/// Looks several times a second until there is an answer.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look)
}

/// The same with a patience of its own.
pub fn within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {} s: {what}", patience.as_secs());
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

/// GET over HTTP: status and body; nothing where nobody listens.
pub fn get(address: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// The resident memory of a process, in bytes; 0 when it is gone.
pub fn resident_bytes(pid: u32) -> u64 {
    memory_bytes(pid, "VmRSS:")
}

/// A figure of `/proc/PID/status`, which is in kibibytes there.
pub fn memory_bytes(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// A new empty folder for one test, below the build's own folder.
pub fn scratch(name: &str) -> PathBuf {
    let folder = root().join("target").join("scratch").join(format!("{name}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("an old folder of this test goes");
    }
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// A running `fika serve`. It is told to end when it is dropped.
#[derive(Debug)]
pub struct Service(Child);

impl Service {
    /// Starts the service on a free port, with `further` arguments and variables; what it logs goes to the test's own output.
    pub fn start(further: &[&str], variables: &[(&str, &str)]) -> Self {
        let child = Command::new(path())
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .args(further)
            .envs(variables.iter().copied())
            .spawn()
            .expect("the service starts");
        Self(child)
    }

    /// SIGTERM, and waits for it to drain.
    pub fn stop(mut self) -> ExitStatus {
        self.terminate()
    }

    fn terminate(&mut self) -> ExitStatus {
        if let Some(pid) = rustix::process::Pid::from_raw(self.0.id() as i32) {
            // It may have ended already; then there is nothing to tell it.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        self.0.wait().expect("the service ends")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            self.terminate();
        }
    }
}
