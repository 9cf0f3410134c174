//! Bounds how many requests of one kind are being answered at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::pipes::error::PipesError;

/// Counts the requests that are inside.
#[derive(Debug, Default)]
pub struct Gate(AtomicUsize);

/// A request that is inside, until it is dropped.
#[derive(Debug)]
pub struct Inside(Arc<Gate>);

impl Gate {
    /// Lets a request in, unless there are that many already.
    pub fn enter(self: &Arc<Self>, requests_max: usize) -> Result<Inside, PipesError> {
        let entered = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, |inside| {
            (inside < requests_max).then_some(inside + 1)
        });
        match entered {
            Ok(_) => Ok(Inside(self.clone())),
            Err(_) => Err(PipesError::TooMany {
                problem: format!(
                    "{requests_max} such requests are being answered already; try again in a second"
                ),
                retry_after: Duration::from_secs(1),
            }),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_too_many_is_refused_until_another_has_left() {
        let gate = Arc::new(Gate::default());
        let first = gate.enter(2).unwrap();
        let _second = gate.enter(2).unwrap();
        assert!(matches!(gate.enter(2), Err(PipesError::TooMany { .. })));
        drop(first);
        assert!(gate.enter(2).is_ok());
    }
}
