//! How each rule of a contradiction gives way: it is relaxed, said in words, and the nearest bound looked for at which it alone is enough.

use fika_model::Minutes;
use fika_model::people::{Agent, Averaging, Contract, LoadHistory, LoadLimits, MinutesRange, WeekendRule};
use fika_model::request::RequestParts;

use super::{Case, Relaxation, RuleGroup};

impl Case {
    fn people(&self) -> impl Iterator<Item = &Agent> {
        self.parts.agents.iter().filter(|agent| self.agents.contains(&agent.id))
    }

    /// The contracts of the people, by position.
    fn contracts(&self) -> Vec<usize> {
        let theirs = |contract: &Contract| self.people().any(|own| own.contract == contract.id);
        (0..self.parts.contracts.len()).filter(|n| theirs(&self.parts.contracts[*n])).collect()
    }

    /// The contract, where all have the same.
    fn contract_of(&self) -> Option<usize> {
        self.contracts().first().copied().filter(|_| self.contracts().len() == 1)
    }

    pub(super) fn relax(&self, parts: &mut RequestParts, group: &RuleGroup) {
        use RuleGroup as G;
        let shortest = parts.templates.iter().map(|template| template.length_from).min().unwrap_or_default();
        let longest = parts.templates.iter().map(|template| template.length_to).max().unwrap_or_default();
        match group {
            G::WeeklyRest => parts.rest.weekly = Minutes::ZERO,
            G::RestBetween => parts.rest.between_shifts = Minutes::ZERO,
            G::DailyRest => parts.rest.daily = Minutes::ZERO,
            G::DaysOff => parts.rest.days_off_per_week = 0,
            G::Break(id) => parts.breaks.retain(|rule| &rule.id != id),
            G::LongestStretch => parts.wellbeing.longest_stretch = Minutes::of(1440),
            G::Stretches => parts.stretches.clear(),
            G::ShortestStretch => parts.wellbeing.shortest_stretch = Minutes::ZERO,
            G::Edge => parts.wellbeing.edge = Minutes::ZERO,
            G::Social => parts.wellbeing.social = Minutes::ZERO,
            G::NoRestAlone => parts.wellbeing.no_rest_alone = false,
            G::LeastMet => parts.wellbeing.least_met_a_week = 0,
            G::LargestGroup => parts.wellbeing.largest_group = None,
            G::GroupShare => parts.wellbeing.largest_group_share = None,
            G::Availability | G::Absences | G::Fixed | G::History => {
                for own in parts.agents.iter_mut().filter(|agent| self.agents.contains(&agent.id)) {
                    match group {
                        G::Availability => own.availability.clear(),
                        G::Absences => own.absences.clear(),
                        G::Fixed => own.fixed.clear(),
                        _ => (own.last_shift_end, own.days_worked_before, own.history) = (None, 0, LoadHistory::default()),
                    }
                }
            }
            G::HeldWindows | G::HeldDates | G::HeldLength | G::Quorum | G::Share | G::OthersHeld => self.relax_held(parts, group),
            _ => self.contracts().into_iter().for_each(|n| {
                let contract = &mut parts.contracts[n];
                match group {
                    G::WeekLeast => contract.week_paid.least = Minutes::ZERO,
                    G::WeekMost => contract.week_paid.most = Minutes::of(7 * 1440),
                    G::ShiftLength => contract.shift_length = MinutesRange { least: shortest, most: longest },
                    G::DaysPerWeek => contract.most_days_per_week = 7,
                    G::ConsecutiveDays => contract.most_consecutive_days = 92,
                    G::DayPaid => contract.limits.day_paid = None,
                    G::AverageLeast => contract.limits.averaging.iter_mut().for_each(|rule| rule.week_paid.least = Minutes::ZERO),
                    G::AverageMost => contract.limits.averaging.iter_mut().for_each(|rule| rule.week_paid.most = Minutes::of(7 * 1440)),
                    G::Weekends => contract.limits.weekends = None,
                    G::Nights => contract.limits.nights = None,
                    G::ForwardRotation => contract.limits.forward_rotation = false,
                    G::StartsWithin => contract.limits.starts_within = None,
                    _ => contract.templates.clear(),
                }
            }),
        }
    }

