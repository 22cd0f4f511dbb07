//! A roster, a request and forecasts become a scenario: nothing is lost, and what happens is what they say.

use fika_model::calendar::{Date, DayMap};
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::id::{AgentId, ContractId, QueueId, RequestId, RosterId, SiteId, SkillId, TeamId, TemplateId};
use fika_model::people::{self, AgentSkill, Contract, LoadLimits, MinutesRange, Team, WallWindow, Weekdays};
use fika_model::request::{self, Budget, RequestParts};
use fika_model::rules::{RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{
    Activity, ActivityKind, AgentRoster, Curve, Fraction, Grid, IntervalLength, Minute, Minutes, Request, Roster, Shift, Span,
};
use fika_simulation::{Arrivals, Duty, Reason, RosterError, RunSettings, Scenario, Shape, run};

const BILLING: &str = "billing";
const SALES: &str = "sales";
const SERVICE: &str = "service";

fn person(id: &str, skills: &[(&str, f64, u32)]) -> people::Agent {
    let skill = |(id, proficiency, priority): &(&str, f64, u32)| AgentSkill {
        skill: SkillId::new(*id).expect("an id"),
        proficiency: *proficiency,
        priority: *priority,
    };
    people::Agent {
        skills: skills.iter().map(skill).collect(),
        ..people::Agent::new(AgentId::new(id).expect("an id"), TeamId::new("team").expect("an id"), ContractId::new("full").expect("an id"))
    }
}

/// Two days across the change to summer time, so the second has 23 hours; billing and service need the same skill.
fn request(agents: Vec<people::Agent>) -> Request {
    let queue = |id: &str, skill: &str, hours| request::Queue {
        id: QueueId::new(id).expect("an id"),
        name: String::new(),
        skill: SkillId::new(skill).expect("an id"),
        hours,
        hard_minutes_per_day: None,
    };
    let open = WallWindow { weekdays: Weekdays::ALL, from_minute: 540, to_minute: 1020 };
    let range = |least, most| MinutesRange { least: Minutes::of(least), most: Minutes::of(most) };
    let parts = RequestParts {
        id: RequestId::new("request").expect("an id"),
        site: SiteId::new("site").expect("an id"),
        days: DayMap::new("Europe/Berlin", Date::constant(2026, 3, 28), 2).expect("a horizon"),
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: vec![queue(BILLING, "money", vec![open]), queue(SALES, "talk", Vec::new()), queue(SERVICE, "money", Vec::new())],
        skills: vec![SkillId::new("money").expect("an id"), SkillId::new("talk").expect("an id")],
        teams: vec![Team { id: TeamId::new("team").expect("an id"), name: String::new() }],
        contracts: vec![Contract {
            id: ContractId::new("full").expect("an id"),
            week_paid: range(0, 2400),
            shift_length: range(240, 600),
            most_days_per_week: 5,
            most_consecutive_days: 5,
            templates: Vec::new(),
            limits: LoadLimits::default(),
        }],
        agents,
        templates: vec![ShiftTemplate {
            id: TemplateId::new("day").expect("an id"),
            weekdays: Weekdays::ALL,
            start_from: 480,
            start_to: 600,
            start_step: Minutes::of(30),
            length_from: Minutes::of(480),
            length_to: Minutes::of(540),
            length_step: Minutes::of(30),
        }],
        breaks: Vec::new(),
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy { recovery_minutes: 5.0, hard_call_share: Fraction::percent(10), ..WellbeingPolicy::default() },
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules::default(),
        demand: DemandSource::History { until: None },
        staffing: StaffingPolicy { shrinkage: Fraction::percent(10), patience_s: Some(90.0), ..StaffingPolicy::default() },
        budget: Budget::default(),
        seed: 1,
        parent: None,
        activities: Vec::new(),
        back_office: Vec::new(),
    };
    Request::check(parts).expect("a legal request")
}

fn forecast(queue: &str, grid: Grid, day_factor_cv: f64, patience_s: Option<f64>) -> QueueForecast {
    QueueForecast {
        queue: QueueId::new(queue).expect("an id"),
        intervals: Curve::from_fn(grid, |_| IntervalForecast { calls_mean: 6.0, calls_sd: 2.0, aht_s: 240.0 }),
        patience_s,
        day_factor_cv,
        aht_cv: 0.8,
        history_days: 28,
    }
}

fn forecasts(request: &Request) -> Vec<QueueForecast> {
    let grid = request.grid();
    vec![forecast(SALES, grid, 0.3, Some(120.0)), forecast(SERVICE, grid, 0.1, None), forecast(BILLING, grid, 0.1, None)]
}

fn activity(kind: ActivityKind, from: i32, to: i32, queues: &[&str]) -> Activity {
    Activity {
        code: String::new(),
        kind,
        span: Span::between(Minute::new(from), Minute::new(to)),
        paid: true,
        queues: queues.iter().map(|id| QueueId::new(*id).expect("an id")).collect(),
        companions: Vec::new(),
        choice: None,
        asked: None,
        with: Vec::new(),
    }
}

fn roster(request: &Request, agents: Vec<(&str, Vec<Activity>)>) -> Roster {
    let rostered = |(id, activities): (&str, Vec<Activity>)| AgentRoster {
        agent: AgentId::new(id).expect("an id"),
        team: TeamId::new("team").expect("an id"),
        shifts: vec![Shift { id: id.into(), template: None, span: Span::between(Minute::new(480), Minute::new(960)), activities }],
    };
    Roster {
        id: RosterId::new("roster").expect("an id"),
        request: request.id.clone(),
        generation: 1,
        parent: None,
        days: request.days.clone(),
        agents: agents.into_iter().map(rostered).collect(),
    }
}

fn both() -> (Request, Roster) {
    let request = request(vec![person("cem", &[("talk", 1.0, 1)]), person("ada", &[("money", 2.0, 1), ("talk", 1.0, 2)])]);
    let ada = vec![
        activity(ActivityKind::OnQueue, 480, 600, &[BILLING, SALES, SERVICE]),
        activity(ActivityKind::RestBreak, 600, 615, &[]),
        activity(ActivityKind::OnQueue, 615, 720, &[SALES]),
        activity(ActivityKind::Meal, 720, 750, &[]),
        activity(ActivityKind::Huddle, 750, 765, &[]),
        activity(ActivityKind::Coaching, 765, 795, &[]),
        activity(ActivityKind::OnQueue, 795, 960, &[]),
    ];
    let roster = roster(&request, vec![("ada", ada), ("cem", vec![activity(ActivityKind::OnQueue, 480, 960, &[SALES])])]);
    (request, roster)
}

#[test]
fn people_are_laid_out_as_rostered() {
    let (request, roster) = both();
    let scenario = Scenario::from_roster(&request, &roster, &forecasts(&request)).expect("they fit");
    assert!(scenario.check().is_ok());
    assert_eq!(scenario.agents.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>(), ["ada", "cem"]);
    assert_eq!(scenario.agents[0].proficiency, [2.0, 1.0, 2.0]);
    assert!(scenario.agents[1].proficiency.is_empty());
    let serves = |group: usize| scenario.groups[group].serves.iter().map(|s| (s.queue, s.call_rank)).collect::<Vec<_>>();
    let duties: Vec<_> = scenario.agents[0].pieces.iter().map(|piece| (piece.from_s, piece.to_s, piece.duty)).collect();
    let expected = [
        (28_800.0, 36_000.0, Duty::Phones { group: 0 }),
        (36_000.0, 36_900.0, Duty::Away(Reason::RestBreak)),
        (36_900.0, 43_200.0, Duty::Phones { group: 1 }),
        (43_200.0, 45_000.0, Duty::Away(Reason::Meal)),
        (45_000.0, 45_900.0, Duty::Away(Reason::Huddle)),
        (45_900.0, 47_700.0, Duty::Away(Reason::OtherWork)),
        (47_700.0, 57_600.0, Duty::Phones { group: 0 }),
    ];
    assert_eq!(duties, expected);
    assert_eq!((serves(0), serves(1)), (vec![(0, 1), (1, 2), (2, 1)], vec![(1, 2)]), "ada on all her queues, then on one");
    assert_eq!(scenario.agents[1].pieces[0].duty, Duty::Phones { group: 2 });
    assert_eq!(serves(2), [(1, 1)]);
}

#[test]
fn callers_are_those_of_the_forecasts() {
    let (request, roster) = both();
    let scenario = Scenario::from_roster(&request, &roster, &forecasts(&request)).expect("they fit");
    assert_eq!(scenario.day_starts_s, [0.0, 86_400.0]);
    assert_eq!(scenario.periods, 96 + 92, "the second day has 23 hours");
    assert_eq!(scenario.pools, [vec![0, 2], vec![1]], "billing and service have the same agents");
    let expected = |queue: usize| match &scenario.queues[queue].arrivals {
        Arrivals::Expected(calls) => calls.clone(),
        Arrivals::Listed(_) => Vec::new(),
    };
    let open: f64 = expected(0).iter().sum();
    assert!((open - 2.0 * 32.0 * 6.0).abs() < 1e-9, "billing is open from nine to five on two days: {open}");
    assert!((expected(1).iter().sum::<f64>() - 188.0 * 6.0).abs() < 1e-9);
    assert_eq!(scenario.queues[1].talk.shape, Shape::LogNormal { cv: 0.8 });
    let patience = |queue: usize| scenario.queues[queue].patience.as_ref().map(|times| times.mean_s.clone());
    assert_eq!((patience(0), patience(1)), (Some(vec![90.0]), Some(vec![120.0])), "the policy's where the forecast tells none");
    // All queues share the least spread of days; sales has more of its own.
    assert!((cv(&scenario.day_factor) - 0.1).abs() < 1e-12 && cv(&scenario.queues[0].day_factor).abs() < 1e-9);
    let together = (1.0 + 0.01) * (1.0 + cv(&scenario.queues[1].day_factor).powi(2)) - 1.0;
    assert!((together - 0.09).abs() < 1e-12);
    let away: f64 = scenario.absences.iter().map(|absence| absence.share).sum();
    assert!((away - (4.0 / 60.0 + 0.1 * 56.0 / 60.0)).abs() < 1e-12 && (scenario.recovery_s - 300.0).abs() < 1e-12);
}

/// The spread of a gamma factor.
fn cv(factor: &Shape) -> f64 {
    let Shape::Gamma { cv } = factor else { panic!("{factor:?}") };
    *cv
}

#[test]
fn a_rostered_horizon_runs_and_reports_its_pools() {
    let (request, roster) = both();
    let scenario = Scenario::from_roster(&request, &roster, &forecasts(&request)).expect("they fit");
    let report = run(&scenario, &RunSettings { replications: 20, seed: 3, workers: 2 }).expect("a legal scenario");
    assert_eq!((report.pools.len(), report.total.days.len(), report.total.intervals.len()), (2, 2, 188));
    let offered = |slice: &fika_simulation::SliceReport| slice.whole.offered().mean;
    assert!((offered(&report.pools[0]) - offered(&report.queues[0]) - offered(&report.queues[2])).abs() < 1e-9);
    assert!((report.breaks.taken().mean - 2.0).abs() < 1e-9);
    let predicted = report.total.predicted(request.staffing.target.formula).expect("calls");
    assert!(predicted.p10 <= predicted.mean && predicted.interval.0 < predicted.mean && predicted.mean < predicted.interval.1);
    // Cem is on the phones for eight hours, less comfort, shrinkage and recovery.
    let cem = report.agents[1].staffed_s / (480.0 * 60.0);
    assert!((0.70..0.95).contains(&cem), "{cem}");
}

#[test]
fn a_spread_that_only_the_intervals_tell_is_the_day_factors() {
    let (request, roster) = both();
    let untold = |calls_sd: f64| {
        let told = |queue| QueueForecast {
            intervals: Curve::from_fn(request.grid(), |_| IntervalForecast { calls_mean: 16.0, calls_sd, aht_s: 240.0 }),
            ..forecast(queue, request.grid(), 0.0, None)
        };
        let scenario = Scenario::from_roster(&request, &roster, &[told(SALES), told(SERVICE), told(BILLING)]).expect("they fit");
        cv(&scenario.day_factor)
    };
    assert!((untold(5.0) - (9.0_f64 / 256.0).sqrt()).abs() < 1e-12, "25 = 16 + 0.1875^2 16^2");
    assert!(untold(4.0).abs() < 1e-12 && untold(0.0).abs() < 1e-12);
}

#[test]
fn what_does_not_fit_is_named() {
    let (request, roster) = both();
    let mut forecasts = forecasts(&request);
    let stranger =
        Roster { agents: vec![AgentRoster { agent: AgentId::new("eve").expect("an id"), ..roster.agents[0].clone() }], ..roster.clone() };
    let refused = Scenario::from_roster(&request, &stranger, &forecasts);
    assert_eq!(refused, Err(RosterError::UnknownAgent { agent: AgentId::new("eve").expect("an id") }));
    let short = Grid::new(request.days.start(), request.interval, 4);
    let queue = QueueId::new(SERVICE).expect("an id");
    forecasts[1] = forecast(SERVICE, short, 0.1, None);
    assert_eq!(Scenario::from_roster(&request, &roster, &forecasts), Err(RosterError::OtherGrid { queue: queue.clone() }));
    forecasts.remove(1);
    assert_eq!(Scenario::from_roster(&request, &roster, &forecasts), Err(RosterError::NoForecast { queue }));
}

#[test]
fn time_on_queue_from_the_roster_before_is_there() {
    let mut ada = person("ada", &[("money", 1.0, 1), ("talk", 1.0, 2)]);
    let work = |minutes, queues: &[&str]| people::EarlierWork {
        start: request(vec![person("ada", &[("money", 1.0, 1)])]).days.start(),
        length: Minutes::of(minutes),
        queues: queues.iter().map(|id| QueueId::new(*id).expect("an id")).collect(),
    };
    ada.history.on_queue_in_horizon = vec![work(90, &[SALES])];
    let request = request(vec![ada]);
    let roster = roster(&request, vec![("ada", vec![activity(ActivityKind::OnQueue, 480, 600, &[])])]);
    let scenario = Scenario::from_roster(&request, &roster, &forecasts(&request)).expect("they fit");
    let pieces: Vec<_> = scenario.agents[0].pieces.iter().map(|piece| (piece.from_s, piece.to_s)).collect();
    assert_eq!(pieces, [(0.0, 5400.0), (28_800.0, 36_000.0)]);
    let Duty::Phones { group } = scenario.agents[0].pieces[0].duty else { panic!("on the phones") };
    assert_eq!(scenario.groups[group].serves.iter().map(|serves| serves.queue).collect::<Vec<_>>(), [1]);
    assert!(scenario.check().is_ok());
}

#[test]
fn a_queue_open_past_midnight_has_callers_in_the_first_night_and_in_each_interval_it_shares() {
    // Quarter hours with callers of Saturday and Sunday, for a queue open on some days from one minute to another.
    let check = |weekdays: Weekdays, (from_minute, to_minute): (u32, u32), expect: &[(usize, usize)]| {
        let mut parts = (*request(vec![person("ada", &[("money", 1.0, 1)])])).clone();
        parts.queues[0].hours = vec![WallWindow { weekdays, from_minute, to_minute }];
        let request = Request::check(parts).expect("a legal request");
        let roster = roster(&request, vec![("ada", vec![activity(ActivityKind::OnQueue, 480, 960, &[])])]);
        let scenario = Scenario::from_roster(&request, &roster, &forecasts(&request)).expect("they fit");
        let Arrivals::Expected(calls) = &scenario.queues[0].arrivals else { panic!("expected calls") };
        let open: Vec<usize> = (0..calls.len()).filter(|at| calls[*at] > 0.0).collect();
        assert_eq!(open, expect.iter().flat_map(|(from, to)| *from..*to).collect::<Vec<_>>(), "{from_minute} to {to_minute}");
    };
    let friday = Weekdays::of([fika_model::Weekday::Friday]);
    check(friday, (1320, 1440), &[]);
    check(friday, (1320, 1441), &[(0, 1)]);
    check(friday, (1320, 1440 + 120), &[(0, 8)]);
    // On Sunday the clock skips from two to three.
    check(Weekdays::ALL, (1320, 1440 + 180), &[(0, 12), (88, 104), (180, 188)]);
    check(Weekdays::ALL, (545, 556), &[(36, 38), (128, 130)]);
}

#[test]
fn the_first_queue_of_a_piece_comes_first_where_the_request_limits_queues() {
    let ada = || person("ada", &[("money", 1.0, 1), ("talk", 1.0, 2)]);
    let ranks = |most: Option<u16>, named: &[&str]| {
        let mut parts = (*request(vec![ada()])).clone();
        parts.wellbeing.most_on_one_queue = most.map(Minutes::of);
        let request = Request::check(parts).expect("a legal request");
        let roster = roster(&request, vec![("ada", vec![activity(ActivityKind::OnQueue, 480, 600, named)])]);
        let scenario = Scenario::from_roster(&request, &roster, &forecasts(&request)).expect("they fit");
        let serves = scenario.groups.first().map_or(&[][..], |group| &group.serves);
        serves.iter().map(|serves| (serves.queue, serves.call_rank, serves.agent_rank)).collect::<Vec<_>>()
    };
    assert_eq!(ranks(None, &[SALES, BILLING]), [(0, 1, 0), (1, 2, 0)]);
    assert_eq!(ranks(Some(120), &[SALES, BILLING]), [(0, 2, 1), (1, 0, 0)]);
    assert_eq!(ranks(Some(120), &[BILLING, SALES]), [(0, 0, 0), (1, 3, 1)]);
    assert_eq!(ranks(Some(120), &[]), [], "who serves none is not on the phones");
}
