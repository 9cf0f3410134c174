//! Which section of docs/API.md a refusal points at: its problem's own one, else the one that explains its URL.
//!
//! Errors do not know where they were asked, so they leave a [`Refusal`], and [`explain`] makes the documented body of it.

use axum::Json;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A section of docs/API.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// For all families.
    AllFamilies,
    /// Authentication.
    Authentication,
    /// Pipes.
    Pipes,
    /// Events.
    Events,
    /// Query endpoints.
    QueryEndpoints,
    /// Listings.
    Listings,
    /// Pipe tokens.
    PipeTokens,
    /// `POST /v0/tokens/`.
    NewTokens,
    /// Warehouse keys.
    WarehouseKeys,
    /// Limits of requests.
    Limits,
    /// Quarantine.
    Quarantine,
    /// Export.
    Export,
}

impl Section {
    /// The section that explains a URL.
    fn of_url(path: &str) -> Self {
        match path {
            "/v0/events" => Section::Events,
            "/v0/quarantine" | "/v0/quarantine/resend" => Section::Quarantine,
            "/v0/export" => Section::Export,
            "/v0/tokens" | "/v0/tokens/" => Section::NewTokens,
            "/api/warehouse/token" | "/api/warehouse/token/" => Section::WarehouseKeys,
            "/v0/sql" => Section::QueryEndpoints,
            "/v0/pipes" | "/v0/datasources" => Section::Listings,
            path if path.starts_with("/v0/datasources/") => Section::Listings,
            path if path.starts_with("/v0/pipes/") && path.contains('.') => Section::QueryEndpoints,
            path if path.starts_with("/v0/pipes/") => Section::Listings,
            _ => Section::Pipes,
        }
    }

    /// What `documentation` says.
    fn link(self) -> &'static str {
        match self {
            Section::AllFamilies => "docs/API.md#for-all-families",
            Section::Authentication => "docs/API.md#authentication",
            Section::Pipes => "docs/API.md#pipes",
            Section::Events => "docs/API.md#events",
            Section::QueryEndpoints => "docs/API.md#query-endpoints",
            Section::Listings => "docs/API.md#listings",
            Section::PipeTokens => "docs/API.md#pipe-tokens",
            Section::NewTokens => "docs/API.md#post-v0tokens",
            Section::WarehouseKeys => "docs/API.md#warehouse-keys",
            Section::Limits => "docs/API.md#limits-of-requests",
            Section::Quarantine => "docs/API.md#quarantine",
            Section::Export => "docs/API.md#export",
        }
    }
}

/// What an answer without a body is about, until [`explain`] gives it one.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What is wrong.
    pub error: String,
    /// Where to read on; `None` where the URL is explained.
    pub section: Option<Section>,
}

/// The documented shape, in the documented order.
#[derive(Serialize)]
struct ErrorBody {
    error: String,
    documentation: &'static str,
}

/// Gives every refusal its body. All URLs of the family go through here.
pub async fn explain(request: Request, next: Next) -> Response {
    let of_url = Section::of_url(request.uri().path());
    let mut response = next.run(request).await;
    let Some(Refusal { error, section }) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let documentation = section.unwrap_or(of_url).link();
    let (of_body, body) = Json(ErrorBody { error, documentation }).into_response().into_parts();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(of_body.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every section; a match without an arm for one that is new does not compile.
    fn next(section: Option<Section>) -> Option<Section> {
        match section {
            None => Some(Section::AllFamilies),
            Some(Section::AllFamilies) => Some(Section::Authentication),
            Some(Section::Authentication) => Some(Section::Pipes),
            Some(Section::Pipes) => Some(Section::Events),
            Some(Section::Events) => Some(Section::QueryEndpoints),
            Some(Section::QueryEndpoints) => Some(Section::Listings),
            Some(Section::Listings) => Some(Section::PipeTokens),
            Some(Section::PipeTokens) => Some(Section::NewTokens),
            Some(Section::NewTokens) => Some(Section::WarehouseKeys),
            Some(Section::WarehouseKeys) => Some(Section::Limits),
            Some(Section::Limits) => Some(Section::Quarantine),
            Some(Section::Quarantine) => Some(Section::Export),
            Some(Section::Export) => None,
        }
    }

    /// What a heading is linked as.
    fn anchor(heading: &str) -> String {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
    }

    #[test]
    fn every_section_that_errors_point_at_is_on_the_page() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md");
        let page = std::fs::read_to_string(page).unwrap();
        let headings = page.lines().filter(|line| line.starts_with("##"));
        let anchors: Vec<_> = headings.map(|line| anchor(line.trim_start_matches('#'))).collect();
        let mut sections = 0;
        let mut section = next(None);
        while let Some(known) = section {
            let (file, linked) = known.link().split_once('#').unwrap();
            assert_eq!(file, "docs/API.md");
            assert!(anchors.iter().any(|anchor| anchor == linked), "{linked}: {anchors:?}");
            sections += 1;
            section = next(section);
        }
        assert_eq!(sections, 12);
    }

    #[test]
    fn urls_are_explained_where_they_are_documented() {
        for (path, section) in [
            ("/v0/pipes/a.json", Section::QueryEndpoints),
            ("/v0/pipes/a", Section::Listings),
            ("/v0/pipes", Section::Listings),
            ("/v0/datasources/a.b", Section::Listings),
            ("/v0/quarantine/resend", Section::Quarantine),
            ("/v0/nothing", Section::Pipes),
            ("/v0/tokens/", Section::NewTokens),
        ] {
            assert_eq!(Section::of_url(path), section, "{path}");
        }
    }
}
