//! A bus that may not be there yet: it is opened when it is first needed, and again until that works.
//!
//! A service whose broker is away when it starts waits for it and says so at `/readyz`, instead of leaving.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fika_bus::{Bus, BusAddress, Consumer, Error, Lag, Outgoing, Record, Tail, TailFrom, TopicOutcome, TopicSettings};

/// After a try has failed, whoever asks within this time gets the same answer: the roles of a process need not all wait in line for it.
const ANSWER_HOLDS: Duration = Duration::from_secs(1);

/// Opens on demand.
pub(crate) struct LateBus {
    address: BusAddress,
    door: Mutex<Door>,
}

#[derive(Default)]
struct Door {
    opened: Option<Arc<dyn Bus>>,
    failed: Option<(Instant, Error)>,
}

impl LateBus {
    /// Tries to open the bus at once; what time will not mend is an error now.
    pub(crate) fn open(address: &BusAddress) -> Result<Self, Error> {
        let late = Self { address: address.clone(), door: Mutex::default() };
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
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bus) = &door.opened {
            return Ok(Arc::clone(bus));
        }
        if let Some((_, error)) = door.failed.as_ref().filter(|(at, _)| at.elapsed() < ANSWER_HOLDS) {
            return Err(error.clone());
        }
        match fika_bus::open(&self.address) {
            Ok(bus) => {
                door.opened = Some(Arc::clone(&bus));
                Ok(bus)
            }
            Err(error) => {
                door.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
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

    fn check(&self) -> Result<(), Error> {
        self.bus()?.check()
    }
}
