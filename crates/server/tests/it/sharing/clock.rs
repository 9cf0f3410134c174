//! Times and ids that a test decides on. The server takes both from functions, so there is a fixed number of pairs of
//! them, each of which belongs to one rig at a time.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use tallyhouse_model::{Key, Micros};
use tallyhouse_server::catalog::CatalogError;
use tallyhouse_server::ids::Ids;

/// The time and the ids of one rig.
pub struct Clock {
    pub now: fn() -> Micros,
    pub ids: Ids,
    hands: &'static Hands,
}

struct Hands {
    is_taken: AtomicBool,
    now: AtomicI64,
    ids: AtomicU32,
}

/// Rigs at the same time at most: more than tests run at once.
const CLOCKS: usize = 64;

static HANDS: [Hands; CLOCKS] =
    [const { Hands { is_taken: AtomicBool::new(false), now: AtomicI64::new(0), ids: AtomicU32::new(0) } };
        CLOCKS];

fn now_of<const CLOCK: usize>() -> Micros {
    HANDS[CLOCK].now.load(Ordering::SeqCst)
}

fn id_of<const CLOCK: usize>() -> Result<Key, CatalogError> {
    Ok(id(HANDS[CLOCK].ids.fetch_add(1, Ordering::SeqCst) + 1))
}

/// The id with this number: `00000007-0000-4000-8000-000000000007`, from 1 on.
pub fn id(number: u32) -> Key {
    let mut key = Key::default();
    key[..4].copy_from_slice(&number.to_be_bytes());
    (key[6], key[8]) = (0x40, 0x80);
    key[12..].copy_from_slice(&number.to_be_bytes());
    key
}

macro_rules! pairs {
    ($($number:literal)*) => { [$((now_of::<$number>, id_of::<$number>)),*] };
}

#[rustfmt::skip]
const PAIRS: [(fn() -> Micros, Ids); CLOCKS] = pairs![
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
];

impl Clock {
    /// A clock that nobody else has, at this time; its first id is that with the number 1.
    pub fn at(now: Micros) -> Self {
        let free = HANDS.iter().position(|hands| !hands.is_taken.swap(true, Ordering::SeqCst));
        let free = free.expect("there are more clocks than tests that run at once");
        let (hands, (now_of, ids)) = (&HANDS[free], PAIRS[free]);
        hands.now.store(now, Ordering::SeqCst);
        hands.ids.store(0, Ordering::SeqCst);
        Self { now: now_of, ids, hands }
    }

    pub fn set(&self, now: Micros) {
        self.hands.now.store(now, Ordering::SeqCst);
    }

    pub fn pass(&self, duration: Micros) {
        self.hands.now.fetch_add(duration, Ordering::SeqCst);
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.hands.is_taken.store(false, Ordering::SeqCst);
    }
}
