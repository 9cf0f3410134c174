//! Runs work on the catalog where it may block.

use super::error::OauthError;

/// Runs it on a thread that is not needed for other requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OauthError> + Send + 'static,
) -> Result<T, OauthError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "a request for a token failed in an unforeseen way");
            Err(OauthError::Unavailable)
        }
    }
}
