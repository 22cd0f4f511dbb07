//! A shift as the rota sees it: pieces of time on queue cut where a run may begin or end, and back to activities.

use std::collections::BTreeMap;
use std::ops::Range;

use fika_model::people::Agent;
use fika_model::rules::LEAST_ON_ONE_QUEUE;
use fika_model::{Activity, ActivityKind, AgentId, AgentRoster, Minute, QueueId, Request, Shift, Span};

use super::board::Board;
use super::{KEEP_PRICE, RotaTerms, answer};

/// The shortest run, in minutes.
pub(super) const LEAST: i32 = LEAST_ON_ONE_QUEUE.get() as i32;

/// A piece of time on queue inside which nobody changes queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) span: Span,
    /// Position of its activity in the shift.
    pub(super) activity: usize,
}

/// Segments in a row on one queue; on none first where `queue` is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) queue: Option<usize>,
    pub(super) segments: Range<usize>,
}

/// One shift.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Positions in the roster.
    pub(super) agent: usize,
    pub(super) shift: usize,
    pub(super) day: u32,
    /// Queues that the agent can serve, as positions in the request; and those that she may be on first.
    pub(super) able: Vec<usize>,
    pub(super) leads: Vec<Option<usize>>,
    pub(super) has_hard: bool,
    pub(super) segments: Vec<Segment>,
    /// The parts that other work leaves, as segments.
    pub(super) parts: Vec<Range<usize>>,
    /// Minutes before each segment; and per lead those that count against the longest run.
    pub(super) before: Vec<i32>,
    pub(super) counted: Vec<Vec<i32>>,
    pub(super) runs: Vec<Run>,
    /// Hard queues named last, by segment.
    pub(super) last: Vec<Vec<usize>>,
    /// The queues that the first segments are on whatever else, because they are past.
    pub(super) pinned: Vec<Option<usize>>,
    /// The runs that were kept, with the hard queues named last, and what a change of them must bring; nothing may change where `fixed`.
    pub(super) kept: Vec<Run>,
    pub(super) kept_last: Vec<Vec<usize>>,
    pub(super) price: i64,
    pub(super) fixed: bool,
}

impl Line {
    pub(super) fn minutes(&self, segments: &Range<usize>) -> i32 {
        self.before[segments.end] - self.before[segments.start]
    }

    pub(super) const fn is_kept(&self) -> bool {
        self.price > 0 || self.fixed
    }

    /// Whether the runs keep every limit.
    pub(super) fn is_legal(&self, board: &Board) -> bool {
        let mut used: BTreeMap<usize, i32> = BTreeMap::new();
        for (n, run) in self.runs.iter().enumerate() {
            let Some(lead) = self.leads.iter().position(|lead| lead == &run.queue) else { return false };
            let counted = self.counted[lead][run.segments.end] - self.counted[lead][run.segments.start];
            let alone = self.parts.contains(&run.segments);
            let same = n > 0 && self.runs[n - 1].queue == run.queue && !self.parts.iter().any(|part| part.start == run.segments.start);
            if board.most.is_some_and(|most| counted > most) || (self.minutes(&run.segments) < LEAST && !alone) || same {
                return false;
            }
            if let Some(queue) = run.queue {
                *used.entry(queue).or_default() += self.minutes(&run.segments);
            }
        }
        used.iter().all(|(queue, minutes)| board.hard(*queue).is_none_or(|most| *minutes <= most))
    }
}

