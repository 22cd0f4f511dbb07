//! Requests that look like a real centre's: mixed contracts and availability, teams of 8 to 15, overlapping skills, absences, wishes.
//!
//! The demand is scaled to the staff: the hours required are a given share of the hours that the contracts hold on the phones, so the
//! problem is neither starved nor plentiful. The same settings and seed give the same request.

use fika_model::calendar::{Date, DayMap, Weekday};
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::grid::{Curve, Grid};
use fika_model::people::{Absence, Agent, AgentSkill, Contract, LoadHistory, LoadLimits, MinutesRange, Team, WallWindow, Weekdays, Wish};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakWindow, RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{
    AgentId, ContractId, DayIndex, Faults, IntervalLength, Minutes, QueueId, Request, RequestId, RuleId, SiteId, SkillId, Span, TeamId,
    TemplateId,
};

use crate::problem::Pool;
use crate::random::Stream;

mod beside;
mod colleagues;

pub use beside::with_activities;
pub use colleagues::with_colleagues;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Agents, at least 1.
    pub agents: usize,
    /// Queues, at least 1.
    pub queues: usize,
    /// Days, from a Monday on.
    pub days: u32,
    /// Hours required over hours that the contracts hold on the phones.
    pub load: f64,
    /// The seed of all choices.
    pub seed: u64,
}

const OPENS: u32 = 7 * 60;
const CLOSES: u32 = 21 * 60;

/// Makes a request whose demand is given as people required.
///
/// # Errors
/// The faults of settings that make no request, such as a horizon without days.
pub fn request(settings: &Settings) -> Result<Request, Faults> {
    let mut random = Stream::new(settings.seed, "generate");
    let first = Date::new(2026, 3, 2).unwrap_or_default();
    let days = DayMap::new("Europe/Stockholm", first, settings.days)
        .map_err(|error| Faults::one(fika_model::fault::FaultCode::BadHorizon, "horizon", error))?;
    let contracts = contracts();
    let agents = agents(settings, &contracts, &days, &mut random);
    let skills: Vec<SkillId> = (0..settings.queues).filter_map(|n| SkillId::new(format!("skill-{n:02}")).ok()).collect();
    let queues: Vec<Queue> = skills.iter().enumerate().filter_map(|(n, skill)| queue(n, skill.clone())).collect();
    let grid = Grid::new(days.start(), IntervalLength::QUARTER_HOUR, days.span().length().get() / 15);
    let demand = demand(settings, &agents, &contracts, &queues, &days, grid);
    let teams: std::collections::BTreeSet<TeamId> = agents.iter().map(|agent| agent.team.clone()).collect();
    Request::check(RequestParts {
        id: RequestId::new(format!("generated-{}-{}-{}-{}", settings.agents, settings.queues, settings.days, settings.seed))
            .map_err(|error| Faults::one(fika_model::fault::FaultCode::BadId, "id", error))?,
        site: SiteId::new("generated").map_err(|error| Faults::one(fika_model::fault::FaultCode::BadId, "site", error))?,
        days,
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues,
        skills,
        teams: teams.into_iter().map(|id| Team { id, name: String::new() }).collect(),
        contracts,
        agents,
        templates: templates(),
        breaks: breaks(),
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy::default(),
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules { days_off_per_week: 2, ..RestRules::default() },
        demand: DemandSource::Required(demand),
        staffing: StaffingPolicy::default(),
        budget: Budget::default(),
        seed: settings.seed,
        parent: None,
        activities: Vec::new(),
        back_office: Vec::new(),
    })
}

/// The pools of a request whose demand is given as people required: queues that exactly the same agents serve, and work in the back
/// office.
pub fn pools(request: &Request) -> Vec<Pool> {
    let DemandSource::Required(demand) = &request.demand else { return Vec::new() };
    let mut pools: Vec<Pool> = Vec::new();
    for queue in &request.queues {
        let agents = request.agents_of(queue);
        let Some((_, curve)) = demand.iter().find(|(id, _)| id == &queue.id) else { continue };
        let required = Curve::from_fn(curve.grid(), |at| curve.at(at).map_or(0, |people| people.ceil() as u32));
        match pools.iter_mut().find(|pool| pool.agents == agents && !queue.is_hard()) {
            Some(pool) => {
                pool.queues.push(queue.id.clone());
                pool.required = pool.required.zip_with(&required, |a, b| a + b).unwrap_or_else(|_| pool.required.clone());
            }
            None => pools.push(Pool { queues: vec![queue.id.clone()], work: None, agents, required }),
        }
    }
    let skilled = |skill: &SkillId| {
        let has = |agent: &Agent| agent.skills.iter().any(|own| &own.skill == skill);
        request.agents.iter().enumerate().filter(|(_, agent)| has(agent)).map(|(n, _)| n).collect()
    };
    pools.extend(request.back_office.iter().map(|work| Pool {
        queues: Vec::new(),
        work: Some(work.id.clone()),
        agents: skilled(&work.skill),
        required: work.people(),
    }));
    pools
}

