//! What found no place because those who take part are never free together: times for which their shifts could be others.
//!
//! Looked for once a roster is known, so that only those who are missed change: first starts for which the fewest have to, then quiet ones.
//! The solver takes the first way in which everybody has a legal week. A huddle is not looked for again: whoever came for
//! it would have to leave with the whole team.

use fika_model::agenda::{Circle, Occasion, Party};
use fika_model::roster::ActivityKind;
use fika_model::{AgentId, Minute, Minutes, Span};
use fika_solver::{Presence, Session};

use super::diary::Diary;
use super::early::Load;
use super::place::{coaches, piece_of};

/// Ways of holding one thing that are offered, and how many of them on one day.
const MOST_WAYS: usize = 14;
const MOST_A_DAY: usize = 2;
/// Starts that are looked at, about.
const STARTS: i32 = 400;
/// What it counts for that somebody would have another shift on a day, and that she is engaged in something else on it.
const CHANGES: u32 = 2;
const ENGAGED: u32 = 5;

/// Looks for ways of holding what is missing.
pub(super) struct Recall<'a, 'p> {
    pub(super) diary: &'a Diary<'a>,
    pub(super) presence: Presence<'p>,
    pub(super) load: Load,
}

/// A time with those who take part.
type Way = (Span, Vec<usize>);

impl Recall<'_, '_> {
    /// Ways of holding what an occasion misses, the likeliest first. Each is a list of sessions that all have to be held.
    pub(super) fn ways(&mut self, occasion: &Occasion<'_>) -> Vec<Vec<Session>> {
        let (length, diary) = (occasion.activity.length, self.diary);
        let ways: Vec<Vec<Way>> = match (&occasion.activity.circle, occasion.party) {
            (Circle::Training { smallest_piece, .. }, Party::Agent(agent)) => match diary.position(agent) {
                Some(person) => self.training(occasion, person, *smallest_piece),
                None => Vec::new(),
            },
            (Circle::Coaching { coach, coached }, Party::Agent(agent)) => {
                let Some(person) = diary.position(agent) else { return Vec::new() };
                let coaches = coaches(diary, person, coach, coached);
                let pair = |recall: &mut Self, span: Span| {
                    let own = recall.effort(person, span)?;
                    let (effort, coach) = coaches.iter().filter_map(|coach| Some((recall.effort(*coach, span)?, *coach))).min()?;
                    Some((own + effort, vec![person, coach]))
                };
                self.times(occasion, length, pair).into_iter().map(|way| vec![way]).collect()
            }
            (Circle::Meeting { invited, quorum }, _) => {
                let (people, quorum) = (diary.positions(invited), *quorum as usize);
                let enough = |recall: &mut Self, span: Span| {
                    let mut able: Vec<(u32, usize)> = people.iter().filter_map(|one| Some((recall.effort(*one, span)?, *one))).collect();
                    able.sort_unstable();
                    able.truncate(quorum);
                    let effort = able.iter().map(|(effort, _)| effort).sum();
                    (able.len() == quorum).then(|| (effort, able.into_iter().map(|(_, one)| one).collect()))
                };
                self.times(occasion, length, enough).into_iter().map(|way| vec![way]).collect()
            }
            _ => Vec::new(),
        };
        let session = |(span, people): Way| {
            let mut agents: Vec<AgentId> = people.iter().map(|person| diary.agents[*person].agent.clone()).collect();
            agents.sort_unstable();
            Session { activity: piece_of(occasion.activity, span), agents }
        };
        ways.into_iter().map(|way| way.into_iter().map(session).collect()).collect()
    }

    /// In one piece; else in pieces of about one length on as many days.
    fn training(&mut self, occasion: &Occasion<'_>, person: usize, smallest: Option<Minutes>) -> Vec<Vec<Way>> {
        let alone = |recall: &mut Self, span: Span| Some((recall.effort(person, span)?, vec![person]));
        let length = occasion.activity.length;
        let mut ways: Vec<Vec<Way>> = self.times(occasion, length, alone).into_iter().map(|way| vec![way]).collect();
        let step = self.diary.request.break_step.get();
        let steps = length.get() / step;
        for count in 2..=smallest.map_or(1, |least| length.get() / least.get()) {
            let longest = Minutes::of((steps.div_ceil(count) * step) as u16);
            let mut left = steps;
            let mut days: Vec<u32> = Vec::new();
            let mut pieces: Vec<Way> = Vec::new();
            for (span, people) in self.times(occasion, longest, alone) {
                let Some(day) = self.diary.request.days.day_at(span.start()).map(|day| day.get() as u32) else { continue };
                let open = count - pieces.len() as u32;
                if open == 0 || days.contains(&day) {
                    continue;
                }
                let own = left.div_ceil(open);
                left -= own;
                days.push(day);
                pieces.push((Span::new(span.start(), Minutes::of((own * step) as u16)), people));
            }
            if left == 0 {
                ways.push(pieces);
            }
        }
        ways
    }

    /// Starts at which `who` says that it can be held, by the effort that this takes, then by how quiet they are.
    fn times(&mut self, occasion: &Occasion<'_>, length: Minutes, who: impl Fn(&mut Self, Span) -> Option<(u32, Vec<usize>)>) -> Vec<Way> {
        let windows = occasion.activity.windows_in(&self.diary.request.days, occasion.span);
        let interval = self.diary.request.interval.minutes() as i32;
        let all: i32 = windows.iter().map(|window| window.length().get() as i32).sum();
        let every = interval * (all / (STARTS * interval)).max(1);
        let mut found: Vec<(u32, i64, Span, Vec<usize>)> = Vec::new();
        for window in windows {
            let first = window.start().get() + (-window.start().get()).rem_euclid(interval);
            for start in (first..=window.end().get() - length.get() as i32).step_by(every as usize) {
                let span = Span::new(Minute::new(start), length);
                if let Some((effort, people)) = who(self, span) {
                    found.push((effort, (self.load.at(span) * 1000.0) as i64, span, people));
                }
            }
        }
        found.sort();
        let mut ways: Vec<Way> = Vec::new();
        for (.., span, people) in found {
            let day = |span: Span| self.diary.request.days.day_at(span.start());
            let near = ways.iter().filter(|(other, _)| day(*other) == day(span)).count();
            if near < MOST_A_DAY && ways.iter().all(|(other, _)| other.overlap(span) == Minutes::ZERO) {
                ways.push((span, people));
            }
            if ways.len() == MOST_WAYS {
                break;
            }
        }
        ways
    }

    /// How much has to change so that somebody can take part at a time; `None` if nothing may bring her.
    fn effort(&mut self, person: usize, span: Span) -> Option<u32> {
        let own = &self.diary.agents[person];
        let held = |kind: ActivityKind| !kind.is_break() && !matches!(kind, ActivityKind::OnQueue | ActivityKind::BackOffice);
        let engaged = || own.shifts.iter().flat_map(|shift| &shift.activities).filter(|activity| held(activity.kind)).map(|a| a.span);
        if self.diary.is_frozen(span)
            || engaged().any(|other| other.overlap(span) > Minutes::ZERO)
            || !self.presence.may_hold(&own.agent, span)
        {
            return None;
        }
        if self.diary.shift_during(person, span).is_some() {
            return Some(0);
        }
        let days = &self.diary.request.days;
        let today = engaged().any(|other| days.day_at(other.start()) == days.day_at(span.start()));
        Some(if today { ENGAGED } else { CHANGES })
    }
}
