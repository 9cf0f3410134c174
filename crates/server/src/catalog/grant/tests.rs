//! The bounds of what clients are given.

use rusqlite::params;

use super::super::{AuthError, ClientRequest, Narrowing};
use super::*;

const NOW: Micros = 1_000_000;

const REQUEST: GrantRequest =
    GrantRequest { scopes: None, form: AccessForm::Opaque, access_lifetime: 100, refresh_lifetime: 200 };

fn catalog() -> (tempfile::TempDir, Catalog, Client) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let account = catalog.create_account("harbour", NOW).unwrap().id;
    let request =
        ClientRequest { account, scopes: vec![Scope::Read], narrowing: Narrowing::default(), label: None };
    let client = catalog.create_client(&request, NOW).unwrap().client;
    (folder, catalog, client)
}

fn rows(catalog: &Catalog, table: &str) -> u32 {
    let count = format!("SELECT count(*) FROM {table}");
    catalog.lock().query_row(&count, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_oldest_grant_gives_way_to_one_too_many() {
    let (_folder, catalog, client) = catalog();
    let first = catalog.grant(&client, &REQUEST, NOW).unwrap().access_token.unwrap();
    let second = catalog.grant(&client, &REQUEST, NOW).unwrap().access_token.unwrap();
    {
        let mut connection = catalog.lock();
        let transaction = connection.transaction().unwrap();
        for number in 2..GRANTS_MAX {
            transaction
                .execute(
                    "INSERT INTO grants (id, client, scopes, created_at, expires_at) VALUES (?1, ?2, 'read', 0, ?3)",
                    params![format!("filler {number}"), client.number, NOW + 1_000],
                )
                .unwrap();
        }
        transaction.commit().unwrap();
    }
    assert!(catalog.authenticate(&first, NOW).is_ok());
    let newest = catalog.grant(&client, &REQUEST, NOW).unwrap().access_token.unwrap();
    assert_eq!(rows(&catalog, "grants"), GRANTS_MAX);
    assert!(matches!(catalog.authenticate(&first, NOW), Err(AuthError::Invalid)));
    assert!(catalog.authenticate(&second, NOW).is_ok() && catalog.authenticate(&newest, NOW).is_ok());
}

#[test]
fn what_expired_is_forgotten_with_the_next_grant() {
    let (_folder, catalog, client) = catalog();
    catalog.grant(&client, &REQUEST, NOW).unwrap();
    catalog.revoke_jwt(&client, "jwt", "none", NOW).unwrap();
    let tables = ["access_tokens", "refresh_tokens", "revoked_jwts", "grants"];
    assert_eq!(tables.map(|table| rows(&catalog, table)), [1, 1, 1, 1]);
    catalog.grant(&client, &REQUEST, NOW + 200 + GRANT_SLACK).unwrap();
    assert_eq!(tables.map(|table| rows(&catalog, table)), [1, 1, 0, 1]);
}

#[test]
fn of_too_many_revoked_jwts_the_whole_grant_goes() {
    let (_folder, catalog, client) = catalog();
    let grant_id = catalog.grant(&client, &REQUEST, NOW).unwrap().grant_id;
    {
        let mut connection = catalog.lock();
        let transaction = connection.transaction().unwrap();
        for number in 0..REVOKED_JWTS_MAX {
            transaction
                .execute(
                    "INSERT INTO revoked_jwts (id, client, expires_at) VALUES (?1, ?2, ?3)",
                    params![format!("filler {number}"), client.number, NOW + 1_000],
                )
                .unwrap();
        }
        transaction.commit().unwrap();
    }
    catalog.revoke_jwt(&client, "one more", &grant_id, NOW + 100).unwrap();
    assert_eq!((rows(&catalog, "revoked_jwts"), rows(&catalog, "grants")), (REVOKED_JWTS_MAX, 0));
}
