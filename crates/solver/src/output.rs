//! From indices back to ids: rosters, score and allocation as the model writes them.

use fika_model::grid::Curve;
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Shift};
use fika_model::score::Score;
use fika_model::{AgentId, DayIndex, Minute, Minutes, QueueId, Span};

use crate::company::{Placed, SHARED_MINUTES};
use crate::polish;
use crate::problem::{Contradiction, Person, Problem};
use crate::state::State;
use crate::weights::marginal;

/// The score by level.
pub(crate) fn score(state: &State<'_>) -> Score {
    let (owed, fairness) = polish::measure(state);
    // `marginal` is in hundredths of the score's unit of service.
    let service = service(state, 0..state.problem.horizon_cells) / 100;
    Score { hard: state.lack_minutes() - state.lost_minutes() + owed, service, cost: state.paid(), fairness }
}

/// What cells are short of, in the search's units.
pub(crate) fn service(state: &State<'_>, cells: std::ops::Range<usize>) -> i64 {
    let problem = state.problem;
    let mut service = 0;
    for (pool, data) in problem.pools.iter().enumerate() {
        for cell in cells.start..cells.end.min(problem.horizon_cells) {
            let filled = state.coverage.filled(pool, cell);
            service += (filled..data.required[cell]).map(|present| marginal(data.required[cell], present)).sum::<i64>();
        }
    }
    service * i64::from(problem.step)
}

/// People counted for each pool by interval.
pub(crate) fn allocation(state: &State<'_>) -> Vec<Curve<f64>> {
    let problem = state.problem;
    let grid = problem.request.grid();
    let per = (problem.request.interval.minutes() / problem.step) as usize;
    let mean = |pool: usize, interval: usize| {
        let cells = (interval * per)..((interval + 1) * per);
        cells.map(|cell| f64::from(state.coverage.filled(pool, cell))).sum::<f64>() / per as f64
    };
    (0..problem.pools.len()).map(|pool| Curve::from_fn(grid, |interval| mean(pool, interval.get()))).collect()
}

/// Shifts whose company is lacking.
pub(crate) fn unmet(state: &State<'_>) -> Vec<Contradiction> {
    let problem = state.problem;
    let mut unmet = Vec::new();
    for (n, person) in problem.people.iter().enumerate() {
        for day in 0..problem.day_count() {
            let lack = state.lack(n, day);
            let missing_minutes = lack.minutes - lack.lost;
            if missing_minutes > 0 {
                let agent = problem.request.agents[person.position].id.clone();
                let day = problem.request.days.date(DayIndex::new(day as u32));
                unmet.push(Contradiction::NoCompany { position: person.position, agent, day, missing_minutes });
            }
        }
    }
    unmet.extend(polish::unmet(state));
    unmet
}

/// Everybody's roster, in the order of the ids.
pub(crate) fn agents(state: &State<'_>) -> Vec<AgentRoster> {
    let problem = state.problem;
    let company = TeamBreaks::new(state);
    let there = there(state);
    let roster = |(n, person): (usize, &Person)| {
        let agent = &problem.request.agents[person.position];
        let shifts =
            (0..problem.day_count()).filter_map(|day| Some(shift(problem, (&company, &there), n, day, state.placed(n, day)?))).collect();
        AgentRoster { agent: agent.id.clone(), team: agent.team.clone(), shifts }
    };
    problem.people.iter().enumerate().map(roster).collect()
}

/// Who takes part in each session of the problem, as people in the order of their ids.
fn there(state: &State<'_>) -> Vec<Vec<u32>> {
    let problem = state.problem;
    let mut there = vec![Vec::new(); problem.sessions.len()];
    for person in 0..if there.is_empty() { 0 } else { problem.people.len() } {
        for placed in (0..problem.day_count()).filter_map(|day| state.placed(person, day)) {
            problem.held(person, placed).for_each(|engaged| there[engaged.session as usize].push(person as u32));
        }
    }
    there
}