    pub(super) fn relaxation(&self, group: &RuleGroup) -> Relaxation {
        let enough = self.feasible(std::slice::from_ref(group)).then(|| {
            let nearest = self.nearest(group).or_else(|| self.nearest_limit(group)).or_else(|| self.nearest_held(group));
            nearest.unwrap_or_else(|| {
                let possible = if self.held.is_some() { "it can be held" } else { "there is a legal week" };
                format!("without it {possible}")
            })
        });
        Relaxation { group: group.clone(), says: self.says(group), enough }
    }

    /// The nearest bound at which the rule alone gives way.
    fn nearest(&self, group: &RuleGroup) -> Option<String> {
        use RuleGroup as G;
        let contract = self.contract_of().map(|n| &self.parts.contracts[n]);
        let (rest, well) = (&self.parts.rest, &self.parts.wellbeing);
        let minutes = |value: u32| Minutes::of(value as u16);
        let of_contract = |parts: &mut RequestParts, set: &dyn Fn(&mut fika_model::people::Contract)| {
            if let Some(n) = self.contract_of() {
                set(&mut parts.contracts[n]);
            }
        };
        let text = match (group, contract) {
            (G::WeekLeast, Some(contract)) => {
                let most = self.largest(contract.week_paid.least.get(), |p, v| of_contract(p, &|c| c.week_paid.least = minutes(v)));
                format!("at most {most} paid minutes a week can be had")
            }
            (G::WeekMost, Some(contract)) => {
                let from = contract.week_paid.most.get();
                let least = self.smallest(from, 7 * 1440, |p, v| of_contract(p, &|c| c.week_paid.most = minutes(v)));
                format!("{least} paid minutes a week must be allowed")
            }
            (G::DaysPerWeek, Some(contract)) => {
                let least = self.smallest(contract.most_days_per_week, 7, |p, v| of_contract(p, &|c| c.most_days_per_week = v));
                format!("{least} shifts a week must be allowed")
            }
            (G::ConsecutiveDays, Some(contract)) => {
                let from = contract.most_consecutive_days;
                let least = self.smallest(from, 92, |p, v| of_contract(p, &|c| c.most_consecutive_days = v));
                format!("{least} days in a row must be allowed")
            }
            (G::RestBetween, _) => {
                let most = self.largest(rest.between_shifts.get(), |p, v| p.rest.between_shifts = minutes(v));
                format!("at most {most} minutes of rest between shifts can be had")
            }
            (G::DailyRest, _) => {
                let most = self.largest(rest.daily.get(), |p, v| p.rest.daily = minutes(v));
                format!("at most {most} minutes of rest in the 24 hours from a shift's start can be had")
            }
            (G::LeastMet, _) => {
                let most = self.largest(well.least_met_a_week, |p, v| p.wellbeing.least_met_a_week = v);
                format!("at most {most} team-mates can be met in a week")
            }
            (G::WeeklyRest, _) => {
                let most = self.largest(rest.weekly.get(), |p, v| p.rest.weekly = minutes(v));
                format!("at most {most} minutes of rest in the week can be had")
            }
            (G::DaysOff, _) => {
                format!("at most {} days off can be had", self.largest(rest.days_off_per_week, |p, v| p.rest.days_off_per_week = v))
            }
            (G::LongestStretch, _) => {
                let least = self.smallest(well.longest_stretch.get(), 1440, |p, v| p.wellbeing.longest_stretch = minutes(v));
                format!("a stretch of {least} minutes must be allowed")
            }
            (G::ShortestStretch, _) => {
                let most = self.largest(well.shortest_stretch.get(), |p, v| p.wellbeing.shortest_stretch = minutes(v));
                format!("a stretch of {most} minutes between breaks must be allowed")
            }
            (G::Edge, _) => {
                let most = self.largest(well.edge.get(), |p, v| p.wellbeing.edge = minutes(v));
                format!("a break {most} minutes from the shift's start or end must be allowed")
            }
            (G::Social, _) => {
                let most = self.largest(well.social.get(), |p, v| p.wellbeing.social = minutes(v));
                format!("at most {most} minutes of social time can be had")
            }
            _ => return None,
        };
        Some(text)
    }

