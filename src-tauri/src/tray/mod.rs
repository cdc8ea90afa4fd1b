//! The tray: a menu and an icon computed as plain values, then rendered.

pub(crate) mod host;
pub mod icon;
pub mod menu;
pub mod render;
