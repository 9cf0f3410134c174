//! What documents promise: the newest version, accounts apart, and fields of forms that follow their forms.

use serde_json::{Value, json};

use super::super::{Catalog, problems};
use super::*;

const NOW: Micros = 1_000_000;

struct Rig {
    folder: tempfile::TempDir,
    catalog: Catalog,
    account: AccountId,
}

fn rig() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let account = catalog.create_account("acme", NOW).unwrap().id;
    Rig { folder, catalog, account }
}

fn document(id: u64, version: Micros, body: &str) -> Document {
    Document { id, version, body: Some(body.to_owned()) }
}

fn deletion(id: u64, version: Micros) -> Document {
    Document { id, version, body: None }
}

/// A form with these fields: number, type, `data`.
fn form(id: u64, version: Micros, fields: &[(u64, &str, Value)]) -> Document {
    let fields: Vec<_> = fields
        .iter()
        .map(|(id, field_type, data)| json!({ "id": id, "field_type": field_type, "data": data }))
        .collect();
    document(id, version, &json!({ "id": id, "fields": fields }).to_string())
}

impl Rig {
    fn put(&self, documents: &[Document]) -> DocumentsPut {
        self.catalog.put_documents(self.account, TableId::Users, documents).unwrap()
    }

    fn put_forms(&self, forms: &[Document]) {
        self.catalog.put_documents(self.account, TableId::Forms, forms).unwrap();
    }

    fn changes(&self) -> u64 {
        self.catalog.document_changes(self.account, TableId::Users).unwrap()
    }

    fn all(&self) -> Vec<Document> {
        self.catalog.documents(self.account, TableId::Users, None, 100, true).unwrap()
    }

    fn field(&self, id: u64) -> FormField {
        self.catalog.form_field(self.account, id).unwrap()
    }

    fn labels(&self, id: u64) -> Vec<(String, String)> {
        let FormField::Known { labels, .. } = self.field(id) else { panic!("{:?}", self.field(id)) };
        let mut labels: Vec<_> = labels.into_iter().collect();
        labels.sort();
        labels
    }
}

