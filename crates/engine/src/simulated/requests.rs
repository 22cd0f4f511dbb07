//! Members that see requests through: each has one answer, whatever happens to them, and nothing is said after it.

use std::collections::BTreeMap;

use fika_model::roster::Parent;
use fika_model::status::{Phase, Progress, State};
use fika_model::{Faults, Request, RequestId};

use super::{Dice, Flaw, Group, MemberId, Stage, failures, finds, play};
use crate::desk::tests::fixture::{answer, digest, forecast, id, request_of};
use crate::{Desk, DeskSettings, Effect, Input, Period, Publication, turn};

const PARTITIONS: usize = 2;
const REQUESTS: usize = 8;
const ROUNDS: usize = 500;
const QUEUE: &[&str] = &["a"];
const PARENT: usize = REQUESTS - 3;
/// One that may turn out to have no history.
const UNTOLD: usize = 3;

/// A word on the topics that every member hears.
#[derive(Debug, Clone)]
enum Word {
    Status(RequestId, State),
    Published(Publication),
    Forecast(usize),
    NoForecast(usize),
    Cancel(usize),
    Finish(usize),
}

/// A commit on its way.
struct Open {
    member: MemberId,
    generation: u64,
    stage: Stage,
    words: Vec<Word>,
    offsets: BTreeMap<usize, usize>,
    /// The rosters that it publishes.
    rosters: Vec<Claim>,
}

/// What a roster is of, and which one it takes the place of.
type Claim = (Period, Option<Parent>);

struct Member {
    desk: Desk,
    generation: u64,
    is_hung: bool,
    /// What it has heard of the words so far.
    heard: usize,
    positions: BTreeMap<usize, usize>,
    /// Since which generation it has each of them.
    since: BTreeMap<usize, u64>,
    solving: Vec<(RequestId, u32)>,
    words: Vec<Word>,
    rosters: Vec<Claim>,
    sought: bool,
}

struct World {
    dice: Dice,
    flaw: Flaw,
    asked: usize,
    /// Numbers of requests, by partition.
    log: Vec<Vec<usize>>,
    words: Vec<Word>,
    committed: BTreeMap<usize, usize>,
    open: Vec<Open>,
    group: Group,
    members: BTreeMap<MemberId, Member>,
    born: MemberId,
}

fn name(n: usize) -> String {
    format!("r{n}")
}

/// Some take their demand from history. The last two want to take the place of the same roster, that of the one before them.
fn request(n: usize) -> Request {
    let from_history = if n.is_multiple_of(3) && n < PARENT { QUEUE } else { &[] };
    let (site, parent) = (if n < PARENT { "site" } else { "lane" }, name(PARENT));
    request_of(&name(n), from_history, site, (n > PARENT).then_some((parent.as_str(), 1)))
}

fn asked(n: usize) -> Input {
    Input::Request { request: Box::new(request(n)), digest: digest(&name(n)) }
}

fn input(word: &Word) -> Input {
    match word {
        Word::Status(request, state) => Input::Status { request: request.clone(), state: state.clone() },
        Word::Published(publication) => Input::Published(publication.clone()),
        Word::Forecast(n) => forecast(&name(*n), "a"),
        Word::NoForecast(n) => Input::NoForecast { request: id(&name(*n)), faults: Faults::default() },
        Word::Cancel(n) => Input::Cancel { request: id(&name(*n)), reason: String::new() },
        Word::Finish(n) => Input::Finish { request: id(&name(*n)) },
    }
}

impl Member {
    fn new(heard: usize) -> Self {
        let desk = Desk::new(DeskSettings::default());
        let (positions, since, solving) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let (words, rosters) = (Vec::new(), Vec::new());
        Self { desk, generation: 0, is_hung: false, heard, positions, since, solving, words, rosters, sought: false }
    }

