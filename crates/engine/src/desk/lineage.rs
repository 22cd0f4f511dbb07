//! Which roster is the current one of each site and period, and what may take its place.
//!
//! A request that names its parent may replace that one only, with the next generation. A request that names none begins
//! anew with generation 1, and its roster replaces whatever is current. The roster published last is current, and the turns
//! tell which that is: whoever publishes takes the next one, under a guard that keeps others out. Clocks decide nothing; only
//! records that name no turn are put in order by their times.

use std::collections::BTreeMap;
use std::fmt;

use fika_model::calendar::Date;
use fika_model::fault::FaultCode;
use fika_model::roster::Parent;
use fika_model::{Faults, Request, RequestId, RosterId, SiteId};

use super::Publication;

/// A site and its days: what a roster is of. Only one of the same period can take its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The site.
    pub site: SiteId,
    /// The first local day.
    pub first_date: Date,
    /// The number of days.
    pub days: usize,
}

impl Period {
    /// The period of a request's roster.
    pub fn of(request: &Request) -> Self {
        Self { site: request.site.clone(), first_date: request.days.first_date(), days: request.days.len() }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.site, self.first_date, self.days)
    }
}

/// The turn in which a roster may be published, by everything that was published before it. None: the parent that it names is not current.
pub fn turn(parent: Option<&Parent>, period: &Period, publications: impl IntoIterator<Item = Publication>) -> Option<u64> {
    let mut lineage = Lineage::default();
    for mut publication in publications {
        if parent.is_some_and(|parent| parent.roster == publication.roster) {
            publication.period.get_or_insert_with(|| period.clone());
        }
        lineage.published(publication);
    }
    lineage.check(parent, period).is_ok().then(|| lineage.next_turn(period))
}

/// The current rosters.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    periods: BTreeMap<RequestId, Period>,
    current: BTreeMap<Period, Publication>,
    /// Publications whose request is not known yet.
    unplaced: BTreeMap<RequestId, Publication>,
}

/// The generation of the request's roster.
pub(super) fn generation(request: &Request) -> u64 {
    request.parent.as_ref().map_or(1, |parent| parent.generation.saturating_add(1))
}

/// A request has one roster at most, so its id is the request's.
pub(super) fn roster_id(request: &RequestId) -> RosterId {
    RosterId::new(request.as_str()).expect("every request id is a legal roster id")
}

impl Lineage {
    pub(super) fn requested(&mut self, request: &Request) {
        self.periods.entry(request.id.clone()).or_insert_with(|| Period::of(request));
        if let Some(publication) = self.unplaced.remove(&request.id) {
            self.published(publication);
        }
    }

    /// Notes a publication; one whose turn was before that of the current one changes nothing.
    pub(super) fn published(&mut self, publication: Publication) {
        let told = publication.period.as_ref();
        let Some(period) = told.or_else(|| self.periods.get(&publication.request)).cloned() else {
            self.unplaced.insert(publication.request.clone(), publication);
            return;
        };
        let order = |publication: &Publication| (publication.turn, publication.at_ms, publication.roster.clone());
        let stands = |current: &Publication| current.roster != publication.roster && order(current) > order(&publication);
        if !self.current.get(&period).is_some_and(stands) {
            self.current.insert(period, publication);
        }
    }

    /// The turn after that of the period's current roster.
    pub(super) fn next_turn(&self, period: &Period) -> u64 {
        self.current.get(period).map_or(0, |current| current.turn).saturating_add(1)
    }

    /// Faults where the request names a parent that is not current.
    pub(super) fn check_parent(&self, request: &Request) -> Result<(), Faults> {
        self.check(request.parent.as_ref(), &Period::of(request))
    }

    fn check(&self, parent: Option<&Parent>, period: &Period) -> Result<(), Faults> {
        let Some(Parent { roster, generation }) = parent else { return Ok(()) };
        let cause = match self.current.get(period) {
            Some(current) if current.roster == *roster && current.generation == *generation => return Ok(()),
            Some(current) => format!(
                "roster {roster} of generation {generation} is not current; {} of generation {} is",
                current.roster, current.generation
            ),
            None => format!("roster {roster} is named, but none is published for these days of this site"),
        };
        Err(Faults::one(FaultCode::Outdated, "parent", cause))
    }
}
