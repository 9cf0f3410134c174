//! Keeping owned rows with their owners.
//!
//! An owned row (an image of a report) has the key of its owner, so several rows share a key, and no version: it lives as
//! long as the version of its owner that it came with.
//!
//! 1. Where a stored owner dies, all live rows under its key die with it. Deletions own nothing.
//! 2. What the new owners brought becomes a new part; what came with losers of the group, with rows that came too late
//!    and with deletions (nothing) is left out, before its strings get ids.
//!
//! So under one key there are never live rows of two versions of an owner, and those that are there die together. The
//! flush, the compaction and the order of rows rely on it.

use tallyhouse_model::{AccountId, Batch};

use super::group::{Group, Plan};
use super::locate::{Wanted, locate_all};
use super::{ApplyContext, Tables, add_part, merge_memory};
use crate::damage::Damage;
use crate::encoded::EncodedRows;
use crate::part::key_hash;

/// Brings everything that the rows of the group own in line with the plan. The parts of the owners' table are still those
/// that the plan was made for.
pub fn replace(
    tables: &mut Tables,
    context: &ApplyContext<'_>,
    group: &Group,
    plan: &Plan,
    batches: &[(AccountId, &Batch)],
) -> Result<(), Damage> {
    let owners = group.rows.table;
    if owners.owns.is_empty() {
        return Ok(());
    }
    let dead = dead_owners(tables, context, group, plan)?;
    let places = group.places_in_batches(&plan.rows);
    for (position, table) in owners.owns.iter().enumerate() {
        for place in locate_all(tables.of(*table), &dead)? {
            tables.kill(*table, place.part, place.row);
        }
        let rows = brought(position, &places, batches, context, EncodedRows::new(table.table()))?;
        let all = (0..rows.rows() as u32).collect();
        add_part(tables, context, &rows, all)?;
        merge_memory(tables, context, *table)?;
    }
    Ok(())
}

/// The stored rows, not deletions, that die by the plan.
fn dead_owners(
    tables: &Tables,
    context: &ApplyContext<'_>,
    group: &Group,
    plan: &Plan,
) -> Result<Vec<Wanted>, Damage> {
    let table = group.rows.table.id;
    let deaths = plan.deaths.iter().filter(|death| death.table == table);
    deaths
        .map(|death| {
            let part = &tables.of(table)[death.part as usize].part;
            let (account, key) = (part.account_of(death.row), part.key(death.row)?);
            Ok(Wanted { account, key, hash: key_hash(account, &key, context.seed) })
        })
        .collect()
}

/// What the rows at these places (see [`Group::places_in_batches`]) own in one table.
fn brought(
    position: usize,
    places: &[(u32, u32)],
    batches: &[(AccountId, &Batch)],
    context: &ApplyContext<'_>,
    mut rows: EncodedRows,
) -> Result<EncodedRows, Damage> {
    for of_batch in places.chunk_by(|(one, _), (next, _)| one == next) {
        let (account, batch) = batches[of_batch[0].0 as usize];
        let owned = &batch.owned[position];
        let mut is_live = vec![false; batch.rows()];
        of_batch.iter().for_each(|(_, row)| is_live[*row as usize] = true);
        let of_live = |row: &u32| is_live[owned.owners[*row as usize] as usize];
        let chosen: Vec<u32> = (0..owned.rows.rows() as u32).filter(of_live).collect();
        if chosen.len() == owned.rows.rows() {
            rows.push_batch(account, &owned.rows, context.dictionaries)?;
        } else {
            rows.push_batch(account, &owned.rows.picked(&chosen), context.dictionaries)?;
        }
    }
    Ok(rows)
}