    /// The same for the further limits of a contract.
    fn nearest_limit(&self, group: &RuleGroup) -> Option<String> {
        use RuleGroup as G;
        let limits = self.contract_of().map(|n| &self.parts.contracts[n].limits)?;
        let minutes = |value: u32| Minutes::of(value as u16);
        let range = |least: u32, most: u32| MinutesRange { least: minutes(least), most: minutes(most) };
        let free = |free: u32, of: u32| (free > 0).then_some(WeekendRule { free, of });
        let of_contract = |parts: &mut RequestParts, set: &dyn Fn(&mut Contract)| {
            if let Some(n) = self.contract_of() {
                set(&mut parts.contracts[n]);
            }
        };
        let text = match (group, limits) {
            (G::LargestGroup, _) => {
                let least =
                    self.smallest(self.parts.wellbeing.largest_group.unwrap_or_default(), 100, |p, v| p.wellbeing.largest_group = Some(v));
                format!("{least} of a team on break at once must be allowed")
            }
            (G::AverageLeast, LoadLimits { averaging: Some(rule), .. }) => {
                let most = self.largest(rule.week_paid.least.get(), |p, v| {
                    of_contract(p, &|c| c.limits.averaging = Some(Averaging { week_paid: range(v, rule.week_paid.most.get()), ..*rule }));
                });
                format!("at most {most} paid minutes a week can be had on average")
            }
            (G::AverageMost, LoadLimits { averaging: Some(rule), .. }) => {
                let least = self.smallest(rule.week_paid.most.get(), 7 * 1440, |p, v| {
                    of_contract(p, &|c| c.limits.averaging = Some(Averaging { week_paid: range(rule.week_paid.least.get(), v), ..*rule }));
                });
                format!("{least} paid minutes a week must be allowed on average")
            }
            (G::Weekends, LoadLimits { weekends: Some(rule), .. }) => {
                let most = self.largest(rule.free, |p, v| of_contract(p, &|c| c.limits.weekends = free(v, rule.of)));
                format!("at most {most} free weekends of {} can be had", rule.of)
            }
            (G::StartsWithin, LoadLimits { starts_within: Some(apart), .. }) => {
                let least = self.smallest(apart.get(), 1440, |p, v| of_contract(p, &|c| c.limits.starts_within = Some(minutes(v))));
                format!("starts {least} minutes apart must be allowed")
            }
            _ => return None,
        };
        Some(text)
    }

    /// The largest value below a bound that is too much, if zero is not; every smaller one does as well.
    pub(super) fn largest(&self, too_much: u32, set: impl Fn(&mut RequestParts, u32)) -> u32 {
        let (mut good, mut bad) = (0, too_much);
        while bad > good + 1 {
            let middle = good + (bad - good) / 2;
            if self.feasible_with(|parts| set(parts, middle)) { good = middle } else { bad = middle }
        }
        good
    }

    /// The smallest value above a bound that is too little, up to one that is enough.
    fn smallest(&self, too_little: u32, enough: u32, set: impl Fn(&mut RequestParts, u32)) -> u32 {
        let (mut bad, mut good) = (too_little, enough.max(too_little + 1));
        while good > bad + 1 {
            let middle = bad + (good - bad) / 2;
            if self.feasible_with(|parts| set(parts, middle)) { good = middle } else { bad = middle }
        }
        good
    }

