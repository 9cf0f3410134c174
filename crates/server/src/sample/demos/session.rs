//! What one session is made of: who looks at what, and the activities.

use tallyhouse_model::{HOUR, Key, Micros, SECOND};

use super::library::Library;
use super::{IdOf, id_of};
use crate::sample::random::{Random, mix};

/// Activities of a session at most.
pub const ACTIVITIES_MAX: u64 = 24;

/// How many of a hundred sessions end with their first activity.
const BOUNCES_PERCENT: u64 = 22;

/// How many of a hundred sessions look at the draft, without a link.
const WITHOUT_LINK_PERCENT: u64 = 4;

/// A session in a form that is cheap to keep; texts are made when it becomes a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    /// Its number among those of the seed.
    pub number: u64,
    /// Its UUID.
    pub id: Key,
    /// When it began.
    pub started_at: Micros,
    /// Position among the replays.
    pub replay: usize,
    /// Position among the links.
    pub link: Option<usize>,
    /// Number of the visitor.
    pub visitor: u64,
    /// The visitor gave an e-mail address.
    pub is_known: bool,
}

impl Session {
    /// The session of this number.
    pub fn new(seed: u64, number: u64, started_at: Micros, visitors: u64, library: &Library) -> Self {
        let mut random = Random::new(mix(seed ^ 0x5e55) ^ mix(number));
        let link = library.choose(&mut random, started_at);
        // Squared, so that some visitors return often and most seldom.
        let share = random.fraction();
        let visitor = (share * share * visitors as f64) as u64 + 1;
        let has_link = !random.percent(WITHOUT_LINK_PERCENT);
        let by_choice = random.percent(30);
        let details = &library.links[link];
        Self {
            number,
            id: id_of(IdOf::Session, seed, number),
            started_at,
            replay: details.replay,
            link: has_link.then_some(link),
            visitor,
            is_known: has_link && details.shows_welcome && (details.asks_email || by_choice),
        }
    }

    /// All its activities, in their order; none at or after `until`.
    pub fn activities(&self, seed: u64, until: Micros, library: &Library) -> Vec<Activity> {
        let mut random = Random::new(mix(seed ^ 0xac71) ^ mix(self.number));
        let screens = library.replays[self.replay].screens.len() as u64;
        let count = activities_of(seed, self.number);
        let mut activity = Activity {
            at: self.started_at + random.duration(SECOND),
            session: *self,
            index: 0,
            kind: self.first_kind(library),
            screen: 0,
            step: 0,
        };
        let mut activities = Vec::with_capacity(count);
        for index in 0..count as u64 {
            activities.push(Activity { index, ..activity });
            activity.at += pause(&mut random);
            activity.kind = Kind::any(&mut random);
            match activity.kind {
                Kind::Screen => activity.screen = random.below(screens) as usize,
                Kind::Guide => activity.step += 1,
                _ => {}
            }
        }
        self.hurry(&mut activities, until);
        activities
    }

    fn first_kind(&self, library: &Library) -> Kind {
        match self.link {
            Some(link) if library.links[link].shows_welcome => Kind::Welcome,
            _ => Kind::Screen,
        }
    }

    /// Brings the activities closer together where they would reach past the end.
    fn hurry(&self, activities: &mut [Activity], until: Micros) {
        let room = until - 1 - self.started_at;
        let taken = activities.last().map_or(0, |last| last.at - self.started_at);
        if taken <= room {
            return;
        }
        for activity in activities {
            let passed = i128::from(activity.at - self.started_at) * i128::from(room) / i128::from(taken);
            activity.at = self.started_at + i64::try_from(passed).expect("it is not longer than before");
        }
    }
}

/// One step of a session. Sorted by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Activity {
    /// When it was done.
    pub at: Micros,
    /// In which session.
    pub session: Session,
    /// Its position there.
    pub index: u64,
    /// What was done.
    pub kind: Kind,
    /// Position among the screens of the replay.
    pub screen: usize,
    /// Steps of the guide so far.
    pub step: usize,
}

impl Activity {
    /// Its UUID.
    pub fn id(&self, seed: u64) -> Key {
        id_of(IdOf::Activity, seed, self.session.number * ACTIVITIES_MAX + self.index)
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The welcome screen was shown.
    Welcome,
    /// A screen was shown.
    Screen,
    /// Something was clicked.
    Click,
    /// A step of the guide was shown.
    Guide,
    /// A form was filled in.
    Form,
}

impl Kind {
    /// The `activity_type`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Welcome => "welcome",
            Kind::Screen => "screen",
            Kind::Click => "click",
            Kind::Guide => "guide",
            Kind::Form => "form",
        }
    }

    fn any(random: &mut Random) -> Kind {
        match random.below(100) {
            0..36 => Kind::Click,
            36..66 => Kind::Screen,
            66..96 => Kind::Guide,
            _ => Kind::Form,
        }
    }
}

/// How many activities the session of this number has: 1 to [`ACTIVITIES_MAX`].
pub fn activities_of(seed: u64, number: u64) -> usize {
    let mut random = Random::new(mix(seed ^ 0xc0c7) ^ mix(number));
    if random.percent(BOUNCES_PERCENT) {
        return 1;
    }
    let share = random.fraction();
    2 + (share * share * (ACTIVITIES_MAX - 1) as f64) as usize
}

/// Seconds mostly; now and then somebody comes back to an open window hours later.
fn pause(random: &mut Random) -> Micros {
    let away = if random.one_in(60) { HOUR / 4 + random.duration(2 * HOUR) } else { 0 };
    SECOND / 3 + random.duration(9 * SECOND) + away
}
