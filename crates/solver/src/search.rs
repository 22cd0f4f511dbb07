//! Construction by best answers, then ruin and recreate: a few agents give up a few days and answer again, one after the other.
//!
//! Invariant: every agent's days are legal after each step; what may lack meanwhile is company. A change is kept when the
//! roster is worth no less, or little less (a threshold that falls and rises in waves). The best roster met is what stays.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::bound::{Bound, Likely, Rounding};
use crate::company::Placed;
use crate::problem::Problem;
use crate::random::Stream;
use crate::respond::{Freedom, Responder};
use crate::state::State;
use crate::weights::{BROKEN_MINUTE, SHORT_MINUTE};

mod crew;
mod mend;
mod ruin;
mod standing;

/// Steps of one wave of the threshold, per agent, where the budget does not tell how much of it is used up.
const WAVE_PER_AGENT: u64 = 300;
/// How the search settles.
#[derive(Debug, Clone, Copy)]
struct Cooling {
    /// What a step may lose at first, in short cells.
    heat: f64,
    /// With which power of the budget that is left it falls.
    fall: i32,
    /// A minute of lacking company at first and just before it is hard, in short minutes.
    soft: (f64, f64),
    /// The share of the budget at which it is hard.
    until: f64,
    /// The share of steps that offer only what the bound's prices speak for.
    narrow: f64,
    /// How many team-mates may move their breaks in one step.
    movers: usize,
}

const COOLING: Cooling = Cooling { heat: 5.0, fall: 3, soft: (0.5, 60.0), until: 0.8, narrow: 0.0, movers: 8 };
/// A day or two of so few people have many steps for each shift, and no week to keep: the search begins colder, and company may fall apart
/// for longer; smaller groups of breaks make more steps of a second. In one team alone nobody could find others.
const FEW_DAYS: usize = 2;
const FEW_PEOPLE: RangeInclusive<usize> = 20..=150;
const COOLING_OF_FEW: Cooling = Cooling { heat: 2.0, fall: 2, soft: (0.2, 20.0), until: 0.9, narrow: 0.9, movers: 5 };

/// The search with its present and its best roster.
pub(crate) struct Search<'p> {
    pub(crate) state: State<'p>,
    responder: Responder,
    free: Vec<Freedom>,
    random: Stream,
    /// Who may be asked to answer, in order.
    people: Vec<u32>,
    pub(crate) steps: u64,
    worth: i64,
    pub(crate) best: i64,
    /// Minutes of company that the best roster lacks; less is better before all worth.
    best_lack: i64,
    best_step: u64,
    /// What the steps have gained, each at the price of lacking company of its time.
    gained: i64,
    /// Options to which most steps keep; empty where no bound tells them.
    likely: Arc<Likely>,
    /// What the best roster has where the present one differs.
    since_best: BTreeMap<(usize, usize), Option<Placed>>,
}

/// What a step frees of one person.
#[derive(Debug, Clone)]
pub(crate) struct Freed {
    pub(crate) person: usize,
    pub(crate) days: Vec<usize>,
    /// Whether the shifts stay and only their breaks are free.
    pub(crate) keep_shifts: bool,
}

/// What a step frees, in the order of the answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ruin {
    pub(crate) freed: Vec<Freed>,
    /// Where those who answer first may expect the others of a team on break.
    pub(crate) meet: Vec<(u32, std::ops::Range<usize>)>,
}

