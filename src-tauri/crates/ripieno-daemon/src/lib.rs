//! The worker: supervisor, scheduler, task actors, locks, outbox, recovery
