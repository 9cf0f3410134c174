//! What tells the two metrics apart that follow segments through time.

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{SweepMeasure, Together, Zone};

use crate::config::PeakForm;

/// A metric that answers numbers per content and bucket under `/{word}…`.
#[derive(Debug)]
pub struct SweptMetric {
    /// The first word of its paths.
    pub word: &'static str,
    /// The `type` of its rows.
    pub series_type: &'static str,
    /// The `type` of the one row of a summary.
    pub summary_type: &'static str,
    /// Whether `/{word}` takes a list of contents, of both types.
    pub content_ids_of_all: bool,
    /// What is measured.
    pub kind: SweptKind,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweptKind {
    /// The most player sessions at the same time.
    Peak,
    /// The seconds watched, of all sessions together.
    Seconds,
}

/// `peak-viewer-numbers`.
pub static PEAK_VIEWER_NUMBERS: SweptMetric = SweptMetric {
    word: "peak-viewer-numbers",
    series_type: "PeakSeries",
    summary_type: "PeakSummary",
    content_ids_of_all: false,
    kind: SweptKind::Peak,
};

/// `viewer-seconds`.
pub static VIEWER_SECONDS: SweptMetric = SweptMetric {
    word: "viewer-seconds",
    series_type: "ViewerSecondSeries",
    summary_type: "ViewerSecondSummary",
    content_ids_of_all: true,
    kind: SweptKind::Seconds,
};

impl SweptKind {
    /// The same for the store; minutes are those of this zone's clocks.
    pub fn measure(self, peak: PeakForm, zone: &Zone) -> SweepMeasure {
        let together = match peak {
            PeakForm::Instant => Together::AtOnce,
            PeakForm::Minute => Together::WithinMinute(zone.clone()),
        };
        match self {
            SweptKind::Peak => SweepMeasure::Peak { of: view_segments::VIEW_SESSION_ID, together },
            SweptKind::Seconds => SweepMeasure::Seconds,
        }
    }
}
