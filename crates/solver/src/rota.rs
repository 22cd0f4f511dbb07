//! Who is on which queue when: a rota laid over the time on queue of finished shifts.
//!
//! Each shift of somebody with several queues answers in turn to how many people are on each queue already: a dynamic programme over the
//! shift's quarter hours gives its best legal order of runs, so that the people on a queue follow what is wanted of it, and the minutes on
//! hard queues are shared. Then several shifts of a day are lifted and answer again, who has been on hard queues least first. Invariant:
//! shifts and breaks stay as they are; runs and hard minutes keep their limits, whatever is short for it. Deterministic.

use fika_model::grid::Curve;
use fika_model::roster::AgentRoster;
use fika_model::{Minute, Request};

mod answer;
mod board;
mod headroom;
mod line;

use board::Board;
use line::Line;

use crate::random::Stream;

/// What a rota is laid for.
pub struct RotaTerms<'a> {
    /// People wanted on each queue of the request, by interval; of queues that are staffed as one, the share of each.
    pub wanted: &'a [Curve<f64>],
    /// A roster whose rota stays where its shifts do and it is legal, unless another is clearly better.
    pub kept: &'a [AgentRoster],
    /// What lies before this of shifts that stay is as it was in any case.
    pub frozen_until: Option<Minute>,
    /// Roots of what is wanted of a hard queue by which more people than that name it, last, where their minutes allow it.
    pub headroom: u32,
}

/// Rounds in which every shift answers again, at most.
const MOST_ROUNDS: usize = 4;
/// Shifts lifted together, how often for each shift that serves a hard queue, and how often at most.
const LIFTED: usize = 4;
const LIFTS_A_LINE: usize = 6;
const MOST_LIFTS: usize = 4000;
/// What a kept rota of a shift must gain before it changes, in people times minutes times 1,000.
const KEEP_PRICE: i64 = 60_000;

/// The agents' rosters with the rota in their activities; the same where the request limits no queue.
pub fn lay_rota(request: &Request, agents: &[AgentRoster], terms: &RotaTerms<'_>) -> Vec<AgentRoster> {
    if !request.limits_queues() {
        return agents.to_vec();
    }
    let mut board = Board::new(request, terms.wanted);
    let mut lines = line::lines(&mut board, request, agents, terms);
    start(&mut board, &mut lines);
    for _ in 0..MOST_ROUNDS {
        if !round(&mut board, &mut lines) {
            break;
        }
    }
    share(&mut board, &mut lines, request.seed);
    headroom::name_more(&mut board, &mut lines, terms.headroom);
    line::written(request, agents, &lines)
}

/// Day by day the first answers: kept ones stand, of the others who has the fewest hard minutes is first.
fn start(board: &mut Board, lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.is_kept()) {
        board.enter(line);
    }
    let mut at = 0;
    while at < lines.len() {
        let day = lines[at].day;
        let end = at + lines[at..].iter().take_while(|line| line.day == day).count();
        let mut open: Vec<usize> = (at..end).filter(|n| !lines[*n].is_kept()).collect();
        while !open.is_empty() {
            let next = (0..open.len()).min_by_key(|n| (board.hard_minutes(lines[open[*n]].agent), open[*n])).unwrap_or_default();
            let line = &mut lines[open.swap_remove(next)];
            answer::answer(board, line);
            board.enter(line);
        }
        at = end;
    }
}

/// Every shift answers again; tells whether any changed.
fn round(board: &mut Board, lines: &mut [Line]) -> bool {
    let mut changed = false;
    for line in lines.iter_mut().filter(|line| !line.fixed) {
        board.leave(line);
        let (before, value) = (line.runs.clone(), board.worth(line));
        answer::answer(board, line);
        let price = if line.price > 0 && before == line.kept { line.price } else { 0 };
        if board.worth(line) > value + price {
            changed = true;
        } else {
            line.runs = before;
        }
        board.enter(line);
    }
    changed
}

/// Lifts some shifts of a day that can serve a hard queue, lets them answer again, who has the fewest hard minutes first, and keeps what is
/// better on the whole.
fn share(board: &mut Board, lines: &mut [Line], seed: u64) {
    let hard: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].has_hard && !lines[*n].fixed && lines[*n].price == 0).collect();
    let mut days: Vec<Vec<usize>> = Vec::new();
    for n in &hard {
        match days.last_mut() {
            Some(last) if lines[last[0]].day == lines[*n].day => last.push(*n),
            _ => days.push(vec![*n]),
        }
    }
    days.retain(|day| day.len() > 1);
    let mut random = Stream::new(seed, "rota");
    for _ in 0..(if days.is_empty() { 0 } else { (hard.len() * LIFTS_A_LINE).min(MOST_LIFTS) }) {
        let day = &days[random.below(days.len())];
        let mut lifted: Vec<usize> = (0..LIFTED).map(|_| day[random.below(day.len())]).collect();
        lifted.sort_unstable();
        lifted.dedup();
        let before: Vec<Vec<line::Run>> = lifted.iter().map(|n| lines[*n].runs.clone()).collect();
        let lost: i64 = lifted.iter().rev().map(|n| board.lift(&lines[*n])).sum();
        let mut open = lifted.clone();
        let mut gained = 0;
        while !open.is_empty() {
            let next = (0..open.len()).min_by_key(|n| (board.hard_minutes(lines[open[*n]].agent), open[*n])).unwrap_or_default();
            let line = &mut lines[open.swap_remove(next)];
            answer::answer(board, line);
            gained += board.worth(line);
            board.enter(line);
        }
        if gained < lost {
            for n in &lifted {
                board.leave(&lines[*n]);
            }
            for (n, runs) in lifted.into_iter().zip(before) {
                lines[n].runs = runs;
                board.enter(&lines[n]);
            }
        }
    }
}

#[cfg(test)]
mod tests;
