//! What there is to look at: replays of demos, and links that lead to them. All of it is made up.

use tallyhouse_model::{DAY, HOUR, Micros, render_uuid};

use super::{IdOf, id_of};
use crate::sample::random::{Random, mix};

/// Titles of the replays, one each. The first is there all the time.
const TITLES: [&str; 24] = [
    "Product tour",
    "Reporting in five minutes",
    "Getting started, part 1",
    "Getting started, part 2",
    "Your first \"board\"",
    "Dashboards for teams",
    "Workflows: automate a review",
    "Führung durch die Berichte",
    "Roles & permissions",
    "Import and export",
    "Mobile overview",
    "Archive of 2019",
    "Forecasts",
    "Visite guidée : l'essentiel",
    "Integrations",
    "製品ツアー",
    "Security overview",
    "Billing and plans",
    "Approvals on the go",
    "Data quality",
    "Search everything",
    "What is new",
    "Partner portal",
    "Support desk",
];

/// The replay of which it is not known when it was published.
const UNKNOWN_DATE: usize = 11;

/// How many links there are.
const LINKS: usize = 48;

/// Where links are used.
const CHANNELS: [&str; 8] =
    ["Website", "Newsletter", "Trade fair", "Partners", "Sales", "Webinar", "Onboarding", "Support"];

/// Titles of the screens of a replay; each has the first few.
const SCREENS: [&str; 12] = [
    "Home",
    "Dashboard",
    "Report",
    "Report, filtered",
    "Settings",
    "Members",
    "Board",
    "Calendar",
    "Search",
    "Import",
    "Summary",
    "Contact",
];

/// A demo that was recorded and published.
#[derive(Debug)]
pub struct Replay {
    /// What is edited.
    pub draft_id: String,
    /// What is shown.
    pub id: String,
    /// Its title.
    pub title: &'static str,
    /// When the draft was begun.
    pub created_at: Micros,
    /// When it was published, and published anew. At least once.
    publications: Vec<Micros>,
    /// Whether that is known.
    is_date_known: bool,
    /// When it was deleted.
    pub deleted_at: Option<Micros>,
    /// Ids and titles of its screens.
    pub screens: Vec<(String, &'static str)>,
    /// The guide that leads through it.
    pub guide_id: String,
}

impl Replay {
    fn new(seed: u64, index: usize, until: Micros, days: u32) -> Self {
        let mut random = Random::new(mix(seed ^ 0xde30) ^ mix(index as u64));
        let start = until - i64::from(days.max(1)) * DAY;
        let created_at = if index < TITLES.len() / 2 {
            start - 10 * DAY - random.duration(60 * DAY)
        } else {
            start + share(&mut random, 0, (until - start) * 4 / 5)
        };
        let first = created_at
            + share(&mut random, HOUR.min((until - created_at) / 8), 2 * DAY).min((until - created_at) / 4);
        let deleted = index % 8 == 5;
        let deleted_at = deleted.then(|| first + share(&mut random, (until - first) / 2, until - first));
        let mut publications = vec![first];
        let mut next = first + 5 * DAY + random.duration(20 * DAY);
        while next < deleted_at.unwrap_or(until) {
            publications.push(next);
            next += 5 * DAY + random.duration(20 * DAY);
        }
        let screens = 5 + index % (SCREENS.len() - 4);
        let screen_id = |screen: usize| text_id(IdOf::Snapshot, seed, index * SCREENS.len() + screen);
        Self {
            draft_id: text_id(IdOf::Draft, seed, index),
            id: text_id(IdOf::Replay, seed, index),
            title: TITLES[index],
            created_at,
            publications,
            is_date_known: index != UNKNOWN_DATE,
            deleted_at,
            screens: (0..screens).map(|screen| (screen_id(screen), SCREENS[screen])).collect(),
            guide_id: text_id(IdOf::Guide, seed, index),
        }
    }

    /// When it was published, and published anew; nothing where that is not known.
    pub fn known_publications(&self) -> &[Micros] {
        if self.is_date_known { &self.publications } else { &[] }
    }

    /// When what was shown at this time had been published.
    pub fn published_before(&self, at: Micros) -> Option<Micros> {
        self.known_publications().iter().copied().rfind(|published| *published <= at)
    }
}

/// What leads to a replay.
#[derive(Debug)]
pub struct Link {
    /// Its id.
    pub id: String,
    /// Which replay.
    pub replay: usize,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its address.
    pub url: String,
    /// When it was made.
    pub created_at: Micros,
    /// When it was deleted.
    pub deleted_at: Option<Micros>,
    /// The replay's first.
    pub is_default: bool,
    /// Begins with a welcome screen.
    pub shows_welcome: bool,
    /// Which asks for an address.
    pub asks_email: bool,
    /// And for a password.
    pub asks_password: bool,
}

impl Link {
    fn new(seed: u64, index: usize, replays: &[Replay], until: Micros) -> Self {
        let mut random = Random::new(mix(seed ^ 0x117c) ^ mix(index as u64));
        let is_default = index < replays.len();
        let replay = if is_default { index } else { random.below(replays.len() as u64) as usize };
        let (published, end) = (replays[replay].publications[0], replays[replay].deleted_at.unwrap_or(until));
        let created_at = published + share(&mut random, 0, (3 * DAY).min((end - published) / 2));
        let deleted_early = index > 0 && random.percent(15);
        let early = created_at + share(&mut random, (end - created_at) / 3, end - created_at);
        let shows_welcome = random.percent(60);
        let channel = CHANNELS[index % CHANNELS.len()];
        Self {
            id: text_id(IdOf::Link, seed, index),
            replay,
            title: format!("{channel}: {}", replays[replay].title),
            description: random.percent(50).then(|| format!("For the channel {channel}, number {index}")),
            url: format!("https://demo.example.com/l/{:08x}", random.next() >> 32),
            created_at,
            deleted_at: if deleted_early { Some(early) } else { replays[replay].deleted_at },
            is_default,
            shows_welcome,
            asks_email: shows_welcome && random.percent(70),
            asks_password: random.percent(10),
        }
    }

    /// Whether it led anywhere at this time.
    pub fn is_there(&self, at: Micros) -> bool {
        self.created_at <= at && self.deleted_at.is_none_or(|deleted_at| at < deleted_at)
    }
}

/// All replays and links of an account.
#[derive(Debug)]
pub struct Library {
    /// The replays.
    pub replays: Vec<Replay>,
    /// The links; the first ones are used the most, and the very first is always there.
    pub links: Vec<Link>,
}

impl Library {
    /// The one that belongs to a seed and to so many days before `until`.
    pub fn new(seed: u64, until: Micros, days: u32) -> Self {
        let replays: Vec<Replay> =
            (0..TITLES.len()).map(|index| Replay::new(seed, index, until, days)).collect();
        let links = (0..LINKS).map(|index| Link::new(seed, index, &replays, until)).collect();
        Self { replays, links }
    }

    /// A link that leads somewhere at this time.
    pub fn choose(&self, random: &mut Random, at: Micros) -> usize {
        let mut tries = (0..8).map(|_| (random.fraction() * random.fraction() * LINKS as f64) as usize);
        tries.find(|index| self.links[*index].is_there(at)).unwrap_or(0)
    }
}

fn text_id(what: IdOf, seed: u64, number: usize) -> String {
    render_uuid(&id_of(what, seed, number as u64))
}

/// Anything between the two, or the first where the second is not greater.
fn share(random: &mut Random, from: Micros, to: Micros) -> Micros {
    from + (random.fraction() * (to - from).max(0) as f64) as Micros
}
