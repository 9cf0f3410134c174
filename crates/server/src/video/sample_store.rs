//! For tests: a store that holds sample segments of one account, and a token of it.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{AccountId, Micros, RowsQuery, TableId, Values};
use tallyhouse_store::{Stop, Store, StoreOptions, Submission};
use tempfile::TempDir;

use super::reader::Reader;
use crate::catalog::{Catalog, Credential, Narrowing, Scope, TokenRequest};
use crate::config::Config;
use crate::http::{AppState, PLACE_WAIT_MAX, Place, Places};
use crate::ingest::Enricher;
use crate::pipes::Pipes;
use crate::sample::{SampleOptions, batches};

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

pub struct SampleStore {
    pub state: AppState,
    pub account: AccountId,
    pub headers: HeaderMap,
    _folder: TempDir,
}

impl SampleStore {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("first", NOW).unwrap().id;
        for batch in batches(&SampleOptions { segments: 500, until: NOW, ..SampleOptions::default() }) {
            let submission = Submission { account, batch, quarantined: Vec::new(), received_at: NOW };
            store.ingest(submission).unwrap();
        }
        let headers = headers_of(&catalog, account);
        let enricher = Enricher::start(None).unwrap();
        let (catalog, config) = (Arc::new(catalog), Config::default());
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, || NOW);
        Self { state, account, headers, _folder: folder }
    }

    /// A token of an account that has nothing.
    pub fn other_account(&self) -> HeaderMap {
        let account = self.state.catalog.create_account("second", NOW).unwrap().id;
        headers_of(&self.state.catalog, account)
    }

    /// What a credential that is narrowed like this may read.
    pub fn reader(&self, narrowing: Narrowing) -> Reader {
        let credential = Credential {
            account: self.account,
            account_name: "first".to_owned(),
            scopes: vec![Scope::Read],
            narrowing,
            resources: Arc::default(),
            limit: None,
        };
        Reader::new(credential, self.state.store.snapshot(), Stop::default())
    }
}

/// A new token of an account, which may read.
fn headers_of(catalog: &Catalog, account: AccountId) -> HeaderMap {
    let request = TokenRequest {
        account,
        scopes: vec![Scope::Read],
        narrowing: Narrowing::default(),
        expires_at: None,
        label: None,
    };
    let token = catalog.create_token(&request, NOW).unwrap().secret;
    HeaderMap::from_iter([(header::AUTHORIZATION, token.parse().unwrap())])
}

/// A place of an account that has no other reads.
pub async fn place() -> Place {
    Places::new(1, 1, PLACE_WAIT_MAX).take(AccountId(1)).await.unwrap()
}

/// Asks for all rows.
pub fn all_rows(account: AccountId) -> RowsQuery {
    RowsQuery {
        account,
        table: TableId::ViewSegments,
        range: tallyhouse_model::Range::ALL,
        belongs: tallyhouse_model::Belongs::StartsIn,
        filters: Vec::new(),
        offset: 0,
        limit: 10_000,
    }
}

/// A narrowing to these contents.
pub fn only_contents(content_ids: &[u64]) -> Narrowing {
    Narrowing { content_ids: Some(content_ids.to_vec()), channel_ids: None }
}

/// The contents of these rows.
pub fn content_ids(page: &tallyhouse_model::Batch) -> Vec<u64> {
    let Values::Integers(ids) = &page.columns[view_segments::CONTENT_ID] else { panic!("ids are integers") };
    ids.clone()
}
