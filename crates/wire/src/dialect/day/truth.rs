//! What happened: callers, queues and three agents, played through; and the counters that follow from it without any event.

use std::collections::BTreeMap;

use fika_model::event::timestamp_of;
use fika_model::{IntervalCounters, IntervalKey, IntervalLength, QueueId};
use proptest::prelude::*;

use super::Table;

/// 2026-03-02T08:00:00Z; all times of a day are seconds from here.
pub(super) const BEGIN_S: i64 = 1_772_438_400;
pub(super) const QUEUES: [&str; 2] = ["sales", "support"];
/// The agents and the numbers of their queues.
pub(super) const AGENTS: [(&str, &[usize]); 3] = [("7140", &[0]), ("7141", &[0, 1]), ("7142", &[1])];
/// Someone at a desk behind, who serves no queue.
pub(super) const BACK_OFFICE: &str = "9000";
const SLOT_S: i64 = 900;

/// A caller, and what would become of the call.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) at: i64,
    pub(super) queue: usize,
    pub(super) patience: i64,
    /// Sent on to the other queue when patience is over, instead of hanging up.
    pub(super) overflows: bool,
    pub(super) talk: i64,
    pub(super) hold: i64,
    pub(super) wrapup: i64,
    pub(super) ring: i64,
    /// Seconds that the agent is away after this call.
    pub(super) pause: i64,
    pub(super) then: Then,
}

/// How a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    End,
    ToOtherQueue,
    ToBackOffice,
    /// The end happens and nothing tells it.
    Untold,
}

/// One stay in one queue.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) call: usize,
    pub(super) queue: usize,
    pub(super) joined: i64,
    pub(super) end: LegEnd,
}

#[derive(Debug, Clone)]
pub(super) enum LegEnd {
    Abandoned(i64),
    Overflowed(i64),
    Answered(Talk),
}

/// A conversation, as an agent had it.
#[derive(Debug, Clone)]
pub(super) struct Talk {
    pub(super) agent: usize,
    pub(super) rang: i64,
    pub(super) answered: i64,
    /// From when to when the caller was on hold.
    pub(super) hold: Option<(i64, i64)>,
    pub(super) parted: i64,
    pub(super) wrapped: i64,
    pub(super) then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Ready,
    Ringing(usize),
    Talking(usize),
    Holding(usize),
    WrappingUp(usize),
    Away,
    Gone,
}

/// A day that has happened.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) legs: Vec<Leg>,
    /// What each agent began to do when.
    pub(super) agents: Vec<Vec<(i64, Doing)>>,
}

