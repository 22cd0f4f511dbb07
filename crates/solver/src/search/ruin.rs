//! Whom a step asks to answer again, and for which days.
//!
//! Kinds: the breaks of team-mates who may meet, team-mates with their shifts, anybody on one or two days, one person's week.

use std::ops::Range;

use crate::random::Stream;
use crate::search::{Freed, Ruin};
use crate::state::State;

/// Times drawn for a meeting.
const DRAWS: usize = 5;
/// Team-mates who answer with their shifts at once.
const MOST_MATES: usize = 5;
/// Meetings that a team may expect on each day when its first roster is made.
const MEETINGS_A_DAY: usize = 4;

/// Chooses people and days at random, more often where the roster is short or company is lacking. At most `movers` team-mates move
/// their breaks at once.
pub(super) fn choose(state: &State<'_>, random: &mut Stream, people: &[u32], movers: usize) -> Ruin {
    if state.lack_minutes() > 0
        && random.below(3) == 0
        && let Some(ruin) = lonely(state, random, people, false)
    {
        return ruin;
    }
    let day = pick_day(state, random);
    match random.below(100) {
        0..=34 => mates(state, random, people, day, Some(movers)),
        35..=54 => mates(state, random, people, day, None),
        55..=84 => {
            let count = 2 + random.below(3);
            let days = two_days(state, random, day);
            let chosen = some_people(people, count, random);
            Ruin {
                freed: chosen.into_iter().map(|person| Freed { person, days: days.clone(), keep_shifts: false }).collect(),
                meet: Vec::new(),
            }
        }
        85..=89 => week_of_one(state, random, people),
        _ => one(anybody(people, random), two_days(state, random, day)),
    }
}

fn one(person: usize, days: Vec<usize>) -> Ruin {
    Ruin { freed: vec![Freed { person, days, keep_shifts: false }], meet: Vec::new() }
}

/// A day; two times of three one that holds a randomly met short cell.
fn pick_day(state: &State<'_>, random: &mut Stream) -> usize {
    let problem = state.problem;
    if random.below(3) > 0 && !problem.pools.is_empty() {
        for _ in 0..20 {
            let cell = random.below(problem.horizon_cells.max(1));
            let pool = random.below(problem.pools.len());
            if state.coverage.short(pool, cell) > 0 {
                let minute = (cell as u32 * problem.step) as i32;
                return problem.days.partition_point(|day| day.end <= minute).min(problem.day_count() - 1);
            }
        }
    }
    random.below(problem.day_count())
}

fn two_days(state: &State<'_>, random: &mut Stream, day: usize) -> Vec<usize> {
    let (week, _) = state.problem.week_of(day);
    let week = state.problem.week_days(week);
    let other = week.start + random.below(week.len());
    if random.below(2) == 0 || other == day { vec![day] } else { vec![day.min(other), day.max(other)] }
}

fn week_of_one(state: &State<'_>, random: &mut Stream, people: &[u32]) -> Ruin {
    let problem = state.problem;
    let weeks = problem.day_count().div_ceil(7);
    let week = random.below(weeks);
    one(anybody(people, random), problem.week_days(week).collect())
}

/// Some members of one team on one day: only the breaks of so many `movers`, or all of the day. They may expect each other at one or two times.
fn mates(state: &State<'_>, random: &mut Stream, people: &[u32], day: usize, movers: Option<usize>) -> Ruin {
    let (problem, keep_shifts) = (state.problem, movers.is_some());
    let team = problem.people[anybody(people, random)].team;
    let mut members = problem.teams[team as usize].members.clone();
    random.shuffle(&mut members);
    members.retain(|member| state.placed(*member as usize, day).is_some() || (!keep_shifts && random.below(4) == 0));
    let most = 2 + random.below(movers.unwrap_or(MOST_MATES) - 1);
    members.truncate(most);
    let meet = (0..random.below(3)).filter_map(|_| meeting(state, random, &members, day)).map(|cells| (team, cells)).collect();
    Ruin { freed: members.into_iter().map(|member| Freed { person: member as usize, days: vec![day], keep_shifts }).collect(), meet }
}

