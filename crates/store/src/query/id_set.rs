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

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.words.len() as u64 * 8
    }

    /// The only number in it, if there is exactly one.
    pub fn only(&self) -> Option<u64> {
        (self.count == 1).then(|| self.iter().next()).flatten()
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

/// Numbers that are marked without being counted, which is several times as fast.
#[derive(Debug, Default)]
pub struct Marks(Vec<u64>);

impl Marks {
    /// Makes room for numbers up to this one.
    pub fn reserve(&mut self, greatest: u64) {
        let words = greatest as usize / 64 + 1;
        self.0.resize(self.0.len().max(words), 0);
    }

    /// Marks a number that there is room for.
    #[inline]
    pub fn mark(&mut self, number: u64) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    /// Marks all numbers of a set.
    pub fn union(&mut self, numbers: &IdSet) {
        self.0.resize(self.0.len().max(numbers.words.len()), 0);
        self.0.iter_mut().zip(&numbers.words).for_each(|(word, more)| *word |= more);
    }

    /// Marks what is marked elsewhere.
    pub fn join(&mut self, mut other: Marks) {
        if self.0.len() < other.0.len() {
            std::mem::swap(self, &mut other);
        }
        self.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
    }

    /// What was marked.
    pub fn into_set(mut self) -> IdSet {
        self.0.shrink_to_fit();
        let count = self.0.iter().map(|word| u64::from(word.count_ones())).sum();
        IdSet { words: self.0, count }
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
    fn marks_are_the_numbers_of_all_that_was_put_together() {
        let (mut marks, mut others) = (Marks::default(), Marks::default());
        marks.reserve(64);
        [1, 64, 1].into_iter().for_each(|number| marks.mark(number));
        others.union(&[1, 2, 1_000].into_iter().collect());
        others.union(&IdSet::default());
        marks.join(others);
        let set = marks.into_set();
        assert_eq!((set.count(), set.iter().collect::<Vec<_>>()), (4, vec![1, 2, 64, 1_000]));
    }

    #[test]
    fn holds_what_was_inserted_until_it_is_removed() {
        let mut set: IdSet = [0, 63, 64, 1_000, 64].into_iter().collect();
        assert_eq!((set.count(), set.iter().collect::<Vec<_>>()), (4, vec![0, 63, 64, 1_000]));
        set.remove(64);
        set.remove(65);
        set.remove(1 << 40);
        assert!(set.only().is_none() && IdSet::from_iter([7, 7]).only() == Some(7));
        assert!(!set.contains(64) && set.contains(63) && !set.contains(1 << 40));
        assert_eq!(set.count(), 3);
        assert!(set.insert(64) && !set.insert(0));
    }
}
