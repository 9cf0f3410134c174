//! What the catalog promises to the server and to the command line, which share the file.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tallyhouse_model::AccountId;

use super::*;

const NOW: i64 = 1_000_000;

struct Fixture {
    folder: tempfile::TempDir,
    server: Catalog,
    account: AccountId,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let server = Catalog::open(folder.path()).unwrap();
    let account = server.create_account("acme", NOW).unwrap().id;
    Fixture { folder, server, account }
}

impl Fixture {
    /// A second connection: what another process has.
    fn other(&self) -> Catalog {
        Catalog::open_existing(self.folder.path()).unwrap()
    }

    fn request(&self, expires_at: Option<i64>) -> TokenRequest {
        TokenRequest {
            account: self.account,
            scopes: vec![Scope::Append, Scope::Read],
            narrowing: Narrowing::default(),
            expires_at,
            label: None,
        }
    }
}

fn is_invalid(result: Result<Credential, AuthError>) -> bool {
    matches!(result, Err(AuthError::Invalid))
}

#[test]
fn a_token_proves_its_account_and_scopes() {
    let fixture = fixture();
    let new = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    for _ in 0..2 {
        let credential = fixture.server.authenticate(&new.secret, NOW).unwrap();
        assert_eq!(
            credential,
            Credential {
                account: fixture.account,
                account_name: "acme".to_owned(),
                scopes: vec![Scope::Read, Scope::Append],
                narrowing: Narrowing::default(),
                resources: Arc::default(),
                limit: None,
            }
        );
        assert!(credential.may(Scope::Append) && !credential.may(Scope::Admin));
    }
}

#[test]
fn secrets_are_long_random_and_not_in_the_file() {
    let fixture = fixture();
    let first = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    let second = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    assert_ne!(first.secret, second.secret);
    assert_ne!(first.token.id, second.token.id);
    let random = first.secret.strip_prefix("tally_").unwrap();
    assert!(random.len() >= 40 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    drop(fixture.server);
    for file in std::fs::read_dir(fixture.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(random.len()).any(|window| window == random.as_bytes()));
    }
}

#[test]
fn a_revocation_by_another_process_takes_effect_at_the_next_request() {
    let fixture = fixture();
    let new = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    assert!(fixture.server.authenticate(&new.secret, NOW).is_ok());
    fixture.other().revoke_token(&new.token.id, NOW).unwrap();
    assert!(is_invalid(fixture.server.authenticate(&new.secret, NOW)));
}

#[test]
fn a_token_that_another_process_makes_is_accepted_at_once() {
    let fixture = fixture();
    assert!(is_invalid(fixture.server.authenticate("tally_unknown", NOW)));
    let new = fixture.other().create_token(&fixture.request(None), NOW).unwrap();
    assert!(fixture.server.authenticate(&new.secret, NOW).is_ok());
}

#[test]
fn an_own_revocation_takes_effect_at_once_and_only_on_its_token() {
    let fixture = fixture();
    let first = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    let second = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    assert!(fixture.server.authenticate(&first.secret, NOW).is_ok());
    fixture.server.revoke_token(&first.token.id, NOW).unwrap();
    assert!(is_invalid(fixture.server.authenticate(&first.secret, NOW)));
    assert!(fixture.server.authenticate(&second.secret, NOW).is_ok());
}

#[test]
fn tokens_are_checked_while_something_else_is_being_written() {
    let fixture = fixture();
    let known = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    let new = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    assert!(fixture.server.authenticate(&known.secret, NOW).is_ok());
    // As it is while a request for a token waits for its transaction to be synced; waiting for it would never end here.
    let mut connection = fixture.server.lock();
    let transaction = connection.transaction().unwrap();
    transaction.execute("UPDATE tokens SET revoked_at = 1", []).unwrap();
    for secret in [&known.secret, &new.secret] {
        assert!(fixture.server.authenticate(secret, NOW).is_ok());
    }
    transaction.commit().unwrap();
    for secret in [&known.secret, &new.secret] {
        assert!(is_invalid(fixture.server.authenticate(secret, NOW)));
    }
}

