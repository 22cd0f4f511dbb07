//! Rules end to end: the solver keeps them, the verifier proves it, and the roster shows them.

use fika_model::demand::DemandSource;
use fika_model::request::RequestParts;
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakTrigger, BreakWindow, Every, SameTime, StretchRule};
use fika_model::{ActivityKind, Curve, Digest, Grid, Minutes, Roster, RuleId, Shift, Verdict};
use fika_solver::StepQuota;

use super::*;
use crate::fixture::request;

pub(crate) struct Blank;

impl Seal for Blank {
    fn request(&self, _: &Request) -> Digest {
        Digest([1; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([2; 32])
    }
}

/// Plans a request with few steps; the verifier proved what comes back.
pub(super) fn proved(request: &Request, steps: u64) -> Planned {
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let planned = plan(request, None, ids, PlanSettings::default(), &Blank, &StepQuota(steps), &mut |_| {});
    let planned = planned.unwrap_or_else(|error| panic!("{error}: {error:?}"));
    assert_eq!(planned.summary.certificate.verdict(), Verdict::Proved);
    planned
}

/// The small week with four people required from 09:00 to 17:00 on Monday to Friday, changed, planned with few steps, proved.
pub(super) fn planned(change: impl FnOnce(&mut RequestParts)) -> (Request, Planned) {
    let request = request(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, parts.days.span().length().get() / 15);
        let people = |n: usize| if (36..68).contains(&(n % 96)) && n / 96 < 5 { 4.0 } else { 0.0 };
        let curve = |share: f64| Curve::from_fn(grid, move |at| (people(at.get()) * share).floor());
        parts.demand = DemandSource::Required(vec![(parts.queues[0].id.clone(), curve(0.75)), (parts.queues[1].id.clone(), curve(0.25))]);
        change(parts);
    });
    let planned = proved(&request, 150);
    (request, planned)
}

/// How often a rule was tried.
pub(super) fn tried(planned: &Planned, rule: &str) -> u64 {
    planned.summary.certificate.rules.iter().find(|row| row.rule.as_str() == rule).map_or(0, |row| row.checked)
}

pub(super) fn shifts(planned: &Planned) -> impl Iterator<Item = &Shift> {
    planned.roster.agents.iter().flat_map(|agent| &agent.shifts)
}

pub(super) fn meals(shift: &Shift) -> Vec<(i32, u32)> {
    let meals = shift.activities.iter().filter(|activity| activity.kind == ActivityKind::Meal);
    meals.map(|meal| (meal.span.start().minutes_since(shift.span.start()), meal.span.length().get())).collect()
}

fn meal_rule(parts: &mut RequestParts) -> &mut BreakRule {
    parts.breaks.iter_mut().find(|rule| rule.kind == BreakKind::Meal).expect("a meal")
}

#[test]
fn breaks_for_every_so_many_minutes() {
    let (_, planned) = planned(|parts| {
        let rule = &mut parts.breaks[0];
        (rule.count, rule.length) = (1, Minutes::of(10));
        rule.terms.every = Some(Every { length: Minutes::of(180), or_major_fraction: true });
    });
    let rests = |shift: &Shift| shift.activities.iter().filter(|a| a.kind == ActivityKind::RestBreak).count();
    let due = |shift: &Shift| (shift.span.length().get() / 180 + u32::from(shift.span.length().get() % 180 > 90)) as usize;
    assert!(shifts(&planned).count() > 20 && shifts(&planned).all(|shift| rests(shift) == due(shift)));
}

#[test]
fn breaks_in_pieces_with_a_law_of_six_hours() {
    let (_, planned) = planned(|parts| {
        let rule = meal_rule(parts);
        (rule.length, rule.terms.smallest_piece) = (Minutes::of(45), Some(Minutes::of(15)));
        parts.breaks[0].length = Minutes::of(10);
        parts.stretches.push(StretchRule {
            id: RuleId::new("law").expect("an id"),
            broken_by: Minutes::of(15),
            longest: Some(Minutes::of(300)),
            shortest: None,
            edge: Some(Minutes::of(60)),
        });
    });
    assert!(tried(&planned, "law") > 0);
    let ways: std::collections::BTreeSet<usize> = shifts(&planned).map(|shift| meals(shift).len()).collect();
    assert!(shifts(&planned).all(|shift| meals(shift).iter().map(|(_, length)| length).sum::<u32>() == 45), "{ways:?}");
}

