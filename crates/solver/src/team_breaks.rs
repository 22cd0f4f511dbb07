//! The breaks of one team's shifts of a day as one mixed-integer programme, for when the search leaves company lacking.
//!
//! Each shift's breaks are a path through the states of its plan (a binary per state, sort and start); a cell of break is social where
//! enough others of the team are on break too; a rest is alone where nobody is. `HiGHS` looks for the arrangement that lacks least and then
//! costs least. Its answer is a claim: the caller puts it in place and counts again. Node limit, not time, ends it, so it repeats.

use std::collections::BTreeMap;

use good_lp::solvers::highs::{HighsParallelType, highs};
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable};

use crate::breaks::{BreakPlan, PlacedBreak};
use crate::company::Placed;
use crate::problem::Problem;
use crate::state::State;
use crate::weights::SHORT_MINUTE;

/// Nodes of the branch and bound tree that are looked at.
const MOST_NODES: i32 = 400;
/// Seconds after which something is wrong; node limits end each solve long before.
const MOST_SECONDS: f64 = 60.0;
/// What a cell of lacking company costs, in short cells.
const LACK: f64 = 1000.0;

/// One binary: a break of a sort that begins at an offset, taken from a state of the plan.
struct Taken {
    state: usize,
    sort: usize,
    offset: u32,
    chosen: Variable,
}

/// A shift whose breaks are to be found.
struct Row<'a> {
    option: u32,
    start: usize,
    plan: &'a BreakPlan,
    taken: Vec<Taken>,
}

/// Finds breaks for shifts of one team (pairs of person and option; all lifted from the state), in the same order. `None` when `HiGHS` has
/// no answer within its limits.
pub(crate) fn arrange(state: &State<'_>, shifts: &[(usize, u32)]) -> Option<Vec<Placed>> {
    let problem = state.problem;
    let team = problem.people[shifts.first()?.0].team;
    let mut variables = ProblemVariables::new();
    let rows: Vec<Row<'_>> = shifts.iter().map(|(_, option)| row(problem, *option, &mut variables)).collect();
    let mut constraints = Vec::new();
    for row in &rows {
        path(row, &mut constraints);
    }
    let away = away(&rows);
    let mut objective = cost(state, shifts, &rows);
    for (n, row) in rows.iter().enumerate() {
        let fixed = state.company.on_break(team);
        objective += social(problem, n, row, &away, fixed, &mut variables, &mut constraints) * LACK;
        if problem.company.never_alone {
            objective += alone(state, team, n, &rows, &away, &mut variables, &mut constraints) * LACK;
        }
    }
    if problem.company.limits_groups {
        let there = |cell: usize| {
            let of_rows = rows.iter().filter(|row| (row.start..row.start + row.plan.len as usize).contains(&cell)).count();
            u32::from(state.company.on_shift(team)[cell]) + of_rows as u32
        };
        let most = |cell: usize| problem.most_away(there(cell));
        objective += crowded(&away, state.company.on_break(team), most, &mut variables, &mut constraints) * LACK;
    }
    let mut model =
        variables.minimise(objective).using(highs).set_threads(1).set_parallel(HighsParallelType::Off).set_time_limit(MOST_SECONDS);
    model.set_verbose(false);
    let mut model = model.set_option("mip_max_nodes", MOST_NODES).set_option("random_seed", 1);
    for one in constraints {
        model.add_constraint(one);
    }
    let solution = model.solve().ok()?;
    rows.iter().map(|row| read(row, &solution)).collect()
}

fn row<'a>(problem: &'a Problem, option: u32, variables: &mut ProblemVariables) -> Row<'a> {
    let shift = &problem.options[option as usize];
    let plan = &problem.plans[shift.plan as usize];
    let mut taken = Vec::new();
    for state in 0..plan.states() {
        let ends = plan.useful(state);
        for sort in 0..plan.sorts.len() {
            let Some(next) = plan.after(state, sort) else { continue };
            let after = plan.useful(next);
            let starts = plan.next_starts(state, ends.first, sort).start..plan.next_starts(state, ends.last, sort).end;
            for offset in starts {
                let end = offset + plan.sorts[sort].len;
                let last = next + 1 == plan.states();
                if (after.first..=after.last).contains(&end) && (!last || plan.may_finish(end)) {
                    taken.push(Taken { state, sort, offset, chosen: variables.add(variable().binary()) });
                }
            }
        }
    }
    Row { option, start: shift.start as usize, plan, taken }
}

/// The chosen breaks are one path from no break taken to all taken, with legal stretches between.
fn path(row: &Row<'_>, constraints: &mut Vec<good_lp::Constraint>) {
    let plan = row.plan;
    if plan.sorts.is_empty() {
        return;
    }
    let sum = |of: &dyn Fn(&Taken) -> bool| row.taken.iter().filter(|t| of(t)).map(|t| t.chosen).sum::<Expression>();
    constraints.push(constraint!(sum(&|t| t.state == 0) == 1.0));
    for state in 1..plan.states() - 1 {
        let into = |t: &Taken| plan.after(t.state, t.sort) == Some(state);
        constraints.push(constraint!(sum(&into) == sum(&|t| t.state == state)));
        let ends = plan.useful(state);
        for end in ends.first..=ends.last {
            let here = sum(&|t| into(t) && t.offset + plan.sorts[t.sort].len == end);
            let onward = sum(&|t| t.state == state && plan.next_starts(state, end, t.sort).contains(&t.offset));
            constraints.push(constraint!(here <= onward));
        }
    }
}

