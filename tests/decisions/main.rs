//! Promises of both decisions, over made-up worlds.

mod contacts;
mod model;
mod oracle;
mod organisation;
mod organizations;
mod partners;
mod plain;
mod told;
mod told_keys;
mod world;
