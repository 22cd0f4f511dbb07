//! The role `api`: one thread serves HTTP, another follows the topics that answers are made from.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use fika_api::{Backend, Bounds, Settings, Unavailable, View};
use fika_bus::{Error, Record, TailFrom};
use fika_model::Timestamp;
use fika_wire::dialect::Unknown;
use fika_wire::records::{self, Encoded};
use fika_wire::{convert, topics};
use tokio::runtime::Runtime;

use super::{Role, Shared};
use crate::traffic;

/// The topics whose latest records answers are made from.
const FOLLOWED: [&str; 3] = [topics::ROSTER_SUMMARIES, topics::ROSTERS, topics::STATUS];

/// What the role has in memory: made once, refilled by each session.
pub(super) fn view(shared: &Shared) -> Arc<View> {
    let http = &shared.config.http;
    Arc::new(View::new(Bounds { requests: http.keep_requests, rosters: http.keep_rosters }))
}

/// The HTTP server, bound to its address.
pub(super) struct Server {
    runtime: Runtime,
    listener: tokio::net::TcpListener,
    address: SocketAddr,
    shared: Shared,
    view: Arc<View>,
}

impl Server {
    /// Takes the address, so that a taken one is told before anything starts.
    pub(super) fn bind(shared: &Shared, view: Arc<View>) -> anyhow::Result<Self> {
        let listen = shared.config.http.listen;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("fika-http")
            .enable_all()
            .build()
            .context("no event loop")?;
        let listener = TcpListener::bind(listen).with_context(|| format!("HTTP cannot listen at {listen}"))?;
        listener.set_nonblocking(true).context("the socket cannot be used")?;
        let address = listener.local_addr().context("the socket has no address")?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).context("the socket cannot be used")?
        };
        Ok(Self { runtime, listener, address, shared: shared.clone(), view })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until told to stop; answers what has been asked by then.
    pub(super) fn serve(self) {
        let Self { runtime, listener, shared, view, .. } = self;
        let settings = Settings {
            body_limit_bytes: shared.config.http.body_limit_bytes,
            queues: shared.config.ingest.queues.iter().cloned().collect(),
            mapping: shared.config.ingest.mapping.clone(),
        };
        let (stop, late) = (shared.stop.clone(), shared.config.grace / 2);
        let router = fika_api::router(Arc::new(Process { shared }), Arc::clone(&view), settings);
        let told = || {
            let stop = stop.clone();
            async move {
                let mut tick = tokio::time::interval(Duration::from_millis(100));
                while !stop.is_set() {
                    tick.tick().await;
                }
            }
        };
        let stopped = told();
        let closing = async move {
            stopped.await;
            view.close();
        };
        let stopped = told();
        runtime.block_on(async {
            tokio::select! {
                ended = axum::serve(listener, router).with_graceful_shutdown(closing).into_future() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "HTTP has ended");
                    }
                }
                // A client that does not finish what it says, or does not hear the answer, does not hold up the end.
                () = async { stopped.await; tokio::time::sleep(late).await } => tracing::warn!("connections that did not end are cut off"),
            }
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

/// What the interface may use of this process.
struct Process {
    shared: Shared,
}

impl Backend for Process {
    fn append(&self, batch: Vec<Encoded>) -> Result<(), Unavailable> {
        let unavailable = |error: Error| {
            self.shared.metrics.bus_errors.with_label_values(&[Role::Api.name()]).inc();
            Unavailable { reason: error.to_string().into() }
        };
        self.shared.ensure_topics().map_err(unavailable)?;
        self.shared.bus.append(batch.into_iter().map(traffic::outgoing).collect()).map_err(unavailable)
    }

    fn not_ready(&self) -> Vec<String> {
        if self.shared.stop.is_set() { vec!["the process is stopping".to_owned()] } else { self.shared.health.reasons() }
    }

    fn metrics(&self) -> Option<String> {
        self.shared.metrics.text().ok()
    }

    fn answered(&self, route: &'static str, status: u16) {
        self.shared.metrics.http.with_label_values(&[route, &status.to_string()]).inc();
    }

    fn unknown(&self, dialect: &'static str, unknown: Unknown) {
        self.shared.metrics.observe_unknown(dialect, unknown);
    }

    fn now(&self) -> Timestamp {
        traffic::now()
    }

    fn fresh_id(&self) -> String {
        traffic::fresh_id()
    }
}

/// Follows the bus from the start and keeps the view up to date.
pub(super) fn follow(shared: &Shared, view: &View) -> Result<(), Error> {
    shared.ensure_topics()?;
    let mut tail = shared.bus.tail(&FOLLOWED, TailFrom::Start)?;
    while !shared.stop.is_set() {
        let records = tail.poll(Duration::from_millis(250))?;
        shared.works(Role::Api);
        for record in &records {
            apply(view, record);
        }
    }
    Ok(())
}

fn apply(view: &View, record: &Record) {
    let Some(value) = &record.value else { return };
    let outcome = match record.topic.as_str() {
        topics::STATUS => records::read_status(&record.headers, value).map(|status| view.apply_status(convert::status_message(&status))),
        topics::ROSTERS => records::read_agent_roster(&record.headers, value).map(|agent| view.apply_agent(agent)),
        topics::ROSTER_SUMMARIES => records::read_roster_summary(&record.headers, value)
            .map(|(days, summary)| view.apply_summary(convert::summary_message(&summary, &days))),
        _ => Ok(()),
    };
    if let Err(faults) = outcome {
        let (topic, partition, offset) = (record.topic.as_str(), record.partition, record.offset);
        tracing::warn!(topic, partition, offset, %faults, "a record cannot be read; the interface does without it");
    }
}
