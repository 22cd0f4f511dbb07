//! A small sound case for the tests: six agents in two teams, a week, a template, two break rules; and its roster.
//!
//! The week of Monday 2026-03-02 in Berlin. Everybody works Monday to Friday, 09:00 to 17:00, with rests of 15 minutes at 10:30 and
//! 15:00 and a meal of 30 minutes at 12:30. Tests change one thing and look at one rule.

use std::collections::BTreeSet;

use fika_model::calendar::Date;
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::people::{Agent, AgentSkill, Contract, LoadLimits, MinutesRange, Team, Weekdays};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakWindow, RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{
    Activity, ActivityId, ActivityKind, AgentId, AgentRoster, Certificate, DayMap, Digest, IntervalLength, Minute, Minutes, QueueId,
    Request, Roster, Shift, SkillId, Span, TeamId,
};

use crate::rule::Rule;
use crate::{Digests, social_minutes, verify};

/// A request in parts and a roster for it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) parts: RequestParts,
    pub(crate) roster: Roster,
}

/// A break to lay into a shift: kind, minutes after its start, length, paid.
pub(crate) type Lay = (ActivityKind, u32, u32, bool);

pub(crate) const MORNING: Lay = (ActivityKind::RestBreak, 90, 15, true);
pub(crate) const MEAL: Lay = (ActivityKind::Meal, 210, 30, false);
pub(crate) const AFTERNOON: Lay = (ActivityKind::RestBreak, 360, 15, true);

macro_rules! id {
    ($kind:ty, $text:expr) => {
        <$kind>::new($text).expect("a legal id")
    };
}
pub(crate) use id;

pub(crate) fn span(start: i32, length: u32) -> Span {
    Span::new(Minute::new(start), Minutes::of(length as u16))
}

fn activity(kind: ActivityKind, span: Span, paid: bool) -> Activity {
    let on_queue = kind == ActivityKind::OnQueue;
    let queues = if on_queue { vec![id!(QueueId, "calls")] } else { Vec::new() };
    Activity { code: format!("{kind:?}"), kind, span, paid, queues, companions: Vec::new(), choice: None, asked: None, with: Vec::new() }
}

/// A shift from `start`, tiled by time on queue and these breaks.
pub(crate) fn shift(id: &str, start: i32, length: u32, breaks: &[Lay]) -> Shift {
    let mut activities = Vec::new();
    let mut reached = 0;
    for &(kind, offset, minutes, paid) in breaks {
        if offset > reached {
            activities.push(activity(ActivityKind::OnQueue, span(start + reached as i32, offset - reached), true));
        }
        activities.push(activity(kind, span(start + offset as i32, minutes), paid));
        reached = offset + minutes;
    }
    activities.push(activity(ActivityKind::OnQueue, span(start + reached as i32, length - reached), true));
    Shift { id: id.to_owned(), template: Some(id!(fika_model::TemplateId, "day")), span: span(start, length), activities }
}

fn agent(name: &str, team: &str) -> Agent {
    Agent {
        skills: vec![AgentSkill { skill: id!(SkillId, "calls"), proficiency: 1.0, priority: 1 }],
        ..Agent::new(id!(AgentId, name), id!(TeamId, team), id!(fika_model::ContractId, "full"))
    }
}

fn break_rules() -> Vec<BreakRule> {
    let rule = |name: &str, kind, over: u16, count, length: u16, window| BreakRule {
        id: id!(fika_model::RuleId, name),
        kind,
        shift_longer_than: Minutes::of(over),
        shift_at_most: Minutes::of(1440),
        count,
        length: Minutes::of(length),
        paid: kind == BreakKind::Rest,
        window,
        terms: BreakTerms::default(),
    };
    let meal = BreakWindow {
        earliest_after_start: Some(Minutes::of(120)),
        latest_after_start: Some(Minutes::of(240)),
        earliest_before_end: Some(Minutes::of(330)),
        latest_before_end: Some(Minutes::of(120)),
        wall: Some((11 * 60, 14 * 60)),
        around_middle: None,
    };
    vec![rule("rest", BreakKind::Rest, 240, 2, 15, BreakWindow::default()), rule("meal", BreakKind::Meal, 360, 1, 30, meal)]
}

fn parts(days: DayMap) -> RequestParts {
    let queue = |name: &str| Queue {
        id: id!(QueueId, name),
        name: String::new(),
        skill: id!(SkillId, name),
        hours: Vec::new(),
        hard_minutes_per_day: None,
    };
    RequestParts {
        id: id!(fika_model::RequestId, "r1"),
        site: id!(fika_model::SiteId, "site"),
        days,
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: vec![queue("calls"), queue("claims")],
        skills: vec![id!(SkillId, "calls"), id!(SkillId, "claims")],
        teams: ["red", "sky"].map(|team| Team { id: id!(TeamId, team), name: String::new() }).to_vec(),
        contracts: vec![Contract {
            id: id!(fika_model::ContractId, "full"),
            week_paid: MinutesRange { least: Minutes::of(1800), most: Minutes::of(2400) },
            shift_length: MinutesRange { least: Minutes::of(240), most: Minutes::of(540) },
            most_days_per_week: 5,
            most_consecutive_days: 5,
            templates: Vec::new(),
            limits: LoadLimits::default(),
        }],
        agents: ["a1", "a2", "a3"].map(|a| agent(a, "red")).into_iter().chain(["b1", "b2", "b3"].map(|b| agent(b, "sky"))).collect(),
        templates: vec![ShiftTemplate {
            id: id!(fika_model::TemplateId, "day"),
            weekdays: Weekdays::ALL,
            start_from: 480,
            start_to: 720,
            start_step: Minutes::of(30),
            length_from: Minutes::of(240),
            length_to: Minutes::of(540),
            length_step: Minutes::of(30),
        }],
        breaks: break_rules(),
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy::default(),
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules::default(),
        demand: DemandSource::History { until: None },
        staffing: StaffingPolicy::default(),
        budget: Budget::default(),
        seed: 1,
        parent: None,
        activities: Vec::new(),
        back_office: Vec::new(),
    }
}

