//! Seconds as the remote side counts them.

use std::time::Duration;

/// The longest span that anything is asked to last, in seconds: what an answer tells is data.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// The length of a second of the remote side: a real one, unless it is a simulator whose clock runs faster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) second: Duration,
}

impl Clock {
    /// Returns so many seconds of the remote side.
    pub(super) fn span(self, seconds: f64) -> Duration {
        self.second.mul_f64(seconds.clamp(0.0, LONGEST))
    }

    /// Waits so many seconds of the remote side.
    pub(super) async fn wait(self, seconds: f64) {
        tokio::time::sleep(self.span(seconds)).await;
    }
}
