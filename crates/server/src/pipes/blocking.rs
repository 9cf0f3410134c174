//! Runs work that blocks on a thread where it may, for all of `/v0`.

use tokio::task::JoinError;

use super::error::PipesError;

/// Runs it on a thread that is not needed for other requests. A panic is a defect, as everywhere under `/v0`.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PipesError> + Send + 'static,
) -> Result<T, PipesError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(unfinished(error)))
}

/// What a request is told whose work did not come to its end.
pub fn unfinished(error: JoinError) -> PipesError {
    if error.is_panic() {
        tracing::error!(%error, "a request failed in an unforeseen way");
        PipesError::Defect
    } else {
        PipesError::Unavailable("the server is stopping; try again shortly".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_is_a_defect_and_other_work_answers() {
        let panicked = blocking::<()>(|| panic!("a test of what is told then")).await;
        assert!(matches!(panicked, Err(PipesError::Defect)), "{panicked:?}");
        assert!(matches!(blocking(|| Ok(7)).await, Ok(7)));
        assert!(matches!(blocking::<()>(|| Err(PipesError::NoSuchUrl)).await, Err(PipesError::NoSuchUrl)));
    }
}
