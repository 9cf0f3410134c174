//! What one report is made of. It follows from the number of the report, whichever table asks.

use tallyhouse_model::{DAY, HOUR, Micros, SECOND};

use super::world::{FIELDS, STATES, choose_channel, state_id};
use super::{RandomOf, ReportSample};
use crate::sample::random::Random;

const MINUTE: Micros = 60 * SECOND;

/// Images of a report at most.
const IMAGES_MAX: usize = 4;

/// A report in a form that is cheap to make.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its number.
    pub id: u64,
    /// What it is filed in. The form that was filled in has the same number.
    pub channel: u64,
    /// When it was made.
    pub created_at: Micros,
    /// When it came into its state.
    pub updated_at: Micros,
    /// Who made it, unless it is anonymous.
    pub user: Option<u64>,
    /// The state it is in.
    pub state: Option<u64>,
    /// When each of its images was made, some of them the day after.
    pub images: Vec<Micros>,
    /// Per field of the form which options were chosen, as bits.
    pub chosen: [u8; FIELDS.len()],
    /// The place that was written into the text field.
    pub place: Option<u64>,
}

impl ReportSample {
    /// What the report is filed in.
    pub(super) fn channel_of(&self, report: u64) -> u64 {
        choose_channel(&mut self.random(RandomOf::Channel, report))
    }

    /// The report of this number, from 1 on.
    pub(super) fn report(&self, id: u64) -> Report {
        let mut random = self.random(RandomOf::Report, id);
        let (channel, created_at) = (self.channel_of(id), self.calendar.created_at(id));
        let user = (!random.percent(12)).then(|| self.user(&mut random));
        let (state, updated_at) = self.state(&mut random, channel, created_at);
        let is_filled_in = !random.one_in(50);
        Report {
            id,
            channel,
            created_at,
            updated_at,
            user,
            state,
            images: self.images(&mut random, created_at),
            chosen: std::array::from_fn(|place| if is_filled_in { choose(&mut random, place) } else { 0 }),
            place: (is_filled_in && random.percent(30)).then(|| 1 + random.below(40)),
        }
    }

    /// The state that a report got into until the end, and when. The older it is, the further it got; a few have none.
    fn state(&self, random: &mut Random, channel: u64, created_at: Micros) -> (Option<u64>, Micros) {
        if random.one_in(25) {
            return (None, created_at);
        }
        let (mut place, mut at) = (0, created_at);
        while place + 1 < STATES.len() as u64 {
            // One in eight is never looked at again.
            let next = at + MINUTE + random.duration(4 * DAY);
            if next >= self.until || random.one_in(8) {
                break;
            }
            (place, at) = (place + 1, next);
        }
        (Some(state_id(channel, place)), at)
    }

    fn images(&self, random: &mut Random, created_at: Micros) -> Vec<Micros> {
        let count = if random.percent(60) { 0 } else { 1 + random.below(IMAGES_MAX as u64) };
        let mut at = created_at;
        let image = |_| {
            let pause = if random.one_in(20) { 20 * HOUR } else { MINUTE };
            at += SECOND + random.duration(pause);
            at
        };
        (0..count).map(image).filter(|at| *at < self.until).collect()
    }
}

/// The options of a field that were chosen, as bits; none where nothing was.
fn choose(random: &mut Random, place: usize) -> u8 {
    let field = &FIELDS[place];
    let options = field.options.len() as u64;
    if options == 0 || random.percent(10) {
        return 0;
    }
    // The first options are the most frequent.
    let share = random.fraction();
    let mut chosen = 1 << ((share * share * options as f64) as u8);
    while field.multi_select && random.percent(35) {
        chosen |= 1 << random.below(options);
    }
    chosen
}
