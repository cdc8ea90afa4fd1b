//! Folders and model servers, before a task names one.

use super::time;
use ripieno_daemon::{handle, workspace::RefusedBecause};
use serde::{Deserialize, Serialize};

/// A folder as a task would find it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FolderFacts {
    /// The folder, absolute, links resolved.
    pub path: String,
    /// Whether something is there.
    pub exists: bool,
    /// Whether it lies in a checkout of git.
    pub repository: bool,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// Whether tracked files differ from the last commit; none where that cannot be told.
    pub dirty: Option<bool>,
    /// Why no task may work in it (D3).
    pub refused: Option<String>,
    /// The same by name, for words of the surface's own.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub refused_because: Option<RefusedBecause>,
    /// The task that holds it, by short id.
    pub holder: Option<String>,
    /// Who holds it, in words: also somebody outside this worker.
    pub holder_text: Option<String>,
}

impl From<handle::FolderFacts> for FolderFacts {
    fn from(facts: handle::FolderFacts) -> Self {
        let holder = facts.holder;
        FolderFacts {
            path: facts.path.display().to_string(),
            exists: facts.exists,
            repository: facts.repository,
            branch: facts.branch,
            dirty: facts.dirty,
            refused_because: facts.refused.as_ref().map(|refused| refused.because),
            refused: facts.refused.map(|refused| refused.to_string()),
            holder: holder
                .as_ref()
                .and_then(|holder| holder.task)
                .map(|task| task.to_string()),
            holder_text: holder.map(|holder| holder.holder),
        }
    }
}

/// A folder that a task named before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecentFolder {
    /// The folder.
    pub path: String,
    /// Whether it lies in a checkout of git.
    pub repository: bool,
    /// When the newest of its tasks was added.
    pub last_used: String,
}

impl From<handle::UsedFolder> for RecentFolder {
    fn from(used: handle::UsedFolder) -> Self {
        RecentFolder {
            path: used.path,
            repository: used.repository,
            last_used: time(used.last_used),
        }
    }
}

/// A model server of this machine (L5).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LocalServer {
    /// `ollama`, `lm-studio`, `llama.cpp` or `vllm`.
    #[cfg_attr(
        test,
        ts(type = "\"ollama\" | \"lm-studio\" | \"llama.cpp\" | \"vllm\"")
    )]
    pub kind: String,
    /// Where it is looked for.
    pub url: String,
    /// Whether it answers there.
    pub reachable: bool,
    /// The models it offers.
    pub models: Vec<String>,
    /// Why it cannot be used, or what is noteworthy about it.
    pub reason: Option<String>,
}

impl From<handle::LocalServer> for LocalServer {
    fn from(server: handle::LocalServer) -> Self {
        LocalServer {
            kind: server.kind.name().to_owned(),
            url: server.url,
            reachable: server.reachable,
            models: server.models,
            reason: server.reason,
        }
    }
}
