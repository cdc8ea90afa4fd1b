//! The worker: supervisor, scheduler, task actors, locks, outbox, recovery

pub mod owner;
pub mod paths;
pub mod quantity;
pub mod workspace;