impl<'p> Search<'p> {
    /// A first roster: everybody answers once to what is left short of the relaxation's mix, team by team, each expecting the later ones of
    /// the team to come to a few breaks.
    pub(crate) fn construct(problem: &'p Problem, seed: u64, bound: &mut Bound<'_>) -> Self {
        let mut rounding = bound.rounding();
        let state = State::new(problem);
        let mut search = Self {
            state,
            responder: Responder::default(),
            free: vec![Freedom::Free; problem.day_count()],
            random: Stream::new(seed, "search"),
            people: (0..problem.people.len() as u32).collect(),
            steps: 0,
            worth: 0,
            best: 0,
            best_lack: i64::MAX / 4,
            best_step: 0,
            gained: 0,
            likely: Arc::default(),
            since_best: BTreeMap::new(),
        };
        if search.cooling().narrow > 0.0 {
            search.likely = Arc::new(bound.likely(problem));
        }
        search.worth = search.state.worth();
        let mut teams: Vec<usize> = (0..problem.teams.len()).collect();
        search.random.shuffle(&mut teams);
        search.state.lack_price = (SHORT_MINUTE as f64 * search.cooling().soft.0) as i64;
        for team in teams {
            search.seat(team, &mut rounding);
        }
        search.state.settle();
        search.worth = search.state.worth_at(search.state.lack_price);
        search.since_best.clear();
        search.best = search.worth;
        search.best_lack = search.state.lack_minutes();
        search.best_step = search.steps;
        search
    }

    /// Gives everybody of a team the first shifts.
    fn seat(&mut self, team: usize, rounding: &mut Rounding) {
        let problem = self.state.problem;
        let ruin = ruin::whole_team(&self.state, &mut self.random, team);
        self.free.fill(Freedom::Free);
        for (n, Freed { person, .. }) in ruin.freed.iter().enumerate() {
            self.steps += 1;
            let to_come = (ruin.freed.len() - n - 1) as i32;
            let prices = rounding.leave(problem, *person);
            ruin.meet.iter().for_each(|(team, cells)| self.state.company.expect(*team, cells.clone(), to_come));
            let mut answer = self.responder.sketch(&self.state, *person, &self.free, prices);
            if answer.is_none() {
                answer = self.responder.any(&self.state, *person, &self.free);
            }
            ruin.meet.iter().for_each(|(team, cells)| self.state.company.expect(*team, cells.clone(), -to_come));
            for (day, placed) in answer.into_iter().flatten() {
                rounding.enter(problem, *person, &placed);
                self.state.put(*person, day, placed);
            }
        }
    }

    /// One step: ruin, recreate, keep or take back. `used` is the share of the budget that is used up; without it the search runs in waves,
    /// each from the best roster met.
    pub(crate) fn step(&mut self, used: Option<f64>) {
        let wave = WAVE_PER_AGENT * self.state.problem.people.len().max(10) as u64;
        if used.is_none() && self.steps.is_multiple_of(wave) {
            self.back_to_best();
        }
        let used = used.unwrap_or((self.steps % wave) as f64 / wave as f64).clamp(0.0, 1.0);
        self.steps += 1;
        let movers = self.cooling().movers;
        let ruin = ruin::choose(&self.state, &mut self.random, &self.people, movers);
        self.harden(used);
        let threshold = self.threshold(used);
        let share = self.cooling().narrow;
        let narrow = share > 0.0 && self.random.unit() < share;
        self.responder.narrow(narrow.then(|| self.likely.clone()));
        self.attempt(&ruin, threshold);
        self.responder.narrow(None);
    }

