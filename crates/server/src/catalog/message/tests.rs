//! What the catalog promises about messages and their publications.

use tallyhouse_model::{AccountId, render_uuid};

use super::*;
use crate::ids;

const TOKEN: &str = "a1ddb4d0-9263-4872-b0e7-18a5565bf78b";

struct Fixture {
    folder: tempfile::TempDir,
    catalog: Catalog,
}

const SITE: SiteNumber = SiteNumber(1);
const OTHER: SiteNumber = SiteNumber(2);

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let account = catalog.create_account("acme", 1).unwrap().id;
    insert_sites(&catalog, account);
    Fixture { folder, catalog }
}

/// Two sites of the account, numbered 1 and 2.
pub(in crate::catalog) fn insert_sites(catalog: &Catalog, account: AccountId) {
    let sites = ["first", "second"].map(|name| catalog.create_site(account, name, 1).unwrap().site.number);
    assert_eq!(sites, [SITE, OTHER]);
}

fn publication(identity: &str, provider: Option<&str>, urls: &[&str]) -> NewPublication {
    NewPublication {
        provider: provider.map(str::to_owned),
        user_token: provider.map(|_| "user".to_owned()),
        identity_token: identity.to_owned(),
        shorturls: urls.iter().map(|url| (*url).to_owned()).collect(),
    }
}

impl Fixture {
    fn publish(&self, token: &str, publications: &[NewPublication], now: Micros) -> Message {
        let ids = &mut ids::random;
        self.catalog.publish_message(SITE, token, "{}", publications, now, ids).unwrap().unwrap()
    }

    fn republish(&self, publications: &[NewPublication], now: Micros) -> Message {
        match self.catalog.republish_message(SITE, TOKEN, publications, now, &mut ids::random).unwrap() {
            Republished::Done(message) => message,
            other => panic!("{other:?}"),
        }
    }

