//! Shifts that stand, nights, weekends, averages, clocks that change, and starved weeks: kept by the solver, proved by the verifier.

use fika_model::calendar::Date;
use fika_model::demand::DemandSource;
use fika_model::people::{Averaging, FixedShift, LoadLimits, MinutesRange, NightRule, WeekendRule};
use fika_model::request::RequestParts;
use fika_model::{Curve, DayMap, Grid, Minute, Minutes, RuleId, Span, TemplateId};

use super::keeps::{meals, planned, proved, shifts, tried};
use crate::fixture::request;

fn span(day: i32, start: i32, length: u16) -> Span {
    Span::new(Minute::new(day * 1440 + start), Minutes::of(length))
}

fn range(least: u16, most: u16) -> MinutesRange {
    MinutesRange { least: Minutes::of(least), most: Minutes::of(most) }
}

fn limits(parts: &mut RequestParts) -> &mut LoadLimits {
    &mut parts.contracts[0].limits
}

#[test]
fn shifts_and_breaks_that_stand() {
    let day = || TemplateId::new("day").expect("an id");
    let (_, planned) = planned(|parts| {
        let meal = RuleId::new("meal").expect("an id");
        parts.agents[0].fixed =
            vec![FixedShift { template: day(), span: span(2, 660, 480), breaks: vec![(meal, Minute::new(2 * 1440 + 900))] }];
        parts.agents[3].fixed = vec![FixedShift { template: day(), span: span(6, 480, 420), breaks: Vec::new() }];
    });
    assert_eq!(tried(&planned, "agent.fixed"), 3);
    let first = &planned.roster.agents[0].shifts;
    let stands = first.iter().find(|shift| shift.span == span(2, 660, 480)).expect("the shift stands");
    assert_eq!(meals(stands), [(240, 30)]);
}

#[test]
fn a_shift_that_cannot_stand_is_named() {
    let request = request(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 672);
        let none = || Curve::from_fn(grid, |_| 0.0);
        parts.demand = DemandSource::Required(parts.queues.iter().map(|queue| (queue.id.clone(), none())).collect());
        parts.agents[1].fixed =
            vec![FixedShift { template: TemplateId::new("day").expect("an id"), span: span(2, 665, 540), breaks: Vec::new() }];
    });
    let Err(infeasible) = fika_solver::Problem::new(&request, Vec::new()) else { panic!("11:05 is no start of the template") };
    let faults = infeasible.faults().0;
    assert_eq!((faults.len(), faults[0].at.as_str()), (1, "agents[1]"));
    assert!(faults[0].cause.contains("fixed shift of agent a2"), "{}", faults[0].cause);
}

#[test]
fn hours_starts_and_rotation() {
    let (request, planned) = planned(|parts| {
        *limits(parts) = LoadLimits {
            day_paid: Some(range(420, 480)),
            forward_rotation: true,
            starts_within: Some(Minutes::of(60)),
            averaging: Some(Averaging { weeks: 2, week_paid: range(1500, 2000) }),
            ..LoadLimits::default()
        };
        parts.rest.daily = Minutes::of(900);
        for agent in &mut parts.agents {
            agent.history.averaging_weeks = 1;
            agent.history.averaging_paid = Minutes::of(1900);
            agent.history.start_of_day_before = Some(540);
        }
    });
    for rule in ["contract.day-paid", "contract.forward-rotation", "contract.starts-within", "contract.average-paid-most", "rest.daily"] {
        assert!(tried(&planned, rule) > 0, "{rule}");
    }
    for agent in &planned.roster.agents {
        let paid: u32 = agent.shifts.iter().map(|shift| shift.paid().get()).sum();
        assert!(paid <= 2100, "{paid} and 1900 are more than two weeks of 2000");
        let starts: Vec<u32> = agent.shifts.iter().map(|shift| request.days.wall_at(shift.span.start()).1).collect();
        assert!(starts.iter().max().zip(starts.iter().min()).is_none_or(|(last, first)| last - first <= 60), "{starts:?}");
    }
}

/// Twelve weeks are too long for a test; two show each rule that looks over weeks.
fn around_the_clock(parts: &mut RequestParts) {
    parts.days = DayMap::new("Europe/Stockholm", Date::constant(2026, 3, 2), 14).expect("a horizon");
    let mut night = parts.templates[0].clone();
    (night.id, night.start_from, night.start_to) = (TemplateId::new("night").expect("an id"), 1320, 1320);
    parts.templates.push(night);
    let grid = Grid::new(parts.days.start(), parts.interval, parts.days.span().length().get() / 15);
    let one = |least: f64| Curve::from_fn(grid, move |at| if (32..88).contains(&(at.get() % 96)) { least } else { 1.0 });
    parts.demand = DemandSource::Required(vec![(parts.queues[0].id.clone(), one(2.0)), (parts.queues[1].id.clone(), one(0.0))]);
    parts.contracts[0].week_paid = range(900, 2400);
    parts.wellbeing.social = Minutes::ZERO;
}

