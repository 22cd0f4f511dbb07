//! Groups: who is a member, who owns which partition, who gets it next.
//!
//! Invariants: a partition has at most one owner in a group; a living owner gives a partition away itself, between two batches
//! (until then the next owner is its *heir*); every change raises the group's generation, by which members notice it.

use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::{BTreeMap, BTreeSet};

/// A member as the file has it.
pub(super) struct Member {
    pub(super) id: String,
    pub(super) process: String,
    pub(super) polled_ms: i64,
}

/// A partition as one member sees it.
pub(super) struct Claim {
    pub(super) partition: i64,
    /// Whether somebody else is to have it.
    pub(super) promised: bool,
}

/// Adds a member that reads `topics` and shares the partitions out anew.
pub(super) fn join(tx: &Transaction<'_>, group: &str, id: &str, process: &str, topics: &[i64], now_ms: i64) -> rusqlite::Result<()> {
    tx.execute("INSERT OR IGNORE INTO reader_groups(name, generation) VALUES (?, 0)", [group])?;
    tx.execute(
        "INSERT INTO members(id, reader_group, process, joined, polled_ms)
         SELECT ?1, ?2, ?3, generation, ?4 FROM reader_groups WHERE name = ?2",
        params![id, group, process, now_ms],
    )?;
    for topic in topics {
        tx.execute("INSERT OR IGNORE INTO subscriptions(member, topic) VALUES (?, ?)", params![id, topic])?;
    }
    share_out(tx, group)
}

/// Removes members and shares their partitions out.
pub(super) fn leave(tx: &Transaction<'_>, group: &str, members: &[&str]) -> rusqlite::Result<()> {
    for member in members {
        tx.execute("DELETE FROM members WHERE id = ?", [member])?;
        tx.execute("DELETE FROM subscriptions WHERE member = ?", [member])?;
    }
    share_out(tx, group)
}

/// Gives promised partitions to their heirs.
pub(super) fn release(tx: &Transaction<'_>, group: &str, member: &str, partitions: &[i64]) -> rusqlite::Result<()> {
    let mut give = tx.prepare_cached(
        "UPDATE owners SET member = heir, heir = NULL WHERE reader_group = ? AND partition = ? AND member = ? AND heir IS NOT NULL",
    )?;
    for partition in partitions {
        give.execute(params![group, partition, member])?;
    }
    raise(tx, group)
}

/// All members of a group, the oldest first.
pub(super) fn members(tx: &rusqlite::Connection, group: &str) -> rusqlite::Result<Vec<Member>> {
    let mut statement = tx.prepare_cached("SELECT id, process, polled_ms FROM members WHERE reader_group = ? ORDER BY joined, id")?;
    statement.query_map([group], |row| Ok(Member { id: row.get(0)?, process: row.get(1)?, polled_ms: row.get(2)? }))?.collect()
}

/// The generation of a group, and whether `member` still belongs to it.
pub(super) fn standing(connection: &rusqlite::Connection, group: &str, member: &str) -> rusqlite::Result<(i64, bool)> {
    let mut statement =
        connection.prepare_cached("SELECT generation, EXISTS(SELECT 1 FROM members WHERE id = ?2) FROM reader_groups WHERE name = ?1")?;
    let found = statement.query_row([group, member], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.unwrap_or((0, false)))
}

/// The partitions that `member` owns.
pub(super) fn claims(connection: &rusqlite::Connection, group: &str, member: &str) -> rusqlite::Result<Vec<Claim>> {
    let mut statement = connection
        .prepare_cached("SELECT partition, heir IS NOT NULL FROM owners WHERE reader_group = ? AND member = ? ORDER BY partition")?;
    statement.query_map([group, member], |row| Ok(Claim { partition: row.get(0)?, promised: row.get(1)? }))?.collect()
}

/// Whether `member` belongs to the group and owns all of `partitions`.
pub(super) fn may_commit(tx: &Transaction<'_>, group: &str, member: &str, partitions: &[i64]) -> rusqlite::Result<bool> {
    let owned: BTreeSet<i64> = claims(tx, group, member)?.into_iter().map(|claim| claim.partition).collect();
    Ok(standing(tx, group, member)?.1 && partitions.iter().all(|partition| owned.contains(partition)))
}

fn raise(tx: &Transaction<'_>, group: &str) -> rusqlite::Result<()> {
    tx.execute("UPDATE reader_groups SET generation = generation + 1 WHERE name = ?", [group]).map(|_| ())
}

