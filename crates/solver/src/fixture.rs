//! Small requests for tests.

use fika_model::calendar::{Date, DayMap};
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::grid::{Curve, Grid};
use fika_model::people::{Agent, AgentSkill, Contract, LoadLimits, MinutesRange, Team, Weekdays};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakWindow, RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{AgentId, ContractId, IntervalLength, Minutes, QueueId, Request, RequestId, RuleId, SiteId, SkillId, TeamId, TemplateId};

macro_rules! id {
    ($kind:ident, $text:expr) => {
        $kind::new($text).expect("a legal id")
    };
}

/// One queue, one team, one contract of up to five shifts of four hours, a rest of 15 minutes in each, company not asked for.
pub(crate) fn parts(agents: usize, days: u32, required: impl Fn(u32) -> f64) -> RequestParts {
    let map = DayMap::new("UTC", Date::new(2026, 3, 2).expect("a date"), days).expect("a horizon");
    let grid = Grid::new(map.start(), IntervalLength::QUARTER_HOUR, days * 96);
    let skill = id!(SkillId, "calls");
    RequestParts {
        id: id!(RequestId, "small"),
        site: id!(SiteId, "site"),
        days: map,
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: vec![Queue {
            id: id!(QueueId, "line"),
            name: String::new(),
            skill: skill.clone(),
            hours: Vec::new(),
            hard_minutes_per_day: None,
        }],
        skills: vec![skill],
        teams: vec![Team { id: id!(TeamId, "red"), name: String::new() }],
        contracts: vec![contract(0, 1200)],
        agents: (0..agents).map(|n| agent(&format!("agent-{n:02}"))).collect(),
        templates: vec![template(480, 720)],
        breaks: vec![rule("rest", BreakKind::Rest, 0, 1440, 1, 15)],
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy { social: Minutes::ZERO, no_rest_alone: false, ..WellbeingPolicy::default() },
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules::default(),
        demand: DemandSource::Required(vec![(id!(QueueId, "line"), Curve::from_fn(grid, |at| required(at.get() as u32 * 15)))]),
        staffing: StaffingPolicy::default(),
        budget: Budget::default(),
        seed: 1,
        parent: None,
        activities: Vec::new(),
        back_office: Vec::new(),
    }
}

pub(crate) fn checked(parts: RequestParts) -> Request {
    Request::check(parts).expect("a legal request")
}

pub(crate) fn agent(id: &str) -> Agent {
    let skills = vec![AgentSkill { skill: id!(SkillId, "calls"), proficiency: 1.0, priority: 1 }];
    Agent { skills, ..Agent::new(id!(AgentId, id), id!(TeamId, "red"), id!(ContractId, "short")) }
}

pub(crate) fn contract(least: u16, most: u16) -> Contract {
    Contract {
        id: id!(ContractId, "short"),
        week_paid: MinutesRange { least: Minutes::of(least), most: Minutes::of(most) },
        shift_length: MinutesRange { least: Minutes::of(60), most: Minutes::of(600) },
        most_days_per_week: 5,
        most_consecutive_days: 5,
        templates: Vec::new(),
        limits: LoadLimits::default(),
    }
}

/// Starts each half hour between two times, four hours long.
pub(crate) fn template(from: u32, to: u32) -> ShiftTemplate {
    ShiftTemplate {
        id: id!(TemplateId, "four"),
        weekdays: Weekdays::ALL,
        start_from: from,
        start_to: to,
        start_step: Minutes::of(30),
        length_from: Minutes::of(240),
        length_to: Minutes::of(240),
        length_step: Minutes::of(30),
    }
}

pub(crate) fn rule(id: &str, kind: BreakKind, longer: u16, at_most: u16, count: u32, length: u16) -> BreakRule {
    BreakRule {
        id: id!(RuleId, id),
        kind,
        shift_longer_than: Minutes::of(longer),
        shift_at_most: Minutes::of(at_most),
        count,
        length: Minutes::of(length),
        paid: kind == BreakKind::Rest,
        window: BreakWindow::default(),
        terms: BreakTerms::default(),
    }
}
