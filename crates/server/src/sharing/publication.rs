//! How publications are shown, in messages and in snapshots.

use serde::Serialize;
use tallyhouse_model::Micros;

use super::envelope::date_text;
use super::referrals::ReferralCounts;
use crate::catalog::{Publication, Shorturl};
use crate::http::AppState;

/// What short URLs begin with, the slash before the token included.
pub fn shorturl_prefix(state: &AppState) -> String {
    let config = &state.config;
    match config.sharing.shorturl_base.trim_end_matches('/') {
        "" => format!("http://{}/s/", config.listen),
        base => format!("{base}/"),
    }
}

/// What is needed to show a publication, besides the publication.
pub struct PublicationFrame<'a> {
    /// The offset of dates.
    pub zone: &'a str,
    /// What short URLs begin with, from [`shorturl_prefix`].
    pub shorturl_prefix: &'a str,
    /// How often the short URLs were followed.
    pub counts: &'a ReferralCounts,
}

/// A publication as answers have it.
#[derive(Debug, Serialize)]
pub struct PublicationBody<'a> {
    provider: Option<&'a str>,
    user_token: Option<&'a str>,
    identity_token: &'a str,
    date_publication: String,
    status: StatusBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    shorturls: Option<ShorturlsBody<'a>>,
}

/// What came of publishing. A server that cannot post on anybody's behalf never fails to.
#[derive(Debug, Serialize)]
struct StatusBody {
    flag: &'static str,
    code: u16,
    message: &'static str,
}

/// The short URLs of a publication.
#[derive(Debug, Serialize)]
struct ShorturlsBody<'a> {
    count: usize,
    entries: Vec<ShorturlBody<'a>>,
}

#[derive(Debug, Serialize)]
struct ShorturlBody<'a> {
    shorturl_token: &'a str,
    short_url: String,
    original_url: &'a str,
    num_referrals: u64,
    date_creation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_last_referral: Option<String>,
}

impl PublicationFrame<'_> {
    /// A publication as answers have it.
    pub fn body<'p>(&self, publication: &'p Publication) -> PublicationBody<'p> {
        let shorturls = &publication.shorturls;
        PublicationBody {
            provider: publication.provider.as_deref(),
            user_token: publication.user_token.as_deref(),
            identity_token: &publication.identity_token,
            date_publication: self.date(publication.published_at),
            status: StatusBody { flag: "success", code: 200, message: "The message has been published" },
            shorturls: (!shorturls.is_empty()).then(|| ShorturlsBody {
                count: shorturls.len(),
                entries: shorturls.iter().map(|shorturl| self.shorturl(shorturl)).collect(),
            }),
        }
    }

    fn shorturl<'p>(&self, shorturl: &'p Shorturl) -> ShorturlBody<'p> {
        let count = self.counts.of(&shorturl.token);
        ShorturlBody {
            shorturl_token: &shorturl.token,
            short_url: format!("{}{}", self.shorturl_prefix, shorturl.token),
            original_url: &shorturl.original_url,
            num_referrals: count.referrals,
            date_creation: self.date(shorturl.created_at),
            date_last_referral: count.last_at.map(|at| self.date(at)),
        }
    }

    fn date(&self, time: Micros) -> String {
        date_text(time, self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::referrals::ReferralCount;

    /// 2012-01-27T15:08:37Z.
    const NOW: Micros = 1_327_676_917_000_000;

    fn shorturl(token: &str) -> Shorturl {
        Shorturl {
            token: token.to_owned(),
            original_url: format!("http://{token}.example/"),
            created_at: NOW,
            message_token: None,
            provider: None,
        }
    }

    fn publication(shorturls: Vec<Shorturl>) -> Publication {
        Publication {
            provider: Some("facebook".to_owned()),
            user_token: Some("u".to_owned()),
            identity_token: "i".to_owned(),
            published_at: NOW,
            shorturls,
        }
    }

    fn text(publication: &Publication) -> String {
        let counts = [("a".to_owned(), ReferralCount { referrals: 3, last_at: Some(NOW + 1_000_000) })];
        let counts = ReferralCounts::from_iter(counts);
        let frame = PublicationFrame { zone: "+0100", shorturl_prefix: "http://s.example/", counts: &counts };
        serde_json::to_string(&frame.body(publication)).unwrap()
    }

    #[test]
    fn a_publication_has_its_members_in_the_documented_order() {
        assert_eq!(
            text(&publication(vec![shorturl("a"), shorturl("b")])),
            r#"{"provider":"facebook","user_token":"u","identity_token":"i","date_publication":"Fri, 27 Jan 2012 16:08:37 +0100","status":{"flag":"success","code":200,"message":"The message has been published"},"shorturls":{"count":2,"entries":[{"shorturl_token":"a","short_url":"http://s.example/a","original_url":"http://a.example/","num_referrals":3,"date_creation":"Fri, 27 Jan 2012 16:08:37 +0100","date_last_referral":"Fri, 27 Jan 2012 16:08:38 +0100"},{"shorturl_token":"b","short_url":"http://s.example/b","original_url":"http://b.example/","num_referrals":0,"date_creation":"Fri, 27 Jan 2012 16:08:37 +0100"}]}}"#
        );
    }

    #[test]
    fn what_is_not_known_is_null_and_without_short_urls_there_is_no_list() {
        let unknown = Publication { provider: None, user_token: None, ..publication(Vec::new()) };
        assert_eq!(
            text(&unknown),
            r#"{"provider":null,"user_token":null,"identity_token":"i","date_publication":"Fri, 27 Jan 2012 16:08:37 +0100","status":{"flag":"success","code":200,"message":"The message has been published"}}"#
        );
    }
}
