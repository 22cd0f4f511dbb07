//! The best legal runs of one shift for what is on the board: a dynamic programme over its segments.
//!
//! A label is a way to be at a segment: what it brought, the queue of its last run, the minutes used of each hard queue. One that brought
//! no more and used no less than another is dropped: what is unfair costs more with each further minute, so the other stays ahead.

use super::board::Board;
use super::line::{LEAST, Line, Run};

#[derive(Debug, Clone)]
struct Label {
    value: i64,
    /// Minutes used of each hard queue.
    used: Vec<i32>,
    /// The lead of the last run, its first segment, and the label there.
    lead: usize,
    from: (usize, usize),
    /// Whether the next run may have the same lead: a part begins.
    anew: bool,
}

impl Label {
    /// Whether nothing that may come of the other is better.
    fn beats(&self, other: &Self) -> bool {
        let bound = self.anew || (!other.anew && self.lead == other.lead);
        bound && self.value >= other.value && self.used.iter().zip(&other.used).all(|(own, other)| own <= other)
    }
}

struct Answer<'a> {
    board: &'a Board,
    line: &'a Line,
    /// The hard queues that the agent can serve.
    hard: Vec<usize>,
    /// What each lead brings, up to each segment.
    gains: Vec<Vec<i64>>,
    labels: Vec<Vec<Label>>,
}

/// Lays the best runs into the line, which is not on the board; tells whether there are any.
pub(super) fn answer(board: &Board, line: &mut Line) -> bool {
    let gains = |lead: &Option<usize>| {
        let mut sums = vec![0];
        for segment in &line.segments {
            sums.push(sums.last().copied().unwrap_or_default() + board.gain(*lead, segment.span));
        }
        sums
    };
    let hard: Vec<usize> = line.able.iter().copied().filter(|queue| board.hard(*queue).is_some()).collect();
    let mut answer =
        Answer { board, line, gains: line.leads.iter().map(gains).collect(), labels: vec![Vec::new(); line.segments.len() + 1], hard };
    let past = |queue: &usize| {
        let named = (0..line.pinned.len()).filter(|n| line.kept_last[*n].contains(queue));
        named.map(|n| line.minutes(&(n..n + 1))).sum::<i32>()
    };
    let used = answer.hard.iter().map(past).collect();
    answer.labels[0].push(Label { value: 0, used, lead: 0, from: (0, 0), anew: true });
    for part in &line.parts {
        for begin in part.clone() {
            for n in 0..answer.labels[begin].len() {
                for lead in 0..line.leads.len() {
                    answer.extend((begin, n), lead, part);
                }
            }
        }
    }
    let Some(runs) = answer.runs() else { return false };
    line.runs = runs;
    true
}

impl Answer<'_> {
    /// All runs of a lead that go on from a label, to the end of the part at most.
    fn extend(&mut self, from: (usize, usize), lead: usize, part: &std::ops::Range<usize>) {
        let begin = from.0;
        let label = self.labels[begin][from.1].clone();
        if !label.anew && label.lead == lead {
            return;
        }
        let hard = self.line.leads[lead].and_then(|queue| Some((self.hard.iter().position(|own| *own == queue)?, self.board.hard(queue)?)));
        let before: i32 = label.used.iter().sum();
        let unfair = |minutes: i32| self.board.unfair(self.line.agent, before + minutes) - self.board.unfair(self.line.agent, before);
        let mut found = Vec::new();
        for end in begin + 1..=part.end {
            if self.line.pinned.get(end - 1).is_some_and(|queue| *queue != self.line.leads[lead]) {
                break;
            }
            let minutes = self.line.minutes(&(begin..end));
            let counted = self.line.counted[lead][end] - self.line.counted[lead][begin];
            if self.board.most.is_some_and(|most| counted > most) || hard.is_some_and(|(n, most)| label.used[n] + minutes > most) {
                break;
            }
            if minutes < LEAST && !(begin == part.start && end == part.end) {
                continue;
            }
            let mut used = label.used.clone();
            let mut value = label.value + self.gains[lead][end] - self.gains[lead][begin] - Board::run_cost(self.line, begin);
            if let Some((n, _)) = hard {
                used[n] += minutes;
                value -= unfair(minutes);
            }
            found.push((end, Label { value, used, lead, from, anew: end == part.end }));
        }
        for (end, label) in found {
            let there = &mut self.labels[end];
            if !there.iter().any(|other| other.beats(&label)) {
                there.retain(|other| !label.beats(other));
                there.push(label);
            }
        }
    }

    /// The runs of the best label at the end.
    fn runs(&self) -> Option<Vec<Run>> {
        let last = self.labels.len() - 1;
        let best = (0..self.labels[last].len()).max_by_key(|n| (self.labels[last][*n].value, std::cmp::Reverse(*n)))?;
        let (mut runs, mut at) = (Vec::new(), (last, best));
        while at.0 > 0 {
            let label = &self.labels[at.0][at.1];
            runs.push(Run { queue: self.line.leads[label.lead], segments: label.from.0..at.0 });
            at = label.from;
        }
        runs.reverse();
        Some(runs)
    }
}
