//! Short URLs of the sharing family: each leads somewhere, and may belong to a publication of a message.

use tallyhouse_model::Micros;

/// A short URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shorturl {
    /// Its token, unique in all sites: letters and digits.
    pub token: String,
    /// Where it leads.
    pub original_url: String,
    /// When it was made.
    pub created_at: Micros,
    /// The message that it was made for, if it was.
    pub message_token: Option<String>,
    /// The social network that it was made for, if that is known.
    pub provider: Option<String>,
}
