//! Distinct counts: how many different values of a dictionary column the rows have. The values are dense ids, so a
//! set of them is a bit each, and each row is read once whatever the answer is broken down by.

use std::collections::HashMap;

use hashbrown::HashSet;
use tallyhouse_model::{
    Belongs, By, ColumnIndex, Micros, Names, Point, Range, SeriesQuery, Table, Unit, Zone,
};

use super::id_set::IdSet;
use super::points::Points;
use super::select::{Looked, Places, Wanted, select};
use super::series::boundaries;
use crate::dictionary::Dictionaries;
use crate::part::PartView;
use crate::{QueryError, SeriesAnswer, Stop};

/// Rows that reach into later buckets, above which those of the same value are put together.
const REACHING_MAX: usize = 65_536;

/// Bytes of the sets that have a bit per id, for one answer.
const DENSE_BYTES_MAX: u64 = 64 << 20;

/// Counts the different values of a column.
pub fn count(
    views: &[PartView],
    dictionaries: &Dictionaries,
    query: &SeriesQuery,
    counted: ColumnIndex,
    wanted: &Wanted<'_>,
    stop: &Stop,
) -> Result<SeriesAnswer, QueryError> {
    let mut fold = Fold { views, counted, looked: Looked::default(), stop };
    let values = match &query.by {
        By::Nothing => vec![(Point::Absent, fold.all(wanted)?)],
        By::Time(unit, zone) => fold.per_bucket(query, wanted, *unit, zone)?,
        By::Column(column, names) => {
            let points = Points::new(query.account, query.table.table(), *column, dictionaries);
            fold.per_point(wanted, *column, &points, names)?
        }
    };
    Ok(SeriesAnswer { values, scanned: fold.looked.scanned() })
}

struct Fold<'a> {
    views: &'a [PartView],
    counted: ColumnIndex,
    looked: Looked,
    stop: &'a Stop,
}

impl Fold<'_> {
    fn all(&mut self, wanted: &Wanted<'_>) -> Result<u64, QueryError> {
        let (mut seen, mut ids) = (self.set(), Vec::new());
        for view in self.views {
            let mut selection = select(view, wanted)?;
            while let Some(run) = selection.next_run(&mut self.looked, self.stop)? {
                let Some((block, places)) = Places::of(run, view) else { continue };
                places.numbers(view.part.column(block, self.counted)?, &mut ids);
                for id in &ids {
                    seen.insert(*id);
                }
            }
        }
        seen.remove(ABSENT);
        Ok(seen.count())
    }

    /// Bucket after bucket, with one set that is emptied in between. A value that reaches beyond its bucket is
    /// carried along until it ends.
    fn per_bucket(
        &mut self,
        query: &SeriesQuery,
        wanted: &Wanted<'_>,
        unit: Unit,
        zone: &Zone,
    ) -> Result<Vec<(Point, u64)>, QueryError> {
        let mut bucket = Bucket { seen: self.set(), ids: Vec::new(), reaching: Vec::new(), put_together: 0 };
        let mut values = Vec::new();
        let mut belongs = query.belongs;
        for bounds in boundaries(self.views, query, unit, zone).windows(2) {
            self.stop.check()?;
            let range = Range { from: bounds[0].max(query.range.from), to: bounds[1].min(query.range.to) };
            bucket.carry_into(range);
            let wanted = Wanted { account: wanted.account, range, belongs, conditions: wanted.conditions };
            self.fill(&mut bucket, &wanted, query.belongs == Belongs::Present)?;
            if bucket.seen.count() > 0 {
                values.push((Point::Time(bounds[0]), bucket.seen.count()));
            }
            bucket.empty();
            // Those that started before the first bucket are known now.
            belongs = Belongs::StartsIn;
        }
        Ok(values)
    }

    fn fill(&mut self, bucket: &mut Bucket, wanted: &Wanted<'_>, may_reach: bool) -> Result<(), QueryError> {
        let (mut ids, mut spans) = (Vec::new(), Vec::new());
        for view in self.views {
            let mut selection = select(view, wanted)?;
            while let Some(run) = selection.next_run(&mut self.looked, self.stop)? {
                let Some((block, places)) = Places::of(run, view) else { continue };
                let part = &view.part;
                places.numbers(part.column(block, self.counted)?, &mut ids);
                ids.iter().for_each(|id| bucket.add(*id));
                if let (true, Some(end)) = (may_reach, part.table.end) {
                    let times = part.column(block, Table::TIME)?.times();
                    places.spans(times, part.column(block, end)?, &mut spans);
                    let rows = ids.iter().zip(&spans);
                    let reaching = rows.filter(|(_, (_, end))| *end > wanted.range.to);
                    bucket.reaching.extend(reaching.map(|(id, (_, end))| (*id, *end)));
                }
            }
        }
        Ok(())
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
            Slots { points, names, of_number: Vec::new(), of_point: HashMap::new(), names_of: Vec::new() };
        let mut counts: Vec<u64> = Vec::new();
        let mut first = vec![NO_SLOT; self.number_max() as usize + 1];
        let mut further = Further::new(self.number_max());
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        for view in self.views {
            let mut selection = select(view, wanted)?;
            while let Some(run) = selection.next_run(&mut self.looked, self.stop)? {
                let Some((block, places)) = Places::of(run, view) else { continue };
                places.numbers(view.part.column(block, self.counted)?, &mut ids);
                places.numbers(view.part.column(block, column)?, &mut numbers);
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
            }
        }
        counts.resize(slots.names_of.len(), 0);
        Ok(slots.names_of.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect())
    }

    fn set(&self) -> IdSet {
        IdSet::up_to(self.number_max())
    }

    fn number_max(&self) -> u64 {
        self.views.iter().map(|view| view.part.header.number_max[self.counted]).max().unwrap_or(0)
    }
}

