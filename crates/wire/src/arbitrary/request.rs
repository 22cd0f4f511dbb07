//! Random requests whose parts fit together.

use fika_model::demand::{DemandSource, LoadModel, StaffingModel, StaffingPolicy};
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::people::{Absence, Agent, AgentSkill, Averaging, Contract, LoadLimits, MinutesRange, NightRule};
use fika_model::people::{Team, WallWindow, WeekendRule, Wish};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::roster::Parent;
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakTrigger, BreakWindow, Every, RestRules, SameTime};
use fika_model::rules::{ShiftTemplate, StretchRule, WellbeingPolicy};
use fika_model::{AgentId, ContractId, QueueId, RequestId, RosterId, RuleId, SiteId, SkillId, TeamId, TemplateId};
use fika_model::{Curve, DayMap, Fraction, Grid, IntervalLength, Minutes, Request, ServiceLevelFormula, ServiceLevelTarget, TargetScope};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::agenda::beside;
use super::fairness::{history, policy};
use super::{ID, date, days, id, minutes, names, pick, share, span, time, weekdays};

/// The names that the parts of a request refer to each other by.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) agents: Vec<String>,
    pub(super) queues: Vec<String>,
    pub(super) skills: Vec<String>,
    pub(super) teams: Vec<String>,
    contracts: Vec<String>,
    templates: Vec<String>,
}

pub(crate) fn any_request() -> impl Strategy<Value = Request> {
    let lists = (names(1..=4), names(1..=3), names(1..=3), names(1..=2), names(1..=2), names(1..=3));
    let all = lists.prop_map(|(agents, queues, skills, teams, contracts, templates)| Names {
        agents,
        queues,
        skills,
        teams,
        contracts,
        templates,
    });
    (all, days())
        .prop_flat_map(|(names, days)| parts(names, days))
        .prop_map(|parts| Request::check(parts).expect("parts that fit together"))
}

fn parts(names: Names, days: DayMap) -> impl Strategy<Value = RequestParts> {
    let people = (
        vec(agent(names.clone()), names.agents.len()),
        vec(contract(names.clone()), names.contracts.len()),
        vec(ID, names.teams.len()),
        vec(queue(names.clone()), names.queues.len()),
    );
    let rules = (vec(template(), names.templates.len()), vec(break_rule(), 0..3), vec(stretch_rule(), 0..2), wellbeing(), rest(), policy());
    let rest = (ID, ID, any::<u64>(), budget(), option::of((ID, any::<u64>())), demand(names.clone(), days.clone()), staffing());
    (people, rules, rest, beside(names.clone(), days.clone())).prop_map(move |(people, rules, rest, (activities, back_office))| {
        let (agents, contracts, team_names, queues) = people;
        let (templates, breaks, stretches, wellbeing, rest_rules, fairness) = rules;
        let (request, site, seed, budget, parent, demand, staffing) = rest;
        // Whoever takes a break at the site's common time belongs to no small group.
        let together = breaks.iter().any(|rule: &BreakRule| rule.terms.same_time == Some(SameTime::Site));
        let wellbeing = WellbeingPolicy {
            largest_group: wellbeing.largest_group.filter(|_| !together),
            largest_group_share: wellbeing.largest_group_share.filter(|_| !together),
            ..wellbeing
        };
        let named = |(agent, name): (Agent, &String)| Agent { id: id(AgentId::new, name), ..agent };
        RequestParts {
            id: id(RequestId::new, &request),
            site: id(SiteId::new, &site),
            days: days.clone(),
            interval: IntervalLength::QUARTER_HOUR,
            break_step: Minutes::of(5),
            queues: queues.into_iter().zip(&names.queues).map(|(queue, name)| Queue { id: id(QueueId::new, name), ..queue }).collect(),
            skills: names.skills.iter().map(|name| id(SkillId::new, name)).collect(),
            teams: names.teams.iter().zip(team_names).map(|(name, label)| Team { id: id(TeamId::new, name), name: label }).collect(),
            contracts: contracts
                .into_iter()
                .zip(&names.contracts)
                .map(|(c, name)| Contract { id: id(ContractId::new, name), ..c })
                .collect(),
            agents: agents.into_iter().zip(&names.agents).map(named).collect(),
            templates: templates
                .into_iter()
                .zip(&names.templates)
                .map(|(t, name)| ShiftTemplate { id: id(TemplateId::new, name), ..t })
                .collect(),
            breaks: breaks
                .into_iter()
                .enumerate()
                .map(|(n, rule)| BreakRule { id: id(RuleId::new, &format!("break {n}")), ..rule })
                .collect(),
            stretches: stretches
                .into_iter()
                .enumerate()
                .map(|(n, rule)| StretchRule { id: id(RuleId::new, &format!("stretch {n}")), ..rule })
                .collect(),
            wellbeing,
            fairness,
            rest: rest_rules,
            demand,
            staffing,
            budget,
            seed,
            parent: parent.map(|(roster, generation)| Parent { roster: id(RosterId::new, &roster), generation }),
            activities,
            back_office,
        }
    })
}

