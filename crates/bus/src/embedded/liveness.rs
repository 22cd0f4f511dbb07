//! Which processes are alive: each that has members holds a lock on a file of its own next to the bus, and the operating system
//! lets go of it when the process ends, however it ends.
//!
//! Invariant: a process is taken for dead only when its lock is free, so that a slow one is never mistaken for a dead one.

use super::lock;
use crate::Error;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The lock of this process (of this opened bus, to be exact) and the view of the others'.
pub(super) struct Liveness {
    folder: PathBuf,
    process: String,
    held: Mutex<Option<File>>,
}

impl Liveness {
    pub(super) fn new(bus: &Path) -> Self {
        let mut folder = bus.as_os_str().to_owned();
        folder.push("-members");
        Self { folder: folder.into(), process: uuid::Uuid::now_v7().to_string(), held: Mutex::default() }
    }

    /// Takes the lock when it is not held yet, and answers the name under which others find it.
    pub(super) fn announce(&self) -> Result<&str, Error> {
        let mut held = lock(&self.held);
        if held.is_none() {
            let wrap = |error: std::io::Error| Error::File {
                path: self.folder.clone(),
                operation: "make a lock file in",
                code: error.to_string(),
            };
            std::fs::create_dir_all(&self.folder).map_err(wrap)?;
            let file = File::create(self.folder.join(&self.process)).map_err(wrap)?;
            file.lock().map_err(wrap)?;
            *held = Some(file);
        }
        Ok(&self.process)
    }

    /// Whether the process that announced itself under this name is still there. Removes what a dead one left.
    pub(super) fn is_alive(&self, process: &str) -> bool {
        if process == self.process {
            return true;
        }
        let path = self.folder.join(process);
        let Ok(file) = File::open(&path) else { return false };
        match file.try_lock() {
            Ok(()) => {
                if let Err(error) = std::fs::remove_file(&path) {
                    tracing::debug!(?path, %error, "a dead process's lock file stays");
                }
                false
            }
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => {
                tracing::warn!(?path, %error, "cannot tell whether a process is alive; taking it for alive");
                true
            }
        }
    }
}

impl Drop for Liveness {
    fn drop(&mut self) {
        if lock(&self.held).take().is_some() {
            // Best effort: whoever finds the file unlocked removes it. The folder goes when it is empty.
            let _ = std::fs::remove_file(self.folder.join(&self.process));
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}
