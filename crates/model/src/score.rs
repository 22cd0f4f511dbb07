//! The score of a roster: whole numbers per level, compared in the order of the levels.

/// What a roster costs, least first. Smaller is better; the derived order compares level by level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Score {
    /// Broken hard rules: law, contract, wellbeing. Never traded; 0 in anything that leaves the process.
    pub hard: i64,
    /// Person-minutes short of the requirement, weighted by what they cost the service level (1,000 a plain person-minute).
    pub service: i64,
    /// Paid minutes, overtime weighted.
    pub cost: i64,
    /// Unfairness and wishes not granted, and changes against the roster it replaces.
    pub fairness: i64,
}