fn queue(names: Names) -> impl Strategy<Value = Queue> {
    (any::<Index>(), ID, vec(window(), 0..2), option::of(minutes(30..=1440))).prop_map(move |(skill, name, hours, hard_minutes_per_day)| {
        let skill = id(SkillId::new, pick(skill, &names.skills));
        Queue { id: id(QueueId::new, "numbered-later"), name, skill, hours, hard_minutes_per_day }
    })
}

pub(super) fn window() -> impl Strategy<Value = WallWindow> {
    (weekdays(), 0..1440_u32, 1..=1440_u32).prop_map(|(weekdays, from, length)| WallWindow {
        weekdays,
        from_minute: from,
        to_minute: (from + length).min(2880),
    })
}

fn contract(names: Names) -> impl Strategy<Value = Contract> {
    (vec(any::<Index>(), 0..2), 0..=7_u32, 1..=7_u32, 60..=900_u16, limits()).prop_map(
        move |(templates, days, consecutive, most, limits)| Contract {
            id: id(ContractId::new, "numbered-later"),
            week_paid: MinutesRange { least: Minutes::of(days as u16 * most / 2), most: Minutes::of(days as u16 * most) },
            shift_length: MinutesRange { least: Minutes::of(60), most: Minutes::of(most) },
            most_days_per_week: days,
            most_consecutive_days: consecutive,
            templates: templates.iter().map(|n| id(TemplateId::new, pick(*n, &names.templates))).collect(),
            limits,
        },
    )
}

fn limits() -> impl Strategy<Value = LoadLimits> {
    let range = || (minutes(0..=600), minutes(600..=1200)).prop_map(|(least, most)| MinutesRange { least, most });
    let averaging = option::of((10..=26_u32, range()).prop_map(|(weeks, week_paid)| Averaging { weeks, week_paid }));
    let weekends = option::of((1..=4_u32, 4..=8_u32).prop_map(|(free, of)| WeekendRule { free, of }));
    let most = || option::of(0..=7_u32);
    let nights = (1200..1440_u32, 1500..1900_u32, minutes(1..=60), most(), most(), option::of(minutes(0..=700)));
    let nights = option::of(nights.prop_map(|(from, to, counts_from, most_in_row, most_per_week, longest_shift)| NightRule {
        window: (from, to),
        counts_from,
        most_in_row,
        most_per_week,
        longest_shift,
    }));
    (option::of(range()), averaging, weekends, nights, any::<bool>(), option::of(minutes(0..=600))).prop_map(
        |(day_paid, averaging, weekends, nights, forward_rotation, starts_within)| LoadLimits {
            day_paid,
            averaging,
            weekends,
            nights,
            forward_rotation,
            starts_within,
        },
    )
}

fn wish(names: Names) -> impl Strategy<Value = Wish> {
    (0..4_u8, any::<Index>(), date(), 0..1440_u32).prop_map(move |(kind, n, date, minute)| match kind {
        0 => Wish::DayOff(date),
        1 => Wish::Template(date, id(TemplateId::new, pick(n, &names.templates))),
        2 => Wish::StartNear(minute),
        _ => Wish::Colleague(id(AgentId::new, pick(n, &names.agents))),
    })
}

