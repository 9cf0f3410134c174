//! Which pipes and data sources each kind of token opens, and what it fixes.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use tallyhouse_model::{Micros, SECOND, TableId};
use tallyhouse_store::{Store, StoreOptions};

use super::*;
use crate::auth::sign_workspace_jwt;
use crate::catalog::{
    Catalog, Narrowing, PipeResource, Resources, TokenRequest, WAREHOUSE_PIPES, WorkspaceKey,
    WorkspaceKeyKind,
};
use crate::config::Config;
use crate::ingest::Enricher;
use crate::pipes::Pipes;
use crate::pipes::pipe::{Parameter, ParameterKind};

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

struct Fixture {
    state: AppState,
    account: tallyhouse_model::AccountId,
    _folder: tempfile::TempDir,
}

fn fixture() -> Fixture {
    fixture_of(Config::default())
}

fn fixture_of(config: Config) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
    let account = catalog.create_account("harbour", NOW).unwrap().id;
    let enricher = Enricher::start(None).unwrap();
    let state = AppState::new(store, catalog, enricher, Pipes::default(), config, || NOW);
    Fixture { state, account, _folder: folder }
}

impl Fixture {
    fn token(&self, scopes: &[Scope], pipes: &[&str], append_to: &[&str]) -> String {
        let request = TokenRequest {
            account: self.account,
            scopes: scopes.to_vec(),
            narrowing: Narrowing::default(),
            expires_at: None,
            label: None,
        };
        let pipes = pipes.iter().map(|name| PipeResource::free(name)).collect();
        let append_to = append_to.iter().map(|name| (*name).to_owned()).collect();
        let resources = Resources { pipes, append_to, ..Resources::default() };
        self.state.catalog.create_scoped_token(&request, resources, NOW).unwrap().secret
    }

    fn key(&self, kind: WorkspaceKeyKind, secret: &str) -> WorkspaceKey {
        self.state.catalog.workspace_key_of(kind, secret, NOW).unwrap().unwrap()
    }

    /// A workspace JWT with these scopes and limits.
    fn jwt(&self, scopes: Value, limits: Value) -> String {
        let admin = self.token(&[Scope::Admin], &[], &[]);
        let claims = json!({
            "workspace_id": "harbour", "name": "page", "exp": NOW / SECOND + 60, "scopes": scopes, "limits": limits,
        });
        let key = self.key(WorkspaceKeyKind::AdminToken, &admin);
        sign_workspace_jwt(&key, &claims).unwrap()
    }

    fn open(&self, token: &str, pipe: &str) -> Result<Access, PipesError> {
        to_pipe(&self.state, &HeaderMap::new(), &uri(token), pipe, Some(&parameters()))
    }

    /// 0 where a pipe can be read, else the status of the refusal.
    fn pipe(&self, token: &str, pipe: &str) -> u16 {
        status(self.open(token, pipe))
    }

    fn append(&self, token: &str, table: TableId) -> u16 {
        status(to_append(&self.state, &HeaderMap::new(), &uri(token), Ok(table)))
    }

