//! The number of a tenant.

/// An account (a tenant): small, dense and never used again, since dictionaries and parts carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u32);
