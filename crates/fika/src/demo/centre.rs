//! The made-up centre of the demo: three queues, three teams, three contracts; open on weekdays and Saturdays.
//!
//! It is made up, and it is all that the demo hands to anybody: what the planner learns about calls it learns from the bus.

use fika_model::calendar::{Date, DayMap, Weekday};
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::people::{Agent, AgentSkill, Contract, LoadLimits, MinutesRange, Team, WallWindow, Weekdays, Wish};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakWindow, RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::units::{IntervalLength, Minutes};
use fika_model::{AgentId, ContractId, QueueId, RequestId, RuleId, SiteId, SkillId, TeamId, TemplateId};

/// Where the centre is.
pub(crate) const TIME_ZONE: &str = "Europe/Stockholm";

/// A queue as its callers make it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueProfile {
    /// Its id, and the skill that it asks for.
    pub(crate) id: &'static str,
    /// Calls on an ordinary weekday.
    pub(crate) calls_a_day: f64,
    /// Mean conversation, in seconds.
    pub(crate) talk_s: f64,
    /// Mean wrap-up, in seconds.
    pub(crate) wrapup_s: f64,
    /// Mean patience of its callers, in seconds.
    pub(crate) patience_s: f64,
}

/// The queues.
pub(crate) const QUEUES: [QueueProfile; 3] = [
    QueueProfile { id: "orders", calls_a_day: 450.0, talk_s: 185.0, wrapup_s: 25.0, patience_s: 150.0 },
    QueueProfile { id: "support", calls_a_day: 340.0, talk_s: 290.0, wrapup_s: 45.0, patience_s: 260.0 },
    QueueProfile { id: "billing", calls_a_day: 170.0, talk_s: 240.0, wrapup_s: 35.0, patience_s: 200.0 },
];

const TEAMS: [(&str, &str); 3] = [("harbour", "Harbour"), ("meadow", "Meadow"), ("station", "Station")];

const NAMES: [&str; 30] = [
    "Alva", "Bo", "Cleo", "Dag", "Elin", "Folke", "Greta", "Hugo", "Ines", "Jon", "Kaj", "Lova", "Milo", "Nils", "Olga", "Pia", "Rut",
    "Sten", "Tyra", "Ulf", "Vera", "Wim", "Ylva", "Zoe", "Ante", "Britt", "Curt", "Disa", "Egil", "Freja",
];

/// A person of the centre; the demo's ACD and its request both know her.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    /// Her place in the list.
    pub(crate) number: usize,
}

/// Everybody who works there.
pub(crate) fn people() -> impl Iterator<Item = Person> {
    (0..NAMES.len()).map(|number| Person { number })
}

impl Person {
    /// Her id.
    pub(crate) fn id(self) -> String {
        format!("{:02}-{}", self.number + 1, NAMES[self.number].to_lowercase())
    }

    /// Whether she can serve a queue, by its place in [`QUEUES`]: two of three know billing, all know the rest.
    pub(crate) const fn serves(self, queue: usize) -> bool {
        queue < 2 || self.number % 3 != 1
    }

    /// Which contract she has: half full time, three of ten part time, the rest evenings and Saturdays of students.
    pub(crate) const fn contract(self) -> &'static str {
        match self.number % 10 {
            0..=4 => "full",
            5..=7 => "part",
            _ => "short",
        }
    }

    const fn team(self) -> &'static str {
        TEAMS[(self.number / 5) % TEAMS.len()].0
    }
}

fn minutes(least: u16, most: u16) -> MinutesRange {
    MinutesRange { least: Minutes::of(least), most: Minutes::of(most) }
}

/// Ids of this file are written by hand and legal.
macro_rules! id {
    ($kind:ident, $text:expr) => {
        $kind::new($text).expect("the demo's ids are legal")
    };
}

/// The hours of the centre: weekdays 08:00 to 20:00, Saturdays 09:00 to 17:00.
pub(crate) fn hours() -> Vec<WallWindow> {
    use Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    vec![
        WallWindow { weekdays: Weekdays::of([Monday, Tuesday, Wednesday, Thursday, Friday]), from_minute: 480, to_minute: 1200 },
        WallWindow { weekdays: Weekdays::of([Saturday]), from_minute: 540, to_minute: 1020 },
    ]
}