/// Cells of a break at a time that costs little: the cheapest of a few drawn inside a shift of one of the members, the one she has or one
/// that she may have.
fn meeting(state: &State<'_>, random: &mut Stream, members: &[u32], day: usize) -> Option<Range<usize>> {
    let problem = state.problem;
    let host = *members.get(random.below(members.len().max(1)))? as usize;
    let option = if let Some(placed) = state.placed(host, day) {
        placed.option
    } else {
        let list = &problem.lists[problem.people[host].lists[day] as usize];
        *list.get(random.below(list.len().max(1)))?
    };
    let option = &problem.options[option as usize];
    let length = problem.plans[option.plan as usize].sorts.iter().map(|sort| sort.len).max()? as usize;
    let room = (option.len as usize).checked_sub(length)?;
    let drawn = (0..DRAWS).map(|_| option.start as usize + random.below(room + 1)).collect::<Vec<_>>();
    let mut prices = Vec::new();
    let start = drawn.into_iter().min_by_key(|start| {
        state.coverage.read_prices(problem.people[host].group, *start..start + length, &mut prices);
        prices.iter().sum::<i64>()
    })?;
    Some(start..start + length)
}

/// Everybody of a team, all days, with times to meet on each day.
pub(super) fn whole_team(state: &State<'_>, random: &mut Stream, team: usize) -> Ruin {
    let problem = state.problem;
    let mut members = problem.teams[team].members.clone();
    random.shuffle(&mut members);
    let mut meet = Vec::new();
    for day in 0..problem.day_count() {
        meet.extend((0..MEETINGS_A_DAY).filter_map(|_| meeting(state, random, &members, day)).map(|cells| (team as u32, cells)));
    }
    let freed = |member: u32| Freed { person: member as usize, days: (0..problem.day_count()).collect(), keep_shifts: false };
    Ruin { freed: members.into_iter().map(freed).collect(), meet }
}

/// A shift that lacks company, with team-mates: their breaks of the day, their day, or, if `wide`, their whole week, at work that day or
/// not.
pub(super) fn lonely(state: &State<'_>, random: &mut Stream, people: &[u32], wide: bool) -> Option<Ruin> {
    let problem = state.problem;
    let days = problem.day_count();
    let slots = people.len() * days;
    let from = random.below(slots);
    let at = |slot: usize| (people[slot / days] as usize, slot % days);
    let lacks = |(person, day): &(usize, usize)| state.lack(*person, *day).parts > 0;
    let (person, day) = (0..slots).map(|n| at((from + n) % slots)).find(lacks)?;
    let team = problem.people[person].team;
    let mut members = problem.teams[team as usize].members.clone();
    random.shuffle(&mut members);
    members.retain(|member| *member as usize != person);
    let kind = random.below(2) + if wide { 2 } else { 0 };
    match kind {
        0 | 1 => {
            members.retain(|member| state.placed(*member as usize, day).is_some());
            members.truncate(random.below(6));
        }
        // Everybody who works that day may leave it together.
        2 => members.retain(|member| state.placed(*member as usize, day).is_some()),
        _ => {}
    }
    members.truncate(4);
    members.insert(random.below(members.len() + 1), person as u32);
    let meet = (0..random.below(3)).filter_map(|_| meeting(state, random, &[person as u32], day)).map(|cells| (team, cells)).collect();
    let own: Vec<usize> = if kind < 2 { vec![day] } else { problem.week_days(problem.week_of(day).0).collect() };
    let freed = |member: u32| Freed { person: member as usize, days: own.clone(), keep_shifts: kind == 0 };
    Some(Ruin { freed: members.into_iter().map(freed).collect(), meet })
}

fn anybody(people: &[u32], random: &mut Stream) -> usize {
    people[random.below(people.len())] as usize
}

fn some_people(people: &[u32], count: usize, random: &mut Stream) -> Vec<usize> {
    let mut chosen = Vec::new();
    while chosen.len() < count.min(people.len()) {
        let person = anybody(people, random);
        if !chosen.contains(&person) {
            chosen.push(person);
        }
    }
    chosen
}