#[test]
fn walks_middles_and_waivers() {
    let (request, planned) = planned(|parts| {
        let rule = meal_rule(parts);
        (rule.terms.walk, rule.window) = (Minutes::of(5), BreakWindow { around_middle: Some(Minutes::of(20)), ..BreakWindow::default() });
        rule.terms.waivable_at_most = Some(Minutes::of(480));
        let id = rule.id.clone();
        parts.agents[0].waives.push(id);
        // Without the meal, two rests cut a shift of seven hours into stretches of more than two.
        parts.wellbeing.longest_stretch = Minutes::of(180);
    });
    for agent in &planned.roster.agents {
        for shift in &agent.shifts {
            let length = shift.span.length().get();
            let waived = agent.agent == request.agents[0].id && length <= 480;
            let expect = usize::from(!waived);
            let meals = meals(shift);
            assert_eq!(meals.len(), expect, "{} {length}", agent.agent);
            assert!(meals.iter().all(|(start, own)| *own == 35 && (2 * start + 35 - length as i32).abs() <= 40));
        }
    }
    let without = planned.roster.agents[0].shifts.iter().filter(|shift| meals(shift).is_empty()).count();
    assert!(without > 0, "the waiver was used");
}

#[test]
fn triggers_by_the_wall_clock() {
    let (request, planned) = planned(|parts| {
        meal_rule(parts).terms.trigger = BreakTrigger { begins: Some((0, 600)), ends_after: Some(900), touches: None };
        parts.wellbeing.longest_stretch = Minutes::of(240);
    });
    let (mut with, mut without) = (0, 0);
    for shift in shifts(&planned) {
        let (_, start) = request.days.wall_at(shift.span.start());
        let due = usize::from(start < 600 && start + shift.span.length().get() > 900);
        assert_eq!(meals(shift).len(), due);
        *if due > 0 { &mut with } else { &mut without } += 1;
    }
    assert!(with > 0 && without > 0, "{with} with, {without} without");
}

#[test]
fn meals_at_the_same_time() {
    for same in [SameTime::Crew, SameTime::Team, SameTime::Site] {
        let (request, planned) = planned(|parts| meal_rule(parts).terms.same_time = Some(same));
        let mut times: std::collections::BTreeMap<(usize, Option<&str>), std::collections::BTreeSet<i32>> =
            std::collections::BTreeMap::new();
        for agent in &planned.roster.agents {
            for shift in &agent.shifts {
                let day = request.days.day_at(shift.span.start()).expect("a day").get();
                let team = (same != SameTime::Site).then_some(agent.team.as_str());
                times.entry((day, team)).or_default().extend(meals(shift).iter().map(|(start, _)| shift.span.start().get() + start));
            }
        }
        assert!(times.len() >= 5 && times.values().all(|starts| starts.len() == 1), "{same:?}: {times:?}");
    }
}

#[test]
fn chosen_breaks_name_their_bounds() {
    let (_, planned) = planned(|parts| meal_rule(parts).terms = BreakTerms { choice: true, ..BreakTerms::default() });
    let bounds = || shifts(&planned).flat_map(|shift| &shift.activities).filter_map(|a| Some((a.span, a.choice?)));
    assert_eq!(bounds().count(), shifts(&planned).count());
    assert!(bounds().all(|(span, choice)| choice.covers(span)) && bounds().any(|(span, choice)| choice.length() > span.length()));
    assert!(tried(&planned, "break.choice") > 0);
}

#[test]
fn company_over_the_week_is_kept_and_wishes_are_counted() {
    let colleague = |parts: &RequestParts, n: usize| fika_model::people::Wish::Colleague(parts.agents[n].id.clone());
    let (request, planned) = planned(|parts| {
        (parts.wellbeing.least_met_a_week, parts.wellbeing.largest_group) = (2, Some(3));
        parts.wellbeing.largest_group_share = Some(fika_model::Fraction::percent(90));
        parts.agents[0].wishes = vec![colleague(parts, 1), fika_model::people::Wish::DayOff(parts.days.first_date())];
    });
    assert!(tried(&planned, "social.least-met") >= 6 && tried(&planned, "social.largest-group") > 20);
    assert_eq!(tried(&planned, "social.group-share"), tried(&planned, "social.largest-group"));
    let report = &planned.summary.fairness;
    let names: Vec<_> = report.carry_over.iter().map(|one| one.agent.as_str()).collect();
    assert_eq!(names, ["a1", "a2", "a3", "b1", "b2", "b3"]);
    let kinds: Vec<_> = report.wishes.iter().map(|count| (count.kind, count.asked > 0, count.granted <= count.asked)).collect();
    assert_eq!(kinds, [(fika_model::fairness::WishKind::DayOff, true, true), (fika_model::fairness::WishKind::Colleague, true, true)]);
    assert!(report.teams.iter().all(|team| team.met == 3 && team.left_out.is_empty()), "{:?}", report.teams);
    assert_eq!(fika_verify::fairness(&request, &planned.roster).carry_over, report.carry_over);
}
