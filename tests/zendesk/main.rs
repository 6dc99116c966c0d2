//! The client against the simulator: what it reads and writes, and what it makes of each failure.

mod acceptance;
mod creating;
mod damage;
mod jobs;
mod login;
mod poison;
mod reading;
mod support;
mod turned_away;
#[path = "../shared/wire.rs"]
mod wire;