#[test]
fn nights_and_weekends_are_limited_over_weeks() {
    let request = request(|parts| {
        around_the_clock(parts);
        *limits(parts) = LoadLimits {
            weekends: Some(WeekendRule { free: 1, of: 2 }),
            nights: Some(NightRule {
                window: (1380, 1800),
                counts_from: Minutes::of(180),
                most_in_row: Some(2),
                most_per_week: Some(3),
                longest_shift: Some(Minutes::of(480)),
            }),
            ..LoadLimits::default()
        };
        parts.agents[0].history.weekends_worked = vec![true];
        parts.agents[1].history.nights_in_row = 2;
    });
    let planned = proved(&request, 200);
    for rule in ["contract.weekends-off", "contract.nights-in-row", "contract.nights-per-week", "contract.night-length"] {
        assert!(tried(&planned, rule) > 0, "{rule}");
    }
    let night = |shift: &&fika_model::Shift| request.days.wall_at(shift.span.start()).1 == 1320;
    assert!(shifts(&planned).filter(night).count() >= 5, "nights are worked");
    let over_the_edge = shifts(&planned).any(|shift| shift.span.end() > request.days.span().end());
    let over_midnight = shifts(&planned).any(|shift| request.days.day_at(shift.span.start()) != request.days.day_at(shift.span.end()));
    assert!(over_the_edge || over_midnight);
}

/// Sweden puts its clocks forward on 2026-03-29 and back on 2026-10-25, both a Sunday at night.
#[test]
fn nights_over_both_changes_of_the_clocks() {
    for (first, minutes) in [(Date::constant(2026, 3, 26), 7 * 1440 - 60), (Date::constant(2026, 10, 22), 7 * 1440 + 60)] {
        let request = request(|parts| {
            around_the_clock(parts);
            parts.days = DayMap::new("Europe/Stockholm", first, 7).expect("a horizon");
            let grid = Grid::new(parts.days.start(), parts.interval, parts.days.span().length().get() / 15);
            let need = || Curve::from_fn(grid, |_| 1.0);
            parts.demand = DemandSource::Required(parts.queues.iter().map(|queue| (queue.id.clone(), need())).collect());
            // The night of the change must be worked: a shift that stands from Saturday 22:00 by the wall clock, eight hours by the sun.
            let saturday = parts.days.minute_at_wall(fika_model::DayIndex::new(2), 1320);
            let night = TemplateId::new("night").expect("an id");
            parts.agents[3].fixed = vec![FixedShift { template: night, span: Span::new(saturday, Minutes::of(480)), breaks: Vec::new() }];
        });
        assert_eq!(request.days.span().length().get(), minutes);
        let planned = proved(&request, 150);
        let over = planned.roster.agents[3]
            .shifts
            .iter()
            .find(|shift| request.days.wall_at(shift.span.start()) == (request.days.date(fika_model::DayIndex::new(2)), 1320));
        let (_, ends) = request.days.wall_at(over.expect("the night is worked").span.end());
        assert_eq!(ends, if minutes < 7 * 1440 { 420 } else { 300 }, "eight hours end an hour later or earlier by the wall clock");
        for shift in shifts(&planned) {
            let (_, start) = request.days.wall_at(shift.span.start());
            assert!(start == 1320 || (480..=720).contains(&start), "starts are by the wall clock: {start}");
        }
    }
}

/// Wellbeing is never relaxed: with far too few people, in a hundred weeks, every rule holds and the shortfall is said.
#[test]
fn a_hundred_starved_weeks_keep_every_promise() {
    for seed in 0..100_u64 {
        let scarcity = 6.0 + (seed % 10) as f64 * 4.0;
        let request = request(|parts| {
            parts.seed = seed;
            parts.days = DayMap::new("Europe/Berlin", Date::constant(2026, 3, 2), 1 + (seed % 7) as u32).expect("a horizon");
            let grid = Grid::new(parts.days.start(), parts.interval, parts.days.span().length().get() / 15);
            let need =
                |share: f64| Curve::from_fn(grid, move |at| if (28..84).contains(&(at.get() % 96)) { scarcity * share } else { 0.0 });
            parts.demand = DemandSource::Required(vec![(parts.queues[0].id.clone(), need(0.75)), (parts.queues[1].id.clone(), need(0.25))]);
            let absent = (seed % 3) as usize;
            parts.agents.retain(|agent| absent == 0 || agent.team.as_str() == ["red", "sky"][absent - 1]);
            parts.contracts[0].week_paid.least = Minutes::ZERO;
        });
        let planned = proved(&request, 25);
        let summary = &planned.summary;
        assert!(summary.shortfall_minutes > 0.0 && summary.shortfall_minutes >= summary.shortfall_bound_minutes, "seed {seed}");
        let named: f64 = summary.shortfalls.iter().map(|short| short.person_minutes).sum();
        assert!((named - summary.shortfall_minutes).abs() < 1e-6, "seed {seed}: every missing minute is named");
        for promise in ["stretch.longest", "stretch.shortest", "stretch.edge", "social.minutes", "social.no-rest-alone", "rest", "meal"] {
            assert!(summary.shifts == 0 || tried(&planned, promise) > 0, "seed {seed}: {promise} was not tried");
        }
        assert!(summary.shifts > 0, "seed {seed}: somebody works");
    }
}

/// Agents who waive, who stand and whose teams break together: the order in which the request lists them changes nothing.
#[test]
fn the_order_of_agents_changes_nothing() {
    let rosters = [false, true].map(|turned| {
        let (_, planned) = planned(|parts| {
            parts.breaks[1].terms.waivable_at_most = Some(Minutes::of(420));
            parts.breaks[1].terms.same_time = Some(fika_model::rules::SameTime::Team);
            parts.agents[2].waives.push(parts.breaks[1].id.clone());
            let template = parts.templates[0].id.clone();
            for (agent, day) in [(4, 1), (0, 3)] {
                parts.agents[agent].fixed = vec![FixedShift { template: template.clone(), span: span(day, 540, 480), breaks: Vec::new() }];
            }
            if turned {
                parts.agents.reverse();
            }
        });
        planned.roster.agents
    });
    assert_eq!(rosters[0], rosters[1]);
}
