//! The rules of the house that the compiler does not know, checked on the files themselves.

// A test may fail loudly anywhere, also in what several of them share.
#![allow(clippy::unwrap_used)]

mod edges;
mod files;
mod leftovers;
mod links;
mod places;