fn pairs(labels: &[(&str, &str)]) -> Vec<(String, String)> {
    labels.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

#[test]
fn the_newest_version_of_a_document_wins_and_of_two_equal_ones_the_later() {
    let rig = rig();
    let put = rig.put(&[document(1, 5, "{\"a\":1}"), document(2, 5, "{}"), document(1, 5, "{\"a\":2}")]);
    assert_eq!(put, DocumentsPut { taken: 3, replaced: 1, ..DocumentsPut::default() });
    assert_eq!(rig.all(), [document(1, 5, "{\"a\":2}"), document(2, 5, "{}")]);
    let put = rig.put(&[document(1, 4, "{\"a\":3}"), document(2, 6, "{\"b\":1}")]);
    assert_eq!(put, DocumentsPut { taken: 1, replaced: 1, outdated: 1, ..DocumentsPut::default() });
    assert_eq!(rig.all(), [document(1, 5, "{\"a\":2}"), document(2, 6, "{\"b\":1}")]);
}

#[test]
fn a_deletion_of_a_document_stays_and_keeps_older_versions_out() {
    let rig = rig();
    rig.put(&[document(1, 5, "{}")]);
    let put = rig.put(&[deletion(1, 7), deletion(2, 7)]);
    assert_eq!(put, DocumentsPut { replaced: 1, deleted: 2, ..DocumentsPut::default() });
    assert_eq!(rig.put(&[document(1, 6, "{}"), document(2, 6, "{}")]).outdated, 2);
    assert_eq!(rig.all(), [deletion(1, 7), deletion(2, 7)]);
    let live =
        |deletions| rig.catalog.documents(rig.account, TableId::Users, None, 100, deletions).unwrap().len();
    assert_eq!((live(false), live(true)), (0, 2));
    assert_eq!(rig.put(&[document(1, 7, "{}")]), DocumentsPut { taken: 1, ..DocumentsPut::default() });
    assert_eq!((live(false), live(true)), (1, 2));
}

#[test]
fn documents_are_of_their_account_and_table_and_of_every_number_there_can_be() {
    let rig = rig();
    let other = rig.catalog.create_account("other", NOW).unwrap().id;
    let last = i64::MAX.unsigned_abs();
    rig.put(&[document(0, 1, "{}"), document(last, 1, "{}")]);
    rig.catalog.put_documents(other, TableId::Users, &[document(0, 9, "{\"o\":1}")]).unwrap();
    rig.catalog.put_documents(rig.account, TableId::Channels, &[document(0, 9, "{\"c\":1}")]).unwrap();
    assert_eq!(rig.all(), [document(0, 1, "{}"), document(last, 1, "{}")]);
    let of = |account, ids: &[u64]| {
        let mut found: Vec<_> =
            rig.catalog.documents_of(account, TableId::Users, ids).unwrap().into_iter().collect();
        found.sort();
        found
    };
    assert_eq!(of(rig.account, &[0, 5, last]), [(0, "{}".to_owned()), (last, "{}".to_owned())]);
    assert_eq!(of(other, &[0, last]), [(0, "{\"o\":1}".to_owned())]);
    rig.put(&[deletion(0, 2)]);
    assert_eq!(of(rig.account, &[0]), []);
}

#[test]
fn pages_of_documents_end_at_their_number_and_at_their_bytes() {
    let rig = rig();
    let body = format!("{{\"x\":\"{}\"}}", "y".repeat(92));
    assert_eq!(body.len(), 100);
    rig.put(&[1, 2, 3, 4, 5].map(|id| document(id, 1, &body)));
    rig.put(&[deletion(2, 2)]);
    let page = |after, limit, bytes_max| -> Vec<u64> {
        let page = rig.catalog.documents_page(rig.account, TableId::Users, after, limit, bytes_max, true);
        page.unwrap().iter().map(|document| document.id).collect()
    };
    assert_eq!(page(None, 2, usize::MAX), [1, 2]);
    assert_eq!(page(Some(2), 2, usize::MAX), [3, 4]);
    assert_eq!(page(Some(4), 2, usize::MAX), [5]);
    assert_eq!(page(Some(5), 2, usize::MAX), [0_u64; 0]);
    assert_eq!(page(None, 100, 101), [1, 2, 3]);
    assert_eq!(page(None, 100, 1), [1]);
}

#[test]
fn the_size_of_documents_is_that_of_those_that_are_there() {
    let rig = rig();
    let size = || rig.catalog.documents_size(rig.account, TableId::Users).unwrap();
    assert_eq!(size(), DocumentsSize::default());
    rig.put(&[document(1, 1, "{}"), document(2, 1, "{\"é\":1}"), deletion(3, 1)]);
    assert_eq!(size(), DocumentsSize { documents: 2, bytes: 10 });
    rig.put(&[deletion(1, 2)]);
    assert_eq!(size(), DocumentsSize { documents: 1, bytes: 8 });
}

#[test]
fn other_processes_see_documents_and_documents_outlive_them() {
    let rig = rig();
    let other = Catalog::open_existing(rig.folder.path()).unwrap();
    rig.put(&[document(1, 1, "{}")]);
    assert_eq!(other.documents(rig.account, TableId::Users, None, 9, false).unwrap(), [document(1, 1, "{}")]);
    other.put_documents(rig.account, TableId::Users, &[deletion(1, 2)]).unwrap();
    assert_eq!(rig.all(), [deletion(1, 2)]);
}

#[test]
fn a_field_is_found_by_its_number_with_the_labels_of_its_options() {
    let rig = rig();
    assert_eq!(rig.field(1), FormField::NoForms);
    let options =
        json!([{ "label": "Done", "value": "f_1", "enabled": true }, { "label": "Open", "value": "f_2" }]);
    let as_text = json!(json!({ "multi_select": true, "options": options }).to_string());
    rig.put_forms(&[form(
        9,
        1,
        &[(1, "DropDown", as_text), (2, "Radio", json!({ "options": options })), (3, "Image", json!(""))],
    )]);
    let expected = pairs(&[("f_1", "Done"), ("f_2", "Open")]);
    assert_eq!((rig.labels(1), rig.labels(2), rig.labels(3)), (expected.clone(), expected, pairs(&[])));
    assert!(matches!(rig.field(1), FormField::Known { field_type, .. } if field_type == "DropDown"));
    assert_eq!(rig.field(4), FormField::Unknown);
    assert_eq!(rig.field(u64::MAX), FormField::Unknown);
}

#[test]
fn options_inside_of_options_are_found_and_malformed_ones_passed_over() {
    let rig = rig();
    let data = json!({ "categories": [
        { "value": "a", "label": "A", "children": [{ "value": "b", "label": "B", "options": [{ "value": 5, "label": 7 }] }] },
        { "value": "c", "label": "" }, { "value": "d" }, { "label": "no value" }, 5, null, [], { "value": ["x"] },
        { "value": "a", "label": "a second A" },
    ] });
    rig.put_forms(&[form(1, 1, &[(1, "Category", data)])]);
    let expected = pairs(&[("5", "7"), ("a", "A"), ("b", "B"), ("c", "c"), ("d", "d")]);
    assert_eq!(rig.labels(1), expected);
    let malformed = json!({ "fields": [
        5, {}, { "id": -1 }, { "id": 1.5 }, { "id": "x" }, { "id": "" }, { "id": null },
        { "id": "77", "data": "{" }, { "id": 78, "field_type": 5, "data": 5 },
        { "id": 79, "field_type": "Radio", "data": "[1]" }, { "id": 79, "field_type": "a second one" },
    ] });
    rig.put_forms(&[document(1, 2, &malformed.to_string())]);
    for id in [77, 78, 79] {
        let field_type = if id == 79 { "Radio" } else { "" }.to_owned();
        assert_eq!(rig.field(id), FormField::Known { field_type, labels: HashMap::new() }, "{id}");
    }
    assert_eq!(rig.field(1), FormField::Unknown);
}

#[test]
fn fields_follow_their_form_when_it_is_replaced_or_deleted() {
    let rig = rig();
    rig.put_forms(&[form(5, 2, &[(1, "Radio", Value::Null), (2, "Radio", Value::Null)])]);
    rig.put_forms(&[form(5, 1, &[(3, "Radio", Value::Null)])]);
    assert_eq!(rig.field(3), FormField::Unknown, "an older version came too late");
    rig.put_forms(&[form(5, 3, &[(2, "DropDown", Value::Null)])]);
    assert_eq!(rig.field(1), FormField::Unknown);
    assert!(matches!(rig.field(2), FormField::Known { field_type, .. } if field_type == "DropDown"));
    rig.put_forms(&[deletion(5, 4)]);
    assert_eq!(rig.field(2), FormField::NoForms);
    assert_eq!(problems(rig.folder.path()), [""; 0]);
}

#[test]
fn of_several_forms_with_one_field_the_one_with_the_least_number_answers() {
    let rig = rig();
    let other = rig.catalog.create_account("other", NOW).unwrap().id;
    let field = |label: &str| [(1, "Radio", json!({ "options": [{ "value": "v", "label": label }] }))];
    rig.put_forms(&[form(20, 1, &field("of 20")), form(3, 1, &field("of 3"))]);
    rig.catalog.put_documents(other, TableId::Forms, &[form(1, 1, &field("of another"))]).unwrap();
    assert_eq!(rig.labels(1), pairs(&[("v", "of 3")]));
    rig.put_forms(&[deletion(3, 2)]);
    assert_eq!(rig.labels(1), pairs(&[("v", "of 20")]));
}

#[test]
fn a_check_finds_documents_that_are_none_and_fields_of_no_form() {
    let rig = rig();
    rig.put(&[document(1, 1, "{}"), deletion(2, 1)]);
    assert_eq!(problems(rig.folder.path()), [""; 0]);
    rig.put(&[document(3, 1, "{"), document(4, 1, "[]")]);
    rig.catalog
        .lock()
        .execute("INSERT INTO form_fields (account, form, field_id, field_type, options) VALUES (?1, 5, 6, '', '{}')", [1])
        .unwrap();
    rig.put(&[document(6, 1, "{}")]);
    rig.catalog.lock().execute("UPDATE documents SET bytes = 3 WHERE id = 6", []).unwrap();
    let found = problems(rig.folder.path());
    assert_eq!(found.len(), 4, "{found:?}");
    for (problem, what) in found.iter().zip(["document 3 ", "document 4 ", "document 6 ", "form 5,"]) {
        assert!(problem.contains(what), "{problem}");
    }
}

#[test]
fn many_documents_are_several_transactions_and_may_be_sent_again_after_an_error() {
    let rig = rig();
    let documents: Vec<_> = (0..2_500).map(|id| document(id, 1, "{}")).collect();
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON documents WHEN NEW.id = 1500 BEGIN SELECT RAISE(ABORT, 'full'); END";
    rig.catalog.lock().execute_batch(stop).unwrap();
    assert!(rig.catalog.put_documents(rig.account, TableId::Users, &documents).is_err());
    let there = || rig.catalog.documents_size(rig.account, TableId::Users).unwrap().documents;
    assert_eq!(there(), 1_000, "the second transaction failed, the first one did not");
    assert_eq!(rig.changes(), 1, "what was written before the error is a change");
    rig.catalog.lock().execute_batch("DROP TRIGGER stop").unwrap();
    assert_eq!(
        rig.put(&documents),
        DocumentsPut { taken: 2_500, replaced: 1_000, ..DocumentsPut::default() }
    );
    assert_eq!((there(), rig.changes()), (2_500, 2), "all of them are one change");
    // The last transactions write nothing, or a version alone.
    let mut documents = documents;
    documents[0] = document(0, 2, "{\"a\":1}");
    rig.put(&documents);
    assert_eq!(rig.changes(), 3);
    documents[1] = document(1, 2, "{\"a\":1}");
    documents[2_499].version = 2;
    rig.put(&documents);
    assert_eq!(rig.changes(), 4);
    rig.put(&documents);
    assert_eq!(rig.changes(), 4);
}

#[test]
fn documents_of_many_bytes_are_several_transactions() {
    let rig = rig();
    let body = format!("{{\"x\":\"{}\"}}", "y".repeat(600_000));
    rig.put(&[1, 2, 3, 4, 5].map(|id| document(id, 1, &body)));
    assert_eq!(rig.all().len(), 5);
    assert_eq!(rig.changes(), 1);
}

#[test]
fn what_is_there_already_is_counted_and_not_written_again() {
    let rig = rig();
    let watch = rusqlite::Connection::open(rig.folder.path().join("catalog.db")).unwrap();
    let commits = || -> i64 { watch.pragma_query_value(None, "data_version", |row| row.get(0)).unwrap() };
    let changes = || rig.catalog.document_changes(rig.account, TableId::Users).unwrap();
    let documents = [document(1, 5, "{\"a\":1}"), deletion(2, 5)];
    rig.put(&documents);
    assert_eq!(changes(), 1);
    let before = commits();
    assert_eq!(rig.put(&documents), DocumentsPut { taken: 1, replaced: 1, deleted: 1, outdated: 0 });
    assert_eq!(rig.put(&[document(1, 4, "{}")]).outdated, 1);
    assert_eq!((commits(), changes()), (before, 1));
    // A later version that says the same.
    rig.put(&[document(1, 6, "{\"a\":1}"), deletion(3, 1)]);
    assert_eq!(rig.all(), [document(1, 6, "{\"a\":1}"), deletion(2, 5), deletion(3, 1)]);
    assert_eq!((commits() == before, changes()), (false, 1));
    rig.put(&[document(1, 6, "{\"a\":2}")]);
    assert_eq!(changes(), 2);
    rig.put(&[deletion(1, 6)]);
    assert_eq!((changes(), rig.all().remove(0)), (3, deletion(1, 6)));
}

#[test]
fn documents_are_found_with_their_versions() {
    let rig = rig();
    rig.put(&[document(0, 3, "{}"), document(7, 4, "{\"a\":1}"), deletion(8, 5), document(9, 6, "{}")]);
    let (account, table) = (rig.account, TableId::Users);
    let versions = |after, limit| rig.catalog.document_versions(account, table, after, limit).unwrap();
    assert_eq!(versions(None, 9), [(0, 3), (7, 4), (9, 6)]);
    assert_eq!((versions(Some(0), 1), versions(Some(9), 1)), (vec![(7, 4)], vec![]));
    let found = rig.catalog.documents_by_id(account, table, &[9, 8, 7, 5]).unwrap();
    assert_eq!(found, [document(9, 6, "{}"), document(7, 4, "{\"a\":1}")]);
    assert_eq!(rig.catalog.document(account, table, 0).unwrap(), Some(document(0, 3, "{}")));
    assert_eq!(rig.catalog.document(account, table, 8).unwrap(), None);
}

#[test]
fn looking_documents_up_does_not_wait_for_those_who_read_many() {
    let rig = rig();
    rig.put(&[document(1, 1, "{}")]);
    let _bulk = rig.catalog.bulk_connection();
    assert_eq!(rig.catalog.documents_of(rig.account, TableId::Users, &[1]).unwrap().len(), 1);
    assert_eq!(rig.catalog.document_changes(rig.account, TableId::Users).unwrap(), 1);
    assert_eq!(rig.field(1), FormField::NoForms);
}

#[test]
fn a_check_finds_forms_whose_fields_are_kept_otherwise() {
    let rig = rig();
    let field = |label: &str| (1, "Radio", json!({ "options": [{ "value": "v", "label": label }] }));
    rig.put_forms(&[3, 4, 5, 6].map(|id| form(id, 1, &[field("a"), (2, "DropDown", json!("")), field("b")])));
    assert_eq!(problems(rig.folder.path()), [""; 0]);
    for damage in [
        "DELETE FROM form_fields WHERE form = 3 AND field_id = 2",
        "UPDATE form_fields SET field_type = 'Text' WHERE form = 4 AND field_id = 1",
        "UPDATE form_fields SET options = '{}' WHERE form = 5 AND field_id = 1",
    ] {
        rig.catalog.lock().execute(damage, []).unwrap();
    }
    let found = problems(rig.folder.path());
    assert_eq!(found.len(), 3, "{found:?}");
    for (problem, what) in found.iter().zip(["form 3 ", "form 4 ", "form 5 "]) {
        assert!(problem.contains(what), "{problem}");
    }
}