/// The shifts that have a choice, in the order of their days, then agents. The others are counted where they are.
pub(super) fn lines(board: &mut Board, request: &Request, agents: &[AgentRoster], terms: &RotaTerms<'_>) -> Vec<Line> {
    let known: BTreeMap<&AgentId, &Agent> = request.agents.iter().map(|agent| (&agent.id, agent)).collect();
    let kept: BTreeMap<&AgentId, &AgentRoster> = terms.kept.iter().map(|agent| (&agent.agent, agent)).collect();
    let able = |agent: &AgentRoster| -> Vec<usize> {
        let Some(own) = known.get(&agent.agent) else { return Vec::new() };
        let has = |n: &usize| own.skills.iter().any(|skill| skill.skill == request.queues[*n].skill);
        (0..request.queues.len()).filter(has).collect()
    };
    let before = |agent: &AgentRoster| known.get(&agent.agent).map_or(0, |own| i64::from(own.history.hard_queue_minutes.get()));
    let hard = |queues: &[usize]| queues.iter().any(|queue| request.queues[*queue].is_hard());
    let sharing: Vec<bool> = agents.iter().map(|agent| !agent.shifts.is_empty() && hard(&able(agent))).collect();
    board.begin(agents.iter().map(before).collect(), &sharing);
    let mut lines = Vec::new();
    for (n, agent) in agents.iter().enumerate() {
        let able = able(agent);
        let free = able.iter().filter(|queue| !request.queues[**queue].is_hard()).count();
        for (at, shift) in agent.shifts.iter().enumerate() {
            if !hard(&able) && (board.most.is_none() || free < 2) {
                let work = shift.activities.iter().filter(|activity| activity.kind == ActivityKind::OnQueue);
                for (queue, activity) in able.iter().take(1).flat_map(|queue| work.clone().map(move |activity| (queue, activity))) {
                    board.enter_always(*queue, activity.span);
                }
                continue;
            }
            let Some(day) = request.days.day_at(shift.span.start()) else { continue };
            let (position, day) = ((n, at), day.get() as u32);
            let mut line = line(board, position, day, &able, shift, board.interval());
            if !answer::answer(board, &mut line) {
                line = self::line(board, position, day, &able, shift, board.step());
            }
            if let Some(own) = kept.get(&agent.agent) {
                keep(board, request, &mut line, own, shift, terms.frozen_until);
            }
            lines.push(line);
        }
    }
    lines.sort_by_key(|line| (line.day, line.agent, line.shift));
    lines
}

fn line(board: &Board, (agent, at): (usize, usize), day: u32, able: &[usize], shift: &Shift, grain: i32) -> Line {
    let is_hard = |queue: &usize| board.hard(*queue).is_some();
    let (hard, free): (Vec<usize>, Vec<usize>) = able.iter().partition(|queue| is_hard(queue));
    // On no queue first: where order does not count, or there is none that is not hard.
    let open = if board.most.is_some() { free.iter().copied().map(Some).collect() } else { vec![None] };
    let mut leads = if free.is_empty() { vec![None] } else { open };
    leads.extend(hard.iter().copied().map(Some));
    let (mut segments, mut parts, mut begun) = (Vec::new(), Vec::new(), 0);
    for (n, activity) in shift.activities.iter().enumerate() {
        if activity.kind == ActivityKind::OnQueue {
            cut(activity.span, n, grain, &mut segments);
        } else if !activity.kind.is_break() && begun < segments.len() {
            parts.push(begun..segments.len());
            begun = segments.len();
        }
    }
    if begun < segments.len() {
        parts.push(begun..segments.len());
    }
    let sums = |minutes: &dyn Fn(&Segment) -> i32| {
        let mut sum = 0;
        std::iter::once(0)
            .chain(segments.iter().map(|segment| {
                sum += minutes(segment);
                sum
            }))
            .collect::<Vec<i32>>()
    };
    let counted = |lead: &Option<usize>| {
        let others: Vec<usize> = free.iter().copied().filter(|queue| Some(*queue) != *lead).collect();
        if lead.is_none() || board.most.is_none() { sums(&|_| 0) } else { sums(&|segment| board.open_minutes(&others, segment.span)) }
    };
    Line {
        agent,
        shift: at,
        day,
        able: able.to_vec(),
        has_hard: !hard.is_empty(),
        before: sums(&|segment| segment.span.length().get() as i32),
        counted: leads.iter().map(counted).collect(),
        leads,
        last: vec![Vec::new(); segments.len()],
        kept_last: vec![Vec::new(); segments.len()],
        segments,
        parts,
        runs: Vec::new(),
        pinned: Vec::new(),
        kept: Vec::new(),
        price: 0,
        fixed: false,
    }
}

/// Cuts an activity at the multiples of a grain.
fn cut(span: Span, activity: usize, grain: i32, segments: &mut Vec<Segment>) {
    let mut from = span.start().get();
    while from < span.end().get() {
        let to = ((from.div_euclid(grain) + 1) * grain).min(span.end().get());
        segments.push(Segment { span: Span::between(Minute::new(from), Minute::new(to)), activity });
        from = to;
    }
}