/// By cell, which rows have a break there and through which binaries.
type Away = BTreeMap<usize, Vec<(usize, Variable)>>;

fn away(rows: &[Row<'_>]) -> Away {
    let mut away = Away::new();
    for (n, row) in rows.iter().enumerate() {
        for taken in &row.taken {
            let from = row.start + taken.offset as usize;
            for cell in from..from + row.plan.sorts[taken.sort].len as usize {
                away.entry(cell).or_default().push((n, taken.chosen));
            }
        }
    }
    away
}

/// People away beyond the most that may be, by cell.
fn crowded(
    away: &Away,
    fixed: &[u16],
    most: impl Fn(usize) -> u32,
    variables: &mut ProblemVariables,
    constraints: &mut Vec<good_lp::Constraint>,
) -> Expression {
    let mut excess = Expression::from(0.0);
    for (cell, there) in away {
        let slack = variables.add(variable().min(0.0));
        let all: Expression = there.iter().map(|(_, chosen)| *chosen).sum();
        constraints.push(constraint!(all + f64::from(fixed[*cell]) <= f64::from(most(*cell)) + slack));
        excess += slack;
    }
    excess
}

fn others(away: &Away, cell: usize, n: usize) -> Expression {
    away.get(&cell).into_iter().flatten().filter(|(other, _)| *other != n).map(|(_, chosen)| *chosen).sum()
}

/// What the breaks cost in cover, in short cells.
fn cost(state: &State<'_>, shifts: &[(usize, u32)], rows: &[Row<'_>]) -> Expression {
    let whole = (SHORT_MINUTE * i64::from(state.problem.step)) as f64;
    let mut cost = Expression::from(0.0);
    for ((person, _), row) in shifts.iter().zip(rows) {
        let prices = state.coverage.prices(state.problem.people[*person].group);
        for taken in &row.taken {
            let from = row.start + taken.offset as usize;
            let lost: i64 = prices[from..from + row.plan.sorts[taken.sort].len as usize].iter().sum();
            cost += taken.chosen * (lost as f64 / whole);
        }
    }
    cost
}

/// Social cells that a row lacks.
fn social(
    problem: &Problem,
    n: usize,
    row: &Row<'_>,
    away: &Away,
    fixed: &[u16],
    variables: &mut ProblemVariables,
    constraints: &mut Vec<good_lp::Constraint>,
) -> Expression {
    let rules = problem.company;
    let mut enough = Expression::from(0.0);
    for (cell, fixed) in fixed.iter().enumerate().skip(row.start).take(row.plan.len as usize) {
        let own: Expression = away.get(&cell).into_iter().flatten().filter(|(other, _)| *other == n).map(|(_, chosen)| *chosen).sum();
        let there = variables.add(variable().binary());
        constraints.push(constraint!(there <= own));
        let least = f64::from(rules.companions);
        constraints.push(constraint!(least * there <= others(away, cell, n) + f64::from(*fixed)));
        enough += there;
    }
    let lacking = variables.add(variable().min(0.0).max(f64::from(rules.need)));
    constraints.push(constraint!(enough + lacking >= f64::from(rules.need)));
    Expression::from(lacking)
}

/// Rests that a row takes alone although a team-mate is on shift, each as three cells of lacking company.
fn alone(
    state: &State<'_>,
    team: u32,
    n: usize,
    rows: &[Row<'_>],
    away: &Away,
    variables: &mut ProblemVariables,
    constraints: &mut Vec<good_lp::Constraint>,
) -> Expression {
    let row = &rows[n];
    let mut lacking = Expression::from(0.0);
    let fixed = state.company.on_break(team);
    let shift = |other: &Row<'_>| other.start..other.start + other.plan.len as usize;
    for taken in row.taken.iter().filter(|t| row.plan.sorts[t.sort].rest) {
        let from = row.start + taken.offset as usize;
        let cells = from..from + row.plan.sorts[taken.sort].len as usize;
        let covers = |other: &Row<'_>| shift(other).start <= cells.start && cells.end <= shift(other).end;
        let mate =
            rows.iter().enumerate().any(|(m, other)| m != n && covers(other)) || cells.clone().all(|c| state.company.on_shift(team)[c] > 0);
        if !mate || cells.clone().any(|cell| fixed[cell] > 0) {
            continue;
        }
        let with: Expression = cells.map(|cell| others(away, cell, n)).sum();
        let slack = variables.add(variable().min(0.0).max(1.0));
        constraints.push(constraint!(taken.chosen <= with + slack));
        lacking += slack * 3.0;
    }
    lacking
}

fn read(row: &Row<'_>, solution: &impl Solution) -> Option<Placed> {
    let chosen = row.taken.iter().filter(|taken| solution.value(taken.chosen) > 0.5);
    let mut breaks: Vec<PlacedBreak> = chosen.map(|t| PlacedBreak { sort: t.sort as u16, offset: t.offset as u16 }).collect();
    breaks.sort_by_key(|one| one.offset);
    row.plan.allows(&breaks).then_some(Placed { option: row.option, breaks })
}

#[cfg(test)]
mod tests;
