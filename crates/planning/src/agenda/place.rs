//! One occasion: is what is held of it sound, where could it be held best, and why nowhere.
//!
//! Every start of its windows is looked at, with who is on the phones then and what their time is worth. Of the times at which enough can
//! come the cheapest is taken; of a team's huddle first one at which the most can.

use fika_model::agenda::{AskedActivity, Circle, Coach, Occasion, Party};
use fika_model::roster::{Activity, ActivityKind};
use fika_model::{AgentId, Span, TeamId};
use fika_solver::{SHORT_MINUTE, Session};
use fika_verify::point;

use super::diary::Diary;
use super::slots::{Slot, Slots};

/// What a piece of a training costs beside the time in it: few long ones are better than many short ones.
const PIECE: i64 = 30 * SHORT_MINUTE;
/// Minutes between the starts that are looked at for two parts of a team.
const HALVES_EVERY: u32 = 15;

/// Why something found no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missed {
    pub(crate) binding: &'static str,
    pub(crate) reason: String,
}

/// The piece of a shift that an activity is, at a time.
pub(crate) fn piece_of(asked: &AskedActivity, span: Span) -> Activity {
    Activity {
        code: asked.id.to_string(),
        kind: asked.kind(),
        span,
        paid: true,
        queues: Vec::new(),
        companions: Vec::new(),
        choice: None,
        asked: Some(asked.id.clone()),
        with: Vec::new(),
    }
}

/// Members of a team who have a shift that begins in a time.
pub(crate) fn working(diary: &Diary<'_>, team: &TeamId, span: Span) -> Vec<usize> {
    let works = |person: &usize| diary.agents[*person].shifts.iter().any(|shift| span.holds(shift.span.start()));
    diary.members(team).filter(works).collect()
}

/// The fewest of a team who make a huddle; `None` where fewer than two work.
pub(crate) fn fewest(share: f64, working: usize) -> Option<usize> {
    (working > 1).then_some(((share * working as f64 - 1e-9).ceil() as usize).max(2))
}

/// Whether the sessions of an occasion are what was asked for, as far as they go.
pub(crate) fn is_sound(diary: &Diary<'_>, occasion: &Occasion<'_>, sessions: &[Session]) -> bool {
    let there = || sessions.iter().map(|session| session.agents.len());
    match (&occasion.activity.circle, occasion.party) {
        (Circle::Coaching { .. }, _) => there().all(|people| people == 2),
        (Circle::Meeting { quorum, .. }, _) => there().all(|people| people >= *quorum as usize),
        (Circle::Huddle { least_share, halves, .. }, Party::Team(team)) => {
            let Some(fewest) = fewest(least_share.get(), working(diary, team, occasion.span).len()) else { return sessions.is_empty() };
            let sum: usize = there().sum();
            let parts = !halves || (sessions.len() == 2 && there().all(|people| 3 * people >= sum));
            sessions.is_empty() || (sum >= fewest && parts && (*halves || sessions.iter().all(|session| !stays(diary, team, session))))
        }
        (Circle::Training { .. } | Circle::Huddle { .. }, _) => true,
    }
}

/// Whether somebody of a team is on shift during all of a session and takes calls in it.
fn stays(diary: &Diary<'_>, team: &TeamId, session: &Session) -> bool {
    let span = session.activity.span;
    let on_phones = |person: usize| {
        let during = diary.shift_during(person, span).into_iter().flat_map(|shift| &shift.activities);
        during.filter(|activity| activity.kind == ActivityKind::OnQueue).any(|activity| activity.span.overlap(span).get() > 0)
    };
    diary.members(team).any(on_phones)
}

/// What came of placing something: what is held now, and why that is not all of it.
pub(crate) type Placing = (Vec<Session>, Option<Missed>);

/// Holds what is still missing of an occasion where that is best; `minutes` of it are there already.
pub(crate) fn place(diary: &mut Diary<'_>, occasion: &Occasion<'_>, minutes: u32) -> Placing {
    let windows = occasion.activity.windows_in(&diary.request.days, occasion.span);
    match (&occasion.activity.circle, occasion.party) {
        (Circle::Training { smallest_piece, .. }, Party::Agent(agent)) => {
            training(diary, occasion, agent, &windows, smallest_piece.is_some(), minutes)
        }
        (Circle::Coaching { coach, coached }, Party::Agent(agent)) => coaching(diary, occasion, agent, coach, coached, &windows),
        (Circle::Meeting { invited, quorum }, _) => {
            let people = diary.positions(invited);
            let slots = Slots::read(diary, &people, &windows);
            let every = diary.request.break_step.get();
            let found = slots.all(occasion.activity.length, every).filter(|slot| slot.there.len() >= *quorum as usize);
            let best = found.min_by_key(|slot| (slot.cost, slot.span));
            let held = best.and_then(|slot| hold(diary, occasion, &people, &slot));
            held.map_or_else(
                || (Vec::new(), Some(no_common_time(diary, occasion, &slots, *quorum as usize, "of those invited"))),
                |session| (vec![session], None),
            )
        }
        (Circle::Huddle { least_share, halves, .. }, Party::Team(team)) => {
            huddle(diary, occasion, team, &windows, (least_share.get(), *halves))
        }
        _ => Placing::default(),
    }
}