    fn step(&mut self, input: Input) {
        for effect in self.desk.step(input) {
            match effect {
                Effect::PublishStatus { request, state } => self.words.push(Word::Status(request, state)),
                Effect::StartSolve(job) => self.solving.push((job.request.id.clone(), job.attempt)),
                Effect::StopSolve { request, attempt } => self.solving.retain(|solving| *solving != (request.clone(), attempt)),
                Effect::Publish { period, roster, state, .. } => {
                    let (request, generation, told) = (roster.request.clone(), roster.generation, Some(period.clone()));
                    let publication =
                        Publication { roster: roster.id, request: request.clone(), generation, turn: 0, at_ms: 0, period: told };
                    self.words.push(Word::Published(publication));
                    self.rosters.push((period, roster.parent));
                    self.words.push(Word::Status(request, state));
                }
                Effect::NeedForecast { .. } => self.sought = true,
                Effect::FinishSolve { .. } | Effect::Reject { .. } | Effect::GiveUp { .. } => {}
            }
        }
    }

    /// One of its solvers says something.
    fn solver(&mut self, dice: &mut Dice) {
        if self.solving.is_empty() {
            return;
        }
        let (request, attempt) = self.solving[dice.below(self.solving.len())].clone();
        let n = request.as_str()[1..].parse().expect("a number");
        let input = match dice.below(6) {
            0 => Input::Died { request: request.clone(), attempt, cause: "gone".into() },
            1 => {
                let progress = Progress { phase: Phase::Solve, done: 0.1, steps: 1, score: None, shortfall_minutes: None };
                return self.step(Input::Progress { request, attempt, progress });
            }
            _ => answer(&self::request(n), attempt),
        };
        self.solving.retain(|solving| *solving != (request.clone(), attempt));
        self.step(input);
    }
}

impl World {
    fn new(seed: u64, flaw: Flaw) -> Self {
        Self {
            dice: Dice::new(seed),
            flaw,
            asked: 0,
            log: vec![Vec::new(); PARTITIONS],
            words: Vec::new(),
            committed: BTreeMap::new(),
            open: Vec::new(),
            group: Group::default(),
            members: BTreeMap::new(),
            born: 0,
        }
    }

    /// Whether it was published.
    fn is_there(&self, n: usize) -> bool {
        let request = id(&name(n));
        self.words.iter().any(|word| matches!(word, Word::Published(publication) if publication.request == request))
    }

    fn ask(&mut self) {
        // Now and then a request comes twice.
        let n = if self.asked > 0 && self.dice.one_in(4) { self.dice.below(self.asked) } else { self.asked };
        if n < REQUESTS {
            self.log[n % PARTITIONS].push(n);
            self.asked = self.asked.max(n + 1);
        }
    }

    fn join(&mut self) {
        self.born += 1;
        self.members.insert(self.born, Member::new(self.words.len()));
        self.share();
    }

    fn share(&mut self) {
        let alive: Vec<MemberId> = self.members.iter().filter(|(_, member)| !member.is_hung).map(|(id, _)| *id).collect();
        self.group.share(PARTITIONS, &alive, &mut self.dice);
    }

    fn pick(&mut self) -> Option<MemberId> {
        let all: Vec<MemberId> = self.members.keys().copied().collect();
        (!all.is_empty()).then(|| all[self.dice.below(all.len())])
    }

    /// A member hears of the group; before it takes requests up it reads what was said, once all of it can be seen.
    fn hear(&mut self, id: MemberId) {
        let is_settled = self.open.is_empty() || self.flaw == Flaw::NoSettling;
        let owned = self.group.of(id);
        let Some(member) = self.members.get_mut(&id) else { return };
        let gone: Vec<usize> =
            member.positions.keys().copied().filter(|partition| owned.get(partition) != member.since.get(partition)).collect();
        for partition in gone {
            member.positions.remove(&partition);
            for n in self.log[partition].clone() {
                let request = self::id(&name(n));
                if member.desk.is_open(&request) {
                    member.step(Input::Released { request });
                }
            }
        }
        for (partition, since) in owned {
            if !member.positions.contains_key(&partition) && is_settled {
                for word in &self.words {
                    member.step(input(word));
                }
                for n in self.log[partition].clone() {
                    member.step(asked(n));
                }
                member.positions.insert(partition, self.committed.get(&partition).copied().unwrap_or(0));
                member.since.insert(partition, since);
            }
        }
        member.generation = self.group.generation;
    }

