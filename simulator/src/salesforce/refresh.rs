//! Refresh tokens, which may be valid for a single use.

use super::options::Options;
use crate::random::Random;
use std::collections::HashSet;

/// The valid refresh token, and the ones that it replaced.
pub(crate) struct RefreshTokens {
    good: Good,
    used: HashSet<String>,
    rotate: bool,
}

enum Good {
    Any,
    One(String),
    Nothing,
}

/// The reason why a refresh token is refused.
#[derive(Debug, PartialEq)]
pub(crate) enum Misuse {
    /// The token was never valid.
    Unknown,
    /// The token was replaced and is used again: somebody stole it.
    Replayed,
}

impl RefreshTokens {
    pub(crate) fn new(options: &Options) -> RefreshTokens {
        RefreshTokens {
            good: options.refresh_token.clone().map_or(Good::Any, Good::One),
            used: HashSet::new(),
            rotate: options.rotate_refresh_tokens,
        }
    }

    /// Uses a token, which may return a new one. After a replay no token is valid any more.
    pub(crate) fn take(&mut self, token: &str, random: &mut Random) -> Result<Option<String>, Misuse> {
        if self.used.contains(token) {
            self.good = Good::Nothing;
            return Err(Misuse::Replayed);
        }
        let good = match &self.good {
            Good::Any => !token.is_empty(),
            Good::One(good) => good == token,
            Good::Nothing => false,
        };
        if !good {
            return Err(Misuse::Unknown);
        }
        if !self.rotate {
            return Ok(None);
        }
        let next = format!("5Aep{}", random.text(83));
        self.used.insert(token.to_owned());
        self.good = Good::One(next.clone());
        Ok(Some(next))
    }
}