fn agent(names: Names) -> impl Strategy<Value = Agent> {
    let refers = any::<[Index; 3]>();
    let absence = (span(), ID, minutes(0..=600)).prop_map(|(span, code, credited)| Absence { span, code, credited });
    let lists = (vec(window(), 0..2), vec(absence, 0..2), vec(wish(names.clone()), 0..3));
    let before = (option::of(time()), 0..10_u32, history());
    (refers, ID, 0.1..=10.0_f64, 0..5_u32, lists, before).prop_map(move |(refers, name, proficiency, priority, lists, before)| {
        let (availability, absences, wishes) = lists;
        let skill = AgentSkill { skill: id(SkillId::new, pick(refers[2], &names.skills)), proficiency, priority };
        let apart = absences.first().is_some_and(|a| absences[1..].iter().all(|b: &Absence| a.span.overlap(b.span) == Minutes::ZERO));
        Agent {
            id: id(AgentId::new, "numbered-later"),
            name,
            team: id(TeamId::new, pick(refers[0], &names.teams)),
            contract: id(ContractId::new, pick(refers[1], &names.contracts)),
            skills: vec![skill],
            availability,
            absences: if apart { absences } else { Vec::new() },
            wishes,
            last_shift_end: before.0,
            days_worked_before: before.1,
            history: before.2,
            waives: Vec::new(),
            fixed: Vec::new(),
        }
    })
}

fn template() -> impl Strategy<Value = ShiftTemplate> {
    (weekdays(), 0..96_u32, 0..96_u32, 1..96_u16, 0..40_u16, 1..8_u16).prop_map(|(weekdays, a, b, length, more, step)| ShiftTemplate {
        id: id(TemplateId::new, "numbered-later"),
        weekdays,
        start_from: a.min(b) * 15,
        start_to: a.max(b) * 15,
        start_step: Minutes::of(step * 15),
        length_from: Minutes::of(length * 15),
        length_to: Minutes::of((length + more).min(96) * 15),
        length_step: Minutes::of(step * 15),
    })
}

fn break_rule() -> impl Strategy<Value = BreakRule> {
    let window =
        (option::of(minutes(0..=200)), option::of(minutes(200..=400)), option::of(minutes(200..=400)), option::of(minutes(0..=100)));
    let wall = (option::of((0..1000_u32, 1100..=2880_u32)), option::of(minutes(0..=300)));
    let shape = (any::<[bool; 2]>(), 0..600_u16, 1..=2_u32, 1..12_u16);
    (shape, window, wall, terms()).prop_map(|((flags, longer, count, length), window, (wall, around_middle), terms)| {
        let (earliest_after_start, latest_after_start, earliest_before_end, latest_before_end) = window;
        // Two pieces at most.
        let terms = BreakTerms { smallest_piece: terms.smallest_piece.map(|_| Minutes::of(length.div_ceil(2) * 5)), ..terms };
        let single = terms.same_time.is_some() || terms.smallest_piece.is_some();
        BreakRule {
            id: id(RuleId::new, "numbered-later"),
            kind: if flags[0] { BreakKind::Rest } else { BreakKind::Meal },
            shift_longer_than: Minutes::of(longer),
            shift_at_most: Minutes::of(longer + 300),
            count: if single { 1 } else { count },
            length: Minutes::of(length * 5),
            paid: flags[1],
            window: BreakWindow { earliest_after_start, latest_after_start, earliest_before_end, latest_before_end, wall, around_middle },
            terms,
        }
    })
}

fn terms() -> impl Strategy<Value = BreakTerms> {
    let begins = option::of((0..1000_u32, 1001..=2880_u32));
    let trigger = (begins.clone(), option::of(0..=2880_u32), begins).prop_map(|(begins, ends_after, touches)| BreakTrigger {
        begins,
        ends_after,
        touches,
    });
    let every = option::of(
        (240..600_u16, any::<bool>()).prop_map(|(length, or_major_fraction)| Every { length: Minutes::of(length), or_major_fraction }),
    );
    let numbers = (0..4_u16, option::of(minutes(0..=700)), minutes(0..=120));
    (0..4_u8, trigger, every, numbers, any::<bool>()).prop_map(|(kind, trigger, every, (walk, waivable_at_most, missed_premium), flag)| {
        let plain = BreakTerms { trigger, waivable_at_most, missed_premium, ..BreakTerms::default() };
        match kind {
            0 => BreakTerms { every, walk: Minutes::of(walk * 5), choice: flag, ..plain },
            1 => BreakTerms { same_time: Some(if flag { SameTime::Crew } else { SameTime::Site }), fixed_in_advance: flag, ..plain },
            2 => BreakTerms { smallest_piece: Some(Minutes::of(5)), fixed_in_advance: flag, ..plain },
            _ => plain,
        }
    })
}

fn stretch_rule() -> impl Strategy<Value = StretchRule> {
    (minutes(0..=30), minutes(60..=400), option::of(minutes(0..=60)), option::of(minutes(0..=60))).prop_map(
        |(broken_by, longest, shortest, edge)| StretchRule {
            id: id(RuleId::new, "numbered-later"),
            broken_by,
            longest: Some(longest),
            shortest,
            edge,
        },
    )
}

