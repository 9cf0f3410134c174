//! Which rows of a part are dead: a bit per row, shared block by block between the snapshots that agree on it.

use std::sync::Arc;

use tallyhouse_model::limits::BLOCK_ROWS;

const WORDS: usize = BLOCK_ROWS / 64;

type Bits = [u64; WORDS];

/// The dead rows of one part. A clone shares all blocks; killing a row copies only its block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadRows {
    blocks: Vec<Option<Arc<Bits>>>,
    count: u64,
}

impl DeadRows {
    /// How many rows are dead.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether a row is dead.
    #[inline]
    pub fn contains(&self, row: u32) -> bool {
        match self.blocks.get(row as usize / BLOCK_ROWS) {
            Some(Some(bits)) => {
                let bit = row as usize % BLOCK_ROWS;
                bits[bit / 64] & (1 << (bit % 64)) != 0
            }
            _ => false,
        }
    }

    /// Marks a row as dead; answers whether it was alive.
    pub fn insert(&mut self, row: u32) -> bool {
        let block = row as usize / BLOCK_ROWS;
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, None);
        }
        let bits = Arc::make_mut(self.blocks[block].get_or_insert_with(|| Arc::new([0; WORDS])));
        let bit = row as usize % BLOCK_ROWS;
        let alive = bits[bit / 64] & (1 << (bit % 64)) == 0;
        bits[bit / 64] |= 1 << (bit % 64);
        self.count += u64::from(alive);
        alive
    }

    /// How many of the rows `start..end` are dead.
    pub fn count_in(&self, start: u32, end: u32) -> u64 {
        if self.count == 0 || start >= end {
            return 0;
        }
        let (first, last) = (start as usize / 64, (end as usize - 1) / 64);
        (first..=last)
            .map(|word| {
                let mut bits = self.word(word);
                if word == first {
                    bits &= u64::MAX << (start % 64);
                }
                if word == last {
                    bits &= u64::MAX >> (63 - (end - 1) % 64);
                }
                u64::from(bits.count_ones())
            })
            .sum()
    }

    /// Rows that are dead here and not in `before`, ascending.
    pub fn since<'a>(&'a self, before: &'a DeadRows) -> impl Iterator<Item = u32> + 'a {
        self.blocks.iter().enumerate().filter_map(|(block, bits)| Some((block, bits.as_ref()?))).flat_map(
            move |(block, bits)| {
                let old = before.blocks.get(block).and_then(Option::as_ref);
                let unchanged = old.is_some_and(|old| Arc::ptr_eq(old, bits));
                let words = if unchanged { 0 } else { WORDS };
                (0..words).flat_map(move |word| {
                    let mut new = bits[word] & !old.map_or(0, |old| old[word]);
                    std::iter::from_fn(move || {
                        (new != 0).then(|| {
                            let bit = new.trailing_zeros();
                            new &= new - 1;
                            (block * BLOCK_ROWS + word * 64) as u32 + bit
                        })
                    })
                })
            },
        )
    }

    /// All dead rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        static NONE: DeadRows = DeadRows { blocks: Vec::new(), count: 0 };
        self.since(&NONE)
    }

    #[inline]
    fn word(&self, word: usize) -> u64 {
        match self.blocks.get(word / WORDS) {
            Some(Some(bits)) => bits[word % WORDS],
            _ => 0,
        }
    }
}

impl FromIterator<u32> for DeadRows {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut dead = DeadRows::default();
        for row in rows {
            dead.insert(row);
        }
        dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_iterates_what_was_inserted() {
        let rows = [0, 63, 64, 65_535, 65_536, 200_000];
        let dead: DeadRows = rows.into_iter().collect();
        assert_eq!(dead.iter().collect::<Vec<_>>(), rows);
        for start in [0, 1, 63, 64, 65, 65_535, 65_536, 199_999, 200_001] {
            for end in [0, 1, 64, 65, 65_536, 65_537, 200_000, 200_001, 300_000] {
                let expected = rows.iter().filter(|row| (start..end).contains(*row)).count() as u64;
                assert_eq!(dead.count_in(start, end), expected, "{start}..{end}");
            }
        }
    }

    #[test]
    fn since_lists_only_what_is_new() {
        let before: DeadRows = [3, 70_000].into_iter().collect();
        let mut after = before.clone();
        assert!(after.insert(4) && after.insert(140_000) && !after.insert(3));
        assert_eq!(after.since(&before).collect::<Vec<_>>(), [4, 140_000]);
        assert_eq!(after.count(), 4);
        assert_eq!(before.count(), 2);
    }
}
