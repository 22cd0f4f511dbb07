//! What the client library may never come back from runs on a thread of its own.
//!
//! librdkafka takes time limits for its calls and then waits without one for threads of its own inside them, above all where a client is
//! ended while a broker is lost. Invariant: whoever waits here waits for a known time at most, and less once the process is to end; what
//! has not come back by then is left behind, with all that it holds.

use crate::drain::Drain;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How often is looked whether the process is to end.
const LOOK: Duration = Duration::from_millis(200);
/// Work looks for itself whether the time of the process is over; it gets so long to say so.
const LAST_WORD: Duration = Duration::from_millis(500);
/// How long the end of a client is waited for, and how long those of all clients together after the last moment for commits.
const END: Duration = Duration::from_secs(5);
/// Even the last of many gets so long.
const LEAST_END: Duration = Duration::from_secs(1);

/// Work that goes on.
pub(super) struct Running<T> {
    drain: Arc<Drain>,
    /// When it is left behind, whether the process is to end or not.
    until: Instant,
    /// None: no thread could be started.
    thread: Option<JoinHandle<()>>,
    answer: Receiver<T>,
}

impl<T: Send + 'static> Running<T> {
    /// Starts `work`, which is left behind after `most`, or a moment after the last moment of a process that is to end.
    pub(super) fn start(drain: &Arc<Drain>, most: Duration, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (sender, answer) = channel();
        let run = move || {
            // Nobody may be waiting any more, which is well.
            let _ = sender.send(work());
        };
        let thread = Builder::new().name("fika-aside".to_owned()).spawn(run).ok();
        Self { drain: Arc::clone(drain), until: Instant::now() + most, thread, answer }
    }

    /// Whether it has ended or is left behind.
    pub(super) fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished) || self.left().is_zero()
    }

    /// What came of it; nothing where it is left behind. A panic of the work is one here.
    pub(super) fn wait(mut self) -> Option<T> {
        loop {
            let left = self.left();
            match self.answer.recv_timeout(left.min(LOOK)) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return None,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => match self.thread.take().map(JoinHandle::join) {
                    Some(Err(panic)) => resume_unwind(panic),
                    Some(Ok(())) | None => return None,
                },
            }
        }
    }

    fn left(&self) -> Duration {
        let until = self.drain.end().map_or(self.until, |end| self.until.min(end + LAST_WORD));
        until.saturating_duration_since(Instant::now())
    }
}

/// A client that is ended when it is dropped; that is waited for a few seconds only.
pub(super) struct Held<T: Send + 'static> {
    drain: Arc<Drain>,
    /// Taken when it is dropped.
    client: Option<T>,
}

impl<T: Send + 'static> Held<T> {
    pub(super) fn new(drain: &Arc<Drain>, client: T) -> Self {
        Self { drain: Arc::clone(drain), client: Some(client) }
    }
}

impl<T: Send + 'static> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.client.as_ref().expect("the client is there until it is dropped")
    }
}

impl<T: Send + 'static> Drop for Held<T> {
    fn drop(&mut self) {
        let client = self.client.take();
        let left = |end: Instant| (end + END).saturating_duration_since(Instant::now());
        let most = self.drain.end().map_or(END, |end| left(end).clamp(LEAST_END, END));
        // Ending comes after the last moment of what publishes, so that moment does not count here.
        if Running::start(&Arc::default(), most, move || drop(client)).wait().is_none() {
            tracing::warn!("a Kafka client does not end; it is left behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const SHORT: Duration = Duration::from_millis(50);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// Work that does not come back before the sender is dropped.
    fn stuck(gate: Receiver<()>) -> impl FnOnce() -> u8 + Send + 'static {
        move || {
            let _ = gate.recv();
            1
        }
    }

    fn drain(by: Option<Instant>) -> Arc<Drain> {
        let drain = Drain::default();
        if let Some(by) = by {
            drain.begin(by);
        }
        Arc::new(drain)
    }

    #[test]
    fn work_that_comes_back_is_heard_and_other_work_is_left_behind() {
        assert_eq!(Running::start(&drain(None), HOUR, || 7).wait(), Some(7));
        let check = |drain: &Arc<Drain>, most: Duration, longest: Duration| {
            let (_open, gate) = channel();
            let begin = Instant::now();
            let running = Running::start(drain, most, stuck(gate));
            assert_eq!(running.wait(), None);
            assert!(begin.elapsed() < longest, "{:?}", begin.elapsed());
        };
        check(&drain(None), SHORT, END);
        check(&drain(Some(Instant::now())), HOUR, END);
        // A drain that begins while it is waited for.
        let later = drain(None);
        let (_open, gate) = channel();
        let running = Running::start(&later, HOUR, stuck(gate));
        assert!(!running.is_over());
        later.begin(Instant::now());
        assert_eq!(running.wait(), None);
    }

    #[test]
    fn a_panic_of_the_work_is_one_of_who_waits() {
        let running: Running<()> = Running::start(&drain(None), HOUR, || panic!("on purpose"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| running.wait())).is_err());
    }

    #[test]
    fn a_client_that_does_not_end_holds_up_nobody_for_long() {
        struct Stuck(Mutex<Receiver<()>>);
        impl Drop for Stuck {
            fn drop(&mut self) {
                drop(self.0.lock().map(|gate| gate.recv()));
            }
        }
        let check = |drain: &Arc<Drain>, least: Duration, most: Duration| {
            let (_open, gate) = channel();
            let begin = Instant::now();
            drop(Held::new(drain, Stuck(Mutex::new(gate))));
            let took = begin.elapsed();
            assert!(least <= took && took < most, "{took:?}");
        };
        check(&drain(None), END, 2 * END);
        // All of them together have as long as one.
        check(&drain(Instant::now().checked_sub(END)), LEAST_END, END);
    }
}