    /// What a rule says for each of the people, once.
    fn says(&self, group: &RuleGroup) -> String {
        let contract = |own: &Agent| self.parts.contracts.iter().find(|contract| contract.id == own.contract);
        if let Some(text) = self.says_held(group) {
            return text;
        }
        let mut texts: Vec<String> = Vec::new();
        for own in self.people() {
            let personal = match group {
                RuleGroup::Availability => Some(own.availability.len()),
                RuleGroup::Absences => Some(own.absences.len()),
                RuleGroup::Fixed => Some(own.fixed.len()),
                _ => None,
            };
            let text = self.says_of(group, contract(own), own);
            let text = match personal {
                Some(0) if self.agents.len() > 1 => continue,
                Some(_) if self.agents.len() > 1 => format!("{}: {text}", own.id),
                _ => text,
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts.join(", ")
    }

    fn says_of(&self, group: &RuleGroup, contract: Option<&Contract>, own: &Agent) -> String {
        use RuleGroup as G;
        let (rest, well) = (&self.parts.rest, &self.parts.wellbeing);
        match (group, contract) {
            (G::WeekLeast, Some(c)) => format!("contract {}: at least {} paid minutes a week", c.id, c.week_paid.least.get()),
            (G::WeekMost, Some(c)) => format!("contract {}: at most {} paid minutes a week", c.id, c.week_paid.most.get()),
            (G::ShiftLength, Some(c)) => {
                format!("contract {}: shifts of {} to {} minutes", c.id, c.shift_length.least.get(), c.shift_length.most.get())
            }
            (G::DaysPerWeek, Some(c)) => format!("contract {}: at most {} shifts a week", c.id, c.most_days_per_week),
            (G::ConsecutiveDays, Some(c)) => format!("contract {}: at most {} days in a row", c.id, c.most_consecutive_days),
            (G::Templates, Some(c)) => format!("contract {}: only {} shift templates", c.id, c.templates.len()),
            (G::DayPaid | G::AverageLeast | G::AverageMost | G::Weekends | G::Nights | G::StartsWithin, Some(c)) => limit(group, c),
            (G::ForwardRotation, Some(c)) => format!("contract {}: starts rotate forward", c.id),
            (G::Fixed, ..) => format!("{} shifts that stand", own.fixed.len()),
            (G::DailyRest, ..) => format!("{} minutes of rest in the 24 hours from each shift's start", rest.daily.get()),
            (G::NoRestAlone, ..) => "no rest break alone".to_owned(),
            (G::LeastMet, ..) => format!("{} team-mates met in each week", well.least_met_a_week),
            (G::LargestGroup, ..) => format!("at most {} of a team on break at once", well.largest_group.unwrap_or_default()),
            (G::GroupShare, ..) => {
                let percent = well.largest_group_share.map_or(100.0, |share| 100.0 * share.get());
                format!("at most {percent:.0} % of a team's people on shift on break at once")
            }
            (G::Availability, ..) => format!("availability in {} windows", own.availability.len()),
            (G::Absences, ..) => format!("{} absences", own.absences.len()),
            (G::RestBetween, ..) => format!("{} minutes of rest between shifts", rest.between_shifts.get()),
            (G::WeeklyRest, ..) => format!("{} minutes of rest in each week", rest.weekly.get()),
            (G::DaysOff, ..) => format!("{} days off in each week", rest.days_off_per_week),
            (G::Break(id), ..) => format!("break rule {id}"),
            (G::Stretches, ..) => format!("{} limits of stretches by law", self.parts.stretches.len()),
            (G::LongestStretch, ..) => format!("no stretch longer than {} minutes", well.longest_stretch.get()),
            (G::ShortestStretch, ..) => format!("no stretch between breaks shorter than {} minutes", well.shortest_stretch.get()),
            (G::Edge, ..) => format!("no break within {} minutes of a shift's start or end", well.edge.get()),
            (G::Social, ..) => {
                format!("{} minutes of social time with {} companions", well.social.get(), well.social_companions)
            }
            _ => "the shifts before the horizon".to_owned(),
        }
    }
}

/// A further limit of a contract in words.
fn limit(group: &RuleGroup, contract: &Contract) -> String {
    use RuleGroup as G;
    let (id, limits) = (&contract.id, &contract.limits);
    let of = |range: Option<MinutesRange>| range.map_or((0, 0), |range| (range.least.get(), range.most.get()));
    let (weeks, average) = limits.averaging.map_or((0, (0, 0)), |rule| (rule.weeks, of(Some(rule.week_paid))));
    match group {
        G::DayPaid => {
            let (least, most) = of(limits.day_paid);
            format!("contract {id}: {least} to {most} paid minutes a day")
        }
        G::AverageLeast => format!("contract {id}: at least {} paid minutes a week on average over {weeks} weeks", average.0),
        G::AverageMost => format!("contract {id}: at most {} paid minutes a week on average over {weeks} weeks", average.1),
        G::Weekends => {
            let (free, of) = limits.weekends.map_or((0, 0), |rule| (rule.free, rule.of));
            format!("contract {id}: {free} of each {of} weekends free")
        }
        G::StartsWithin => {
            format!("contract {id}: starts of a week no further apart than {} minutes", limits.starts_within.unwrap_or_default().get())
        }
        _ => format!("contract {id}: limits of night shifts"),
    }
}