#[test]
fn a_token_expires_also_when_it_was_accepted_before() {
    let fixture = fixture();
    let new = fixture.server.create_token(&fixture.request(Some(NOW + 2)), NOW).unwrap();
    assert!(fixture.server.authenticate(&new.secret, NOW + 1).is_ok());
    assert!(is_invalid(fixture.server.authenticate(&new.secret, NOW + 2)));
}

#[test]
fn unknown_malformed_expired_and_revoked_look_the_same() {
    let fixture = fixture();
    let expired = fixture.server.create_token(&fixture.request(Some(NOW + 1)), NOW).unwrap().secret;
    let revoked = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    fixture.server.revoke_token(&revoked.token.id, NOW).unwrap();
    let unknown = format!("tally_{}", "0".repeat(64));
    let long = format!("tally_{}", "0".repeat(100_000));
    for secret in ["", "tally_", "x", &unknown, &long, &expired, &revoked.secret] {
        assert!(is_invalid(fixture.server.authenticate(secret, NOW + 1)), "{secret}");
    }
}

#[test]
fn accounts_count_from_one_without_gaps_and_have_unique_valid_names() {
    let fixture = fixture();
    assert_eq!(fixture.account, AccountId(1));
    for name in ["", "Acme", "a b", "ä", "a/b", "acme\n", &"a".repeat(65)] {
        let refused = fixture.server.create_account(name, NOW);
        assert!(matches!(refused, Err(CatalogError::AccountName(_))), "{name}");
    }
    assert!(matches!(fixture.server.create_account("acme", NOW), Err(CatalogError::AccountExists(_))));
    let other = fixture.other().create_account(&"z_-9".repeat(16), NOW).unwrap();
    assert_eq!(other.id, AccountId(2));
    assert_eq!(fixture.server.accounts().unwrap().len(), 2);
    assert_eq!(fixture.server.account_name(AccountId(2)).unwrap(), Some(other.name.clone()));
    assert_eq!(fixture.server.account_name(AccountId(3)).unwrap(), None);
    assert_eq!(fixture.server.account_by_name(&other.name).unwrap(), other);
    assert!(matches!(fixture.server.account_by_name("birch"), Err(CatalogError::NoSuchAccount(_))));
}

#[test]
fn the_number_of_an_account_is_never_given_again() {
    let fixture = fixture();
    edit(fixture.folder.path(), "DELETE FROM accounts");
    assert_eq!(fixture.server.create_account("birch", NOW).unwrap().id, AccountId(2));
}

#[test]
fn tokens_are_listed_with_their_state() {
    let fixture = fixture();
    let mut request = fixture.request(Some(NOW + 5));
    request.label = Some("nightly import".to_owned());
    let expiring = fixture.server.create_token(&request, NOW).unwrap().token;
    let revoked = fixture.server.create_token(&fixture.request(None), NOW).unwrap().token;
    fixture.server.revoke_token(&revoked.id, NOW + 1).unwrap();
    fixture.server.revoke_token(&revoked.id, NOW + 2).unwrap();
    let listed = fixture.other().tokens().unwrap();
    assert_eq!(listed[0], expiring);
    assert_eq!(listed[1], Token { revoked_at: Some(NOW + 1), ..revoked });
    let states = |now| listed.iter().map(|token| token.state(now)).collect::<Vec<_>>();
    assert_eq!(states(NOW + 4), [TokenState::Active, TokenState::Revoked]);
    assert_eq!(states(NOW + 5), [TokenState::Expired, TokenState::Revoked]);
}

#[test]
fn a_token_without_use_is_not_made() {
    let fixture = fixture();
    let no_scope = TokenRequest { scopes: Vec::new(), ..fixture.request(None) };
    assert!(matches!(fixture.server.create_token(&no_scope, NOW), Err(CatalogError::NoScope)));
    let expired = fixture.request(Some(NOW));
    assert!(matches!(fixture.server.create_token(&expired, NOW), Err(CatalogError::Expired)));
    assert!(matches!(fixture.server.revoke_token("tok_none", NOW), Err(CatalogError::NoSuchToken(_))));
    assert_eq!(fixture.server.tokens().unwrap(), []);
}