/// The number that stands for no value.
const ABSENT: u64 = 0;

const NO_SLOT: u32 = u32::MAX;

/// The points at which values were seen beside their first.
struct Further {
    id_max: u64,
    /// A bit per id for each point, as far as [`DENSE_BYTES_MAX`] goes; points come in the order of their first row,
    /// so mostly those with many rows are here.
    dense: Vec<Option<IdSet>>,
    dense_bytes: u64,
    /// Ids and points beyond that.
    sparse: HashSet<(u64, u32)>,
}

impl Further {
    fn new(id_max: u64) -> Self {
        Self { id_max, dense: Vec::new(), dense_bytes: 0, sparse: HashSet::new() }
    }

    fn insert(&mut self, id: u64, slot: u32) -> bool {
        let at = slot as usize;
        if at >= self.dense.len() {
            self.dense.resize(at + 1, None);
        }
        if self.dense[at].is_none() && self.dense_bytes < DENSE_BYTES_MAX {
            self.dense_bytes += self.id_max / 8 + 1;
            self.dense[at] = Some(IdSet::up_to(self.id_max));
        }
        match &mut self.dense[at] {
            Some(ids) => ids.insert(id),
            None => self.sparse.insert((id, slot)),
        }
    }
}

/// What was seen in the bucket at hand.
struct Bucket {
    seen: IdSet,
    /// The members of the set, to empty it by.
    ids: Vec<u64>,
    /// Values of rows that end behind the bucket, and when.
    reaching: Vec<(u64, Micros)>,
    /// How many were left when those of the same value were last put together.
    put_together: usize,
}

impl Bucket {
    fn add(&mut self, id: u64) {
        if id != ABSENT && self.seen.insert(id) {
            self.ids.push(id);
        }
    }

    /// Takes over what reaches from earlier buckets into this one, and forgets what ends in it.
    fn carry_into(&mut self, bucket: Range) {
        let mut reaching = std::mem::take(&mut self.reaching);
        for (id, _) in reaching.iter().filter(|(_, end)| *end > bucket.from) {
            self.add(*id);
        }
        reaching.retain(|(_, end)| *end > bucket.to);
        if reaching.len() > REACHING_MAX.max(2 * self.put_together) {
            reaching.sort_unstable_by(|a, b| b.cmp(a));
            reaching.dedup_by_key(|(id, _)| *id);
            self.put_together = reaching.len();
        }
        self.reaching = reaching;
    }

    fn empty(&mut self) {
        for id in self.ids.drain(..) {
            self.seen.remove(id);
        }
    }
}

/// Gives each point of an answer a place; numbers with the same name share one.
struct Slots<'a> {
    points: &'a Points<'a>,
    names: &'a Names,
    of_number: Vec<u32>,
    of_point: HashMap<Point, u32>,
    names_of: Vec<Point>,
}

impl Slots<'_> {
    #[inline]
    fn slot(&mut self, number: u64) -> Result<u32, QueryError> {
        match self.of_number.get(number as usize) {
            Some(slot) if *slot != NO_SLOT => Ok(*slot),
            _ => self.new_slot(number),
        }
    }

    fn new_slot(&mut self, number: u64) -> Result<u32, QueryError> {
        let point = self.points.named(number, self.names)?;
        let next = self.names_of.len() as u32;
        let slot = *self.of_point.entry(point.clone()).or_insert(next);
        if slot == next {
            self.names_of.push(point);
        }
        let at = number as usize;
        self.of_number.resize(self.of_number.len().max(at + 1), NO_SLOT);
        self.of_number[at] = slot;
        Ok(slot)
    }
}
