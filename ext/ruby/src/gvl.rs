//! The only file with `unsafe`: it waits without the GVL, and reads the memory of Ruby strings and Arrays.
#![allow(unsafe_code, reason = "Ruby's C API is called here, and nowhere else")]

use std::ffi::c_void;
use std::ops::Range;
use std::panic::{catch_unwind, AssertUnwindSafe};

use magnus::rb_sys::protect;
use magnus::{Error, RArray, RString};

/// A condition that a Ruby thread can wait for. Neither method may call Ruby.
pub(crate) trait Wait: Sync {
    /// Blocks until there is news, or until `wake` is called.
    fn wait(&self);
    /// Ends `wait`. This does not say what happens next.
    fn wake(&self);
}

/// Waits with the GVL released, so that other Ruby threads run meanwhile.
///
/// A signal, `Thread#kill`, `Timeout` and the like wake the waiter, and Ruby then decides what to do. `Err` is the
/// exception that Ruby raised. `Ok` means that Ruby raised nothing (a trap handler may have run), or that there is
/// news.
pub(crate) fn wait_without_gvl<W: Wait>(waiter: &W) -> Result<(), Error> {
    let data = std::ptr::from_ref(waiter).cast_mut().cast::<c_void>();
    // SAFETY: `data` points to `waiter`, which outlives the call, and both callbacks cast it back to the same type.
    // Ruby may leave by longjmp when it raises an interrupt; `protect` catches that, and the frames in between own
    // nothing.
    protect(|| unsafe {
        rb_sys::rb_thread_call_without_gvl(Some(wait::<W>), data, Some(wake::<W>), data);
        rb_sys::Qnil.into()
    })
    .map(|_| ())
}

/// Makes Ruby raise the pending interrupts of this thread now.
pub(crate) fn check_interrupts() -> Result<(), Error> {
    // SAFETY: called with the GVL; `protect` catches what Ruby raises, and the frames in between own nothing.
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

/// The number of elements that are processed with the GVL before other threads and interrupts get their turn.
pub(crate) const PIECE: usize = 256;

/// Calls `work` with all numbers below `count`, piece by piece. Between two pieces, Ruby's other threads and interrupts
/// get their turn.
pub fn in_turns(count: usize, mut work: impl FnMut(Range<usize>) -> Result<(), Error>) -> Result<(), Error> {
    for start in (0..count).step_by(PIECE) {
        if start > 0 {
            check_interrupts()?;
        }
        work(start..count.min(start + PIECE))?;
    }
    Ok(())
}

/// Calls `read` with the bytes of a Ruby string, without copying them. `read` must not call Ruby.
pub fn with_bytes<T>(string: &RString, read: impl FnOnce(&[u8]) -> T) -> T {
    // SAFETY: the slice is used only within `read`, during which this thread has the GVL and calls no Ruby, so that no
    // code can change or free the string.
    read(unsafe { string.as_slice() })
}

/// Calls `read` with the bytes of each string of an Array, and with `None` for an element that is not a string. `read`
/// must not call Ruby.
pub fn each_bytes<E>(strings: RArray, mut read: impl FnMut(Option<&[u8]>) -> Result<(), E>) -> Result<(), E> {
    // SAFETY: as above; nothing in the loop calls Ruby, so the Array stays as it is.
    let elements = unsafe { strings.as_slice() };
    elements.iter().try_for_each(|&element| match RString::from_value(element) {
        // SAFETY: as above.
        Some(string) => read(Some(unsafe { string.as_slice() })),
        None => read(None),
    })
}
