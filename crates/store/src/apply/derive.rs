//! Keeping derived rows what the live rows of their source say.
//!
//! A derived row (a play) stands for a group of source rows (the live segments of one session on one content) and is
//! made from the earliest of them by (time, key): its *first*. Changes reach a group in two ways:
//!
//! - an *offer*: a source row that is live now;
//! - a *leave*: a source row that was live and is not any more, or was replaced.
//!
//! As long as the first has not left, the earliest offer can only come before it or not matter. If the first has left
//! and an offer is not later than it was, that offer is the new first: nothing live was earlier than the old one.
//! Otherwise the group is *scanned*: all live rows of the account are searched for its members. That is rare, and all
//! groups of one application share one pass.

mod scan;

use std::sync::Arc;

use hashbrown::HashMap;
use tallyhouse_model::{
    AccountId, ColumnKind, Derivation, DictionaryValues, Key, KeyDigest, Micros, Table, TableId,
};

use super::group::Plan;
use super::locate::{Place, Wanted, locate};
use super::{ApplyContext, Tables};
use crate::damage::Damage;
use crate::dictionary::{Dictionaries, Dictionary};
use crate::encoded::{EncodedRows, Wide};
use crate::part::{PartView, key_hash, split};

/// Offers and leaves of one application, each sorted by group.
pub struct Changes {
    offers: Vec<Offer>,
    leaves: Vec<Leave>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Offer {
    account: AccountId,
    group: Key,
    time: Micros,
    source: Key,
    /// The row among the encoded ones.
    row: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Leave {
    account: AccountId,
    group: Key,
    source: Key,
    place: Place,
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.part, self.row).cmp(&(other.part, other.row))
    }
}

impl Changes {
    /// Finds the groups that the plan touches. `views` are the source's parts as they are before it.
    pub fn collect(
        derivation: &'static Derivation,
        views: &[PartView],
        rows: &EncodedRows,
        plan: &Plan,
        dictionaries: &Dictionaries,
    ) -> Result<Self, Damage> {
        let mut names = GroupNames::new(derivation, rows.table, dictionaries);
        let mut offers = Vec::with_capacity(plan.rows.len());
        for row in &plan.rows {
            let at = *row as usize;
            let (account, time, source) = (rows.accounts[at], rows.times()[at], rows.keys()[at]);
            offers.push(Offer {
                account,
                group: names.of_encoded(account, rows, at)?,
                time,
                source,
                row: *row,
            });
        }
        let mut leaves = Vec::new();
        for death in plan.deaths.iter().filter(|death| death.table == rows.table.id) {
            let part = &views[death.part as usize].part;
            let account = part.account_of(death.row);
            leaves.push(Leave {
                account,
                group: names.of_stored(account, &views[death.part as usize], death.row)?,
                source: part.key(death.row)?,
                place: Place { part: death.part, row: death.row },
            });
        }
        offers.sort_unstable();
        leaves.sort_unstable();
        Ok(Self { offers, leaves })
    }

    /// Every group that is touched, once, in order.
    fn groups(&self) -> Vec<(AccountId, Key)> {
        let offered = self.offers.iter().map(|offer| (offer.account, offer.group));
        let left = self.leaves.iter().map(|leave| (leave.account, leave.group));
        let mut groups: Vec<_> = offered.chain(left).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

/// Brings the derived rows in line: kills those that are no longer right, and answers the new ones. The source's
/// deaths and new part are in `tables` already.
pub fn derive(
    tables: &mut Tables,
    context: &ApplyContext<'_>,
    derivation: &'static Derivation,
    source: TableId,
    rows: &EncodedRows,
    changes: Changes,
) -> Result<EncodedRows, Damage> {
    let groups = changes.groups();
    let wanted: Vec<Wanted> = groups
        .iter()
        .map(|(account, key)| Wanted {
            account: *account,
            key: *key,
            hash: key_hash(*account, key, context.seed),
        })
        .collect();
    let views = tables.of(derivation.table);
    let current = locate(views, &wanted)?;

    let mut derived = EncodedRows::new(derivation.table.table());
    let mut scans = Vec::new();
    let mut deaths = Vec::new();
    let (mut offers, mut leaves) = (changes.offers.as_slice(), changes.leaves.as_slice());
    for (group, place) in groups.into_iter().zip(current) {
        let of_group = take_while(&mut offers, |offer| (offer.account, offer.group) == group);
        let left = take_while(&mut leaves, |leave| (leave.account, leave.group) == group);
        let first = place.map(|place| First::read(views, derivation, place)).transpose()?;
        match decide(first.as_ref(), of_group.first(), left) {
            Decision::Keep => continue,
            Decision::Take(offer) => push_encoded(&mut derived, derivation, group, rows, offer.row as usize),
            Decision::Scan => {
                scans.push(scan::Wanted { account: group.0, group: group.1, member: left[0].place })
            }
        }
        deaths.extend(place);
    }
    for place in deaths {
        tables.kill(derivation.table, place.part, place.row);
    }
    let mut names = GroupNames::new(derivation, rows.table, context.dictionaries);
    for (group, place) in scan::first_members(tables.of(source), derivation, &mut names, &scans)? {
        push_stored(&mut derived, derivation, group, &tables.of(source)[place.part as usize], place.row)?;
    }
    Ok(derived)
}

/// The row a group is derived from now.
struct First {
    time: Micros,
    source: Key,
}

impl First {
    fn read(views: &[PartView], derivation: &Derivation, place: Place) -> Result<Self, Damage> {
        let part = &views[place.part as usize].part;
        let (block, at) = split(place.row);
        Ok(Self { time: part.time(place.row)?, source: part.column(block, derivation.source)?.ids()[at] })
    }
}

enum Decision<'a> {
    Keep,
    Take(&'a Offer),
    Scan,
}

fn decide<'a>(first: Option<&First>, earliest: Option<&'a Offer>, left: &[Leave]) -> Decision<'a> {
    match (first, earliest) {
        (None, Some(offer)) => Decision::Take(offer),
        // Nothing was derived and nothing is offered: rows left a group that the same application emptied before.
        (None, None) => Decision::Keep,
        (Some(first), earliest) => {
            let first_left = left.iter().any(|leave| leave.source == first.source);
            match earliest {
                Some(offer) if (offer.time, offer.source) < (first.time, first.source) => {
                    Decision::Take(offer)
                }
                Some(offer) if first_left && (offer.time, offer.source) == (first.time, first.source) => {
                    Decision::Take(offer)
                }
                _ if first_left => Decision::Scan,
                _ => Decision::Keep,
            }
        }
    }
}

