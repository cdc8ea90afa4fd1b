//! The worker: supervisor, scheduler, task actors, folder locks, outbox, recovery.
//!
//! Owns what happens between a submission and its end on this machine, and the one [`handle::Handle`] through which every
//! surface asks for it. Refuses to know windows, sockets and wire formats, and to change a task's state other than by an event
//! through the store.

pub mod changes;
pub mod clock_range;
pub mod config;
mod ctx;
pub mod disk;
mod disk_watch;
pub mod environment;
mod errands;
pub mod error;
mod floor;
pub mod handle;
mod holdings;
mod keep_awake;
mod lanes;
pub mod logs;
mod missing;
mod offers;
pub mod outbox;
pub mod owner;
pub mod paths;
mod pause;
mod performers;
mod projects;
pub mod quantity;
mod reactor;
pub mod reason;
mod recover;
pub mod repos;
pub mod runtimes;
mod scheduler;
mod sidecars;
pub mod skills;
mod staged;
pub mod storage;
mod supervisor;
mod sweep;
mod task;
mod teardown;
mod timers;
mod tokens;
mod unpack;
pub mod update;
pub mod words;
pub mod worker;
pub mod workspace;
mod workspaces;
mod worktree;

pub use ctx::Pulse;
pub use error::{Code, DaemonError};
pub use handle::Handle;
pub use update::version;
pub use worker::{StartError, Worker, WorkerOptions};