    fn work(&mut self, id: MemberId) {
        if self.open.iter().any(|open| open.member == id) {
            return;
        }
        if self.members.get(&id).is_some_and(|member| !member.is_hung) {
            self.hear(id);
        }
        let Some(member) = self.members.get_mut(&id) else { return };
        let mut offsets = BTreeMap::new();
        for (partition, position) in &mut member.positions {
            if *position < self.log[*partition].len() {
                offsets.insert(*partition, self.log[*partition].len());
            }
        }
        for (partition, end) in &offsets {
            let from = member.positions.insert(*partition, *end).unwrap_or(0);
            for n in self.log[*partition][from..*end].iter().copied() {
                if n > PARENT {
                    self.words.iter().filter(|word| matches!(word, Word::Published(_))).for_each(|word| member.step(input(word)));
                }
                member.step(asked(n));
            }
        }
        // It hears the others with a delay.
        let until = member.heard + self.dice.below(4).min(self.words.len() - member.heard);
        for word in &self.words[member.heard..until] {
            member.step(input(word));
        }
        member.heard = until;
        member.solver(&mut self.dice);
        if std::mem::take(&mut member.sought) {
            let is_sought = |word: &&Word| matches!(word, Word::Forecast(_) | Word::NoForecast(_));
            let found: Vec<Word> = self.words.iter().filter(is_sought).cloned().collect();
            for word in &found {
                member.step(input(word));
            }
        }
        if !member.words.is_empty() || !offsets.is_empty() {
            let (mut words, rosters) = (std::mem::take(&mut member.words), std::mem::take(&mut member.rosters));
            let generation = member.generation;
            if self.flaw != Flaw::NoGuard {
                self.guard(&rosters);
            }
            if self.number(&mut words, &rosters) || self.flaw == Flaw::NoGuard {
                self.open.push(Open { member: id, generation, stage: Stage::Written, words, offsets, rosters });
            } else {
                self.begin_anew(id);
            }
        }
    }

    /// Takes the guards of these rosters: whoever has begun to publish one of the same period is ended, unless its commit is decided
    /// already.
    fn guard(&mut self, rosters: &[Claim]) {
        while let Some(n) = self.open.iter().position(|open| open.rosters.iter().any(|(of, _)| rosters.iter().any(|(own, _)| own == of))) {
            let Open { member, stage, words, offsets, .. } = self.open.remove(n);
            if stage == Stage::Checked && self.dice.one_in(2) {
                self.reveal(words, offsets);
            } else if self.members.contains_key(&member) {
                self.begin_anew(member);
            }
        }
    }

    /// Gives these rosters their turns, one after the other. Answers whether all of them have one.
    fn number(&self, words: &mut [Word], rosters: &[Claim]) -> bool {
        let publication = |word: &Word| if let Word::Published(publication) = word { Some(publication.clone()) } else { None };
        let mut before: Vec<Publication> = self.words.iter().filter_map(publication).collect();
        let mut all = true;
        let own = words.iter_mut().filter_map(|word| if let Word::Published(publication) = word { Some(publication) } else { None });
        for (publication, (period, parent)) in own.zip(rosters) {
            let turn = turn(parent.as_ref(), period, before.clone());
            all &= turn.is_some();
            publication.turn = turn.unwrap_or(0);
            before.push(publication.clone());
        }
        all
    }

    /// What was refused to it makes a member begin from what can be seen.
    fn begin_anew(&mut self, id: MemberId) {
        self.members.insert(id, Member::new(self.words.len()));
        self.share();
    }

    fn reveal(&mut self, words: Vec<Word>, offsets: BTreeMap<usize, usize>) {
        for mut word in words {
            if let Word::Published(publication) = &mut word {
                // Clocks of members differ: each is behind that of who published before.
                publication.at_ms = -(self.words.len() as i64);
            }
            self.words.push(word);
        }
        self.committed.extend(offsets);
    }

