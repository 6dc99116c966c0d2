//! Properties of both decisions, over generated worlds.

mod books;
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
