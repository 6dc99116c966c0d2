//! The account's clock.

use std::time::Duration;

/// The longest span in seconds: longer ones, which a wrong answer may ask for, are cut to it.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// The length of a second of the account: a real second, unless the account is a simulator whose clock runs faster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) second: Duration,
}

impl Clock {
    /// Returns the duration of so many seconds of the account.
    pub(super) fn span(self, seconds: f64) -> Duration {
        self.second.mul_f64(seconds.clamp(0.0, LONGEST))
    }

    /// Waits for so many seconds of the account.
    pub(super) async fn wait(self, seconds: f64) {
        tokio::time::sleep(self.span(seconds)).await;
    }
}
