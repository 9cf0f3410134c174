//! What a series can be broken down by: the last word of its path.

use tallyhouse_model::tables::{plays, view_segments};
use tallyhouse_model::{By, ColumnIndex, Names, Unit, Zone};

use crate::config::{DeviceNames, DevicePoint};

/// What the rows without a value are called.
const UNKNOWN: &str = "unknown";

/// The last word of a series' path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakdown {
    /// `summary`: one number for the whole period.
    Summary,
    /// A number per point of a dimension.
    By(Dimension),
}

/// A documented dimension. `location` is the older name of `country` and is echoed as it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Calendar months.
    Month,
    /// Calendar days.
    Day,
    /// Hours of the clock.
    Hour,
    /// Countries, ISO 3166-1 alpha-2.
    Country,
    /// Regions: an ISO 3166-2 code or a name.
    Region,
    /// Countries under their older name.
    Location,
    /// Classes of devices.
    Device,
    /// Onsite and offsite.
    ViewSource,
}

/// Where a table keeps the values of the dimensions.
#[derive(Debug, Clone, Copy)]
pub struct DimensionColumns {
    /// ISO 3166-1 alpha-2, or absent.
    pub country: ColumnIndex,
    /// A region's code or name, or absent.
    pub region: ColumnIndex,
    /// The class of the device, or absent.
    pub device: ColumnIndex,
    /// `onsite` or `offsite`.
    pub view_type: ColumnIndex,
}

impl DimensionColumns {
    /// Of the table of plays.
    pub const OF_PLAYS: Self = Self {
        country: plays::COUNTRY,
        region: plays::REGION,
        device: plays::DEVICE,
        view_type: plays::VIEW_TYPE,
    };

    /// Of the table of segments.
    pub const OF_SEGMENTS: Self = Self {
        country: view_segments::COUNTRY,
        region: view_segments::REGION,
        device: view_segments::DEVICE,
        view_type: view_segments::VIEW_TYPE,
    };
}

impl Breakdown {
    /// The breakdown with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        if word == "summary" {
            return Some(Breakdown::Summary);
        }
        Dimension::ALL.into_iter().find(|dimension| dimension.word() == word).map(Breakdown::By)
    }

    /// The word in the path, which is also the `dimension_type` of the answer.
    pub fn word(self) -> &'static str {
        match self {
            Breakdown::Summary => "summary",
            Breakdown::By(dimension) => dimension.word(),
        }
    }

    /// What the store is to break down by.
    pub fn by(self, columns: &DimensionColumns, zone: &Zone, device_names: &DeviceNames) -> By {
        let Breakdown::By(dimension) = self else { return By::Nothing };
        let names = Names { absent: Some(UNKNOWN.to_owned()), renamed: Vec::new() };
        match dimension {
            Dimension::Month => By::Time(Unit::Month, zone.clone()),
            Dimension::Day => By::Time(Unit::Day, zone.clone()),
            Dimension::Hour => By::Time(Unit::Hour, zone.clone()),
            Dimension::Country | Dimension::Location => By::Column(columns.country, names),
            Dimension::Region => By::Column(columns.region, names),
            Dimension::Device => By::Column(columns.device, names_of_devices(device_names)),
            Dimension::ViewSource => By::Column(columns.view_type, names),
        }
    }
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Dimension; 8] = [
        Dimension::Month,
        Dimension::Day,
        Dimension::Hour,
        Dimension::Country,
        Dimension::Region,
        Dimension::Location,
        Dimension::Device,
        Dimension::ViewSource,
    ];

    /// The word in the path.
    pub fn word(self) -> &'static str {
        match self {
            Dimension::Month => "month",
            Dimension::Day => "day",
            Dimension::Hour => "hour",
            Dimension::Country => "country",
            Dimension::Region => "region",
            Dimension::Location => "location",
            Dimension::Device => "device",
            Dimension::ViewSource => "view-source",
        }
    }
}

/// What the classes of devices are called; those of one name are one point.
fn names_of_devices(device_names: &DeviceNames) -> Names {
    let unknown = device_names.get(&DevicePoint::Unknown).map_or(UNKNOWN, String::as_str);
    let renamed = |(point, name): (&DevicePoint, &String)| match point {
        DevicePoint::Class(class) => Some((class.word().to_owned(), name.clone())),
        DevicePoint::Unknown => None,
    };
    Names { absent: Some(unknown.to_owned()), renamed: device_names.iter().filter_map(renamed).collect() }
}
