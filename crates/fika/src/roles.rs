//! The roles of the service, a thread each, over one bus.
//!
//! A role runs sessions: open a consumer, rebuild what it must know from the bus, work until told to stop. An error of the bus ends the
//! session, and another begins after a pause that grows; nothing is carried over, so a session may end anywhere. A panic is a bug: it
//! stops all roles, and the process leaves with an error for its supervisor to see.

mod api;
mod control;
mod forecast;
mod ingest;
mod late;
mod planner;
mod translate;

use std::net::SocketAddr;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use fika_bus::{Bus, Consumer, Error, TopicPartition};
use fika_wire::topics;

use crate::config::ServiceConfig;
use crate::metrics::Metrics;
use crate::traffic;

use control::Told;
pub(crate) use control::{Backoff, Health, Stop};
pub(crate) use late::LateBus;

/// The groups that roles read in.
pub(crate) mod groups {
    /// Of `ingest`.
    pub(crate) const INGEST: &str = "fika-ingest";
    /// Of `forecast`.
    pub(crate) const FORECAST: &str = "fika-forecast";
    /// Of `planner`.
    pub(crate) const PLANNER: &str = "fika-planner";
    /// Of `translate`.
    pub(crate) const TRANSLATE: &str = "fika-translate";
}

/// How often the lag of a role is looked at.
const LAG_EVERY: Duration = Duration::from_secs(5);

/// What a process can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Counts events.
    Ingest,
    /// Forecasts the calls of requests.
    Forecast,
    /// Makes rosters.
    Planner,
    /// Answers over HTTP.
    Api,
    /// Reads the topics of ACDs in their own dialects. It comes along with `ingest` where such topics are configured.
    Translate,
}

impl Role {
    /// All roles that are asked for by name.
    pub(crate) const ALL: [Self; 4] = [Self::Ingest, Self::Forecast, Self::Planner, Self::Api];

    /// Its name in flags, logs and metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Forecast => "forecast",
            Self::Planner => "planner",
            Self::Api => "api",
            Self::Translate => "translate",
        }
    }

    /// Reads names separated by commas.
    pub(crate) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let find = |name: &str| Self::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| format!("there is no role {name:?}"));
        let mut roles = text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(find).collect::<Result<Vec<_>, _>>()?;
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() { Err("name at least one of ingest, forecast, planner, api".to_owned()) } else { Ok(roles) }
    }
}

/// What all roles of a process share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) config: Arc<ServiceConfig>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) health: Arc<Health>,
    pub(crate) stop: Stop,
    topics_made: Arc<Mutex<bool>>,
}

impl Shared {
    /// Notes that a role does its work.
    pub(crate) fn works(&self, role: Role) {
        if self.health.working(role) {
            self.metrics.role_ready.with_label_values(&[role.name()]).set(1);
            tracing::info!("the role {} works", role.name());
        }
    }

    /// Puts the lags of the roles' groups into the metrics, now and then, until told to stop. Beside the roles: asking takes its time, and
    /// a bus that cannot tell is noticed by them.
    fn observe_lags(&self, roles: &[Role]) {
        while !self.stop.wait(LAG_EVERY) {
            for role in roles {
                let (group, topics) = match role {
                    Role::Ingest => (groups::INGEST, vec![topics::CALLS, topics::AGENTS]),
                    Role::Forecast => (groups::FORECAST, vec![topics::REQUESTS]),
                    Role::Planner => (groups::PLANNER, vec![topics::REQUESTS]),
                    Role::Translate => (groups::TRANSLATE, self.config.ingest.sources.keys().map(String::as_str).collect()),
                    Role::Api => continue,
                };
                let Ok(lags) = self.bus.lag(group, &topics) else { continue };
                for topic in &topics {
                    let behind = lags.iter().filter(|lag| lag.topic == *topic).map(|lag| lag.behind).sum();
                    self.metrics.lag.with_label_values(&[role.name(), topic]).set(behind);
                }
            }
        }
    }

    /// Makes the topics that are missing, once for the process.
    pub(crate) fn ensure_topics(&self) -> Result<(), Error> {
        let mut made = self.topics_made.lock().unwrap_or_else(PoisonError::into_inner);
        if !*made {
            self.bus.ensure_topics(&traffic::topic_settings())?;
            *made = true;
        }
        Ok(())
    }
}

/// Roles at work.
pub(crate) struct RunningRoles {
    shared: Shared,
    /// The role of each thread.
    threads: Vec<Role>,
    /// Each thread says its role when it ends, however it ends.
    ended: Receiver<Role>,
    address: Option<SocketAddr>,
}

/// How the roles ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All threads came home.
    Drained,
    /// The grace was over before these many threads had ended.
    GraceOver(usize),
    /// A role panicked.
    Panicked,
}

