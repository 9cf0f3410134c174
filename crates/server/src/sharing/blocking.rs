//! Runs work that blocks on a thread where it may, for the whole family.

use super::SharingError;

/// Runs it on a thread that is not needed for other requests. A panic is a defect; work that is not begun any more means
/// that the server is stopping.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SharingError> + Send + 'static,
) -> Result<T, SharingError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        if error.is_panic() {
            tracing::error!(%error, "a request failed in an unforeseen way");
            Err(SharingError::Defect)
        } else {
            Err(SharingError::Busy)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_is_a_defect_and_other_work_answers() {
        let panicked = blocking::<()>(|| panic!("a test of what is told then")).await;
        assert_eq!(panicked, Err(SharingError::Defect));
        assert_eq!(blocking(|| Ok(7)).await, Ok(7));
        assert_eq!(blocking::<()>(|| Err(SharingError::NoSuchUrl)).await, Err(SharingError::NoSuchUrl));
    }
}
