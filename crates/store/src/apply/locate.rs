//! Finding the live rows under many keys at once.

use tallyhouse_model::{AccountId, Key};

use crate::damage::Damage;
use crate::part::PartView;

/// A key that is looked for.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// Whose.
    pub account: AccountId,
    /// What.
    pub key: Key,
    /// See `part::key_hash`.
    pub hash: u64,
}

/// Where a live row is: the position of its part among the table's, and the row in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Position of the part.
    pub part: u32,
    /// Row in it.
    pub row: u32,
}

/// For each key the live row, if there is one: for tables in which no two live rows have the same key. Goes part by part
/// with all keys that are not found yet, so that a part's filter stays in the processor's cache; the youngest first,
/// since what changes is mostly young.
pub fn locate(views: &[PartView], wanted: &[Wanted]) -> Result<Vec<Option<Place>>, Damage> {
    let mut places = vec![None; wanted.len()];
    walk(views, wanted, |part, view, at| {
        let Wanted { account, key, hash } = &wanted[at];
        let found = view.find_live(*account, key, *hash)?;
        places[at] = found.map(|row| Place { part, row });
        Ok(found.is_some())
    })?;
    Ok(places)
}

/// All live rows under any of the keys, which are different: for tables in which live rows share keys. Every part is
/// asked for every key, since rows of one key may be of several months.
pub fn locate_all(views: &[PartView], wanted: &[Wanted]) -> Result<Vec<Place>, Damage> {
    let mut places = Vec::new();
    walk(views, wanted, |part, view, at| {
        let Wanted { account, key, hash } = &wanted[at];
        view.each_live(*account, key, *hash, |row| {
            places.push(Place { part, row });
            false
        })?;
        Ok(false)
    })?;
    Ok(places)
}

/// Calls `look` with the parts that may have a key, and the key's place, until it answers that it needs no more of it.
fn walk(
    views: &[PartView],
    wanted: &[Wanted],
    mut look: impl FnMut(u32, &PartView, usize) -> Result<bool, Damage>,
) -> Result<(), Damage> {
    let mut open: Vec<u32> = (0..wanted.len() as u32).collect();
    for (part, view) in views.iter().enumerate().rev() {
        if view.live_rows() == 0 {
            continue;
        }
        let mut index = None;
        let mut of_account: Option<(AccountId, bool)> = None;
        let mut damage = None;
        open.retain(|at| {
            let Wanted { account, hash, .. } = &wanted[*at as usize];
            let has_account = match of_account {
                Some((last, has)) if last == *account => has,
                _ => view.part.header.account(*account).is_some(),
            };
            of_account = Some((*account, has_account));
            if !has_account || damage.is_some() {
                return true;
            }
            // Opened only for accounts that are in the part: damage of one must not keep another from writing.
            let index = match index {
                Some(index) => index,
                None => match view.part.index() {
                    Ok(opened) => *index.insert(opened),
                    Err(error) => {
                        damage = Some(error);
                        return true;
                    }
                },
            };
            if !index.may_contain(*hash) {
                return true;
            }
            match look(part as u32, view, *at as usize) {
                Ok(done) => !done,
                Err(error) => {
                    damage = Some(error);
                    true
                }
            }
        });
        if let Some(damage) = damage {
            return Err(damage);
        }
    }
    Ok(())
}
