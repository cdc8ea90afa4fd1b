//! The desktop application: a tray that hosts the worker, or joins one that is at work.
//!
//! It owns the tray icon, its menu and the order of starting and quitting. It refuses to decide
//! anything about tasks: it shows what the worker says and passes on what the person clicks.

pub mod display;
pub mod single_instance;
pub mod status;
pub mod tray;
pub mod words;
