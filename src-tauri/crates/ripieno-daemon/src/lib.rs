//! The worker: supervisor, scheduler, task actors, locks, outbox, recovery

pub mod config;
pub mod disk;
pub mod logs;
pub mod owner;
pub mod paths;
pub mod quantity;
pub mod workspace;