impl Case {
    /// The sound week.
    pub(crate) fn week() -> Self {
        Self::days(7)
    }

    /// So many days of it; shifts from the first Monday to Friday only.
    pub(crate) fn days(days: u32) -> Self {
        let parts = parts(DayMap::new("Europe/Berlin", Date::constant(2026, 3, 2), days).expect("a horizon"));
        let shifts = |agent: &Agent| {
            (0..5).map(|day| shift(&format!("{}-{day}", agent.id), day * 1440 + 540, 480, &[MORNING, MEAL, AFTERNOON])).collect()
        };
        let entry = |agent: &Agent| AgentRoster { agent: agent.id.clone(), team: agent.team.clone(), shifts: shifts(agent) };
        let roster = Roster {
            id: id!(fika_model::RosterId, "o1"),
            request: parts.id.clone(),
            generation: 1,
            parent: None,
            days: parts.days.clone(),
            agents: parts.agents.iter().map(entry).collect(),
        };
        let mut case = Self { parts, roster };
        case.list_companions();
        case
    }

    /// A copy that `change` has been made to.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut case = self.clone();
        change(&mut case);
        case
    }

    /// The same, with companions listed anew.
    pub(crate) fn with_listed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut case = self.with(change);
        case.list_companions();
        case
    }

    /// A shift, by the positions of its agent and itself.
    pub(crate) fn shift(&mut self, agent: usize, shift: usize) -> &mut Shift {
        &mut self.roster.agents[agent].shifts[shift]
    }

    /// Lays an activity over time on queue of one shift of some agents, so many minutes after the start of the first one's, each naming the
    /// others.
    pub(crate) fn hold(&mut self, asked: &str, kind: ActivityKind, shift: usize, (offset, length): (i32, u32), agents: &[usize]) {
        let piece = span(self.shift(agents[0], shift).span.start().get() + offset, length);
        let ids: Vec<AgentId> = agents.iter().map(|agent| self.roster.agents[*agent].agent.clone()).collect();
        for agent in agents {
            let own = self.roster.agents[*agent].agent.clone();
            let activities = &mut self.shift(*agent, shift).activities;
            let at = activities.iter().position(|activity| activity.span.covers(piece)).expect("time on queue");
            let whole = activities[at].clone();
            let with = ids.iter().filter(|id| **id != own).cloned().collect();
            let held = Activity { kind, span: piece, queues: Vec::new(), asked: Some(id!(ActivityId, asked)), with, ..whole.clone() };
            let before = Activity { span: Span::between(whole.span.start(), piece.start()), ..whole.clone() };
            let after = Activity { span: Span::between(piece.end(), whole.span.end()), ..whole };
            let parts = [before, held, after].into_iter().filter(|activity| activity.span.length() > Minutes::ZERO);
            activities.splice(at..=at, parts);
        }
    }

    /// Lists companions minute by minute: slow, and another way than the verifier's.
    pub(crate) fn list_companions(&mut self) {
        let entries = self.roster.agents.clone();
        for entry in &mut self.roster.agents {
            for activity in entry.shifts.iter_mut().flat_map(|shift| &mut shift.activities).filter(|a| a.kind.is_break()) {
                let shares = |other: &Activity| {
                    let minutes = activity.span.start().get()..activity.span.end().get();
                    other.kind.is_break() && minutes.filter(|m| other.span.holds(Minute::new(*m))).count() >= 5
                };
                let mates = entries.iter().filter(|mate| mate.team == entry.team && mate.agent != entry.agent);
                let company = mates.filter(|mate| mate.shifts.iter().flat_map(|s| &s.activities).any(shares));
                activity.companions = company.map(|mate| mate.agent.clone()).collect();
            }
        }
    }

    pub(crate) fn certificate(&self) -> Certificate {
        let request = Request::check(self.parts.clone()).expect("a sound request");
        verify(&request, &self.roster, Digests { request: Digest([1; 32]), roster: Digest([2; 32]) })
    }

    /// The roster's social minutes.
    pub(crate) fn social(&self) -> i64 {
        social_minutes(&Request::check(self.parts.clone()).expect("a sound request"), &self.roster)
    }

    /// Required and found of each violation of a rule.
    pub(crate) fn amounts(&self, rule: &str) -> Vec<(i64, i64)> {
        let certificate = self.certificate();
        let own = certificate.violations.iter().filter(|v| v.rule.as_str() == rule);
        let amounts: Vec<_> = own.map(|v| (v.required, v.found)).collect();
        let broken = certificate.rules.iter().filter(|row| row.rule.as_str() == rule).map(|row| row.broken).sum::<u64>();
        assert_eq!(broken, amounts.len() as u64, "counts and violations agree");
        amounts
    }

    /// The ids of the broken rules.
    pub(crate) fn broken(&self) -> BTreeSet<String> {
        self.certificate().violations.iter().map(|v| v.rule.to_string()).collect()
    }

    /// The rule is broken exactly so: required and found.
    #[track_caller]
    pub(crate) fn expect(&self, rule: Rule, amounts: &[(i64, i64)]) {
        assert_eq!(self.amounts(rule.id()), amounts, "{}", rule.id());
    }
}
