//! Random interleavings of requests, forecasts, solvers, and desks that are thrown away and rebuilt from the bus.

use proptest::prelude::*;

use super::*;

const QUEUES: [&str; 2] = ["a", "b"];

/// What chance decides next.
#[derive(Debug, Clone)]
enum Turn {
    /// Request `n` is put on the bus, whole or once more; `twisted` changes its content but not its id.
    Ask { n: usize, twisted: bool },
    /// The forecasters make what the desk was seen to need.
    Forecast,
    /// The solver of one running solve says something: 0 proved, 1 died, 2 unproved, 3 infeasible, 4 progress.
    Solver { which: usize, word: u8 },
    /// Request `n` is cancelled, or its search is to end.
    Command { n: usize, cancel: bool },
    /// The process is killed; a new desk reads the bus.
    Restart,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        4 => (0..6_usize, proptest::bool::weighted(0.2)).prop_map(|(n, twisted)| Turn::Ask { n, twisted }),
        3 => Just(Turn::Forecast),
        5 => (0..4_usize, 0..5_u8).prop_map(|(which, word)| Turn::Solver { which, word }),
        1 => (0..6_usize, any::<bool>()).prop_map(|(n, cancel)| Turn::Command { n, cancel }),
        1 => Just(Turn::Restart),
    ];
    proptest::collection::vec(turn, 0..80)
}