#[test]
fn a_token_of_single_pipes_and_data_sources_has_no_scope() {
    let fixture = fixture();
    let request = TokenRequest { scopes: Vec::new(), ..fixture.request(None) };
    let resources = Resources {
        pipes: vec![PipeResource::free("sessions_by_day"), PipeResource::free("replay_metrics")],
        append_to: vec!["demo_sessions".to_owned()],
        ..Resources::default()
    };
    let new = fixture.server.create_scoped_token(&request, resources.clone(), NOW).unwrap();
    let credential = fixture.server.authenticate(&new.secret, NOW).unwrap();
    assert!(Scope::ALL.iter().all(|scope| !credential.may(*scope)));
    assert_eq!(*credential.resources, resources);
    assert_eq!(credential.fixed_for("replay_metrics"), Some(&[][..]));
    assert_eq!(credential.fixed_for("replay_change_feed"), None);
    assert!(credential.may_append_to("demo_sessions") && !credential.may_append_to("demo_activity"));
    assert_eq!(fixture.other().tokens().unwrap(), [new.token]);

    let both = fixture.server.create_scoped_token(&fixture.request(None), resources, NOW).unwrap();
    let both = fixture.server.authenticate(&both.secret, NOW).unwrap();
    assert!(both.may(Scope::Read) && both.fixed_for("replay_change_feed").is_some());
    assert!(both.may_append_to("demo_activity"));
}

#[test]
fn names_that_mean_nothing_make_no_token() {
    let fixture = fixture();
    let request = TokenRequest { scopes: Vec::new(), ..fixture.request(None) };
    let make = |pipes: &[&str], append_to: &[&str]| {
        let pipes = pipes.iter().map(|name| PipeResource::free(name)).collect();
        let append_to = append_to.iter().map(|name| (*name).to_owned()).collect();
        fixture.server.create_scoped_token(
            &request,
            Resources { pipes, append_to, ..Resources::default() },
            NOW,
        )
    };
    for name in ["", "a b", "1a", "a.json", "ä", &"a".repeat(129)] {
        assert!(matches!(make(&[name], &[]).err(), Some(CatalogError::PipeName(_))), "{name}");
    }
    for name in ["", "plays", "a", "view_segment_deletions", "demo_sessions "] {
        assert!(matches!(make(&[], &[name]).err(), Some(CatalogError::NoSuchDataSource(_))), "{name}");
    }
    let many = |count| vec!["a"; count];
    assert!(make(&many(RESOURCES_MAX - 1), &["demo_sessions"]).is_ok());
    assert!(matches!(
        make(&many(RESOURCES_MAX), &["demo_sessions"]).err(),
        Some(CatalogError::TooManyResources(_))
    ));
    assert!(matches!(make(&[], &[]).err(), Some(CatalogError::NoScope)));
    let confined = TokenRequest {
        narrowing: Narrowing { content_ids: Some(vec![5]), channel_ids: None },
        ..request.clone()
    };
    let pipes = Resources { pipes: vec![PipeResource::free("a")], ..Resources::default() };
    let refused = fixture.server.create_scoped_token(&confined, pipes, NOW).err();
    assert!(matches!(refused, Some(CatalogError::NarrowedResources)));
}

