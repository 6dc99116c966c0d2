//! The mechanics of a Ruby binding of the core: waits without the GVL, survives forks, and converts values and errors
//! between Ruby and Rust. Defines no class and decides nothing.
//!
//! Each native library of this gem has its own copy of this crate, with the threads that its own calls have started.
//!
//! See `README.md` beside this crate for how a blocking call, Ruby's interrupts and the core's threads go together.
#![deny(unsafe_code)]

pub mod class;
pub mod convert;
pub mod errors;
pub mod gvl;
pub mod host;
pub mod job;
pub mod options;
pub mod process;
pub mod under_way;