fn take_while<'a, T>(rest: &mut &'a [T], belongs: impl Fn(&T) -> bool) -> &'a [T] {
    let (taken, later) = rest.split_at(rest.partition_point(belongs));
    *rest = later;
    taken
}

fn push_encoded(
    derived: &mut EncodedRows,
    derivation: &Derivation,
    (account, group): (AccountId, Key),
    rows: &EncodedRows,
    row: usize,
) {
    derived.accounts.push(account);
    let (key, columns) = derived.columns.split_first_mut().expect("every table has a key");
    push_id(key, group);
    for (wide, source) in columns.iter_mut().zip(derivation.columns) {
        match (wide, &rows.columns[*source]) {
            (Wide::Numbers(numbers), from) => numbers.push(from.number(row)),
            (Wide::Times(times), Wide::Times(from)) => times.push(from[row]),
            (Wide::Ids(ids), Wide::Ids(from)) => ids.push(from[row]),
            (Wide::Texts(ends, bytes), from) => push_text(ends, bytes, from.text(row)),
            (wide, from) => unreachable!("{from:?} cannot become {wide:?}"),
        }
    }
}

fn push_stored(
    derived: &mut EncodedRows,
    derivation: &Derivation,
    (account, group): (AccountId, Key),
    view: &PartView,
    row: u32,
) -> Result<(), Damage> {
    derived.accounts.push(account);
    let (key, columns) = derived.columns.split_first_mut().expect("every table has a key");
    push_id(key, group);
    let (block, at) = split(row);
    for (wide, source) in columns.iter_mut().zip(derivation.columns) {
        let from = view.part.column(block, *source)?;
        match wide {
            Wide::Numbers(numbers) => numbers.push(from.number(at)),
            Wide::Times(times) => times.push(from.times()[at]),
            Wide::Ids(ids) => ids.push(from.ids()[at]),
            Wide::Texts(ends, bytes) => push_text(ends, bytes, from.text(at)),
        }
    }
    Ok(())
}

fn push_id(wide: &mut Wide, id: Key) {
    match wide {
        Wide::Ids(ids) => ids.push(id),
        other => unreachable!("{other:?} holds no ids"),
    }
}

fn push_text(ends: &mut Vec<u32>, bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.extend_from_slice(text);
    ends.push(u32::try_from(bytes.len()).expect("a group's texts fit 32-bit offsets"));
}

/// Names the group of a source row: the digest of the values (never the ids, which one store's history decides) of
/// the columns that make it.
pub(super) struct GroupNames<'a> {
    derivation: &'static Derivation,
    table: &'static Table,
    dictionaries: &'a Dictionaries,
    open: HashMap<(AccountId, &'static str), Arc<Dictionary>>,
}

impl<'a> GroupNames<'a> {
    fn new(derivation: &'static Derivation, table: &'static Table, dictionaries: &'a Dictionaries) -> Self {
        Self { derivation, table, dictionaries, open: HashMap::new() }
    }

    fn of_encoded(&mut self, account: AccountId, rows: &EncodedRows, row: usize) -> Result<Key, Damage> {
        let mut digest = KeyDigest::new();
        for column in self.derivation.group {
            let wide = &rows.columns[*column];
            digest = match self.table.columns[*column].kind {
                ColumnKind::Text => digest.text(wide.text(row)),
                _ => self.add_number(digest, account, *column, wide.number(row))?,
            };
        }
        Ok(digest.finish())
    }

    fn of_stored(&mut self, account: AccountId, view: &PartView, row: u32) -> Result<Key, Damage> {
        let (block, at) = split(row);
        let mut digest = KeyDigest::new();
        for column in self.derivation.group {
            let values = view.part.column(block, *column)?;
            digest = match self.table.columns[*column].kind {
                ColumnKind::Text => digest.text(values.text(at)),
                _ => self.add_number(digest, account, *column, values.number(at))?,
            };
        }
        Ok(digest.finish())
    }

    fn add_number(
        &mut self,
        digest: KeyDigest,
        account: AccountId,
        column: usize,
        number: u64,
    ) -> Result<KeyDigest, Damage> {
        let ColumnKind::Dictionary { namespace, values } = self.table.columns[column].kind else {
            return Ok(digest.integer(number));
        };
        let dictionaries = self.dictionaries;
        let open =
            self.open.entry((account, namespace)).or_insert_with(|| dictionaries.of(account, namespace));
        let reader = open.reader()?;
        Ok(match (number, values) {
            (0, _) => digest.text(b""),
            (id, DictionaryValues::Integers) => digest.integer(reader.integer(id as u32)?),
            (id, DictionaryValues::Texts) => digest.text(reader.string(id as u32)?),
        })
    }
}
