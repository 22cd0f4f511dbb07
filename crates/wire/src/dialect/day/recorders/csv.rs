//! A report of completed calls: a line for each stay in a queue, in the local time of the site.

use super::{CALLER_NAME, CALLER_NUMBER, Recorded, agent_name, ms, recorded};
use crate::dialect::day::truth::{Day, LegEnd, QUEUES, Then};
use crate::dialect::{Dialect, Mapping, open};

const MAPPING: &str = r#"
    separator = ";"
    time_zone = "Europe/Berlin"
    time_format = "%d.%m.%Y %H:%M:%S"
    [columns]
    call = "id"
    queue = "queue"
    agent = "agent"
    joined = ["date", "time"]
    wait = "wait"
    talk = "talk"
    hold = "hold"
    wrapup = "acw"
    outcome = "result"
    [outcome]
    answered = ["ANSWERED"]
    abandoned = ["ABANDONED", "FLOWED OUT"]
"#;

pub(super) fn reader() -> Box<dyn Dialect> {
    let mapping: Mapping = toml::from_str(MAPPING).expect("a mapping");
    open("calls-csv", Some(&mapping)).expect("a sound mapping")
}

pub(super) fn record(day: &Day) -> Vec<Recorded> {
    let mut lines = vec![recorded(-900, "id;caller;name;queue;agent;date;time;wait;talk;hold;acw;result")];
    for (number, leg) in day.legs.iter().enumerate() {
        let joined = fika_model::event::timestamp_of(ms(leg.joined)).in_tz("Europe/Berlin").expect("a zone");
        let begin = format!("leg-{number};{CALLER_NUMBER};\"{CALLER_NAME}\";{};", QUEUES[leg.queue]);
        let when = joined.strftime("%d.%m.%Y;%H:%M:%S");
        let (end, rest) = match &leg.end {
            LegEnd::Abandoned(at) => (*at, format!(";{when};{};;;;ABANDONED", at - leg.joined)),
            LegEnd::Overflowed(at) => (*at, format!(";{when};{};;;;FLOWED OUT", at - leg.joined)),
            LegEnd::Answered(talk) if talk.then == Then::Untold => continue,
            LegEnd::Answered(talk) => {
                let hold = talk.hold.map_or(0, |(from, to)| to - from);
                let lengths = [talk.answered - leg.joined, talk.parted - talk.answered - hold, hold, talk.wrapped - talk.parted];
                let lengths = lengths.map(|length| length.to_string()).join(";");
                (talk.wrapped, format!("{};{when};{lengths};ANSWERED", agent_name(talk.agent)))
            }
        };
        lines.push(recorded(end, format!("{begin}{rest}")));
    }
    lines
}