fn shift(problem: &Problem, (company, there): (&TeamBreaks, &[Vec<u32>]), person: usize, day: usize, placed: &Placed) -> Shift {
    let who = &problem.people[person];
    let option = &problem.options[placed.option as usize];
    let agent = &problem.request.agents[who.position];
    let served = &problem.groups[who.group as usize];
    let mut queues: Vec<QueueId> = served.iter().flat_map(|pool| problem.pools[usize::from(*pool)].queues.clone()).collect();
    queues.sort();
    queues.dedup();
    let span = |from: u32, to: u32| Span::between(minute(problem, from), minute(problem, to));
    let work = Activity {
        code: "on_queue".to_owned(),
        kind: ActivityKind::OnQueue,
        span: span(option.start, option.start),
        paid: true,
        queues,
        companions: Vec::new(),
        choice: None,
        asked: None,
        with: Vec::new(),
    };
    let mut pieces: Vec<Activity> = Vec::new();
    for (n, one) in placed.breaks.iter().enumerate() {
        let sort = &problem.plans[option.plan as usize].sorts[one.sort as usize];
        let (from, to) = (option.start + u32::from(one.offset), option.start + u32::from(one.offset) + sort.len);
        let rule = &problem.request.breaks[usize::from(sort.rule)];
        pieces.push(Activity {
            code: if sort.rest { "rest" } else { "meal" }.to_owned(),
            kind: if sort.rest { ActivityKind::RestBreak } else { ActivityKind::Meal },
            span: span(from, to),
            paid: rule.paid,
            queues: Vec::new(),
            companions: company.of(problem, person, from, to),
            choice: rule.terms.choice.then(|| choice(problem, placed, n)),
            ..work.clone()
        });
    }
    for engaged in problem.held(person, placed) {
        let session = engaged.session as usize;
        let others = there[session].iter().filter(|other| **other as usize != person);
        let id = |other: &u32| problem.request.agents[problem.people[*other as usize].position].id.clone();
        pieces.push(Activity { with: others.map(id).collect(), ..problem.sessions[session].activity.clone() });
    }
    let whole = span(option.start, option.start + option.len);
    Shift {
        id: format!("{}:{}", agent.id, problem.request.days.date(DayIndex::new(day as u32))),
        template: Some(problem.request.templates[usize::from(option.template)].id.clone()),
        span: Span::new(Minute::new(option.start_minute), Minutes::of((option.len * problem.step) as u16)),
        activities: tiled(whole, &work, pieces),
    }
}

/// Pieces of a shift with work between them.
fn tiled(shift: Span, work: &Activity, mut pieces: Vec<Activity>) -> Vec<Activity> {
    pieces.sort_by_key(|piece| piece.span);
    let mut activities = Vec::new();
    let mut at = shift.start();
    for piece in pieces {
        if at < piece.span.start() {
            activities.push(Activity { span: Span::between(at, piece.span.start()), ..work.clone() });
        }
        at = piece.span.end();
        activities.push(piece);
    }
    if at < shift.end() {
        activities.push(Activity { span: Span::between(at, shift.end()), ..work.clone() });
    }
    activities
}

/// The bounds within which a break may be taken at every start, with the others of the shift where they are.
fn choice(problem: &Problem, placed: &Placed, n: usize) -> Span {
    let option = &problem.options[placed.option as usize];
    let plan = &problem.plans[option.plan as usize];
    let mut breaks = placed.breaks.clone();
    let own = breaks[n].offset;
    let mut allows = |offset: u16| {
        breaks[n].offset = offset;
        plan.allows(&breaks)
    };
    let first = (0..=own).rev().take_while(|offset| allows(*offset)).last().unwrap_or(own);
    let last = (own..=plan.len as u16).take_while(|offset| allows(*offset)).last().unwrap_or(own);
    let length = plan.sorts[usize::from(placed.breaks[n].sort)].len;
    Span::between(minute(problem, option.start + u32::from(first)), minute(problem, option.start + u32::from(last) + length))
}

fn minute(problem: &Problem, cell: u32) -> Minute {
    Minute::new((cell * problem.step) as i32)
}

/// All breaks of each team in order of their start.
struct TeamBreaks {
    teams: Vec<Vec<(u32, u32, u32)>>,
    longest: u32,
}

impl TeamBreaks {
    fn new(state: &State<'_>) -> Self {
        let problem = state.problem;
        let mut teams = vec![Vec::new(); problem.teams.len()];
        for (n, person) in problem.people.iter().enumerate() {
            for placed in (0..problem.day_count()).filter_map(|day| state.placed(n, day)) {
                for (cells, _) in placed.break_cells(problem) {
                    teams[person.team as usize].push((cells.start as u32, cells.end as u32, n as u32));
                }
            }
        }
        for breaks in &mut teams {
            breaks.sort_unstable();
        }
        let longest = teams.iter().flatten().map(|(from, to, _)| to - from).max().unwrap_or(0);
        Self { teams, longest }
    }

    /// Team-mates whose breaks share enough of these cells, in the order of their ids.
    fn of(&self, problem: &Problem, person: usize, from: u32, to: u32) -> Vec<AgentId> {
        let breaks = &self.teams[problem.people[person].team as usize];
        let first = breaks.partition_point(|(start, _, _)| start + self.longest <= from);
        let shared = |start: u32, end: u32| to.min(end).saturating_sub(from.max(start)) * problem.step;
        let near = breaks[first..].iter().take_while(|(start, _, _)| *start < to);
        let mut mates: Vec<u32> = near
            .filter(|(start, end, mate)| *mate as usize != person && shared(*start, *end) >= SHARED_MINUTES)
            .map(|(_, _, mate)| *mate)
            .collect();
        mates.sort_unstable();
        mates.dedup();
        mates.iter().map(|mate| problem.request.agents[problem.people[*mate as usize].position].id.clone()).collect()
    }
}