/// What a dialect can know.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a thing that an ACD tells or does not")]
pub(super) struct Knows {
    /// Hold apart from talk.
    pub(super) hold: bool,
    pub(super) wrapup: bool,
    /// That a caller was sent on to another queue and did not hang up.
    pub(super) overflow: bool,
    /// A call whose end is not told.
    pub(super) open_calls: bool,
    pub(super) agents: KnowsAgents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KnowsAgents {
    Nothing,
    /// Who is there, and not who waits: all of it counts as idle.
    Presence,
    /// Presence and calls; wrap-up is idle time.
    Calls,
    /// Presence and calls; ringing is idle time.
    CallsNotRinging,
    Everything,
}

impl Knows {
    pub(super) const ALL: Self = Self { hold: true, wrapup: true, overflow: true, open_calls: true, agents: KnowsAgents::Everything };
}

impl Day {
    /// Plays the callers, in the order of their arrival, with the agent who is free first.
    pub(super) fn play(callers: &[Caller]) -> Self {
        let mut agents: Vec<Vec<(i64, Doing)>> = AGENTS.iter().map(|_| vec![(-600, Doing::Ready)]).collect();
        let mut free = [0_i64; AGENTS.len()];
        let mut waiting: BTreeMap<(i64, usize, usize), usize> = BTreeMap::new();
        for (call, caller) in callers.iter().enumerate() {
            waiting.insert((caller.at, call, 0), caller.queue);
        }
        let mut legs = Vec::new();
        while let Some(((joined, call, number), queue)) = waiting.pop_first() {
            let caller = &callers[call];
            let mut leg = |end| legs.push(Leg { call, queue, joined, end });
            let serving = (0..AGENTS.len()).filter(|agent| AGENTS[*agent].1.contains(&queue));
            let agent = serving.min_by_key(|agent| free[*agent]).expect("every queue is served");
            let rang = joined.max(free[agent] + 1);
            let answered = rang + caller.ring;
            if answered - joined > caller.patience {
                let left = joined + caller.patience;
                if caller.overflows && number == 0 {
                    leg(LegEnd::Overflowed(left));
                    waiting.insert((left, call, 1), 1 - queue);
                } else {
                    leg(LegEnd::Abandoned(left));
                }
                continue;
            }
            let parted = answered + caller.talk + caller.hold;
            let wrapped = parted + caller.wrapup;
            let hold = (caller.hold > 0).then_some((answered + 2, answered + 2 + caller.hold));
            let then = if number > 0 && caller.then == Then::ToOtherQueue { Then::End } else { caller.then };
            let day = &mut agents[agent];
            day.push((rang, Doing::Ringing(call)));
            day.push((answered, Doing::Talking(call)));
            if let Some((from, to)) = hold {
                day.extend([(from, Doing::Holding(call)), (to, Doing::Talking(call))]);
            }
            day.push((parted, Doing::WrappingUp(call)));
            if caller.pause > 0 {
                day.push((wrapped, Doing::Away));
            }
            day.push((wrapped + caller.pause, Doing::Ready));
            free[agent] = wrapped + caller.pause;
            if then == Then::ToOtherQueue {
                waiting.insert((parted, call, 1), 1 - queue);
            }
            leg(LegEnd::Answered(Talk { agent, rang, answered, hold, parted, wrapped, then }));
        }
        let last = free.into_iter().max().unwrap_or_default() + 60;
        for day in &mut agents {
            day.push((last, Doing::Gone));
        }
        // Long after, a caller whom nobody answers: what was not told by now is not coming any more.
        let late = last + 5 * 3600;
        legs.push(Leg { call: callers.len(), queue: 0, joined: late, end: LegEnd::Abandoned(late + 30) });
        Self { legs, agents }
    }

