//! Promises of both decisions, over made-up worlds.

mod contacts;
mod organisation;
mod organizations;
mod partners;
mod plain;
