//! Messages that were published, and snapshots that are made when the test says so.

use serde_json::{Value, json};
use tallyhouse_server::catalog::{Message, NewPublication, NewSite};
use tallyhouse_server::jobs::snapshots::Maker;

use super::rig::{Reply, Rig, SNAPSHOTS};

/// A publication on behalf of an identity, with a short URL that leads to each of these.
pub fn publication(
    provider: Option<&str>,
    user_token: &str,
    identity_token: &str,
    shorturls: &[&str],
) -> NewPublication {
    NewPublication {
        provider: provider.map(str::to_owned),
        user_token: Some(user_token.to_owned()),
        identity_token: identity_token.to_owned(),
        shorturls: shorturls.iter().map(|url| (*url).to_owned()).collect(),
    }
}

/// The path of a snapshot.
pub fn path_of(token: &str) -> String {
    format!("/sharing/analytics/snapshots/{token}.json")
}

/// The body of a request for a snapshot.
pub fn request_for(message_token: &str) -> String {
    json!({"request": {"analytics": {"sharing": {"sharing_message_token": message_token}}}}).to_string()
}

impl Rig {
    /// Keeps a message of a site that was published now.
    pub fn keep_message(&self, site: &NewSite, token: &str, publications: &[NewPublication]) -> Message {
        let (catalog, now) = (&self.state.catalog, (self.state.clock)());
        let mut ids = || (self.state.ids)();
        let kept = catalog.publish_message(site.site.number, token, "{}", publications, now, &mut ids);
        kept.unwrap().expect("nobody deletes it")
    }

    /// Asks for a snapshot of a message of the site `demo`; its token.
    pub async fn initiate(&self, message_token: &str) -> String {
        let data = self.put(message_token).await.data(201);
        data["sharing_analytics_snapshot"]["sharing_analytics_snapshot_token"].as_str().unwrap().to_owned()
    }

    pub async fn put(&self, message_token: &str) -> Reply {
        self.ask("PUT", SNAPSHOTS, &request_for(message_token)).await
    }

    /// Makes all snapshots that are due. How many.
    pub fn make_snapshots(&self) -> usize {
        Maker::new(self.state.clone()).make_all().unwrap()
    }

    /// What a snapshot found, after it was made now.
    pub async fn found(&self, message_token: &str) -> Value {
        let token = self.initiate(message_token).await;
        assert_eq!(self.make_snapshots(), 1);
        self.details(&token).await["publication_snapshots"].take()
    }

    /// A snapshot of the site `demo`.
    pub async fn details(&self, token: &str) -> Value {
        self.get(&path_of(token)).await.data(200)["sharing_analytics_snapshot"].take()
    }
}
