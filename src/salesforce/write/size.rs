//! The size from which on calls are refused.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, RemoteError};

/// The size and the error of the smallest call that was refused for its size. A call that is no smaller is not sent.
/// This saves hundreds of calls if all of them are too large.
#[derive(Default)]
pub(super) struct SizeLimit(Mutex<Option<(usize, RemoteError)>>);

impl SizeLimit {
    /// Records that a call with `bytes` bytes was refused for its size.
    pub(super) fn note(&self, bytes: usize, error: &Error) {
        let Error::Remote(error) = error else { return };
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.as_ref().is_none_or(|(least, _)| bytes < *least) {
            *refused = Some((bytes, (**error).clone()));
        }
    }

    /// Returns the error of a call that is no smaller than one that was refused; `None` if the call may be sent.
    pub(super) fn refusal(&self, bytes: usize, action: &str) -> Option<Error> {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, error) = refused.as_ref().filter(|(least, _)| bytes >= *least)?;
        let message = format!("{}; it was not sent, because one that is no larger was refused so", error.message);
        Some(Error::Remote(Box::new(RemoteError { action: action.into(), message, attempts: 0, ..error.clone() })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_smaller_than_what_was_refused_is_not_sent() {
        let refused = |message: &str| {
            let error =
                RemoteError { status: Some(413), message: message.into(), attempts: 1, ..RemoteError::default() };
            Error::Remote(Box::new(error))
        };
        let limit = SizeLimit::default();
        assert!(limit.refusal(100, "x").is_none());
        limit.note(100, &refused("first"));
        limit.note(120, &refused("later"));
        assert!(limit.refusal(99, "x").is_none());
        let Some(Error::Remote(error)) = limit.refusal(100, "the update of Contact 1") else {
            panic!("it would be sent")
        };
        assert_eq!((error.action.as_str(), error.attempts, error.status), ("the update of Contact 1", 0, Some(413)));
        assert!(error.message.starts_with("first; it was not sent"));
        limit.note(50, &refused("smaller"));
        assert!(limit.refusal(49, "x").is_none() && limit.refusal(50, "x").is_some());
    }
}