    /// The counters that follow, for someone who knows so much.
    pub(super) fn counters(&self, knows: Knows) -> Table {
        let mut table = Table::new();
        for leg in &self.legs {
            let counters = match &leg.end {
                LegEnd::Overflowed(_) if knows.overflow => continue,
                LegEnd::Answered(talk) if talk.then == Then::Untold && !knows.open_calls => continue,
                LegEnd::Abandoned(at) | LegEnd::Overflowed(at) => abandoned(at - leg.joined),
                LegEnd::Answered(talk) => answered(talk, leg.joined, knows),
            };
            table.entry(key(leg.queue, leg.joined)).or_default().accumulate(&counters, 1);
        }
        for (agent, day) in self.agents.iter().enumerate() {
            for (from, to) in day.windows(2).map(|two| (two[0], two[1].0)) {
                let Some(idle) = is_idle(from.1, knows.agents) else { continue };
                for queue in AGENTS[agent].1 {
                    for second in from.0..to {
                        let counters = table.entry(key(*queue, second)).or_default();
                        counters.staffed_ms += 1000;
                        counters.idle_ms += if idle { 1000 } else { 0 };
                    }
                }
            }
        }
        table.retain(|_, counters| *counters != IntervalCounters::default());
        table
    }
}

/// Whether someone who does this waits for calls, as far as it is known; none where nobody knows of it, or the agent is away.
fn is_idle(doing: Doing, known: KnowsAgents) -> Option<bool> {
    match (doing, known) {
        (Doing::Away | Doing::Gone, _) | (_, KnowsAgents::Nothing) => None,
        (Doing::Ready, _)
        | (_, KnowsAgents::Presence)
        | (Doing::WrappingUp(_), KnowsAgents::Calls)
        | (Doing::Ringing(_), KnowsAgents::CallsNotRinging) => Some(true),
        _ => Some(false),
    }
}

fn key(queue: usize, at: i64) -> IntervalKey {
    let start = timestamp_of((BEGIN_S + at.div_euclid(SLOT_S) * SLOT_S) * 1000);
    IntervalKey { queue: QueueId::new(QUEUES[queue]).expect("an id"), start, length: IntervalLength::QUARTER_HOUR }
}

fn abandoned(wait: i64) -> IntervalCounters {
    IntervalCounters {
        offered: 1,
        abandoned: 1,
        abandoned_within: i64::from(wait <= 20),
        short_abandons: i64::from(wait < 5),
        abandoned_wait_ms: wait * 1000,
        ..IntervalCounters::default()
    }
}

fn answered(talk: &Talk, joined: i64, knows: Knows) -> IntervalCounters {
    let wait = talk.answered - joined;
    let counters = IntervalCounters {
        offered: 1,
        answered: 1,
        answered_within: i64::from(wait <= 20),
        answered_wait_ms: wait * 1000,
        ..IntervalCounters::default()
    };
    if talk.then == Then::Untold {
        return IntervalCounters { lost_ends: 1, ..counters };
    }
    let hold = talk.hold.map_or(0, |(from, to)| to - from);
    let hold = if knows.hold { hold } else { 0 };
    let spoke = talk.parted - talk.answered - hold;
    let wrapup = if knows.wrapup { talk.wrapped - talk.parted } else { 0 };
    let handle = spoke + hold + wrapup;
    IntervalCounters {
        handled: 1,
        talk_ms: spoke * 1000,
        hold_ms: hold * 1000,
        wrapup_ms: wrapup * 1000,
        handle_s_squared: handle * handle,
        ..counters
    }
}

/// The written day: every kind of call once or more.
pub(super) fn written() -> Day {
    let plain = |at, queue| Caller {
        at,
        queue,
        patience: 90,
        overflows: false,
        talk: 120,
        hold: 0,
        wrapup: 15,
        ring: 5,
        pause: 0,
        then: Then::End,
    };
    Day::play(&[
        plain(60, 0),
        Caller { hold: 45, ..plain(70, 0) },
        // Both agents of the queue are busy: two callers give up, one of them at once.
        Caller { patience: 3, ..plain(80, 0) },
        Caller { patience: 25, ..plain(90, 0) },
        Caller { then: Then::ToOtherQueue, ..plain(400, 0) },
        Caller { then: Then::ToBackOffice, hold: 30, ..plain(800, 1) },
        Caller { pause: 300, ..plain(895, 0) },
        Caller { then: Then::Untold, ..plain(1500, 1) },
        Caller { talk: 600, ..plain(2000, 0) },
        Caller { talk: 600, ..plain(2001, 0) },
        // Nobody for this queue is free: the caller is sent to the other one, and answered there.
        Caller { patience: 20, overflows: true, ..plain(2010, 0) },
        plain(3599, 1),
    ])
}

/// Any day of up to thirty calls.
pub(super) fn any_day() -> impl Strategy<Value = Day> {
    let then = prop_oneof![6 => Just(Then::End), 2 => Just(Then::ToOtherQueue), 1 => Just(Then::ToBackOffice), 1 => Just(Then::Untold)];
    let hold = prop_oneof![2 => Just(0_i64), 1 => 1..200_i64];
    let pause = prop_oneof![3 => Just(0_i64), 1 => 30..600_i64];
    // Nobody is sent on in the very moment of joining.
    let lengths = (1..200_i64, 5..400_i64, hold, 1..60_i64, 1..15_i64, pause);
    let caller = (0..5_000_i64, 0..2_usize, any::<bool>(), lengths, then).prop_map(|(at, queue, overflows, lengths, then)| {
        let (patience, talk, hold, wrapup, ring, pause) = lengths;
        Caller { at, queue, patience, overflows, talk, hold, wrapup, ring, pause, then }
    });
    proptest::collection::vec(caller, 1..30).prop_map(|callers| Day::play(&callers))
}
