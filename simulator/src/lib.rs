//! Simulated remote services on loopback, for cargo tests, RSpec, the benchmarks, the demo and the specs of host apps.
//!
//! A simulator shares no type with the clients, so that both sides cannot have the same misunderstanding.
#![forbid(unsafe_code)]

mod clock;
mod http;
mod random;
pub mod salesforce;
pub mod zendesk;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even after a panic in another thread: every guarded value here is valid after each single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