/// The bus and the world around the desk.
struct World {
    desk: Desk,
    solves: usize,
    /// Names and digests, in the order of the topic.
    requests: Vec<(String, String)>,
    statuses: BTreeMap<RequestId, State>,
    finals: BTreeMap<RequestId, u32>,
    publications: Vec<Publication>,
    forecasts: Vec<(String, &'static str)>,
    needed: Vec<(RequestId, Vec<QueueId>)>,
    running: Vec<(RequestId, u32)>,
    rejected: Vec<Option<RequestId>>,
    commands: Vec<(usize, bool)>,
}

impl World {
    fn new(solves: usize) -> Self {
        Self {
            desk: Desk::new(DeskSettings { most_solves: solves, ..DeskSettings::default() }),
            solves,
            requests: Vec::new(),
            statuses: BTreeMap::new(),
            finals: BTreeMap::new(),
            publications: Vec::new(),
            forecasts: Vec::new(),
            needed: Vec::new(),
            running: Vec::new(),
            rejected: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Even requests take their demand from history.
    fn ask(name: &str, content: &str) -> Input {
        let from_history: &[&str] = if name.ends_with(['0', '2', '4']) { &QUEUES } else { &[] };
        Input::Request { request: Box::new(request(name, from_history)), digest: digest(content) }
    }

    fn command(n: usize, cancel: bool) -> Input {
        let request = id(&format!("r{n}"));
        if cancel { Input::Cancel { request, reason: String::new() } } else { Input::Finish { request } }
    }

    fn step(&mut self, input: Input) {
        for effect in self.desk.step(input) {
            match effect {
                Effect::PublishStatus { request, state } => self.say(request, state),
                Effect::NeedForecast { request, queues } => self.needed.push((request, queues)),
                Effect::StartSolve(job) => {
                    let needs = matches!(job.request.demand, DemandSource::History { .. });
                    assert_eq!(job.forecasts.map(|forecasts| forecasts.len()), needs.then_some(2));
                    self.running.push((job.request.id.clone(), job.attempt));
                    assert!(self.running.len() <= self.solves);
                }
                Effect::StopSolve { request, attempt } => self.running.retain(|running| *running != (request.clone(), attempt)),
                Effect::Publish { roster, summary, state, .. } => {
                    assert_eq!(summary.certificate.verdict(), fika_model::Verdict::Proved);
                    // Its clock is put back before each publication.
                    let (turn, at_ms) = (self.publications.len() as u64 + 1, -(self.publications.len() as i64));
                    let (request, generation) = (roster.request.clone(), roster.generation);
                    self.publications.push(Publication { roster: roster.id, request, generation, turn, at_ms, period: None });
                    self.say(roster.request, state);
                }
                Effect::Reject { request, .. } => self.rejected.push(request),
                Effect::FinishSolve { .. } => {}
                Effect::GiveUp { request, .. } => self.rejected.push(Some(request)),
            }
        }
    }

    fn say(&mut self, request: RequestId, state: State) {
        assert!(!self.statuses.get(&request).is_some_and(State::is_final), "{request} has its answer already");
        *self.finals.entry(request.clone()).or_default() += u32::from(state.is_final());
        self.statuses.insert(request, state);
    }

    fn turn(&mut self, turn: &Turn) {
        match turn {
            Turn::Ask { n, twisted } => {
                let (name, content) = (format!("r{n}"), if *twisted { format!("x{n}") } else { format!("r{n}") });
                self.requests.push((name.clone(), content.clone()));
                self.step(Self::ask(&name, &content));
            }
            Turn::Forecast => {
                for (request, queues) in std::mem::take(&mut self.needed) {
                    for queue in QUEUES.iter().filter(|queue| queues.iter().any(|needed| needed.as_str() == **queue)) {
                        self.forecasts.push((request.to_string(), queue));
                        self.step(forecast(request.as_str(), queue));
                    }
                }
            }
            Turn::Solver { which, word } if !self.running.is_empty() => {
                let (request, attempt) = self.running[which % self.running.len()].clone();
                self.word(&request, attempt, *word);
            }
            Turn::Solver { .. } => {}
            Turn::Command { n, cancel } => {
                self.commands.push((*n, *cancel));
                self.step(Self::command(*n, *cancel));
            }
            Turn::Restart => self.restart(),
        }
    }

    fn word(&mut self, request: &RequestId, attempt: u32, word: u8) {
        if word != 4 {
            self.running.retain(|running| *running != (request.clone(), attempt));
        }
        let known = self.requests.iter().find(|(name, _)| name == request.as_str()).map(|(_, content)| content.clone());
        let mut answer = solved(request.as_str(), attempt);
        if let Input::Solved { digests, summary, .. } = &mut answer {
            digests.request = digest(&known.unwrap_or_default());
            summary.certificate.request = digests.request;
        }
        let input = match word {
            0 => answer,
            1 => Input::Died { request: request.clone(), attempt, cause: "gone".into() },
            2 => {
                if let Input::Solved { roster, .. } = &mut answer {
                    roster.agents.clear();
                }
                answer
            }
            3 => Input::Infeasible { request: request.clone(), attempt, faults: Faults::default(), rest: None },
            _ => {
                let progress = Progress { phase: Phase::Solve, done: 0.1, steps: 1, score: None, shortfall_minutes: None };
                Input::Progress { request: request.clone(), attempt, progress }
            }
        };
        self.step(input);
    }

    /// The solvers die with the process. What is on the bus is fed again, and then what the desk needs of it.
    fn restart(&mut self) {
        self.running.clear();
        self.needed.clear();
        self.desk = Desk::new(DeskSettings { most_solves: self.solves, ..DeskSettings::default() });
        for (request, state) in self.statuses.clone() {
            self.step(Input::Status { request, state });
        }
        for publication in self.publications.clone() {
            self.step(Input::Published(publication));
        }
        for (n, cancel) in self.commands.clone() {
            self.step(Self::command(n, cancel));
        }
        for (name, content) in self.requests.clone() {
            self.step(Self::ask(&name, &content));
        }
        for (request, queue) in self.forecasts.clone() {
            self.step(forecast(&request, queue));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_request_is_unanswered_or_answered_twice(turns in turns(), solves in 1..3_usize) {
        let mut world = World::new(solves);
        for turn in &turns {
            world.turn(turn);
        }
        // From here on nothing goes wrong any more.
        for _ in 0..40 {
            world.turn(&Turn::Forecast);
            world.turn(&Turn::Solver { which: 0, word: 0 });
        }
        for (name, _) in &world.requests {
            prop_assert_eq!(world.finals.get(&id(name)), Some(&1), "{} of {:?}", name, world.statuses);
        }
        let answered: std::collections::BTreeSet<&RequestId> = world.publications.iter().map(|publication| &publication.request).collect();
        prop_assert_eq!(answered.len(), world.publications.len());
        prop_assert_eq!(world.desk.load(), Load::default());
    }
}
