//! What the catalog promises of sites: names, keys, and what revoking does.

use super::*;

const NOW: Micros = 1_000_000;

fn catalog() -> (tempfile::TempDir, Catalog, AccountId) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let account = catalog.create_account("acme", NOW).unwrap().id;
    (folder, catalog, account)
}

fn is_accepted(catalog: &Catalog, keys: &NewSite) -> bool {
    catalog.site_of_keys(&keys.site.public_key, &keys.private_key).unwrap().is_some()
}

#[test]
fn a_site_is_found_by_its_name_and_its_keys() {
    let (_folder, catalog, account) = catalog();
    let made = catalog.create_site(account, "demo", NOW).unwrap();
    let site = Some(made.site.clone());
    assert_eq!((made.site.name.as_str(), made.site.account_name.as_str()), ("demo", "acme"));
    assert_eq!((made.site.created_at, made.site.revoked_at), (NOW, None));
    assert_eq!(catalog.site_by_name("demo").unwrap(), site);
    assert_eq!(catalog.site_of_keys(&made.site.public_key, &made.private_key).unwrap(), site);
    assert_eq!(catalog.sites().unwrap(), std::slice::from_ref(&made.site));
    assert_eq!(catalog.site_by_name("other").unwrap(), None);
    for key in [&made.site.public_key, &made.private_key] {
        assert!(tallyhouse_model::parse_uuid(key).is_some(), "{key}");
    }
}

#[test]
fn keys_of_which_one_is_wrong_belong_to_no_site() {
    let (_folder, catalog, account) = catalog();
    let made = catalog.create_site(account, "demo", NOW).unwrap();
    let other = catalog.create_site(account, "other", NOW).unwrap();
    let (public, private) = (made.site.public_key.as_str(), made.private_key.as_str());
    for (public, private) in [
        (public, other.private_key.as_str()),
        (other.site.public_key.as_str(), private),
        (private, public),
        (public, ""),
        ("", private),
        (public, &private.to_uppercase()),
    ] {
        assert_eq!(catalog.site_of_keys(public, private).unwrap(), None);
    }
}

#[test]
fn new_keys_end_the_old_ones_and_a_revocation() {
    let (_folder, catalog, account) = catalog();
    let old = catalog.create_site(account, "demo", NOW).unwrap();
    let new = catalog.rotate_site_keys("demo").unwrap();
    assert!(!is_accepted(&catalog, &old) && is_accepted(&catalog, &new));
    assert_eq!(new.site.number, old.site.number);
    for now in [NOW + 1, NOW + 2] {
        catalog.revoke_site("demo", now).unwrap();
        assert!(!is_accepted(&catalog, &new));
        assert_eq!(catalog.site_by_name("demo").unwrap().unwrap().revoked_at, Some(NOW + 1));
    }
    let newest = catalog.rotate_site_keys("demo").unwrap();
    assert!(is_accepted(&catalog, &newest) && !is_accepted(&catalog, &new));
    for missing in [catalog.rotate_site_keys("other").err(), catalog.revoke_site("other", NOW).err()] {
        assert!(matches!(missing, Some(CatalogError::NoSuchSite(name)) if name == "other"));
    }
}

#[test]
fn names_are_labels_of_hosts_and_unique_among_all_accounts() {
    let (_folder, catalog, account) = catalog();
    let longest = "a".repeat(63);
    for name in ["a", "a-1", "demo", "apis", longest.as_str()] {
        catalog.create_site(account, name, NOW).unwrap();
    }
    let too_long = "a".repeat(64);
    for name in
        ["", "1a", "-a", "a-", "A", "a_b", "a.b", "ä", "a b", "api", "www", "localhost", too_long.as_str()]
    {
        let refused = catalog.create_site(account, name, NOW).err();
        assert!(matches!(refused, Some(CatalogError::SiteName(_))), "{name:?}");
    }
    let second = catalog.create_account("second", NOW).unwrap().id;
    let refused = catalog.create_site(second, "demo", NOW).err();
    assert!(matches!(refused, Some(CatalogError::SiteExists(name)) if name == "demo"));
}

#[test]
fn a_check_finds_nothing_wrong_with_sites_and_names_those_that_are_broken() {
    let (folder, catalog, account) = catalog();
    for name in ["demo", "other", "third"] {
        catalog.create_site(account, name, NOW).unwrap();
    }
    catalog.revoke_site("other", NOW).unwrap();
    let found = || crate::catalog::problems(folder.path());
    assert_eq!(found(), Vec::<String>::new());
    for (change, said) in [
        ("name = 'De.mo' WHERE name = 'demo'", "\"De.mo\""),
        ("private_hash = x'00' WHERE name = 'other'", "keys of the site \"other\""),
        ("public_key = 'x' WHERE name = 'third'", "keys of the site \"third\""),
    ] {
        let before = found().len();
        catalog.lock().execute(&format!("UPDATE sites SET {change}"), []).unwrap();
        let problems = found();
        assert_eq!(problems.len(), before + 1, "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains(said)), "{problems:?}");
    }
}
