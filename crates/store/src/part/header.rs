//! What is known about a part without reading its rows. `store.db` keeps it.

use bytemuck::{Pod, Zeroable};
use tallyhouse_model::{AccountId, Micros};

use crate::frame::{BadFrame, FrameReader, FrameWriter};

/// Rows per granule: what a range query passes over at once.
pub const GRANULE_ROWS: u32 = 4_096;

/// The rows of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct AccountRows {
    /// Whose.
    pub account: u32,
    /// The first row.
    pub start: u32,
    /// The row behind the last.
    pub end: u32,
    /// The first of the account's granules; the next account's first is the end.
    pub first_granule: u32,
}

/// Times of up to [`GRANULE_ROWS`] rows of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Granule {
    /// The least time.
    pub time_min: Micros,
    /// The greatest time.
    pub time_max: Micros,
    /// The greatest end; the greatest time where rows have no end.
    pub end_max: Micros,
}

/// What is known about a part without reading its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartHeader {
    /// How many rows.
    pub rows: u32,
    /// The accounts in it, ascending.
    pub accounts: Vec<AccountRows>,
    /// Their granules, account by account.
    pub granules: Vec<Granule>,
    /// Per column: the greatest number, 0 where it holds none.
    pub number_max: Vec<u64>,
}

impl PartHeader {
    /// The rows of an account, if it has any.
    pub fn account(&self, account: AccountId) -> Option<AccountRows> {
        let at = self.accounts.binary_search_by_key(&account.0, |rows| rows.account).ok()?;
        Some(self.accounts[at])
    }

    /// The granules of an account, ascending in time.
    pub fn granules_of_account(&self, rows: AccountRows) -> &[Granule] {
        let first = rows.first_granule as usize;
        &self.granules[first..first + (rows.end - rows.start).div_ceil(GRANULE_ROWS) as usize]
    }

    /// The granules of an account, each with its rows.
    pub fn granules_of(&self, rows: AccountRows) -> impl Iterator<Item = (u32, u32, Granule)> + '_ {
        self.granules_of_account(rows).iter().enumerate().map(move |(at, granule)| {
            let start = rows.start + at as u32 * GRANULE_ROWS;
            (start, (start + GRANULE_ROWS).min(rows.end), *granule)
        })
    }

    /// Writes it behind what is there.
    pub fn write(&self, out: &mut FrameWriter) {
        out.number(u64::from(self.rows));
        out.list(&self.accounts);
        out.list(&self.granules);
        out.list(&self.number_max);
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut FrameReader<'_>) -> Result<Self, BadFrame> {
        Ok(Self {
            rows: u32::try_from(reader.number()?).map_err(|_| BadFrame)?,
            accounts: reader.list()?,
            granules: reader.list()?,
            number_max: reader.list()?,
        })
    }
}

/// Size and page checksums of one file of a part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileSeal {
    /// Bytes.
    pub bytes: u64,
    /// A checksum per page.
    pub checksums: Vec<u64>,
}

impl FileSeal {
    /// Writes it behind what is there.
    pub fn write(&self, out: &mut FrameWriter) {
        out.number(self.bytes);
        out.list(&self.checksums);
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut FrameReader<'_>) -> Result<Self, BadFrame> {
        Ok(Self { bytes: reader.number()?, checksums: reader.list()? })
    }
}
