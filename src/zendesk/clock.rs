//! The account's clock.

use std::time::Duration;

/// The longest span, in seconds. Longer spans, which a faulty response may ask for, are cut to it.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// The account's clock. Its second is a real second, unless the account is a simulator whose clock runs faster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) second: Duration,
}

impl Clock {
    /// Returns the duration of this number of seconds of the account's clock.
    pub(super) fn span(self, seconds: f64) -> Duration {
        self.second.mul_f64(seconds.clamp(0.0, LONGEST))
    }

    /// Waits for this number of seconds of the account's clock.
    pub(super) async fn wait(self, seconds: f64) {
        tokio::time::sleep(self.span(seconds)).await;
    }
}
