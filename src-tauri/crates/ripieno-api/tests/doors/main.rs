//! The doors of a real worker: socket and loopback host, from outside.

#![allow(clippy::unwrap_used)]

mod composer;
mod feed;
mod http;
mod rig;
mod socket;
mod views;
