//! Files of older formats become those of today, whole or not at all.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use tallyhouse_model::TableId;

use super::super::{
    Catalog, ClientRequest, Document, Narrowing, PipeResource, Resources, Scope, TokenRequest, hash_of,
};
use super::*;

/// A file as the first release wrote it, with an account and a token.
fn folder_of_format_1() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(FORMAT_1).unwrap();
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection.execute("INSERT INTO accounts (name, created_at) VALUES ('harbour', 1)", []).unwrap();
    connection
        .execute(
            "INSERT INTO tokens (id, hash, account, scopes, created_at) VALUES ('tok_1', ?1, 1, 'read append', 2)",
            [hash_of("tally_old")],
        )
        .unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    folder
}

#[test]
fn a_file_of_format_1_is_upgraded_and_its_tokens_go_on_working() {
    let folder = folder_of_format_1();
    let catalog = Catalog::open_existing(folder.path()).unwrap();
    let credential = catalog.authenticate("tally_old", 3).unwrap();
    assert!(credential.may(Scope::Append) && credential.narrowing.is_everything());
    let account = catalog.account_by_name("harbour").unwrap().id;
    assert_eq!(credential.account, account);
    let request =
        ClientRequest { account, scopes: vec![Scope::Read], narrowing: Narrowing::default(), label: None };
    catalog.create_client(&request, 4).unwrap();
    drop(catalog);
    let catalog = Catalog::open(folder.path()).unwrap();
    assert_eq!((catalog.clients().unwrap().len(), catalog.tokens().unwrap().len()), (1, 1));
}

/// A file as the release before format 3 wrote it, with a token that is confined and a client.
fn folder_of_format_2() -> tempfile::TempDir {
    let folder = folder_of_format_1();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    connection.execute_batch(FORMAT_2).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    connection
        .execute(
            "INSERT INTO tokens (id, hash, account, scopes, created_at, content_ids)
             VALUES ('tok_2', ?1, 1, 'read', 2, '5 7')",
            [hash_of("tally_confined")],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO clients (id, hash, account, scopes, created_at) VALUES ('client', ?1, 1, 'read', 2)",
            [hash_of("secret")],
        )
        .unwrap();
    folder
}

#[test]
fn a_file_of_format_2_is_upgraded_and_its_tokens_and_clients_go_on_working() {
    let folder = folder_of_format_2();
    let catalog = Catalog::open_existing(folder.path()).unwrap();
    let confined = catalog.authenticate("tally_confined", 3).unwrap();
    assert_eq!(confined.narrowing.content_ids, Some(vec![5, 7]));
    let old = catalog.authenticate("tally_old", 3).unwrap();
    assert!(old.may(Scope::Append) && old.resources.is_empty() && old.account_name == "harbour");
    assert!(catalog.authenticate_client("client", "secret").unwrap().is_some());
    let account = old.account;
    let request = TokenRequest {
        account,
        scopes: Vec::new(),
        narrowing: Narrowing::default(),
        expires_at: None,
        label: None,
    };
    let resources = Resources { pipes: vec![PipeResource::free("a")], ..Resources::default() };
    catalog.create_scoped_token(&request, resources.clone(), 4).unwrap();
    catalog.create_warehouse_key(account, None, 4).unwrap();
    drop(catalog);
    let catalog = Catalog::open(folder.path()).unwrap();
    assert_eq!((catalog.tokens().unwrap().len(), catalog.warehouse_keys().unwrap().len()), (3, 1));
    assert_eq!(catalog.tokens().unwrap()[2].resources, resources);
}

/// A file as the release before format 4 wrote it, with a warehouse key.
fn folder_of_format_3() -> tempfile::TempDir {
    let folder = folder_of_format_2();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    connection.execute_batch(FORMAT_3).unwrap();
    connection.pragma_update(None, "user_version", 3).unwrap();
    connection
        .execute(
            "INSERT INTO warehouse_keys (id, hash, account, created_at) VALUES ('whk_1', ?1, 1, 2)",
            [hash_of("key")],
        )
        .unwrap();
    folder
}

