//! How the time on queue was shared out, as a summary holds it.

use fika_model::roster::{HardQueueShare, Variety};

use super::reading::{At, Reading};
use super::summary::{predicted, predicted_message};
use crate::proto::fika::v1;

pub(super) fn read(r: &mut Reading, at: &At<'_>, p: &v1::Variety) -> Variety {
    Variety {
        longest: r.minutes(&at.field("longestMinutes"), p.longest_minutes),
        changes: p.changes,
        service_level_without: p.service_level_without.as_ref().map(predicted),
        hard_queues: r.each(&at.field("hardQueues"), &p.hard_queues, |r, at, p| HardQueueShare {
            queue: r.id(&at.field("queueId"), &p.queue_id),
            people: p.people,
            minutes: p.minutes,
            range: (p.least_minutes, p.most_minutes),
            gini: p.gini,
        }),
    }
}

pub(super) fn message(variety: &Variety) -> v1::Variety {
    let share = |share: &HardQueueShare| v1::HardQueueShare {
        queue_id: share.queue.to_string(),
        people: share.people,
        minutes: share.minutes,
        least_minutes: share.range.0,
        most_minutes: share.range.1,
        gini: share.gini,
    };
    v1::Variety {
        longest_minutes: variety.longest.get() as i32,
        changes: variety.changes,
        service_level_without: variety.service_level_without.as_ref().map(predicted_message),
        hard_queues: variety.hard_queues.iter().map(share).collect(),
    }
}
