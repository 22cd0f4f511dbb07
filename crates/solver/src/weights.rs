//! What things are worth to the search, in one integer unit, so that the levels of the score keep their order.
//!
//! Invariant: one agent's change never pays for a worse level with a better one below it. Five minutes of a broken promise
//! cost more than an empty day, a short person-minute more than a week of paid minutes, a paid minute more than a surplus one is worth.

/// One minute of social time that a shift lacks, or of a rest break taken alone.
pub(crate) const BROKEN_MINUTE: i64 = 80_000_000;
/// A break minute with one companion where more are asked for: not enough, but the way to enough.
pub(crate) const NEARLY_SOCIAL_MINUTE: i64 = 20_000;
/// One person-minute short of the requirement.
pub const SHORT_MINUTE: i64 = 100_000;
/// What the last person missing of all that are required weighs beyond [`SHORT_MINUTE`]: an interval that nobody serves loses every
/// call, one that is short of a tenth loses few, so shortage is spread and not heaped on an evening that is hard to staff.
pub(crate) const DEPTH_MINUTE: i64 = 60_000;
/// One paid minute.
pub(crate) const PAID_MINUTE: i64 = 10;
/// The first person-minute above a large requirement; less than a paid one, and less with each further person.
pub(crate) const SURPLUS_MINUTE: i64 = 9;
/// A wish that is not granted.
pub(crate) const WISH: i64 = 100;
/// Unpopular shifts, late breaks and weekend shifts of somebody who carries one of them a week, and denied wishes of somebody whose wishes are
/// all denied: one more weighs about three times as much, and for those who carry most still less than half an hour of pay.
pub(crate) const BURDENS: [i64; 4] = [15, 6, 15, 20];
/// Two team-mates who never meet, on shift together or not; somebody who meets nobody in a week.
pub(crate) const STRANGERS: i64 = 20;
pub(crate) const LEFT_OUT: i64 = 500;

/// What one more person is worth for a minute when `filled` people of `required` are there.
pub(crate) fn marginal(required: u32, filled: u32) -> i64 {
    let (required, filled) = (i64::from(required), i64::from(filled));
    if filled < required {
        SHORT_MINUTE + DEPTH_MINUTE * (required - filled - 1) / required
    } else if required == 0 {
        0
    } else {
        SURPLUS_MINUTE * required / (required + 4 * (filled - required + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_person_is_never_worth_more_than_the_one_before() {
        for required in 0..60 {
            let worth: Vec<i64> = (0..80).map(|filled| marginal(required, filled)).collect();
            assert!(worth.windows(2).all(|pair| pair[0] >= pair[1]), "required {required}: {worth:?}");
        }
    }

    #[test]
    fn the_levels_keep_their_order() {
        let week_paid = 7 * 1440 * PAID_MINUTE;
        assert!(marginal(1, 0) > week_paid.min(SHORT_MINUTE - 1) && marginal(50, 50) < PAID_MINUTE);
        assert!(5 * BROKEN_MINUTE > 1440 * marginal(50, 0));
    }
}