    fn list(&self, token: &str) -> Access {
        to_list(&self.state, &HeaderMap::new(), &uri(token)).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// What can be passed to every pipe of these tests.
fn parameters() -> [Parameter; 2] {
    [("org", ParameterKind::UInt64), ("tags", ParameterKind::Strings)].map(|(name, kind)| Parameter {
        name: name.to_owned(),
        kind,
        is_required: false,
        default: None,
        description: String::new(),
    })
}

fn uri(token: &str) -> Uri {
    format!("/v0/x?token={token}").parse().unwrap()
}

fn status(access: Result<Access, PipesError>) -> u16 {
    access.map_or_else(|error| error.into_response().status().as_u16(), |_| 0)
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn the_scope_read_reads_every_pipe_and_append_appends_to_every_data_source() {
    let fixture = fixture();
    let [read, append, admin] = Scope::ALL.map(|scope| fixture.token(&[scope], &[], &[]));
    assert_eq!([&read, &append, &admin].map(|token| fixture.pipe(token, "replay_metrics")), [0, 403, 403]);
    let appended = [&read, &append, &admin].map(|token| fixture.append(token, TableId::DemoSessions));
    assert_eq!(appended, [403, 0, 403]);
}

#[test]
fn data_sources_are_the_record_types() {
    let names: Vec<_> = crate::ingest::record_types().iter().map(|record_type| record_type.name()).collect();
    assert_eq!(crate::catalog::data_sources().collect::<Vec<_>>(), names);
}

#[tokio::test]
async fn a_scoped_token_opens_its_pipes_and_data_sources_and_nothing_else() {
    let fixture = fixture();
    let token = fixture.token(&[], &["mine", "replay_metrics"], &["demo_activity"]);
    assert_eq!(
        ["mine", "replay_metrics", "other", "Mine", ""].map(|pipe| fixture.pipe(&token, pipe)),
        [0, 0, 403, 403, 403]
    );
    let tables = [TableId::DemoActivity, TableId::DemoSessions, TableId::ViewSegments];
    assert_eq!(tables.map(|table| fixture.append(&token, table)), [0, 403, 403]);
    for scope in Scope::ALL {
        let refused =
            super::super::auth::require(&fixture.state, &HeaderMap::new(), &uri(&token), scope).await;
        assert!(matches!(refused, Err(PipesError::Scope(_))), "{scope}");
    }
    let more = fixture.token(&[Scope::Read], &["mine"], &["demo_activity"]);
    assert_eq!((fixture.pipe(&more, "other"), fixture.append(&more, TableId::DemoActivity)), (0, 0));
}

#[test]
fn the_token_comes_first_then_the_pipe_and_then_its_scope() {
    let fixture = fixture();
    let (mine, none) = (fixture.token(&[], &["mine"], &[]), HeaderMap::new());
    let ask = |token: &str, pipe, exists: bool| {
        let parameters = exists.then_some(&[][..]);
        status(to_pipe(&fixture.state, &none, &uri(token), pipe, parameters))
    };
    assert_eq!(ask("tally_unknown", "mine", false), 403);
    assert_eq!(ask("", "mine", true), 403);
    assert_eq!(ask(&mine, "other", false), 404);
    assert_eq!(ask(&mine, "other", true), 403);
    assert_eq!(ask(&mine, "mine", false), 404);
    assert_eq!(ask(&mine, "mine", true), 0);
    assert_eq!(status(to_pipe_by(&fixture.state, Some(&mine), "mine", Some(&[]))), 0);
    assert_eq!(status(to_pipe_by(&fixture.state, None, "mine", Some(&[]))), 403);
}

#[test]
fn fixed_params_stand_in_the_place_of_everything_sent_under_their_name() {
    let fixture = fixture();
    let jwt = fixture.jwt(
        json!([{ "type": "PIPES:READ", "resource": "mine", "fixed_params": { "org": 7, "tags": ["a", "b"], "limit": "5" } }]),
        Value::Null,
    );
    // From the cache as well.
    for _ in 0..2 {
        let access = fixture.open(&jwt, "mine").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            (access.credential.account, access.credential.account_name.as_str()),
            (fixture.account, "harbour")
        );
        // As they come out of "org=8&o%72g=9&%6Frg=&limit=10&start=x&Org=1".
        let query = "org=8&o%72g=9&%6Frg=&limit=10&start=x&Org=1";
        let sent = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let counted = access.arguments(sent);
        let expected = [
            pair("start", "x"),
            pair("Org", "1"),
            pair("limit", "5"),
            pair("org", "7"),
            pair("tags", "a"),
            pair("tags", "b"),
        ];
        assert_eq!(counted, expected);
    }
    assert_eq!(fixture.pipe(&jwt, "other"), 403);
    assert_eq!(fixture.append(&jwt, TableId::DemoSessions), 403);
}

#[test]
fn a_fixed_name_that_the_pipe_does_not_know_is_403_that_names_it() {
    let fixture = fixture();
    for (fixed, named) in [
        (json!({ "Org": 7 }), "'Org' for the pipe 'mine', which has no such parameter"),
        (json!({ "org": 7, "link_id": "l1" }), "'link_id' for the pipe 'mine', which has no such parameter"),
        (json!({ "org": [7, 8] }), "'org' for the pipe 'mine', which takes one value and no list there"),
    ] {
        let scopes = json!([{ "type": "PIPES:READ", "resource": "mine", "fixed_params": fixed }]);
        let jwt = fixture.jwt(scopes, json!({ "rps": 4 }));
        let error = fixture.open(&jwt, "mine").err().unwrap();
        assert_eq!(error.to_string(), format!("the token fixes {named}"));
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["x-ratelimit-limit"], "4");
    }
}

#[test]
fn a_token_that_fixes_an_empty_value_is_not_valid() {
    let fixture = fixture();
    for empty in [json!([]), json!(""), json!(","), json!(" "), Value::Null, json!(["Acme, Inc"])] {
        let scopes = json!([
            { "type": "PIPES:READ", "resource": "mine", "fixed_params": { "tags": empty } },
            { "type": "PIPES:READ", "resource": "other" },
        ]);
        let jwt = fixture.jwt(scopes, Value::Null);
        for pipe in ["mine", "other"] {
            let refused = fixture.open(&jwt, pipe).err().unwrap();
            assert!(matches!(refused, PipesError::Token(_)), "{empty}: {refused}");
        }
    }
}

#[test]
fn a_warehouse_token_reads_the_demo_pipes_whatever_it_says_and_fixes_nothing() {
    let fixture = fixture();
    let secret = fixture.state.catalog.create_warehouse_key(fixture.account, None, NOW).unwrap().secret;
    let key = fixture.key(WorkspaceKeyKind::WarehouseKey, &secret);
    let scopes = json!([
        { "type": "PIPES:READ", "resource": "mine" },
        { "type": "DATASOURCES:APPEND", "resource": "demo_sessions" },
    ]);
    let claims = json!({ "workspace_id": "harbour", "exp": NOW / SECOND + 60, "scopes": scopes });
    let jwt = sign_workspace_jwt(&key, &claims).unwrap();
    for pipe in WAREHOUSE_PIPES {
        let access = fixture.open(&jwt, pipe).unwrap_or_else(|error| panic!("{pipe}: {error}"));
        // Another client_id stays a filter, and so gives nothing.
        assert_eq!(access.arguments(vec![pair("client_id", "birch")]), [pair("client_id", "birch")]);
        assert_eq!(access.credential.account_name, "harbour");
    }
    assert_eq!((fixture.pipe(&jwt, "mine"), fixture.append(&jwt, TableId::DemoSessions)), (403, 403));
}

#[test]
fn tokens_see_in_lists_what_they_may_use() {
    let fixture = fixture();
    let seen = |token: &str| {
        let access = fixture.list(token);
        (
            ["a", "b"].map(|pipe| access.sees_pipe(pipe)),
            ["demo_sessions", "demo_activity"].map(|name| access.sees_data_source(name)),
        )
    };
    let [read, append, admin] = Scope::ALL.map(|scope| fixture.token(&[scope], &[], &[]));
    assert_eq!(seen(&read), ([true, true], [true, true]));
    assert_eq!(seen(&append), ([false, false], [true, true]));
    assert_eq!(seen(&admin), ([true, true], [true, true]));
    assert_eq!(seen(&fixture.token(&[], &["a"], &[])), ([true, false], [false, false]));
    assert_eq!(seen(&fixture.token(&[], &[], &["demo_activity"])), ([false, false], [false, true]));
    let jwt = fixture.jwt(json!([{ "type": "DATASOURCES:READ", "resource": "demo_sessions" }]), Value::Null);
    assert_eq!(seen(&jwt), ([false, false], [true, false]));
    assert!(to_list(&fixture.state, &HeaderMap::new(), &uri("tally_unknown")).is_err());
}

#[test]
fn every_answer_to_a_token_with_a_limit_tells_what_is_left() {
    let fixture = fixture();
    let jwt = fixture.jwt(json!([{ "type": "PIPES:READ", "resource": "a" }]), json!({ "rps": 4 }));
    let left = |headers: &HeaderMap| {
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
            .map(|name| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default())
    };
    let access = fixture.open(&jwt, "a").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(left(access.answer("").headers()), ["4", "3", "1"]);
    assert_eq!(left(access.answer(PipesError::parameter("x", "is wrong")).headers()), ["4", "3", "1"]);
    let refused = |access: Result<Access, PipesError>| access.err().unwrap().into_response();
    let scope = refused(fixture.open(&jwt, "b"));
    assert_eq!(
        (scope.status(), left(scope.headers())),
        (StatusCode::FORBIDDEN, ["4", "2", "1"].map(str::to_owned))
    );
    let unknown = refused(to_pipe(&fixture.state, &HeaderMap::new(), &uri(&jwt), "c", None));
    assert_eq!(
        (unknown.status(), left(unknown.headers())),
        (StatusCode::NOT_FOUND, ["4", "1", "1"].map(str::to_owned))
    );
    let append = refused(to_append(&fixture.state, &HeaderMap::new(), &uri(&jwt), Ok(TableId::DemoSessions)));
    assert_eq!(left(append.headers()), ["4", "0", "1"]);
    assert!(append.headers().get("retry-after").is_none());
    let limited = refused(fixture.open(&jwt, "a"));
    assert_eq!(
        (limited.status(), left(limited.headers())),
        (StatusCode::TOO_MANY_REQUESTS, ["4", "0", "1"].map(str::to_owned))
    );
    assert_eq!(limited.headers()["retry-after"], "1");
    let free = fixture.jwt(json!([{ "type": "PIPES:READ", "resource": "a" }]), Value::Null);
    assert!(fixture.open(&free, "a").is_ok_and(|access| access.headers.is_empty()));
}

#[test]
fn of_the_limits_of_token_and_data_source_the_one_that_is_nearer_is_told() {
    let mut config = Config::default();
    config.pipes.events_per_second_max = 3;
    let fixture = fixture_of(config);
    let jwt = fixture
        .jwt(json!([{ "type": "DATASOURCES:APPEND", "resource": "demo_sessions" }]), json!({ "rps": 100 }));
    let ask = || to_append(&fixture.state, &HeaderMap::new(), &uri(&jwt), Ok(TableId::DemoSessions));
    for remaining in ["2", "1", "0"] {
        let access = ask().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            (&access.headers["x-ratelimit-limit"], &access.headers["x-ratelimit-remaining"]),
            (&"3".parse().unwrap(), &remaining.parse().unwrap())
        );
    }
    assert_eq!(status(ask()), 429);
    let unlimited = fixture_of(Config {
        pipes: crate::config::PipesConfig { events_per_second_max: 0, ..Default::default() },
        ..Config::default()
    });
    let token = unlimited.token(&[Scope::Append], &[], &[]);
    for _ in 0..2_000 {
        assert_eq!(unlimited.append(&token, TableId::DemoSessions), 0);
    }
}
