//! Places in a result, in a form that tells clients nothing.

/// Any number by which a made-up locator most likely cannot be divided.
const MASK: usize = 7919;

pub(crate) fn locator(offset: usize) -> String {
    format!("{:x}", (offset + 1) * MASK)
}

/// Returns the offset that a locator names.
pub(crate) fn offset(locator: &str) -> Option<usize> {
    let masked = usize::from_str_radix(locator, 16).ok()?;
    (masked % MASK == 0).then_some(masked / MASK)?.checked_sub(1)
}