/// Takes the runs over from a shift that stayed, where they are legal; what is past of one that changed is pinned.
fn keep(board: &Board, request: &Request, line: &mut Line, own: &AgentRoster, shift: &Shift, frozen_until: Option<Minute>) {
    let Some(old) = own.shifts.iter().find(|old| old.span == shift.span) else { return };
    let position = |id: &QueueId| request.queues.iter().position(|queue| &queue.id == id);
    let piece = |segment: &Segment| old.activities.iter().find(|a| a.kind == ActivityKind::OnQueue && a.span.covers(segment.span));
    let first = |segment: &Segment| {
        let queue = piece(segment)?.queues.first().and_then(position);
        // Without a limit of runs, only hard queues are on first.
        Some(queue.filter(|queue| line.leads.contains(&Some(*queue))))
    };
    let last = |segment: &Segment| -> Vec<usize> {
        let named = piece(segment).map_or(&[][..], |piece| &piece.queues).iter().skip(1).filter_map(position);
        named.filter(|queue| board.hard(*queue).is_some()).collect()
    };
    let firsts: Vec<Option<Option<usize>>> = line.segments.iter().map(first).collect();
    line.kept_last = line.segments.iter().map(last).collect();
    let found = line.runs.clone();
    if let Some(firsts) = firsts.iter().copied().collect::<Option<Vec<_>>>() {
        line.runs = runs_of(&line.parts, &firsts);
        if line.is_legal(board) {
            line.kept = line.runs.clone();
            line.price = KEEP_PRICE;
            line.fixed = frozen_until.is_some_and(|until| shift.span.end() <= until);
        } else {
            line.runs = found;
        }
    }
    let past = |segment: &Segment| frozen_until.is_some_and(|until| segment.span.end() <= until);
    line.pinned = line.segments.iter().zip(&firsts).take_while(|(segment, _)| past(segment)).map_while(|(_, first)| *first).collect();
    if !line.is_kept() && !answer::answer(board, line) {
        line.pinned.clear();
    }
}

/// Runs of segments that are on these queues.
pub(super) fn runs_of(parts: &[Range<usize>], firsts: &[Option<usize>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for part in parts {
        for n in part.clone() {
            match runs.last_mut() {
                Some(run) if n > part.start && run.queue == firsts[n] => run.segments.end = n + 1,
                _ => runs.push(Run { queue: firsts[n], segments: n..n + 1 }),
            }
        }
    }
    runs
}

/// The rosters with what the lines say.
pub(super) fn written(request: &Request, agents: &[AgentRoster], lines: &[Line]) -> Vec<AgentRoster> {
    let mut agents = agents.to_vec();
    for line in lines {
        let shift = &mut agents[line.agent].shifts[line.shift];
        let mut activities: Vec<Activity> = Vec::new();
        for (n, activity) in shift.activities.iter().enumerate() {
            if activity.kind != ActivityKind::OnQueue {
                activities.push(activity.clone());
                continue;
            }
            for (at, segment) in line.segments.iter().enumerate().filter(|(_, segment)| segment.activity == n) {
                let queues = names(request, line, at);
                match activities.last_mut() {
                    Some(last)
                        if last.kind == ActivityKind::OnQueue && last.queues == queues && last.span.end() == segment.span.start() =>
                    {
                        last.span = Span::between(last.span.start(), segment.span.end());
                    }
                    _ => activities.push(Activity { span: segment.span, queues, ..activity.clone() }),
                }
            }
        }
        shift.activities = activities;
    }
    agents
}

/// The queues that a segment names: the one it is on, those that are not hard by their ids, hard ones that are named last.
fn names(request: &Request, line: &Line, segment: usize) -> Vec<QueueId> {
    let id = |queue: &usize| request.queues[*queue].id.clone();
    let lead = line.runs.iter().find(|run| run.segments.contains(&segment)).and_then(|run| run.queue);
    let mut others: Vec<QueueId> =
        line.able.iter().filter(|queue| Some(**queue) != lead && !request.queues[**queue].is_hard()).map(id).collect();
    others.sort();
    lead.iter().map(id).chain(others).chain(line.last[segment].iter().map(id)).collect()
}

/// The length of a piece.
pub(super) fn length(span: Span) -> i32 {
    span.length().get() as i32
}
