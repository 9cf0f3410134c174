//! Tables and columns: what the rows of each kind look like.
//!
//! Numbers and names are written to disk. They are never given a new meaning; a new column goes to the end.

use crate::tables;

/// Which table. The numbers are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum TableId {
    /// Stretches of watching, as sent by operators.
    ViewSegments = 1,
    /// Plays, derived from the segments.
    Plays = 2,
    /// Deletions of segments.
    ViewSegmentDeletions = 3,
    /// Sessions in which somebody looked at a demo.
    DemoSessions = 4,
    /// Deletions of demo sessions.
    DemoSessionDeletions = 5,
    /// What was done in such sessions, step by step.
    DemoActivity = 6,
    /// Deletions of activities.
    DemoActivityDeletions = 7,
    /// What has changed about demos and their links.
    DemoChanges = 8,
    /// Deletions of changes.
    DemoChangeDeletions = 9,
    /// Reports from the field.
    Reports = 10,
    /// Deletions of reports.
    ReportDeletions = 11,
    /// Images that reports own.
    ReportImages = 12,
    /// Options that were chosen in reports, which own them.
    ReportSelections = 13,
    /// That somebody read a report.
    ReportReads = 14,
    /// Deletions of reads.
    ReportReadDeletions = 15,
    /// That somebody was alerted to a report.
    ReportAlerts = 16,
    /// Deletions of alerts.
    ReportAlertDeletions = 17,
    /// Documents: what reports are filed in.
    Channels = 18,
    /// Documents: the states a report can be in.
    ReportStates = 19,
    /// Documents: who reports, reads and is alerted.
    Users = 20,
    /// Documents: what is asked in reports.
    Forms = 21,
    /// What people did with messages on social networks.
    Reactions = 22,
    /// Deletions of reactions.
    ReactionDeletions = 23,
    /// That somebody followed a short URL.
    Referrals = 24,
    /// Deletions of referrals.
    ReferralDeletions = 25,
}

impl TableId {
    /// Every table, in the order of its number.
    pub const ALL: [TableId; 25] = [
        TableId::ViewSegments,
        TableId::Plays,
        TableId::ViewSegmentDeletions,
        TableId::DemoSessions,
        TableId::DemoSessionDeletions,
        TableId::DemoActivity,
        TableId::DemoActivityDeletions,
        TableId::DemoChanges,
        TableId::DemoChangeDeletions,
        TableId::Reports,
        TableId::ReportDeletions,
        TableId::ReportImages,
        TableId::ReportSelections,
        TableId::ReportReads,
        TableId::ReportReadDeletions,
        TableId::ReportAlerts,
        TableId::ReportAlertDeletions,
        TableId::Channels,
        TableId::ReportStates,
        TableId::Users,
        TableId::Forms,
        TableId::Reactions,
        TableId::ReactionDeletions,
        TableId::Referrals,
        TableId::ReferralDeletions,
    ];

    /// How many tables there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The table with this number on disk.
    pub fn from_number(number: u8) -> Option<TableId> {
        Self::ALL.into_iter().find(|id| *id as u8 == number)
    }

    /// The table whose rows own the rows of this one, if they are owned.
    pub fn owner(self) -> Option<TableId> {
        Self::ALL.into_iter().find(|owner| owner.table().owns.contains(&self))
    }

    /// Position in [`TableId::ALL`], for arrays with a place per table.
    pub fn index(self) -> usize {
        self as usize - 1
    }

    /// What the rows of this table look like.
    pub fn table(self) -> &'static Table {
        match self {
            TableId::ViewSegments => &tables::VIEW_SEGMENTS,
            TableId::Plays => &tables::PLAYS,
            TableId::ViewSegmentDeletions => &tables::VIEW_SEGMENT_DELETIONS,
            TableId::DemoSessions => &tables::DEMO_SESSIONS,
            TableId::DemoSessionDeletions => &tables::DEMO_SESSION_DELETIONS,
            TableId::DemoActivity => &tables::DEMO_ACTIVITY,
            TableId::DemoActivityDeletions => &tables::DEMO_ACTIVITY_DELETIONS,
            TableId::DemoChanges => &tables::DEMO_CHANGES,
            TableId::DemoChangeDeletions => &tables::DEMO_CHANGE_DELETIONS,
            TableId::Reports => &tables::REPORTS,
            TableId::ReportDeletions => &tables::REPORT_DELETIONS,
            TableId::ReportImages => &tables::REPORT_IMAGES,
            TableId::ReportSelections => &tables::REPORT_SELECTIONS,
            TableId::ReportReads => &tables::REPORT_READS,
            TableId::ReportReadDeletions => &tables::REPORT_READ_DELETIONS,
            TableId::ReportAlerts => &tables::REPORT_ALERTS,
            TableId::ReportAlertDeletions => &tables::REPORT_ALERT_DELETIONS,
            TableId::Channels => &tables::CHANNELS,
            TableId::ReportStates => &tables::REPORT_STATES,
            TableId::Users => &tables::USERS,
            TableId::Forms => &tables::FORMS,
            TableId::Reactions => &tables::REACTIONS,
            TableId::ReactionDeletions => &tables::REACTION_DELETIONS,
            TableId::Referrals => &tables::REFERRALS,
            TableId::ReferralDeletions => &tables::REFERRAL_DELETIONS,
        }
    }
}

