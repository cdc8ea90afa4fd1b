//! What surfaces are shown, exactly as the contract names it (cli.md, "Views"). Times are RFC 3339 in UTC; in sentences
//! they are local.

mod ask;
mod changes;
mod checkpoint;
mod clock;
mod event;
mod folder;
mod grant;
mod hold;
mod log;
mod piece;
mod project;
mod repo;
mod run;
mod runtime;
mod setting;
mod skill;
mod status;
mod storage;
mod task;
#[cfg(test)]
mod tests;
mod timeline;
mod update;
mod worktree;

pub use ask::{Answered, Ask, AskOption};
pub use changes::{ChangedFile, Changes, ChangesSum, Diff, Patch};
pub use checkpoint::{Checkpoint, Checkpoints, Rewound};
pub use clock::local;
pub use event::Event;
pub use folder::{FolderFacts, LocalServer, RecentFolder};
pub use grant::Grant;
pub use hold::hold;
pub use log::Logs;
pub use piece::{PieceRow, PieceText};
pub use project::{Lock, Project};
pub use repo::{CheckedOut, Repository};
pub use run::{Lease, Run, RunEnv, RunSkill, TranscriptFile, Warning};
pub use runtime::{Environment, Runtime};
pub use setting::{Setting, SettingKind};
pub use skill::SkillRow;
pub use status::{Lane, Slots, Snapshot, Status};
pub use storage::{Removed, Space, Storage, TaskSpace};
pub use task::{Activity, Budget, Failure, Outputs, Piece, Result as TaskResult, Task, Usage};
pub use timeline::{Attempt, Comment, Movement, Timeline};
pub use update::{LastUpdate, Update};
pub use worktree::{Discarded, Merged, Worktree};

use ripieno_core::time::Timestamp;

/// The number that every object of the command carries, raised when a field changes its meaning.
pub const SCHEMA: u32 = 1;

fn time(at: Timestamp) -> String {
    ripieno_daemon::words::rfc3339(at)
}
