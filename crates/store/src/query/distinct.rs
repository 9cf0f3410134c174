//! Distinct counts by something: how many different values of a dictionary column the rows have at each point. The values
//! are dense ids, so a set of them is a bit each, and each row is read once whatever the answer is broken down by.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use hashbrown::HashSet;
use tallyhouse_model::{
    Belongs, By, ColumnIndex, Micros, Names, Point, Range, SeriesQuery, Table, Unit, Zone,
};

use super::boundaries::boundaries;
use super::calendar::{Calendar, Slots};
use super::id_set::{ABSENT, IdSet};
use super::limits::DENSE_BYTES_MAX;
use super::points::Points;
use super::select::{Looked, Wanted, each_found};
use crate::dictionary::Dictionaries;
use crate::part::PartView;
use crate::{QueryError, SeriesAnswer, Stop};

/// Counts the different values of a column.
pub fn count(
    views: &[PartView],
    dictionaries: &Dictionaries,
    query: &SeriesQuery,
    counted: ColumnIndex,
    wanted: &Wanted<'_>,
    stop: &Stop,
) -> Result<SeriesAnswer, QueryError> {
    let mut fold = Counting { views, counted, looked: Looked::default(), stop };
    let values = match &query.by {
        By::Nothing => unreachable!("what is different in all is a fold"),
        By::Time(unit, zone) => fold.per_bucket(query, wanted, *unit, zone)?,
        By::HourOfDay(_) | By::DayOfWeek(_) => fold.per_slot(wanted, &query.by)?,
        By::Column(column, names) => {
            let points = Points::new(query.account, query.table.table(), *column, dictionaries);
            fold.per_point(wanted, *column, &points, names)?
        }
    };
    Ok(SeriesAnswer { values, scanned: fold.looked.scanned() })
}

struct Counting<'a> {
    views: &'a [PartView],
    counted: ColumnIndex,
    looked: Looked,
    stop: &'a Stop,
}

impl Counting<'_> {
    /// Bucket after bucket, with one set that is emptied in between. What reaches beyond its bucket is counted along
    /// until it ends, without being looked at again.
    fn per_bucket(
        &mut self,
        query: &SeriesQuery,
        wanted: &Wanted<'_>,
        unit: Unit,
        zone: &Zone,
    ) -> Result<Vec<(Point, u64)>, QueryError> {
        let (mut bucket, mut values) = (Bucket::default(), Vec::new());
        let may_reach = query.belongs == Belongs::Present;
        for bounds in boundaries(self.views, query, unit, zone)?.windows(2) {
            self.stop.check()?;
            let range = Range { from: bounds[0].max(query.range.from), to: bounds[1].min(query.range.to) };
            bucket.begin(range.from);
            self.fill(&mut bucket, wanted, range, may_reach)?;
            match bucket.end() {
                0 => {}
                count => values.push((Point::Time(bounds[0]), count)),
            }
        }
        Ok(values)
    }

    fn fill(
        &mut self,
        bucket: &mut Bucket,
        wanted: &Wanted<'_>,
        range: Range,
        may_reach: bool,
    ) -> Result<(), QueryError> {
        let (mut ids, mut spans) = (Vec::new(), Vec::new());
        let wanted = wanted.starting_in(range);
        each_found(self.views, &wanted, &mut self.looked, self.stop, |found| {
            found.numbers(self.counted, &mut ids)?;
            ids.iter().for_each(|id| bucket.add(*id));
            if may_reach {
                found.spans(&mut spans)?;
                let rows = ids.iter().zip(&spans).filter(|(id, (_, end))| **id != ABSENT && *end > range.to);
                bucket.reaching.extend(rows.map(|(id, (_, end))| (*id, *end)));
            }
            Ok(())
        })
    }

    /// A set per hour of the day or day of the week.
    fn per_slot(&mut self, wanted: &Wanted<'_>, by: &By) -> Result<Vec<(Point, u64)>, QueryError> {
        let calendar = match by {
            By::HourOfDay(zone) => Calendar::HourOfDay(zone.clone()),
            By::DayOfWeek(zone) => Calendar::DayOfWeek(zone.clone()),
            by => unreachable!("{by:?} has buckets, not slots"),
        };
        let mut sets: Vec<IdSet> = Vec::new();
        let mut ids = Vec::new();
        each_found(self.views, wanted, &mut self.looked, self.stop, |found| {
            let (mut slots, times) = (Slots::new(&calendar), found.column(Table::TIME)?.times());
            found.numbers(self.counted, &mut ids)?;
            let mut ids = ids.iter();
            found.places.each(|place| {
                let slot = slots.of(times[place]).0 as usize;
                sets.resize_with(sets.len().max(slot + 1), IdSet::default);
                sets[slot].extend(ids.next().copied().filter(|id| *id != ABSENT));
            });
            Ok(())
        })?;
        let counts = sets.iter().map(IdSet::count).enumerate().filter(|(_, count)| *count > 0);
        Ok(counts.map(|(slot, count)| (Point::Integer(slot as u64), count)).collect())
    }

    /// A value is mostly seen at one point only, so the first point of each is kept in an array and only further
    /// ones in sets.
    fn per_point(
        &mut self,
        wanted: &Wanted<'_>,
        column: ColumnIndex,
        points: &Points<'_>,
        names: &Names,
    ) -> Result<Vec<(Point, u64)>, QueryError> {
        let mut slots =
            PointPlaces { points, names, of_number: Vec::new(), of_point: HashMap::new(), all: Vec::new() };
        let (mut counts, mut first): (Vec<u64>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut further = Further::default();
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        each_found(self.views, wanted, &mut self.looked, self.stop, |found| {
            found.numbers(self.counted, &mut ids)?;
            found.numbers(column, &mut numbers)?;
            let greatest = ids.iter().copied().max().unwrap_or(0) as usize;
            first.resize(first.len().max(greatest + 1), NO_SLOT);
            for (id, number) in ids.iter().zip(&numbers).filter(|(id, _)| **id != ABSENT) {
                let slot = slots.slot(*number)?;
                let known = &mut first[*id as usize];
                let is_new = *known == NO_SLOT || (*known != slot && further.insert(*id, slot));
                if *known == NO_SLOT {
                    *known = slot;
                }
                if is_new {
                    counts.resize(counts.len().max(slot as usize + 1), 0);
                    counts[slot as usize] += 1;
                }
            }
            Ok(())
        })?;
        counts.resize(slots.all.len(), 0);
        Ok(slots.all.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect())
    }
}

