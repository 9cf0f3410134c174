//! `tallyhouse demo`: a server with sample data, and requests to try.

mod filling;
mod folder;
mod guide;
mod login;
mod site;

use clap::Args;
use tallyhouse_model::Micros;

use super::serve::{self, ListenArgs};
use crate::catalog::{Account, Catalog, CatalogError, Narrowing, Scope, TokenRequest, TokenState};
use crate::config::Config;
use crate::{clock, http};
use filling::Filling;
use folder::Recipe;
use guide::Guide;

/// Where the demo lives unless `--data` says otherwise.
pub(super) const FOLDER: &str = "data/demo";

/// The accounts and their share of the segments, in percent. Requests are shown for the first.
const ACCOUNTS: [(&str, usize); 3] = [("acme", 60), ("birch", 30), ("cedar", 10)];

/// The label of the token that is printed, to find and revoke it at the next start.
const TOKEN_LABEL: &str = "demo";

/// Start a server with sample data of the last 90 days, and print requests to try
///
/// There are segments of videos that were watched, sessions of demos that were looked at with all that was done in them,
/// reports from the field with who read them and who was alerted to them, and messages on social networks with what people
/// did with them.
/// The sample data is made in the folder data/demo, or --data, at the first start and used again after that. Each start
/// prints a new token, a new password and new keys of a site, and revokes the ones before.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    pub(super) listen: ListenArgs,
    /// How many segments to make, in all accounts together; demo sessions and reports are fewer [default: 250000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    segments: Option<u32>,
    /// Which sample data to make: the same seed and end give the same data [default: 1]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u32>,
}

impl DemoArgs {
    pub(super) fn run(self, config: Config) -> anyhow::Result<()> {
        let recipe = Recipe::of_folder(&config.data, self.seed, self.segments, clock::now())?;
        let listener = http::listen(config.listen)?;
        let folder = config.data.clone();
        let state = serve::open(config, &listener)?;
        let accounts = make_accounts(&state.catalog)?;
        let site = site::renew_keys(&state.catalog, &accounts[0])?;
        if !recipe.is_stored() {
            let filling = Filling { homes: state.homes(), recipe: &recipe };
            for (index, (account, (_, percent))) in accounts.iter().zip(ACCOUNTS).enumerate() {
                filling.fill(index, account, percent)?;
            }
            filling.fill_site(&state, &site.site, ACCOUNTS[0].1)?;
            recipe.complete(&folder)?;
        }
        let token = renew_token(&state.catalog, &accounts[0])?;
        let password = login::renew_password(&state.catalog, &accounts[0])?;
        let (site, until) = (site::shown(&state.catalog, site)?, recipe.until()?);
        serve::serve(state, listener, |address| Guide { address, token, password, site, until }.print())
    }
}

/// The demo's accounts, as many as are missing just made.
fn make_accounts(catalog: &Catalog) -> anyhow::Result<Vec<Account>> {
    let make = |(name, _)| match catalog.account_by_name(name) {
        Err(CatalogError::NoSuchAccount(_)) => catalog.create_account(name, clock::now()),
        found => found,
    };
    Ok(ACCOUNTS.into_iter().map(make).collect::<Result<_, _>>()?)
}

/// A new token for the account; what earlier starts printed is revoked.
fn renew_token(catalog: &Catalog, account: &Account) -> anyhow::Result<String> {
    let now: Micros = clock::now();
    for token in catalog.tokens()? {
        if token.label.as_deref() == Some(TOKEN_LABEL) && token.state(now) == TokenState::Active {
            catalog.revoke_token(&token.id, now)?;
        }
    }
    let request = TokenRequest {
        account: account.id,
        scopes: Scope::ALL.to_vec(),
        narrowing: Narrowing::default(),
        expires_at: None,
        label: Some(TOKEN_LABEL.to_owned()),
    };
    Ok(catalog.create_token(&request, now)?.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_share_all_segments_and_are_made_once() {
        assert_eq!(ACCOUNTS.iter().map(|(_, percent)| percent).sum::<usize>(), 100);
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let accounts = make_accounts(&catalog).unwrap();
        assert_eq!(make_accounts(&catalog).unwrap(), accounts);
        assert_eq!(catalog.accounts().unwrap(), accounts);
    }

    #[test]
    fn each_start_has_its_own_token_and_leaves_others_alone() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("acme", 1).unwrap();
        let own = TokenRequest {
            account: account.id,
            scopes: vec![Scope::Read],
            narrowing: Narrowing::default(),
            expires_at: None,
            label: Some("mine".to_owned()),
        };
        let own = catalog.create_token(&own, 1).unwrap().secret;
        let first = renew_token(&catalog, &account).unwrap();
        let second = renew_token(&catalog, &account).unwrap();
        assert!(catalog.authenticate(&first, 1).is_err());
        assert!(catalog.authenticate(&second, 1).is_ok());
        assert!(catalog.authenticate(&own, 1).is_ok());
    }
}