fn wellbeing() -> impl Strategy<Value = WellbeingPolicy> {
    let numbers = (0.0..=30.0_f64, 0.0..=120.0_f64, share(), 0.1..=1.0_f64, option::of(minutes(60..=1440)));
    let groups = (0..4_u32, option::of(6..20_u32), option::of(0.01..=1.0_f64));
    ([0..=60_u16, 0..=60, 0..=60], 0..5_u32, any::<bool>(), numbers, groups).prop_map(
        |([shortest, edge, social], companions, alone, numbers, (least_met_a_week, largest_group, group_share))| WellbeingPolicy {
            longest_stretch: Minutes::of(60 + shortest),
            shortest_stretch: Minutes::of(shortest),
            edge: Minutes::of(edge),
            social: Minutes::of(social),
            social_companions: companions,
            no_rest_alone: alone,
            comfort_minutes_per_hour: numbers.0,
            recovery_minutes: numbers.1,
            hard_call_share: numbers.2,
            occupancy_ceiling: Fraction::new(numbers.3).expect("a share"),
            least_met_a_week,
            largest_group,
            largest_group_share: group_share.map(|share| Fraction::new(share).expect("a share")),
            most_on_one_queue: numbers.4,
        },
    )
}

fn rest() -> impl Strategy<Value = RestRules> {
    (minutes(0..=1440), 0..=6_u32, minutes(0..=4000), minutes(0..=1439))
        .prop_map(|(between_shifts, days_off_per_week, weekly, daily)| RestRules { between_shifts, days_off_per_week, weekly, daily })
}

fn budget() -> impl Strategy<Value = Budget> {
    (option::of(1..=u64::MAX), option::of(1..=604_800_u32)).prop_map(|(steps, seconds)| Budget { steps, seconds })
}

fn staffing() -> impl Strategy<Value = StaffingPolicy> {
    let target = (0.0..1.0_f64, 0.0..=86_400.0_f64, select(&ServiceLevelFormula::ALL[..]), 0..3_usize);
    let numbers = (0.01..0.99_f64, 0.0..0.9_f64, option::of(0.001..1e9_f64));
    (target, 0..3_usize, any::<bool>(), numbers).prop_map(|(target, model, load, numbers)| StaffingPolicy {
        target: ServiceLevelTarget {
            fraction: Fraction::new(target.0).expect("a share"),
            threshold_s: target.1,
            formula: target.2,
            scope: [TargetScope::Interval, TargetScope::Day, TargetScope::Horizon][target.3],
        },
        model: [StaffingModel::Auto, StaffingModel::ErlangC, StaffingModel::ErlangA][model],
        load: if load { LoadModel::Stationary } else { LoadModel::ModifiedOfferedLoad },
        volume_quantile: Fraction::new(numbers.0).expect("a share"),
        shrinkage: Fraction::new(numbers.1).expect("a share"),
        patience_s: numbers.2,
    })
}

fn demand(names: Names, days: DayMap) -> impl Strategy<Value = DemandSource> {
    let numbers = (any::<[f32; 3]>(), option::of(0.001..1e9_f64), 0.0..10.0_f64, 0.0..100.0_f64, 0..400_u32);
    (0..3_u8, option::of(time()), numbers).prop_map(move |(kind, until, (n, patience_s, day_factor_cv, aht_cv, history_days))| {
        let grid = Grid::new(days.start(), IntervalLength::QUARTER_HOUR, days.span().length().get() / 15);
        let positive = |number: f32| if number.is_finite() { f64::from(number.abs()) % 1e4 } else { 0.1 };
        let ids = names.queues.iter().map(|name| id(QueueId::new, name));
        match kind {
            0 => DemandSource::History { until },
            1 => DemandSource::Required(ids.map(|queue| (queue, Curve::from_fn(grid, |i| positive(n[i.get() % 3])))).collect()),
            _ => {
                let cell = IntervalForecast { calls_mean: positive(n[0]), calls_sd: positive(n[1]), aht_s: positive(n[2]) };
                let forecast = |queue| QueueForecast {
                    queue,
                    intervals: Curve::from_fn(grid, |_| cell),
                    patience_s,
                    day_factor_cv,
                    aht_cv,
                    history_days,
                };
                DemandSource::Forecast(ids.map(forecast).collect())
            }
        }
    })
}
