//! Which social networks there are, and what messages, people and comments are called. All of it is made up.

use crate::sample::random::Random;

/// A social network, and how many of a hundred reactions there are of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// Its name in records.
    pub name: &'static str,
    /// Referrals, likes, comments and retweets, in the order of the words of their column.
    pub kinds: [u64; 4],
}

/// The social networks; each message goes to the first of them and to some of the others.
pub const PROVIDERS: [Provider; 5] = [
    Provider { name: "twitter", kinds: [30, 25, 10, 35] },
    Provider { name: "facebook", kinds: [35, 45, 20, 0] },
    Provider { name: "linkedin", kinds: [40, 45, 15, 0] },
    Provider { name: "tumblr", kinds: [45, 40, 15, 0] },
    Provider { name: "pinterest", kinds: [60, 40, 0, 0] },
];

/// What messages are about.
pub const THINGS: [&str; 10] = [
    "Garden chairs",
    "A walk along the canal",
    "Bread in five ways",
    "The quiet keyboard",
    "Lamps for long evenings",
    "Rain in the mountains",
    "A map of old mills",
    "Boots that last",
    "Tea from the hills",
    "The new night train",
];

/// What they say about it.
pub const SAYINGS: [&str; 6] = [
    "is here: have a look",
    "as we have never shown it before",
    "is back, and better than ever",
    "in pictures, one for each day of the week",
    "or: what we have learned this year",
    "explained in three minutes",
];

/// What people write below.
pub const COMMENTS: [&str; 10] = [
    "Lovely!",
    "I have waited for this.",
    "Where can I get one?",
    "Très bien, merci.",
    "Not my taste, but well made.",
    "\"Better than ever\" is no exaggeration.",
    "Does it come in green, too?",
    "Thank you.\nI have shown it to everybody at work.",
    "Schön! 😀",
    "That was quick.",
];

const MANNERS: [&str; 12] =
    ["quiet", "early", "late", "bold", "plain", "brisk", "calm", "keen", "mild", "proud", "swift", "wry"];
const ANIMALS: [&str; 12] =
    ["owl", "heron", "otter", "badger", "finch", "hare", "lynx", "mole", "newt", "pike", "stoat", "wren"];

/// A word of a list.
pub fn one_of(random: &mut Random, words: &[&'static str]) -> &'static str {
    words[random.below(words.len() as u64) as usize]
}

/// The name of the somebody of this number.
pub fn username(person: u64) -> String {
    let count = MANNERS.len() as u64;
    let (manner, animal) = (MANNERS[(person % count) as usize], ANIMALS[(person / count % count) as usize]);
    format!("{manner}-{animal}-{person}")
}