fn contracts() -> Vec<Contract> {
    let contract = |id: &str, week: (u16, u16), shift: (u16, u16), days: u32| {
        Some(Contract {
            id: ContractId::new(id).ok()?,
            week_paid: MinutesRange { least: Minutes::of(week.0), most: Minutes::of(week.1) },
            shift_length: MinutesRange { least: Minutes::of(shift.0), most: Minutes::of(shift.1) },
            most_days_per_week: days,
            most_consecutive_days: 5,
            templates: Vec::new(),
            limits: LoadLimits::default(),
        })
    };
    [
        contract("full", (2220, 2400), (420, 510), 5),
        contract("part-30", (1650, 1800), (300, 480), 5),
        contract("part-20", (1080, 1200), (240, 360), 5),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn templates() -> Vec<ShiftTemplate> {
    let template = ShiftTemplate {
        id: TemplateId::new("day").expect("a short id"),
        weekdays: Weekdays::ALL,
        start_from: OPENS,
        start_to: CLOSES - 240,
        start_step: Minutes::of(30),
        length_from: Minutes::of(240),
        length_to: Minutes::of(510),
        length_step: Minutes::of(30),
    };
    vec![template]
}

fn breaks() -> Vec<BreakRule> {
    let rule = |id: &str, kind, longer: u16, at_most: u16, count, length: u16, window| BreakRule {
        id: RuleId::new(id).expect("a short id"),
        kind,
        shift_longer_than: Minutes::of(longer),
        shift_at_most: Minutes::of(at_most),
        count,
        length: Minutes::of(length),
        paid: kind == BreakKind::Rest,
        window,
        terms: BreakTerms::default(),
    };
    let meal =
        BreakWindow { earliest_after_start: Some(Minutes::of(150)), latest_after_start: Some(Minutes::of(300)), ..BreakWindow::default() };
    vec![
        rule("rest-short", BreakKind::Rest, 0, 255, 1, 15, BreakWindow::default()),
        rule("rest", BreakKind::Rest, 255, 1440, 2, 15, BreakWindow::default()),
        rule("meal", BreakKind::Meal, 360, 1440, 1, 30, meal),
    ]
}

fn queue(n: usize, skill: SkillId) -> Option<Queue> {
    let hours = vec![WallWindow { weekdays: Weekdays::ALL, from_minute: OPENS, to_minute: CLOSES }];
    Some(Queue { id: QueueId::new(format!("queue-{n:02}")).ok()?, name: String::new(), skill, hours, hard_minutes_per_day: None })
}

fn agents(settings: &Settings, contracts: &[Contract], days: &DayMap, random: &mut Stream) -> Vec<Agent> {
    let mut team = 0;
    let mut places = 0;
    let mut agents = Vec::new();
    for n in 0..settings.agents {
        if places == 0 {
            team += 1;
            let left = settings.agents - n;
            places = if left < 16 { left } else { (8 + random.below(8)).min(left - 8) };
        }
        places -= 1;
        let contract = &contracts[[0, 0, 0, 1, 1, 2][random.below(6)].min(contracts.len() - 1)];
        let (Ok(id), Ok(team)) = (AgentId::new(format!("agent-{n:05}")), TeamId::new(format!("team-{team:03}"))) else { continue };
        agents.push(Agent {
            id,
            name: String::new(),
            team,
            contract: contract.id.clone(),
            skills: skills(settings.queues, random),
            availability: availability(contract, random),
            absences: absences(days, random),
            wishes: wishes(days, random),
            last_shift_end: None,
            days_worked_before: 0,
            history: LoadHistory::default(),
            waives: Vec::new(),
            fixed: Vec::new(),
        });
    }
    agents
}

fn skills(queues: usize, random: &mut Stream) -> Vec<AgentSkill> {
    let first = random.below(queues);
    let mut own = vec![first];
    for step in 1..queues.min(4) {
        if random.below(100) < 45 / step {
            own.push((first + step) % queues);
        }
    }
    let skill = |(n, queue): (usize, usize)| {
        Some(AgentSkill { skill: SkillId::new(format!("skill-{queue:02}")).ok()?, proficiency: 1.0, priority: n as u32 + 1 })
    };
    own.into_iter().enumerate().filter_map(skill).collect()
}

fn availability(contract: &Contract, random: &mut Stream) -> Vec<WallWindow> {
    let window = |weekdays: Weekdays, from_minute: u32, to_minute: u32| vec![WallWindow { weekdays, from_minute, to_minute }];
    let without = |day: Weekday| Weekdays::of(Weekdays::ALL.iter().filter(move |other| *other != day));
    let short = contract.shift_length.least.get() < 400;
    match random.below(10) {
        0 => window(Weekdays::ALL, OPENS, 17 * 60),
        1 => window(Weekdays::ALL, 10 * 60, CLOSES),
        2 => window(without(Weekday::Sunday), OPENS, CLOSES),
        3 if short => window(Weekdays::ALL, 8 * 60, 15 * 60),
        4 if short => window(Weekdays::ALL, 14 * 60, CLOSES),
        _ => Vec::new(),
    }
}

fn absences(days: &DayMap, random: &mut Stream) -> Vec<Absence> {
    if random.below(100) >= 6 {
        return Vec::new();
    }
    let day = DayIndex::new(random.below(days.len()) as u32);
    vec![Absence { span: Span::new(days.day_span(day).start(), Minutes::of(1440)), code: "leave".to_owned(), credited: Minutes::of(480) }]
}

fn wishes(days: &DayMap, random: &mut Stream) -> Vec<Wish> {
    match random.below(10) {
        0 | 1 => vec![Wish::DayOff(days.date(DayIndex::new(random.below(days.len()) as u32)))],
        2 => vec![Wish::StartNear(OPENS + 30 * random.below(12) as u32)],
        _ => Vec::new(),
    }
}

/// Two peaks a day, busy Mondays, quiet weekends.
fn shape(days: &DayMap, grid: Grid, at: fika_model::IntervalIndex) -> f64 {
    let (date, minute) = days.wall_at(grid.span(at).start());
    if !(OPENS..CLOSES).contains(&minute) {
        return 0.0;
    }
    let hour = f64::from(minute) / 60.0;
    let peak = |centre: f64, width: f64| (-((hour - centre) / width).powi(2)).exp();
    let day = match date.weekday() {
        Weekday::Monday => 1.15,
        Weekday::Saturday => 0.55,
        Weekday::Sunday => 0.4,
        _ => 1.0,
    };
    day * (0.25 + 0.9 * peak(10.5, 2.2) + 0.75 * peak(15.0, 2.5) + 0.2 * peak(19.0, 1.5))
}

fn demand(
    settings: &Settings,
    agents: &[Agent],
    contracts: &[Contract],
    queues: &[Queue],
    days: &DayMap,
    grid: Grid,
) -> Vec<(QueueId, Curve<f64>)> {
    let share = |agent: &Agent, queue: &Queue| {
        let own = agent.skills.iter().any(|skill| skill.skill == queue.skill);
        if own { phone_minutes(agent, contracts, settings.days) / agent.skills.len() as f64 } else { 0.0 }
    };
    let whole: f64 = grid.indices().map(|at| shape(days, grid, at) * 15.0).sum();
    let scale = |queue: &Queue| agents.iter().map(|agent| share(agent, queue)).sum::<f64>() * settings.load / whole;
    let curve = |queue: &Queue| Curve::from_fn(grid, |at| (shape(days, grid, at) * scale(queue)).round());
    queues.iter().map(|queue| (queue.id.clone(), curve(queue))).collect()
}

/// Minutes that a contract holds on the phones over the horizon: paid minutes less the paid rests, about one in seventeen; in a horizon
/// of less than a week, one shift a day.
fn phone_minutes(agent: &Agent, contracts: &[Contract], days: u32) -> f64 {
    let Some(contract) = contracts.iter().find(|c| c.id == agent.contract) else { return 0.0 };
    if days < 7 {
        let there = days.min(5).saturating_sub(agent.absences.len() as u32);
        return f64::from(contract.shift_length.most.get()) * 0.88 * f64::from(there);
    }
    let credited: u32 = agent.absences.iter().map(|absence| absence.credited.get()).sum();
    (f64::from(contract.week_paid.most.get()) * f64::from(days) / 7.0 - f64::from(credited)).max(0.0) * 16.0 / 17.0
}
