//! What a record does not say itself is taken from its user agent and from its address.
//!
//! One [`Enricher`] serves the whole process; each batch of rows holds an [`Enrichment`] of it, so that all rows of a
//! batch are looked up in the same database. Neither the agent nor the address goes any further than here.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use tallyhouse_model::{AccountId, Micros};

use super::Segment;
use super::agent::{Agent, Agents};
use super::geo::{GeoError, GeoFile, Place, Places};

/// Where a record came from. Looked at and never stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin<'f> {
    /// The user agent, not empty.
    pub user_agent: Option<&'f str>,
    /// The address.
    pub ip: Option<IpAddr>,
}

/// Why records cannot be enriched. The operator has to correct the setting or the file.
#[derive(Debug, thiserror::Error)]
pub enum EnricherError {
    /// The file of places is missing or no such file.
    #[error("the setting geo.database is wrong: {0}")]
    Geo(#[from] GeoError),
    /// The system has no thread left.
    #[error("the thread that parses user agents cannot be started")]
    Thread(#[source] io::Error),
}

/// Knows user agents and places. Clones share it.
#[derive(Debug, Clone)]
pub struct Enricher {
    agents: Arc<Agents>,
    geo: Option<Arc<GeoFile>>,
}

impl Enricher {
    /// Opens the file of places, if there is one. Cheap otherwise: what costs is made when the first agent comes.
    pub fn start(geo_database: Option<&Path>) -> Result<Self, EnricherError> {
        let geo = geo_database.map(GeoFile::open).transpose()?.map(Arc::new);
        Ok(Self { agents: Arc::new(Agents::start().map_err(EnricherError::Thread)?), geo })
    }

    /// Enriches the rows of one batch of an account. May read the file of places again, if it has changed.
    pub fn enrichment(&self, account: AccountId, now: Micros) -> Enrichment {
        let places = self.geo.as_ref().map(|geo| Places::new(geo.database(now)));
        Enrichment { agents: Some((Arc::clone(&self.agents), account)), places }
    }
}

/// Enriches the rows of one batch.
#[derive(Debug)]
pub struct Enrichment {
    /// What knows the agents, and whose turn it is asked in.
    agents: Option<(Arc<Agents>, AccountId)>,
    places: Option<Places>,
}

impl Enrichment {
    /// Adds nothing: for records that have been enriched before.
    pub fn off() -> Self {
        Self { agents: None, places: None }
    }

    /// Looks up what the segment lacks.
    pub fn find(&mut self, segment: &Segment<'_>, origin: Origin<'_>) -> Found {
        let lacks_device = segment.device.is_none() || segment.device_info.is_none();
        let agent = origin.user_agent.filter(|_| lacks_device);
        let lacks_place = segment.country.is_none() || segment.region.is_none() || segment.city.is_none();
        let ip = origin.ip.filter(|_| lacks_place);
        Found {
            agent: agent
                .zip(self.agents.as_ref())
                .map(|(agent, (agents, account))| agents.find(*account, agent)),
            place: ip.and_then(|ip| self.places.as_mut()?.find(ip)),
        }
    }
}

/// What was found out about where a record came from.
#[derive(Debug)]
pub struct Found {
    agent: Option<Arc<Agent>>,
    place: Option<Arc<Place>>,
}

impl Found {
    /// Sets what the segment lacks. What it says itself stays.
    pub fn fill<'a>(&'a self, segment: &mut Segment<'a>) {
        if let Some(agent) = &self.agent {
            segment.device = segment.device.or(Some(agent.device.choice()));
            segment.device_info.get_or_insert_with(|| Arc::clone(&agent.device_info));
        }
        if let Some(place) = &self.place {
            segment.country = segment.country.or(place.country);
            segment.region = segment.region.or(place.region.as_deref());
            segment.city = segment.city.or(place.city.as_deref());
        }
    }
}
