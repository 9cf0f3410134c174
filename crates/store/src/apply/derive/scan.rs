//! Searching all live rows of some accounts for the first member of some groups.

use std::collections::HashMap;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{AccountId, ColumnKind, Derivation, Key, Micros, Table};

use super::GroupNames;
use crate::apply::locate::Place;
use crate::column::Column;
use crate::damage::Damage;
use crate::part::PartView;

/// A group whose first member is not known.
pub struct Wanted {
    /// Whose.
    pub account: AccountId,
    /// Its name.
    pub group: Key,
    /// A row that was a member; its numbers are those of all members.
    pub member: Place,
}

/// An account and the name of one of its groups.
type Group = (AccountId, Key);

/// Of each group the earliest live member by (time, key), where there is any.
pub fn first_members(
    views: &[PartView],
    derivation: &Derivation,
    names: &mut GroupNames<'_>,
    wanted: &[Wanted],
) -> Result<Vec<(Group, Place)>, Damage> {
    let mut first = Vec::new();
    // The wanted groups are sorted by account.
    for of_account in wanted.chunk_by(|one, next| one.account == next.account) {
        let mut search = Search::new(views, derivation, names.table, of_account)?;
        for (part, view) in views.iter().enumerate() {
            search.visit(part as u32, view, names)?;
        }
        let account = search.account;
        first.extend(
            search.found.into_iter().filter_map(|(group, member)| Some(((account, group), member?.2))),
        );
    }
    Ok(first)
}

/// The search through one account.
struct Search {
    account: AccountId,
    /// Per group column that holds numbers: which numbers any wanted group has there. Most rows fail here, at a
    /// fraction of what naming their group would cost.
    numbers: Vec<(usize, Vec<bool>)>,
    found: HashMap<Key, Option<(Micros, Key, Place)>>,
}

impl Search {
    fn new(
        views: &[PartView],
        derivation: &Derivation,
        table: &Table,
        wanted: &[Wanted],
    ) -> Result<Self, Damage> {
        let of_numbers = derivation
            .group
            .iter()
            .filter(|column| !matches!(table.columns[**column].kind, ColumnKind::Text));
        let mut numbers: Vec<(usize, Vec<bool>)> = of_numbers.map(|column| (*column, Vec::new())).collect();
        for Wanted { member, .. } in wanted {
            for (column, wanted) in &mut numbers {
                let number = views[member.part as usize].part.number(member.row, *column)? as usize;
                if wanted.len() <= number {
                    wanted.resize(number + 1, false);
                }
                wanted[number] = true;
            }
        }
        let found = wanted.iter().map(|wanted| (wanted.group, None)).collect();
        Ok(Self { account: wanted[0].account, numbers, found })
    }

    fn visit(&mut self, part: u32, view: &PartView, names: &mut GroupNames<'_>) -> Result<(), Damage> {
        let rows = view.part.account_rows(self.account);
        let mut start = rows.start;
        while start < rows.end {
            let block = start as usize / BLOCK_ROWS;
            let end = rows.end.min(((block + 1) * BLOCK_ROWS) as u32);
            self.visit_block(part, view, block, start..end, names)?;
            start = end;
        }
        Ok(())
    }

    fn visit_block(
        &mut self,
        part: u32,
        view: &PartView,
        block: usize,
        rows: std::ops::Range<u32>,
        names: &mut GroupNames<'_>,
    ) -> Result<(), Damage> {
        let columns =
            self.numbers.iter().map(|(column, wanted)| Ok((view.part.column(block, *column)?, wanted)));
        let columns: Vec<(&Column, &Vec<bool>)> = columns.collect::<Result<_, Damage>>()?;
        let base = (block * BLOCK_ROWS) as u32;
        let may_belong = |row: &u32| {
            let at = (row - base) as usize;
            columns.iter().all(|(column, wanted)| wanted.get(column.number(at) as usize) == Some(&true))
        };
        let candidates: Vec<u32> = rows.filter(may_belong).filter(|row| !view.dead.contains(*row)).collect();
        for row in candidates {
            let group = names.of_stored(self.account, view, row)?;
            if let Some(first) = self.found.get_mut(&group) {
                let member = (view.part.time(row)?, view.part.key(row)?, Place { part, row });
                if first.is_none_or(|(time, key, _)| (member.0, member.1) < (time, key)) {
                    *first = Some(member);
                }
            }
        }
        Ok(())
    }
}
