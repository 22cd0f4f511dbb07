//! Members that count: whatever happens to them, the counters are those of one calm machine.

use std::collections::BTreeMap;

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, EpochMs, Event};
use fika_model::{AgentId, CallId, IntervalCounters, IntervalKey, QueueId};

use super::{Dice, Flaw, Group, MemberId, Stage, failures, finds, play};
use crate::{Ingest, IngestEffects, IngestSettings, Part, Rebuild, Stream};

/// 2023-11-06T00:00:00Z.
const T0: EpochMs = 1_699_228_800_000;
const NOW: EpochMs = T0 + 30 * 86_400_000;
const PARTS: [Part; 3] = [
    Part { stream: Stream::Calls, partition: 0 },
    Part { stream: Stream::Calls, partition: 1 },
    Part { stream: Stream::Agents, partition: 0 },
];
const CALLS: usize = 60;
const ROUNDS: usize = 600;

type Counters = BTreeMap<String, (IntervalKey, IntervalCounters)>;

/// A commit on its way.
struct Open {
    member: MemberId,
    generation: u64,
    stage: Stage,
    effects: IngestEffects,
    /// The offsets after what was read, by partition.
    offsets: BTreeMap<usize, usize>,
}

struct Member {
    ingest: Ingest,
    /// Of the group as this member last heard of it.
    generation: u64,
    is_hung: bool,
    /// The next offset of each partition, once it is known.
    positions: BTreeMap<usize, Option<usize>>,
    /// Since which generation it has each of them.
    since: BTreeMap<usize, u64>,
}

impl Member {
    fn new() -> Self {
        Self {
            ingest: Ingest::new(IngestSettings::default()),
            generation: 0,
            is_hung: false,
            positions: BTreeMap::new(),
            since: BTreeMap::new(),
        }
    }
}

struct World {
    dice: Dice,
    flaw: Flaw,
    /// What the ACD is still to send, with its time of arrival; the next one last.
    coming: Vec<(EpochMs, usize, Event)>,
    log: Vec<Vec<Event>>,
    states: BTreeMap<String, Vec<u8>>,
    counters: Counters,
    committed: BTreeMap<usize, usize>,
    open: Vec<Open>,
    group: Group,
    members: BTreeMap<MemberId, Member>,
    born: MemberId,
}

fn call(n: usize, at: EpochMs, kind: CallEventKind) -> Event {
    Event::Call(CallEvent {
        event_id: format!("{n}-{kind:?}"),
        source: "acd".into(),
        call_id: CallId::new(format!("c{n}")).expect("an id"),
        kind,
        occurred_at_ms: at,
        queue: Some(QueueId::new("q").expect("an id")),
        agent: None,
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    })
}

fn agent(n: usize, at: EpochMs, state: AgentState) -> Event {
    let (agent, queues) = (AgentId::new(format!("a{n}")).expect("an id"), vec![QueueId::new("q").expect("an id")]);
    Event::Agent(AgentEvent {
        event_id: format!("{n}-{at}"),
        source: "acd".into(),
        agent,
        state,
        occurred_at_ms: at,
        reason_code: String::new(),
        queues,
    })
}

/// Calls and agents of two hours, in the order of their times, each with its partition.
fn story(dice: &mut Dice) -> Vec<(EpochMs, usize, Event)> {
    let mut events = Vec::new();
    for n in 0..CALLS {
        let joined = T0 + dice.below(7_200_000) as i64;
        let (wait, talk) = (dice.below(60_000) as i64, dice.below(600_000) as i64);
        events.push((joined, n % 2, call(n, joined, CallEventKind::Queued)));
        if dice.one_in(4) {
            events.push((joined + wait, n % 2, call(n, joined + wait, CallEventKind::Abandoned)));
        } else {
            events.push((joined + wait, n % 2, call(n, joined + wait, CallEventKind::Connected)));
            events.push((joined + wait + talk, n % 2, call(n, joined + wait + talk, CallEventKind::Ended)));
            events.push((joined + wait, 2, agent(n % 5, joined + wait, AgentState::Talking)));
            events.push((joined + wait + talk, 2, agent(n % 5, joined + wait + talk, AgentState::Ready)));
        }
    }
    events.sort_by_key(|(at, _, _)| *at);
    events
}

/// The same as it arrives: up to two minutes late, and now and then twice.
fn arrivals(story: &[(EpochMs, usize, Event)], dice: &mut Dice) -> Vec<(EpochMs, usize, Event)> {
    let mut coming = Vec::new();
    for (at, part, event) in story {
        for _ in 0..=usize::from(dice.one_in(5)) {
            coming.push((at + dice.below(120_000) as i64, *part, event.clone()));
        }
    }
    coming.sort_by_key(|(at, _, _)| std::cmp::Reverse(*at));
    coming
}

