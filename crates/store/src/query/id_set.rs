//! A set of dense numbers, a bit each.

/// The number that stands for no value in every dictionary column.
pub const ABSENT: u64 = 0;

/// A set of dense numbers.
#[derive(Debug, Clone, Default)]
pub struct IdSet {
    words: Vec<u64>,
    count: u64,
}

impl IdSet {
    /// An empty set with room for numbers up to this one; it grows where a greater one comes.
    pub fn up_to(greatest: u64) -> Self {
        Self { words: vec![0; greatest as usize / 64 + 1], count: 0 }
    }

    /// Adds a number; answers whether it is new.
    #[inline]
    pub fn insert(&mut self, number: u64) -> bool {
        let word = number as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let bit = 1 << (number % 64);
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        self.count += u64::from(is_new);
        is_new
    }

    /// Takes a number out.
    #[inline]
    pub fn remove(&mut self, number: u64) {
        if self.contains(number) {
            self.words[number as usize / 64] &= !(1 << (number % 64));
            self.count -= 1;
        }
    }

    /// Whether a number is in it.
    #[inline]
    pub fn contains(&self, number: u64) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Adds all numbers of another set.
    pub fn union(&mut self, other: &IdSet) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            self.count += u64::from((more & !*word).count_ones());
            *word |= more;
        }
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.words.len() as u64 * 8
    }

    /// How many numbers.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = u64::from(rest.trailing_zeros());
                    rest &= rest - 1;
                    at as u64 * 64 + bit
                })
            })
        })
    }
}

impl Extend<u64> for IdSet {
    #[inline]
    fn extend<I: IntoIterator<Item = u64>>(&mut self, numbers: I) {
        for number in numbers {
            self.insert(number);
        }
    }
}

impl FromIterator<u64> for IdSet {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut set = IdSet::default();
        set.extend(numbers);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_has_the_numbers_of_both() {
        let mut set: IdSet = [1, 64].into_iter().collect();
        set.union(&[1, 2, 1_000].into_iter().collect());
        set.union(&IdSet::default());
        assert_eq!((set.count(), set.iter().collect::<Vec<_>>()), (4, vec![1, 2, 64, 1_000]));
    }

    #[test]
    fn holds_what_was_inserted_until_it_is_removed() {
        let mut set: IdSet = [0, 63, 64, 1_000, 64].into_iter().collect();
        assert_eq!((set.count(), set.iter().collect::<Vec<_>>()), (4, vec![0, 63, 64, 1_000]));
        set.remove(64);
        set.remove(65);
        set.remove(1 << 40);
        assert!(!set.contains(64) && set.contains(63) && !set.contains(1 << 40));
        assert_eq!(set.count(), 3);
        assert!(set.insert(64) && !set.insert(0));
    }
}
