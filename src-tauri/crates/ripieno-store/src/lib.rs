//! The store: every table, every transition of a row, the change feed, migrations and backups.
//!
//! Owns all SQL. Refuses: a database newer than the program, a damaged one, a file of another program, and any
//! connection whose commits would not survive a power cut. It starts no processes, reads no clock of its own and
//! decides nothing that [`ripieno_core`] decides.
//!
//! One thread writes. [`Store::write`] hands it a closure over [`Tx`]; what is queued together is committed
//! together, and nobody is answered before the commit. [`Store::read`] hands a closure over [`Reader`] to one of
//! a few read-only connections.

pub mod backup;
pub mod crash;
mod error;
mod feed;
mod hot;
mod migrate;
mod open;
mod options;
mod read;
mod rows;
mod store;
mod tally;
#[cfg(test)]
mod testing;
mod tx;
mod writer;

pub use error::{DiskTrouble, OpenError, StoreError};
pub use feed::Event;
pub use options::{Durability, Options};
pub use read::{
    Begun, Checkpoint, CheckpointReason, Counts, KeptFiles, NewCheckpoint, Page, PendingRewind,
    Reader, ShownState, SidecarKind, SidecarRow, StorageFact, TaskFilter, TeardownRow,
    WorktreeFate, WorktreeFolder, WorktreeRow,
};
pub use rows::{
    AttemptRow, ChangesRow, ChangesSum, CommentRow, FailureNote, Head, Live, LockRow, MovementRow,
    OutboxRow, Owner, ReceiptRow, Taken, TaskRow, UsageRow, UsageSum,
};
pub use store::{Reply, Store};
pub use tx::{
    AnswerOutcome, Applied, AskOn, AskOutcome, Claimed, Cost, Expired, Extra, NewEnd, NewLock,
    NewMovement, NewOutbox, NewRun, NewStart, NewTask, NewUsage, Submitted, Tx,
};
