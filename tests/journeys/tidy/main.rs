//! The rules of the house that the compiler does not know, checked on the files themselves.

mod edges;
mod files;
mod leftovers;
mod links;
mod places;
