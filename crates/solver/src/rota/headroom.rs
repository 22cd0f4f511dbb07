//! More people for hard queues than are wanted of them, as far as minutes are left: callers of a hard queue are served by those alone whose
//! pieces name it, and without some more of them they wait where a pool of all would not.
//!
//! Who has the fewest hard minutes is asked first. A stretch in which the queue is named last is no shorter than a run.

use super::board::Board;
use super::line::{LEAST, Line, length};

/// Names hard queues last where fewer name them than are wanted and `roots` times the root of that.
pub(super) fn name_more(board: &mut Board, lines: &mut [Line], roots: u32) {
    board.begin_naming();
    for line in lines.iter_mut() {
        let stays = if line.is_kept() && line.runs == line.kept { line.segments.len() } else { line.pinned.len() };
        for n in 0..stays {
            line.last[n].clone_from(&line.kept_last[n]);
            for queue in &line.last[n] {
                board.name(line.agent, *queue, line.segments[n].span);
            }
        }
    }
    if roots == 0 {
        return;
    }
    for lines in lines.chunk_by_mut(|a, b| a.day == b.day) {
        let mut open: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].has_hard && !lines[*n].fixed).collect();
        while !open.is_empty() {
            let rank = |n: &usize| (board.hard_minutes(lines[open[*n]].agent), open[*n]);
            let next = (0..open.len()).min_by_key(rank).unwrap_or_default();
            let line = &mut lines[open[next]];
            let hard: Vec<usize> = line.able.iter().copied().filter(|queue| board.hard(*queue).is_some()).collect();
            if !hard.into_iter().any(|queue| name_once(board, line, queue, roots)) {
                open.swap_remove(next);
            }
        }
    }
}

/// Names a queue in the first stretch of the line that lacks people; tells whether there was one.
fn name_once(board: &mut Board, line: &mut Line, queue: usize, roots: u32) -> bool {
    let names = |line: &Line, n: usize| {
        line.last[n].contains(&queue) || line.runs.iter().any(|run| run.segments.contains(&n) && run.queue == Some(queue))
    };
    let named: i32 = (0..line.segments.len()).filter(|n| names(line, *n)).map(|n| length(line.segments[n].span)).sum();
    let left = board.hard(queue).unwrap_or_default() - named;
    let lacks = |n: usize| {
        let lacking = |cell: usize| {
            let wanted = board.wanted(queue, cell);
            let root = ((wanted * 1000) as f64).sqrt().ceil() as i64;
            wanted > 0 && board.named(queue, cell) * 1000 < wanted + i64::from(roots) * root
        };
        let cells = board.cells_of(line.segments[n].span);
        n >= line.pinned.len() && !cells.is_empty() && cells.into_iter().all(lacking) && !names(line, n)
    };
    for part in &line.parts {
        for begin in part.clone() {
            let (mut end, mut minutes) = (begin, 0);
            while end < part.end && minutes < LEAST && lacks(end) {
                minutes += length(line.segments[end].span);
                end += 1;
            }
            if minutes >= LEAST && minutes <= left {
                for n in begin..end {
                    line.last[n].push(queue);
                    board.name(line.agent, queue, line.segments[n].span);
                }
                return true;
            }
        }
    }
    false
}
