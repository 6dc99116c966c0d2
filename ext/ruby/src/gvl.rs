//! The one file with `unsafe`: waiting without the GVL, and looking into Ruby strings.
#![allow(unsafe_code, reason = "Ruby's C API is called here, and nowhere else")]

use std::ffi::c_void;
use std::ops::Range;
use std::panic::{catch_unwind, AssertUnwindSafe};

use magnus::rb_sys::protect;
use magnus::{Error, RArray, RString};

/// Something that a Ruby thread can wait for. Neither function may call Ruby.
pub(crate) trait Wait: Sync {
    /// Blocks until there is something to look at, or until `wake`.
    fn wait(&self);
    /// Ends `wait`; it says nothing about what happens next.
    fn wake(&self);
}

/// Waits with the GVL released; other Ruby threads run meanwhile.
///
/// A signal, `Thread#kill`, `Timeout` and the like wake the waiter, and Ruby then decides: an `Err` is what it raised, an
/// `Ok` means that nothing was raised (a trap handler ran, say) or that there is something to look at.
pub(crate) fn wait_without_gvl<W: Wait>(waiter: &W) -> Result<(), Error> {
    let data = std::ptr::from_ref(waiter).cast_mut().cast::<c_void>();
    // SAFETY: `data` points to `waiter`, which outlives the call, and both callbacks cast it back to the same type. Ruby may
    // leave by longjmp when it raises an interrupt; `protect` catches that, and the frames between own nothing.
    protect(|| unsafe {
        rb_sys::rb_thread_call_without_gvl(Some(wait::<W>), data, Some(wake::<W>), data);
        rb_sys::Qnil.into()
    })
    .map(|_| ())
}

/// Lets Ruby raise now what waits to be raised in this thread.
pub(crate) fn check_interrupts() -> Result<(), Error> {
    // SAFETY: called with the GVL; what Ruby raises is caught by `protect`, and the frames between own nothing.
    protect(|| unsafe {
        rb_sys::rb_thread_check_ints();
        rb_sys::Qnil.into()
    })
    .map(|_| ())
}

unsafe extern "C" fn wait<W: Wait>(data: *mut c_void) -> *mut c_void {
    // SAFETY: see `wait_without_gvl`. A panic must not cross into C.
    let waiter = unsafe { &*data.cast::<W>() };
    let _ = catch_unwind(AssertUnwindSafe(|| waiter.wait()));
    std::ptr::null_mut()
}

unsafe extern "C" fn wake<W: Wait>(data: *mut c_void) {
    // SAFETY: see `wait_without_gvl`. A panic must not cross into C.
    let waiter = unsafe { &*data.cast::<W>() };
    let _ = catch_unwind(AssertUnwindSafe(|| waiter.wake()));
}

/// The number of things that are done with the GVL before other threads and interrupts get their turn.
pub(crate) const PIECE: usize = 256;

/// Has `work` done with all numbers below `count`, a piece at a time; in between, Ruby's other threads and interrupts get
/// their turn.
pub fn in_turns(count: usize, mut work: impl FnMut(Range<usize>) -> Result<(), Error>) -> Result<(), Error> {
    for start in (0..count).step_by(PIECE) {
        if start > 0 {
            check_interrupts()?;
        }
        work(start..count.min(start + PIECE))?;
    }
    Ok(())
}

/// Gives `read` the bytes of a Ruby string without copying them. `read` must not call Ruby.
pub fn with_bytes<T>(string: &RString, read: impl FnOnce(&[u8]) -> T) -> T {
    // SAFETY: the slice is used only within `read`, during which this thread has the GVL and calls no Ruby, so that nobody
    // can change or free the string.
    read(unsafe { string.as_slice() })
}

/// Gives `read` the bytes of each string of an Array, and nothing of an element that is not a string.
pub fn each_bytes<E>(strings: RArray, mut read: impl FnMut(Option<&[u8]>) -> Result<(), E>) -> Result<(), E> {
    // SAFETY: as above; nothing in the loop calls Ruby, so the Array stays as it is.
    let elements = unsafe { strings.as_slice() };
    elements.iter().try_for_each(|&element| match RString::from_value(element) {
        // SAFETY: as above.
        Some(string) => read(Some(unsafe { string.as_slice() })),
        None => read(None),
    })
}
