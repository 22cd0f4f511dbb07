//! A bus that may not be there yet: it is opened when it is first needed, and again until that works.
//!
//! A service whose broker is away when it starts waits for it and says so at `/readyz`, instead of leaving.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fika_bus::{Bus, BusAddress, Consumer, Error, Lag, Outgoing, Record, Tail, TailFrom, TopicOutcome, TopicSettings};

/// After a try has failed, whoever asks within this time gets the same answer: the roles of a process need not all wait in line for it.
const ANSWER_HOLDS: Duration = Duration::from_secs(1);

/// Opens on demand.
pub(crate) struct LateBus {
    address: BusAddress,
    known: Mutex<Known>,
    /// The last try that failed. Held while one goes on.
    failed: Mutex<Option<(Instant, Error)>>,
}

/// Never held while anything is waited for.
#[derive(Default)]
struct Known {
    opened: Option<Arc<dyn Bus>>,
    ends_by: Option<Instant>,
}

impl LateBus {
    /// Tries to open the bus at once; what time will not mend is an error now.
    pub(crate) fn open(address: &BusAddress) -> Result<Self, Error> {
        let late = Self { address: address.clone(), known: Mutex::default(), failed: Mutex::default() };
        match late.bus() {
            Ok(_) => Ok(late),
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "the bus is away; the service waits for it");
                Ok(late)
            }
            Err(error) => Err(error),
        }
    }

    fn bus(&self) -> Result<Arc<dyn Bus>, Error> {
        if let Some(bus) = self.opened()? {
            return Ok(bus);
        }
        let mut failed = lock(&self.failed);
        if let Some(bus) = self.opened()? {
            return Ok(bus);
        }
        if let Some((_, error)) = failed.as_ref().filter(|(at, _)| at.elapsed() < ANSWER_HOLDS) {
            return Err(error.clone());
        }
        match fika_bus::open(&self.address) {
            Ok(bus) => {
                let mut known = lock(&self.known);
                known.opened = Some(Arc::clone(&bus));
                known.ends_by.into_iter().for_each(|by| bus.drain(by));
                Ok(bus)
            }
            Err(error) => {
                *failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// The bus, if it is open; a process that is to end opens none any more.
    fn opened(&self) -> Result<Option<Arc<dyn Bus>>, Error> {
        let known = lock(&self.known);
        match (&known.opened, known.ends_by) {
            (None, Some(_)) => Err(Error::Draining),
            (opened, _) => Ok(opened.clone()),
        }
    }
}

/// Locks; what these guard is whole at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bus for LateBus {
    fn ensure_topics(&self, topics: &[TopicSettings]) -> Result<Vec<TopicOutcome>, Error> {
        self.bus()?.ensure_topics(topics)
    }

    fn append(&self, batch: Vec<Outgoing>) -> Result<(), Error> {
        self.bus()?.append(batch)
    }

    fn subscribe(&self, group: &str, topics: &[&str]) -> Result<Box<dyn Consumer>, Error> {
        self.bus()?.subscribe(group, topics)
    }

    fn scan(&self, topic: &str, each: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), Error> {
        self.bus()?.scan(topic, each)
    }

    fn tail(&self, topics: &[&str], from: TailFrom) -> Result<Box<dyn Tail>, Error> {
        self.bus()?.tail(topics, from)
    }

    fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Error> {
        self.bus()?.lag(group, topics)
    }

    fn drain(&self, by: Instant) {
        let mut known = lock(&self.known);
        known.ends_by = Some(by);
        known.opened.iter().for_each(|bus| bus.drain(by));
    }

    fn check(&self) -> Result<(), Error> {
        self.bus()?.check()
    }
}
