//! Rules as data: shift templates, breaks, rest, wellbeing.

use crate::id::{RuleId, TemplateId};
use crate::people::Weekdays;
use crate::units::{Fraction, Minutes};

/// A family of shifts: where they may begin and how long they may last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Days of the week on which its shifts begin.
    pub weekdays: Weekdays,
    /// Earliest start, in minutes after midnight.
    pub start_from: u32,
    /// Latest start, in minutes after midnight.
    pub start_to: u32,
    /// Starts lie this many minutes apart, from the earliest on.
    pub start_step: Minutes,
    /// Shortest length from start to end, unpaid breaks included.
    pub length_from: Minutes,
    /// Longest length.
    pub length_to: Minutes,
    /// Lengths lie this many minutes apart, from the shortest on.
    pub length_step: Minutes,
}

/// What a break is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakKind {
    /// A short rest.
    Rest,
    /// Time to eat.
    Meal,
}

/// When a break may begin and must have ended. All limits that are given must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BreakWindow {
    /// It begins no earlier than this after the shift's start.
    pub earliest_after_start: Option<Minutes>,
    /// It begins no later than this after the shift's start.
    pub latest_after_start: Option<Minutes>,
    /// It begins no earlier than this before the shift's end.
    pub earliest_before_end: Option<Minutes>,
    /// It ends no later than this before the shift's end.
    pub latest_before_end: Option<Minutes>,
    /// It lies between these two times of the wall clock, in minutes after the midnight of the day on which the shift begins.
    pub wall: Option<(u32, u32)>,
    /// Its middle lies no further than this from the middle of the shift.
    pub around_middle: Option<Minutes>,
}

/// Breaks that shifts of some lengths must have. The rules that apply to a shift add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakRule {
    /// Its id, as certificates name it.
    pub id: RuleId,
    /// What the breaks are for.
    pub kind: BreakKind,
    /// It applies to shifts longer than this, from start to end.
    pub shift_longer_than: Minutes,
    /// It applies to shifts no longer than this.
    pub shift_at_most: Minutes,
    /// How many breaks.
    pub count: u32,
    /// How long each is.
    pub length: Minutes,
    /// Whether they are paid and count towards the contract's hours.
    pub paid: bool,
    /// Where each may lie.
    pub window: BreakWindow,
    /// What laws and agreements add.
    pub terms: BreakTerms,
}

/// One set of breaks for every so many minutes of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Every {
    /// The minutes that earn a set.
    pub length: Minutes,
    /// Whether what is left over earns one too when it is more than half of them ("or major fraction thereof").
    pub or_major_fraction: bool,
}

/// Which shifts fall under a rule by the wall clock, beside their length. All that is given must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BreakTrigger {
    /// The shift begins in `[from, to)`, in minutes after midnight; `to` may pass midnight, to 2,880.
    pub begins: Option<(u32, u32)>,
    /// The shift ends later than this, in minutes after the midnight of the day on which it begins.
    pub ends_after: Option<u32>,
    /// Some minute of the shift lies in `[from, to)`, in minutes after the midnight of the day on which it begins.
    pub touches: Option<(u32, u32)>,
}

/// Who takes a break at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SameTime {
    /// Team-mates whose shifts begin on the same day and are made from the same template.
    Crew,
    /// Everybody of the team whose shift begins on the same day.
    Team,
    /// Everybody whose shift begins on the same day.
    Site,
}

/// What laws and agreements add to a break rule; nothing by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BreakTerms {
    /// `count` breaks for every so many minutes of the shift; `None` is `count` breaks a shift.
    pub every: Option<Every>,
    /// Which shifts fall under the rule by the wall clock.
    pub trigger: BreakTrigger,
    /// The break may be taken in pieces of at least this, which add up to its length.
    pub smallest_piece: Option<Minutes>,
    /// Minutes to the place of rest and back that are scheduled on top of the length.
    pub walk: Minutes,
    /// An agent who has agreed goes without it in shifts no longer than this.
    pub waivable_at_most: Option<Minutes>,
    /// Minutes of pay that the law sets for a shift in which it is missed.
    pub missed_premium: Minutes,
    /// Who takes it at the same time.
    pub same_time: Option<SameTime>,
    /// Whether the agent chooses its time, inside the window and the other rules, and the roster names the bounds.
    pub choice: bool,
    /// Whether its time stands when the roster is published: no choice is left.
    pub fixed_in_advance: bool,
}

impl BreakRule {
    /// Whether shifts of this length (start to end) fall under the rule as far as their length says so.
    pub fn applies_to(&self, shift_length: Minutes) -> bool {
        shift_length > self.shift_longer_than && shift_length <= self.shift_at_most
    }

    /// Minutes that each break takes in the roster, walking included.
    pub fn scheduled(&self) -> Minutes {
        Minutes::new(i64::from(self.length.get()) + i64::from(self.terms.walk.get())).unwrap_or(self.length)
    }
}

/// Limits of the stretches of work between breaks that are long enough to count, beside those of the wellbeing policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StretchRule {
    /// Its id, as certificates name it.
    pub id: RuleId,
    /// Only breaks of at least this length end a stretch.
    pub broken_by: Minutes,
    /// No stretch is longer than this.
    pub longest: Option<Minutes>,
    /// No stretch between two breaks is shorter than this.
    pub shortest: Option<Minutes>,
    /// No break begins earlier than this after the shift's start or ends later than this before its end.
    pub edge: Option<Minutes>,
}

