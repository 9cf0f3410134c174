//! What people did with messages on social networks, as rows of `reactions`.

use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::tables::{REACTIONS, reactions as at};
use tallyhouse_model::{Batch, Cell, DAY, HOUR, Micros, Table, key_of_text};

use super::message::link;
use super::words::{COMMENTS, Provider, one_of, username};
use super::{BATCH_ROWS, Of, SharingSample};
use crate::sample::random::Random;

/// How many people react; some do so much more often than others.
const PEOPLE: u64 = 5_000;

/// For how many days people have been members at most.
const MEMBER_DAYS_MAX: u64 = 3_000;

/// The kinds of reactions, as their column keeps them.
const REFERRAL: u8 = 1;
const COMMENT: u8 = 3;
const RETWEET: u8 = 4;

/// Rows of `reactions`.
pub struct ReactionBatches {
    sample: SharingSample,
    rows: u64,
    made: u64,
}

impl ReactionBatches {
    /// So many rows, spread over all messages.
    pub fn new(sample: SharingSample, rows: usize) -> Self {
        Self { rows: sample.rows(rows), sample, made: 0 }
    }

    fn push(&self, batch: &mut Batch, number: u64) {
        let sample = &self.sample;
        let mut random = sample.random(Of::Reaction, number);
        let message = sample.message_of(&mut random, number, self.rows);
        let providers = sample.providers(message);
        let provider = providers[random.below(providers.len() as u64) as usize];
        let kind = kind(&mut random, provider);
        let occurred_at = sample.after(&mut random, sample.created_at(message), 14 * HOUR);
        let texts = Texts::of(&mut random, provider, kind, message);
        let (token, id) = (sample.message_token(message), format!("{}-{number}", provider.name));
        let mut cells = [Cell::Absent; REACTIONS.columns.len()];
        cells[Table::KEY] = Cell::Id(key_of_text(&id));
        cells[at::OCCURRED_AT] = Cell::Time(occurred_at);
        cells[at::UPDATED_AT] = Cell::Time(occurred_at);
        cells[at::REACTION_ID] = Cell::Text(&id);
        cells[at::SHARING_MESSAGE_TOKEN] = Cell::Text(&token);
        cells[at::PROVIDER] = Cell::Text(provider.name);
        cells[at::KIND] = Cell::Choice(kind);
        cells[at::TARGET] = texts.target.as_deref().map_or(Cell::Absent, Cell::Text);
        cells[at::USERNAME] = texts.username.as_deref().map_or(Cell::Absent, Cell::Text);
        cells[at::PROFILE_URL] = texts.profile_url.as_deref().map_or(Cell::Absent, Cell::Text);
        cells[at::CONTENT] = texts.content.map_or(Cell::Absent, Cell::Text);
        if kind == RETWEET {
            cells[at::NUM_FOLLOWERS] = Cell::Integer(followers(&mut random));
            cells[at::DATE_MEMBER_SINCE] = Cell::Time(member_since(&mut random, occurred_at));
        }
        batch.push_row(&cells);
    }
}

/// What a reaction says in words.
struct Texts {
    target: Option<String>,
    username: Option<String>,
    profile_url: Option<String>,
    content: Option<&'static str>,
}

impl Texts {
    /// A referral leads somewhere and says nothing of who came; everything else is done by somebody.
    fn of(random: &mut Random, provider: &Provider, kind: u8, message: u64) -> Self {
        if kind == REFERRAL {
            let target =
                if random.percent(85) { link(message) } else { format!("{}?from=home", link(message)) };
            return Self { target: Some(target), username: None, profile_url: None, content: None };
        }
        let share = random.fraction();
        let username = username((share * share * PEOPLE as f64) as u64);
        let profile_url = format!("https://{}.example.com/{username}", provider.name);
        let content = (kind == COMMENT).then(|| one_of(random, &COMMENTS));
        Self { target: None, username: Some(username), profile_url: Some(profile_url), content }
    }
}

/// A kind of reaction, as its column keeps it.
fn kind(random: &mut Random, provider: &Provider) -> u8 {
    let mut at = random.below(100);
    for (kind, share) in (1..).zip(provider.kinds) {
        match at.checked_sub(share) {
            Some(rest) => at = rest,
            None => return kind,
        }
    }
    unreachable!("the shares add up to a hundred")
}

/// Few have many followers.
fn followers(random: &mut Random) -> u64 {
    let share = random.fraction();
    (share * share * share * 20_000.0) as u64
}

fn member_since(random: &mut Random, occurred_at: Micros) -> Micros {
    let days = 1 + random.below(MEMBER_DAYS_MAX).cast_signed();
    (occurred_at - days * DAY).max(RECORD_TIME_MIN)
}

impl Iterator for ReactionBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&REACTIONS);
        while batch.rows() < BATCH_ROWS && self.made < self.rows {
            self.made += 1;
            self.push(&mut batch, self.made);
        }
        (batch.rows() > 0).then_some(batch)
    }
}
