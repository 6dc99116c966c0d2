//! Promises of both decisions, over made-up worlds.

mod contact_model;
mod contacts;
mod organisation;
mod organizations;
mod partners;
