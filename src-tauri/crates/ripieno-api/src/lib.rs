//! The one typed protocol: requests, views, errors, and the doors they come through.
//!
//! Owns what every surface (command, window, tray, browser, agents) sends and is shown, the dispatcher over the worker's
//! handle, the socket and loopback servers, and the client. Refuses to know windows and SQL, and to decide anything about
//! tasks: rules live in the worker, here are only names, forms and who may ask.

#[cfg(test)]
mod bindings;
pub mod client;
pub mod command;
pub mod dispatch;
pub mod error;
pub mod fields;
pub mod http;
pub mod socket;
pub mod view;

pub use client::Client;
pub use dispatch::dispatch;
pub use error::ApiError;