    /// Frees these days, lets their people answer in order, and keeps the outcome if it loses no more than `threshold`.
    pub(crate) fn attempt(&mut self, ruin: &Ruin, threshold: i64) -> bool {
        let thawed = self.state.problem.keep.as_ref().map(|keep| keep.thaw(self.state.problem, ruin));
        let ruin = thawed.as_ref().unwrap_or(ruin);
        let mut before: Vec<(usize, usize, Option<Placed>)> = Vec::new();
        for Freed { person, days, .. } in &ruin.freed {
            for day in days {
                before.push((*person, *day, self.state.lift(*person, *day)));
            }
        }
        let mut from = 0;
        for (n, freed) in ruin.freed.iter().enumerate() {
            let own = &before[from..from + freed.days.len()];
            from += freed.days.len();
            self.free.fill(Freedom::Fixed);
            for (_, day, placed) in own {
                self.free[*day] = match placed {
                    Some(placed) if freed.keep_shifts => Freedom::Breaks(placed.option),
                    None if freed.keep_shifts => Freedom::Fixed,
                    _ => Freedom::Free,
                };
            }
            let to_come = (ruin.freed.len() - n - 1) as i32;
            ruin.meet.iter().for_each(|(team, cells)| self.state.company.expect(*team, cells.clone(), to_come));
            let mut answer = self.responder.answer(&self.state, freed.person, &self.free);
            if answer.is_none() && own.iter().all(|(_, _, placed)| placed.is_none()) {
                answer = self.responder.any(&self.state, freed.person, &self.free);
            }
            ruin.meet.iter().for_each(|(team, cells)| self.state.company.expect(*team, cells.clone(), -to_come));
            match answer {
                Some(answer) => answer.into_iter().for_each(|(day, placed)| self.state.put(freed.person, day, placed)),
                None => {
                    for (person, day, placed) in own {
                        if let Some(placed) = placed.clone() {
                            self.state.put(*person, *day, placed);
                        }
                    }
                }
            }
        }
        self.state.settle();
        let worth = self.state.worth_at(self.state.lack_price);
        if worth >= self.worth - threshold {
            self.accept(before);
            return true;
        }
        self.take_back(before);
        false
    }

    /// Puts days back as they were.
    fn take_back(&mut self, before: Vec<(usize, usize, Option<Placed>)>) {
        for (person, day, _) in &before {
            self.state.lift(*person, *day);
        }
        for (person, day, placed) in before {
            if let Some(placed) = placed {
                self.state.put(person, day, placed);
            }
        }
        self.state.settle();
    }

    fn accept(&mut self, before: Vec<(usize, usize, Option<Placed>)>) {
        let worth = self.state.worth_at(self.state.lack_price);
        self.gained += worth - self.worth;
        self.worth = worth;
        let found = (-self.state.lack_minutes(), self.state.worth());
        if found > (-self.best_lack, self.best) {
            self.best_lack = -found.0;
            self.best = found.1;
            self.best_step = self.steps;
            self.since_best.clear();
            return;
        }
        for (person, day, placed) in before {
            self.since_best.entry((person, day)).or_insert(placed);
        }
    }

    /// Goes back to the best roster met.
    pub(crate) fn back_to_best(&mut self) {
        for ((person, day), placed) in std::mem::take(&mut self.since_best) {
            self.state.lift(person, day);
            if let Some(placed) = placed {
                self.state.put(person, day, placed);
            }
        }
        self.state.settle();
        self.worth = self.state.worth_at(self.state.lack_price);
    }

    /// Steps since the best roster was found.
    pub(crate) fn stagnant(&self) -> u64 {
        self.steps - self.best_step
    }

    fn cooling(&self) -> Cooling {
        let problem = self.state.problem;
        if problem.day_count() <= FEW_DAYS && FEW_PEOPLE.contains(&problem.people.len()) { COOLING_OF_FEW } else { COOLING }
    }

    /// Lacking company is cheap at first, so that a group may fall apart and find together elsewhere, grows dear, and is what it is in the
    /// end.
    fn harden(&mut self, used: f64) {
        let Cooling { soft: (from, to), until, .. } = self.cooling();
        let price = if used < until { (SHORT_MINUTE as f64 * from * (to / from).powf(used / until)) as i64 } else { BROKEN_MINUTE };
        self.state.lack_price = price.min(BROKEN_MINUTE);
        self.worth = self.state.worth_at(self.state.lack_price);
    }

    /// What a step may lose: exponential around a mean that falls to almost nothing as the budget is used up.
    fn threshold(&mut self, used: f64) -> i64 {
        let mean =
            (SHORT_MINUTE * i64::from(self.state.problem.step)) as f64 * self.cooling().heat * (1.0 - used).powi(self.cooling().fall);
        (-mean * (1.0 - self.random.unit()).ln()) as i64
    }
}
