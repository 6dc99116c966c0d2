//! Decimal numbers with any number of digits.

use std::borrow::Cow;

/// A number, compared by its value. It keeps all digits, because an id has more of them than a float can tell apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// The digits without leading and trailing zeros; empty for zero.
    digits: String,
    /// The position of the decimal point, counted from the first of `digits`. It may be negative, or beyond the last
    /// digit.
    point: i64,
}

impl Decimal {
    /// Parses a number as JSON spells it, with leading zeros allowed; `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, i64::from(exponent.parse::<i32>().ok()?)),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let leading = digits.len() - digits.trim_start_matches('0').len();
        let digits = digits.trim_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, point: 0 });
        }
        Some(Self { negative, digits, point: whole.len() as i64 - leading as i64 + exponent })
    }

    /// Returns the digits without a point, if the number has no fraction and fits into 64 bits.
    pub(super) fn whole(&self) -> Option<Cow<'static, str>> {
        let zeros = usize::try_from(self.point - self.digits.len() as i64).ok().filter(|zeros| *zeros < 19)?;
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        let text = format!("{sign}{digits}{}", "0".repeat(zeros));
        text.parse::<i64>().is_ok().then_some(Cow::Owned(text))
    }
}