#[test]
fn a_file_of_format_3_is_upgraded_and_takes_documents() {
    let folder = folder_of_format_3();
    let catalog = Catalog::open_existing(folder.path()).unwrap();
    let account = catalog.authenticate("tally_old", 3).unwrap().account;
    let document = Document { id: 7, version: 3, body: Some("{}".to_owned()) };
    catalog.put_documents(account, TableId::Users, std::slice::from_ref(&document)).unwrap();
    drop(catalog);
    let catalog = Catalog::open(folder.path()).unwrap();
    assert_eq!((catalog.warehouse_keys().unwrap().len(), catalog.clients().unwrap().len()), (1, 1));
    assert_eq!(catalog.documents(account, TableId::Users, None, 10, true).unwrap(), [document]);
    assert_eq!(catalog.logins().unwrap(), []);
}

/// A file as the release before format 5 wrote it, with a document.
fn folder_of_format_4() -> tempfile::TempDir {
    let folder = folder_of_format_3();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    for part in [FORMAT_4_DOCUMENTS, FORMAT_4_SESSIONS] {
        connection.execute_batch(part).unwrap();
    }
    connection.pragma_update(None, "user_version", 4).unwrap();
    let sql = "INSERT INTO documents (account, table_number, id, version, body, bytes) VALUES (1, ?1, 7, 3, '{}', 2)";
    connection.execute(sql, [TableId::Users as u8]).unwrap();
    folder
}

#[test]
fn a_file_of_format_4_is_upgraded_and_takes_sites() {
    let folder = folder_of_format_4();
    let catalog = Catalog::open_existing(folder.path()).unwrap();
    let account = catalog.authenticate("tally_old", 3).unwrap().account;
    let made = catalog.create_site(account, "demo", 4).unwrap();
    drop(catalog);
    let catalog = Catalog::open(folder.path()).unwrap();
    assert_eq!(catalog.documents(account, TableId::Users, None, 10, true).unwrap().len(), 1);
    assert_eq!(catalog.site_of_keys(&made.site.public_key, &made.private_key).unwrap(), Some(made.site));
}

#[test]
fn an_upgraded_file_has_the_tables_of_a_new_one_and_is_its_owners_alone() {
    let folders = [
        folder_of_format_1(),
        folder_of_format_2(),
        folder_of_format_3(),
        folder_of_format_4(),
        tempfile::tempdir().unwrap(),
    ];
    let tables = folders.each_ref().map(|folder| {
        drop(Catalog::open(folder.path()).unwrap());
        let path = folder.path().join("catalog.db");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let connection = Connection::open(path).unwrap();
        assert_eq!(format_of(&connection).unwrap(), FORMAT);
        let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<Vec<(String, Option<String>)>, _>>().unwrap()
    });
    for upgraded in &tables[..4] {
        assert_eq!(*upgraded, tables[4]);
    }
}

#[test]
fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
    let folder = folder_of_format_1();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    // In the way of a table of format 2.
    connection.execute_batch("CREATE TABLE grants (other TEXT)").unwrap();
    assert!(Catalog::open(folder.path()).is_err());
    assert_eq!(format_of(&connection).unwrap(), 1);
    let columns: i64 = connection
        .query_row("SELECT count(*) FROM pragma_table_info('tokens')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(columns, 9);
}

#[test]
fn an_upgrade_from_format_2_that_fails_leaves_the_file_as_it_was() {
    let folder = folder_of_format_2();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    // In the way of a table of format 3.
    connection.execute_batch("CREATE TABLE warehouse_keys (other TEXT)").unwrap();
    assert!(Catalog::open(folder.path()).is_err());
    assert_eq!(format_of(&connection).unwrap(), 2);
    let columns: i64 = connection
        .query_row("SELECT count(*) FROM pragma_table_info('tokens')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(columns, 11);
}

#[test]
fn an_upgrade_from_format_3_that_fails_leaves_the_file_as_it_was() {
    let folder = folder_of_format_3();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    // In the way of a table of format 4, behind another one.
    connection.execute_batch("CREATE TABLE form_fields (other TEXT)").unwrap();
    assert!(Catalog::open(folder.path()).is_err());
    assert_eq!(format_of(&connection).unwrap(), 3);
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'documents'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn an_upgrade_from_format_4_that_fails_leaves_the_file_as_it_was() {
    let folder = folder_of_format_4();
    let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
    // In the way of a table of format 5, behind others.
    connection.execute_batch("CREATE TABLE pingbacks (other TEXT)").unwrap();
    assert!(Catalog::open(folder.path()).is_err());
    assert_eq!(format_of(&connection).unwrap(), 4);
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'sites'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn several_processes_may_upgrade_at_the_same_time() {
    let folder = folder_of_format_1();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Catalog::open(folder.path()).unwrap());
        }
    });
}