/// What agents are promised. All of it is hard.
///
/// A *stretch* is time in a shift without a break: from its start to the first break, between two breaks, from the last break to its end.
/// A team-mate is a *companion* for a minute of a break when a break of hers, rest or meal, holds the same minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WellbeingPolicy {
    /// No stretch is longer than this (default 2 h).
    pub longest_stretch: Minutes,
    /// Stretches between two breaks are no shorter than this (default 45 min).
    pub shortest_stretch: Minutes,
    /// No break begins earlier than this after the shift's start or ends later than this before its end (default 45 min).
    pub edge: Minutes,
    /// Every shift has at least this many minutes of break with `social_companions` companions or more at once (default 15).
    pub social: Minutes,
    /// How many companions make a minute social (default 2).
    pub social_companions: u32,
    /// No rest break is without any companion while a team-mate is on shift during the whole of it and neither in a meal nor in another
    /// fixed activity that began before it (default true). *Without any companion* means that no single break of a team-mate holds five
    /// of the same minutes (or all of them, where it is shorter than five).
    pub no_rest_alone: bool,
    /// Minutes an hour that need no permission and count against nobody; bought as capacity (default 4).
    pub comfort_minutes_per_hour: f64,
    /// Minutes off the phones after a hard call; bought as capacity (default 0, not bought).
    pub recovery_minutes: f64,
    /// The share of answered calls that are hard (default 0).
    pub hard_call_share: Fraction,
    /// Handling time over staffed time, at most (default 0.85).
    pub occupancy_ceiling: Fraction,
    /// In each week every agent meets at least this many different team-mates, or as many as she could meet: a break of the one holds five
    /// minutes of a break of the other. She could meet a team-mate where shifts of both have five minutes in common that lie no nearer than
    /// `edge` to the start or end of either (default 0: not asked).
    pub least_met_a_week: u32,
    /// At most this many of one team are on break at once (default none).
    pub largest_group: Option<u32>,
    /// At most this share of a team's people on shift in a minute are on break in it, rounded down, but never fewer than
    /// [`WellbeingPolicy::company`] (default none). Above 0.
    pub largest_group_share: Option<Fraction>,
    /// Most minutes in a row on one queue for people who can serve several (default no limit). Time on queue is *on* the queue that it
    /// names first. Breaks neither count nor end a run, other work ends it; minutes count while another of her queues that is not hard is
    /// open. Where this or a hard queue is given, a run is at least [`LEAST_ON_ONE_QUEUE`] long unless other work leaves no more.
    pub most_on_one_queue: Option<Minutes>,
}

/// The shortest run on one queue where runs are limited: shorter ones are no change of work but a disturbance.
pub const LEAST_ON_ONE_QUEUE: Minutes = Minutes::of(30);

impl Default for WellbeingPolicy {
    fn default() -> Self {
        Self {
            longest_stretch: Minutes::of(120),
            shortest_stretch: Minutes::of(45),
            edge: Minutes::of(45),
            social: Minutes::of(15),
            social_companions: 2,
            no_rest_alone: true,
            comfort_minutes_per_hour: 4.0,
            recovery_minutes: 0.0,
            hard_call_share: Fraction::ZERO,
            occupancy_ceiling: Fraction::percent(85),
            least_met_a_week: 0,
            largest_group: None,
            largest_group_share: None,
            most_on_one_queue: None,
        }
    }
}

impl WellbeingPolicy {
    /// People whom the company that is promised brings together at least, oneself included: 1 where none is.
    pub fn company(&self) -> u32 {
        let companions = if self.social.get() > 0 { self.social_companions } else { 0 };
        companions.max(u32::from(self.no_rest_alone || self.least_met_a_week > 0)).saturating_add(1)
    }

    /// How many of a team may be on break at once by [`WellbeingPolicy::largest_group_share`] while so many of it are on shift; `None`
    /// where no share is given.
    pub fn group_by_share(&self, on_shift: u32) -> Option<u32> {
        // A share such as 0.29 of 100 is 29 people, although the product in floating point is a little less.
        let spared = |share: Fraction| (share.get() * f64::from(on_shift) + 1e-9) as u32;
        self.largest_group_share.map(|share| spared(share).max(self.company()))
    }
}

/// Rest between shifts and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestRules {
    /// From the end of a shift to the start of the next (default 11 h: directive 2003/88/EC, article 3).
    pub between_shifts: Minutes,
    /// Days without a shift in each week of seven days (default 1; in a shorter last week none is asked). A day is without a shift
    /// when none begins on it and none reaches into it.
    pub days_off_per_week: u32,
    /// Longest uninterrupted rest that each whole week of seven days must hold (default 35 h: the same directive, article 5). All of
    /// it lies inside the week; the last shift before the horizon counts where it reaches into it.
    pub weekly: Minutes,
    /// Uninterrupted rest that the 24 hours from the start of each shift must hold (default none).
    pub daily: Minutes,
}

impl Default for RestRules {
    fn default() -> Self {
        Self { between_shifts: Minutes::of(660), days_off_per_week: 1, weekly: Minutes::of(2100), daily: Minutes::ZERO }
    }
}
