//! A small week for the tests: six agents in two teams, two queues, rests and a meal.

use fika_model::calendar::Date;
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::people::{Agent, AgentSkill, Contract, LoadLimits, MinutesRange, Team, Weekdays};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakWindow, RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{
    AgentId, ContractId, Curve, DayMap, IntervalLength, Minutes, QueueId, Request, RequestId, RuleId, SiteId, SkillId, TeamId, TemplateId,
};

macro_rules! id {
    ($kind:ty, $text:expr) => {
        <$kind>::new($text).expect("a legal id")
    };
}

fn agent(name: &str, team: &str, skills: &[&str]) -> Agent {
    let skill = |name: &&str| AgentSkill { skill: id!(SkillId, *name), proficiency: 1.0, priority: 1 };
    let skills = skills.iter().map(skill).collect();
    Agent { skills, ..Agent::new(id!(AgentId, name), id!(TeamId, team), id!(ContractId, "full")) }
}

fn break_rule(name: &str, kind: BreakKind, over: u16, count: u32, length: u16) -> BreakRule {
    BreakRule {
        id: id!(RuleId, name),
        kind,
        shift_longer_than: Minutes::of(over),
        shift_at_most: Minutes::of(1440),
        count,
        length: Minutes::of(length),
        paid: kind == BreakKind::Rest,
        window: BreakWindow::default(),
        terms: BreakTerms::default(),
    }
}

/// The week of Monday 2026-03-02 in Berlin, changed by `change`. Three agents have both skills, three only `calls`.
pub(crate) fn request(change: impl FnOnce(&mut RequestParts)) -> Request {
    let queue = |name: &str| Queue {
        id: id!(QueueId, name),
        name: String::new(),
        skill: id!(SkillId, name),
        hours: Vec::new(),
        hard_minutes_per_day: None,
    };
    let red = ["a1", "a2", "a3"].map(|name| agent(name, "red", &["calls"]));
    let sky = ["b1", "b2", "b3"].map(|name| agent(name, "sky", &["calls", "claims"]));
    let mut parts = RequestParts {
        id: id!(RequestId, "r1"),
        site: id!(SiteId, "site"),
        days: DayMap::new("Europe/Berlin", Date::constant(2026, 3, 2), 7).expect("a horizon"),
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: vec![queue("calls"), queue("claims")],
        skills: vec![id!(SkillId, "calls"), id!(SkillId, "claims")],
        teams: ["red", "sky"].map(|team| Team { id: id!(TeamId, team), name: String::new() }).to_vec(),
        contracts: vec![Contract {
            id: id!(ContractId, "full"),
            week_paid: MinutesRange { least: Minutes::of(1800), most: Minutes::of(2400) },
            shift_length: MinutesRange { least: Minutes::of(360), most: Minutes::of(540) },
            most_days_per_week: 5,
            most_consecutive_days: 5,
            templates: Vec::new(),
            limits: LoadLimits::default(),
        }],
        agents: red.into_iter().chain(sky).collect(),
        templates: vec![ShiftTemplate {
            id: id!(TemplateId, "day"),
            weekdays: Weekdays::ALL,
            start_from: 480,
            start_to: 720,
            start_step: Minutes::of(60),
            length_from: Minutes::of(420),
            length_to: Minutes::of(540),
            length_step: Minutes::of(60),
        }],
        breaks: vec![break_rule("rest", BreakKind::Rest, 240, 2, 15), break_rule("meal", BreakKind::Meal, 360, 1, 30)],
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy::default(),
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules::default(),
        demand: DemandSource::History { until: None },
        staffing: StaffingPolicy::default(),
        budget: Budget::default(),
        seed: 7,
        parent: None,
        activities: Vec::new(),
        back_office: Vec::new(),
    };
    change(&mut parts);
    Request::check(parts).expect("a sound request")
}

/// A quota whose time is over.
pub(crate) struct Late;

impl fika_solver::Quota for Late {
    fn is_reached(&self, _: u64) -> bool {
        true
    }

    fn is_late(&self) -> bool {
        true
    }
}

/// A forecast of a queue from its value per interval; patience three minutes.
pub(crate) fn forecast(request: &Request, queue: &str, value: impl Fn(usize) -> IntervalForecast) -> QueueForecast {
    QueueForecast {
        queue: id!(QueueId, queue),
        intervals: Curve::from_fn(request.grid(), |index| value(index.get())),
        patience_s: Some(180.0),
        day_factor_cv: 0.1,
        aht_cv: 1.0,
        history_days: 28,
    }
}
