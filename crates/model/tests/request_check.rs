//! What [`Request::check`] accepts and names: each row changes one part of a sound request.

use fika_model::calendar::DayMap;
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::fault::FaultCode;
use fika_model::people::{Absence, Agent, AgentSkill, Averaging, Contract, FixedShift, LoadLimits, MinutesRange, NightRule};
use fika_model::people::{Team, WallWindow, Weekdays, WeekendRule, Wish};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{
    BreakKind, BreakRule, BreakTerms, BreakWindow, Every, RestRules, SameTime, ShiftTemplate, StretchRule, WellbeingPolicy,
};
use fika_model::{
    AgentId, ContractId, Fraction, IntervalLength, Minute, Minutes, QueueId, Request, RequestId, RuleId, SiteId, SkillId, Span, TeamId,
    TemplateId,
};

#[path = "request_check/agenda.rs"]
mod agenda;

fn agent(id: &str) -> Agent {
    Agent {
        skills: vec![AgentSkill { skill: SkillId::new("calls").expect("an id"), proficiency: 1.0, priority: 1 }],
        ..Agent::new(AgentId::new(id).expect("an id"), TeamId::new("red").expect("an id"), ContractId::new("full").expect("an id"))
    }
}

fn sound() -> RequestParts {
    let range = |least, most| MinutesRange { least: Minutes::of(least), most: Minutes::of(most) };
    RequestParts {
        id: RequestId::new("r1").expect("an id"),
        site: SiteId::new("here").expect("an id"),
        days: DayMap::new("Europe/Stockholm", jiff::civil::date(2026, 11, 23), 7).expect("a week"),
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: vec![Queue {
            id: QueueId::new("main").expect("an id"),
            name: String::new(),
            skill: SkillId::new("calls").expect("an id"),
            hours: vec![WallWindow { weekdays: Weekdays::ALL, from_minute: 480, to_minute: 1200 }],
            hard_minutes_per_day: None,
        }],
        skills: vec![SkillId::new("calls").expect("an id")],
        teams: vec![Team { id: TeamId::new("red").expect("an id"), name: String::new() }],
        contracts: vec![Contract {
            id: ContractId::new("full").expect("an id"),
            week_paid: range(2100, 2400),
            shift_length: range(240, 540),
            most_days_per_week: 5,
            most_consecutive_days: 5,
            templates: Vec::new(),
            limits: LoadLimits::default(),
        }],
        agents: vec![agent("a1"), agent("a2")],
        templates: vec![ShiftTemplate {
            id: TemplateId::new("day").expect("an id"),
            weekdays: Weekdays::ALL,
            start_from: 480,
            start_to: 720,
            start_step: Minutes::of(30),
            length_from: Minutes::of(240),
            length_to: Minutes::of(540),
            length_step: Minutes::of(30),
        }],
        breaks: vec![BreakRule {
            id: RuleId::new("meal").expect("an id"),
            kind: BreakKind::Meal,
            shift_longer_than: Minutes::of(360),
            shift_at_most: Minutes::of(600),
            count: 1,
            length: Minutes::of(30),
            paid: false,
            window: BreakWindow::default(),
            terms: BreakTerms::default(),
        }],
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

fn check(change: impl FnOnce(&mut RequestParts), expect: &[(FaultCode, &str)]) {
    let mut parts = sound();
    change(&mut parts);
    let found = Request::check(parts).err().map(|faults| faults.0).unwrap_or_default();
    let found: Vec<(FaultCode, &str)> = found.iter().map(|fault| (fault.code, fault.at.as_str())).collect();
    assert_eq!(found, expect);
}

#[test]
fn a_sound_request_passes() {
    check(|_| (), &[]);
}

#[test]
fn every_fault_is_named_with_its_place() {
    check(|p| p.agents[1].id = p.agents[0].id.clone(), &[(FaultCode::Duplicate, "agents[1].id")]);
    check(|p| p.agents[1].team = TeamId::new("blue").expect("an id"), &[(FaultCode::UnknownReference, "agents[1].teamId")]);
    check(|p| p.queues[0].skill = SkillId::new("chess").expect("an id"), &[(FaultCode::UnknownReference, "queues[0].skillId")]);
    check(
        |p| p.break_step = Minutes::of(7),
        &[(FaultCode::OffGrid, "breakStepMinutes"), (FaultCode::OffGrid, "breakRules[0].lengthMinutes")],
    );
    check(|p| p.templates[0].start_from = 487, &[(FaultCode::OffGrid, "shiftTemplates[0].startFrom")]);
    check(
        |p| p.contracts[0].week_paid.least = Minutes::of(2701),
        &[(FaultCode::Contradiction, "contracts[0].weekPaidMinutes"), (FaultCode::Contradiction, "contracts[0]")],
    );
    let friend = || Wish::Colleague(AgentId::new("nobody").expect("an id"));
    check(|p| p.agents[0].wishes.push(friend()), &[(FaultCode::UnknownReference, "agents[0].wishes[0]")]);
}

#[test]
fn several_faults_come_at_once() {
    check(
        |p| {
            p.agents.clear();
            p.queues[0].hours[0].to_minute = 480;
            p.wellbeing.longest_stretch = Minutes::of(30);
            p.breaks[0].window.wall = Some((700, 729));
        },
        &[
            (FaultCode::Missing, "agents"),
            (FaultCode::Contradiction, "queues[0].hours[0]"),
            (FaultCode::Contradiction, "breakRules[0].window"),
            (FaultCode::Contradiction, "wellbeing.longestStretchMinutes"),
        ],
    );
}

#[test]
fn both_sides_of_each_bound() {
    check(|p| p.contracts[0].week_paid = MinutesRange { least: Minutes::of(2700), most: Minutes::of(2700) }, &[]);
    check(|p| p.breaks[0].window.wall = Some((700, 730)), &[]);
    check(|p| p.queues[0].hours[0].to_minute = 2880, &[]);
    check(|p| p.queues[0].hours[0].to_minute = 2881, &[(FaultCode::OutOfRange, "queues[0].hours[0]")]);
    let away = |start| Absence { span: Span::new(Minute::new(start), Minutes::of(60)), code: "leave".into(), credited: Minutes::ZERO };
    check(|p| p.agents[0].absences = vec![away(0), away(60)], &[]);
    check(|p| p.agents[0].absences = vec![away(0), away(59)], &[(FaultCode::Overlap, "agents[0].absences[1]")]);
}

#[test]
fn given_demand_must_name_every_queue_once() {
    check(|p| p.demand = DemandSource::Required(Vec::new()), &[(FaultCode::Missing, "demand.queues")]);
}

/// A change of the only break rule, half an hour in shifts of 361 to 600 minutes, and the faults it makes.
#[track_caller]
fn check_rule(change: impl FnOnce(&mut BreakRule), expect: &[(FaultCode, &str)]) {
    check(|parts| change(&mut parts.breaks[0]), expect);
}

#[test]
fn terms_of_breaks_are_held_on_both_sides() {
    use FaultCode::{Contradiction, OffGrid, OutOfRange, TooMuch, Unsupported};
    let every = |length| Some(Every { length: Minutes::of(length), or_major_fraction: true });
    check_rule(|r| r.terms.every = every(50), &[]);
    check_rule(|r| r.terms.every = every(49), &[(OutOfRange, "breakRules[0].everyMinutes")]);
    check_rule(|r| r.terms.every = every(0), &[(OutOfRange, "breakRules[0].everyMinutes")]);
    check_rule(|r| r.terms.walk = Minutes::of(5), &[]);
    check_rule(|r| r.terms.walk = Minutes::of(4), &[(OffGrid, "breakRules[0].lengthMinutes")]);
    let piece = |minutes| move |r: &mut BreakRule| r.terms.smallest_piece = Some(Minutes::of(minutes));
    check_rule(piece(30), &[]);
    check_rule(piece(35), &[(Contradiction, "breakRules[0].smallestPieceMinutes")]);
    check_rule(piece(12), &[(OffGrid, "breakRules[0].smallestPieceMinutes")]);
    check_rule(piece(10), &[]);
    check_rule(piece(5), &[(TooMuch, "breakRules[0].smallestPieceMinutes")]);
    let two = |r: &mut BreakRule| (r.terms.smallest_piece, r.count) = (Some(Minutes::of(15)), 2);
    check_rule(two, &[(Unsupported, "breakRules[0].smallestPieceMinutes")]);
    let begins = |from, to| move |r: &mut BreakRule| r.terms.trigger.begins = Some((from, to));
    check_rule(begins(780, 1800), &[]);
    check_rule(begins(780, 780), &[(Contradiction, "breakRules[0].trigger.begins")]);
}

#[test]
fn terms_that_do_not_go_together_are_refused() {
    use FaultCode::{Contradiction, Unsupported};
    check_rule(|r| r.terms.choice = true, &[]);
    check_rule(|r| (r.terms.choice, r.terms.fixed_in_advance) = (true, true), &[(Contradiction, "breakRules[0].choice")]);
    let chosen_together = |r: &mut BreakRule| (r.terms.choice, r.terms.same_time) = (true, Some(SameTime::Team));
    check_rule(chosen_together, &[(Contradiction, "breakRules[0].choice")]);
    let two = |r: &mut BreakRule| (r.count, r.terms.same_time) = (2, Some(SameTime::Crew));
    check_rule(two, &[(Unsupported, "breakRules[0].sameTime")]);
    let walked_pieces = |r: &mut BreakRule| (r.terms.smallest_piece, r.terms.walk) = (Some(Minutes::of(15)), Minutes::of(5));
    check_rule(walked_pieces, &[(Unsupported, "breakRules[0].smallestPieceMinutes")]);
}

#[test]
fn waivers_name_rules_that_can_be_waived() {
    let waive = |id: &'static str, waivable: bool| {
        move |p: &mut RequestParts| {
            p.agents[1].waives.push(RuleId::new(id).expect("an id"));
            p.breaks[0].terms.waivable_at_most = waivable.then(|| Minutes::of(360));
        }
    };
    check(waive("meal", true), &[]);
    check(waive("meal", false), &[(FaultCode::Contradiction, "agents[1].waivedRuleIds[0]")]);
    check(waive("tea", true), &[(FaultCode::UnknownReference, "agents[1].waivedRuleIds[0]")]);
}

#[test]
fn limits_of_stretches_fit_each_other() {
    let stretch = |longest, shortest: Option<u16>, edge: Option<u16>| {
        move |p: &mut RequestParts| {
            p.stretches.push(StretchRule {
                id: RuleId::new("law").expect("an id"),
                broken_by: Minutes::of(15),
                longest,
                shortest: shortest.map(Minutes::of),
                edge: edge.map(Minutes::of),
            });
        }
    };
    let hour = Some(Minutes::of(60));
    check(stretch(hour, Some(60), Some(60)), &[]);
    check(stretch(hour, Some(61), Some(60)), &[(FaultCode::Contradiction, "stretchRules[0].shortestMinutes")]);
    check(stretch(hour, None, Some(61)), &[(FaultCode::Contradiction, "stretchRules[0].edgeMinutes")]);
    check(stretch(None, None, None), &[(FaultCode::Missing, "stretchRules[0]")]);
    let same_id = |p: &mut RequestParts| {
        stretch(hour, None, None)(p);
        p.stretches[0].id = p.breaks[0].id.clone();
    };
    check(same_id, &[(FaultCode::Duplicate, "stretchRules[0].id")]);
}

#[test]
fn limits_of_contracts_are_held_on_both_sides() {
    use FaultCode::{Contradiction, OutOfRange};
    let limits = |limits: LoadLimits| move |p: &mut RequestParts| p.contracts[0].limits = limits;
    let none = LoadLimits::default();
    let range = |least, most| MinutesRange { least: Minutes::of(least), most: Minutes::of(most) };
    check(limits(LoadLimits { day_paid: Some(range(300, 300)), ..none }), &[]);
    check(limits(LoadLimits { day_paid: Some(range(301, 300)), ..none }), &[(Contradiction, "contracts[0].dayPaidMinutes")]);
    let averaging = |weeks| Some(Averaging { weeks, week_paid: range(0, 2880) });
    check(limits(LoadLimits { averaging: averaging(26), ..none }), &[]);
    check(limits(LoadLimits { averaging: averaging(27), ..none }), &[(OutOfRange, "contracts[0].averaging.weeks")]);
    let weekends = |free, of| Some(WeekendRule { free, of });
    check(limits(LoadLimits { weekends: weekends(8, 8), ..none }), &[]);
    check(limits(LoadLimits { weekends: weekends(1, 9), ..none }), &[(OutOfRange, "contracts[0].weekends.of")]);
    check(limits(LoadLimits { weekends: weekends(0, 2), ..none }), &[(Contradiction, "contracts[0].weekends.free")]);
    check(limits(LoadLimits { weekends: weekends(3, 2), ..none }), &[(Contradiction, "contracts[0].weekends.free")]);
    let nights = |from, to, minutes| {
        let counts_from = Minutes::of(minutes);
        Some(NightRule { window: (from, to), counts_from, most_in_row: None, most_per_week: None, longest_shift: None })
    };
    check(limits(LoadLimits { nights: nights(1380, 1800, 420), ..none }), &[]);
    check(limits(LoadLimits { nights: nights(1380, 1800, 421), ..none }), &[(OutOfRange, "contracts[0].nights.countsFromMinutes")]);
    check(limits(LoadLimits { nights: nights(1380, 1380, 1), ..none }), &[(Contradiction, "contracts[0].nights.window")]);
    check(|p| p.rest.daily = Minutes::of(1439), &[]);
    check(|p| p.rest.daily = Minutes::of(1440), &[(OutOfRange, "rest.dailyMinutes")]);
}

#[test]
fn shifts_that_stand_fit_the_request() {
    use FaultCode::{Contradiction, OutOfRange, Overlap, UnknownReference, Unsupported};
    let fixed = |template: &str, start, breaks: &[&str]| FixedShift {
        template: TemplateId::new(template).expect("an id"),
        span: Span::new(Minute::new(start), Minutes::of(480)),
        breaks: breaks.iter().map(|id| (RuleId::new(*id).expect("an id"), Minute::new(start + 240))).collect(),
    };
    check(|p| p.agents[0].fixed = vec![fixed("day", 540, &["meal"])], &[]);
    check(|p| p.agents[0].fixed = vec![fixed("dusk", 540, &[])], &[(UnknownReference, "agents[0].fixedShifts[0].templateId")]);
    check(|p| p.agents[0].fixed = vec![fixed("day", -1, &[])], &[(OutOfRange, "agents[0].fixedShifts[0].start")]);
    check(|p| p.agents[0].fixed = vec![fixed("day", 540, &["tea"])], &[(UnknownReference, "agents[0].fixedShifts[0].breaks[0].ruleId")]);
    let twice = |p: &mut RequestParts| p.agents[0].fixed = vec![fixed("day", 540, &[]), fixed("day", 1020, &[])];
    check(twice, &[(Overlap, "agents[0].fixedShifts[1]")]);
    let pieces = |p: &mut RequestParts| {
        p.breaks[0].terms.smallest_piece = Some(Minutes::of(15));
        p.agents[0].fixed = vec![fixed("day", 540, &["meal"])];
    };
    check(pieces, &[(Unsupported, "agents[0].fixedShifts[0].breaks[0].ruleId")]);
    let chosen = |p: &mut RequestParts| {
        p.breaks[0].terms.choice = true;
        p.agents[0].fixed = vec![fixed("day", 540, &["meal"])];
    };
    check(chosen, &[(Contradiction, "agents[0].fixedShifts[0].breaks[0].ruleId")]);
}

#[test]
fn fairness_and_company_over_weeks() {
    let out = |at| [(FaultCode::OutOfRange, at)];
    check(|p| (p.fairness.early_before, p.fairness.late_after, p.fairness.seniority_percent) = (1440, 2880, 100), &[]);
    check(|p| p.fairness.early_before = 1441, &out("fairness.earlyBefore"));
    check(|p| p.fairness.late_after = 2881, &out("fairness.lateAfter"));
    check(|p| p.fairness.seniority_percent = 101, &out("fairness.seniorityPercentPerYear"));
    check(|p| p.fairness.weekend = Weekdays::of([]), &[(FaultCode::Missing, "fairness.weekendDays")]);
    let wishes = |asked, granted| {
        move |p: &mut RequestParts| {
            (p.agents[1].history.counters.wishes_asked, p.agents[1].history.counters.wishes_granted) = (asked, granted);
        }
    };
    check(wishes(2, 2), &[]);
    check(wishes(2, 3), &[(FaultCode::Contradiction, "agents[1].history.wishesGranted")]);
    // Two companions for social time make three; without it, a rest in company makes two.
    let largest = |largest, social| {
        move |p: &mut RequestParts| {
            (p.wellbeing.largest_group, p.wellbeing.social) = (Some(largest), Minutes::of(social));
        }
    };
    check(largest(3, 15), &[]);
    check(largest(2, 15), &[(FaultCode::Contradiction, "wellbeing.largestGroup")]);
    check(largest(2, 0), &[]);
    check(largest(1, 0), &[(FaultCode::Contradiction, "wellbeing.largestGroup")]);
    let together = |same_time| {
        move |p: &mut RequestParts| {
            p.wellbeing.largest_group = Some(5);
            (p.breaks[0].terms.same_time, p.breaks[0].window.wall) = (Some(same_time), Some((700, 800)));
        }
    };
    check(together(SameTime::Crew), &[]);
    check(together(SameTime::Team), &[(FaultCode::Contradiction, "breakRules[0].sameTime")]);
    let share = |share| {
        move |p: &mut RequestParts| {
            together(SameTime::Team)(p);
            (p.wellbeing.largest_group, p.wellbeing.largest_group_share) = (None, Fraction::new(share).ok());
        }
    };
    check(share(1.0), &[]);
    check(share(0.99), &[(FaultCode::Contradiction, "breakRules[0].sameTime")]);
    check(|p| p.wellbeing.largest_group_share = Some(Fraction::percent(1)), &[]);
    check(|p| p.wellbeing.largest_group_share = Some(Fraction::ZERO), &out("wellbeing.largestGroupShare"));
}
