//! The role `planner`: sees requests through. The engine's desk decides; here its inputs are gathered and its effects carried out.
//!
//! Solves run in child processes, so nothing that a request does to its solver reaches this thread. A request is committed as soon as it
//! is read; what is not answered yet is found again by scanning the compacted topics, by this member or by the one that comes after it.

mod effects;
mod intake;
mod solves;

use std::time::Duration;

use fika_bus::{Consumer, Error, TailFrom};
use fika_engine::{Desk, DeskSettings};
use fika_wire::topics;

use super::{Role, Shared, as_member, changes, groups};
use effects::Hands;
use solves::Solves;

/// Who says what this role says.
const SOURCE: &str = "/fika/planner";
/// What others may say about requests.
const HEARD: [&str; 4] = [topics::FORECASTS, topics::STATUS, topics::ROSTER_SUMMARIES, topics::COMMANDS];

pub(super) fn session(shared: &Shared) -> Result<(), Error> {
    shared.ensure_topics()?;
    let consumer = shared.bus.subscribe(groups::PLANNER, &[topics::REQUESTS])?;
    as_member(Role::Planner, consumer, |consumer| attend(shared, consumer))
}

fn attend(shared: &Shared, consumer: &mut dyn Consumer) -> Result<(), Error> {
    let config = &shared.config.planner;
    // Heard from here on; what came before is scanned when partitions come. What falls in between comes twice, which changes nothing.
    let mut tail = shared.bus.tail(&HEARD, TailFrom::End)?;
    let mut desk = Desk::new(DeskSettings { most_solves: config.solves, ..DeskSettings::default() });
    let mut hands = Hands::new(shared, Solves::new(config));
    let mut begins = true;
    while !shared.stop.is_set() {
        let wait = if hands.solves.is_empty() { 250 } else { 50 };
        let records = consumer.poll(64, Duration::from_millis(wait))?;
        if let Some((assigned, revoked)) = changes(consumer, &mut begins) {
            hands.release(&mut desk, &revoked);
            hands.take_up(&mut desk, &assigned)?;
        }
        shared.works(Role::Planner);
        for record in &records {
            hands.request(&mut desk, record)?;
        }
        for record in tail.poll(Duration::ZERO)? {
            hands.heard(&mut desk, &record);
        }
        hands.news(&mut desk);
        hands.look_for_forecasts(&mut desk)?;
        hands.commit(consumer, records.len())?;
    }
    Ok(())
}
