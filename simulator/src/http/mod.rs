//! The HTTP layer that all simulators share: a server on loopback, requests, responses that can go wrong, planned
//! faults, and a log.

pub(crate) mod bomb;
pub(crate) mod echo;
pub(crate) mod fault;
pub(crate) mod line;
pub(crate) mod log;
pub(crate) mod parameters;
pub(crate) mod plan;
pub(crate) mod reply;
pub(crate) mod schedule;
pub(crate) mod secret;
pub(crate) mod sent;
pub(crate) mod server;
pub(crate) mod splice;
