//! The rules by name: a stable id and a sentence each.
//!
//! An id never changes its meaning and is never used again. Break rules of a request come after these, under their own ids.

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal, $text:literal;)*) => {
        /// A hard rule that every roster is checked against, in the order of the certificate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])* $name,)*
        }

        impl Rule {
            /// All rules, in the order of the certificate.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable id, as certificates write it.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What the rule says, in a sentence.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

rules! {
    /// The roster answers the request and follows its parent.
    Lineage = "roster.lineage",
        "the roster answers this request, names the request's parent, and its generation is one above the parent's, or 1 without one";
    /// The roster has the request's days.
    Period = "roster.period", "the roster has the days and the time zone of the request";
    /// Everybody once, nobody else.
    Agents = "roster.agents", "every agent of the request is there once, in the order of the ids and in the own team, and nobody else";
    /// Shift ids are unique.
    ShiftId = "shift.id", "every shift has an id that no other shift of the roster has";
    /// Shifts begin inside the horizon, in order, with a length.
    ShiftInHorizon = "shift.in-horizon", "every shift begins inside the horizon and after the shift before it, and has a length";
    /// The template exists and begins shifts on this day of the week.
    ShiftTemplate = "shift.template", "every shift is made from a template of the request that begins shifts on that day of the week";
    /// The start is one of the template's.
    ShiftStart = "shift.start", "every shift begins at one of its template's starts by the local wall clock";
    /// The length is one of the template's.
    ShiftLength = "shift.length", "every shift has one of its template's lengths";
    /// One shift a day.
    OneShiftADay = "shift.one-a-day", "no agent begins two shifts on one local day";
    /// Activities tile the shift.
    Tiling = "activity.tiling", "activities follow each other without gap or overlap from the shift's start to its end";
    /// Only what the request asks for.
    ActivityAsked = "activity.asked", "every activity is time on queue, a break, or one that the request asks of the agent";
    /// Work is paid.
    ActivityPaid = "activity.paid", "time on queue and work beside calls is paid";
    /// Queues fit skills.
    ActivityQueues = "activity.queues",
        "time on queue names queues whose skill the agent has, each once, at least one where any is not hard; nothing else names one";
    /// Minutes in a row on one queue.
    QueueInRow = "queue.in-row",
        "who can serve several queues is on one of them for no longer in a row than promised, while another that is not hard is open";
    /// Shortest run on one queue.
    QueueLeast = "queue.least", "where runs on one queue are limited, none is shorter than 30 minutes, unless other work leaves no more";
    /// Minutes on hard queues.
    HardMinutes = "queue.hard-minutes", "the time on queue of a shift names a hard queue for no more minutes than the queue allows a day";
    /// Availability holds the shift.
    Availability = "agent.availability", "every minute of a shift lies in the agent's availability";
    /// Absences are free of shifts.
    Absence = "agent.absence", "no shift shares a minute with an absence of its agent";
    /// The contract's templates.
    ContractTemplate = "contract.template", "the contract allows the shift's template";
    /// The contract's shift length.
    ContractShiftLength = "contract.shift-length", "the shift is as long as the contract allows, from start to end";
    /// Shifts a week.
    DaysPerWeek = "contract.days-per-week", "no more shifts begin in a week than the contract allows";
    /// Days in a row.
    ConsecutiveDays = "contract.consecutive-days",
        "shifts begin on no more days in a row than the contract allows, days before the horizon included";
    /// Least paid minutes.
    WeekPaidLeast = "contract.week-paid-least",
        "a week has at least the contract's paid minutes, absences credited; a shorter last week in proportion, rounded down";
    /// Most paid minutes.
    WeekPaidMost = "contract.week-paid-most", "a week has at most the contract's paid minutes, absences credited";
    /// Shifts that stand.
    Fixed = "agent.fixed", "every shift that stands is there, with the breaks that stand in it";
    /// Paid minutes a day.
    DayPaid = "contract.day-paid", "every shift has as many paid minutes as the contract allows a day";
    /// Most paid minutes on average.
    AveragePaidMost = "contract.average-paid-most",
        "a reference period, so far, has at most the contract's paid minutes a week times its weeks, absences and weeks before credited";
    /// Least paid minutes on average.
    AveragePaidLeast = "contract.average-paid-least",
        "a reference period that ends has at least the contract's paid minutes a week times its weeks, absences and weeks before credited";
    /// Weekends off.
    WeekendsOff = "contract.weekends-off", "of the weekends in a row that the contract names, up to each, enough are free";
    /// Nights in a row.
    NightsInRow = "contract.nights-in-row", "no more night shifts lie on days in a row than the contract allows, those before counted";
    /// Nights a week.
    NightsPerWeek = "contract.nights-per-week", "a week has no more night shifts than the contract allows";
    /// Length of night shifts.
    NightLength = "contract.night-length", "no night shift is longer than the contract allows";
    /// Forward rotation.
    ForwardRotation = "contract.forward-rotation", "on days in a row no shift begins earlier by the wall clock than the one before";
    /// Starts of a week.
    StartsWithin = "contract.starts-within", "the starts of a week lie no further apart by the wall clock than the contract allows";
    /// Daily rest.
    DailyRest = "rest.daily", "the 24 hours from the start of each shift hold the uninterrupted rest asked for";
    /// Rest between shifts.
    RestBetweenShifts = "rest.between-shifts", "between two shifts lies the rest asked for, also after the last one before the horizon";
    /// Days off.
    DaysOff = "rest.days-off", "every whole week has the days off asked for: days on which no shift begins and into which none reaches";
    /// Weekly rest.
    WeeklyRest = "rest.weekly", "every whole week holds the uninterrupted rest asked for";
    /// Break grid.
    BreakGrid = "break.grid", "breaks begin and end on the break step";
    /// No breaks beyond the rules.
    BreakUnasked = "break.unasked", "a shift has no breaks beyond those that the break rules give it";
    /// Choice of a break's time.
    BreakChoice = "break.choice",
        "breaks that the agent may choose name bounds around them within which every start keeps the rules of the shift, and no others do";
    /// Longest stretch.
    LongestStretch = "stretch.longest", "no stretch without a break is longer than promised";
    /// Shortest stretch.
    ShortestStretch = "stretch.shortest", "no stretch between two breaks is shorter than promised";
    /// Edges.
    Edge = "stretch.edge", "no break begins nearer to the shift's start, or ends nearer to its end, than promised";
    /// Social minutes.
    SocialMinutes = "social.minutes", "every shift has the promised minutes of break with enough companions at once";
    /// No rest alone.
    NoRestAlone = "social.no-rest-alone", "no rest break is without company while a team-mate on shift could share it";
    /// Groups on break.
    LargestGroup = "social.largest-group", "no more of one team are on break at once than promised";
    /// Share of a team on break.
    GroupShare = "social.group-share",
        "no larger share of a team's people on shift are on break at once than promised, but as many as company takes";
    /// Team-mates met.
    LeastMet = "social.least-met",
        "in each week with a shift every agent meets as many different team-mates as promised, or as many as she could meet";
    /// Companions listed.
    Companions = "social.companions",
        "a break lists exactly the team-mates whose break holds at least five of the same minutes, in the order of their ids";
    /// Windows and dates of activities.
    ActivityTime = "activity.time", "an activity beside calls lies on the break step and wholly in one of its windows and dates";
    /// Lengths of activities and blocks.
    ActivityLength = "activity.length", "an activity beside calls is as long as asked for, its pieces and blocks no shorter than allowed";
    /// Who is named takes part.
    ActivityWith = "activity.with", "an activity beside calls lists exactly those who take part at the same time, in the order of their ids";
    /// The right people, and enough.
    ActivityCircle = "activity.circle",
        "training is alone, coaching for one coached and one who coaches, a meeting has its quorum; of a team as many meet as asked for, and nobody else of it stays on the phones unless it meets in halves";
    /// Not more than asked for.
    ActivityOnce = "activity.once", "no activity beside calls is held more often or longer than it is asked for";
    /// What must be held is held.
    ActivityMust = "activity.must", "every activity that must be held is held";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_sentences_are_unique_and_can_be_ids() {
        let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        let mut texts: Vec<_> = Rule::ALL.iter().map(|rule| rule.text()).collect();
        for list in [&mut ids, &mut texts] {
            let length = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), length);
        }
        assert!(ids.iter().all(|id| fika_model::RuleId::new(*id).is_ok()));
    }
}
