//! Runs work that blocks on a thread where it may.

use tokio::task::JoinError;

/// Why work did not come to its end. Families turn it into an error of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It panicked: a defect, which is in the log.
    Defect,
    /// It was not begun any more: the server is stopping.
    Stopping,
}

/// Runs it on a thread that is not needed for other requests.
pub async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Lost> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Lost::from(error).into()))
}

impl From<JoinError> for Lost {
    fn from(error: JoinError) -> Self {
        if error.is_panic() {
            tracing::error!(%error, "a request failed in an unforeseen way");
            Lost::Defect
        } else {
            Lost::Stopping
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Problem {
        Lost(Lost),
        Own,
    }

    impl From<Lost> for Problem {
        fn from(lost: Lost) -> Self {
            Problem::Lost(lost)
        }
    }

    #[tokio::test]
    async fn work_that_panics_is_a_defect_and_other_work_answers() {
        let panicked = blocking::<(), Problem>(|| panic!("a test of what is told then")).await;
        assert_eq!(panicked, Err(Problem::Lost(Lost::Defect)));
        assert_eq!(blocking::<_, Problem>(|| Ok(7)).await, Ok(7));
        assert_eq!(blocking::<(), Problem>(|| Err(Problem::Own)).await, Err(Problem::Own));
    }
}
