//! The HTTP that any simulator needs: a server on loopback, requests as they come, answers that can go wrong, faults that are
//! planned, and a log.

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