/// Position of a column in [`Table::columns`].
pub type ColumnIndex = usize;

/// What the rows of a table look like. The first column is always the key, the second the time.
#[derive(Debug)]
pub struct Table {
    /// Its number.
    pub id: TableId,
    /// Its name: in `?name=`, file names and messages.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The column that holds the version, for tables that operators write to; derived rows have none.
    pub version: Option<ColumnIndex>,
    /// Where its deletions live, for tables that operators write to.
    pub deletions: Option<TableId>,
    /// The columns whose values the key is a digest of; none where the key is what was sent. A deletion keeps them,
    /// behind its key and its version, so that it can be exported as the record that it was.
    pub identity: &'static [ColumnIndex],
    /// The [`ColumnKind::Offset`] column that ends a row, where rows are stretches of time.
    pub end: Option<ColumnIndex>,
    /// The [`ColumnKind::Flag`] column that is set when the end is final.
    pub finished: Option<ColumnIndex>,
    /// The rows of another table that follow from the rows of this one.
    pub derives: Option<&'static Derivation>,
    /// Tables whose rows the rows of this one own: they come with their owner in a [`Batch`](crate::Batch), have its
    /// key as theirs (so several may share one), and go when it is replaced or deleted.
    pub owns: &'static [TableId],
    /// Where its rows are kept.
    pub home: Home,
}

/// Where the rows of a table are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In the store, as rows of parts.
    Store,
    /// In the catalog, as documents. The store has such tables only as names, for what was refused of them.
    Catalog,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Table {}

impl Table {
    /// The key column.
    pub const KEY: ColumnIndex = 0;
    /// The time column: rows are sorted by it, and parts are cut by its month.
    pub const TIME: ColumnIndex = 1;

    /// The position of the column with this name.
    pub fn column(&self, name: &str) -> Option<ColumnIndex> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// One column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its name: in files on disk and in exports.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

/// What a column holds. "Absent" is a value of its own where the kind can express it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Microseconds since 1970. May be [`ABSENT_TIME`](crate::ABSENT_TIME), except in the table's own time.
    Time,
    /// A time that is never before the row's own; may be absent. Stored as the distance from it.
    Offset,
    /// A number from 0 to 2^63 - 1, never absent.
    Integer,
    /// One of a closed list of words; may be absent. The list only ever grows at its end.
    Choice(&'static [&'static str]),
    /// A value out of an open set that is filtered, grouped or counted; may be absent. The namespace names the
    /// account's dictionary; columns of several tables may share one.
    Dictionary {
        /// Which of the account's dictionaries.
        namespace: &'static str,
        /// What the dictionary holds.
        values: DictionaryValues,
    },
    /// 16 bytes.
    Id,
    /// UTF-8 that is only shown and compared, never absent.
    Text,
    /// True or false.
    Flag,
}

/// What a dictionary holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DictionaryValues {
    /// UTF-8.
    Texts,
    /// Numbers from 0 to 2^63 - 1.
    Integers,
}

/// Rows of one table that follow from the rows of another: per group, the earliest live row by (time, key) makes the
/// derived row and lends it its time and columns.
#[derive(Debug)]
pub struct Derivation {
    /// The table the derived rows live in.
    pub table: TableId,
    /// The columns of the source that name the group; the derived row's key is the digest of their values.
    pub group: &'static [ColumnIndex],
    /// For each column of the derived table after its key: the column of the source it is taken from.
    pub columns: &'static [ColumnIndex],
    /// The column of the derived table that holds the key of the source row.
    pub source: ColumnIndex,
}
