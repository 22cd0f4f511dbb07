//! When people could leave the phones for an activity, and what it would cost: every start of its windows, at exact prices.
//!
//! The people are taken off the phones one after the other, so that each price is that of one more person missing beside those before.

use fika_model::{Minute, Minutes, Span};

use super::diary::Diary;

/// Time on the phones of one person, with running totals of what its steps are worth.
#[derive(Debug)]
struct Run {
    span: Span,
    totals: Vec<i64>,
}

/// Time on the phones of some people, in the order in which they were given.
#[derive(Debug)]
pub(crate) struct Slots {
    step: i32,
    rows: Vec<Vec<Run>>,
    windows: Vec<Span>,
}

/// A time at which some of the people are on the phones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) span: Span,
    /// Who is, by their place in the list.
    pub(crate) there: Vec<usize>,
    /// What their time on the phones is worth.
    pub(crate) cost: i64,
}

/// What pieces of some length cost, and the pieces; nothing where there is no room for them.
type Held = Option<(i64, Vec<Span>)>;

impl Slots {
    /// Reads the time of people in some windows that is not frozen.
    pub(crate) fn read(diary: &mut Diary<'_>, people: &[usize], windows: &[Span]) -> Self {
        let apart = joined(windows);
        let mut rows = Vec::new();
        for person in people {
            let id = diary.agents[*person].agent.clone();
            let spans: Vec<Span> =
                diary.on_queue(*person).flat_map(|free| apart.iter().filter_map(move |window| common(free, *window))).collect();
            let mut runs = Vec::new();
            for span in spans {
                diary.cover.take_off(&id, span);
                let mut total = 0;
                let sum = |worth: i64| {
                    total += worth;
                    total
                };
                let totals = std::iter::once(0).chain(diary.cover.worth_on_phones(&id, span).into_iter().map(sum)).collect();
                runs.push(Run { span, totals });
            }
            rows.push(runs);
        }
        for (person, runs) in people.iter().zip(&rows).rev() {
            let id = diary.agents[*person].agent.clone();
            for run in runs {
                diary.cover.put_on(&id, run.span);
            }
        }
        let frozen = diary.frozen_until;
        let thawed = windows.iter().filter_map(|window| match frozen {
            Some(until) if until > window.start() => (until < window.end()).then(|| Span::between(until, window.end())),
            _ => Some(*window),
        });
        Self { step: diary.request.break_step.get() as i32, rows, windows: thawed.collect() }
    }

    /// What a time of one of the people is worth, where she is on the phones in all of it.
    pub(crate) fn cost(&self, row: usize, span: Span) -> Option<i64> {
        let run = self.rows[row].iter().find(|run| run.span.covers(span))?;
        let at = |minute: Minute| run.totals.get((minute.minutes_since(run.span.start()) / self.step) as usize).copied();
        Some(at(span.end())? - at(span.start())?)
    }

    /// Every start, `every` minutes apart, at which somebody could come for so long, in the order of the windows.
    pub(crate) fn all(&self, length: Minutes, every: u32) -> impl Iterator<Item = Slot> {
        let every = every.max(self.step as u32) as i32;
        let starts = move |window: &Span| {
            let first = window.start().get() + (every - window.start().get().rem_euclid(every)) % every;
            (first..=window.end().get() - length.get() as i32).step_by(every as usize)
        };
        self.windows.iter().flat_map(starts).filter_map(move |start| {
            let span = Span::new(Minute::new(start), length);
            let costs: Vec<(usize, i64)> = (0..self.rows.len()).filter_map(|row| Some((row, self.cost(row, span)?))).collect();
            let (there, costs): (Vec<usize>, Vec<i64>) = costs.into_iter().unzip();
            (!there.is_empty()).then(|| Slot { span, there, cost: costs.iter().sum() })
        })
    }

    /// The longest time of any of the people.
    pub(crate) fn longest(&self) -> u32 {
        self.rows.iter().flatten().map(|run| run.span.length().get()).max().unwrap_or_default()
    }

    /// The cheapest pieces of the first person's time, none shorter than `least`, that add up to a length; each costs `piece` more. Fewer
    /// where there is no room for all of it.
    pub(crate) fn pieces(&self, length: Minutes, least: Minutes, piece: i64) -> Vec<Span> {
        let steps = |minutes: Minutes| minutes.get() as usize / self.step as usize;
        let (whole, least) = (steps(length), steps(least).max(1));
        // Best cost of so many steps held by so far, with the piece that ends there.
        let mut best: Vec<Held> = vec![None; whole + 1];
        best[0] = Some((0, Vec::new()));
        let in_window = |span: Span| self.windows.iter().any(|window| window.covers(span));
        for run in self.rows.first().into_iter().flatten() {
            let count = run.totals.len() - 1;
            let mut ends: Vec<Vec<Held>> = vec![best.clone()];
            for end in 1..=count {
                let mut here = ends[end - 1].clone();
                for size in least..=whole.min(end) {
                    let minute = |cell: usize| Minute::new(run.span.start().get() + cell as i32 * self.step);
                    let span = Span::between(minute(end - size), minute(end));
                    if !in_window(span) {
                        continue;
                    }
                    let cost = run.totals[end] - run.totals[end - size] + piece;
                    for held in size..=whole {
                        let Some((before, spans)) = &ends[end - size][held - size] else { continue };
                        if here[held].as_ref().is_none_or(|(known, _)| before + cost < *known) {
                            here[held] = Some((before + cost, spans.iter().copied().chain([span]).collect()));
                        }
                    }
                }
                ends.push(here);
            }
            best = ends.pop().unwrap_or(best);
        }
        best.into_iter().rev().flatten().map(|(_, spans)| spans).next().unwrap_or_default()
    }
}

/// What two pieces of time share.
pub(crate) fn common(a: Span, b: Span) -> Option<Span> {
    let (start, end) = (a.start().max(b.start()), a.end().min(b.end()));
    (start < end).then(|| Span::between(start, end))
}

/// The same time as pieces that do not meet.
fn joined(windows: &[Span]) -> Vec<Span> {
    let mut windows = windows.to_vec();
    windows.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for window in windows {
        match joined.last_mut() {
            Some(last) if window.start() <= last.end() => *last = Span::between(last.start(), last.end().max(window.end())),
            _ => joined.push(window),
        }
    }
    joined
}
