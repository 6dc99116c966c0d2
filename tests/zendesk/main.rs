//! The Zendesk client against the simulator: what it reads and writes, and how it handles each failure.

mod acceptance;
mod creating;
mod damage;
mod jobs;
mod login;
mod poison;
mod polls;
mod reading;
mod support;
mod turned_away;
#[path = "../shared/wire.rs"]
mod wire;
