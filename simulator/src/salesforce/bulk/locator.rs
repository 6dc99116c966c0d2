//! Encodes offsets into a result so that they mean nothing to clients.

/// An arbitrary factor: a made-up locator is most likely not divisible by it.
const MASK: usize = 7919;

pub(crate) fn locator(offset: usize) -> String {
    format!("{:x}", (offset + 1) * MASK)
}

/// Returns the offset of a locator.
pub(crate) fn offset(locator: &str) -> Option<usize> {
    let masked = usize::from_str_radix(locator, 16).ok()?;
    (masked % MASK == 0).then_some(masked / MASK)?.checked_sub(1)
}
