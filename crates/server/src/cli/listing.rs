//! Lists what can be made and revoked: tokens, clients, keys of warehouses, sites.

use tallyhouse_model::{AccountId, Micros};

use super::print;
use crate::catalog::Catalog;

/// What the catalog lists for an operator.
pub(super) trait Listed {
    /// What is said where there are none: how to make one.
    const NONE: &'static str;

    /// Whose it is.
    fn account(&self) -> AccountId;

    /// For people.
    fn line(&self) -> String;

    /// For programs.
    fn object(&self) -> serde_json::Value;
}

/// Whether something that can be revoked was.
pub(super) fn state(revoked_at: Option<Micros>) -> &'static str {
    if revoked_at.is_some() { "revoked" } else { "active" }
}

/// Prints all of them, or those of one account.
pub(super) fn list<T: Listed>(
    catalog: &Catalog,
    mut all: Vec<T>,
    account: Option<&str>,
    json: bool,
) -> anyhow::Result<()> {
    if let Some(name) = account {
        let account = catalog.account_by_name(name)?.id;
        all.retain(|one| one.account() == account);
    }
    if json {
        return print(serde_json::Value::from_iter(all.iter().map(T::object)));
    }
    for one in &all {
        print(one.line())?;
    }
    if all.is_empty() {
        eprintln!("{}", T::NONE);
    }
    Ok(())
}
