//! Random activities beside calls, and random work, that fit the rest of a random request.

use fika_model::agenda::{AskedActivity, BackOfficeWork, Circle, Coach};
use fika_model::{ActivityId, AgentId, Curve, DayMap, Fraction, Grid, IntervalLength, Minutes, SkillId, TeamId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

use super::request::{Names, window};
use super::{ID, id, pick};

fn circle(names: Names) -> impl Strategy<Value = Circle> {
    let agents = move |names: &Names| -> Vec<AgentId> { names.agents.iter().map(|name| id(AgentId::new, name)).collect() };
    (0..4_u8, any::<Index>(), any::<[bool; 2]>(), 0.01..=1.0_f64, 1..=2_u16).prop_map(move |(kind, n, flags, share, pieces)| {
        let all = agents(&names);
        match kind {
            0 if all.len() > 1 => Circle::Meeting { quorum: 2, invited: all },
            1 if all.len() > 1 => Circle::Coaching { coach: Coach::Agent(all[0].clone()), coached: all[1..].to_vec() },
            1 => Circle::Coaching { coach: Coach::Skill(id(SkillId::new, pick(n, &names.skills))), coached: all },
            2 => Circle::Huddle {
                teams: if flags[0] { names.teams.iter().map(|name| id(TeamId::new, name)).collect() } else { Vec::new() },
                least_share: Fraction::new(share).expect("a share"),
                halves: flags[1],
            },
            _ => Circle::Training { agents: all, smallest_piece: flags[0].then(|| Minutes::of(15 * pieces)) },
        }
    })
}

fn activity(names: Names, days: &DayMap) -> impl Strategy<Value = AskedActivity> + use<> {
    let last = days.days().last().map_or(days.first_date(), |day| days.date(day));
    let first = days.first_date();
    // A window that is long enough, whatever it is asked to hold.
    let windows = vec(window(), 0..2).prop_map(|windows| windows.into_iter().filter(|w| w.to_minute - w.from_minute >= 60).collect());
    (ID, circle(names), 6..=12_u16, any::<[bool; 2]>(), option::of(any::<bool>()), windows).prop_map(
        move |(name, circle, length, flags, dates, windows)| AskedActivity {
            id: id(ActivityId::new, "numbered-later"),
            name,
            circle,
            length: Minutes::of(length * 5),
            each_week: flags[0],
            dates: dates.map(|one| if one { (first, first) } else { (first, last) }),
            windows,
            must: flags[1],
        },
    )
}

fn work(names: Names, days: DayMap) -> impl Strategy<Value = BackOfficeWork> {
    (ID, any::<Index>(), 6..=12_u16, 0.0..20.0_f64).prop_map(move |(name, skill, block, people)| {
        let grid = Grid::new(days.start(), IntervalLength::QUARTER_HOUR, days.span().length().get() / 15);
        BackOfficeWork {
            id: id(ActivityId::new, "numbered-later"),
            name,
            skill: id(SkillId::new, pick(skill, &names.skills)),
            least_block: Minutes::of(block * 5),
            required: Curve::from_fn(grid, |at| people * (at.get() % 5) as f64),
        }
    })
}

/// Some of both, each under an id of its own.
pub(super) fn beside(names: Names, days: DayMap) -> impl Strategy<Value = (Vec<AskedActivity>, Vec<BackOfficeWork>)> {
    let numbered = |name: &str, n: usize| id(ActivityId::new, &format!("{name} {n}"));
    let activities = vec(activity(names.clone(), &days), 0..3);
    (activities, vec(work(names, days), 0..2)).prop_map(move |(activities, works)| {
        let activities = activities.into_iter().enumerate().map(|(n, one)| AskedActivity { id: numbered("activity", n), ..one });
        let works = works.into_iter().enumerate().map(|(n, one)| BackOfficeWork { id: numbered("work", n), ..one });
        (activities.collect(), works.collect())
    })
}