    fn settle(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let n = self.dice.below(self.open.len());
        let Open { member, generation, stage, .. } = self.open[n];
        let is_alive = self.members.contains_key(&member);
        if stage == Stage::Written {
            if is_alive && (generation == self.group.generation || self.flaw == Flaw::NoFencing) {
                self.open[n].stage = Stage::Checked;
                return;
            }
            self.open.remove(n);
            if is_alive {
                self.begin_anew(member);
            }
            return;
        }
        let Open { words, offsets, .. } = self.open.remove(n);
        if is_alive || self.dice.one_in(2) {
            self.reveal(words, offsets);
        }
    }

    fn round(&mut self) {
        match self.dice.below(26) {
            0..=2 if self.asked <= PARENT || self.is_there(PARENT) => self.ask(),
            3 if self.asked > 0 => {
                let n = self.dice.below(self.asked);
                let has_answer = |word: &Word| matches!(word, Word::Status(request, state) if *request == id(&name(n)) && state.is_final());
                if n != UNTOLD || self.dice.one_in(2) {
                    self.words.push(Word::Forecast(n));
                } else if self.flaw != Flaw::TwoVoices {
                    self.words.push(Word::NoForecast(n));
                } else if !self.words.iter().any(has_answer) {
                    self.words.push(Word::Status(id(&name(n)), State::Failed { faults: Faults::default() }));
                }
            }
            4 if self.asked > 0 && self.dice.one_in(4) => {
                let n = self.dice.below(self.asked);
                let word = if self.dice.one_in(2) { Word::Cancel(n) } else { Word::Finish(n) };
                self.words.push(word);
            }
            5..=13 => {
                if let Some(id) = self.pick() {
                    self.work(id);
                }
            }
            14..=20 => self.settle(),
            21 if self.members.len() < 4 => self.join(),
            22 => {
                if let Some(id) = self.pick() {
                    self.members.remove(&id);
                    self.share();
                }
            }
            23 => {
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

    fn end(&mut self) {
        while self.asked < REQUESTS {
            self.ask();
        }
        (0..REQUESTS).for_each(|n| self.words.push(Word::Forecast(n)));
        self.members.retain(|_, member| !member.is_hung);
        self.join();
        for _ in 0..4_000 {
            if let Some(id) = self.pick() {
                self.work(id);
            }
            self.settle();
        }
    }
}

fn world(seed: u64, flaw: Flaw) {
    let mut world = World::new(seed, flaw);
    for _ in 0..ROUNDS {
        world.round();
    }
    world.end();
    let mut answers: BTreeMap<&RequestId, &State> = BTreeMap::new();
    let mut published: Vec<&RequestId> = Vec::new();
    let mut current = None;
    for word in &world.words {
        match word {
            Word::Status(request, state) => {
                assert!(!answers.contains_key(request), "{request}: {state:?} after {:?}", answers.get(request));
                if state.is_final() {
                    answers.insert(request, state);
                }
            }
            Word::Published(publication) => {
                published.push(&publication.request);
                let n = publication.request.as_str()[1..].parse::<usize>().expect("a number");
                if n >= PARENT {
                    assert_eq!(
                        request(n).parent.as_ref().map(|parent| &parent.roster),
                        current.as_ref(),
                        "the roster it takes the place of is current"
                    );
                    current = Some(publication.roster.clone());
                }
            }
            Word::Forecast(_) | Word::NoForecast(_) | Word::Cancel(_) | Word::Finish(_) => {}
        }
    }
    assert_eq!(answers.len(), REQUESTS, "{:?}", answers.keys());
    let done: Vec<&RequestId> =
        answers.iter().filter(|(_, state)| matches!(state, State::Done { .. })).map(|(request, _)| *request).collect();
    published.sort_unstable();
    assert_eq!(published, done, "one roster for each that is done");
}

#[test]
fn every_request_has_one_answer() {
    play("every_request_has_one_answer", |seed| world(seed, Flaw::None));
}

#[test]
fn flaws_of_the_desk_are_found_and_play_again() {
    finds(|seed| world(seed, Flaw::NoFencing));
    finds(|seed| world(seed, Flaw::NoSettling));
    finds(|seed| world(seed, Flaw::NoGuard));
    finds(|seed| world(seed, Flaw::TwoVoices));
    assert_eq!(failures(|seed| world(seed, Flaw::None)), []);
}
