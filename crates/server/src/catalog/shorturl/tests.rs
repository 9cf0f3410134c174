//! What the catalog promises about short URLs.

use super::*;
use crate::catalog::message::tests::insert_sites;
use crate::ids;

const SITE: SiteNumber = SiteNumber(1);
const OTHER: SiteNumber = SiteNumber(2);

fn catalog() -> (tempfile::TempDir, Catalog, AccountId) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let account = catalog.create_account("acme", 1).unwrap().id;
    insert_sites(&catalog, account);
    (folder, catalog, account)
}

fn create(catalog: &Catalog, url: &str, now: Micros) -> Shorturl {
    catalog.create_shorturl(SITE, url, now, &mut ids::random).unwrap()
}

#[test]
fn a_short_url_is_found_by_its_site_and_followed_by_everybody() {
    let (_folder, catalog, account) = catalog();
    let made = create(&catalog, "http://a.example/", 10);
    assert_eq!(made.token.len(), SHORTURL_TOKEN_LENGTH);
    assert_eq!(catalog.shorturl(SITE, &made.token).unwrap(), Some(made.clone()));
    assert_eq!(catalog.shorturl(OTHER, &made.token).unwrap(), None);
    let followed = catalog.followed_shorturl(&made.token).unwrap();
    assert_eq!(followed, Some(FollowedShorturl { account, shorturl: made }));
    assert_eq!(catalog.followed_shorturl("nothing").unwrap(), None);
}

#[test]
fn only_the_site_of_a_short_url_deletes_it() {
    let (_folder, catalog, _) = catalog();
    let token = create(&catalog, "http://a.example/", 10).token;
    assert!(!catalog.delete_shorturl(OTHER, &token).unwrap());
    assert!(catalog.followed_shorturl(&token).unwrap().is_some());
    assert!(catalog.delete_shorturl(SITE, &token).unwrap());
    assert!(!catalog.delete_shorturl(SITE, &token).unwrap());
    assert_eq!(catalog.followed_shorturl(&token).unwrap(), None);
}

#[test]
fn a_token_that_is_taken_gives_way_to_the_next() {
    let (_folder, catalog, _) = catalog();
    let mut numbers = [7, 7, 7, 8].into_iter();
    let mut ids = || Ok(u128::to_be_bytes(numbers.next().unwrap()));
    let first = catalog.create_shorturl(SITE, "http://a.example/", 10, &mut ids).unwrap();
    let second = catalog.create_shorturl(OTHER, "http://b.example/", 10, &mut ids).unwrap();
    assert_eq!((&*first.token, &*second.token), ("00000007", "00000008"));
    let mut always = || Ok(u128::to_be_bytes(7));
    let refused = catalog.create_shorturl(SITE, "http://c.example/", 10, &mut always);
    assert!(matches!(refused, Err(CatalogError::NoShorturlToken)));
}

#[test]
fn every_byte_of_an_id_counts_in_its_token() {
    let tokens: Vec<String> =
        (0..16).map(|byte| shorturl_token(&u128::to_be_bytes(1 << (8 * byte)))).collect();
    for (position, token) in tokens.iter().enumerate() {
        assert!(!tokens[..position].contains(token), "{token}");
        assert!(
            token.len() == SHORTURL_TOKEN_LENGTH && token.bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
    }
}

#[test]
fn pages_follow_each_other_in_the_order_of_creation_either_way() {
    let (_folder, catalog, _) = catalog();
    for created_at in [5, 3, 9] {
        create(&catalog, &format!("http://{created_at}.example/"), created_at);
    }
    let urls = |offset, descending| {
        let page = catalog.shorturls(SITE, Page { offset, limit: 2, descending }).unwrap();
        assert_eq!(page.total, 3);
        page.entries.into_iter().map(|shorturl| shorturl.original_url).collect::<Vec<_>>()
    };
    assert_eq!(urls(0, false), ["http://3.example/", "http://5.example/"]);
    assert_eq!(urls(2, false), ["http://9.example/"]);
    assert_eq!(urls(0, true), ["http://9.example/", "http://5.example/"]);
    assert_eq!(catalog.shorturls(OTHER, Page { offset: 0, limit: 2, descending: false }).unwrap().total, 0);
}
