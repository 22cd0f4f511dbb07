//! A request as small as one can be, and a roster that keeps all its rules: one agent who does not work.

use fika_model::calendar::Date;
use fika_model::demand::StaffingPolicy;
use fika_model::people::{Agent, AgentSkill, Contract, LoadLimits, MinutesRange, Team, Weekdays};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{AgentRoster, DayMap, IntervalLength, Minutes, SkillId, TeamId};

use super::*;

macro_rules! named {
    ($kind:ty, $text:expr) => {
        <$kind>::new($text).expect("an id")
    };
}

pub(crate) fn id(name: &str) -> RequestId {
    named!(RequestId, name)
}

pub(crate) fn digest(text: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(text.bytes()).for_each(|(byte, letter)| *byte = letter);
    Digest(bytes)
}

/// A request with demand from the history of these queues, or with its demand given where there are none.
pub(crate) fn request(name: &str, from_history: &[&str]) -> Request {
    request_of(name, from_history, "site", None)
}

/// The same for a site, as one that may take the place of a roster: the request it answers, and its generation.
pub(crate) fn request_of(name: &str, from_history: &[&str], site: &str, parent: Option<(&str, u64)>) -> Request {
    let parent = parent.map(|(parent, generation)| fika_model::roster::Parent { roster: lineage::roster_id(&id(parent)), generation });
    let days = DayMap::new("Europe/Berlin", Date::constant(2026, 3, 2), 1).expect("a day");
    let grid = fika_model::Grid::new(days.start(), IntervalLength::QUARTER_HOUR, 96);
    let given = DemandSource::Required(vec![(named!(QueueId, "calls"), Curve::from_fn(grid, |_| 0.0))]);
    let queues = if from_history.is_empty() { vec!["calls"] } else { from_history.to_vec() };
    let queue = |queue: &&str| Queue {
        id: named!(QueueId, *queue),
        name: String::new(),
        skill: named!(SkillId, "calls"),
        hours: Vec::new(),
        hard_minutes_per_day: None,
    };
    let most = |minutes: u16| MinutesRange { least: Minutes::ZERO, most: Minutes::of(minutes) };
    let agent = Agent {
        skills: vec![AgentSkill { skill: named!(SkillId, "calls"), proficiency: 1.0, priority: 1 }],
        ..Agent::new(named!(fika_model::AgentId, "a1"), named!(TeamId, "red"), named!(fika_model::ContractId, "flexible"))
    };
    let contract = Contract {
        id: named!(fika_model::ContractId, "flexible"),
        week_paid: most(2400),
        shift_length: MinutesRange { least: Minutes::of(240), most: Minutes::of(480) },
        most_days_per_week: 5,
        most_consecutive_days: 5,
        templates: Vec::new(),
        limits: LoadLimits::default(),
    };
    let parts = RequestParts {
        id: id(name),
        site: named!(fika_model::SiteId, site),
        days,
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: queues.iter().map(queue).collect(),
        skills: vec![named!(SkillId, "calls")],
        teams: vec![Team { id: named!(TeamId, "red"), name: String::new() }],
        contracts: vec![contract],
        agents: vec![agent],
        templates: vec![template()],
        breaks: Vec::new(),
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy::default(),
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules::default(),
        demand: if from_history.is_empty() { given } else { DemandSource::History { until: None } },
        staffing: StaffingPolicy::default(),
        budget: Budget::default(),
        seed: 1,
        parent,
        activities: Vec::new(),
        back_office: Vec::new(),
    };
    Request::check(parts).expect("a sound request")
}

fn template() -> ShiftTemplate {
    ShiftTemplate {
        id: named!(fika_model::TemplateId, "day"),
        weekdays: Weekdays::ALL,
        start_from: 480,
        start_to: 720,
        start_step: Minutes::of(30),
        length_from: Minutes::of(240),
        length_to: Minutes::of(480),
        length_step: Minutes::of(30),
    }
}

pub(crate) fn forecast(request_id: &str, queue: &str) -> Input {
    let grid = request("any", &[]).grid();
    let intervals = Curve::from_fn(grid, |_| IntervalForecast::default());
    let queue = named!(QueueId, queue);
    let forecast = QueueForecast { queue, intervals, patience_s: None, day_factor_cv: 0.1, aht_cv: 1.0, history_days: 1 };
    Input::Forecast { request: id(request_id), forecast: Box::new(forecast) }
}

/// A request that names the roster of another as its parent.
fn child_request(name: &str, parent: &str, generation: u64) -> Request {
    request_of(name, &[], "site", Some((parent, generation)))
}

pub(crate) fn child_of(name: &str, parent: &str, generation: u64) -> Input {
    Input::Request { request: Box::new(child_request(name, parent, generation)), digest: digest(name) }
}

/// A solver's answer that can be proved.
pub(crate) fn solved(name: &str, attempt: u32) -> Input {
    answer(&request(name, &[]), attempt)
}

pub(crate) fn solved_child(name: &str, parent: &str, generation: u64) -> Input {
    answer(&child_request(name, parent, generation), 1)
}

/// A solver's answer to a request that can be proved.
pub(crate) fn answer(asked: &Request, attempt: u32) -> Input {
    let agents = vec![AgentRoster { agent: asked.agents[0].id.clone(), team: asked.agents[0].team.clone(), shifts: Vec::new() }];
    let (roster_id, days, parent) = (lineage::roster_id(&asked.id), asked.days.clone(), asked.parent.clone());
    let generation = lineage::generation(asked);
    let roster = Roster { id: roster_id, request: asked.id.clone(), generation, parent, days, agents };
    let digests = Digests { request: digest(asked.id.as_str()), roster: digest("roster") };
    let (id, certificate) = (roster.id.clone(), fika_verify::verify(asked, &roster, digests));
    let summary = RosterSummary::bare(id, asked.id.clone(), generation, asked.staffing.target, certificate);
    Input::Solved { request: asked.id.clone(), attempt, roster: Box::new(roster), summary: Box::new(summary), digests }
}

pub(crate) fn publication(request_id: &str, generation: u64, at_ms: i64) -> Input {
    let roster = lineage::roster_id(&id(request_id));
    Input::Published(Publication { roster, request: id(request_id), generation, turn: 0, at_ms, period: None })
}

/// A request of two agents, and the solver's word that it has a roster for the first alone, whose summary leaves `left_out` out.
pub(crate) fn contradicted(name: &str, left_out: &str) -> (Input, Input) {
    let mut parts = (*request(name, &[])).clone();
    let second = Agent { id: named!(fika_model::AgentId, "a2"), ..parts.agents[0].clone() };
    parts.agents.push(second);
    let asked = Request::check(parts).expect("a sound request");
    let Input::Solved { roster, mut summary, digests, .. } = answer(&request(name, &[]), 1) else { unreachable!("a solver's answer") };
    summary.left_out = vec![named!(fika_model::AgentId, left_out)];
    let faults = Faults::one(FaultCode::Contradiction, "agents[1]", "too few hours");
    let infeasible = Input::Infeasible { request: asked.id.clone(), attempt: 1, faults, rest: Some((roster, summary, digests)) };
    (Input::Request { request: Box::new(asked), digest: digest("whole") }, infeasible)
}