fn hold(diary: &mut Diary<'_>, occasion: &Occasion<'_>, people: &[usize], slot: &Slot) -> Option<Session> {
    let there: Vec<usize> = slot.there.iter().map(|row| people[*row]).collect();
    diary.hold(&piece_of(occasion.activity, slot.span), &there)
}

fn training(diary: &mut Diary<'_>, occasion: &Occasion<'_>, agent: &AgentId, windows: &[Span], in_pieces: bool, minutes: u32) -> Placing {
    let people = diary.positions([agent]);
    let Some(person) = people.first().copied() else { return Placing::default() };
    let slots = Slots::read(diary, &people, windows);
    let (length, least) = (occasion.activity.length, occasion.activity.least_piece());
    let left = fika_model::Minutes::new(i64::from(length.get()) - i64::from(minutes)).unwrap_or_default();
    let every = diary.request.break_step.get();
    let spans: Vec<Span> = if in_pieces {
        slots.pieces(left, least, PIECE)
    } else {
        slots.all(length, every).min_by_key(|slot| (slot.cost, slot.span)).map(|slot| slot.span).into_iter().collect()
    };
    let held: Vec<Session> = spans.iter().filter_map(|span| diary.hold(&piece_of(occasion.activity, *span), &[person])).collect();
    let all = held.iter().map(|session| session.activity.span.length().get()).sum::<u32>() >= left.get();
    (held, (!all).then(|| no_room(diary, occasion, person, &slots, least.get())))
}

fn no_room(diary: &Diary<'_>, occasion: &Occasion<'_>, person: usize, slots: &Slots, least: u32) -> Missed {
    let own = &diary.agents[person];
    if !own.shifts.iter().any(|shift| occasion.span.overlap(shift.span).get() > 0) {
        return Missed { binding: "nobody-on-shift", reason: format!("{} has no shift in that time", own.agent) };
    }
    let longest = slots.longest();
    let reason = if longest < least {
        format!("{} is never on the phones for {least} minutes without a break in its windows; {longest} at most", own.agent)
    } else {
        format!("what is left of the time of {} on the phones in its windows does not hold all of it", own.agent)
    };
    Missed { binding: "no-room", reason }
}

/// Who may coach somebody.
pub(super) fn coaches(diary: &Diary<'_>, person: usize, coach: &Coach, coached: &[AgentId]) -> Vec<usize> {
    let own = diary.people[person];
    let may = |other: &usize| {
        let other = diary.people[*other];
        other.id != own.id && coach.may_be(other) && !coached.contains(&other.id)
    };
    match coach {
        Coach::Agent(agent) => diary.position(agent).into_iter().filter(may).collect(),
        Coach::Skill(_) => diary.members(&own.team).filter(may).collect(),
    }
}

fn coaching(
    diary: &mut Diary<'_>,
    occasion: &Occasion<'_>,
    agent: &AgentId,
    coach: &Coach,
    coached: &[AgentId],
    windows: &[Span],
) -> Placing {
    let Some(person) = diary.position(agent) else { return Placing::default() };
    let coaches = coaches(diary, person, coach, coached);
    let mut best: Option<(i64, Span, usize)> = None;
    for coach in &coaches {
        let slots = Slots::read(diary, &[person, *coach], windows);
        let both = slots.all(occasion.activity.length, diary.request.break_step.get()).filter(|slot| slot.there.len() == 2);
        best = both.map(|slot| (slot.cost, slot.span, *coach)).chain(best).min();
    }
    if let Some((_, span, coach)) = best
        && let Some(session) = diary.hold(&piece_of(occasion.activity, span), &[person, coach])
    {
        return (vec![session], None);
    }
    let slots = Slots::read(diary, &[person], windows);
    let length = occasion.activity.length.get();
    if slots.all(occasion.activity.length, diary.request.break_step.get()).next().is_none() {
        return (Vec::new(), Some(no_room(diary, occasion, person, &slots, length)));
    }
    let reason = format!("none of {} who may coach is on the phones with {agent} for {length} minutes at one time", coaches.len());
    (Vec::new(), Some(Missed { binding: "no-coach", reason }))
}