/// Starts roles over a bus. The HTTP interface listens when this returns.
pub(crate) fn start(bus: Arc<dyn Bus>, roles: &[Role], config: ServiceConfig) -> anyhow::Result<RunningRoles> {
    let mut roles = roles.to_vec();
    if roles.contains(&Role::Ingest) && !config.ingest.sources.is_empty() {
        roles.push(Role::Translate);
    }
    let metrics = Metrics::new().context("the metrics cannot be registered")?;
    let shared = Shared {
        bus,
        config: Arc::new(config),
        metrics,
        health: Arc::new(Health::new(&roles)),
        stop: Stop::default(),
        topics_made: Arc::default(),
    };
    let (watching, watched) = (shared.clone(), roles.clone());
    let watch = thread::Builder::new().name("fika-lag".to_owned()).spawn(move || watching.observe_lags(&watched));
    watch.context("the thread that observes lags cannot be started")?;
    let (sender, ended) = channel();
    let mut running = RunningRoles { shared: shared.clone(), threads: Vec::new(), ended, address: None };
    for role in &roles {
        let own = shared.clone();
        let mut spawn = |work: Box<dyn FnOnce() + Send>| {
            running.threads.push(*role);
            spawn(*role, LastWord { role: *role, sender: sender.clone() }, work)
        };
        match role {
            Role::Ingest => spawn(Box::new(move || supervise(Role::Ingest, &own, || ingest::session(&own))))?,
            Role::Forecast => spawn(Box::new(move || supervise(Role::Forecast, &own, || forecast::session(&own))))?,
            Role::Planner => spawn(Box::new(move || supervise(Role::Planner, &own, || planner::session(&own))))?,
            Role::Translate => spawn(Box::new(move || supervise(Role::Translate, &own, || translate::session(&own))))?,
            Role::Api => {
                let view = api::view(&own);
                let server = api::Server::bind(&own, Arc::clone(&view))?;
                let address = server.address();
                spawn(Box::new(move || server.serve()))?;
                spawn(Box::new(move || supervise(Role::Api, &own, || api::follow(&own, &view))))?;
                running.address = Some(address);
            }
        }
    }
    Ok(running)
}

/// Says that a thread has ended, when it is dropped.
struct LastWord {
    role: Role,
    sender: Sender<Role>,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        // Nobody may be listening any more, which is well.
        let _ = self.sender.send(self.role);
    }
}

fn spawn(role: Role, last_word: LastWord, work: Box<dyn FnOnce() + Send>) -> anyhow::Result<()> {
    let name = format!("fika-{}", role.name());
    let thread = thread::Builder::new().name(name).spawn(move || {
        let _last_word = last_word;
        work();
    });
    thread.map(drop).with_context(|| format!("the thread of role {} cannot be started", role.name()))
}

/// Runs sessions until told to stop; what a session cannot mend itself waits here.
fn supervise(role: Role, shared: &Shared, mut session: impl FnMut() -> Result<(), Error>) {
    let mut backoff = Backoff::default();
    let mut told = Told::default();
    while !shared.stop.is_set() {
        let began = Instant::now();
        let outcome = panic::catch_unwind(AssertUnwindSafe(&mut session));
        if began.elapsed() > Duration::from_secs(30) {
            backoff = Backoff::default();
        }
        match outcome {
            Ok(Ok(()) | Err(Error::Draining)) => break,
            Ok(Err(error)) => {
                let pause = backoff.next_pause();
                shared.metrics.bus_errors.with_label_values(&[role.name()]).inc();
                shared.metrics.role_ready.with_label_values(&[role.name()]).set(0);
                shared.health.waiting(role, error.to_string());
                if told.is_news(&error.to_string(), began) {
                    tracing::warn!(role = role.name(), %error, pause_s = pause.as_secs_f64(), "the bus failed; the role starts again");
                }
                shared.stop.wait(pause);
            }
            Err(_) => {
                tracing::error!(role = role.name(), "the role panicked: this is a bug; all roles stop");
                shared.health.panicked(role);
                shared.stop.set();
                return;
            }
        }
    }
    shared.health.stopped(role);
}

/// Works as a member of a group. A commit that a change of the group has overtaken is no reason to leave it, which would change it once
/// more for everybody: the work begins again from what is committed.
fn as_member(
    role: Role,
    mut consumer: Box<dyn Consumer>,
    mut work: impl FnMut(&mut dyn Consumer) -> Result<(), Error>,
) -> Result<(), Error> {
    loop {
        match work(&mut *consumer) {
            Err(Error::Fenced { .. }) => tracing::info!(role = role.name(), "the group changed during a commit; its work is done again"),
            other => return other,
        }
    }
}

/// What came and went since the last poll; everything comes where the work begins.
fn changes(consumer: &mut dyn Consumer, begins: &mut bool) -> Option<(Vec<TopicPartition>, Vec<TopicPartition>)> {
    let rebalance = consumer.take_rebalance();
    if std::mem::take(begins) {
        let all = consumer.assignment();
        return (!all.is_empty()).then(|| (all, Vec::new()));
    }
    rebalance.map(|rebalance| (rebalance.assigned, rebalance.revoked))
}

impl RunningRoles {
    /// Where the HTTP interface listens, if it is one of the roles.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The flag that stops the roles; it is set when a role panics, too.
    pub(crate) fn stop_flag(&self) -> Stop {
        self.shared.stop.clone()
    }

    /// Tells the roles to end: no new work, commit what is done. Half of the grace is for that, the rest for leaving.
    pub(crate) fn stop(&self) {
        self.shared.stop.set();
        self.shared.bus.drain(Instant::now() + self.shared.config.grace / 2);
    }

    /// Waits for the roles to end, for as long as the grace lasts from now.
    pub(crate) fn join(self) -> Ended {
        let until = Instant::now() + self.shared.config.grace;
        let mut left: Vec<&str> = self.threads.iter().map(|role| role.name()).collect();
        while !left.is_empty() {
            match self.ended.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(role) => {
                    if let Some(at) = left.iter().position(|name| *name == role.name()) {
                        left.swap_remove(at);
                    }
                }
                Err(_) => break,
            }
        }
        if self.shared.health.has_panicked() {
            return Ended::Panicked;
        }
        if left.is_empty() {
            return Ended::Drained;
        }
        tracing::error!(roles = left.join(","), "the grace is over; these roles are left behind");
        Ended::GraceOver(left.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_by_name_once_each() {
        assert_eq!(Role::parse_list("api, ingest,api"), Ok(vec![Role::Ingest, Role::Api]));
        assert!(Role::parse_list("").is_err() && Role::parse_list("ingest,cook").is_err());
    }
}