#[test]
fn a_warehouse_key_is_kept_as_its_hash_and_can_be_revoked() {
    let fixture = fixture();
    let new = fixture.server.create_warehouse_key(fixture.account, Some("nightly".to_owned()), NOW).unwrap();
    let random = new.secret.strip_prefix("rprswh_").unwrap().to_owned();
    assert!(random.len() == 64 && random.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let known = |now| {
        let kind = WorkspaceKeyKind::WarehouseKey;
        fixture.server.workspace_key_of(kind, &new.secret, now).unwrap().map(|key| key.account_name)
    };
    assert_eq!(known(NOW).as_deref(), Some("acme"));
    assert!(is_invalid(fixture.server.authenticate(&new.secret, NOW)), "it is no token itself");
    assert!(
        fixture.server.workspace_key_of(WorkspaceKeyKind::AdminToken, &new.secret, NOW).unwrap().is_none()
    );
    fixture.other().revoke_warehouse_key(&new.key.id, NOW + 1).unwrap();
    fixture.other().revoke_warehouse_key(&new.key.id, NOW + 2).unwrap();
    assert_eq!(known(NOW), None);
    let listed = fixture.other().warehouse_keys().unwrap();
    assert_eq!(listed, [WarehouseKey { revoked_at: Some(NOW + 1), ..new.key }]);
    let refused = fixture.server.revoke_warehouse_key("whk_none", NOW);
    assert!(matches!(refused, Err(CatalogError::NoSuchWarehouseKey(_))));
    drop(fixture.server);
    for file in std::fs::read_dir(fixture.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(random.len()).any(|window| window == random.as_bytes()));
    }
}

#[test]
fn only_admin_tokens_that_are_accepted_sign_for_their_account() {
    let fixture = fixture();
    let other_account = fixture.server.create_account("birch", NOW).unwrap().id;
    let make = |account, scopes: &[Scope], expires_at| {
        let request = TokenRequest { account, scopes: scopes.to_vec(), ..fixture.request(expires_at) };
        fixture.server.create_token(&request, NOW).unwrap()
    };
    let admin = make(fixture.account, &[Scope::Admin], None);
    let every = make(fixture.account, &Scope::ALL, Some(NOW + 5));
    let reader = make(fixture.account, &[Scope::Read, Scope::Append], None);
    let revoked = make(fixture.account, &[Scope::Admin], None);
    fixture.server.revoke_token(&revoked.token.id, NOW).unwrap();
    make(other_account, &[Scope::Admin], None);
    let ids = |now| -> Vec<String> {
        fixture.server.workspace_keys("acme", now).unwrap().into_iter().map(|key| key.id).collect()
    };
    assert_eq!(ids(NOW + 4), [admin.token.id.as_str(), &every.token.id]);
    assert_eq!(ids(NOW + 5), std::slice::from_ref(&admin.token.id));
    assert!(fixture.server.workspace_keys("nobody", NOW).unwrap().is_empty());
    for (token, is_key) in [(&admin, true), (&every, true), (&reader, false), (&revoked, false)] {
        let kind = WorkspaceKeyKind::AdminToken;
        assert_eq!(fixture.server.workspace_key(&token.token.id).unwrap().is_some(), is_key);
        assert_eq!(fixture.server.workspace_key_of(kind, &token.secret, NOW).unwrap().is_some(), is_key);
    }
    assert!(fixture.server.workspace_key("whk_none").unwrap().is_none());
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let fixture = fixture();
    drop(fixture.server);
    edit(fixture.folder.path(), "PRAGMA user_version = 6");
    let refused = Catalog::open(fixture.folder.path()).err();
    assert!(matches!(refused, Some(CatalogError::NewerFormat { found: 6, known: 5 })));
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    edit(folder.path(), "CREATE TABLE recipes (name TEXT)");
    assert!(matches!(Catalog::open(folder.path()), Err(CatalogError::Foreign(_))));
    std::fs::write(folder.path().join("catalog.db"), "not a database at all").unwrap();
    assert!(matches!(Catalog::open(folder.path()), Err(CatalogError::Database(_))));
}

#[test]
fn a_folder_without_a_catalog_is_not_made_into_one_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("typo");
    assert!(matches!(Catalog::open_existing(&missing), Err(CatalogError::Absent(_))));
    assert!(!missing.exists());
}

#[test]
fn threads_share_one_catalog() {
    let fixture = fixture();
    let new = fixture.server.create_token(&fixture.request(None), NOW).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    fixture.server.authenticate(&new.secret, NOW).unwrap();
                }
            });
        }
        let other = fixture.other();
        for _ in 0..5 {
            other.create_token(&fixture.request(None), NOW).unwrap();
        }
    });
}

fn edit(folder: &Path, sql: &str) {
    Connection::open(folder.join("catalog.db")).unwrap().execute_batch(sql).unwrap();
}