fn huddle(diary: &mut Diary<'_>, occasion: &Occasion<'_>, team: &TeamId, windows: &[Span], (share, halves): (f64, bool)) -> Placing {
    let people = working(diary, team, occasion.span);
    let Some(fewest) = fewest(share, people.len()) else { return Placing::default() };
    let slots = Slots::read(diary, &people, windows);
    let length = occasion.activity.length;
    let held: Vec<Session> = if halves {
        let all: Vec<Slot> = slots.all(length, diary.request.break_step.get().max(HALVES_EVERY)).collect();
        let parts = two_parts(&slots, &all, fewest);
        parts.iter().flatten().filter_map(|part| hold(diary, occasion, &people, part)).collect()
    } else {
        // Who is on shift then and not free, be it for a break, would be left behind.
        let away =
            |slot: &Slot| people.iter().filter(|person| diary.shift_during(**person, slot.span).is_some()).count() == slot.there.len();
        let all = slots.all(length, diary.request.break_step.get()).filter(|slot| slot.there.len() >= fewest && away(slot));
        let best = all.min_by_key(|slot| (std::cmp::Reverse(slot.there.len()), slot.cost, slot.span));
        best.and_then(|slot| hold(diary, occasion, &people, &slot)).into_iter().collect()
    };
    let missed = held.is_empty().then(|| no_common_time(diary, occasion, &slots, fewest, &format!("of team {team}")));
    (held, missed)
}

/// Two times at which enough of a team meet between them, each person at one of them: most people, then least cost.
fn two_parts(slots: &Slots, all: &[Slot], fewest: usize) -> Option<[Slot; 2]> {
    let sets: Vec<Vec<u64>> = all.iter().map(|slot| set(&slot.there)).collect();
    let mut best: Option<(usize, i64, usize, usize)> = None;
    for (n, one) in all.iter().enumerate() {
        for (m, other) in all.iter().enumerate().skip(n + 1) {
            let people = in_either(&sets[n], &sets[m]);
            let third = people.div_ceil(3);
            let fits = people >= fewest.max(2)
                && one.there.len() >= third
                && other.there.len() >= third
                && one.span.overlap(other.span).get() == 0;
            let cost = one.cost + other.cost;
            if fits && best.is_none_or(|(most, least, ..)| (people, -cost) > (most, -least)) {
                best = Some((people, cost, n, m));
            }
        }
    }
    let (_, _, n, m) = best?;
    Some(shared(slots, &all[n], &all[m]))
}

/// People by their place in the list, in ascending order, as bits.
fn set(there: &[usize]) -> Vec<u64> {
    let mut words = vec![0; there.last().map_or(0, |last| last / 64 + 1)];
    for row in there {
        words[row / 64] |= 1 << (row % 64);
    }
    words
}

fn in_either(one: &[u64], other: &[u64]) -> usize {
    let (long, short) = if one.len() < other.len() { (other, one) } else { (one, other) };
    let words = long.iter().zip(short.iter().chain(std::iter::repeat(&0)));
    words.map(|(a, b)| (a | b).count_ones() as usize).sum()
}

/// Who could come to both goes to the smaller part.
fn shared(slots: &Slots, first: &Slot, second: &Slot) -> [Slot; 2] {
    let only = |own: &Slot, other: &Slot| own.there.iter().copied().filter(|row| !other.there.contains(row)).collect::<Vec<_>>();
    let mut parts = [only(first, second), only(second, first)];
    for row in first.there.iter().filter(|row| second.there.contains(row)) {
        let smaller = usize::from(parts[0].len() > parts[1].len());
        parts[smaller].push(*row);
    }
    let slot = |span: Span, mut there: Vec<usize>| {
        there.sort_unstable();
        Slot { span, cost: there.iter().filter_map(|row| slots.cost(*row, span)).sum(), there }
    };
    let [one, other] = parts;
    [slot(first.span, one), slot(second.span, other)]
}

fn no_common_time(diary: &Diary<'_>, occasion: &Occasion<'_>, slots: &Slots, fewest: usize, whom: &str) -> Missed {
    let all = slots.all(occasion.activity.length, diary.request.break_step.get());
    let most = all.max_by_key(|slot| (slot.there.len(), std::cmp::Reverse(slot.span)));
    let reason = match most {
        None => format!("nobody {whom} is on the phones for {} minutes in its windows", occasion.activity.length.get()),
        Some(slot) if slot.there.len() < fewest => {
            let at = point(&diary.request.days, slot.span.start());
            format!("at most {} {whom} are on the phones at one time, as on {at}; {fewest} are asked for", slot.there.len())
        }
        Some(_) => format!("at each time at which {fewest} {whom} could come, others on shift would be left behind or the parts be uneven"),
    };
    Missed { binding: "no-common-time", reason }
}
