//! A file in MaxMind's format, of the layout City or Country, in memory.
//!
//! It is read and not mapped: a mapped file that somebody writes over in place would take the process down with it.

use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use maxminddb::{MaxMindDbError, Reader, geoip2};
use tallyhouse_model::limits::TEXT_BYTES_MAX;

/// Bytes of a file at most. The largest that is sold today has a third of it.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// Where an address is, as far as the file knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Two upper-case letters.
    pub country: Option<[u8; 2]>,
    /// The code of ISO 3166-2, such as `HU-BU`, or else the English name.
    pub region: Option<Box<str>>,
    /// The English name.
    pub city: Option<Box<str>>,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// It cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// And why.
        source: io::Error,
    },
    /// It is not what it should be, or only half of it.
    #[error("{path} is no MaxMind database: {problem}")]
    Format {
        /// Which file.
        path: PathBuf,
        /// And why.
        problem: String,
    },
}

/// Tells whether a file has changed. A file that replaces another one has another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Of the file that has this name now.
    pub fn of(path: &Path) -> io::Result<Stamp> {
        let metadata = std::fs::metadata(path)?;
        // Reading a pipe or a terminal would never end.
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        Ok(Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// The content of a file.
#[derive(Debug)]
pub struct GeoDatabase(Reader<Vec<u8>>);

impl GeoDatabase {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, GeoError> {
        let wrong = |problem: String| GeoError::Format { path: path.into(), problem };
        let bytes = read(path).map_err(|source| GeoError::Read { path: path.into(), source })?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(wrong(format!("it has more than {FILE_BYTES_MAX} bytes")));
        }
        let reader = Reader::from_source(bytes).map_err(|error| wrong(error.to_string()))?;
        let kind = &reader.metadata().database_type;
        tracing::info!(file = %path.display(), kind, "database of places read");
        if !["City", "Country", "Enterprise", "Location"].iter().any(|word| kind.contains(word)) {
            tracing::warn!(
                kind,
                "geo.database is neither a City nor a Country database; it may tell nothing"
            );
        }
        Ok(Self(reader))
    }

    /// Finds the entry of an address: what [`GeoDatabase::place`] takes. `None` for addresses that the file does not
    /// have, which private ones are among.
    pub fn find(&self, ip: IpAddr) -> Option<GeoEntry<'_>> {
        let found = self.0.lookup(ip.to_canonical()).ok()?;
        Some(GeoEntry { offset: found.offset()?, found })
    }
}

/// The entry of an address in a database.
#[derive(Debug)]
pub struct GeoEntry<'d> {
    /// Where it is; networks of one place share it.
    pub offset: usize,
    found: maxminddb::LookupResult<'d, Vec<u8>>,
}

impl GeoEntry<'_> {
    /// What the entry says. An entry that is damaged says nothing.
    pub fn place(&self) -> Place {
        let entry: Result<Option<geoip2::City<'_>>, MaxMindDbError> = self.found.decode();
        let Ok(Some(entry)) = entry else { return Place::default() };
        let country = entry.country.iso_code.and_then(country_code);
        Place {
            country,
            // The first is the largest: England, not Surrey.
            region: entry.subdivisions.first().and_then(|region| {
                region_code(country, region.iso_code).or_else(|| name(region.names.english))
            }),
            city: name(entry.city.names.english),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = Stamp::of(path)?.bytes.min(FILE_BYTES_MAX);
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut content)?;
    Ok(content)
}

fn country_code(code: &str) -> Option<[u8; 2]> {
    let code: [u8; 2] = code.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|letter| letter.to_ascii_uppercase()))
}

/// `BU` in `HU` is `HU-BU`.
fn region_code(country: Option<[u8; 2]>, code: Option<&str>) -> Option<Box<str>> {
    let (country, code) = (country?, code?);
    let is_code = (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let country = str::from_utf8(&country).expect("country codes are ASCII letters");
    is_code.then(|| format!("{country}-{}", code.to_ascii_uppercase()).into())
}

fn name(name: Option<&str>) -> Option<Box<str>> {
    name.filter(|name| !name.is_empty() && name.len() <= TEXT_BYTES_MAX).map(Into::into)
}