fn keep(effects: &IngestEffects, states: &mut BTreeMap<String, Vec<u8>>, counters: &mut Counters) {
    for counted in &effects.counters {
        let key = counted.part.counter_key(&format!("{}|{}|15", counted.cell.queue, counted.cell.start));
        counters.insert(key, (counted.cell.clone(), counted.counters));
    }
    for (key, state) in &effects.states {
        match state {
            Some(bytes) => states.insert(key.to_string(), bytes.clone()),
            None => states.remove(&key.to_string()),
        };
    }
}

/// The sums that people see.
fn cells(counters: &Counters) -> BTreeMap<IntervalKey, IntervalCounters> {
    let mut cells: BTreeMap<IntervalKey, IntervalCounters> = BTreeMap::new();
    for (cell, part) in counters.values() {
        cells.entry(cell.clone()).or_default().accumulate(part, 1);
    }
    cells
}

impl World {
    fn new(seed: u64, flaw: Flaw) -> (Self, Counters) {
        let mut dice = Dice::new(seed);
        let story = story(&mut dice);
        let coming = arrivals(&story, &mut dice);
        let mut calm = Ingest::new(IngestSettings::default());
        calm.assign(Rebuild::of(&IngestSettings::default(), PARTS));
        let (mut states, mut expected) = (BTreeMap::new(), BTreeMap::new());
        let batch: Vec<(Part, Event)> = story.into_iter().map(|(_, part, event)| (PARTS[part], event)).collect();
        keep(&calm.step(NOW, &batch).expect("assigned"), &mut states, &mut expected);
        let world = Self {
            dice,
            flaw,
            coming,
            log: vec![Vec::new(); PARTS.len()],
            states: BTreeMap::new(),
            counters: BTreeMap::new(),
            committed: BTreeMap::new(),
            open: Vec::new(),
            group: Group::default(),
            members: BTreeMap::new(),
            born: 0,
        };
        (world, expected)
    }

    fn feed(&mut self) {
        for _ in 0..=self.dice.below(6) {
            if let Some((_, part, event)) = self.coming.pop() {
                self.log[part].push(event);
            }
        }
    }

    fn join(&mut self) {
        self.born += 1;
        self.members.insert(self.born, Member::new());
        self.share();
    }

    /// The coordinator hears of the members that are alive and not hung.
    fn share(&mut self) {
        let alive: Vec<MemberId> = self.members.iter().filter(|(_, member)| !member.is_hung).map(|(id, _)| *id).collect();
        self.group.share(PARTS.len(), &alive, &mut self.dice);
    }

    fn pick(&mut self) -> Option<MemberId> {
        let all: Vec<MemberId> = self.members.keys().copied().collect();
        (!all.is_empty()).then(|| all[self.dice.below(all.len())])
    }

    /// Whether something committed in this partition is not to be seen yet.
    fn is_unsettled(&self, part: usize) -> bool {
        self.open.iter().any(|open| open.offsets.contains_key(&part))
    }

    /// A member hears of the group, gives up what went and takes up what came: first its state, then the place to read from.
    fn hear(&mut self, id: MemberId) {
        let unsettled: Vec<usize> = (0..PARTS.len()).filter(|part| self.is_unsettled(*part)).collect();
        let Some(member) = self.members.get_mut(&id) else { return };
        let owned = self.group.of(id);
        let gone: Vec<usize> = member.positions.keys().copied().filter(|part| owned.get(part) != member.since.get(part)).collect();
        for part in gone {
            member.ingest.revoke(PARTS[part]);
            member.positions.remove(&part);
        }
        for (part, since) in owned {
            if member.positions.contains_key(&part) || (unsettled.contains(&part) && self.flaw != Flaw::NoSettling) {
                continue;
            }
            let mut rebuild = Rebuild::of(&IngestSettings::default(), [PARTS[part]]);
            self.states.iter().for_each(|(key, bytes)| rebuild.state(key, Some(bytes)).expect("readable state"));
            self.counters.iter().for_each(|(key, (cell, counters))| rebuild.counters(key, cell.clone(), *counters).expect("a key"));
            member.ingest.assign(rebuild);
            member.positions.insert(part, None);
            member.since.insert(part, since);
        }
        member.generation = self.group.generation;
    }

