//! `tallyhouse demo`: a server with sample data, and requests to try.

mod folder;
mod guide;

use anyhow::Context as _;
use clap::Args;
use tallyhouse_model::{Batch, Micros};
use tallyhouse_store::{Store, Submission};

use super::serve::{self, ListenArgs};
use crate::auth::check_key_files;
use crate::catalog::{Account, Catalog, CatalogError, Narrowing, Scope, TokenRequest, TokenState};
use crate::config::Config;
use crate::ingest::Enricher;
use crate::sample::{self, DemoSample, SampleOptions};
use crate::{clock, http};
use folder::Recipe;
use guide::Guide;

/// Where the demo lives unless `--data` says otherwise.
pub(super) const FOLDER: &str = "data/demo";

/// The accounts and their share of the segments, in percent. Requests are shown for the first.
const ACCOUNTS: [(&str, usize); 3] = [("acme", 60), ("birch", 30), ("cedar", 10)];

/// Demo sessions per hundred segments, and the most that an account gets: the start has to stay quick.
const SESSIONS_PERCENT: usize = 14;
const SESSIONS_MAX: usize = 20_000;

/// The label of the token that is printed, to find and revoke it at the next start.
const TOKEN_LABEL: &str = "demo";

/// Start a server with sample data of the last 90 days, and print requests to try
///
/// There are segments of videos that were watched, and sessions of demos that were looked at with all that was done in them.
/// The sample data is made in the folder data/demo, or --data, at the first start and used again after that. Each start
/// prints a new token and revokes the one before.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    pub(super) listen: ListenArgs,
    /// How many segments to make, in all accounts together; demo sessions are fewer [default: 250000]
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
        check_key_files(&config.jwt)?;
        let enricher = Enricher::start(config.geo.database())?;
        let pipes = serve::load_pipes(&config)?;
        let (store, catalog) = serve::open(&config)?;
        let accounts = make_accounts(&catalog)?;
        if !recipe.is_stored() {
            fill(&store, &accounts, &recipe)?;
            recipe.complete(&config.data)?;
        }
        let token = renew_token(&catalog, &accounts[0])?;
        let until = recipe.until()?;
        serve::serve(config, listener, enricher, pipes, store, catalog, |address| {
            Guide { address, token, until }.print()
        })
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

/// Makes the sample data. Where an earlier start was cut off in the middle, the same rows come again and replace
/// themselves.
fn fill(store: &Store, accounts: &[Account], recipe: &Recipe) -> anyhow::Result<()> {
    let until = recipe.until()?;
    for (index, (account, (name, percent))) in accounts.iter().zip(ACCOUNTS).enumerate() {
        let segments = (recipe.segments as usize * percent / 100).max(1);
        let sessions = (segments * SESSIONS_PERCENT / 100).clamp(1, SESSIONS_MAX);
        eprintln!("making {segments} segments and {sessions} demo sessions for the account {name} …");
        let seed = u64::from(recipe.seed) + index as u64;
        let options = SampleOptions { seed, segments, until, ..SampleOptions::default() };
        import(store, account, sample::batches(&options))?;
        let demos = DemoSample::of_sessions(seed, until, options.days, sessions);
        import(store, account, demos.sessions())?;
        import(store, account, demos.activities())?;
        import(store, account, demos.changes())?;
    }
    Ok(())
}

fn import(store: &Store, account: &Account, batches: impl Iterator<Item = Batch>) -> anyhow::Result<()> {
    for batch in batches {
        let received_at = clock::now();
        let submission = Submission { account: account.id, batch, quarantined: Vec::new(), received_at };
        store.import(submission).context("the sample data cannot be stored")?;
    }
    Ok(())
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