/// No point was seen yet.
const NO_SLOT: u32 = u32::MAX;

/// The points at which values were seen beside their first.
#[derive(Default)]
struct Further {
    /// A bit per id for each point, as far as [`DENSE_BYTES_MAX`] goes; points come in the order of their first row,
    /// so mostly those with many rows are here.
    dense: Vec<Option<IdSet>>,
    /// What the sets take at most by now.
    dense_bytes: u64,
    id_max: u64,
    /// Ids and points beyond that.
    sparse: HashSet<(u64, u32)>,
}

impl Further {
    fn insert(&mut self, id: u64, slot: u32) -> bool {
        let at = slot as usize;
        if at >= self.dense.len() {
            self.dense.resize(at + 1, None);
        }
        self.id_max = self.id_max.max(id);
        if self.dense[at].is_none() && self.dense_bytes + self.id_max / 8 < DENSE_BYTES_MAX {
            self.dense_bytes += self.id_max / 8 + 1;
            self.dense[at] = Some(IdSet::default());
        }
        match &mut self.dense[at] {
            Some(ids) => ids.insert(id),
            None => self.sparse.insert((id, slot)),
        }
    }
}

/// What is present in the bucket at hand.
#[derive(Default)]
struct Bucket {
    /// What reached into it from earlier ones, and until when.
    active: HashMap<u64, Micros>,
    is_active: IdSet,
    /// When they may end; one that was prolonged since is put back.
    ends: BinaryHeap<Reverse<(Micros, u64)>>,
    /// What else is in it.
    seen: IdSet,
    /// The members of that set, to empty it by.
    ids: Vec<u64>,
    /// Values of rows that end behind the bucket, and when.
    reaching: Vec<(u64, Micros)>,
}

impl Bucket {
    /// Forgets what has ended by now.
    fn begin(&mut self, now: Micros) {
        while let Some(Reverse((end, id))) = self.ends.peek().copied()
            && end <= now
        {
            self.ends.pop();
            match self.active.get(&id) {
                Some(later) if *later > end => self.ends.push(Reverse((*later, id))),
                _ => {
                    self.active.remove(&id);
                    self.is_active.remove(id);
                }
            }
        }
    }

    fn add(&mut self, id: u64) {
        if id != ABSENT && !self.is_active.contains(id) && self.seen.insert(id) {
            self.ids.push(id);
        }
    }

    /// How much was there; what reaches further is active from here on.
    fn end(&mut self) -> u64 {
        let count = self.is_active.count() + self.seen.count();
        for id in self.ids.drain(..) {
            self.seen.remove(id);
        }
        for (id, end) in self.reaching.drain(..) {
            let known = self.active.entry(id).or_insert(Micros::MIN);
            *known = end.max(*known);
            if self.is_active.insert(id) {
                self.ends.push(Reverse((end, id)));
            }
        }
        count
    }
}

/// Gives each point of an answer a place; numbers with the same name share one.
struct PointPlaces<'a> {
    points: &'a Points<'a>,
    names: &'a Names,
    of_number: Vec<u32>,
    of_point: HashMap<Point, u32>,
    all: Vec<Point>,
}

impl PointPlaces<'_> {
    #[inline]
    fn slot(&mut self, number: u64) -> Result<u32, QueryError> {
        match self.of_number.get(number as usize) {
            Some(slot) if *slot != NO_SLOT => Ok(*slot),
            _ => self.new_slot(number),
        }
    }

    fn new_slot(&mut self, number: u64) -> Result<u32, QueryError> {
        let point = self.points.named(number, self.names)?;
        let next = self.all.len() as u32;
        let slot = *self.of_point.entry(point.clone()).or_insert(next);
        if slot == next {
            self.all.push(point);
        }
        let at = number as usize;
        self.of_number.resize(self.of_number.len().max(at + 1), NO_SLOT);
        self.of_number[at] = slot;
        Ok(slot)
    }
}