/// The request for the week from `monday`, with the demand to be taken from the history on the bus.
pub(crate) fn request(id: &str, days: DayMap, history_until: fika_model::Timestamp, seed: u64, seconds: u32) -> RequestParts {
    RequestParts {
        id: id!(RequestId, id),
        site: id!(SiteId, "demo"),
        days,
        interval: IntervalLength::QUARTER_HOUR,
        break_step: Minutes::of(5),
        queues: QUEUES.iter().map(queue).collect(),
        skills: QUEUES.iter().map(|q| id!(SkillId, q.id)).collect(),
        teams: TEAMS.iter().map(|(id, name)| Team { id: id!(TeamId, *id), name: (*name).to_owned() }).collect(),
        contracts: contracts(),
        agents: people().map(agent).collect(),
        templates: templates(),
        breaks: breaks(),
        stretches: Vec::new(),
        wellbeing: WellbeingPolicy::default(),
        fairness: fika_model::fairness::FairnessPolicy::default(),
        rest: RestRules::default(),
        demand: DemandSource::History { until: Some(history_until) },
        staffing: StaffingPolicy::default(),
        budget: Budget { steps: None, seconds: Some(seconds) },
        seed,
        parent: None,
        activities: Vec::new(),
        back_office: Vec::new(),
    }
}

fn queue(profile: &QueueProfile) -> Queue {
    Queue { id: id!(QueueId, profile.id), name: String::new(), skill: id!(SkillId, profile.id), hours: hours(), hard_minutes_per_day: None }
}

fn contracts() -> Vec<Contract> {
    let contract = |id, week_paid, shift_length, most_days| Contract {
        id: id!(ContractId, id),
        week_paid,
        shift_length,
        most_days_per_week: most_days,
        most_consecutive_days: 5,
        templates: Vec::new(),
        limits: LoadLimits::default(),
    };
    vec![
        contract("full", minutes(2100, 2400), minutes(450, 540), 5),
        contract("part", minutes(1320, 1560), minutes(300, 450), 5),
        contract("short", minutes(840, 1080), minutes(240, 330), 4),
    ]
}

fn agent(person: Person) -> Agent {
    let skill = |(n, q): (usize, &QueueProfile)| {
        let proficiency = 1.0 + 0.04 * ((person.number * 7 + n * 3) % 5) as f64 - 0.08;
        person.serves(n).then(|| AgentSkill { skill: id!(SkillId, q.id), proficiency, priority: 1 })
    };
    let mut wishes = Vec::new();
    if person.number % 7 == 3 {
        wishes.push(Wish::StartNear(480));
    }
    Agent {
        name: NAMES[person.number].to_owned(),
        skills: QUEUES.iter().enumerate().filter_map(skill).collect(),
        wishes,
        ..Agent::new(id!(AgentId, person.id()), id!(TeamId, person.team()), id!(ContractId, person.contract()))
    }
}

fn templates() -> Vec<ShiftTemplate> {
    let template = |id, start_from, start_to, length_from, length_to| ShiftTemplate {
        id: id!(TemplateId, id),
        weekdays: Weekdays::ALL,
        start_from,
        start_to,
        start_step: Minutes::of(15),
        length_from: Minutes::of(length_from),
        length_to: Minutes::of(length_to),
        length_step: Minutes::of(30),
    };
    vec![template("long", 480, 750, 450, 510), template("medium", 480, 900, 300, 420), template("short", 480, 960, 240, 300)]
}

/// A rest of 15 minutes for each two hours or so, and half an hour to eat in shifts of more than six hours.
fn breaks() -> Vec<BreakRule> {
    let rule = |id, kind, longer_than, at_most, count, length, paid, window| BreakRule {
        id: id!(RuleId, id),
        kind,
        shift_longer_than: Minutes::of(longer_than),
        shift_at_most: Minutes::of(at_most),
        count,
        length: Minutes::of(length),
        paid,
        window,
        terms: BreakTerms::default(),
    };
    let anywhere = BreakWindow::default();
    let midway =
        BreakWindow { earliest_after_start: Some(Minutes::of(150)), latest_before_end: Some(Minutes::of(120)), ..BreakWindow::default() };
    vec![
        rule("rest-short", BreakKind::Rest, 0, 255, 1, 15, true, anywhere),
        rule("rest-medium", BreakKind::Rest, 255, 420, 2, 15, true, anywhere),
        rule("rest-long", BreakKind::Rest, 420, 600, 3, 15, true, anywhere),
        rule("meal", BreakKind::Meal, 360, 600, 1, 30, false, midway),
    ]
}

/// The Monday after `today`.
pub(crate) fn next_monday(today: Date) -> Date {
    let ahead = 7 - i64::from(today.weekday().to_monday_zero_offset());
    today.saturating_add(jiff::Span::new().days(ahead))
}
