//! The HTTP that any simulator needs: a server on loopback, answers that can go wrong, and a log.

pub(crate) mod bomb;
pub(crate) mod echo;
pub(crate) mod fault;
pub(crate) mod log;
pub(crate) mod reply;
pub(crate) mod server;