    fn count(&self, table: &str) -> i64 {
        let connection = self.catalog.lock();
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn a_message_is_read_as_it_was_published_and_by_its_site_alone() {
    let fixture = fixture();
    let publications = [
        publication("i1", Some("facebook"), &["http://a.example/", "http://b.example/"]),
        publication("i2", None, &[]),
    ];
    let published = fixture.publish(TOKEN, &publications, 10);
    assert_eq!((published.created_at, published.published_at, &*published.parts), (10, 10, "{}"));
    let [first, second] = &published.publications[..] else { panic!("{published:?}") };
    assert_eq!((first.provider.as_deref(), first.user_token.as_deref()), (Some("facebook"), Some("user")));
    assert_eq!((second.provider.as_deref(), &*second.identity_token), (None, "i2"));
    let urls: Vec<&str> = first.shorturls.iter().map(|shorturl| &*shorturl.original_url).collect();
    assert_eq!(urls, ["http://a.example/", "http://b.example/"]);
    assert_eq!(first.shorturls[0].message_token.as_deref(), Some(TOKEN));
    assert_eq!(first.shorturls[0].provider.as_deref(), Some("facebook"));
    assert_eq!(fixture.catalog.message(SITE, TOKEN).unwrap(), Some(published));
    assert_eq!(fixture.catalog.message(OTHER, TOKEN).unwrap(), None);
    assert_eq!(fixture.catalog.message(SITE, &TOKEN.to_uppercase()).unwrap(), None);
}

#[test]
fn publishing_again_dates_what_there_is_anew_and_adds_the_rest() {
    let fixture = fixture();
    let first = fixture.publish(TOKEN, &[publication("i1", Some("facebook"), &["http://a.example/"])], 10);
    let again = fixture.republish(
        &[
            publication("i1", Some("facebook"), &["http://a.example/"]),
            publication("i2", Some("twitter"), &["http://a.example/"]),
        ],
        20,
    );
    assert_eq!((again.created_at, again.published_at), (10, 20));
    let dates: Vec<Micros> = again.publications.iter().map(|publication| publication.published_at).collect();
    assert_eq!(dates, [20, 20]);
    assert_eq!(again.publications[0].shorturls, first.publications[0].shorturls);
    assert_ne!(again.publications[1].shorturls[0].token, first.publications[0].shorturls[0].token);
}

#[test]
fn what_was_not_known_of_an_identity_is_completed_later() {
    let fixture = fixture();
    fixture.publish(TOKEN, &[publication("i1", None, &["http://a.example/"])], 10);
    assert_eq!(fixture.catalog.identity(SITE, "i1").unwrap(), None);
    let again = fixture.republish(&[publication("i1", Some("facebook"), &[])], 20);
    assert_eq!(again.publications[0].provider.as_deref(), Some("facebook"));
    assert_eq!(again.publications[0].shorturls[0].provider.as_deref(), Some("facebook"));
    let known = Some(KnownIdentity { provider: "facebook".to_owned(), user_token: Some("user".to_owned()) });
    assert_eq!(fixture.catalog.identity(SITE, "i1").unwrap(), known);
    assert_eq!(fixture.catalog.identity(OTHER, "i1").unwrap(), None);
}

#[test]
fn only_the_site_of_a_message_publishes_it_again_or_deletes_it() {
    let fixture = fixture();
    let published = fixture.publish(TOKEN, &[publication("i1", Some("facebook"), &[])], 10);
    let twice = [publication("i2", Some("twitter"), &[])];
    let answer = fixture.catalog.republish_message(OTHER, TOKEN, &twice, 20, &mut ids::random).unwrap();
    assert_eq!(answer, Republished::NoSuchMessage);
    assert!(!fixture.catalog.delete_message(OTHER, TOKEN).unwrap());
    assert_eq!(fixture.catalog.message(SITE, TOKEN).unwrap(), Some(published));
}

#[test]
fn a_message_has_so_many_publications_and_not_one_more() {
    let fixture = fixture();
    let many: Vec<NewPublication> =
        (0..PUBLICATIONS_MAX).map(|number| publication(&number.to_string(), Some("facebook"), &[])).collect();
    fixture.publish(TOKEN, &many, 10);
    assert_eq!(fixture.republish(&many[..1], 20).publications.len(), PUBLICATIONS_MAX as usize);
    let one = [publication("another", Some("twitter"), &[])];
    let answer = fixture.catalog.republish_message(SITE, TOKEN, &one, 30, &mut ids::random).unwrap();
    assert_eq!(answer, Republished::TooMany);
    assert_eq!(fixture.catalog.message(SITE, TOKEN).unwrap().unwrap().published_at, 20);
}

#[test]
fn deleting_a_message_takes_its_publications_and_pending_snapshots_and_leaves_its_short_urls() {
    let fixture = fixture();
    let published =
        fixture.publish(TOKEN, &[publication("i1", Some("facebook"), &["http://a.example/"])], 10);
    for (token, finished_at) in [("s1", Some(30)), ("s2", None)] {
        fixture
            .catalog
            .lock()
            .execute(
                "INSERT INTO snapshots (token, site, message_token, message_created_at, message_published_at,
                     initiated_at, finished_at) VALUES (?1, 1, ?2, 10, 10, 20, ?3)",
                (token, TOKEN, finished_at),
            )
            .unwrap();
    }
    assert!(fixture.catalog.delete_message(SITE, TOKEN).unwrap());
    assert!(!fixture.catalog.delete_message(SITE, TOKEN).unwrap());
    assert_eq!(fixture.catalog.message(SITE, TOKEN).unwrap(), None);
    assert_eq!((fixture.count("publications"), fixture.count("snapshots")), (0, 1));
    let kept = &published.publications[0].shorturls[0];
    assert_eq!(fixture.catalog.shorturl(SITE, &kept.token).unwrap().as_ref(), Some(kept));
}

#[test]
fn pages_follow_each_other_in_the_order_of_creation_either_way() {
    let fixture = fixture();
    for (number, created_at) in [5, 3, 3, 9, 1].into_iter().enumerate() {
        fixture.publish(&format!("m{number}"), &[], created_at);
    }
    let tokens = |offset, limit, descending| {
        let page = fixture.catalog.messages(SITE, Page { offset, limit, descending }).unwrap();
        assert_eq!(page.total, 5);
        page.entries.into_iter().map(|entry| entry.token).collect::<Vec<_>>()
    };
    assert_eq!(tokens(0, 3, false), ["m4", "m1", "m2"]);
    assert_eq!(tokens(3, 3, false), ["m0", "m3"]);
    assert_eq!(tokens(0, 2, true), ["m3", "m0"]);
    assert_eq!(tokens(2, 9, true), ["m2", "m1", "m4"]);
    assert_eq!(tokens(u64::MAX, 9, true), [""; 0]);
    let others = fixture.catalog.messages(OTHER, Page { offset: 0, limit: 9, descending: false });
    assert_eq!(others.unwrap(), MessagePage::default());
}

#[test]
fn tokens_of_messages_are_never_used_twice() {
    let fixture = fixture();
    let token = render_uuid(&ids::random().unwrap());
    fixture.publish(&token, &[], 10);
    let again = fixture.catalog.publish_message(OTHER, &token, "{}", &[], 20, &mut ids::random);
    assert!(again.is_err());
    assert_eq!(fixture.count("messages"), 1);
}

#[test]
fn a_check_finds_messages_that_cannot_be_shown_and_short_urls_of_others() {
    let fixture = fixture();
    let urls = ["http://a.example/"];
    fixture.publish(TOKEN, &[publication("i1", Some("facebook"), &urls)], 10);
    let other = fixture.publish("m2", &[publication("i1", Some("facebook"), &urls)], 10);
    let problems = || crate::catalog::problems(fixture.folder.path());
    assert_eq!(problems(), [""; 0]);
    let moved = &other.publications[0].shorturls[0].token;
    fixture.catalog.lock().execute_batch("UPDATE messages SET parts = '[]' WHERE token = 'm2'").unwrap();
    let sql = "UPDATE shorturls SET publication = 1 WHERE token = ?1";
    fixture.catalog.lock().execute(sql, [moved]).unwrap();
    fixture.catalog.lock().execute_batch("UPDATE site_counts SET shorturls = 3 WHERE site = 1").unwrap();
    assert_eq!(
        problems(),
        [
            "the parts of the message m2 are no JSON object".to_owned(),
            format!("the short URL {moved} belongs to a publication of another message"),
            "the numbers of messages and short URLs that are kept of the site 1 are not those it has"
                .to_owned(),
        ]
    );
}
