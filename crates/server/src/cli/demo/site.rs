//! The site of the demo: its keys, its messages, and snapshots of them.

use anyhow::Context as _;
use tallyhouse_model::render_uuid;

use crate::catalog::{
    Account, Catalog, Initiated, MessageEntry, NewPublication, NewSite, Page, SiteNumber, SnapshotFilter,
};
use crate::clock;
use crate::http::AppState;
use crate::jobs::snapshots::Maker;
use crate::sample::SampleMessage;
use crate::sharing::identity_of;

/// What it is called.
pub(super) const NAME: &str = "demo";

/// Snapshots to make, each of another message.
const SNAPSHOTS: u64 = 20;

/// What the guide shows of the site.
pub(super) struct ShownSite {
    /// The user of HTTP Basic.
    pub(super) public_key: String,
    /// The password.
    pub(super) private_key: String,
    /// The message that was published last; empty where there is none any more.
    pub(super) message_token: String,
    /// The snapshot that was asked for last; empty where there is none any more.
    pub(super) snapshot_token: String,
}

/// New keys for the site of the demo, which is made where there is none; those that an earlier start printed are no longer
/// good.
pub(super) fn renew_keys(catalog: &Catalog, account: &Account) -> anyhow::Result<NewSite> {
    Ok(match catalog.site_by_name(NAME)? {
        Some(_) => catalog.rotate_site_keys(NAME)?,
        None => catalog.create_site(account.id, NAME, clock::now())?,
    })
}

/// The latest page of a list, with this many entries.
fn latest(entries: u64) -> Page {
    Page { offset: 0, limit: entries, descending: true }
}

/// Keys, and what requests can be about.
pub(super) fn shown(catalog: &Catalog, new: NewSite) -> anyhow::Result<ShownSite> {
    let NewSite { site, private_key } = new;
    let messages = catalog.messages(site.number, latest(1))?.entries;
    let snapshots = catalog.snapshots(site.number, SnapshotFilter::default(), latest(1))?.entries;
    Ok(ShownSite {
        public_key: site.public_key,
        private_key,
        message_token: messages.into_iter().next().map(|message| message.token).unwrap_or_default(),
        snapshot_token: snapshots.into_iter().next().map(|snapshot| snapshot.token).unwrap_or_default(),
    })
}

/// Publishes a made-up message, and again where that was done, unless an earlier start did it before it was cut off.
pub(super) fn publish(catalog: &Catalog, site: SiteNumber, message: &SampleMessage) -> anyhow::Result<()> {
    let publications: Vec<NewPublication> = message
        .publications
        .iter()
        .map(|publication| NewPublication {
            provider: Some(publication.provider.to_owned()),
            user_token: Some(message.user_token.clone()),
            identity_token: identity_of(site, &message.user_token, publication.provider),
            shorturls: vec![message.link.clone()],
        })
        .collect();
    let mut shorturl_ids = message.publications.iter().map(|publication| publication.shorturl_id);
    // Only where a token is taken, which its own id cannot be at the first start, is another one needed.
    let mut ids = || shorturl_ids.next().map_or_else(crate::ids::random, Ok);
    let published_at = match catalog.message(site, &message.token)? {
        Some(found) => found.published_at,
        None => {
            let (token, parts, at) = (&message.token, &message.parts, message.created_at);
            catalog.publish_message(site, token, parts, &publications, at, &mut ids)?;
            at
        }
    };
    if let Some(again_at) = message.republished_at.filter(|again_at| *again_at > published_at) {
        catalog.republish_message(site, &message.token, &publications, again_at, &mut ids)?;
    }
    Ok(())
}

/// Makes snapshots of the latest messages, as the server makes them.
pub(super) fn make_snapshots(state: &AppState, site: SiteNumber) -> anyhow::Result<()> {
    let (catalog, pending_max) = (&state.catalog, state.config.sharing.pending_max_per_account);
    for MessageEntry { token: message_token, .. } in catalog.messages(site, latest(SNAPSHOTS))?.entries {
        let (token, now) = (render_uuid(&(state.ids)()?), (state.clock)());
        let initiated = catalog.initiate_snapshot(site, &token, &message_token, None, pending_max, now)?;
        anyhow::ensure!(
            matches!(initiated, Initiated::Scheduled(_) | Initiated::Pending(_)),
            "the sample data cannot be stored: there is no room for its snapshots (sharing.pending_max_per_account)"
        );
    }
    Maker::new(state.clone()).make_all().context("the snapshots of the sample data cannot be made")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::DAY;

    use super::*;
    use crate::sample::SharingSample;

    const NOW: i64 = 1_772_323_200_000_000;

    #[test]
    fn each_start_has_its_own_keys_of_the_same_site() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("acme", 1).unwrap();
        let [first, second] = [(); 2].map(|()| renew_keys(&catalog, &account).unwrap());
        assert_eq!(first.site.number, second.site.number);
        let is_good =
            |new: &NewSite| catalog.site_of_keys(&new.site.public_key, &new.private_key).unwrap().is_some();
        assert!(!is_good(&first) && is_good(&second));
        let shown = shown(&catalog, second).unwrap();
        assert_eq!((shown.message_token.as_str(), shown.snapshot_token.as_str()), ("", ""));
    }

    #[test]
    fn messages_are_published_once_with_the_short_urls_that_referrals_name() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("acme", 1).unwrap();
        let site = renew_keys(&catalog, &account).unwrap().site.number;
        let sample: Vec<_> = SharingSample::of_messages(1, NOW, 90, 30).messages().collect();
        for _ in 0..2 {
            for message in &sample {
                publish(&catalog, site, message).unwrap();
                let kept = catalog.message(site, &message.token).unwrap().unwrap();
                assert_eq!(kept.created_at, message.created_at);
                assert_eq!(kept.published_at, message.republished_at.unwrap_or(message.created_at));
                assert!(kept.created_at < NOW && kept.created_at > NOW - 91 * DAY);
                let told: Vec<_> =
                    kept.publications.iter().map(|one| one.shorturls[0].token.as_str()).collect();
                let named: Vec<_> =
                    message.publications.iter().map(|one| one.shorturl_token.as_str()).collect();
                assert_eq!(told, named);
            }
            assert_eq!(catalog.messages(site, latest(100)).unwrap().total, 30);
        }
        assert!(sample.iter().any(|message| message.republished_at.is_some()));
    }
}
