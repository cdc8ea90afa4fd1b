//! Desktop notifications (H4-H6): what needs the person reaches them without a window, once, and goes when it is over.
//!
//! `facts` are read from the worker, [`policy`] decides what is told when, [`text`] gives it words, one dispatcher carries
//! it out on the platform's banners. Nothing is reachable only from here: the inbox has it all.

mod banners;
mod dispatch;
mod ended;
pub mod facts;
mod moments;
pub mod notice;
pub mod plain;
pub mod policy;
mod quiet;
pub mod screen;
pub mod settings;
pub mod text;
mod worker;

pub use banners::Ability;
pub use dispatch::{Doors, Notifier, Toast};
pub use screen::Screen;