    /// A member reads some events and begins to commit what comes of them.
    fn work(&mut self, id: MemberId) {
        if self.open.iter().any(|open| open.member == id) {
            return;
        }
        if self.members.get(&id).is_some_and(|member| !member.is_hung) {
            self.hear(id);
        }
        let most = 1 + self.dice.below(12);
        let settled: Vec<bool> = (0..PARTS.len()).map(|part| !self.is_unsettled(part)).collect();
        let Some(member) = self.members.get_mut(&id) else { return };
        let (mut batch, mut offsets) = (Vec::new(), BTreeMap::new());
        for (part, position) in &mut member.positions {
            // The group's offsets are told only when no commit of them is on its way.
            if position.is_none() && settled[*part] {
                *position = Some(self.committed.get(part).copied().unwrap_or(0));
            }
            let Some(from) = *position else { continue };
            let events = &self.log[*part][from..(from + most).min(self.log[*part].len())];
            batch.extend(events.iter().map(|event| (PARTS[*part], event.clone())));
            if !events.is_empty() {
                offsets.insert(*part, from + events.len());
                *position = Some(from + events.len());
            }
        }
        if batch.is_empty() {
            return;
        }
        let effects = member.ingest.step(NOW, &batch).expect("assigned");
        self.open.push(Open { member: id, generation: member.generation, stage: Stage::Written, effects, offsets });
    }

    /// A commit comes one step further.
    fn settle(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let n = self.dice.below(self.open.len());
        let Open { member, generation, stage, .. } = self.open[n];
        let is_alive = self.members.contains_key(&member);
        if stage == Stage::Written {
            let is_current = generation == self.group.generation || self.flaw == Flaw::NoFencing;
            if is_alive && is_current {
                self.open[n].stage = Stage::Checked;
                return;
            }
            // Refused, or its member died before the offsets were sent: nothing of it is ever seen.
            let Open { effects, .. } = self.open.remove(n);
            self.refused(member, effects);
            return;
        }
        let Open { effects, offsets, .. } = self.open.remove(n);
        // The coordinator may not have heard of the end of a commit whose member died.
        if is_alive || self.dice.one_in(2) {
            keep(&effects, &mut self.states, &mut self.counters);
            self.committed.extend(offsets);
        }
    }

    /// A member takes back what was refused and reads again; or it begins anew. One that hung is back.
    fn refused(&mut self, id: MemberId, effects: IngestEffects) {
        let begins_anew = self.dice.one_in(3);
        let Some(member) = self.members.get_mut(&id) else { return };
        if begins_anew {
            *member = Member::new();
        } else {
            member.ingest.take_back(effects);
            member.positions.values_mut().for_each(|position| *position = None);
            member.is_hung = false;
        }
        self.share();
    }

    fn round(&mut self) {
        match self.dice.below(24) {
            0..=5 => self.feed(),
            6..=13 => {
                if let Some(id) = self.pick() {
                    self.work(id);
                }
            }
            14..=19 => self.settle(),
            20 if self.members.len() < 4 => self.join(),
            21 => {
                if let Some(id) = self.pick() {
                    self.members.remove(&id);
                    self.share();
                }
            }
            22 => {
                if let Some(id) = self.pick()
                    && let Some(member) = self.members.get_mut(&id)
                {
                    member.is_hung = true;
                    self.share();
                }
            }
            _ => self.share(),
        }
    }

    /// From here on nothing goes wrong any more.
    fn end(&mut self) {
        while !self.coming.is_empty() {
            self.feed();
        }
        self.members.retain(|_, member| !member.is_hung);
        self.join();
        for _ in 0..3_000 {
            if let Some(id) = self.pick() {
                self.work(id);
            }
            self.settle();
        }
    }
}

fn world(seed: u64, flaw: Flaw) {
    let (mut world, expected) = World::new(seed, flaw);
    for _ in 0..ROUNDS {
        world.round();
    }
    world.end();
    let read: Vec<usize> = (0..PARTS.len()).map(|part| world.committed.get(&part).copied().unwrap_or(0)).collect();
    assert_eq!(read, world.log.iter().map(Vec::len).collect::<Vec<_>>(), "everything was read");
    let (found, expected) = (cells(&world.counters), cells(&expected));
    assert!(found == expected, "the counters differ: {found:?} instead of {expected:?}");
}

#[test]
fn counters_are_those_of_one_calm_machine() {
    play("counters_are_those_of_one_calm_machine", |seed| world(seed, Flaw::None));
}

#[test]
fn flaws_of_counting_are_found_and_play_again() {
    finds(|seed| world(seed, Flaw::NoFencing));
    finds(|seed| world(seed, Flaw::NoSettling));
    assert_eq!(failures(|seed| world(seed, Flaw::None)), []);
}
