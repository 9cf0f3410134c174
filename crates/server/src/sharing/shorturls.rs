//! Short URLs: making, listing, reading, deleting. Following them is in `redirect`.

use axum::Router;
use axum::routing::MethodFilter;
use serde::{Deserialize, Serialize};

use super::SharingError;
use super::asked::Asked;
use super::envelope::Answer;
use super::members::{self, Member, wrong};
use super::paging::{List, Paging};
use super::publication::shorturl_prefix;
use super::referrals::{ReferralCount, ReferralCounts, latest_referrals};
use super::respond::{answers, takes};
use super::web_url::{WEB_URL_BYTES_MAX, check_web_url};
use crate::catalog::Shorturl;
use crate::http::AppState;

/// Bytes of a request: a URL has up to 2,048, and JSON may need six for each.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What errors call a short URL.
const SHORTURL: &str = "short URL";

/// The path of the only thing that a request consists of.
const ORIGINAL_URL: &str = "request.shorturl.original_url";

/// The URLs.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/shorturls.json", answers(MethodFilter::GET, answer_list))
        .route("/shorturls.json", takes(MethodFilter::POST, BODY_BYTES_MAX, answer_creation))
        .route("/shorturls/{token}", answers(MethodFilter::GET, answer_shorturl))
        .route("/shorturls/{token}", answers(MethodFilter::DELETE, answer_deletion))
}

/// A short URL as answers have it.
#[derive(Serialize)]
struct ShorturlBody {
    shorturl_token: String,
    original_url: String,
    short_url: String,
    date_creation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_last_referral: Option<String>,
    num_referrals: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrals: Option<ReferralsBody>,
}

#[derive(Serialize)]
struct ReferralsBody {
    count: u64,
    entries: Vec<ReferralBody>,
}

#[derive(Serialize)]
struct ReferralBody {
    page: Option<String>,
    ip_address: Option<String>,
    date_creation: String,
}

/// `result.data` of one.
#[derive(Serialize)]
struct ShorturlData {
    shorturl: ShorturlBody,
}

/// `result.data` of a list.
#[derive(Serialize)]
struct ListData {
    shorturls: List<ShorturlBody>,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, default)]
    shorturl: Member<'a>,
}

#[derive(Deserialize)]
struct SentShorturl<'a> {
    #[serde(borrow, default)]
    original_url: Member<'a>,
}

fn answer_creation(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let original_url = original_url(asked.body)?;
    let mut ids = asked.state.ids;
    let (catalog, site) = (&asked.state.catalog, asked.site.number);
    let made = catalog.create_shorturl(site, &original_url, asked.now, &mut ids)?;
    let shorturl = body_of(asked, &shorturl_prefix(asked.state), made, ReferralCount::default());
    Ok(Answer::new(201, "success", "The short URL has been created", &ShorturlData { shorturl }))
}

fn original_url(body: &[u8]) -> Result<String, SharingError> {
    let request: Request<'_> = members::request(body)?;
    let sent: SentShorturl<'_> = members::required_object(request.shorturl, "request.shorturl")?;
    let url = members::text(sent.original_url, ORIGINAL_URL, WEB_URL_BYTES_MAX)?;
    let url = url.ok_or_else(|| wrong(ORIGINAL_URL, "is missing"))?;
    check_web_url(&url).map_err(|problem| wrong(ORIGINAL_URL, problem))?;
    Ok(url)
}

fn answer_list(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let paging = Paging::of(asked.query)?;
    let page = asked.state.catalog.shorturls(asked.site.number, paging.page())?;
    let counts = ReferralCounts::find(asked.reader, page.entries.iter().map(|shorturl| &*shorturl.token))?;
    let prefix = shorturl_prefix(asked.state);
    let entries = page.entries.into_iter().map(|shorturl| {
        let count = counts.of(&shorturl.token);
        body_of(asked, &prefix, shorturl, count)
    });
    Ok(Answer::success(&ListData { shorturls: paging.list(entries.collect(), page.total) }))
}

fn answer_shorturl(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    let found = asked.state.catalog.shorturl(asked.site.number, asked.token())?;
    let found = found.ok_or(SharingError::NotFound(SHORTURL))?;
    let count = ReferralCounts::find(asked.reader, [&*found.token].into_iter())?.of(&found.token);
    let referrals = latest_referrals(asked.reader, &found.token, count)?;
    let entries = referrals.into_iter().map(|referral| ReferralBody {
        page: referral.page,
        ip_address: referral.ip_address,
        date_creation: asked.date(referral.occurred_at),
    });
    let referrals = ReferralsBody { count: count.referrals, entries: entries.collect() };
    let shorturl = body_of(asked, &shorturl_prefix(asked.state), found, count);
    let shorturl = ShorturlBody { referrals: Some(referrals), ..shorturl };
    Ok(Answer::success(&ShorturlData { shorturl }))
}

fn answer_deletion(asked: &Asked<'_>) -> Result<Answer, SharingError> {
    asked.check_deletion_is_confirmed()?;
    match asked.state.catalog.delete_shorturl(asked.site.number, asked.token())? {
        true => Ok(Answer::done("The short URL has been deleted")),
        false => Err(SharingError::NotFound(SHORTURL)),
    }
}

fn body_of(asked: &Asked<'_>, prefix: &str, shorturl: Shorturl, count: ReferralCount) -> ShorturlBody {
    ShorturlBody {
        short_url: format!("{prefix}{}", shorturl.token),
        shorturl_token: shorturl.token,
        original_url: shorturl.original_url,
        date_creation: asked.date(shorturl.created_at),
        date_last_referral: count.last_at.map(|at| asked.date(at)),
        num_referrals: count.referrals,
        referrals: None,
    }
}