/// Shares the partitions out among the members as they are now.
fn share_out(tx: &Transaction<'_>, group: &str) -> rusqlite::Result<()> {
    let members: Vec<String> = members(tx, group)?.into_iter().map(|member| member.id).collect();
    let place: BTreeMap<&str, usize> = members.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
    let mut topics: BTreeMap<i64, Share> = BTreeMap::new();
    let mut statement = tx.prepare_cached(
        "SELECT s.member, p.topic, p.id FROM members m JOIN subscriptions s ON s.member = m.id JOIN partitions p ON p.topic = s.topic
         WHERE m.reader_group = ?",
    )?;
    let mut rows = statement.query([group])?;
    while let Some(row) = rows.next()? {
        let share = topics.entry(row.get(1)?).or_default();
        share.members.insert(place[row.get::<_, String>(0)?.as_str()]);
        share.partitions.insert(row.get(2)?);
    }
    let mut owners: BTreeMap<i64, (String, Option<String>)> = BTreeMap::new();
    let mut statement = tx.prepare_cached("SELECT partition, member, heir FROM owners WHERE reader_group = ?")?;
    let mut rows = statement.query([group])?;
    while let Some(row) = rows.next()? {
        owners.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    let held = owners.iter().filter_map(|(partition, (member, heir))| {
        let holder = heir.as_ref().filter(|heir| place.contains_key(heir.as_str())).unwrap_or(member);
        Some((*partition, *place.get(holder.as_str())?))
    });
    let target = balance(&topics, &held.collect());
    tx.execute("DELETE FROM owners WHERE reader_group = ?", [group])?;
    let mut insert = tx.prepare_cached("INSERT INTO owners(reader_group, partition, member, heir) VALUES (?, ?, ?, ?)")?;
    for (partition, next) in target {
        let next = members[next].as_str();
        let current = owners.get(&partition).map(|(member, _)| member.as_str()).filter(|member| place.contains_key(member));
        let (owner, heir) = match current {
            Some(current) if current != next => (current, Some(next)),
            _ => (next, None),
        };
        insert.execute(params![group, partition, owner, heir])?;
    }
    raise(tx, group)
}

/// Who reads a topic, and what there is to read.
#[derive(Default)]
struct Share {
    members: BTreeSet<usize>,
    partitions: BTreeSet<i64>,
}

/// Gives every partition to one of its topic's members: for each topic evenly (numbers differ by one at most), leaving as much as
/// that allows where it is, and the rest to those who have the least in all topics.
fn balance(topics: &BTreeMap<i64, Share>, held: &BTreeMap<i64, usize>) -> BTreeMap<i64, usize> {
    let mut target: BTreeMap<i64, usize> = BTreeMap::new();
    let mut load: BTreeMap<usize, usize> = BTreeMap::new();
    for share in topics.values() {
        let mut room = Room::of(share);
        let (stay, go): (Vec<i64>, Vec<i64>) =
            share.partitions.iter().partition(|partition| held.get(partition).is_some_and(|member| room.take(*member)));
        target.extend(stay.iter().map(|partition| (*partition, held[partition])));
        for partition in go {
            let free = room.counts.keys().copied().filter(|member| room.is_free(*member));
            let least =
                free.min_by_key(|member| (room.counts[member], load.get(member).copied().unwrap_or(0) + room.counts[member], *member));
            if let Some(member) = least.filter(|member| room.take(*member)) {
                target.insert(partition, member);
            }
        }
        for (member, count) in room.counts {
            *load.entry(member).or_default() += count;
        }
    }
    target
}

/// How many partitions of one topic each member has, and may still take.
struct Room {
    counts: BTreeMap<usize, usize>,
    /// Everybody gets so many.
    least: usize,
    /// So many members get one more.
    above: usize,
}

impl Room {
    fn of(share: &Share) -> Self {
        let (partitions, members) = (share.partitions.len(), share.members.len().max(1));
        Self { counts: share.members.iter().map(|member| (*member, 0)).collect(), least: partitions / members, above: partitions % members }
    }

    fn is_free(&self, member: usize) -> bool {
        self.counts.get(&member).is_some_and(|count| *count < self.least || (*count == self.least && self.above > 0))
    }

    /// Counts one partition for `member`, if it may have one more.
    fn take(&mut self, member: usize) -> bool {
        if !self.is_free(member) {
            return false;
        }
        if let Some(count) = self.counts.get_mut(&member) {
            self.above -= usize::from(*count == self.least);
            *count += 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(members: usize, partitions: std::ops::Range<i64>) -> Share {
        Share { members: (0..members).collect(), partitions: partitions.collect() }
    }

    proptest! {
        #[test]
        fn balance_is_complete_even_and_calm(
            members in 1_usize..6,
            sizes in proptest::collection::vec(1_i64..15, 1..4),
            before in proptest::collection::vec(0_usize..8, 60),
        ) {
            let topics: BTreeMap<i64, Share> =
                sizes.iter().enumerate().map(|(topic, size)| (topic as i64, share(members, 100 * topic as i64..100 * topic as i64 + size))).collect();
            let all: Vec<i64> = topics.values().flat_map(|share| share.partitions.iter().copied()).collect();
            let held: BTreeMap<i64, usize> = all.iter().zip(&before).map(|(partition, member)| (*partition, *member)).collect();
            let target = balance(&topics, &held);
            prop_assert_eq!(target.keys().copied().collect::<Vec<_>>(), all);
            for share in topics.values() {
                let counts: Vec<usize> =
                    (0..members).map(|member| share.partitions.iter().filter(|partition| target[*partition] == member).count()).collect();
                prop_assert!(counts.iter().max().expect("a member") - counts.iter().min().expect("a member") <= 1, "{:?}", counts);
            }
            prop_assert_eq!(&balance(&topics, &target), &target, "a balanced group stays as it is");
        }
    }

    #[test]
    fn a_newcomer_takes_only_what_it_needs() {
        let topics = BTreeMap::from([(0, share(2, 0..12))]);
        let before: BTreeMap<i64, usize> = (0..12).map(|partition| (partition, 0)).collect();
        let after = balance(&topics, &before);
        assert_eq!(after.values().filter(|member| **member == 0).count(), 6);
        assert_eq!(after.values().filter(|member| **member == 1).count(), 6);
    }

    #[test]
    fn single_partitions_of_several_topics_go_to_different_members() {
        let topics = (0..4).map(|topic| (topic, share(2, 10 * topic..10 * topic + 1))).collect();
        let target = balance(&topics, &BTreeMap::new());
        assert_eq!(target.values().filter(|member| **member == 0).count(), 2);
    }
}
